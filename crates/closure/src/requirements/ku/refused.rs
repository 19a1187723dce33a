//! Keys and `KeyUpdate`s that a receiver must refuse.

use std::cmp::Ordering;

use wire::{AlertDescription as A, Epoch, Meaning, Reason as R};

use crate::requirements::refusal::{NO_CLEAN_END_13, REFUSED_13, ends, ends_uncleanly, on_invalid};
use crate::{Connection, Requirement, Verdict, rfc8446};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ku.rx-then-close-old",
        sections: &[rfc8446("4.6.3"), rfc8446("5.2")],
        says: "Once the peer has changed its keys, a record under the old keys does not decrypt, \
               not even a close_notify.",
        why: "Keys that were given up because they might be known can still end a stream.",
        codes: NO_CLEAN_END_13,
        rule: on_invalid(|c| under_keys(c, Ordering::Less)),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.close-new-without-ku",
        sections: &[rfc8446("4.6.3")],
        says: "A record under the peer's next keys does not decrypt before the KeyUpdate has \
               arrived, not even a close_notify.",
        why: "An attacker who removes the tail of a stream, together with the KeyUpdate, gets its \
              end accepted.",
        codes: NO_CLEAN_END_13,
        rule: on_invalid(|c| under_keys(c, Ordering::Greater)),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.bad-value",
        sections: &[rfc8446("4.6.3")],
        says: "A KeyUpdate that neither requests an answer nor declines one ends the connection \
               with illegal_parameter.",
        why: "Sender and receiver may disagree on whether an answer is due, and so on the keys.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::KeyUpdateValue,
                &[A::ILLEGAL_PARAMETER],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.unaligned",
        sections: &[rfc8446("5.1")],
        says: "A message that follows a KeyUpdate or Finished in the same record ends the \
               connection with unexpected_message.",
        why: "Bytes protected with the old keys are taken for a message under the new ones.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::Unaligned,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.before-finished",
        sections: &[rfc8446("4.6.3")],
        says: "A KeyUpdate before the peer's Finished ends the handshake with unexpected_message.",
        why: "The keys change before the peer is authenticated.",
        rule: on_invalid(before_finished),
        ..REFUSED_13
    },
];

/// The verdict on a record under keys that are older or newer than the peer's current ones.
fn under_keys(c: &Connection<'_>, order: Ordering) -> Verdict {
    let Some((at, record)) = c.invalid(|reason| reason == R::WrongKeys) else {
        return Verdict::NotExercised;
    };
    let updates = c
        .delivered()
        .take_while(|(i, _)| *i < at)
        .filter(|(_, record)| matches!(record.meaning, Meaning::KeyUpdate { .. }))
        .count();
    let right = match record.epoch {
        Epoch::Application(generation) => (generation as usize).cmp(&updates) == order,
        _ => false,
    };
    if !right || c.facts().handshake_done.is_none_or(|done| done > at) {
        return Verdict::NotExercised;
    }
    ends_uncleanly(c, |reason, _| reason == R::WrongKeys, &[A::BAD_RECORD_MAC])
}

fn before_finished(c: &Connection<'_>) -> Verdict {
    ends(
        c,
        |reason, _| reason == R::EarlyKeyUpdate,
        &[A::UNEXPECTED_MESSAGE],
    )
}
