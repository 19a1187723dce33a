use wire::RecordHeader;

use crate::situation::{Arrival, Cut};

/// Bytes from the transport.
///
/// What was taken stays in front until a call says to discard it. Records that are looked at and left
/// where they are lie between `taken` and `cursor`.
#[derive(Debug, Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    taken: usize,
    cursor: usize,
    /// Where the record that was looked at last begins.
    start: usize,
    /// Where the pieces begin, rising.
    pieces: Vec<usize>,
    /// Bytes of a handshake message whose end is yet to come.
    pub(super) assembly: Vec<u8>,
}

impl Input {
    pub(super) fn append(&mut self, piece: &[u8]) {
        self.pieces.push(self.bytes.len());
        self.bytes.extend_from_slice(piece);
    }

    /// The next whole record that was not yet looked at, and how it came.
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

    /// The record looked at last, and all before it, may be discarded.
    pub(super) fn take(&mut self) {
        self.taken = self.cursor;
    }

    /// The record looked at last stays.
    pub(super) fn leave(&mut self) {
        self.taken = self.taken.min(self.start);
    }

    /// What a call is shown, and how much of it is then to be discarded.
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

    /// Alters what is left.
    pub(super) fn touch(&mut self) {
        if let Some(byte) = self.bytes.get_mut(self.taken) {
            *byte ^= 0x55;
        }
    }

    /// What lies behind the last whole record.
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
