//! Handshake messages, reassembled from the records that carry them.

use wire::{
    Content, Epoch, HandshakeHeader, HandshakeType, Meaning, Message as _, ServerHello,
    split_handshake,
};

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

/// The record that is being taken apart.
#[derive(Debug)]
struct Assembly<'t> {
    at: usize,
    epoch: Epoch,
    /// The rest of the record.
    rest: &'t [u8],
    joint: Joint,
}

impl Default for Assembly<'_> {
    fn default() -> Self {
        Self {
            at: 0,
            epoch: Epoch::Plain,
            rest: &[],
            joint: Joint::default(),
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
        let (kind, body) = self.joint.next(&mut self.rest)?;
        Some(OwnMessage {
            at: self.at,
            kind,
            epoch: self.epoch,
            body,
        })
    }
}

/// A message that has begun in one record and ends in a later one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Joint {
    header: [u8; HandshakeHeader::LEN],
    /// The number of header bytes received, and of body bytes still missing.
    filled: u8,
    missing: u32,
}

impl Joint {
    /// The next message that ends in the rest of a record, and its body, if header and body are in
    /// one record. Leaves in `rest` what follows.
    pub(crate) fn next<'t>(
        &mut self,
        rest: &mut &'t [u8],
    ) -> Option<(HandshakeType, Option<&'t [u8]>)> {
        if let (0, Some((message, length))) = (self.filled, split_handshake(rest)) {
            *rest = &rest[length..];
            return Some((message.kind, Some(message.body)));
        }
        while let Some(place) = self.header.get_mut(usize::from(self.filled)) {
            let (first, others) = rest.split_first()?;
            *place = *first;
            self.filled += 1;
            *rest = others;
            if usize::from(self.filled) == HandshakeHeader::LEN {
                let [_, a, b, c] = self.header;
                self.missing = u32::from_be_bytes([0, a, b, c]);
            }
        }
        let taken = rest.len().min(self.missing as usize);
        *rest = &rest[taken..];
        self.missing -= taken as u32;
        if self.missing > 0 {
            return None;
        }
        self.filled = 0;
        Some((HandshakeType(self.header[0]), None))
    }
}

/// Whether a `ServerHello` is a `HelloRetryRequest`.
pub(crate) fn is_retry(server_hello: &[u8]) -> bool {
    ServerHello::parse(server_hello).is_ok_and(|hello| hello.is_hello_retry_request())
}
