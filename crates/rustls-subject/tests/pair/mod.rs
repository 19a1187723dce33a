//! Two subjects connected to each other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "tests may panic, and not every test file uses all of this"
)]

use std::borrow::Cow;

use protocol::{
    Begin, Command, End, ErrorClass, Habit, HabitKind, Io, Observation, Open, Pki, Presented, Role,
    Sink, Subject, Version, PLAIN_HABIT,
};
use rustls_subject::Rustls;

/// All observations of a subject.
#[derive(Default)]
pub struct Log {
    pub seen: Vec<Observation<'static>>,
    pub pieces: usize,
}

impl Sink for Log {
    fn observe(&mut self, observation: Observation<'_>) {
        self.seen.push(observation.into_owned());
    }

    fn end_piece(&mut self) {
        self.pieces += 1;
    }
}

impl Log {
    pub fn sent(&self) -> Vec<u8> {
        self.bytes(|o| match o {
            Observation::Sent { bytes } => Some(bytes),
            _ => None,
        })
    }

    pub fn data(&self) -> Vec<u8> {
        self.bytes(|o| match o {
            Observation::Data { bytes } => Some(bytes),
            _ => None,
        })
    }

    pub fn early(&self) -> Vec<u8> {
        self.bytes(|o| match o {
            Observation::EarlyData { bytes } => Some(bytes),
            _ => None,
        })
    }

    fn bytes(
        &self,
        pick: impl for<'a> Fn(&'a Observation<'static>) -> Option<&'a protocol::Bytes<'static>>,
    ) -> Vec<u8> {
        let picked = self.seen.iter().filter_map(pick);
        picked.flat_map(|bytes| bytes.iter().copied()).collect()
    }

    pub fn count(&self, pick: impl Fn(&Observation<'static>) -> bool) -> usize {
        self.seen.iter().filter(|o| pick(o)).count()
    }

    pub fn ends(&self) -> Vec<End> {
        let ends = self.seen.iter().filter_map(|o| match o {
            Observation::End { how } => Some(*how),
            _ => None,
        });
        ends.collect()
    }

    pub fn failures(&self) -> Vec<ErrorClass> {
        let failures = self.seen.iter().filter_map(|o| match o {
            Observation::Failed { class, .. } => Some(*class),
            _ => None,
        });
        failures.collect()
    }

    pub fn refusals(&self) -> Vec<ErrorClass> {
        let refusals = self.seen.iter().filter_map(|o| match o {
            Observation::Refused { class, .. } => Some(*class),
            _ => None,
        });
        refusals.collect()
    }

    /// `(resumed, early)` of the only handshake.
    pub fn handshake(&self) -> (bool, protocol::EarlyData) {
        let mut done = self.seen.iter().filter_map(|o| match o {
            Observation::HandshakeDone { resumed, early, .. } => Some((*resumed, *early)),
            _ => None,
        });
        let first = done.next().unwrap();
        assert_eq!(done.next(), None);
        first
    }
}

/// A subject and its observations.
pub struct Seat {
    pub subject: Rustls,
    pub log: Log,
}

impl Seat {
    /// Executes one command. Returns what the subject sent.
    pub fn tell(&mut self, command: Command<'_>) -> Vec<u8> {
        let mut log = Log::default();
        self.subject.command(command, &mut log);
        let sent = log.sent();
        self.log.seen.append(&mut log.seen);
        self.log.pieces += log.pieces;
        sent
    }

    pub fn write(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.tell(Command::Write {
            bytes: bytes.into(),
            io: Io::default(),
        })
    }

    pub fn close(&mut self) -> Vec<u8> {
        self.tell(Command::CloseWrite { io: Io::default() })
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.feed_within(bytes, Io::default())
    }

    pub fn feed_within(&mut self, bytes: &[u8], io: Io) -> Vec<u8> {
        self.tell(Command::Feed {
            bytes: bytes.into(),
            cuts: Cow::Borrowed(&[]),
            io,
        })
    }

    pub fn settle(&mut self, presented: Presented, io: Io) -> Vec<u8> {
        self.tell(Command::Settle { presented, io })
    }
}

/// A client and a server.
pub struct Pair {
    pub client: Seat,
    pub server: Seat,
    /// Whether the transport delivers byte by byte.
    pub bytewise: bool,
}

impl Pair {
    pub fn new(begin: &Begin) -> Self {
        Self::of([rustls_subject::unbuffered; 2], begin)
    }

    /// A pair of these subjects: client and server.
    pub fn of([client, server]: [fn() -> Rustls; 2], begin: &Begin) -> Self {
        let seat = |subject: fn() -> Rustls| {
            let mut seat = Seat {
                subject: subject(),
                log: Log::default(),
            };
            seat.tell(Command::Begin(Cow::Borrowed(begin)));
            assert_eq!(seat.log.seen, []);
            seat
        };
        Self {
            client: seat(client),
            server: seat(server),
            bytewise: false,
        }
    }

    /// A pair that has completed a handshake.
    pub fn connected(begin: &Begin) -> Self {
        let mut pair = Self::new(begin);
        pair.connect(PLAIN_HABIT, b"");
        pair
    }

    /// Opens a connection at both ends and completes the handshake.
    pub fn connect(&mut self, habit: &str, early: &[u8]) {
        self.client.log = Log::default();
        self.server.log = Log::default();
        self.server.tell(open(Role::Server, habit, b""));
        let hello = self.client.tell(open(Role::Client, habit, early));
        self.serve(&hello);
        self.client.log.handshake();
        self.server.log.handshake();
    }

    /// Delivers `bytes` to the server, and everything that follows to both sides.
    pub fn serve(&mut self, bytes: &[u8]) {
        let answer = deliver(&mut self.server, bytes, self.bytewise);
        if !answer.is_empty() {
            self.answer(&answer);
        }
    }

    pub fn answer(&mut self, bytes: &[u8]) {
        let answer = deliver(&mut self.client, bytes, self.bytewise);
        if !answer.is_empty() {
            self.serve(&answer);
        }
    }
}

fn deliver(seat: &mut Seat, bytes: &[u8], bytewise: bool) -> Vec<u8> {
    let cuts: Vec<usize> = match bytewise {
        true => (1..bytes.len()).collect(),
        false => Vec::new(),
    };
    let before = seat.log.pieces;
    let answer = seat.tell(Command::Feed {
        bytes: bytes.into(),
        cuts: cuts.as_slice().into(),
        io: Io::default(),
    });
    assert_eq!(seat.log.pieces - before, cuts.len() + 1);
    answer
}

pub fn open(role: Role, habit: &str, early: &[u8]) -> Command<'static> {
    Command::Open(Open {
        role,
        early: early.to_vec().into(),
        habit: habit.to_owned().into(),
        habit_after_handshake: false,
    })
}

pub fn begin(version: Version) -> Begin {
    Begin {
        pki: Box::new(Pki {
            roots: include_str!("../../../peer/pki/ca.pem").into(),
            server_chain: include_str!("../../../peer/pki/server.pem").into(),
            server_key: include_str!("../../../peer/pki/server.key.pem").into(),
            client_chain: include_str!("../../../peer/pki/client.pem").into(),
            client_key: include_str!("../../../peer/pki/client.key.pem").into(),
            server_name: "lastword.test".into(),
        }),
        versions: vec![version],
        suites: vec![],
        groups: vec![],
        tickets: 0,
        early_data: 0,
        half_rtt: false,
        fragment_size: None,
        record_size_limit: None,
        key_limit: None,
        client_auth: false,
        clock: protocol::DEFAULT_CLOCK,
        profile: Default::default(),
    }
}

pub fn habits(kind: HabitKind) -> Vec<String> {
    let habits = rustls_subject::unbuffered().hello().habits;
    let of_kind = habits.into_iter().filter(|habit| habit.kind == kind);
    of_kind.map(|Habit { name, .. }| name).collect()
}

pub const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];
