//! Forged, replayed and reordered closes.

use protocol::Version;
use wire::{AlertDescription, ContentType, Reason};

use super::super::refusal::{NO_CLEAN_END, decided};
use super::scene::{can_receive, is_conclusive};
use crate::connection::Reaction;
use crate::{Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, rfc5246, rfc8446};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.not-authenticated-ignored",
        level: Level::Must,
        sections: &[rfc8446("5"), rfc8446("5.2"), rfc5246("6.2.3.3")],
        says: "A plaintext close_notify that arrives once keys are in use is refused, and is never \
               reported as a clean end.",
        why: "Anyone on the path could cut a stream short and make it look complete.",
        codes: NO_CLEAN_END,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid]),
            check: not_authenticated,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid]),
            check: replayed,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid]),
            check: wrong_direction,
        },
        ..EITHER
    },
];

fn not_authenticated(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = c.invalid(|reason| reason == Reason::Unprotected) else {
        return Verdict::NotExercised;
    };
    let closes =
        record.header[0] == ContentType::ALERT.0 && matches!(c.bytes(record.content), [_, 0]);
    match closes {
        true => rejects(
            c,
            at,
            &[
                AlertDescription::BAD_RECORD_MAC,
                AlertDescription::UNEXPECTED_MESSAGE,
            ],
        ),
        false => Verdict::NotExercised,
    }
}

fn replayed(c: &Connection<'_>) -> Verdict {
    match c.invalid(|reason| reason == Reason::WrongSequence) {
        Some((at, _)) => rejects(c, at, &[AlertDescription::BAD_RECORD_MAC]),
        None => Verdict::NotExercised,
    }
}

fn wrong_direction(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = c.invalid(|reason| reason == Reason::Reflected) else {
        return Verdict::NotExercised;
    };
    // A reflected plaintext record is refused as plaintext, for which other alerts are right.
    let protected = match c.version() {
        Version::Tls13 => record.header[0] == ContentType::APPLICATION_DATA.0,
        Version::Tls12 => {
            record.header[0] == ContentType::ALERT.0
                || record.header[0] == ContentType::APPLICATION_DATA.0
        }
    };
    match protected {
        true => rejects(c, at, &[AlertDescription::BAD_RECORD_MAC]),
        false => Verdict::NotExercised,
    }
}

/// The verdict on a forged record at this position.
fn rejects(c: &Connection<'_>, at: usize, right: &[AlertDescription]) -> Verdict {
    let facts = c.facts();
    if facts.handshake_done.is_none_or(|done| done > at) || !can_receive(c, at) {
        return Verdict::NotExercised;
    }
    if let Some(end) = c.end_taken_from(at) {
        return Verdict::found("reports-eof", end);
    }
    if !is_conclusive(c) {
        return Verdict::NotExercised;
    }
    let Some(reaction) = decided(c, at) else {
        return Verdict::NotExercised;
    };
    match reaction {
        Reaction::Alive if c.may_read_no_more(at) => Verdict::NotExercised,
        Reaction::Alive => Verdict::found("still-alive", at),
        // The RFCs leave open whether an alert may follow the local close_notify.
        _ if facts.own_close.is_some_and(|own| own < at) => Verdict::Held,
        Reaction::Alert(alert, _) if right.contains(&alert) => Verdict::Held,
        Reaction::Alert(_, at) => Verdict::found("wrong-alert", at),
        Reaction::Silent(at) => match c.version() {
            Version::Tls13 => Verdict::found("no-alert", at),
            Version::Tls12 => Verdict::found("no-due-alert", at),
        },
    }
}
