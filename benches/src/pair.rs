//! A client and a server in one process, and the transport between them.

use protocol::Begin;

use crate::planted;
use crate::stack::Stack;
use crate::wire::Wire;

/// One end of a connection, driven by the shortest loop that an integrator of its API could write.
/// What it costs beside the API and the cryptography is counted: see [`crate::gate::harness`].
///
/// Every call panics if the API does not do what it is asked for: there is then nothing to measure.
pub trait End {
    /// Writes application data.
    fn write(&mut self, content: &[u8], wire: &mut Wire);

    /// Closes the own half.
    fn close(&mut self, wire: &mut Wire);

    /// Reads what `input` has, writes to `answer` what it makes the API say, and returns how many
    /// bytes of the input are done with. The rest has to come again, with more behind it.
    fn read(&mut self, input: &mut [u8], answer: &mut Wire, seen: &mut Seen) -> usize;

    /// Whether the handshake is done, and was a resumption.
    fn is_resumed(&self) -> bool;
}

/// Where the ends of one configuration come from.
pub trait Context {
    /// A client that has said the first word.
    fn client(&self, wire: &mut Wire) -> Box<dyn End>;

    /// A server that waits.
    fn server(&self) -> Box<dyn End>;
}

/// What an end has read.
#[derive(Debug, Default)]
pub struct Seen {
    /// How many bytes of application data.
    pub data: usize,
    /// The peer has closed its half.
    pub peer_closed: bool,
}

/// An end, what it has read, and what it has written and nobody has read yet.
pub struct Seat {
    end: Box<dyn End>,
    /// What it has read.
    pub seen: Seen,
    /// What it has written.
    pub sent: Wire,
    /// How many pieces it has been given, if a slowdown is planted that needs it.
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

    /// Closes the own half.
    pub fn close(&mut self) {
        self.end.close(&mut self.sent);
    }

    /// Reads from `bytes`, and returns how many of them are done with.
    #[inline]
    pub fn read(&mut self, bytes: &mut [u8]) -> usize {
        planted::quadratic(&mut self.pieces);
        self.end.read(bytes, &mut self.sent, &mut self.seen)
    }

    /// Reads all that waits on `wire`.
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
    /// The one that speaks first.
    pub client: Seat,
    /// The one that answers.
    pub server: Seat,
}

impl Pair {
    /// A connection that has shaken hands.
    pub fn connected(stack: &Stack, begin: &Begin) -> Self {
        Self::of(&*(stack.context)(begin))
    }

    /// The same, in a context that may have had others.
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

    /// Delivers to each what the other has sent, until both are silent.
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

    /// The client closes its half, and the server hears of it.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn close_client(&mut self) {
        self.client.close();
        self.server.take(&mut self.client.sent);
        assert!(self.server.seen.peer_closed, "the server has not heard");
    }

    /// The server closes its half, and the client hears of it.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn close_server(&mut self) {
        self.server.close();
        self.client.take(&mut self.server.sent);
        assert!(self.client.seen.peer_closed, "the client has not heard");
    }
}
