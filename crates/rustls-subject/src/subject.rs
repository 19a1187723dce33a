use std::borrow::Cow;

use protocol::{
    Capability, Command, Habit, Hello, Io, Observation, Open, Role, Sink, Subject, Version,
};

use crate::context::Context;
use crate::{build, version, Crypto};

/// An interface of rustls.
pub(crate) struct Interface {
    pub(crate) name: &'static str,
    pub(crate) capabilities: &'static [Capability],
    pub(crate) habits: fn() -> Vec<Habit>,
    /// Opens the connection, or says what is not supported.
    pub(crate) open: fn(&Context, &Open<'_>) -> Opened,
}

/// A connection, or the reason why there is none.
pub(crate) type Opened = Result<Box<dyn Connection + Send>, String>;

/// A connection that executes commands.
pub(crate) trait Connection {
    /// Calls the implementation for the first time. A client sends first.
    fn start(&mut self, sink: &mut dyn Sink);

    /// Executes a command on the connection, and ends each of its pieces.
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink);

    /// Takes `bytes` from the transport in one piece, without a copy if possible, and leaves the
    /// vector empty.
    fn take(&mut self, bytes: &mut Vec<u8>, sink: &mut dyn Sink) {
        self.command(
            Command::Feed {
                bytes: bytes.as_slice().into(),
                cuts: Cow::Borrowed(&[]),
                io: Io::default(),
            },
            sink,
        );
        bytes.clear();
    }
}

/// rustls as a subject.
pub struct Rustls {
    interface: &'static Interface,
    crypto: Crypto,
    context: Option<Context>,
    connection: Option<Box<dyn Connection + Send>>,
}

impl Rustls {
    pub(crate) fn new(interface: &'static Interface) -> Self {
        Self {
            interface,
            crypto: Crypto::default(),
            context: None,
            connection: None,
        }
    }

    /// Uses `crypto` for contexts that are created from now on.
    #[must_use]
    pub fn over(self, crypto: Crypto) -> Self {
        Self { crypto, ..self }
    }

    fn open(&self, open: &Open<'_>) -> Opened {
        let context = self.context.as_ref();
        (self.interface.open)(context.ok_or("a connection without a context")?, open)
    }
}

impl Subject for Rustls {
    fn hello(&self) -> Hello {
        Hello {
            protocol: protocol::NEWEST,
            implementation: "rustls".into(),
            version: version().into(),
            api: self.interface.name.into(),
            crypto: self.crypto.name().into(),
            roles: vec![Role::Client, Role::Server],
            versions: vec![Version::Tls12, Version::Tls13],
            capabilities: self.interface.capabilities.to_vec(),
            habits: (self.interface.habits)(),
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
            command => match &mut self.connection {
                // The connection ends its pieces itself.
                Some(connection) => return connection.command(command, sink),
                None => unsupported("a command without a connection".into(), sink),
            },
        }
        sink.end_piece();
    }

    fn take(&mut self, bytes: &mut Vec<u8>, sink: &mut dyn Sink) {
        match &mut self.connection {
            Some(connection) => connection.take(bytes, sink),
            None => {
                unsupported("a command without a connection".into(), sink);
                sink.end_piece();
            }
        }
    }
}

/// How many bytes of content a record has, with the configured record size.
pub(crate) fn record_content(fragment_size: Option<usize>) -> usize {
    const HEADER: usize = 5;
    match fragment_size {
        Some(size) => size.saturating_sub(HEADER).max(1),
        None => 1 << 14,
    }
}

/// The pieces of the input, each with whether it is the last. Every byte is in exactly one of them,
/// in order, whatever the cuts are.
pub(crate) fn pieces<'a>(
    bytes: &'a [u8],
    cuts: &'a [usize],
) -> impl Iterator<Item = (&'a [u8], bool)> {
    let ends = cuts.iter().map(|end| (*end, false));
    let mut start = 0;
    ends.chain([(bytes.len(), true)]).map(move |(end, last)| {
        let end = end.clamp(start, bytes.len());
        let piece = &bytes[start..end];
        start = end;
        (piece, last)
    })
}

pub(crate) fn unsupported(what: String, sink: &mut dyn Sink) {
    sink.observe(Observation::Unsupported { what: what.into() });
}
