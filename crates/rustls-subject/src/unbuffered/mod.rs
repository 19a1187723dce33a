//! The driver over `rustls::unbuffered`.

mod application;
mod connection;
mod driver;
mod input;
mod output;
mod side;
mod writing;

use protocol::{
    Capability, Command, Hello, Observation, Open, Role, Sink, Subject, Tls12Close, Version,
};
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::Error;

use crate::context::Context;
use crate::habits::{self, Habit};
use crate::{build, version, Crypto};

use connection::Connection;
use driver::{Choices, Driver};
use side::{Client, Server};

const CAPABILITIES: &[Capability] = &[
    Capability::KeyUpdate,
    Capability::Tickets,
    Capability::Resumption,
    Capability::EarlyData,
    Capability::HalfRtt,
    Capability::KeyLimit,
    Capability::FragmentSize,
    Capability::Clock,
    Capability::Room,
    Capability::Read,
    Capability::Left,
    Capability::States,
    Capability::ClientAuth,
];

/// rustls' unbuffered API as a subject.
#[derive(Default)]
pub struct Unbuffered {
    crypto: Crypto,
    context: Option<Context>,
    connection: Option<Box<dyn Connection + Send>>,
}

impl Unbuffered {
    /// The same, with `crypto` doing the cryptography of the contexts to come.
    #[must_use]
    pub fn over(self, crypto: Crypto) -> Self {
        Self { crypto, ..self }
    }
}

impl Subject for Unbuffered {
    fn hello(&self) -> Hello {
        Hello {
            protocol: protocol::NEWEST,
            implementation: "rustls".into(),
            version: version().into(),
            api: "unbuffered".into(),
            crypto: self.crypto.name().into(),
            roles: vec![Role::Client, Role::Server],
            versions: vec![Version::Tls12, Version::Tls13],
            capabilities: CAPABILITIES.to_vec(),
            habits: habits::described(),
            build: build(),
        }
    }

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        match command {
            Command::Begin(begin) => {
                self.connection = None;
                #[cfg(feature = "toy")]
                if self.context.as_ref().is_some_and(|c| c.renew(&begin)) {
                    return sink.end_piece();
                }
                self.context = None;
                match Context::new(&begin, self.crypto) {
                    Ok(context) => self.context = Some(context),
                    Err(what) => unsupported(what, sink),
                }
            }
            Command::Open(open) => {
                self.connection = None;
                match self.open(&open) {
                    Ok(mut connection) => {
                        connection.start(sink);
                        self.connection = Some(connection);
                    }
                    Err(what) => unsupported(what, sink),
                }
            }
            Command::AdvanceClock { seconds } => match &self.context {
                Some(context) => context.advance_clock(seconds),
                None => unsupported("a clock without a context".into(), sink),
            },
            Command::Drop => self.connection = None,
            Command::Export { .. } => sink.observe(Observation::Unsupported {
                what: "exporting keying material: the unbuffered API has no call for it".into(),
            }),
            command => match &mut self.connection {
                // It ends its pieces itself.
                Some(connection) => return connection.command(command, sink),
                None => unsupported("a command without a connection".into(), sink),
            },
        }
        sink.end_piece();
    }
}

impl Unbuffered {
    fn open(&self, open: &Open<'_>) -> Result<Box<dyn Connection + Send>, String> {
        let context = self
            .context
            .as_ref()
            .ok_or("a connection without a context")?;
        let habit = Habit::by_name(&open.habit).ok_or(format!("the habit {}", open.habit))?;
        let choices = Choices {
            habit,
            habit_after_handshake: open.habit_after_handshake,
            early: open.early.to_vec(),
            fragment_size: context.fragment_size,
            full_close: context.tls12_close == Tls12Close::Full,
        };
        let said = |error: Error| error.to_string();
        Ok(match open.role {
            Role::Client => {
                let config = match open.early.is_empty() {
                    true => &context.client,
                    false => &context.early_client,
                };
                Box::new(Driver::<Client>::new(
                    UnbufferedClientConnection::new(config.clone(), context.name.clone())
                        .map_err(said)?,
                    choices,
                ))
            }
            Role::Server => Box::new(Driver::<Server>::new(
                UnbufferedServerConnection::new(context.server.clone()).map_err(said)?,
                choices,
            )),
        })
    }
}

fn unsupported(what: String, sink: &mut dyn Sink) {
    sink.observe(Observation::Unsupported { what: what.into() });
}
