//! Rules about what must not happen while the connection is in a state.

use super::{Depends, Excuse, Step};
use crate::event::{Kind, Kinds};
use crate::{Connection, Verdict};

/// While `during` holds, none of `forbids` may happen.
///
/// A breach is found whatever provoked it. The rule has held only on a connection on which
/// something provoked a breach in that state.
#[derive(Clone, Copy, Debug)]
pub struct Never {
    /// The kinds of event without which the state does not arise.
    pub given: Kinds,
    /// The state in which the rule binds.
    pub during: fn(&Step<'_, '_>) -> bool,
    /// The kinds of event that may provoke a breach.
    pub tempted_by: Kinds,
    /// Whether an event of these kinds does.
    pub tempts: fn(&Step<'_, '_>) -> bool,
    /// The kinds of event that may be a breach.
    pub forbids: Kinds,
    /// The code of the breach, if an event of these kinds is one.
    pub breach: fn(&Step<'_, '_>) -> Option<&'static str>,
}

/// The common fields of a rule that any event of the kinds breaks or provokes.
pub const NEVER: Never = Never {
    given: Kinds::NONE,
    during: |_| true,
    tempted_by: Kinds::NONE,
    tempts: |_| true,
    forbids: Kinds::NONE,
    breach: |_| None,
};

/// The kinds of event that show only if the application reads.
const TOLD: Kinds = Kinds::of(&[Kind::EarlyData, Kind::Data, Kind::End, Kind::Failed]);

impl Never {
    /// The verdict on a connection.
    pub(super) fn check(&self, c: &Connection<'_>) -> Verdict {
        let mut tempted = false;
        for step in c.steps_of(self.tempted_by.union(self.forbids)) {
            let kind = step.kind();
            let tempts = !tempted && self.tempted_by.has(kind) && (self.tempts)(&step);
            let breach = match self.forbids.has(kind) {
                true => (self.breach)(&step),
                false => None,
            };
            if !(tempts || breach.is_some()) || !(self.during)(&step) {
                continue;
            }
            if let Some(code) = breach {
                return Verdict::found(code, step.at);
            }
            tempted |= tempts;
        }
        if !tempted {
            return Verdict::NotExercised;
        }
        // A record that is wrong in itself needs no time to show it.
        if Kinds::OUTPUT
            .intersection(self.forbids)
            .contains(self.tempted_by)
        {
            return Verdict::Held;
        }
        match self.depends() {
            Some(depends) => depends.held(c),
            None if c.has_stopped() => Verdict::Excused(Excuse::Stopped),
            None => Verdict::Held,
        }
    }

    /// The conditions under which a breach shows.
    fn depends(&self) -> Option<Depends> {
        match (
            self.forbids.intersects(Kinds::OUTPUT),
            self.forbids.intersects(TOLD),
        ) {
            (true, true) => Some(Depends::Both),
            (true, false) => Some(Depends::Output),
            (false, true) => Some(Depends::Input),
            (false, false) => None,
        }
    }
}
