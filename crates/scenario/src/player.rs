//! Plays a script between the peer and a subject.

use std::borrow::Cow;

use closure::{Axes, Call, Cut, Delivered, Event, Setup, Transcript};
use peer::{Corrupt, Draft, Failure, Message, MessageName, Peer, Session};
use protocol::{Begin, Bytes, Command, DEFAULT_CLOCK, HabitKind, Io, Open, Presented};
use wire::{ContentType, Epoch, Meaning, Reason};

use crate::recorder::{MAX_OBSERVATIONS, Recorder, Travelling};
use crate::script::{App, Payload, Say, Script, Shape, Step, Transport};
use crate::{Port, cut, setup};

/// What to play, and how.
#[derive(Clone, Debug)]
pub struct Play<'a> {
    /// What happens.
    pub script: &'a Script,
    /// What is varied.
    pub axes: &'a Axes,
    /// The kind of the habit among `axes`; none for the plain one.
    pub habit: Option<HabitKind>,
    /// The habit and cuts within records apply to the handshake too.
    pub handshake_too: bool,
    /// Where all that is random comes from.
    pub seed: u64,
}

/// How it went.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Why the peer could not go on with the last handshake, if it could not.
    pub peer_failure: Option<Failure>,
}

/// Why a subject no longer answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It died.
    #[error("the subject died: {0}")]
    Crash(String),
    /// It did not answer in time, or answered without end.
    #[error("the subject hung: {0}")]
    Hang(String),
    /// It answered something that the protocol does not allow. Never a verdict on the
    /// implementation: the harness itself is at fault.
    #[error("the subject answered nonsense: {0}")]
    Nonsense(String),
}

/// Plays a script against the subject behind `port`, and adds to `transcript` all that happens,
/// a crash or a hang included.
///
/// # Errors
///
/// Only [`Stop::Nonsense`]; what was written down so far remains.
pub fn play(
    play: &Play<'_>,
    port: &mut dyn Port,
    transcript: &mut Transcript,
) -> Result<Played, Stop> {
    let mut player = Player {
        play,
        port,
        transcript,
        peer: None,
        stage: Stage::default(),
        sessions: Vec::new(),
        client_hello: Vec::new(),
        connections: 0,
    };
    let result = player.run();
    let played = Played {
        peer_failure: player.peer.as_ref().and_then(Peer::failure),
    };
    match result {
        Ok(()) => Ok(played),
        Err(Stop::Crash(_)) => {
            transcript.push(Event::Crash);
            Ok(played)
        }
        Err(Stop::Hang(_)) => {
            transcript.push(Event::Hang);
            Ok(played)
        }
        Err(stop @ Stop::Nonsense(_)) => Err(stop),
    }
}

struct Player<'a> {
    play: &'a Play<'a>,
    port: &'a mut dyn Port,
    transcript: &'a mut Transcript,
    /// The peer of the current connection, once there is one.
    peer: Option<Peer>,
    stage: Stage,
    /// Sessions that the peer, as a client, could resume.
    sessions: Vec<Session>,
    /// The current connection's `ClientHello`, if it is the peer's.
    client_hello: Vec<u8>,
    connections: u64,
}

/// What lies between the peer and the subject on one connection.
#[derive(Default)]
struct Stage {
    /// The peer's bytes on their way, and the records among them.
    out: Vec<u8>,
    travelling: Vec<Travelling>,
    held: bool,
    /// A record to be delivered behind the next one.
    late: Option<(Vec<u8>, Delivered)>,
    /// A record of this epoch was lost or delayed: what follows is out of sequence.
    gap: Option<Epoch>,
    /// Content that shares a record with the next message.
    joined: Vec<u8>,
    /// Shapes of messages to come.
    edits: Vec<(MessageName, Shape)>,
    /// All records that the peer has sealed, with their ends, for replays.
    history: Vec<u8>,
    records: Vec<(usize, Delivered)>,
    /// All bytes that the subject has sent.
    wire: Vec<u8>,
    /// Bytes delivered behind the last whole record.
    partial: u32,
    io: Io,
    cuts: Vec<usize>,
    /// How much of the running pattern the peer and the application have written.
    peer_offset: usize,
    app_offset: usize,
}

impl Player<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let begin = setup::begin(&self.play.script.settings, self.play.axes);
        self.command(Command::Begin(Cow::Borrowed(&begin)))?;
        let script = self.play.script;
        for step in &script.steps {
            if self.peer.is_none() && !matches!(step, Step::Connect) {
                self.connect(&begin)?;
            }
            match step {
                Step::Connect => self.connect(&begin)?,
                Step::Handshake { until } => self.handshake(*until)?,
                Step::Edit { message, shape } => {
                    self.stage.edits.push((*message, shape.clone()));
                }
                Step::Peer { say, shape } => self.say(say, shape)?,
                Step::App(app) => self.app(app)?,
                Step::Transport(transport) => self.transport(transport)?,
            }
        }
        Ok(())
    }

    fn connect(&mut self, begin: &Begin) -> Result<(), Stop> {
        if let Some(mut last) = self.peer.take() {
            self.sessions.extend(last.take_sessions());
        }
        self.stage = Stage::default();
        let settings = &self.play.script.settings;
        let axes = self.play.axes;
        let seed = self.play.seed.wrapping_add(self.connections << 32);
        self.connections += 1;
        let resume = self.sessions.pop();
        self.peer = Some(Peer::new(setup::peer(settings, axes, seed, resume)));
        let mut early = Vec::new();
        if self.connections > 1 {
            settings.early_write.write(0, &mut early);
        }
        self.transcript.open(Setup {
            role: axes.role,
            version: axes.version,
            habit: self.play.habit,
            tls12_close: begin.profile.tls12_close,
            early_written: early.len() as u32,
        });
        self.command(Command::Open(Open {
            role: axes.role,
            early: early.into(),
            habit: Cow::Borrowed(&axes.habit),
            habit_after_handshake: !self.play.handshake_too,
        }))
    }

    /// Sends what the peer has to say until it waits for the subject, or is about to say `until`.
    fn handshake(&mut self, until: Option<MessageName>) -> Result<(), Stop> {
        loop {
            let mut moved = false;
            while let Some(next) = self.peer.as_ref().and_then(Peer::next_message) {
                if until == Some(next.name) {
                    return self.flush();
                }
                if let Some(message) = self.peer.as_mut().and_then(Peer::take_message) {
                    self.send_message(message);
                    moved = true;
                }
            }
            self.flush()?;
            if !moved {
                return Ok(());
            }
        }
    }

    fn send_message(&mut self, message: Message) {
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

    fn say(&mut self, say: &Say, shape: &Shape) -> Result<(), Stop> {
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
                let record = nth_last_record(&self.stage.wire, usize::from(*back)).to_vec();
                if !record.is_empty() {
                    self.send_raw(&record, Meaning::Invalid(Reason::Reflected));
                }
                return self.flush();
            }
        };
        self.seal_shaped(kind, content, shape);
        self.flush()
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

    fn app(&mut self, app: &App) -> Result<(), Stop> {
        let io = self.stage.io;
        match app {
            App::Write(payload) => {
                let mut bytes = Vec::with_capacity(payload.len());
                payload.write(self.stage.app_offset, &mut bytes);
                if let Payload::Pattern(length) = payload {
                    self.stage.app_offset += length;
                }
                let span = self.transcript.store(&bytes);
                self.transcript.push(Event::Called(Call::Write(span)));
                let bytes = bytes.into();
                self.command(Command::Write { bytes, io })
            }
            App::Close => {
                self.transcript.push(Event::Called(Call::CloseWrite));
                self.command(Command::CloseWrite { io })
            }
            App::UpdateKeys => {
                self.transcript.push(Event::Called(Call::UpdateKeys));
                self.command(Command::UpdateKeys { io })
            }
            App::Pause => {
                self.limit(Io {
                    read: Some(0),
                    ..io
                });
                Ok(())
            }
            App::Read(bytes) => {
                self.limit(Io {
                    read: Some(*bytes),
                    ..io
                });
                self.settle(Presented::Same)?;
                self.limit(Io {
                    read: Some(0),
                    ..io
                });
                Ok(())
            }
            App::Resume => {
                self.limit(Io { read: None, ..io });
                self.settle(Presented::Same)
            }
            App::Settle(presented) => self.settle(*presented),
            App::Export => {
                self.transcript.push(Event::Called(Call::Export));
                self.command(Command::Export { length: 32 })
            }
            App::Drop => {
                self.transcript.push(Event::Called(Call::Drop));
                self.command(Command::Drop)
            }
        }
    }

    fn transport(&mut self, transport: &Transport) -> Result<(), Stop> {
        let io = self.stage.io;
        match transport {
            Transport::Hold => {
                self.stage.held = true;
                Ok(())
            }
            Transport::Release => {
                self.stage.held = false;
                self.flush()
            }
            Transport::Fin => self.end(closure::Transport::Fin, Command::Eof { io }),
            Transport::Reset => self.end(closure::Transport::Reset, Command::Reset { io }),
            Transport::Block => {
                self.limit(Io {
                    room: Some(0),
                    ..io
                });
                Ok(())
            }
            Transport::Room(bytes) => {
                self.limit(Io {
                    room: Some(*bytes),
                    ..io
                });
                self.settle(Presented::Same)?;
                self.limit(Io {
                    room: Some(0),
                    ..io
                });
                Ok(())
            }
            Transport::Unblock => {
                self.limit(Io { room: None, ..io });
                self.settle(Presented::Same)
            }
            Transport::Clock(seconds) => self.command(Command::AdvanceClock { seconds: *seconds }),
        }
    }

    fn end(&mut self, how: closure::Transport, command: Command<'_>) -> Result<(), Stop> {
        self.stage.held = false;
        self.flush()?;
        self.transcript.push(Event::Transport {
            how,
            partial: self.stage.partial,
        });
        self.command(command)
    }

    fn limit(&mut self, io: Io) {
        if io != self.stage.io {
            self.stage.io = io;
            self.transcript.push(Event::Limited(io));
        }
    }

    fn settle(&mut self, presented: Presented) -> Result<(), Stop> {
        self.transcript.push(Event::Called(Call::Settle(presented)));
        let io = self.stage.io;
        self.command(Command::Settle { presented, io })
    }

    /// Delivers what is on its way, unless it is held back.
    fn flush(&mut self) -> Result<(), Stop> {
        if self.stage.held || self.stage.out.is_empty() {
            return Ok(());
        }
        let out = std::mem::take(&mut self.stage.out);
        let travelling = std::mem::take(&mut self.stage.travelling);
        let mut cuts = std::mem::take(&mut self.stage.cuts);
        let done = self.peer.as_ref().is_some_and(Peer::established);
        let cut = match done || self.play.handshake_too {
            true => self.play.axes.cut,
            false => Cut::Whole,
        };
        let ends: Vec<usize> = travelling.iter().filter_map(|t| t.end).collect();
        cut::cuts(cut, self.play.seed, out.len(), &ends, &mut cuts);
        self.stage.partial = (out.len() - ends.last().copied().unwrap_or(0)) as u32;
        let command = Command::Feed {
            bytes: Bytes::from(out.as_slice()),
            cuts: Cow::Borrowed(&cuts),
            io: self.stage.io,
        };
        let result = self.command_with(command, &travelling, &cuts, out.len());
        self.stage.cuts = cuts;
        result
    }

    fn command(&mut self, command: Command<'_>) -> Result<(), Stop> {
        self.command_with(command, &[], &[], 0)
    }

    fn command_with(
        &mut self,
        command: Command<'_>,
        travelling: &[Travelling],
        pieces: &[usize],
        last: usize,
    ) -> Result<(), Stop> {
        let mut recorder = Recorder {
            transcript: self.transcript,
            peer: self.peer.as_mut(),
            wire: &mut self.stage.wire,
            travelling,
            pieces,
            last,
            piece: 0,
            observations: 0,
        };
        recorder.deliver_piece();
        self.port.command(command, &mut recorder)?;
        match recorder.observations > MAX_OBSERVATIONS {
            true => Err(Stop::Hang(
                "more observations than any command can cause".into(),
            )),
            false => Ok(()),
        }
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

/// The seconds since 1970 at which both sides' clocks start.
pub(crate) const CLOCK: u64 = DEFAULT_CLOCK;
