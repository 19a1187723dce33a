//! Handshake messages, reassembled from the records that carry them.

use wire::{Content, Epoch, HandshakeHeader, HandshakeType, Meaning, split_handshake};

use crate::{Connection, Event};

/// A handshake message from the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnMessage<'t> {
    /// The position of the record in which it ends.
    pub at: usize,
    /// The message type.
    pub kind: HandshakeType,
    /// The keys that protect the record in which it ends.
    pub epoch: Epoch,
    /// Its body, if header and body are in one record.
    pub body: Option<&'t [u8]>,
}

impl<'t> Connection<'t> {
    /// The subject's handshake messages, up to the first record that cannot be decrypted or parsed.
    pub fn own_messages(&self) -> impl Iterator<Item = OwnMessage<'t>> + use<'t> {
        let this = *self;
        let mut records = self.sent();
        let mut assembly = Assembly::default();
        std::iter::from_fn(move || {
            loop {
                if let Some(message) = assembly.next() {
                    return Some(message);
                }
                let (at, record) = records.next()?;
                match (record.content, record.epoch) {
                    (
                        Content::Handshake(_) | Content::HandshakePart | Content::KeyUpdate { .. },
                        Some(epoch),
                    ) => assembly.take(at, epoch, this.bytes(record.bytes)),
                    (Content::Undecryptable | Content::Malformed { .. }, _) => return None,
                    _ => {}
                }
            }
        })
    }

    /// The subject's first handshake message of this type.
    pub fn own_message(&self, kind: HandshakeType) -> Option<OwnMessage<'t>> {
        self.own_messages().find(|message| message.kind == kind)
    }

    /// The bodies of the peer's handshake messages of this type that arrived whole in one record
    /// and in their place, with the positions of the records.
    pub fn peer_messages(
        &self,
        kind: HandshakeType,
    ) -> impl Iterator<Item = (usize, &'t [u8])> + use<'t> {
        let this = *self;
        let records = self.events().filter_map(|(at, event)| match event {
            Event::Delivered(record) => match record.meaning {
                Meaning::Handshake(_) | Meaning::Ticket => Some((at, record.content)),
                _ => None,
            },
            _ => None,
        });
        records.flat_map(move |(at, content)| {
            let mut rest = this.bytes(content);
            std::iter::from_fn(move || {
                let (message, length) = split_handshake(rest)?;
                rest = &rest[length..];
                Some((at, message))
            })
            .filter(move |(_, message)| message.kind == kind)
            .map(|(at, message)| (at, message.body))
        })
    }
}

/// The state of the message being reassembled.
#[derive(Debug)]
struct Assembly<'t> {
    at: usize,
    epoch: Epoch,
    /// The rest of the last record.
    rest: &'t [u8],
    header: [u8; HandshakeHeader::LEN],
    /// The number of header bytes received, and of body bytes still missing.
    filled: usize,
    missing: usize,
}

impl Default for Assembly<'_> {
    fn default() -> Self {
        Self {
            at: 0,
            epoch: Epoch::Plain,
            rest: &[],
            header: [0; HandshakeHeader::LEN],
            filled: 0,
            missing: 0,
        }
    }
}

impl<'t> Assembly<'t> {
    fn take(&mut self, at: usize, epoch: Epoch, content: &'t [u8]) {
        self.at = at;
        self.epoch = epoch;
        self.rest = content;
    }

    /// The next message that ends in the last record.
    fn next(&mut self) -> Option<OwnMessage<'t>> {
        if let (0, Some((message, length))) = (self.filled, split_handshake(self.rest)) {
            self.rest = &self.rest[length..];
            return Some(self.message(message.kind, Some(message.body)));
        }
        while self.filled < HandshakeHeader::LEN {
            let (first, rest) = self.rest.split_first()?;
            self.header[self.filled] = *first;
            self.filled += 1;
            self.rest = rest;
            if let (HandshakeHeader::LEN, [_, a, b, c]) = (self.filled, self.header) {
                self.missing = u32::from_be_bytes([0, a, b, c]) as usize;
            }
        }
        let taken = self.missing.min(self.rest.len());
        self.rest = &self.rest[taken..];
        self.missing -= taken;
        if self.missing > 0 {
            return None;
        }
        self.filled = 0;
        Some(self.message(HandshakeType(self.header[0]), None))
    }

    fn message(&self, kind: HandshakeType, body: Option<&'t [u8]>) -> OwnMessage<'t> {
        OwnMessage {
            at: self.at,
            kind,
            epoch: self.epoch,
            body,
        }
    }
}
