//! The habits for this subject, in one table.

use protocol::{Habit as Described, HabitKind, PLAIN_HABIT};

/// A calling pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Plain,
    SmallOutput,
    LateRead,
    EmptyCalls,
    RepeatCalls,
    CompleteIo,
    Acceptor,
    DropState,
    RetryFresh,
    RepresentAfterError,
}

use HabitKind::{Abuse, Contract};

const TABLE: &[(Habit, &str, HabitKind, &str)] = &[
    (
        Habit::SmallOutput,
        "small-output",
        Contract,
        "Too little room is an error that reports the needed size and has no other effect.",
    ),
    (
        Habit::LateRead,
        "late-read",
        Contract,
        "Received data waits for the application.",
    ),
    (
        Habit::EmptyCalls,
        "empty-calls",
        Contract,
        "Input may be empty.",
    ),
    (
        Habit::RepeatCalls,
        "repeat-calls",
        Contract,
        "Input need not have grown since the last call.",
    ),
    (
        Habit::CompleteIo,
        "complete-io",
        Contract,
        "A call may do I/O on its own, and reports how much.",
    ),
    (
        Habit::Acceptor,
        "acceptor",
        Contract,
        "A server may look at ClientHello first; this one already has its configuration.",
    ),
    (
        Habit::DropState,
        "drop-state",
        Abuse,
        "A state should be handled before the next call.",
    ),
    (
        Habit::RetryFresh,
        "retry-fresh",
        Abuse,
        "A call that had too little room should be repeated on the same state.",
    ),
    (
        Habit::RepresentAfterError,
        "represent-after-error",
        Abuse,
        "After an error further calls are useless.",
    ),
];

impl Habit {
    /// The habit with this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        if name == PLAIN_HABIT {
            return Some(Self::Plain);
        }
        TABLE
            .iter()
            .find(|(_, known, ..)| *known == name)
            .map(|(habit, ..)| *habit)
    }
}

/// All habits except the plain one.
pub(crate) fn described() -> Vec<Described> {
    TABLE
        .iter()
        .map(|(_, name, kind, basis)| Described {
            name: (*name).into(),
            kind: *kind,
            basis: (*basis).into(),
            roles: Vec::new(),
        })
        .collect()
}
