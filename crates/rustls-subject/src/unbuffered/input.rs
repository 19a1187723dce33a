const HEADER: usize = 5;
/// RFC 5246 6.2.3: the maximum length of a protected record.
const LONGEST: usize = (1 << 14) + 2048;

/// Bytes from the transport that the implementation has not discarded yet.
#[derive(Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    start: usize,
    /// The length of the complete records at the front that the implementation has seen and not
    /// discarded: a handshake message whose end is missing. The implementation remembers positions
    /// in them, so they must stay at the front.
    settled: usize,
    /// How much of the front [`Show::Record`] covers.
    shown: usize,
}

/// How much of the input to show to a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    All,
    /// What [`Input::show_next`] has reached.
    Record,
    /// Only what the implementation has seen and not discarded.
    Settled,
    Nothing,
}

impl Input {
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// As `append`, without a copy if nothing is left before `bytes`. Leaves `bytes` empty.
    pub(super) fn append_whole(&mut self, bytes: &mut Vec<u8>) {
        if self.left().is_empty() {
            std::mem::swap(&mut self.bytes, bytes);
            self.start = 0;
        } else {
            self.append(bytes);
        }
        bytes.clear();
    }

    pub(super) fn left(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub(super) fn show(&mut self, show: Show) -> &mut [u8] {
        let length = match show {
            Show::All => self.left().len(),
            Show::Record => self.shown,
            Show::Settled => self.settled,
            Show::Nothing => 0,
        };
        &mut self.bytes[self.start..self.start + length]
    }

    /// Extends [`Show::Record`] by one record. Returns `false` if there is none.
    pub(super) fn show_next(&mut self) -> bool {
        let left = self.left();
        let mut end = 0;
        while end <= self.shown && end < left.len() {
            end += record(&left[end..]);
        }
        let grown = end > self.shown;
        self.shown = self.shown.max(end);
        grown
    }

    /// Removes `count` bytes from the front.
    pub(super) fn discard(&mut self, count: usize) {
        let count = count.min(self.left().len());
        self.start += count;
        self.settled = self.settled.saturating_sub(count);
        self.shown = self.shown.saturating_sub(count);
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Marks all complete records in the first `shown` bytes as seen.
    pub(super) fn settle(&mut self, shown: usize) {
        let seen = &self.left()[..shown.min(self.left().len())];
        let mut end = 0;
        while let Some(length) = whole(&seen[end..]) {
            end += length;
        }
        self.settled = end;
    }

    /// Whether the first `shown` bytes have a single record, or a part of one, after the settled
    /// ones.
    pub(super) fn is_one_record(&self, shown: usize) -> bool {
        let rest = self.unsettled(shown);
        record(rest) == rest.len()
    }

    /// Whether an impossible record header follows the settled records.
    pub(super) fn is_malformed(&self, shown: usize) -> bool {
        match self.unsettled(shown) {
            [kind, major, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                !(20..=24).contains(kind) || *major != 3 || length > LONGEST || length == 0
            }
            _ => false,
        }
    }

    /// Whether the first `shown` bytes have nothing after the settled records.
    pub(super) fn is_settled(&self, shown: usize) -> bool {
        self.unsettled(shown).is_empty()
    }

    /// Removes everything from the first `shown` bytes except the settled records.
    pub(super) fn drop_unsettled(&mut self, shown: usize) {
        let count = self.unsettled(shown).len();
        let from = self.start + self.settled;
        self.bytes.drain(from..from + count);
        self.shown = self.settled;
    }

    fn unsettled(&self, shown: usize) -> &[u8] {
        let left = self.left();
        &left[self.settled..shown.clamp(self.settled, left.len())]
    }
}

/// The length of the first record in `bytes`, or of the part of it that is there.
fn record(bytes: &[u8]) -> usize {
    whole(bytes).unwrap_or(bytes.len())
}

/// The length of the first record in `bytes`, if it is complete.
fn whole(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..HEADER)?;
    let length = HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
    (length <= bytes.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: [u8; 7] = [23, 3, 3, 0, 2, 8, 9];

    fn input(bytes: &[u8]) -> Input {
        let mut input = Input::default();
        input.append(bytes);
        input
    }

    #[test]
    fn one_record_more_is_shown_each_time() {
        let mut input = input(&[&RECORD[..], &RECORD, &RECORD[..3]].concat());
        let mut lengths = vec![];
        while input.show_next() {
            lengths.push(input.show(Show::Record).len());
        }
        assert_eq!(lengths, [7, 14, 17]);
        input.append(&RECORD[3..]);
        assert!(input.show_next());
        assert_eq!(input.show(Show::Record).len(), 21);
    }

    #[test]
    fn settled_records_stay_when_the_rest_is_dropped() {
        let mut input = input(&[&RECORD[..], &RECORD[..3]].concat());
        input.settle(10);
        assert_eq!(input.show(Show::Settled), RECORD);
        input.append(&RECORD[3..]);
        assert!(input.is_one_record(14));
        assert!(!input.is_settled(14));
        input.drop_unsettled(14);
        assert_eq!(input.left(), RECORD);
        assert!(input.is_settled(7));
        input.discard(100);
        assert_eq!(input.show(Show::Settled), [0; 0]);
    }

    #[test]
    fn an_impossible_header_is_malformed() {
        assert!(!input(&RECORD).is_malformed(7));
        assert!(!input(&RECORD[..4]).is_malformed(4));
        assert!(input(&[99, 3, 3, 0, 1]).is_malformed(5));
        assert!(input(&[23, 3, 3, 255, 0]).is_malformed(5));
        assert!(input(&[23, 3, 3, 0, 0]).is_malformed(5));
    }
}
