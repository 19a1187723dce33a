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

use crate::recorder::{MAX_OBSERVATIONS, Recorder, Travelling};
use crate::script::{App, Payload, Script, Shape, Step, Transport};
use crate::{Port, cut, setup};

/// A script to play, and the parameters of the run.
#[derive(Clone, Debug)]
pub struct Play<'a> {
    /// The script.
    pub script: &'a Script,
    /// The axes of the instance.
    pub axes: &'a Axes,
    /// The kind of the habit in `axes`. `None` for the plain habit.
    pub habit: Option<HabitKind>,
    /// The profile of the run. The choices of the script take precedence.
    pub profile: Profile,
    /// Whether the habit and cuts within records also apply to the handshake.
    pub handshake_too: bool,
    /// The seed of all random values.
    pub seed: u64,
}

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The reason why the peer could not continue the last handshake, if it could not.
    pub peer_failure: Option<Failure>,
    /// The number of steps that had an effect.
    pub effective: usize,
}

/// The reason why a run stopped early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The subject died.
    #[error("the subject died: {0}")]
    Crash(String),
    /// The subject did not answer in time, or its answer did not end.
    #[error("the subject hung: {0}")]
    Hang(String),
    /// The answer violates the protocol. This is never a verdict on the implementation: the harness
    /// is at fault.
    #[error("the subject sent an invalid answer: {0}")]
    Nonsense(String),
}

/// Plays a script against the subject behind `port` and records all events in `transcript`,
/// including a crash or a hang.
///
/// # Errors
///
/// Returns only [`Stop::Nonsense`]. The transcript keeps the events so far.
pub fn play(
    play: &Play<'_>,
    port: &mut dyn Port,
    transcript: &mut Transcript,
) -> Result<Played, Stop> {
    Player::new().play(play, port, transcript)
}

/// Plays scripts one after the other and reuses its memory.
#[derive(Debug, Default)]
pub struct Player {
    memory: Memory,
}

impl Player {
    /// Creates a player.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plays a script; see [`play()`].
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
        let result = result.and_then(|()| run.finish());
        self.played(result, transcript)
    }

    /// Returns the secrets of all connections of the last run, as in an NSS key log.
    pub fn secrets(&self) -> impl Iterator<Item = &LoggedSecret> {
        let last = self.memory.peer.iter().flat_map(Peer::secrets);
        self.memory.secrets.iter().chain(last)
    }

    /// Records how a run ended, and returns the outcome.
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

/// The state that a run changes, except for the transcript.
#[derive(Clone, Debug, Default)]
struct Memory {
    /// The peer of the current connection, once there is one.
    peer: Option<Peer>,
    stage: Stage,
    /// The sessions that the peer can resume as a client.
    sessions: Vec<Session>,
    /// The secrets of the connections before the current one.
    secrets: Vec<LoggedSecret>,
    /// The current connection's `ClientHello`, if it is the peer's.
    client_hello: Vec<u8>,
    connections: u64,
    effective: usize,
    /// The number of seconds by which the script has advanced the clock.
    elapsed: u64,
    /// A buffer for the bytes that a step says or writes.
    scratch: Vec<u8>,
    /// Buffers for the offsets at which a delivery is cut, and at which its records end.
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

    /// Clones `other` into `self` without releasing memory.
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

/// The state of one connection between the peer and the subject.
#[derive(Clone, Debug, Default)]
struct Stage {
    /// The peer's bytes in flight, and the records among them.
    out: Vec<u8>,
    travelling: Vec<Travelling>,
    held: bool,
    /// A record to be delivered after the next one, and its range in `history`.
    late: Option<(Range<usize>, Delivered)>,
    /// The epoch of the current handshake message.
    due: Option<Epoch>,
    /// Content to be sent in one record with the next message.
    joined: Vec<u8>,
    /// The shapes of later messages.
    edits: Vec<(MessageName, Shape)>,
    /// All records that the peer has sealed, and their ends, for replays.
    history: Vec<u8>,
    records: Vec<(usize, Delivered)>,
    /// All bytes that the subject has sent.
    wire: Vec<u8>,
    /// The number of bytes delivered after the last complete record.
    partial: u32,
    io: Io,
    /// The offsets of the peer and the application in the running pattern.
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

/// Returns whether records may arrive in pieces.
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

    /// Frees the transport and reads everything at the end of the script, so that what waited for
    /// either becomes due.
    fn finish(&mut self) -> Result<(), Stop> {
        let last = self.transcript.connections().next_back();
        let dropped = last.is_none_or(|last| {
            last.ledger().now().application == closure::ledger::Application::Dropped
        });
        if dropped || self.memory.stage.io == Io::default() {
            return Ok(());
        }
        self.limit(Io::default());
        self.settle(Presented::Same)
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

    /// Sends the peer's messages until it waits for the subject, or until its next message is
    /// `until`.
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

    /// Delivers the bytes in flight, unless they are held back.
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
        // Nothing is queued during a delivery.
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
                "the subject reported more observations than a command can cause".into(),
            )),
            false => Ok(()),
        }
    }
}

pub use recording::Recording;

/// The start of both sides' clocks, in seconds since 1970.
pub(crate) const CLOCK: u64 = DEFAULT_CLOCK;
