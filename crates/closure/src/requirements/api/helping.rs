//! Calls that do I/O themselves, and what they report about it.

use protocol::{Capability, Moved};

use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.helper-counts",
        level: Level::Contract,
        needs: &[Capability::Helped],
        says: "A call that does I/O itself reports how many bytes it read and wrote.",
        why: "Callers use these numbers to detect the end of the transport and to decide whether \
              to call again.",
        codes: &[deviates("miscounts", Axis::Data)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Helped]),
            check: helper_counts,
        },
        ..EITHER
    },
    Requirement {
        id: "api.helper-blocked",
        level: Level::Contract,
        needs: &[Capability::Helped, Capability::Wants],
        says: "A call that does I/O itself, and moved nothing because the transport would block, \
               returns that as an error.",
        why: "Zero bytes without an error looks like the end of the transport: the caller gives up \
              a connection that is only waiting, or calls again without waiting.",
        codes: &[deviates("hides-block", Axis::EndSignal)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Helped, Kind::Wants]),
            check: helper_blocked,
        },
        ..EITHER
    },
];

fn helper_counts(c: &Connection<'_>) -> Verdict {
    let wrong = c.events().find_map(|(at, event)| match event {
        Event::Helped { said, moved, .. } if said != moved => Some(at),
        _ => None,
    });
    Verdict::held_unless("miscounts", wrong)
}

/// Exercised only where bytes remained that the transport did not take.
fn helper_blocked(c: &Connection<'_>) -> Verdict {
    const NOTHING: Moved = Moved {
        read: 0,
        written: 0,
    };
    let hidden = c.events().find_map(|(at, event)| match event {
        Event::Helped {
            moved,
            blocked: true,
            ..
        } if *moved == NOTHING => Some(at),
        _ => None,
    });
    let waits = |event: &Event| matches!(event, Event::Wants { write: true, .. });
    match hidden {
        None if !c.events().any(|(_, event)| waits(event)) => Verdict::NotExercised,
        _ => Verdict::held_unless("hides-block", hidden),
    }
}
