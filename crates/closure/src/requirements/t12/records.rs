//! TLS 1.2 records.

use protocol::Version;
use wire::{AlertDescription as A, ContentType, Epoch, Reason};

use super::super::refusal::{REFUSED_12, refuses};
use crate::ledger::Stage;
use crate::rule::{NEVER, Never, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, deviates, rfc5246, rfc5288,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "t12.ccs-plain-after",
        level: Level::Definition,
        sections: &[rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A plaintext change_cipher_spec on an open connection is refused with a fatal alert.",
        why: "Anyone on the path could write into the stream of a protected connection.",
        rule: refuses(|reason, record, step| {
            let plain = reason == Reason::Unprotected && record.epoch == Epoch::Plain;
            let ccs = record.header[0] == ContentType::CHANGE_CIPHER_SPEC.0;
            let right: &[A] = &[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE];
            (plain && ccs && step.now.stage == Stage::Done).then_some(right)
        }),
        ..REFUSED_12
    },
    Requirement {
        id: "t12.explicit-nonce-close",
        level: Level::Must,
        sections: &[rfc5288("3")],
        versions: &[Version::Tls12],
        says: "No two records under one key share a nonce, the record of the closing alert \
               included.",
        why: "Two records under one nonce reveal both, and the key that authenticates them.",
        codes: &[deviates("repeats", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            tempted_by: Kinds::of(&[Kind::OwnClose]),
            tempts: |step| {
                step.sent()
                    .is_some_and(|record| record.explicit_nonce.is_some())
            },
            forbids: Kinds::of(&[
                Kind::OwnHandshake,
                Kind::OwnData,
                Kind::OwnClose,
                Kind::OwnAlert,
            ]),
            breach: repeats_a_nonce,
            ..NEVER
        }),
        ..EITHER
    },
];

fn repeats_a_nonce(step: &Step<'_, '_>) -> Option<&'static str> {
    // Almost all implementations use a counter.
    if step.at < step.c.ledger().unordered_nonce()? {
        return None;
    }
    let nonce = step.sent()?.explicit_nonce?;
    let repeats = step.c.before(step.at).any(|(_, event)| match event {
        Event::Sent(record) => record.explicit_nonce == Some(nonce),
        _ => false,
    });
    repeats.then_some("repeats")
}
