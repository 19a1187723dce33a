//! Calls that do I/O themselves, and what they report about it.

use protocol::{Capability, Moved};

use crate::rule::{NEVER, Never};
use crate::{Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, deviates};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.helper-counts",
        level: Level::Contract,
        needs: &[Capability::Helped],
        says: "A call that does I/O itself reports how many bytes it read and wrote.",
        why: "Callers use these numbers to detect the end of the transport and to decide whether \
              to call again.",
        codes: &[deviates("miscounts", Axis::Data)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::Helped]),
            breach: |step| match step.event {
                Event::Helped { said, moved, .. } if said != moved => Some("miscounts"),
                _ => None,
            },
            ..HELPER
        }),
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
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::Wants]),
            // Bytes remain that the transport did not take.
            tempts: |step| matches!(step.event, Event::Wants { write: true, .. }),
            breach: |step| match *step.event {
                Event::Helped {
                    moved,
                    blocked: true,
                    ..
                } => (moved == Moved::default()).then_some("hides-block"),
                _ => None,
            },
            ..HELPER
        }),
        ..EITHER
    },
];

/// The reports that a call with I/O of its own must not make.
const HELPER: Never = Never {
    given: Kinds::of(&[Kind::Helped]),
    forbids: Kinds::of(&[Kind::Helped]),
    ..NEVER
};
