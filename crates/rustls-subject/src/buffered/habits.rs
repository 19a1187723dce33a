//! The habits for the buffered API, in one table.

use protocol::{Habit as Described, HabitKind, Role, PLAIN_HABIT};

use super::transport::Manner;

/// A calling pattern, with one choice for each thing that is left to the caller.
#[derive(Clone, Copy, Default)]
pub(super) struct Habit {
    pub(super) io: Calls,
    pub(super) reading: Reading,
    pub(super) transport: Manner,
    /// Whether the server reads the `ClientHello` before it has a configuration.
    pub(super) acceptor: bool,
    /// Whether applications write in several slices.
    pub(super) vectored_writes: bool,
    /// The limit of the buffers in bytes.
    pub(super) buffer_limit: Option<usize>,
    /// Whether calls are made once more than needed.
    pub(super) repeats: bool,
    /// Whether the transport is read even if `wants_read` is false.
    pub(super) reads_ahead: bool,
    /// Whether processing waits until there is nothing more to read.
    pub(super) hoards: bool,
    /// Whether calls go on after an error.
    pub(super) ignores_errors: bool,
}

/// The calls that do the I/O.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Calls {
    /// `read_tls`, `process_new_packets` and `write_tls`.
    #[default]
    Single,
    CompleteIo,
    Stream,
}

/// How the application reads plaintext.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// Whatever is available, into a large buffer.
    #[default]
    Ample,
    /// Only after the transport has delivered all that it has.
    Late,
    /// A few bytes at a time.
    Few,
}

use HabitKind::{Abuse, Contract};

const PLAIN: Habit = Habit {
    io: Calls::Single,
    reading: Reading::Ample,
    transport: SMOOTH,
    acceptor: false,
    vectored_writes: false,
    buffer_limit: None,
    repeats: false,
    reads_ahead: false,
    hoards: false,
    ignores_errors: false,
};

const SMOOTH: Manner = Manner {
    short: false,
    unvectored: false,
    zero: false,
    interrupts: false,
};
const SHORT: Manner = Manner {
    short: true,
    ..SMOOTH
};
const ZERO: Manner = Manner {
    zero: true,
    ..SMOOTH
};
const INTERRUPTING: Manner = Manner {
    interrupts: true,
    ..SMOOTH
};

/// Room for a record of a few bytes, so that a longer write takes several calls.
const LIMIT: usize = 512;

const TABLE: &[(&str, HabitKind, Habit, &str)] = &[
    (
        "late-read",
        Contract,
        Habit {
            reading: Reading::Late,
            ..PLAIN
        },
        "ConnectionCommon::reader: the documentation does not say when to read; wants_read holds \
         the transport back meanwhile.",
    ),
    (
        "small-reads",
        Contract,
        Habit {
            reading: Reading::Few,
            ..PLAIN
        },
        "Reader::read fills a buffer of any size, like any std::io::Read.",
    ),
    (
        "read-ahead",
        Contract,
        Habit {
            reads_ahead: true,
            reading: Reading::Late,
            ..PLAIN
        },
        "ConnectionCommon::read_tls may be called at any time: it signals backpressure with an \
         error of kind Other until the plaintext is read.",
    ),
    (
        "repeat-calls",
        Contract,
        Habit {
            repeats: true,
            ..PLAIN
        },
        "The documentation requires no input before process_new_packets, and no output before \
         write_tls.",
    ),
    (
        "write-vectored",
        Contract,
        Habit {
            vectored_writes: true,
            ..PLAIN
        },
        "Writer is a std::io::Write: write_vectored writes the slices one after the other.",
    ),
    (
        "buffer-limit",
        Contract,
        Habit {
            buffer_limit: Some(LIMIT),
            ..PLAIN
        },
        "ConnectionCommon::set_buffer_limit may be called at any time, and makes a write accept \
         less than it is given.",
    ),
    (
        "short-io",
        Contract,
        Habit {
            transport: SHORT,
            ..PLAIN
        },
        "ConnectionCommon::read_tls: TLS messages may arrive in pieces of any size; write_tls may \
         leave output to write. std::io::Read and Write may move less than requested.",
    ),
    (
        "unvectored",
        Contract,
        Habit {
            transport: Manner {
                unvectored: true,
                ..SMOOTH
            },
            ..PLAIN
        },
        "std::io::Write::write_vectored may write only the first of several slices, as its \
         default does.",
    ),
    (
        "acceptor",
        Contract,
        Habit {
            acceptor: true,
            ..PLAIN
        },
        "server::Acceptor reads the ClientHello before a configuration is chosen, and must be \
         called again while accept returns none.",
    ),
    (
        "complete-io",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            ..PLAIN
        },
        "ConnectionCommon::complete_io does all outstanding I/O, using only other parts of the \
         public API.",
    ),
    (
        "complete-io-short",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            transport: SHORT,
            ..PLAIN
        },
        "ConnectionCommon::complete_io; std::io::Read and Write may move less than requested.",
    ),
    (
        "complete-io-zero",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            transport: ZERO,
            ..PLAIN
        },
        "ConnectionCommon::complete_io; std::io::Write may accept nothing.",
    ),
    (
        "complete-io-interrupted",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            transport: INTERRUPTING,
            ..PLAIN
        },
        "ConnectionCommon::complete_io; after std::io::ErrorKind::Interrupted the same call is \
         repeated.",
    ),
    (
        "stream",
        Contract,
        Habit {
            io: Calls::Stream,
            ..PLAIN
        },
        "Stream turns a connection and a transport into a std::io::Read and Write.",
    ),
    (
        "stream-short",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: SHORT,
            ..PLAIN
        },
        "Stream; std::io::Read and Write may move less than requested.",
    ),
    (
        "stream-zero",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: ZERO,
            ..PLAIN
        },
        "Stream; std::io::Write may accept nothing.",
    ),
    (
        "stream-interrupted",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: INTERRUPTING,
            ..PLAIN
        },
        "Stream; after std::io::ErrorKind::Interrupted the same call is repeated.",
    ),
    (
        "hoard-input",
        Abuse,
        Habit {
            hoards: true,
            ..PLAIN
        },
        "ConnectionCommon::read_tls: process_new_packets should be called each time it succeeds; \
         here it is called only when there is nothing more to read.",
    ),
    (
        "ignore-errors",
        Abuse,
        Habit {
            ignores_errors: true,
            ..PLAIN
        },
        "ConnectionCommon::process_new_packets: read_tls should not be called again after an \
         error; here it is, like every other call.",
    ),
];

impl Habit {
    /// The habit with this name.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        if name == PLAIN_HABIT {
            return Some(PLAIN);
        }
        TABLE
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, _, habit, _)| *habit)
    }
}

/// All habits except the plain one.
pub(super) fn described() -> Vec<Described> {
    TABLE
        .iter()
        .map(|(name, kind, habit, basis)| Described {
            name: (*name).into(),
            kind: *kind,
            basis: (*basis).into(),
            roles: match habit.acceptor {
                true => vec![Role::Server],
                false => Vec::new(),
            },
        })
        .collect()
}
