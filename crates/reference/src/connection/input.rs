use wire::RecordHeader;

use crate::situation::{Arrival, Cut};

/// Bytes from the transport.
///
/// Bytes that were taken stay at the front until a call reports to discard them. Records between
/// `taken` and `cursor` were looked at and left in place.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    taken: usize,
    cursor: usize,
    /// The start of the record that was looked at last.
    start: usize,
    /// The starts of the pieces, in ascending order.
    pieces: Vec<usize>,
    /// The bytes of an incomplete handshake message.
    pub(super) assembly: Vec<u8>,
}

impl Input {
    pub(super) fn append(&mut self, piece: &[u8]) {
        self.pieces.push(self.bytes.len());
        self.bytes.extend_from_slice(piece);
    }

    /// The next complete record that was not looked at yet, and how it arrived.
    pub(super) fn next(&mut self) -> Option<(Vec<u8>, [Option<Arrival>; 3])> {
        let rest = &self.bytes[self.cursor..];
        let header = RecordHeader::parse(rest).ok()?;
        let record = rest
            .get(..RecordHeader::LEN + usize::from(header.length))?
            .to_vec();
        let (start, end) = (self.cursor, self.cursor + record.len());
        let next = self.pieces.partition_point(|piece| *piece <= start);
        let body = self
            .pieces
            .partition_point(|piece| *piece < start + RecordHeader::LEN);
        let split_header = next < body;
        let split_body = self.pieces.get(body).is_some_and(|piece| *piece < end);
        let behind = self.pieces.binary_search(&start).is_err();
        let arrivals = [
            split_header.then_some(Arrival::SplitHeader),
            split_body.then_some(Arrival::SplitBody),
            (behind && !split_header && !split_body).then_some(Arrival::Behind),
        ];
        self.start = start;
        self.cursor = end;
        Some((record, arrivals))
    }

    /// Marks the last record, and everything before it, to be discarded.
    pub(super) fn take(&mut self) {
        self.taken = self.cursor;
    }

    /// Leaves the last record in place.
    pub(super) fn leave(&mut self) {
        self.taken = self.taken.min(self.start);
    }

    /// Discards what was taken. Returns how much a call is shown, and how much of it was discarded.
    pub(super) fn discard(&mut self) -> (usize, usize) {
        let (shown, discarded) = (self.bytes.len(), self.taken);
        if discarded == 0 {
            return (shown, 0);
        }
        self.bytes.drain(..discarded);
        self.pieces.retain(|piece| *piece >= discarded);
        for piece in &mut self.pieces {
            *piece -= discarded;
        }
        self.cursor -= discarded;
        self.start = self.start.saturating_sub(discarded);
        self.taken = 0;
        (shown, discarded)
    }

    pub(super) fn left(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// Alters the remaining input.
    pub(super) fn touch(&mut self) {
        if let Some(byte) = self.bytes.get_mut(self.taken) {
            *byte ^= 0x55;
        }
    }

    /// The part of a record or message after the last complete record.
    pub(super) fn cut(&self) -> Cut {
        let rest = &self.bytes[self.cursor..];
        let Ok(header) = RecordHeader::parse(rest) else {
            return match (rest.is_empty(), self.assembly.is_empty()) {
                (true, true) => Cut::Boundary,
                (true, false) => Cut::Message,
                (false, _) => Cut::Header,
            };
        };
        let length = RecordHeader::LEN + usize::from(header.length);
        match length.saturating_sub(rest.len()) {
            // A record that was not looked at.
            0 => Cut::Boundary,
            1 => Cut::LastByte,
            _ => Cut::Body,
        }
    }
}
