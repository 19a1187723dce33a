//! The ways of calling the buffered API: one table.

use protocol::{Habit as Described, HabitKind, Role, PLAIN_HABIT};

use super::transport::Manner;

/// A way of calling the API: one choice for each thing that is left to the caller.
#[derive(Clone, Copy, Default)]
pub(super) struct Habit {
    pub(super) io: Calls,
    pub(super) reading: Reading,
    pub(super) transport: Manner,
    /// The server reads the `ClientHello` before it has a configuration.
    pub(super) acceptor: bool,
    /// Applications write in several slices.
    pub(super) vectored_writes: bool,
    /// A limit of so many bytes is set on the buffers.
    pub(super) buffer_limit: Option<usize>,
    /// Calls are made once more than needed.
    pub(super) repeats: bool,
    /// The transport is read whatever `wants_read` says.
    pub(super) reads_ahead: bool,
    /// Nothing is processed until there is nothing more to read.
    pub(super) hoards: bool,
    /// An error is passed over.
    pub(super) ignores_errors: bool,
}

/// Which calls do the I/O.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Calls {
    /// `read_tls`, `process_new_packets` and `write_tls`.
    #[default]
    Single,
    CompleteIo,
    Stream,
}

/// How the application takes plaintext.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it comes, into a large buffer.
    #[default]
    Ample,
    /// Only when the transport has delivered all that it has.
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
        "ConnectionCommon::reader: no sentence says when to read; wants_read holds the transport \
         back meanwhile.",
    ),
    (
        "small-reads",
        Contract,
        Habit {
            reading: Reading::Few,
            ..PLAIN
        },
        "Reader::read fills whatever buffer it is given, as any std::io::Read.",
    ),
    (
        "read-ahead",
        Contract,
        Habit {
            reads_ahead: true,
            reading: Reading::Late,
            ..PLAIN
        },
        "ConnectionCommon::read_tls may be called at any time: it signals backpressure by an error \
         of the kind Other until the plaintext is read.",
    ),
    (
        "repeat-calls",
        Contract,
        Habit {
            repeats: true,
            ..PLAIN
        },
        "No sentence asks for input before process_new_packets, or for output before write_tls.",
    ),
    (
        "write-vectored",
        Contract,
        Habit {
            vectored_writes: true,
            ..PLAIN
        },
        "Writer is a std::io::Write: write_vectored writes the slices one behind the other.",
    ),
    (
        "buffer-limit",
        Contract,
        Habit {
            buffer_limit: Some(LIMIT),
            ..PLAIN
        },
        "ConnectionCommon::set_buffer_limit may be set at any time, and makes a write take less \
         than it is given.",
    ),
    (
        "short-io",
        Contract,
        Habit {
            transport: SHORT,
            ..PLAIN
        },
        "ConnectionCommon::read_tls: TLS messages may come in pieces of any size; write_tls may \
         leave some to write. std::io::Read and Write may move less than they are asked to.",
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
        "std::io::Write::write_vectored may take but the first of several slices, as its default \
         does.",
    ),
    (
        "acceptor",
        Contract,
        Habit {
            acceptor: true,
            ..PLAIN
        },
        "server::Acceptor reads the ClientHello before a configuration is chosen, and is to be \
         called again while accept gives none.",
    ),
    (
        "complete-io",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            ..PLAIN
        },
        "ConnectionCommon::complete_io does any outstanding I/O, solely with other parts of the \
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
        "ConnectionCommon::complete_io, and the freedom of std::io::Read and Write to move less \
         than they are asked to.",
    ),
    (
        "complete-io-zero",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            transport: ZERO,
            ..PLAIN
        },
        "ConnectionCommon::complete_io, and the freedom of std::io::Write to take nothing.",
    ),
    (
        "complete-io-interrupted",
        Contract,
        Habit {
            io: Calls::CompleteIo,
            transport: INTERRUPTING,
            ..PLAIN
        },
        "ConnectionCommon::complete_io; std::io::ErrorKind::Interrupted asks for the same call \
         again.",
    ),
    (
        "stream",
        Contract,
        Habit {
            io: Calls::Stream,
            ..PLAIN
        },
        "Stream makes a connection and a transport a std::io::Read and Write.",
    ),
    (
        "stream-short",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: SHORT,
            ..PLAIN
        },
        "Stream, and the freedom of std::io::Read and Write to move less than they are asked to.",
    ),
    (
        "stream-zero",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: ZERO,
            ..PLAIN
        },
        "Stream, and the freedom of std::io::Write to take nothing.",
    ),
    (
        "stream-interrupted",
        Contract,
        Habit {
            io: Calls::Stream,
            transport: INTERRUPTING,
            ..PLAIN
        },
        "Stream; std::io::ErrorKind::Interrupted asks for the same call again.",
    ),
    (
        "hoard-input",
        Abuse,
        Habit {
            hoards: true,
            ..PLAIN
        },
        "ConnectionCommon::read_tls: process_new_packets should be called each time that it \
         succeeds; here it is called only when there is nothing more to read.",
    ),
    (
        "ignore-errors",
        Abuse,
        Habit {
            ignores_errors: true,
            ..PLAIN
        },
        "ConnectionCommon::process_new_packets: read_tls should not be called any more after an \
         error; here it is, and everything else too.",
    ),
];

impl Habit {
    /// The habit of that name.
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

/// All habits but the plain one.
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
