//! Plays a script between the peer and a subject.

mod recording;
mod sealing;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use closure::{Axes, Call, Cut, Delivered, Event, Profile, Setup, Transcript};
use peer::{Failure, LoggedSecret, MessageName, Peer, Session};
use protocol::{Begin, Bytes, Command, DEFAULT_CLOCK, HabitKind, Io, Open, Presented};
use wire::Epoch;

use sealing::Gap;

use crate::recorder::{MAX_OBSERVATIONS, Recorder, Travelling};
use crate::script::{App, Payload, Script, Shape, Step, Transport};
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
    /// The choices that hold for the run; those of the script come first.
    pub profile: Profile,
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
    /// How many steps made something happen.
    pub effective: usize,
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
    Player::new().play(play, port, transcript)
}

/// Plays scripts one after the other in the same memory.
#[derive(Debug, Default)]
pub struct Player {
    memory: Memory,
}

impl Player {
    /// A player that has not played anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Like [`play()`].
    ///
    /// # Errors
    ///
    /// As for [`play()`].
    pub fn play(
        &mut self,
        play: &Play<'_>,
        port: &mut dyn Port,
        transcript: &mut Transcript,
    ) -> Result<Played, Stop> {
        let begin = setup::begin(&play.script.settings, play.axes, play.profile);
        self.memory.clear();
        let mut run = Run {
            play,
            begin: &begin,
            port,
            transcript,
            memory: &mut self.memory,
        };
        let result = run.start().and_then(|()| run.steps(&play.script.steps));
        self.played(result, transcript)
    }

    /// The secrets of all connections of the last run, as an NSS key log has them.
    pub fn secrets(&self) -> impl Iterator<Item = &LoggedSecret> {
        let last = self.memory.peer.iter().flat_map(Peer::secrets);
        self.memory.secrets.iter().chain(last)
    }

    /// A run has come to its end, or to that of its subject.
    fn played(
        &self,
        result: Result<(), Stop>,
        transcript: &mut Transcript,
    ) -> Result<Played, Stop> {
        match result {
            Ok(()) => {}
            Err(Stop::Crash(_)) => transcript.push(Event::Crash),
            Err(Stop::Hang(_)) => transcript.push(Event::Hang),
            Err(stop @ Stop::Nonsense(_)) => return Err(stop),
        }
        let peer = self.memory.peer.as_ref();
        Ok(Played {
            peer_failure: peer.and_then(Peer::failure),
            effective: self.memory.effective,
        })
    }
}

/// All that a run changes, except for the transcript.
#[derive(Clone, Debug, Default)]
struct Memory {
    /// The peer of the current connection, once there is one.
    peer: Option<Peer>,
    stage: Stage,
    /// Sessions that the peer, as a client, could resume.
    sessions: Vec<Session>,
    /// The secrets of the connections before the current one.
    secrets: Vec<LoggedSecret>,
    /// The current connection's `ClientHello`, if it is the peer's.
    client_hello: Vec<u8>,
    connections: u64,
    effective: usize,
    /// How many seconds the script has let pass.
    elapsed: u64,
    /// What a step is about to say or write.
    scratch: Vec<u8>,
    /// Where a delivery is cut, and where the records in it end.
    cuts: Vec<usize>,
    ends: Vec<usize>,
}

impl Memory {
    fn clear(&mut self) {
        self.peer = None;
        self.stage.clear();
        self.sessions.clear();
        self.secrets.clear();
        self.client_hello.clear();
        self.connections = 0;
        self.effective = 0;
        self.elapsed = 0;
    }

    /// Becomes a clone of `other`, without giving memory back.
    fn restore(&mut self, other: &Self) {
        match (&mut self.peer, &other.peer) {
            (Some(peer), Some(other)) => peer.restore(other),
            (peer, other) => peer.clone_from(other),
        }
        self.stage.restore(&other.stage);
        self.sessions.clone_from(&other.sessions);
        self.secrets.clone_from(&other.secrets);
        self.client_hello.clone_from(&other.client_hello);
        self.connections = other.connections;
        self.effective = other.effective;
        self.elapsed = other.elapsed;
    }
}

/// What lies between the peer and the subject on one connection.
#[derive(Clone, Debug, Default)]
struct Stage {
    /// The peer's bytes on their way, and the records among them.
    out: Vec<u8>,
    travelling: Vec<Travelling>,
    held: bool,
    /// A record to be delivered behind the next one, and where it is in `history`.
    late: Option<(Range<usize>, Delivered)>,
    /// A record was lost or delayed: what follows is out of sequence.
    gap: Option<Gap>,
    /// A record was not whole: what follows is no row of records.
    misframed: bool,
    /// The keys that the handshake message on its way out belongs under.
    due: Option<Epoch>,
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
    /// How much of the running pattern the peer and the application have written.
    peer_offset: usize,
    app_offset: usize,
}

impl Stage {
    fn clear(&mut self) {
        static EMPTY: LazyLock<Stage> = LazyLock::new(Stage::default);
        self.restore(&EMPTY);
    }

    fn restore(&mut self, other: &Self) {
        let Self {
            out,
            travelling,
            held,
            late,
            gap,
            misframed,
            due,
            joined,
            edits,
            history,
            records,
            wire,
            partial,
            io,
            peer_offset,
            app_offset,
        } = other;
        self.out.clone_from(out);
        self.travelling.clone_from(travelling);
        self.held = *held;
        self.late.clone_from(late);
        self.gap = *gap;
        self.misframed = *misframed;
        self.due = *due;
        self.joined.clone_from(joined);
        self.edits.clone_from(edits);
        self.history.clone_from(history);
        self.records.clone_from(records);
        self.wire.clone_from(wire);
        self.partial = *partial;
        self.io = *io;
        self.peer_offset = *peer_offset;
        self.app_offset = *app_offset;
    }
}

/// Whether records may arrive in pieces.
fn in_pieces(cut: Cut) -> bool {
    !matches!(cut, Cut::Whole | Cut::PerRecord)
}

/// One run of a script.
struct Run<'a> {
    play: &'a Play<'a>,
    begin: &'a Begin,
    port: &'a mut dyn Port,
    transcript: &'a mut Transcript,
    memory: &'a mut Memory,
}

impl Run<'_> {
    fn start(&mut self) -> Result<(), Stop> {
        self.command(Command::Begin(Cow::Borrowed(self.begin)))
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), Stop> {
        for step in steps {
            if self.memory.peer.is_none() && !matches!(step, Step::Connect) {
                self.connect()?;
            }
            let before = (self.transcript.events().len(), self.memory.stage.out.len());
            match step {
                Step::Connect => self.connect()?,
                Step::Handshake { until } => self.handshake(*until)?,
                Step::Edit { message, shape } => {
                    self.memory.stage.edits.push((*message, shape.clone()));
                }
                Step::Peer { say, shape } => self.say(say, shape)?,
                Step::App(app) => self.app(app)?,
                Step::Transport(transport) => self.transport(transport)?,
            }
            let after = (self.transcript.events().len(), self.memory.stage.out.len());
            self.memory.effective += usize::from(after != before);
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<(), Stop> {
        let memory = &mut *self.memory;
        if let Some(mut last) = memory.peer.take() {
            memory.sessions.extend(last.take_sessions());
            memory.secrets.extend_from_slice(last.secrets());
        }
        memory.stage.clear();
        let settings = &self.play.script.settings;
        let axes = self.play.axes;
        let seed = self.play.seed.wrapping_add(memory.connections << 32);
        memory.connections += 1;
        let resume = memory.sessions.pop();
        let clock = CLOCK.saturating_add(memory.elapsed);
        memory.peer = Some(Peer::new(setup::peer(settings, axes, seed, clock, resume)));
        let mut early = Vec::new();
        if memory.connections > 1 {
            settings.early_write.write(0, &mut early);
        }
        self.transcript.open(Setup {
            role: axes.role,
            version: axes.version,
            habit: self.play.habit,
            pieces: in_pieces(axes.cut),
            profile: settings.profile(self.play.profile),
            early_written: early.len() as u32,
            record_size_limit: settings.record_size_limit,
            key_limit: settings.key_limit,
            fragment_size: settings.fragment_size,
            early_limit: match axes.role {
                protocol::Role::Client => 0,
                protocol::Role::Server => self.begin.early_data,
            },
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
            while let Some(next) = self.memory.peer.as_ref().and_then(Peer::next_message) {
                if until == Some(next.name) {
                    return self.flush();
                }
                if let Some(message) = self.memory.peer.as_mut().and_then(Peer::take_message) {
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

    fn app(&mut self, app: &App) -> Result<(), Stop> {
        let io = self.memory.stage.io;
        match app {
            App::Write(payload) => {
                let mut scratch = std::mem::take(&mut self.memory.scratch);
                scratch.clear();
                payload.write(self.memory.stage.app_offset, &mut scratch);
                if let Payload::Pattern(length) = payload {
                    self.memory.stage.app_offset += length;
                }
                let span = self.transcript.store(&scratch);
                self.transcript.push(Event::Called(Call::Write(span)));
                let bytes = scratch.as_slice().into();
                let result = self.command(Command::Write { bytes, io });
                self.memory.scratch = scratch;
                result
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
        let io = self.memory.stage.io;
        match transport {
            Transport::Hold => {
                self.memory.stage.held = true;
                Ok(())
            }
            Transport::Release => {
                self.memory.stage.held = false;
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
            Transport::Clock(seconds) => {
                let elapsed = &mut self.memory.elapsed;
                *elapsed = elapsed.saturating_add(*seconds);
                self.command(Command::AdvanceClock { seconds: *seconds })
            }
        }
    }

    fn end(&mut self, how: closure::Transport, command: Command<'_>) -> Result<(), Stop> {
        self.memory.stage.held = false;
        self.flush()?;
        self.transcript.push(Event::Transport {
            how,
            partial: self.memory.stage.partial,
        });
        self.command(command)
    }

    fn limit(&mut self, io: Io) {
        if io != self.memory.stage.io {
            self.memory.stage.io = io;
            self.transcript.push(Event::Limited(io));
        }
    }

    fn settle(&mut self, presented: Presented) -> Result<(), Stop> {
        self.transcript.push(Event::Called(Call::Settle(presented)));
        let io = self.memory.stage.io;
        self.command(Command::Settle { presented, io })
    }

    /// Delivers what is on its way, unless it is held back.
    fn flush(&mut self) -> Result<(), Stop> {
        if self.memory.stage.held || self.memory.stage.out.is_empty() {
            return Ok(());
        }
        let memory = &mut *self.memory;
        let mut out = std::mem::take(&mut memory.stage.out);
        let mut travelling = std::mem::take(&mut memory.stage.travelling);
        let mut cuts = std::mem::take(&mut memory.cuts);
        let done = memory.peer.as_ref().is_some_and(Peer::established);
        let cut = match done || self.play.handshake_too {
            true => self.play.axes.cut,
            false => Cut::Whole,
        };
        let ends = &mut memory.ends;
        ends.clear();
        ends.extend(travelling.iter().filter_map(|t| t.end));
        cut::cuts(cut, self.play.seed, out.len(), ends, &mut cuts);
        memory.stage.partial = (out.len() - ends.last().copied().unwrap_or(0)) as u32;
        let command = Command::Feed {
            bytes: Bytes::from(out.as_slice()),
            cuts: Cow::Borrowed(&cuts),
            io: memory.stage.io,
        };
        let result = self.command_with(command, &travelling, &cuts, out.len());
        // Nothing goes on its way while a delivery is under way.
        out.clear();
        travelling.clear();
        self.memory.stage.out = out;
        self.memory.stage.travelling = travelling;
        self.memory.cuts = cuts;
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
            peer: self.memory.peer.as_mut(),
            wire: &mut self.memory.stage.wire,
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

pub use recording::Recording;

/// The seconds since 1970 at which both sides' clocks start.
pub(crate) const CLOCK: u64 = DEFAULT_CLOCK;
