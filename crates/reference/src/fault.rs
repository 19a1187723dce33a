//! Faults of a subject, as small values: one row of the table overridden, in one context or in all
//! of them.

use crate::{Bug, Reaction, Situation};

/// The depth to which a fault may fire inside its own reaction. A reaction can lead to its own
/// situation: accepting an invalid record does, and so does an end inside an end.
pub(crate) const DEPTH: u8 = 2;

/// The context of a situation: whether output can leave and whether the application reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// The output to the transport.
    pub output: Flow,
    /// The application.
    pub reading: Reading,
}

/// The state of the output to the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// No output waits, and the transport takes bytes.
    Free,
    /// Records wait, or would have to wait, and no byte of the next one has left.
    Blocked,
    /// A part of a record has left, and the rest of it waits.
    Partly,
}

/// Whether the application takes plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// It takes all plaintext.
    Reading,
    /// It takes no plaintext, or plaintext waits for it.
    Paused,
}

impl Context {
    /// Output is free and the application reads: also the context of situations that have none.
    pub const FREE: Self = Self {
        output: Flow::Free,
        reading: Reading::Reading,
    };
}

/// A situation and its context. Each enumerated fault overrides one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Met {
    /// The situation. Counts from [`Situation::MANY`] on are one.
    pub situation: Situation,
    /// The context. [`Context::FREE`] for situations that are not distinguished by it.
    pub context: Context,
}

impl Met {
    /// A situation in the context in which it occurs.
    pub fn new(situation: Situation, context: Context) -> Self {
        Self {
            situation: situation.class(),
            context: match situation.has_context() {
                true => context,
                false => Context::FREE,
            },
        }
    }
}

/// One row of the table, overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The row.
    pub at: At,
    /// The change to the reaction.
    pub act: Act,
    /// Whether it fires each time, only the first time, or each time but the first.
    pub when: When,
}

/// Which row a [`Fault`] overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// This situation in every context.
    Row(Situation),
    /// This situation in this context. Counts from [`Situation::MANY`] on are one.
    Met(Met),
}

/// The change that a [`Fault`] makes to a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// This reaction instead of the proper one.
    Instead(Reaction),
    /// The proper reaction, and then this one.
    Then(Reaction),
    /// The proper reaction, twice.
    Twice,
    /// The proper reaction, delayed until the next command.
    Late,
}

/// The times at which a [`Fault`] fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Each time.
    Always,
    /// The first time on a connection.
    First,
    /// Each time but the first.
    Later,
}

impl Fault {
    /// Whether this is the row of the situation and context.
    pub(crate) fn is_at(&self, situation: Situation, context: Context) -> bool {
        match self.at {
            At::Row(row) => row == situation,
            At::Met(met) => met == Met::new(situation, context),
        }
    }

    /// Whether it fires at the n-th lookup of its row, counted from 1.
    pub(crate) fn fires(&self, nth: u32) -> bool {
        match self.when {
            When::Always => true,
            When::First => nth == 1,
            When::Later => nth > 1,
        }
    }
}

impl From<&Bug> for Fault {
    fn from(bug: &Bug) -> Self {
        Self {
            at: At::Row(bug.situation),
            act: Act::Instead(bug.reaction),
            when: When::Always,
        }
    }
}
