//! Shapes and seals the peer's records, and queues them for delivery.

use std::ops::Range;

use closure::{Delivered, Event};
use peer::{Claim, Corrupt, Draft, Message, MessageName, Source, Transit};
use wire::{ContentType, Epoch, Meaning};

use super::{Run, Stage, Stop};
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
            if let Some(peer) = &mut self.memory.peer {
                peer.omit();
            }
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
                return self.send_raw(content, Claim::new(Meaning::Unknown));
            }
            Say::Replay(back) => return self.replay(usize::from(*back)),
            Say::Reflect(back) => {
                let back = usize::from(*back).max(1);
                content.extend_from_slice(nth_last_record(&self.memory.stage.wire, back));
                if let (Some(peer), false) = (&self.memory.peer, content.is_empty()) {
                    let claim = peer.reflect(self.was_protected(back));
                    self.send_raw(content, claim);
                }
                return;
            }
        };
        self.seal_shaped(kind, content, shape);
    }

    /// Returns whether the subject's record `back` records ago was protected.
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
        let stage = &mut self.memory.stage;
        let sequence = (shape.skip != 0).then(|| {
            let epoch = shape.epoch.unwrap_or_else(|| peer.write_epoch());
            peer.write_sequence(epoch).wrapping_add_signed(shape.skip)
        });
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
            transit: Transit {
                lost: shape.dropped,
                late: shape.late,
                short: shape.short,
            },
            source: Source {
                due: stage.due,
                altered: shape.flip,
                partial: shape.part.is_some() || shape.rest.is_some(),
                continues: shape.split.is_some() || shape.rest.is_some(),
            },
            ..Draft::default()
        };
        let start = stage.history.len();
        let sealed = peer.seal(&draft, &mut stage.history);
        let leaves = sealed.len.saturating_sub(shape.short);
        let record = Delivered {
            meaning: sealed.claim.meaning,
            content: self.transcript.store(content),
            header: sealed.header,
            length: leaves as u32,
            epoch: sealed.epoch,
            sequence: sealed.sequence,
        };
        stage.records.push((stage.history.len(), record));
        if shape.dropped || leaves == 0 {
            return;
        }
        if shape.late {
            stage.late = Some((start..stage.history.len(), record));
            return;
        }
        let first = stage.out.len();
        stage
            .out
            .extend_from_slice(&stage.history[start..start + leaves]);
        let end = stage.out.len();
        let told = shape.length.map(usize::from);
        stage.travelling.push(Travelling {
            end: (shape.short == 0).then_some(end),
            told: if sealed.claim.early {
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
        if let (Some((late, record)), Some(claim)) = (stage.late.take(), sealed.late) {
            stage.send_again(late, record, claim);
        }
    }

    fn replay(&mut self, back: usize) {
        let stage = &mut self.memory.stage;
        let Some(i) = stage.records.len().checked_sub(back.max(1)) else {
            return;
        };
        let Some(peer) = &mut self.memory.peer else {
            return;
        };
        let start = i.checked_sub(1).map_or(0, |before| stage.records[before].0);
        let (end, record) = stage.records[i];
        let claim = peer.replay(record.epoch);
        stage.send_again(start..end, record, claim);
    }

    fn send_raw(&mut self, bytes: &[u8], claim: Claim) {
        let first = self.memory.stage.out.len();
        let mut header = [0; 5];
        for (to, from) in header.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.memory.stage.out.extend_from_slice(bytes);
        let end = self.memory.stage.out.len();
        self.memory.stage.travelling.push(Travelling {
            end: Some(end),
            told: Some(match claim.early {
                true => end.min(first + 1),
                false => end,
            }),
            record: Delivered {
                meaning: claim.meaning,
                content: self.transcript.store(bytes),
                header,
                length: bytes.len() as u32,
                epoch: Epoch::Plain,
                sequence: 0,
            },
        });
    }
}

impl Stage {
    /// Queues the sealed bytes in this range of the history, of which `claim` is true when they
    /// arrive.
    fn send_again(&mut self, range: Range<usize>, record: Delivered, claim: Claim) {
        let first = self.out.len();
        self.out.extend_from_slice(&self.history[range]);
        let end = self.out.len();
        self.travelling.push(Travelling {
            end: Some(end),
            told: Some(if claim.early { first + 1 } else { end }),
            record: Delivered {
                meaning: claim.meaning,
                ..record
            },
        });
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
