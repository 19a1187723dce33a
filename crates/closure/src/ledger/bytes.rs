//! Application data in each direction, compared with what it should be.

use wire::Meaning;

use super::{Blame, Half, Past, Reading};
use crate::event::{Call, Event, Kind, Span};

/// The number of bytes that are still inside.
fn waiting(went_in: u64, came_out: u64) -> u32 {
    u32::try_from(went_in.saturating_sub(came_out)).unwrap_or(u32::MAX)
}

/// The peer's application data on its way to the application.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Incoming {
    /// The number of bytes that have arrived on a sound connection, that have arrived at a side that
    /// need not read them, and that were reported.
    arrived: u64,
    optional: u64,
    told: u64,
    /// The first event that reports other bytes than those that arrived.
    pub(super) wrong: Option<usize>,
    /// The first event that reports more bytes than have arrived.
    pub(super) beyond: Option<usize>,
    /// The bytes expected next, and the event after the record that contains them.
    rest: Span,
    next: usize,
    /// It is 0-RTT data.
    is_early: bool,
}

impl Incoming {
    pub(super) fn start(&mut self, first: usize, is_early: bool) {
        self.next = first;
        self.is_early = is_early;
    }

    pub(super) fn untold(&self) -> u32 {
        waiting(self.arrived, self.told)
    }

    /// Bytes have arrived that must reach the application.
    pub(super) fn arrive(&mut self, bytes: usize) {
        self.arrived += bytes as u64;
    }

    /// Bytes have arrived that may reach the application.
    pub(super) fn may_arrive(&mut self, bytes: usize) {
        self.optional += bytes as u64;
    }

    /// Whether no bytes are left that may be offered to the application.
    pub(super) fn is_empty(&self) -> bool {
        self.told >= self.arrived + self.optional
    }

    /// Bytes reach the application, and nobody asks which.
    pub(super) fn count(&mut self, span: Span) {
        self.told += span.len() as u64;
    }

    /// Bytes reach the application.
    pub(super) fn tell(&mut self, at: usize, span: Span, past: &Past<'_>) {
        self.count(span);
        if self.wrong.is_some() || self.beyond.is_some() {
            return;
        }
        let mut bytes = past.bytes(span);
        while !bytes.is_empty() {
            while self.rest.is_empty() {
                let Some(next) = next_data(self.next, self.is_early, past) else {
                    self.beyond = Some(at);
                    return;
                };
                (self.rest, self.next) = next;
            }
            let expected = past.bytes(self.rest);
            let length = expected.len().min(bytes.len());
            if expected[..length] != bytes[..length] {
                self.wrong = Some(at);
                return;
            }
            bytes = &bytes[length..];
            self.rest.start += length as u32;
        }
    }
}

/// The application data in the next record from event `from` on that has to reach the application,
/// and the event after it.
fn next_data(from: usize, is_early: bool, past: &Past<'_>) -> Option<(Span, usize)> {
    let of = match is_early {
        true => (Kind::PeerEarlyData, Meaning::EarlyData),
        false => (Kind::PeerData, Meaning::Data),
    };
    let kinds = past.kinds.get(from..)?;
    kinds.iter().enumerate().find_map(|(i, kind)| {
        let at = from + i;
        match (past.events.get(at)?, past.moments.get(at)?) {
            (Event::Delivered(record), moment)
                if (*kind, record.meaning) == of
                    && moment.peer == Half::Open
                    && moment.blame < Blame::Must
                    && moment.reading != Reading::Over =>
            {
                Some((record.content, at + 1))
            }
            _ => None,
        }
    })
}

/// The application's writes on their way to the transport.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outgoing {
    accepted: u64,
    sent: u64,
    /// The number of writes among which the unsent bytes are.
    pieces: u32,
    /// The number of bytes that the current call offers.
    offered: u32,
    /// The first record of other bytes than those accepted.
    pub(super) wrong: Option<usize>,
    /// The first record of more bytes than were accepted.
    pub(super) beyond: Option<usize>,
    /// The write that the next byte is expected from.
    write: Write,
}

/// A write, and how much of it has left.
#[derive(Clone, Copy, Debug, Default)]
struct Write {
    span: Span,
    accepted: u32,
    sent: u32,
    /// The next event to look at for acceptance, or for the next write.
    next: usize,
    /// The call has returned.
    is_over: bool,
}

impl Outgoing {
    pub(super) fn start(&mut self, first: usize) {
        self.write.next = first;
        self.write.is_over = true;
    }

    pub(super) fn unsent(&self) -> u32 {
        waiting(self.accepted, self.sent)
    }

    /// The most records of `size` bytes in which the unsent bytes and `more` leave.
    pub(super) fn records(&self, more: usize, size: usize) -> u64 {
        let full = (self.unsent() as usize + more).div_ceil(size) as u64;
        full + u64::from(self.pieces)
    }

    /// The application makes a call that offers this many bytes.
    pub(super) fn call(&mut self, offered: usize) {
        self.offered = offered as u32;
    }

    /// The subject has accepted bytes, which are owed if they count. 0-RTT data is accepted outside
    /// of any call.
    pub(super) fn accept(&mut self, bytes: u32, counts: bool) {
        let bytes = bytes.min(self.offered);
        self.offered -= bytes;
        if counts {
            self.accepted += u64::from(bytes);
            self.pieces += u32::from(bytes > 0);
        }
    }

    /// Bytes have left.
    pub(super) fn send(&mut self, at: usize, span: Span, past: &Past<'_>) {
        self.sent += span.len() as u64;
        if self.unsent() == 0 {
            self.pieces = 0;
        }
        if self.wrong.is_some() || self.beyond.is_some() {
            return;
        }
        let mut bytes = past.bytes(span);
        while !bytes.is_empty() {
            let write = &mut self.write;
            write.look(past);
            // Bytes may leave before their acceptance is reported.
            let limit = match write.is_over {
                true => write.accepted,
                false => write.span.len() as u32,
            };
            if write.sent >= limit {
                if !write.is_over || !write.advance(past) {
                    self.beyond = Some(at);
                    return;
                }
                continue;
            }
            let left = Span {
                start: write.span.start + write.sent,
                end: write.span.start + limit,
            };
            let expected = past.bytes(left);
            let length = expected.len().min(bytes.len());
            if expected[..length] != bytes[..length] {
                self.wrong = Some(at);
                return;
            }
            bytes = &bytes[length..];
            write.sent += length as u32;
        }
    }
}

impl Write {
    /// Notes the bytes accepted since.
    fn look(&mut self, past: &Past<'_>) {
        while !self.is_over
            && let Some(event) = past.events.get(self.next)
        {
            match event {
                Event::Accepted { bytes } => {
                    let rest = self.span.len() as u32 - self.accepted;
                    self.accepted += rest.min(*bytes);
                }
                Event::Called(_)
                | Event::Delivered(_)
                | Event::Limited(_)
                | Event::Transport { .. } => {
                    self.is_over = true;
                    return;
                }
                _ => {}
            }
            self.next += 1;
        }
    }

    /// Moves to the next write. Returns `false` if there is none.
    fn advance(&mut self, past: &Past<'_>) -> bool {
        while let Some(event) = past.events.get(self.next) {
            self.next += 1;
            if let Event::Called(Call::Write(span)) = event {
                let next = self.next;
                *self = Self {
                    span: *span,
                    next,
                    ..Self::default()
                };
                return true;
            }
        }
        false
    }
}
