//! The course of the handshake, and what becomes of 0-RTT data.

use protocol::Version;
use wire::{
    ClientHello, EarlyData, EncryptedExtensions, Epoch, HandshakeType, Message as _, RecordHeader,
    split_handshake,
};

use super::{Early, Ledger, Past, Skipped};
use crate::event::{Delivered, Sent, Setup};
use crate::messages::is_retry;

/// The length of tag and content type.
const ADDED: u32 = 16 + 1;

impl Ledger {
    /// The subject has sent a record of handshake messages.
    pub(super) fn say(&mut self, record: &Sent, setup: &Setup, past: &Past<'_>) {
        let mut rest = past.bytes(record.bytes);
        while let Some((kind, body)) = self.joint.next(&mut rest) {
            self.pass(kind, body, setup);
            self.now.own_finished |= kind == HandshakeType::FINISHED;
        }
    }

    /// A record of handshake messages has arrived.
    pub(super) fn hear(&mut self, record: &Delivered, setup: &Setup, past: &Past<'_>) {
        let mut rest = past.bytes(record.content);
        while let Some((message, length)) = split_handshake(rest) {
            rest = &rest[length..];
            self.pass(message.kind, Some(message.body), setup);
        }
    }

    fn pass(&mut self, kind: HandshakeType, body: Option<&[u8]>, setup: &Setup) {
        let now = &mut self.now;
        let is_early = setup.version == Version::Tls13;
        now.early = match (kind, now.early) {
            (HandshakeType::CLIENT_HELLO, Early::None) if is_early && body.is_some_and(offers) => {
                Early::Offered
            }
            (HandshakeType::CLIENT_HELLO, Early::Retry) => Early::Rejected,
            (HandshakeType::SERVER_HELLO, early) => match (body.is_some_and(is_retry), early) {
                (true, Early::Offered) => Early::Retry,
                (true, early) => early,
                (false, early) => {
                    now.is_negotiated = true;
                    early
                }
            },
            (HandshakeType::ENCRYPTED_EXTENSIONS, Early::Offered) => {
                match body.and_then(acknowledges) {
                    Some(true) => Early::Accepted,
                    Some(false) => Early::Rejected,
                    None => Early::Offered,
                }
            }
            (HandshakeType::END_OF_EARLY_DATA, Early::Accepted) => Early::Ended,
            (_, early) => early,
        };
        if now.early.is_accepted() {
            now.skipped = Skipped::Within;
        }
    }

    /// A record of 0-RTT data has arrived. Its padding counts as data: a server that cannot open it
    /// cannot tell the two apart.
    pub(super) fn early_data(&mut self, record: &Delivered, setup: &Setup) {
        if record.epoch == Epoch::Early {
            self.early.arrive(record.content.len());
        }
        if self.now.early.is_accepted() {
            return;
        }
        let around = RecordHeader::LEN as u32 + ADDED;
        self.counts.early += u64::from(record.length.saturating_sub(around));
        self.counts.overhead += u64::from(ADDED);
        let limit = u64::from(setup.early_limit);
        self.now.skipped = match self.counts.early {
            early if early > limit => Skipped::Beyond,
            early if early + self.counts.overhead > limit => Skipped::Arguable,
            _ => Skipped::Within,
        };
    }
}

/// Whether a `ClientHello` offers 0-RTT data.
fn offers(hello: &[u8]) -> bool {
    let offer = |hello: ClientHello<'_>| hello.extensions.get::<EarlyData>().ok().flatten();
    ClientHello::parse(hello).ok().and_then(offer).is_some()
}

/// Whether `EncryptedExtensions` accept it.
fn acknowledges(encrypted_extensions: &[u8]) -> Option<bool> {
    let extensions = EncryptedExtensions::parse(encrypted_extensions)
        .ok()?
        .extensions;
    Some(extensions.get::<EarlyData>().ok()?.is_some())
}
