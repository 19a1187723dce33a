//! Finds out why a record does not open. A conforming subject does not need to know that. A bug
//! does, to accept the record as what it was.

use peer::protect::{Keyring, RECORD_VERSION};
use protocol::Version;
use wire::{ContentType, Epoch, Reason, RecordHeader};

use super::{Connection, Opened};

/// How far to search for sequence numbers on either side of the expected one.
const DISTANCE: u64 = 64;

impl Connection {
    /// Diagnoses a record that should be protected, but whose header does not have the type for
    /// that.
    pub(super) fn diagnose_type(&mut self, header: RecordHeader, body: &[u8]) -> Opened {
        let epoch = self.their_epoch();
        let proper = RecordHeader {
            content_type: ContentType::APPLICATION_DATA,
            ..header
        };
        let theirs = self.peer.keyrings().theirs;
        let sequence = theirs.sequence(epoch);
        for header in [header, proper] {
            if let Some((kind, content)) = attempt(theirs, epoch, sequence, header, body) {
                theirs.advance(epoch);
                return Opened::Invalid(Reason::OuterType, kind, content);
            }
        }
        Opened::Invalid(Reason::Unprotected, header.content_type.0, body.to_vec())
    }

    /// Diagnoses a record that the current keys do not open.
    pub(super) fn diagnose(&mut self, header: RecordHeader, body: &[u8]) -> Opened {
        let epoch = self.their_epoch();
        let kind = header.content_type.0;
        if self.version == Version::Tls12
            && header.content_type == ContentType::ALERT
            && body.len() == 2
        {
            return Opened::Invalid(Reason::Unprotected, kind, body.to_vec());
        }
        if body.len() < 16 {
            return Opened::Invalid(Reason::Short, kind, body.to_vec());
        }
        let keys = self.peer.keyrings();
        let sequence = keys.theirs.sequence(epoch);
        let proper = RecordHeader {
            version: RECORD_VERSION,
            ..header
        };
        if let Some((kind, content)) = attempt(keys.theirs, epoch, sequence, proper, body) {
            return Opened::Invalid(Reason::HeaderVersion, kind, content);
        }
        for other in neighbours(epoch) {
            let sequence = keys.theirs.sequence(other);
            if let Some((kind, content)) = attempt(keys.theirs, other, sequence, header, body) {
                return Opened::Invalid(Reason::WrongKeys, kind, content);
            }
        }
        for number in sequence.saturating_sub(DISTANCE)..sequence + DISTANCE {
            if let Some((kind, content)) = attempt(keys.theirs, epoch, number, header, body) {
                return Opened::Invalid(Reason::WrongSequence, kind, content);
            }
        }
        let last = keys.ours.sequence(epoch);
        for number in last.saturating_sub(DISTANCE)..last {
            if let Some((kind, content)) = attempt(keys.ours, epoch, number, header, body) {
                return Opened::Invalid(Reason::Reflected, kind, content);
            }
        }
        Opened::Invalid(Reason::BadTag, kind, Vec::new())
    }
}

/// The epochs under which a record could be by mistake.
fn neighbours(epoch: Epoch) -> impl Iterator<Item = Epoch> {
    let (before, after) = match epoch {
        Epoch::Application(generation) => (
            generation.checked_sub(1).map(Epoch::Application),
            Some(Epoch::Application(generation.saturating_add(1))),
        ),
        _ => (None, Some(Epoch::Application(0))),
    };
    let others = [Some(Epoch::Handshake), Some(Epoch::Early), before, after];
    others
        .into_iter()
        .flatten()
        .filter(move |other| *other != epoch)
}

fn attempt(
    keys: &mut Keyring,
    epoch: Epoch,
    sequence: u64,
    header: RecordHeader,
    body: &[u8],
) -> Option<(u8, Vec<u8>)> {
    let mut text = body.to_vec();
    let opened = keys
        .protection(epoch)?
        .open(sequence, header, &mut text)
        .ok()?;
    Some((opened.content_type.0, text[opened.content].to_vec()))
}
