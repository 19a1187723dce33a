//! Failures that no input and no order of calls excuses.

use protocol::HabitKind;

use crate::rule::{NEVER, Never};
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
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::Opened]),
            forbids: Kinds::of(&[Kind::Crash]),
            breach: |_| Some("crashes"),
            ..NEVER
        }),
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
        rule: Rule::All(&[
            Rule::Never(Never {
                // A caller that breaks the rules may loop by its own fault.
                during: |step| step.setup().habit != Some(HabitKind::Abuse),
                tempted_by: Kinds::of(&[Kind::Opened]),
                forbids: Kinds::of(&[Kind::Hang]),
                breach: |_| Some("hangs"),
                ..NEVER
            }),
            Rule::Says {
                trigger: Kinds::NONE,
                check: spins,
            },
        ]),
        ..EITHER
    },
];

/// This many calls in a row that are shown the same input, discard nothing and lead to nothing
/// count as spinning.
const SPINS: usize = 60;

fn spins(c: &Connection<'_>) -> Verdict {
    if c.setup().habit == Some(HabitKind::Abuse) {
        return Verdict::NotExercised;
    }
    let (mut last_shown, mut idle) = (None, 0);
    for (at, event) in c.events() {
        let (shown, discarded) = match event {
            Event::State {
                shown, discarded, ..
            } => (Some(*shown), *discarded),
            _ => (None, 0),
        };
        idle = match shown.is_some() && shown == last_shown && discarded == 0 {
            true => idle + 1,
            false => 0,
        };
        last_shown = shown;
        if idle == SPINS {
            return Verdict::found("spins", at);
        }
    }
    Verdict::NotExercised
}
