//! Records the actions of a subject during a command.

use closure::{Delivered, Event, Sent, Transcript};
use peer::{Peer, Seen};
use protocol::{Observation, Sink};

/// A record in flight to the subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Travelling {
    /// The offset of its end in the bytes in flight. `None` if its last byte is never sent.
    pub(crate) end: Option<usize>,
    /// The offset of the end of the byte whose arrival is recorded as the delivery: the last byte,
    /// or the first one if the header alone may decide. `None` if no delivery is recorded.
    pub(crate) told: Option<usize>,
    /// The delivery to record when that byte arrives.
    pub(crate) record: Delivered,
}

/// The sink for the observations of one command.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    pub(crate) transcript: &'a mut Transcript,
    pub(crate) peer: Option<&'a mut Peer>,
    /// All bytes that the subject sent, for reflection.
    pub(crate) wire: &'a mut Vec<u8>,
    /// The records in flight, in order, and the ends of the pieces that deliver them.
    pub(crate) travelling: &'a [Travelling],
    pub(crate) pieces: &'a [usize],
    pub(crate) last: usize,
    pub(crate) piece: usize,
    pub(crate) observations: usize,
}

/// The maximum number of observations for one command. A subject that reports more is in an endless
/// loop and counts as hung. The longest legitimate answer has a few observations for each byte of a
/// bytewise transfer of some records.
pub(crate) const MAX_OBSERVATIONS: usize = 4_000_000;

impl Recorder<'_> {
    /// Records the delivery of all records that end in the next piece.
    pub(crate) fn deliver_piece(&mut self) {
        let end = self.pieces.get(self.piece).copied().unwrap_or(self.last);
        while let Some((first, rest)) = self.travelling.split_first() {
            match first.told {
                Some(at) if at <= end => {
                    self.transcript.push(Event::Delivered(first.record));
                    self.travelling = rest;
                }
                Some(_) => break,
                None => self.travelling = rest,
            }
        }
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.wire.extend_from_slice(bytes);
        let transcript = &mut *self.transcript;
        if let Some(peer) = self.peer.as_deref_mut() {
            peer.receive(bytes, &mut |seen: Seen<'_>| {
                let span = transcript.store(seen.bytes);
                transcript.push(Event::Sent(Sent {
                    content: seen.content,
                    bytes: span,
                    header: seen.header,
                    length: seen.len as u32,
                    epoch: seen.epoch,
                    sequence: seen.sequence,
                    explicit_nonce: seen.explicit_nonce,
                }));
            });
        }
    }
}

impl Sink for Recorder<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        use Observation as O;
        self.observations += 1;
        if self.observations > MAX_OBSERVATIONS {
            return;
        }
        let transcript = &mut *self.transcript;
        let event = match observation {
            O::Sent { bytes } => return self.sent(&bytes),
            O::Accepted { bytes } => Event::Accepted {
                bytes: bytes as u32,
            },
            O::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            } => Event::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            },
            O::EarlyData { bytes } => Event::EarlyData(transcript.store(&bytes)),
            O::Data { bytes } => Event::Data(transcript.store(&bytes)),
            O::End { how } => Event::End(how),
            O::Fin => Event::SentFin,
            O::Failed { class, alert, .. } => Event::Failed { class, alert },
            O::Refused { call, class, .. } => Event::Refused { call, class },
            O::State {
                name,
                shown,
                discarded,
            } => Event::State {
                name,
                shown: shown as u32,
                discarded: discarded as u32,
            },
            O::TooSmall {
                call,
                room,
                needed,
                touched,
            } => Event::TooSmall {
                call,
                room: room as u32,
                needed: needed as u32,
                touched,
            },
            O::Wants { read, write } => Event::Wants { read, write },
            O::Helped {
                said,
                moved,
                blocked,
            } => Event::Helped {
                said,
                moved,
                blocked,
            },
            O::Left { bytes } => Event::Left(transcript.store(&bytes)),
            O::Exported { bytes } => Event::Exported(transcript.store(&bytes)),
            O::Unsupported { .. } => Event::Unsupported,
        };
        transcript.push(event);
    }

    fn end_piece(&mut self) {
        self.piece += 1;
        self.deliver_piece();
    }
}
