//! Keys and `KeyUpdate`s that a receiver must refuse.

use std::cmp::Ordering;

use wire::{AlertDescription as A, Epoch, Reason as R};

use crate::ledger::Stage;
use crate::requirements::refusal::{NO_CLEAN_END_13, REFUSED_13, refuses, refuses_as_close};
use crate::rule::Step;
use crate::{Delivered, Requirement, rfc8446};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ku.rx-then-close-old",
        sections: &[rfc8446("4.6.3"), rfc8446("5.2")],
        says: "Once the peer has changed its keys, a record under the old keys does not decrypt, \
               not even a close_notify.",
        why: "Keys that were given up because they might be known can still end a stream.",
        codes: NO_CLEAN_END_13,
        rule: refuses_as_close(|reason, record, step| {
            is_under(Ordering::Less, reason, record, step).then_some(&[A::BAD_RECORD_MAC])
        }),
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
        rule: refuses_as_close(|reason, record, step| {
            is_under(Ordering::Greater, reason, record, step).then_some(&[A::BAD_RECORD_MAC])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.bad-value",
        sections: &[rfc8446("4.6.3")],
        says: "A KeyUpdate that neither requests an answer nor declines one ends the connection \
               with illegal_parameter.",
        why: "Sender and receiver may disagree on whether an answer is due, and so on the keys.",
        rule: refuses(|reason, _, _| {
            (reason == R::KeyUpdateValue).then_some(&[A::ILLEGAL_PARAMETER])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.unaligned",
        sections: &[rfc8446("5.1")],
        says: "A message that follows a KeyUpdate or Finished in the same record ends the \
               connection with unexpected_message.",
        why: "Bytes protected with the old keys are taken for a message under the new ones.",
        rule: refuses(|reason, _, _| (reason == R::Unaligned).then_some(&[A::UNEXPECTED_MESSAGE])),
        ..REFUSED_13
    },
    Requirement {
        id: "ku.before-finished",
        sections: &[rfc8446("4.6.3")],
        says: "A KeyUpdate before the peer's Finished ends the handshake with unexpected_message.",
        why: "The keys change before the peer is authenticated.",
        rule: refuses(|reason, _, _| {
            (reason == R::EarlyKeyUpdate).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
];

/// Whether this is a record under application keys whose generation, compared with the peer's
/// current one, is of this order.
fn is_under(order: Ordering, reason: R, record: &Delivered, step: &Step<'_, '_>) -> bool {
    let generation = match record.epoch {
        Epoch::Application(generation) => generation,
        _ => return false,
    };
    reason == R::WrongKeys
        && step.now.stage == Stage::Done
        && generation.cmp(&step.now.peer_keys) == order
}
