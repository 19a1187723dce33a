//! Shapes and seals the peer's records, and queues them for delivery.

use closure::{Delivered, Event};
use peer::{Corrupt, Draft, Message, MessageName, Peer};
use wire::{ContentType, Epoch, Meaning, Reason};

use super::{Run, Stop};
use crate::recorder::Travelling;
use crate::script::{Payload, Say, Shape};

impl Run<'_> {
    pub(super) fn send_message(&mut self, message: Message) {
        let edit = self
            .memory
            .stage
            .edits
            .iter()
            .position(|(name, _)| *name == message.name)
            .map(|i| self.memory.stage.edits.remove(i).1);
        if message.name == MessageName::ClientHello {
            self.memory.client_hello.clone_from(&message.payload);
        }
        let shape = edit.unwrap_or_default();
        if shape.omitted {
            // The effect of a handshake without this message is unknown.
            self.memory.stage.gap = Some(Gap::ANYTHING);
            return;
        }
        let epoch = shape.epoch.unwrap_or(message.epoch);
        let shape = Shape {
            epoch: Some(epoch),
            ..shape
        };
        self.memory.stage.due = Some(message.epoch);
        self.seal_shaped(message.content_type.0, &message.payload, &shape);
        self.memory.stage.due = None;
    }

    pub(super) fn say(&mut self, say: &Say, shape: &Shape) -> Result<(), Stop> {
        let mut scratch = std::mem::take(&mut self.memory.scratch);
        scratch.clear();
        self.say_in(say, shape, &mut scratch);
        self.memory.scratch = scratch;
        self.flush()
    }

    /// Queues what the peer says. `content` is a buffer for its content.
    fn say_in(&mut self, say: &Say, shape: &Shape, content: &mut Vec<u8>) {
        const APPLICATION_DATA: u8 = ContentType::APPLICATION_DATA.0;
        const ALERT: u8 = ContentType::ALERT.0;
        const HANDSHAKE: u8 = ContentType::HANDSHAKE.0;
        let kind = match say {
            Say::Write(payload) => {
                self.add(payload, content);
                let most = self.most(shape).min(wire::MAX_PLAINTEXT);
                if content.len() > most && shape.split.is_none() {
                    let shape = Shape {
                        split: Some(most),
                        ..shape.clone()
                    };
                    return self.seal_shaped(APPLICATION_DATA, content, &shape);
                }
                APPLICATION_DATA
            }
            Say::Close => {
                content.extend([1, 0]);
                ALERT
            }
            Say::Alert { level, description } => {
                content.extend([*level, *description]);
                ALERT
            }
            Say::KeyUpdate(value) => {
                content.extend([24, 0, 0, 1, *value]);
                HANDSHAKE
            }
            Say::Ticket => {
                if let Some(peer) = &mut self.memory.peer {
                    content.extend(peer.new_ticket());
                }
                HANDSHAKE
            }
            Say::Renegotiate => {
                match self.play.axes.role {
                    protocol::Role::Client => content.extend([0; 4]),
                    protocol::Role::Server => {
                        content.extend_from_slice(&self.memory.client_hello);
                    }
                }
                HANDSHAKE
            }
            Say::ChangeCipherSpec(value) => {
                content.push(*value);
                let shape = match self.play.axes.version {
                    protocol::Version::Tls13 if shape.epoch.is_none() => &Shape {
                        epoch: Some(Epoch::Plain),
                        ..shape.clone()
                    },
                    _ => shape,
                };
                return self.seal_shaped(ContentType::CHANGE_CIPHER_SPEC.0, content, shape);
            }
            Say::Handshake { kind, body } => {
                content.extend([kind.0, 0, 0, 0]);
                self.add(body, content);
                let length = (content.len() - 4) as u32;
                content[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
                HANDSHAKE
            }
            Say::Record {
                kind,
                content: payload,
            } => {
                self.add(payload, content);
                kind.0
            }
            Say::Raw(payload) => {
                self.add(payload, content);
                return self.send_raw(content, Meaning::Unknown);
            }
            Say::Replay(back) => return self.replay(usize::from(*back)),
            Say::Reflect(back) => {
                let back = usize::from(*back).max(1);
                content.extend_from_slice(nth_last_record(&self.memory.stage.wire, back));
                if !content.is_empty() {
                    let misframed = matches!(self.memory.stage.gap, Some(Gap::ANYTHING));
                    let skipped = self.memory.peer.as_ref().is_some_and(Peer::may_be_skipped);
                    let meaning = match self.was_protected(back) && !misframed && !skipped {
                        true => Meaning::Invalid(Reason::Reflected),
                        false => Meaning::Unknown,
                    };
                    self.send_raw(content, meaning);
                }
                return;
            }
        };
        self.seal_shaped(kind, content, shape);
    }

    /// Returns whether the subject's record `back` records ago was protected. An unprotected record
    /// may be valid when it is reflected.
    fn was_protected(&self, back: usize) -> bool {
        let sent = self
            .transcript
            .events()
            .iter()
            .rev()
            .filter_map(|event| match event {
                Event::Sent(record) => Some(record.epoch),
                _ => None,
            });
        !matches!(
            sent.into_iter().nth(back - 1),
            Some(Some(Epoch::Plain)) | None
        )
    }

    fn add(&mut self, payload: &Payload, content: &mut Vec<u8>) {
        payload.write(self.memory.stage.peer_offset, content);
        if let Payload::Pattern(length) = payload {
            self.memory.stage.peer_offset += length;
        }
    }

    /// Seals content in the given shape and queues it.
    fn seal_shaped(&mut self, kind: u8, content: &[u8], shape: &Shape) {
        if shape.join {
            self.memory.stage.joined.extend_from_slice(content);
            return;
        }
        let mut joined = std::mem::take(&mut self.memory.stage.joined);
        match joined.is_empty() && !shape.flip {
            true => self.seal_pieces(kind, content, shape),
            false => {
                joined.extend_from_slice(content);
                if let (true, Some(last)) = (shape.flip, joined.last_mut()) {
                    *last ^= 1;
                }
                self.seal_pieces(kind, &joined, shape);
            }
        }
        joined.clear();
        self.memory.stage.joined = joined;
    }

    fn seal_pieces(&mut self, kind: u8, content: &[u8], shape: &Shape) {
        let from = shape.rest.unwrap_or(0).min(content.len());
        let to = shape.part.map_or(content.len(), |part| from + part);
        let content = &content[from..to.clamp(from, content.len())];
        let size = shape.split.unwrap_or_else(|| self.most(shape)).max(1);
        if content.is_empty() {
            self.seal(kind, content, shape);
        }
        for piece in content.chunks(size) {
            self.seal(kind, piece, shape);
        }
    }

    /// Returns the maximum length of a record's content under the subject's `record_size_limit`, if
    /// it sent one. Only an explicit `split` exceeds it.
    fn most(&self, shape: &Shape) -> usize {
        const CONTENT_TYPE: usize = 1;
        let peer = self.memory.peer.as_ref();
        let limit = peer.and_then(|peer| {
            let plain = shape.epoch.unwrap_or_else(|| peer.write_epoch()) == Epoch::Plain;
            peer.negotiated().record_size_limit.filter(|_| !plain)
        });
        limit.map_or(usize::MAX, |limit| usize::from(limit) - CONTENT_TYPE)
    }

    fn seal(&mut self, kind: u8, content: &[u8], shape: &Shape) {
        let Some(peer) = &mut self.memory.peer else {
            return;
        };
        let epoch = shape.epoch.unwrap_or_else(|| peer.write_epoch());
        let sequence =
            (shape.skip != 0).then(|| peer.write_sequence(epoch).wrapping_add_signed(shape.skip));
        let draft = Draft {
            content_type: kind,
            payload: content,
            epoch: shape.epoch,
            sequence,
            padding: shape.pad,
            outer_type: shape.outer,
            header_version: shape.header_version,
            aad_as_sent: shape.aad_as_sent,
            corrupt: match (shape.bad_tag, shape.bad_body) {
                (true, _) => Corrupt::Tag,
                (_, true) => Corrupt::Body,
                _ => Corrupt::None,
            },
            no_type: shape.no_type,
            length: shape.length,
            lost: shape.dropped,
            ..Draft::default()
        };
        let start = self.memory.stage.history.len();
        let body = |length: usize| length.checked_sub(wire::RecordHeader::LEN);
        let in_order = epoch == self.memory.stage.due.unwrap_or(peer.write_epoch());
        let stage = &mut self.memory.stage;
        let last = stage.records.last();
        let begun = last.is_some_and(|(_, last)| last.meaning == Meaning::HandshakePart);
        let skipping = peer.may_be_skipped();
        let sealed = peer.seal(&draft, &mut stage.history);
        let meaning = match stage.gap {
            None => sealed.meaning,
            // After a gap, the explicit sequence number may be the expected one.
            Some(_) if shape.skip != 0 || is_open(sealed.meaning) => Meaning::Unknown,
            // The lost record may be the one that ended the phase for `change_cipher_spec`, or that
            // retired these keys.
            Some(_)
                if matches!(
                    sealed.meaning,
                    Meaning::Invalid(Reason::LateChangeCipherSpec | Reason::WrongKeys)
                ) =>
            {
                Meaning::Unknown
            }
            // The header alone may be reason enough to reject the record.
            Some(_) if sealed.meaning == Meaning::Invalid(Reason::CiphertextOverflow) => {
                Meaning::Unknown
            }
            Some(gap) => gap.meaning_of(sealed.epoch).unwrap_or(sealed.meaning),
        };
        let meaning = match meaning {
            // A receiver may report either of two faults.
            Meaning::Invalid(_) | Meaning::Refusable(_) if shape.short > 0 => Meaning::Unknown,
            Meaning::Invalid(_) if faults(shape, content, in_order, stage.gap) > 1 => {
                Meaning::Unknown
            }
            Meaning::Invalid(
                Reason::KeyUpdateValue | Reason::Malformed(_) | Reason::UnexpectedMessage(_),
            ) if goes_on(kind, content) || begun => Meaning::Unknown,
            Meaning::Invalid(Reason::BadFinished) if goes_on(kind, content) => Meaning::Unknown,
            // In plaintext, a part of one message may be part of another.
            Meaning::Invalid(Reason::Unprotected)
                if shape.part.is_some() || shape.rest.is_some() =>
            {
                Meaning::Unknown
            }
            // The record does not continue the message that the previous record began.
            Meaning::RenegotiationRequest | Meaning::Invalid(Reason::BadFinished)
                if begun && shape.split.is_none() && shape.rest.is_none() =>
            {
                Meaning::Unknown
            }
            meaning => meaning,
        };
        let leaves = sealed.len.saturating_sub(shape.short);
        let record = Delivered {
            meaning,
            content: self.transcript.store(content),
            header: match stage.misframed {
                true => [0; wire::RecordHeader::LEN],
                false => sealed.header,
            },
            length: leaves as u32,
            epoch: sealed.epoch,
            sequence: sealed.sequence,
        };
        stage.records.push((stage.history.len(), record));
        let lost = shape.dropped || leaves == 0;
        if lost || shape.late {
            let gap = match shape.skip {
                // Whether this sequence number matters depends on later messages.
                0 if !in_order => Some(Gap::ANYTHING),
                0 => Some(Gap {
                    epoch: sealed.epoch,
                    skipped: skipping || is_open(sealed.meaning),
                }),
                // A record with an explicit sequence number does not advance the count.
                _ if sealed.epoch != Epoch::Plain => None,
                _ => Some(Gap::ANYTHING),
            };
            stage.gap = stage.gap.or(gap);
            if !lost {
                stage.late = Some((start..stage.history.len(), record));
            }
            return;
        }
        let told = shape.length.map(usize::from);
        if shape.short > 0 || told.is_some_and(|told| body(sealed.len) != Some(told)) {
            // The receiver takes the bytes that follow for the rest of this record.
            stage.gap = Some(Gap::ANYTHING);
            stage.misframed = true;
        }
        let gap = stage.gap;
        if gap.and_then(|gap| gap.meaning_of(sealed.epoch)).is_some() {
            // This record reveals the gap to the subject. The meaning of what follows is unknown.
            stage.gap = Some(Gap::ANYTHING);
        }
        let first = stage.out.len();
        stage
            .out
            .extend_from_slice(&stage.history[start..start + leaves]);
        let end = stage.out.len();
        stage.travelling.push(Travelling {
            end: (shape.short == 0).then_some(end),
            told: if [meaning, sealed.meaning]
                .iter()
                .any(|meaning| shows_early(*meaning, sealed.epoch))
            {
                // A receiver need not wait for the rest.
                Some(first + 1)
            } else if shape.short > 0 {
                None
            } else {
                // For a receiver the record ends where its header says.
                Some(end.min(told.map_or(end, |told| first + wire::RecordHeader::LEN + told)))
            },
            record,
        });
        if let Some((late, record)) = stage.late.take() {
            let first = stage.out.len();
            stage.out.extend_from_slice(&stage.history[late]);
            let end = stage.out.len();
            stage.travelling.push(Travelling {
                end: Some(end),
                // Its first bytes may complete an incomplete record.
                told: Some(if stage.misframed { first + 1 } else { end }),
                record: Delivered {
                    meaning: match (record.meaning, gap) {
                        // By then its sequence number or its keys may be the expected ones.
                        (Meaning::Invalid(Reason::WrongSequence | Reason::WrongKeys), _) => {
                            Meaning::Unknown
                        }
                        // These meanings also hold in the later position.
                        (said @ (Meaning::Invalid(_) | Meaning::Unknown), _) => said,
                        (Meaning::Refusable(_), _) => Meaning::Unknown,
                        (_, Some(gap)) => gap.meaning_of(record.epoch).unwrap_or(Meaning::Unknown),
                        (meaning, None) => meaning,
                    },
                    ..record
                },
            });
        }
    }

    fn replay(&mut self, back: usize) {
        let count = self.memory.stage.records.len();
        let Some(i) = count.checked_sub(back.max(1)) else {
            return;
        };
        let start = i
            .checked_sub(1)
            .map_or(0, |before| self.memory.stage.records[before].0);
        let (end, record) = self.memory.stage.records[i];
        let stage = &mut self.memory.stage;
        let first = stage.out.len();
        stage.out.extend_from_slice(&stage.history[start..end]);
        // After a gap the subject may not have received the original.
        let known = record.epoch != Epoch::Plain && stage.gap.is_none();
        // The copy may fill the gap.
        stage.gap = stage.gap.map(|_| Gap::ANYTHING);
        let end = stage.out.len();
        stage.travelling.push(Travelling {
            end: Some(end),
            told: Some(if known { end } else { first + 1 }),
            record: Delivered {
                meaning: match known {
                    true => Meaning::Invalid(Reason::WrongSequence),
                    false => Meaning::Unknown,
                },
                ..record
            },
        });
    }

    fn send_raw(&mut self, bytes: &[u8], meaning: Meaning) {
        let first = self.memory.stage.out.len();
        let mut header = [0; 5];
        for (to, from) in header.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.memory.stage.out.extend_from_slice(bytes);
        let end = self.memory.stage.out.len();
        self.memory.stage.travelling.push(Travelling {
            end: Some(end),
            told: Some(match meaning {
                Meaning::Unknown => end.min(first + 1),
                _ => end,
            }),
            record: Delivered {
                meaning,
                content: self.transcript.store(bytes),
                header,
                length: bytes.len() as u32,
                epoch: Epoch::Plain,
                sequence: 0,
            },
        });
    }
}

/// A record that the subject does not receive, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The epoch of the record, which was the current one. Without this record the subject never
    /// reaches later epochs.
    epoch: Epoch,
    /// Whether the subject may have skipped the record, and may skip records that do not decrypt
    /// after it.
    skipped: bool,
}

impl Gap {
    /// A gap after which the meaning of every record is unknown.
    const ANYTHING: Self = Self {
        epoch: Epoch::Plain,
        skipped: false,
    };

    /// Returns the meaning of a well-formed record after the gap, or `None` if the gap does not
    /// affect it.
    fn meaning_of(self, epoch: Epoch) -> Option<Meaning> {
        match self.epoch {
            // The state is wrong rather than the sequence number: unprotected records are not
            // counted.
            Epoch::Plain => Some(Meaning::Unknown),
            lost if lost <= epoch && self.skipped => Some(Meaning::Unknown),
            lost if lost == epoch => Some(Meaning::Invalid(Reason::WrongSequence)),
            // A server may have skipped the lost record too.
            Epoch::Early => Some(Meaning::Unknown),
            lost if lost < epoch => Some(Meaning::Invalid(Reason::WrongKeys)),
            _ => None,
        }
    }
}

/// Counts the faults in the record's shape and position.
fn faults(shape: &Shape, content: &[u8], in_order: bool, gap: Option<Gap>) -> usize {
    let wrong = [
        shape.outer.is_some(),
        shape.header_version.is_some(),
        shape.length.is_some(),
        // Any number of these has the same single effect: the record does not decrypt.
        !in_order || shape.skip != 0 || shape.bad_tag || shape.bad_body || gap.is_some(),
        shape.flip,
        shape.no_type,
        shape.part.is_some() || shape.rest.is_some(),
        content.len() > wire::MAX_PLAINTEXT,
    ];
    wrong.into_iter().filter(|wrong| *wrong).count()
}

/// Returns whether the peer does not know what the record does to its receiver.
fn is_open(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Unknown | Meaning::Refusable(_))
}

/// Returns whether the header of a record in this epoch reveals its fault, or may reveal it.
fn shows_early(meaning: Meaning, epoch: Epoch) -> bool {
    match meaning {
        Meaning::Unknown
        | Meaning::Invalid(
            Reason::CiphertextOverflow
            | Reason::UnknownOuterType
            | Reason::OuterType
            | Reason::HeaderVersion,
        ) => true,
        Meaning::Invalid(Reason::PlaintextOverflow) => epoch == Epoch::Plain,
        _ => false,
    }
}

/// Returns whether a handshake record continues after its first message.
fn goes_on(kind: u8, content: &[u8]) -> bool {
    match *content {
        [_, a, b, c, ref rest @ ..] if kind == ContentType::HANDSHAKE.0 => {
            (u32::from_be_bytes([0, a, b, c]) as usize) < rest.len()
        }
        _ => false,
    }
}

/// Returns the record `back` records from the end of a stream of complete records, or an empty
/// slice if there is none.
fn nth_last_record(stream: &[u8], back: usize) -> &[u8] {
    let mut count = 0;
    let mut rest = stream;
    while let Some((_, behind)) = wire::split_record(rest) {
        count += 1;
        rest = behind;
    }
    let Some(skip) = usize::checked_sub(count, back.max(1)) else {
        return &[];
    };
    let mut rest = stream;
    for _ in 0..skip {
        rest = wire::split_record(rest).map_or(&[], |(_, behind)| behind);
    }
    let behind = wire::split_record(rest).map_or(rest, |(_, behind)| behind);
    &rest[..rest.len() - behind.len()]
}
