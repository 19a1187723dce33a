//! TLS 1.2 records.

use protocol::Version;
use wire::{AlertDescription, ContentType, Epoch, Reason};

use super::super::refusal::{REFUSED_12, ends_at, on_invalid};
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Sent, Verdict, deviates,
    rfc5246, rfc5288,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "t12.ccs-plain-after",
        level: Level::Definition,
        sections: &[rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A plaintext change_cipher_spec on an open connection is refused with a fatal alert.",
        why: "Anyone on the path could write into the stream of a protected connection.",
        rule: on_invalid(ccs_plain_after),
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose]),
            check: explicit_nonce_close,
        },
        ..EITHER
    },
];

fn ccs_plain_after(c: &Connection<'_>) -> Verdict {
    const RIGHT: &[AlertDescription] = &[
        AlertDescription::BAD_RECORD_MAC,
        AlertDescription::UNEXPECTED_MESSAGE,
    ];
    match c.invalid(|reason| reason == Reason::Unprotected) {
        Some((at, record))
            if record.header[0] == ContentType::CHANGE_CIPHER_SPEC.0
                && record.epoch == Epoch::Plain
                && c.facts().handshake_done.is_some_and(|done| done < at) =>
        {
            ends_at(c, at, RIGHT)
        }
        _ => Verdict::NotExercised,
    }
}

fn explicit_nonce_close(c: &Connection<'_>) -> Verdict {
    let nonces = || c.sent().filter_map(nonce);
    let mut last = None;
    let mut count = 0;
    let mut rising = true;
    for (_, nonce) in nonces() {
        rising &= last.is_none_or(|last| last < nonce);
        last = Some(nonce);
        count += 1;
    }
    match (count, rising) {
        (0 | 1, _) => Verdict::NotExercised,
        // Almost all implementations use a counter.
        (_, true) => Verdict::Held,
        (_, false) => {
            let again = nonces().find(|(at, nonce)| {
                nonces()
                    .take_while(|(before, _)| before < at)
                    .any(|(_, before)| before == *nonce)
            });
            Verdict::held_unless("repeats", again.map(|(at, _)| at))
        }
    }
}

fn nonce((at, record): (usize, &Sent)) -> Option<(usize, u64)> {
    Some((at, record.explicit_nonce?))
}
