//! Writes down what a subject does while it carries out a command.

use closure::{Delivered, Event, Sent, Transcript};
use peer::{Peer, Seen};
use protocol::{Observation, Sink};

/// A record on its way to the subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Travelling {
    /// Where its last byte is in the bytes on their way; `None` if it never leaves.
    pub(crate) end: Option<usize>,
    /// Where the byte is with which it is told of: its last, or the first of one whose header says
    /// enough. `None` if it is not told of at all.
    pub(crate) told: Option<usize>,
    /// What to write down when that byte arrives.
    pub(crate) record: Delivered,
}

/// The sink of one command.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    pub(crate) transcript: &'a mut Transcript,
    pub(crate) peer: Option<&'a mut Peer>,
    /// All bytes that the subject sent, for those that are to be sent back.
    pub(crate) wire: &'a mut Vec<u8>,
    /// The records on their way, in order, and the ends of the pieces that they travel in.
    pub(crate) travelling: &'a [Travelling],
    pub(crate) pieces: &'a [usize],
    pub(crate) last: usize,
    pub(crate) piece: usize,
    pub(crate) observations: usize,
}

/// More observations than this in answer to one command are a hang: the subject spins. The
/// longest honest answer is a few for each byte of a bytewise transfer of some records.
pub(crate) const MAX_OBSERVATIONS: usize = 4_000_000;

impl Recorder<'_> {
    /// The next piece reaches the subject: so do the records that end in it.
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
