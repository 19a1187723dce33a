//! Plays a script between the peer and a subject.

mod sealing;

use std::borrow::Cow;

use closure::{Axes, Call, Cut, Delivered, Event, Setup, Transcript};
use peer::{Failure, MessageName, Peer, Session};
use protocol::{Begin, Bytes, Command, DEFAULT_CLOCK, HabitKind, Io, Open, Presented};
use wire::Epoch;

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

/// The seconds since 1970 at which both sides' clocks start.
pub(crate) const CLOCK: u64 = DEFAULT_CLOCK;
