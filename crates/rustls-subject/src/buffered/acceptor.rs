use std::io::{self, ErrorKind};
use std::sync::Arc;

use protocol::{ApiCall, Command, End, ErrorClass, Io, Observation, Sink};
use rustls::server::{Acceptor, ServerConnection};
use rustls::ServerConfig;

use super::driver::{Choices, Driver};
use super::transport::Transport;
use crate::errors;
use crate::subject::{pieces, Connection};

/// A server that reads the `ClientHello` before it has a configuration.
pub(super) struct Accepting {
    config: Arc<ServerConfig>,
    phase: Phase,
}

enum Phase {
    Waiting(Box<Waiting>),
    Accepted(Box<Driver<ServerConnection>>),
    Failed,
}

struct Waiting {
    acceptor: Acceptor,
    transport: Transport,
    choices: Choices,
    /// What the application and the transport allow in this command.
    io: Io,
}

impl Accepting {
    pub(super) fn new(config: Arc<ServerConfig>, choices: Choices) -> Self {
        Self {
            config,
            phase: Phase::Waiting(Box::new(Waiting {
                acceptor: Acceptor::default(),
                transport: Transport::new(choices.habit.transport),
                choices,
                io: Io::default(),
            })),
        }
    }

    fn take_in(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        match &mut self.phase {
            Phase::Waiting(waiting) => {
                waiting.transport.arrive(piece);
                self.accept(sink);
            }
            Phase::Accepted(driver) => driver.take_in(piece, sink),
            Phase::Failed => {}
        }
    }

    /// Reads until there is a `ClientHello`, or nothing more to read.
    fn accept(&mut self, sink: &mut dyn Sink) {
        while let Phase::Waiting(waiting) = &mut self.phase {
            match waiting.acceptor.read_tls(&mut waiting.transport) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(0) => return self.fail(None, sink),
                Err(error) => return self.fail(Some(&error), sink),
                Ok(_) => {}
            }
            match waiting.acceptor.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => {
                    let Phase::Waiting(waiting) = std::mem::replace(&mut self.phase, Phase::Failed)
                    else {
                        return;
                    };
                    let Waiting {
                        transport,
                        choices,
                        io,
                        ..
                    } = *waiting;
                    match accepted.into_connection(Arc::clone(&self.config)) {
                        Ok(connection) => {
                            let mut driver = Driver::over(connection, transport, choices);
                            driver.begin(io);
                            driver.process(sink);
                            driver.run(sink);
                            self.phase = Phase::Accepted(Box::new(driver));
                        }
                        Err((error, mut alert)) => {
                            let mut transport = transport;
                            while matches!(alert.write(&mut transport), Ok(1..)) {}
                            sink.observe(errors::failed(&error));
                            transport.report(sink);
                        }
                    }
                }
                Err((error, mut alert)) => {
                    while matches!(alert.write(&mut waiting.transport), Ok(1..)) {}
                    sink.observe(errors::failed(&error));
                    waiting.transport.report(sink);
                    self.phase = Phase::Failed;
                }
            }
        }
    }

    /// Fails because there will be no `ClientHello`.
    fn fail(&mut self, error: Option<&io::Error>, sink: &mut dyn Sink) {
        self.phase = Phase::Failed;
        let raw = match error {
            Some(error) => error.to_string(),
            None => "the transport ended during the handshake".into(),
        };
        sink.observe(Observation::Failed {
            class: ErrorClass::HandshakeEof,
            alert: None,
            raw: raw.into(),
        });
    }
}

impl Connection for Accepting {
    fn start(&mut self, _: &mut dyn Sink) {}

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        let waiting = match &mut self.phase {
            Phase::Accepted(driver) if !matches!(command, Command::Feed { .. }) => {
                return driver.command(command, sink);
            }
            Phase::Accepted(_) | Phase::Failed => None,
            Phase::Waiting(waiting) => Some(waiting),
        };
        match (command, waiting) {
            (Command::Feed { bytes, cuts, io }, waiting) => {
                if let Some(waiting) = waiting {
                    waiting.io = io;
                    waiting.transport.set_room(io.room);
                } else if let Phase::Accepted(driver) = &mut self.phase {
                    driver.begin(io);
                }
                for (piece, last) in pieces(&bytes, &cuts) {
                    self.take_in(piece, sink);
                    if !last {
                        sink.end_piece();
                    }
                }
            }
            (Command::Eof { .. }, Some(waiting)) => {
                waiting.transport.end(End::Truncated);
                self.accept(sink);
            }
            (Command::Reset { .. }, Some(waiting)) => {
                waiting.transport.end(End::Reset);
                self.accept(sink);
            }
            (command, _) => {
                if let Some(call) = call(&command) {
                    let (class, raw) = match self.phase {
                        Phase::Failed => (ErrorClass::AlreadyFailed, "the acceptor has failed"),
                        _ => (ErrorClass::NotNow, "the acceptor has no such call"),
                    };
                    sink.observe(Observation::Refused {
                        call,
                        class,
                        raw: raw.into(),
                    });
                }
            }
        }
        sink.end_piece();
    }
}

/// The API call for a command.
fn call(command: &Command<'_>) -> Option<ApiCall> {
    match command {
        Command::Write { .. } => Some(ApiCall::Write),
        Command::CloseWrite { .. } => Some(ApiCall::CloseWrite),
        Command::UpdateKeys { .. } => Some(ApiCall::UpdateKeys),
        Command::Export { .. } => Some(ApiCall::Export),
        _ => None,
    }
}
