//! What is wrong with a subject, as a small value: one row of the table overridden, in one context
//! or in all of them.

use crate::{Bug, Reaction, Situation};

/// How deep a fault may fire inside its own reaction. A reaction can lead to its own situation:
/// taking what is invalid does, and ending inside an end.
pub(crate) const DEPTH: u8 = 2;

/// What holds around a situation: whether output can leave and whether the application reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// The way out.
    pub output: Flow,
    /// The application.
    pub reading: Reading,
}

/// The way out to the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Nothing waits, and the transport takes bytes.
    Free,
    /// Records wait, or would have to, and no byte of the next one has left.
    Blocked,
    /// A part of a record has left, and the rest of it waits.
    Partly,
}

/// Whether the application takes plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// It takes what there is.
    Reading,
    /// It takes nothing, or plaintext waits for it.
    Paused,
}

impl Context {
    /// Output is free and the application reads: also the context of situations that have none.
    pub const FREE: Self = Self {
        output: Flow::Free,
        reading: Reading::Reading,
    };
}

/// A situation and what held around it. The unit in which enumerated faults are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Met {
    /// The situation. Counts from [`Situation::MANY`] on are one.
    pub situation: Situation,
    /// The context; [`Context::FREE`] for situations that are not told apart by it.
    pub context: Context,
}

impl Met {
    /// A situation in the context in which it is met.
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
    /// What the subject does there.
    pub act: Act,
    /// At which of the times that a connection meets the row.
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

/// What a subject does that has a [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// This instead of what is proper.
    Instead(Reaction),
    /// What is proper, and then this.
    Then(Reaction),
    /// What is proper, twice.
    Twice,
    /// What is proper, but only under the next command.
    Late,
}

/// When a [`Fault`] fires.
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
    /// Whether this is about the row.
    pub(crate) fn is_at(&self, situation: Situation, context: Context) -> bool {
        match self.at {
            At::Row(row) => row == situation,
            At::Met(met) => met == Met::new(situation, context),
        }
    }

    /// Whether it fires when its row is met for the n-th time, counted from 1.
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
