//! Forged, replayed and reordered closes.

use protocol::Version;
use wire::{AlertDescription, ContentType, Reason};

use super::super::refusal::NO_CLEAN_END;
use crate::ledger::Stage;
use crate::rule::{Refuses, Step};
use crate::{Delivered, EITHER, Level, Requirement, Rule, rfc5246, rfc8446};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.not-authenticated-ignored",
        level: Level::Must,
        sections: &[rfc8446("5"), rfc8446("5.2"), rfc5246("6.2.3.3")],
        says: "A plaintext close_notify that arrives once keys are in use is refused, and is never \
               reported as a clean end.",
        why: "Anyone on the path could cut a stream short and make it look complete.",
        codes: NO_CLEAN_END,
        rule: refuses_forgery(not_authenticated),
        ..EITHER
    },
    Requirement {
        id: "close-rx.replayed",
        level: Level::Must,
        sections: &[
            rfc8446("5.2"),
            rfc8446("5.3"),
            rfc5246("6.2.3"),
            rfc5246("6.2.3.3"),
        ],
        says: "A record that is replayed, out of order, or preceded by one that was removed does \
               not open. close_notify is no exception.",
        why: "Anyone on the path could remove the tail of a stream and let the close through.",
        codes: NO_CLEAN_END,
        rule: refuses_forgery(|reason, _, step| {
            (is_after_handshake(step) && reason == Reason::WrongSequence)
                .then_some(&[AlertDescription::BAD_RECORD_MAC])
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.wrong-direction",
        level: Level::Must,
        sections: &[rfc8446("5.2"), rfc5246("6.3"), rfc5246("6.2.3.3")],
        says: "A side refuses its own close_notify when someone on the path reflects it.",
        why: "Anyone on the path could answer a close in the peer's place, and cut off the data \
              that the peer still has to send.",
        codes: NO_CLEAN_END,
        rule: refuses_forgery(wrong_direction),
        ..EITHER
    },
];

/// A forged `close_notify` is refused even by a side that has closed.
const fn refuses_forgery(
    right: fn(Reason, &Delivered, &Step<'_, '_>) -> Option<&'static [AlertDescription]>,
) -> Rule {
    Rule::Refuses(Refuses {
        right,
        resembles_close: true,
        after_close: true,
    })
}

fn not_authenticated(
    reason: Reason,
    record: &Delivered,
    step: &Step<'_, '_>,
) -> Option<&'static [AlertDescription]> {
    let closes =
        record.header[0] == ContentType::ALERT.0 && matches!(step.c.bytes(record.content), [_, 0]);
    (is_after_handshake(step) && reason == Reason::Unprotected && closes).then_some(&[
        AlertDescription::BAD_RECORD_MAC,
        AlertDescription::UNEXPECTED_MESSAGE,
    ])
}

fn wrong_direction(
    reason: Reason,
    record: &Delivered,
    step: &Step<'_, '_>,
) -> Option<&'static [AlertDescription]> {
    // A reflected plaintext record is refused as plaintext, for which other alerts are right.
    let protected = match ContentType(record.header[0]) {
        ContentType::APPLICATION_DATA => true,
        ContentType::ALERT => step.version() == Version::Tls12,
        _ => false,
    };
    (is_after_handshake(step) && reason == Reason::Reflected && protected)
        .then_some(&[AlertDescription::BAD_RECORD_MAC])
}

fn is_after_handshake(step: &Step<'_, '_>) -> bool {
    step.now.stage == Stage::Done
}
