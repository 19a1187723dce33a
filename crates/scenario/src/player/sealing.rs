//! What the peer says, shaped record by record, and put on its way.

use closure::{Delivered, Event};
use peer::{Corrupt, Draft, Message, MessageName, Peer};
use wire::{ContentType, Epoch, Meaning, Reason};

use super::{Player, Stop};
use crate::recorder::Travelling;
use crate::script::{Payload, Say, Shape};

impl Player<'_> {
    pub(super) fn send_message(&mut self, message: Message) {
        let edit = self
            .stage
            .edits
            .iter()
            .position(|(name, _)| *name == message.name)
            .map(|i| self.stage.edits.remove(i).1);
        if message.name == MessageName::ClientHello {
            self.client_hello.clone_from(&message.payload);
        }
        let shape = edit.unwrap_or_default();
        if shape.omitted {
            // What a handshake without this message means to the other side is anyone's guess.
            self.stage.gap = Some(Epoch::Plain);
            return;
        }
        let epoch = shape.epoch.unwrap_or(message.epoch);
        let shape = Shape {
            epoch: Some(epoch),
            ..shape
        };
        self.seal_shaped(message.content_type.0, message.payload, &shape);
    }

    pub(super) fn say(&mut self, say: &Say, shape: &Shape) -> Result<(), Stop> {
        const APPLICATION_DATA: u8 = ContentType::APPLICATION_DATA.0;
        const ALERT: u8 = ContentType::ALERT.0;
        const HANDSHAKE: u8 = ContentType::HANDSHAKE.0;
        let (kind, content) = match say {
            Say::Write(payload) => {
                let content = self.bytes_of(payload);
                if content.len() > wire::MAX_PLAINTEXT && shape.split.is_none() {
                    let shape = Shape {
                        split: Some(wire::MAX_PLAINTEXT),
                        ..shape.clone()
                    };
                    self.seal_shaped(APPLICATION_DATA, content, &shape);
                    return self.flush();
                }
                (APPLICATION_DATA, content)
            }
            Say::Close => (ALERT, vec![1, 0]),
            Say::Alert { level, description } => (ALERT, vec![*level, *description]),
            Say::KeyUpdate(value) => (HANDSHAKE, vec![24, 0, 0, 1, *value]),
            Say::Ticket => {
                let ticket = self.peer.as_mut().map(Peer::new_ticket);
                (HANDSHAKE, ticket.unwrap_or_default())
            }
            Say::Renegotiate => (
                HANDSHAKE,
                match self.play.axes.role {
                    protocol::Role::Client => vec![0; 4],
                    protocol::Role::Server => self.client_hello.clone(),
                },
            ),
            Say::ChangeCipherSpec(value) => {
                let shape = match self.play.axes.version {
                    protocol::Version::Tls13 if shape.epoch.is_none() => &Shape {
                        epoch: Some(Epoch::Plain),
                        ..shape.clone()
                    },
                    _ => shape,
                };
                self.seal_shaped(ContentType::CHANGE_CIPHER_SPEC.0, vec![*value], shape);
                return self.flush();
            }
            Say::Handshake { kind, body } => {
                let body = self.bytes_of(body);
                let mut content = vec![kind.0];
                content.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
                content.extend_from_slice(&body);
                (HANDSHAKE, content)
            }
            Say::Record { kind, content } => (kind.0, self.bytes_of(content)),
            Say::Raw(payload) => {
                let bytes = self.bytes_of(payload);
                self.send_raw(&bytes, Meaning::Unknown);
                return self.flush();
            }
            Say::Replay(back) => {
                self.replay(usize::from(*back));
                return self.flush();
            }
            Say::Reflect(back) => {
                let back = usize::from(*back).max(1);
                let record = nth_last_record(&self.stage.wire, back).to_vec();
                if !record.is_empty() {
                    let meaning = match self.was_protected(back) {
                        true => Meaning::Invalid(Reason::Reflected),
                        false => Meaning::Unknown,
                    };
                    self.send_raw(&record, meaning);
                }
                return self.flush();
            }
        };
        self.seal_shaped(kind, content, shape);
        self.flush()
    }

    /// Whether the subject's record `back` records ago was protected: a plain one may well have a
    /// meaning when it comes back.
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

    fn bytes_of(&mut self, payload: &Payload) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(payload.len());
        payload.write(self.stage.peer_offset, &mut bytes);
        if let Payload::Pattern(length) = payload {
            self.stage.peer_offset += length;
        }
        bytes
    }

    /// Seals content in the shape asked for, and puts it on its way.
    fn seal_shaped(&mut self, kind: u8, content: Vec<u8>, shape: &Shape) {
        let mut content = match self.stage.joined.is_empty() {
            true => content,
            false => {
                let mut joined = std::mem::take(&mut self.stage.joined);
                joined.extend_from_slice(&content);
                joined
            }
        };
        if shape.join {
            self.stage.joined = content;
            return;
        }
        if let (true, Some(last)) = (shape.flip, content.last_mut()) {
            *last ^= 1;
        }
        let from = shape.rest.unwrap_or(0).min(content.len());
        let to = shape.part.map_or(content.len(), |part| from + part);
        let content = &content[from..to.clamp(from, content.len())];
        let size = shape.split.unwrap_or(usize::MAX).max(1);
        if content.is_empty() {
            self.seal(kind, content, shape);
        }
        for piece in content.chunks(size) {
            self.seal(kind, piece, shape);
        }
    }

    fn seal(&mut self, kind: u8, content: &[u8], shape: &Shape) {
        let Some(peer) = &mut self.peer else { return };
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
            reflect: false,
        };
        let start = self.stage.history.len();
        let sealed = peer.seal(&draft, &mut self.stage.history);
        let meaning = match self.stage.gap {
            // Not a wrong number, but a wrong state: without protection nothing counts records.
            Some(Epoch::Plain) => Meaning::Unknown,
            Some(gap) if gap == sealed.epoch && !matches!(sealed.meaning, Meaning::Invalid(_)) => {
                Meaning::Invalid(Reason::WrongSequence)
            }
            _ => sealed.meaning,
        };
        let record = Delivered {
            meaning,
            content: self.transcript.store(content),
            header: sealed.header,
            length: sealed.len as u32,
            epoch: sealed.epoch,
            sequence: sealed.sequence,
        };
        self.stage.records.push((self.stage.history.len(), record));
        let bytes = &self.stage.history[start..];
        if shape.dropped || shape.late {
            self.stage.gap = Some(sealed.epoch);
            if shape.late {
                self.stage.late = Some((bytes.to_vec(), record));
            }
            return;
        }
        if shape.short > 0 {
            // Whatever comes next completes this record, and not as it was meant.
            self.stage.gap = Some(Epoch::Plain);
        }
        let leaves = bytes.len().saturating_sub(shape.short);
        self.stage.out.extend_from_slice(&bytes[..leaves]);
        self.stage.travelling.push(Travelling {
            end: (shape.short == 0).then_some(self.stage.out.len()),
            record,
        });
        if let Some((bytes, record)) = self.stage.late.take() {
            self.stage.out.extend_from_slice(&bytes);
            self.stage.travelling.push(Travelling {
                end: Some(self.stage.out.len()),
                record: Delivered {
                    meaning: Meaning::Invalid(Reason::WrongSequence),
                    ..record
                },
            });
        }
    }

    fn replay(&mut self, back: usize) {
        let count = self.stage.records.len();
        let Some(i) = count.checked_sub(back.max(1)) else {
            return;
        };
        let start = i
            .checked_sub(1)
            .map_or(0, |before| self.stage.records[before].0);
        let (end, record) = self.stage.records[i];
        let bytes = self.stage.history[start..end].to_vec();
        self.stage.out.extend_from_slice(&bytes);
        self.stage.travelling.push(Travelling {
            end: Some(self.stage.out.len()),
            record: Delivered {
                meaning: match record.epoch {
                    Epoch::Plain => Meaning::Unknown,
                    _ => Meaning::Invalid(Reason::WrongSequence),
                },
                ..record
            },
        });
    }

    fn send_raw(&mut self, bytes: &[u8], meaning: Meaning) {
        let mut header = [0; 5];
        for (to, from) in header.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.stage.out.extend_from_slice(bytes);
        self.stage.travelling.push(Travelling {
            end: Some(self.stage.out.len()),
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

/// The record `back` records from the end of a stream of whole records; empty if there is none.
fn nth_last_record(stream: &[u8], back: usize) -> &[u8] {
    let mut starts = Vec::new();
    let mut rest = stream;
    while let Some((_, behind)) = wire::split_record(rest) {
        starts.push(stream.len() - rest.len());
        rest = behind;
    }
    let whole = stream.len() - rest.len();
    starts.push(whole);
    match starts.len().checked_sub(back.max(1) + 1) {
        Some(i) => &stream[starts[i]..starts[i + 1]],
        None => &[],
    }
}
