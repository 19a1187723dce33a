//! A connection. It looks up every reaction in the table, and carries it out.

mod decide;
mod input;
mod output;
mod react;
mod record;
mod run;

use std::collections::VecDeque;

use peer::{Peer, Session};
use protocol::{
    ApiCall, Command, EarlyData, ErrorClass, Io, Observation, Open, Presented, Role, Sink,
    Tls12Close, Version,
};

use self::decide::Faulty;
use self::input::Input;
use self::output::Output;
use self::react::Matter;
use crate::common::Common;
use crate::habit::Habit;
use crate::reaction::Reaction;
use crate::situation::{Again, Call, Own, Phase, Situation};
use crate::{Fault, Meeting};

/// How often [`Habit::RepresentAfterError`] calls again.
const REPRESENTATIONS: usize = 5;

#[derive(Clone, Debug)]
pub(crate) struct Connection {
    faulty: Faulty,
    peer: Peer,
    role: Role,
    version: Version,
    choices: Choices,
    status: Status,
    input: Input,
    output: Output,
    /// Plaintext that waits for the application, and how much the application takes in this
    /// command.
    unread: VecDeque<u8>,
    budget: Option<usize>,
    /// Sessions that this connection leaves for later ones.
    sessions: Vec<Session>,
    /// The session to resume. It is used up, unless the connection fails and a bug keeps it.
    resumes: Option<Session>,
    /// Every row that was looked up in the table, once each.
    pub(crate) met: Vec<Meeting>,
}

/// The settings of a connection.
#[derive(Clone, Debug)]
struct Choices {
    habit: Habit,
    habit_after_handshake: bool,
    full_close: bool,
    half_rtt: bool,
    client_auth: bool,
    fragment_size: Option<usize>,
    record_size_limit: Option<u16>,
    key_limit: Option<u64>,
    /// The 0-RTT data that a client writes, and the limit for 0-RTT data.
    early: Vec<u8>,
    early_max: usize,
}

/// The state of the connection.
#[derive(Clone, Debug, Default)]
struct Status {
    handshake_done: bool,
    own_closed: bool,
    peer_closed: bool,
    truncated: bool,
    reset: bool,
    error_sent: bool,
    error_received: bool,
    failed: bool,
    /// Whether the failure was reported in this run.
    just_failed: bool,
    /// Whether the transport has ended, and the end was not handled yet.
    eof_due: bool,
    reset_due: bool,
    /// Whether a `KeyUpdate` is due before the next application data.
    answer_owed: bool,
    /// Whether a record was opened with the peer's keys.
    protected: bool,
    /// Whether the record that was just opened has padding.
    padded: bool,
    /// Whether the header of the current record lacks the type of a protected TLS 1.3 record.
    clear: bool,
    /// Whether the current record arrived in more than one piece.
    in_pieces: bool,
    early_received: usize,
    /// Whether the reaction left the record in the input.
    left: bool,
    counts: Counts,
    dropped: bool,
    fickle: bool,
}

/// How many records of each kind have arrived, in a row unless the name says otherwise.
#[derive(Clone, Debug, Default)]
struct Counts {
    empty: u16,
    canceled: u16,
    canceled_in_all: u16,
    warned: u16,
    warned_in_all: u16,
    key_updates: u16,
    renegotiations: u16,
    again: u16,
    last: Option<Again>,
}

impl Connection {
    pub(crate) fn new(
        context: &mut Common,
        open: &Open<'_>,
        habit: Habit,
        fault: Option<Fault>,
    ) -> Self {
        let version = context.version();
        let mut faulty = Faulty::new(fault);
        let mut met = Vec::new();
        let session = match open.role {
            Role::Client if !context.sessions.is_empty() => match faulty.resumes(&mut met) {
                Reaction::Proceed => context.take_session(),
                _ => None,
            },
            _ => None,
        };
        let offers = session.as_ref().is_some_and(|s| s.max_early_data > 0);
        let early = match (open.role, offers) {
            (Role::Client, true) => open.early.to_vec(),
            _ => Vec::new(),
        };
        let early_max = session.as_ref().map_or(0, |s| s.max_early_data);
        let begin = &context.begin;
        let choices = Choices {
            habit,
            habit_after_handshake: open.habit_after_handshake,
            full_close: begin.profile.tls12_close == Tls12Close::Full,
            half_rtt: begin.half_rtt && version == Version::Tls13,
            client_auth: begin.client_auth,
            fragment_size: begin.fragment_size,
            record_size_limit: begin.record_size_limit,
            key_limit: begin.key_limit,
            early_max: match open.role {
                Role::Client => early_max,
                Role::Server => begin.early_data,
            } as usize,
            early,
        };
        let resumes = session.clone();
        let config = context.config(open.role, session, !choices.early.is_empty());
        Self {
            faulty,
            peer: Peer::new(config),
            role: open.role,
            version,
            choices,
            status: Status::default(),
            input: Input::default(),
            output: Output::default(),
            unread: VecDeque::new(),
            budget: None,
            sessions: Vec::new(),
            resumes,
            met,
        }
    }

    /// The sessions for later connections.
    pub(crate) fn take_sessions(&mut self) -> Vec<Session> {
        let mut sessions = std::mem::take(&mut self.sessions);
        sessions.extend(self.resumes.take().filter(|_| self.phase().has_failed()));
        sessions
    }

    /// Starts the connection. A client sends first.
    pub(crate) fn start(&mut self, sink: &mut dyn Sink) {
        self.pump(sink);
        self.write_early(sink);
        self.idle(sink);
        self.flush(sink);
    }

    /// Executes a command on the connection, and ends each of its pieces.
    pub(crate) fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        let read = match &command {
            Command::Feed { bytes, .. } => bytes.len(),
            _ => 0,
        };
        match command {
            Command::Feed { bytes, cuts, io } => {
                self.limit(io, sink);
                let mut start = 0;
                for cut in cuts.iter() {
                    let end = (*cut).clamp(start, bytes.len());
                    self.feed(&bytes[start..end], false, sink);
                    sink.end_piece();
                    start = end;
                }
                self.feed(&bytes[start..], true, sink);
            }
            Command::Eof { io } => {
                self.limit(io, sink);
                self.status.eof_due = true;
                self.run(sink);
            }
            Command::Reset { io } => {
                self.limit(io, sink);
                self.status.reset_due = true;
                self.output.lose_transport();
                self.run(sink);
            }
            Command::Write { bytes, io } => {
                self.limit(io, sink);
                self.write(&bytes, sink);
            }
            Command::CloseWrite { io } => {
                self.limit(io, sink);
                self.close(sink);
            }
            Command::UpdateKeys { io } => {
                self.limit(io, sink);
                self.update_keys(sink);
            }
            Command::Settle { presented, io } => {
                self.limit(io, sink);
                let call = match presented {
                    Presented::Same => Call::Same,
                    Presented::Empty => Call::Empty,
                };
                self.call_again(call, sink);
            }
            Command::Export { length } => self.export(length, sink),
            Command::Begin(_) | Command::Open(_) | Command::AdvanceClock { .. } | Command::Drop => {
            }
        }
        self.afterwards(sink);
        self.flush(sink);
        self.report_helped(read, sink);
        self.report_wants(sink);
        self.report_left(sink);
        sink.end_piece();
    }

    fn limit(&mut self, io: Io, sink: &mut dyn Sink) {
        self.status.just_failed = false;
        self.status.dropped = false;
        self.output.set_room(io.room);
        self.budget = io.read;
        self.flush(sink);
        self.read(sink);
        self.catch_up(sink);
    }

    fn habit(&self) -> Habit {
        match self.choices.habit_after_handshake && !self.status.handshake_done {
            true => Habit::Plain,
            false => self.choices.habit,
        }
    }

    fn feed(&mut self, piece: &[u8], last: bool, sink: &mut dyn Sink) {
        self.status.just_failed = false;
        if self.habit() == Habit::EmptyCalls {
            self.call_again(Call::Empty, sink);
        }
        self.input.append(piece);
        if self.habit() == Habit::LateRead {
            let budget = self.budget.replace(0);
            self.run(sink);
            self.budget = budget;
            if !last {
                return;
            }
            self.read(sink);
        }
        self.run(sink);
        match self.habit() {
            Habit::RepeatCalls => self.call_again(Call::Same, sink),
            Habit::RepresentAfterError if self.phase().has_failed() => {
                for _ in 0..REPRESENTATIONS {
                    self.status.just_failed = false;
                    self.call_again(Call::Same, sink);
                }
            }
            _ => {}
        }
    }

    fn call_again(&mut self, call: Call, sink: &mut dyn Sink) {
        let situation = Situation::Call(call, self.phase());
        if !self.meet(situation, Matter::default(), sink) {
            return;
        }
        for _ in 0..self.rounds() {
            match call {
                Call::Empty => self.idle_showing_nothing(sink),
                _ => self.run(sink),
            }
        }
    }

    fn write(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        self.run(sink);
        let call = match bytes.is_empty() {
            true => Call::WriteNothing,
            false => Call::Write,
        };
        let matter = Matter {
            call: Some(ApiCall::Write),
            content: bytes.to_vec(),
            ..Matter::default()
        };
        if self.meet(Situation::Call(call, self.phase()), matter, sink) {
            for _ in 0..self.rounds() {
                self.write_now(bytes, sink);
            }
            // A KeyUpdate may have been sent first, with states of its own.
            self.idle(sink);
        }
    }

    fn write_now(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        if self.status.answer_owed && !bytes.is_empty() {
            self.status.answer_owed = false;
            self.follow(Situation::AnswerOwed(Call::Write), Matter::default(), sink);
        }
        let mut accepted = 0;
        for piece in bytes.chunks(self.max_content()) {
            if !self.key_allows(sink) {
                break;
            }
            self.queue(Own::Data, 23, piece.to_vec(), None);
            self.too_small(ApiCall::Write, sink);
            self.flush(sink);
            accepted += piece.len();
        }
        if accepted > 0 || bytes.is_empty() {
            sink.observe(Observation::Accepted { bytes: accepted });
        }
        if accepted < bytes.len() {
            refused(ApiCall::Write, ErrorClass::KeyExhausted, sink);
            // Both halves may be closed now.
            self.idle(sink);
        }
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        self.run(sink);
        let phase = self.phase();
        let matter = || Matter {
            call: Some(ApiCall::CloseWrite),
            ..Matter::default()
        };
        if self.output.is_blocked() && !self.meet(Situation::CloseBlocked(phase), matter(), sink) {
            return;
        }
        if self.meet(Situation::Call(Call::Close, phase), matter(), sink) {
            if self.status.answer_owed {
                self.follow(Situation::AnswerOwed(Call::Close), matter(), sink);
            }
            for _ in 0..self.rounds() {
                self.say_close(sink);
            }
            // Both halves may be closed now.
            self.idle(sink);
        }
    }

    fn update_keys(&mut self, sink: &mut dyn Sink) {
        self.run(sink);
        let matter = Matter {
            call: Some(ApiCall::UpdateKeys),
            ..Matter::default()
        };
        if self.version == Version::Tls12 {
            return refused(ApiCall::UpdateKeys, ErrorClass::NotNow, sink);
        }
        if self.meet(
            Situation::Call(Call::UpdateKeys, self.phase()),
            matter,
            sink,
        ) {
            if std::mem::take(&mut self.status.answer_owed) {
                self.say_key_update(Own::Answer, false, sink);
            }
            for _ in 0..self.rounds() {
                self.say_key_update(Own::KeyUpdate, true, sink);
            }
        }
    }

    fn export(&mut self, length: usize, sink: &mut dyn Sink) {
        let matter = Matter {
            call: Some(ApiCall::Export),
            ..Matter::default()
        };
        if !self.meet(Situation::Call(Call::Export, self.phase()), matter, sink) {
            return;
        }
        let mut bytes = vec![0; length];
        match self
            .peer
            .export(b"EXPERIMENTAL lastword", Some(b""), &mut bytes)
        {
            Some(Ok(())) => sink.observe(Observation::Exported {
                bytes: bytes.into(),
            }),
            _ => refused(ApiCall::Export, ErrorClass::NotNow, sink),
        }
    }

    fn phase(&self) -> Phase {
        let status = &self.status;
        let early = !status.handshake_done;
        match status {
            s if s.error_received => Phase::ErrorReceived,
            s if s.error_sent => Phase::ErrorSent,
            s if s.failed => Phase::FailedSilently,
            s if s.reset => Phase::Reset,
            s if s.own_closed && s.peer_closed => Phase::BothClosed,
            s if s.own_closed && s.truncated => Phase::OwnClosedTruncated,
            s if s.own_closed && early => Phase::OwnClosedEarly,
            s if s.own_closed => Phase::OwnClosed,
            s if s.peer_closed => Phase::PeerClosed,
            s if s.truncated => Phase::Truncated,
            _ if early && self.may_half_rtt() => Phase::HalfRtt,
            _ if early => Phase::Handshake,
            _ => Phase::Open,
        }
    }

    fn may_half_rtt(&self) -> bool {
        let application = matches!(self.peer.write_epoch(), wire::Epoch::Application(_));
        self.role == Role::Server && self.choices.half_rtt && application
    }

    fn note_handshake(&mut self, sink: &mut dyn Sink) {
        if self.status.handshake_done || !self.peer.established() || self.phase().has_failed() {
            return;
        }
        let negotiated = *self.peer.negotiated();
        if self.role == Role::Server
            && self.choices.client_auth
            && !negotiated.resumed
            && !negotiated.client_authenticated
        {
            let named = Some(wire::AlertDescription::CERTIFICATE_REQUIRED);
            let matter = Matter {
                named,
                ..Matter::default()
            };
            self.meet(Situation::HandshakeFails, matter, sink);
            return;
        }
        self.status.handshake_done = true;
        if !self.meet(Situation::HandshakeDone, Matter::default(), sink) {
            return;
        }
        for _ in 0..self.rounds() {
            sink.observe(Observation::HandshakeDone {
                version: self.version,
                suite: negotiated.suite.map_or(0, |suite| suite.id.0),
                resumed: negotiated.resumed,
                early: match negotiated.early_data {
                    None => EarlyData::None,
                    Some(true) => EarlyData::Accepted,
                    Some(false) => EarlyData::Rejected,
                },
            });
        }
    }
}

fn refused(call: ApiCall, class: ErrorClass, sink: &mut dyn Sink) {
    sink.observe(Observation::Refused {
        call,
        class,
        raw: "".into(),
    });
}
