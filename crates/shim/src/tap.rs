//! Records the traffic between the peer and the subject.

use protocol::{Command, Observation, Role, Sink};
use scenario::{Port, Stop};

/// The traffic of an instance, in order.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    bytes: Vec<u8>,
    passed: Vec<(Passed, usize)>,
}

/// An item of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// A new connection, in which the subject has this role.
    Opened(Role),
    /// Bytes to the subject, in one piece.
    ToSubject,
    /// Bytes from the subject.
    ToPeer,
    /// A FIN from the peer.
    PeerFin,
    /// A reset from the peer.
    PeerReset,
    /// A FIN from the subject.
    SubjectFin,
}

impl Wire {
    /// Clears the traffic, and keeps the memory allocated.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.passed.clear();
    }

    /// The items, with their bytes.
    pub fn passed(&self) -> impl Iterator<Item = (Passed, &[u8])> {
        let mut start = 0;
        self.passed.iter().map(move |(what, end)| {
            let bytes = &self.bytes[start..*end];
            start = *end;
            (*what, bytes)
        })
    }

    fn note(&mut self, what: Passed, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.passed.push((what, self.bytes.len()));
    }
}

/// A port that records the traffic.
pub struct Tap<'a> {
    port: &'a mut dyn Port,
    wire: &'a mut Wire,
}

impl<'a> Tap<'a> {
    /// Records the traffic of `port` in `wire`.
    pub fn new(port: &'a mut dyn Port, wire: &'a mut Wire) -> Self {
        Self { port, wire }
    }
}

impl Port for Tap<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let none: &[usize] = &[];
        match &command {
            Command::Open(open) => self.wire.note(Passed::Opened(open.role), &[]),
            Command::Eof { .. } => self.wire.note(Passed::PeerFin, &[]),
            Command::Reset { .. } => self.wire.note(Passed::PeerReset, &[]),
            _ => {}
        }
        // Copied, because the port consumes the command.
        let (bytes, cuts) = match &command {
            Command::Feed { bytes, cuts, .. } => (bytes.to_vec(), cuts.to_vec()),
            _ => (Vec::new(), none.to_vec()),
        };
        let mut listener = Listener {
            sink,
            wire: self.wire,
            bytes: &bytes,
            cuts: &cuts,
            piece: 0,
        };
        listener.deliver_piece();
        self.port.command(command, &mut listener)
    }
}

struct Listener<'a> {
    sink: &'a mut dyn Sink,
    wire: &'a mut Wire,
    bytes: &'a [u8],
    cuts: &'a [usize],
    piece: usize,
}

impl Listener<'_> {
    /// Records the next piece of input.
    fn deliver_piece(&mut self) {
        let end_of = |piece| self.cuts.get(piece).copied().unwrap_or(self.bytes.len());
        let start = match self.piece {
            0 => 0,
            piece => end_of(piece - 1),
        };
        let piece = self.bytes.get(start..end_of(self.piece));
        if let Some(piece) = piece.filter(|piece| !piece.is_empty()) {
            self.wire.note(Passed::ToSubject, piece);
        }
    }
}

impl Sink for Listener<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        match &observation {
            Observation::Sent { bytes } if !bytes.is_empty() => {
                self.wire.note(Passed::ToPeer, bytes);
            }
            Observation::Fin => self.wire.note(Passed::SubjectFin, &[]),
            _ => {}
        }
        self.sink.observe(observation);
    }

    fn end_piece(&mut self) {
        self.piece += 1;
        self.deliver_piece();
        self.sink.end_piece();
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Bytes, Io};

    use super::*;

    /// Answers each piece with one byte.
    struct Echo;

    impl Port for Echo {
        fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
            let pieces = match command {
                Command::Feed { cuts, .. } => cuts.len() + 1,
                _ => 1,
            };
            for _ in 0..pieces {
                let bytes = Bytes::from(&b"x"[..]);
                sink.observe(Observation::Sent { bytes });
                sink.end_piece();
            }
            Ok(())
        }
    }

    struct Discard;

    impl Sink for Discard {
        fn observe(&mut self, _: Observation<'_>) {}
        fn end_piece(&mut self) {}
    }

    #[test]
    fn traffic_is_recorded_in_order_piece_by_piece() {
        let mut wire = Wire::default();
        let mut port = Echo;
        let feed = Command::Feed {
            bytes: Bytes::from(&b"abc"[..]),
            cuts: (&[1usize][..]).into(),
            io: Io::default(),
        };
        let fed = Tap::new(&mut port, &mut wire).command(feed, &mut Discard);
        assert_eq!(fed, Ok(()));
        let passed: Vec<_> = wire.passed().collect();
        assert_eq!(
            passed,
            [
                (Passed::ToSubject, &b"a"[..]),
                (Passed::ToPeer, &b"x"[..]),
                (Passed::ToSubject, &b"bc"[..]),
                (Passed::ToPeer, &b"x"[..]),
            ]
        );
    }
}
