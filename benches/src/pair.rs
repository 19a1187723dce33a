//! A client and a server in one process, and the transport between them.

use protocol::Begin;

use crate::planted;
use crate::stack::Stack;
use crate::wire::Wire;

/// One end of a connection, driven in the shortest loop that an integrator of its API could write.
/// Its cost in addition to API and cryptography is counted: see [`crate::gate::harness`].
///
/// Every call panics if the API does not do what is requested, because there is nothing to measure
/// then.
pub trait End {
    /// Writes application data.
    fn write(&mut self, content: &[u8], wire: &mut Wire);

    /// Closes its write half.
    fn close(&mut self, wire: &mut Wire);

    /// Reads `input`, writes what the API produces to `answer`, and returns how many bytes of the
    /// input it has used. The rest must be presented again, followed by more.
    fn read(&mut self, input: &mut [u8], answer: &mut Wire, seen: &mut Seen) -> usize;

    /// Whether the handshake is done, and was a resumption.
    fn is_resumed(&self) -> bool;
}

/// The source of client and server ends with one configuration.
pub trait Context {
    /// A client that has written its first message to `wire`.
    fn client(&self, wire: &mut Wire) -> Box<dyn End>;

    /// A server that waits for the client.
    fn server(&self) -> Box<dyn End>;
}

/// The bytes that an end has received.
#[derive(Debug, Default)]
pub struct Seen {
    /// Bytes of application data.
    pub data: usize,
    /// Whether the peer has closed its half.
    pub peer_closed: bool,
}

/// An end with what it has read, and its output that is still unread.
pub struct Seat {
    end: Box<dyn End>,
    /// The bytes that the end has received.
    pub seen: Seen,
    /// The bytes that the end has written.
    pub sent: Wire,
    /// How many pieces it has read, for a planted slowdown.
    pieces: usize,
}

impl Seat {
    fn new(end: Box<dyn End>, sent: Wire) -> Self {
        Self {
            end,
            seen: Seen::default(),
            sent,
            pieces: 0,
        }
    }

    /// Writes application data.
    #[inline]
    pub fn write(&mut self, content: &[u8]) {
        let before = self.sent.len();
        self.end.write(content, &mut self.sent);
        planted::copy(&mut self.sent, before);
    }

    /// Closes its write half.
    pub fn close(&mut self) {
        self.end.close(&mut self.sent);
    }

    /// Reads from `bytes`, and returns how many of them were used.
    #[inline]
    pub fn read(&mut self, bytes: &mut [u8]) -> usize {
        planted::quadratic(&mut self.pieces);
        self.end.read(bytes, &mut self.sent, &mut self.seen)
    }

    /// Reads everything that is waiting on `wire`.
    fn take(&mut self, wire: &mut Wire) {
        let read = self.read(wire.waiting());
        wire.read(read);
    }

    /// Whether the handshake was a resumption.
    pub fn is_resumed(&self) -> bool {
        self.end.is_resumed()
    }
}

/// A client and a server with a connection between them.
pub struct Pair {
    /// The side that starts the handshake.
    pub client: Seat,
    /// The side that answers.
    pub server: Seat,
}

impl Pair {
    /// Creates a connection, and completes the handshake.
    pub fn connected(stack: &Stack, begin: &Begin) -> Self {
        Self::of(&*(stack.context)(begin))
    }

    /// Creates a connection in an existing context, and completes the handshake.
    pub fn of(context: &dyn Context) -> Self {
        let mut sent = Wire::default();
        let client = context.client(&mut sent);
        let mut pair = Self {
            client: Seat::new(client, sent),
            server: Seat::new(context.server(), Wire::default()),
        };
        pair.exchange();
        pair
    }

    /// Delivers to each side what the other has sent, until both are silent.
    fn exchange(&mut self) {
        let Self { client, server } = self;
        while !client.sent.is_empty() || !server.sent.is_empty() {
            server.take(&mut client.sent);
            client.take(&mut server.sent);
        }
    }

    /// The client writes `content`, and the server reads it.
    pub fn to_server(&mut self, content: &[u8]) {
        self.client.write(content);
        self.server.take(&mut self.client.sent);
    }

    /// The server writes `content`, and the client reads it.
    pub fn to_client(&mut self, content: &[u8]) {
        self.server.write(content);
        self.client.take(&mut self.server.sent);
    }

    /// The client closes its half, and the server sees the close.
    ///
    /// # Panics
    ///
    /// If the server does not see it.
    pub fn close_client(&mut self) {
        self.client.close();
        self.server.take(&mut self.client.sent);
        assert!(
            self.server.seen.peer_closed,
            "the server has not seen the close"
        );
    }

    /// The server closes its half, and the client sees the close.
    ///
    /// # Panics
    ///
    /// If the client does not see it.
    pub fn close_server(&mut self) {
        self.server.close();
        self.client.take(&mut self.server.sent);
        assert!(
            self.client.seen.peer_closed,
            "the client has not seen the close"
        );
    }
}
