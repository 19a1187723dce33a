//! A client and a server in one process, and the transport between them.

use std::borrow::Cow;

use protocol::{Begin, Command, End, Io, Observation, Open, PLAIN_HABIT, Role, Sink, Subject};

use crate::planted;
use crate::stack::Stack;

/// A client and a server, driven as the conformance suite drives them.
pub struct Pair {
    /// The one that speaks first.
    pub client: Seat,
    /// The one that answers.
    pub server: Seat,
}

/// A subject, and what has come of it.
pub struct Seat {
    /// The subject.
    pub subject: Box<dyn Subject>,
    /// What it has done.
    pub seen: Seen,
}

/// What a subject has done.
#[derive(Default)]
pub struct Seen {
    /// What it has sent, for the transport to deliver.
    pub sent: Vec<u8>,
    /// How many bytes of application data it has delivered.
    pub data: usize,
    /// The peer has closed its half.
    pub peer_closed: bool,
    /// The handshake was a resumption.
    pub resumed: bool,
    /// How many pieces it has been given.
    pieces: usize,
    /// How it has failed, if it has.
    trouble: Option<String>,
}

impl Sink for Seen {
    fn observe(&mut self, observation: Observation<'_>) {
        match observation {
            Observation::Sent { bytes } => {
                planted::copy(&bytes);
                self.sent.extend_from_slice(&bytes);
            }
            Observation::Data { bytes } => self.data += bytes.len(),
            Observation::End { how: End::Clean } => self.peer_closed = true,
            Observation::HandshakeDone { resumed, .. } => self.resumed = resumed,
            trouble @ (Observation::Failed { .. }
            | Observation::Refused { .. }
            | Observation::End { .. }
            | Observation::Unsupported { .. }) => self.trouble = Some(format!("{trouble:?}")),
            _ => {}
        }
    }

    fn end_piece(&mut self) {
        self.pieces += 1;
        planted::quadratic(self.pieces);
    }
}

/// Counts the bytes that are sent, and lets nobody read them.
struct Unread(usize);

impl Sink for Unread {
    fn observe(&mut self, observation: Observation<'_>) {
        if let Observation::Sent { bytes } = observation {
            planted::copy(&bytes);
            self.0 += std::hint::black_box(&bytes).len();
        }
    }

    fn end_piece(&mut self) {}
}

impl Seat {
    fn new(stack: &Stack) -> Self {
        Self {
            subject: (stack.subject)(),
            seen: Seen::default(),
        }
    }

    /// Carries out one command.
    ///
    /// # Panics
    ///
    /// If the subject reports anything that is not as it should be: there is then nothing to
    /// measure.
    pub fn tell(&mut self, command: Command<'_>) {
        self.subject.command(command, &mut self.seen);
        assert_eq!(self.seen.trouble, None, "a subject did not do as told");
    }

    /// Writes application data.
    pub fn write(&mut self, bytes: &[u8]) {
        self.tell(Command::Write {
            bytes: bytes.into(),
            io: Io::default(),
        });
    }

    /// Writes application data that nobody reads, and returns how many bytes of TLS that made. The
    /// connection is then good for more of the same, and for nothing else.
    pub fn write_unread(&mut self, bytes: &[u8]) -> usize {
        let mut unread = Unread(0);
        let io = Io::default();
        self.subject.command(
            Command::Write {
                bytes: bytes.into(),
                io,
            },
            &mut unread,
        );
        unread.0
    }

    /// Closes the own half.
    pub fn close(&mut self) {
        self.tell(Command::CloseWrite { io: Io::default() });
    }

    /// Takes bytes from the transport, in pieces that end at `cuts`.
    pub fn feed(&mut self, bytes: &[u8], cuts: &[usize]) {
        self.tell(Command::Feed {
            bytes: bytes.into(),
            cuts: Cow::Borrowed(cuts),
            io: Io::default(),
        });
    }

    /// Takes all of `bytes` from the transport, and leaves it empty.
    pub fn take(&mut self, bytes: &mut Vec<u8>) {
        self.subject.take(bytes, &mut self.seen);
        assert_eq!(self.seen.trouble, None, "a subject did not do as told");
    }
}

impl Pair {
    /// Two contexts, and no connection.
    pub fn new(stack: &Stack, begin: &Begin) -> Self {
        let mut pair = Self {
            client: Seat::new(stack),
            server: Seat::new(stack),
        };
        pair.client.tell(Command::Begin(Cow::Borrowed(begin)));
        pair.server.tell(Command::Begin(Cow::Borrowed(begin)));
        pair
    }

    /// Two contexts, and a connection that has shaken hands.
    pub fn connected(stack: &Stack, begin: &Begin) -> Self {
        let mut pair = Self::new(stack, begin);
        pair.connect();
        pair
    }

    /// Makes a connection, and shakes hands.
    pub fn connect(&mut self) {
        self.server.seen = Seen::default();
        self.client.seen = Seen::default();
        self.server.tell(open(Role::Server));
        self.client.tell(open(Role::Client));
        self.exchange();
    }

    /// Delivers to each what the other has sent, until both are silent.
    pub fn exchange(&mut self) {
        let Self { client, server } = self;
        while !client.seen.sent.is_empty() || !server.seen.sent.is_empty() {
            server.take(&mut client.seen.sent);
            client.take(&mut server.seen.sent);
        }
    }

    /// The client writes `bytes`, and the server reads them.
    pub fn to_server(&mut self, bytes: &[u8]) {
        self.client.write(bytes);
        self.server.take(&mut self.client.seen.sent);
    }

    /// The server writes `bytes`, and the client reads them.
    pub fn to_client(&mut self, bytes: &[u8]) {
        self.server.write(bytes);
        self.client.take(&mut self.server.seen.sent);
    }

    /// The client closes its half, and the server hears of it.
    pub fn close_client(&mut self) {
        self.client.close();
        self.server.take(&mut self.client.seen.sent);
        assert!(self.server.seen.peer_closed);
    }

    /// The server closes its half, and the client hears of it.
    pub fn close_server(&mut self) {
        self.server.close();
        self.client.take(&mut self.server.seen.sent);
        assert!(self.client.seen.peer_closed);
    }
}

fn open(role: Role) -> Command<'static> {
    Command::Open(Open {
        role,
        early: protocol::Bytes::default(),
        habit: PLAIN_HABIT.into(),
        habit_after_handshake: false,
    })
}
