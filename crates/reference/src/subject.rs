use protocol::{
    Build, Capability, Command, Hello, Observation, Open, Role, Sink, Subject, Version,
};

use crate::common::Common;
use crate::connection::Connection;
use crate::habit::{self, Habit};
use crate::{Fault, Met, Situation};

const CAPABILITIES: &[Capability] = &[
    Capability::KeyUpdate,
    Capability::Tickets,
    Capability::Resumption,
    Capability::EarlyData,
    Capability::HalfRtt,
    Capability::KeyLimit,
    Capability::FragmentSize,
    Capability::RecordSizeLimit,
    Capability::Export,
    Capability::Clock,
    Capability::Room,
    Capability::Read,
    Capability::Left,
    Capability::States,
    Capability::Wants,
    Capability::Helped,
    Capability::NativeEof,
    Capability::ClientAuth,
    Capability::CloseInHandshake,
];

/// The reference subject.
#[derive(Clone, Debug)]
pub struct Reference {
    fault: Option<Fault>,
    context: Option<Common>,
    connection: Option<Connection>,
    met: Vec<Meeting>,
}

/// A row of the table that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The situation, with its count as it was.
    pub situation: Situation,
    /// Its class and its context.
    pub met: Met,
    /// How often, on one connection.
    pub times: u32,
}

/// The panic payload of a bug that crashes or hangs, for the caller to catch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The subject crashed.
    Crash,
    /// The subject would never return.
    Hang,
}

impl Reference {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            fault,
            context: None,
            connection: None,
            met: Vec::new(),
        }
    }

    /// Every situation that was looked up in the table so far. A bug in any other row would have
    /// made no difference.
    pub fn met(&self) -> impl Iterator<Item = Situation> {
        self.meetings().map(|meeting| meeting.situation)
    }

    /// The same, with contexts and counts, connection by connection.
    pub fn meetings(&self) -> impl Iterator<Item = Meeting> {
        let current = self
            .connection
            .iter()
            .flat_map(|connection| &connection.met);
        self.met.iter().chain(current).copied()
    }

    /// Puts a fault into a subject that is under way.
    pub fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
        if let Some(connection) = &mut self.connection {
            connection.set_fault(fault);
        }
    }

    fn open(&mut self, open: &Open<'_>, sink: &mut dyn Sink) -> Result<Connection, String> {
        self.keep_sessions();
        let context = self
            .context
            .as_mut()
            .ok_or("a connection without a context")?;
        let habit = Habit::by_name(&open.habit).ok_or(format!("the habit {}", open.habit))?;
        let mut connection = Connection::new(context, open, habit, self.fault);
        connection.start(sink);
        Ok(connection)
    }

    /// Keeps the sessions of the last connection for the next one.
    fn keep_sessions(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        self.met.append(&mut connection.met);
        if let Some(context) = &mut self.context {
            context.sessions.append(&mut connection.take_sessions());
        }
    }
}

impl Subject for Reference {
    fn hello(&self) -> Hello {
        Hello {
            protocol: protocol::NEWEST,
            implementation: "reference".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            api: "unbuffered".into(),
            crypto: "peer".into(),
            roles: vec![Role::Client, Role::Server],
            versions: vec![Version::Tls12, Version::Tls13],
            capabilities: CAPABILITIES.to_vec(),
            habits: habit::described(),
            build: Build {
                debug_assertions: cfg!(debug_assertions),
                overflow_checks: cfg!(debug_assertions),
            },
        }
    }

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        match command {
            Command::Begin(begin) => {
                self.keep_sessions();
                self.context = Some(Common::new(begin.into_owned()));
            }
            Command::Open(open) => match self.open(&open, sink) {
                Ok(connection) => self.connection = Some(connection),
                Err(what) => unsupported(what, sink),
            },
            Command::AdvanceClock { seconds } => match &mut self.context {
                Some(context) => context.advance_clock(seconds),
                None => unsupported("a clock without a context".into(), sink),
            },
            Command::Drop => self.keep_sessions(),
            command => match &mut self.connection {
                // The connection ends its pieces itself.
                Some(connection) => return connection.command(command, sink),
                None => unsupported("a command without a connection".into(), sink),
            },
        }
        sink.end_piece();
    }
}

fn unsupported(what: String, sink: &mut dyn Sink) {
    sink.observe(Observation::Unsupported { what: what.into() });
}
