//! Failures that no input and no order of calls excuses.

use protocol::HabitKind;

use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.no-panic",
        level: Level::Contract,
        says: "The implementation does not panic or die, whatever the peer sends and in whatever \
               order the application calls.",
        why: "A peer takes down the whole process with one record.",
        codes: &[deviates("crashes", Axis::EndSignal)],
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::NONE,
            check: no_panic,
        },
        ..EITHER
    },
    Requirement {
        id: "api.no-busy-loop",
        level: Level::Contract,
        says: "A caller that follows the states comes to rest: no input keeps it busy forever.",
        why: "A thread spins on one connection while the others starve.",
        codes: &[
            deviates("hangs", Axis::EndSignal),
            deviates("spins", Axis::EndSignal),
        ],
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::NONE,
            check: no_busy_loop,
        },
        ..EITHER
    },
];

fn no_panic(c: &Connection<'_>) -> Verdict {
    match c.facts().all_kinds.has(Kind::Crash) {
        true => Verdict::held_unless("crashes", c.first(Kind::Crash)),
        false => Verdict::Held,
    }
}

/// This many calls in a row that are shown the same input, discard nothing and lead to nothing
/// count as spinning.
const SPINS: usize = 60;

fn no_busy_loop(c: &Connection<'_>) -> Verdict {
    // A caller that breaks the rules may loop by its own fault.
    if c.setup().habit == Some(HabitKind::Abuse) {
        return Verdict::NotExercised;
    }
    if c.facts().all_kinds.has(Kind::Hang) {
        return Verdict::held_unless("hangs", c.first(Kind::Hang));
    }
    let mut last_shown = None;
    let mut idle = 0;
    for (at, event) in c.events() {
        match event {
            Event::State {
                shown,
                discarded: 0,
                ..
            } if last_shown == Some(*shown) => {
                idle += 1;
                if idle >= SPINS {
                    return Verdict::found("spins", at);
                }
            }
            Event::State { shown, .. } => {
                last_shown = Some(*shown);
                idle = 0;
            }
            _ => {
                last_shown = None;
                idle = 0;
            }
        }
    }
    Verdict::Held
}
