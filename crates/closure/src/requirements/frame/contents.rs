//! Alert records that do not hold exactly one alert.

use protocol::Version;
use wire::{AlertDescription as A, ContentType, Epoch, Meaning, Reason as R};

use super::super::refusal::{
    NO_CLEAN_END_13, NO_CLEAN_END_UNNAMED_13, REFUSED_13, UNNAMED_13, decided, ends,
    ends_uncleanly, is_over, is_protected, on_invalid,
};
use crate::connection::Reaction;
use crate::{
    Axis, Connection, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    behaves, deviates, rfc5246, rfc8446,
};

/// A syntax error is answered with `decode_error` (RFC 8446 6), and content that may not be in a
/// record with `unexpected_message` (RFC 8446 5.1).
const SYNTAX: &[A] = &[A::DECODE_ERROR, A::UNEXPECTED_MESSAGE];

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "frame.alert-empty",
        sections: &[rfc8446("5.4")],
        says: "A protected alert record without content ends the connection with \
               unexpected_message.",
        why: "Empty records cost the receiver work and the sender none.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| reason == R::EmptyAlert && is_protected(record),
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-empty-12",
        says: "How a receiver reacts to an alert record without content, which no sender may send, \
               is left open.",
        why: "Empty records cost the receiver work and the sender none.",
        codes: &[behaves("ignores", Axis::Alert)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| match alert12(c, |content| content.is_empty()) {
                Some(Reaction::Alive) => Verdict::found("ignores", tainted(c)),
                Some(_) => Verdict::Held,
                None => Verdict::NotExercised,
            },
        },
        ..OPEN_12
    },
    Requirement {
        id: "frame.alert-one-byte",
        sections: &[rfc8446("5.1"), rfc8446("6")],
        says: "A record with only one byte of an alert ends the connection.",
        why: "A receiver that waits for the other byte lets anyone delay a close_notify.",
        codes: UNNAMED_13,
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| reason == R::AlertOneByte && is_protected(record),
                SYNTAX,
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-split",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6")],
        versions: &[Version::Tls13],
        says: "A close_notify split into two records of one byte each is not a clean end.",
        why: "Two readers of the same stream disagree on whether it is complete.",
        codes: &[deviates("reports-eof", Axis::EndSignal)],
        rule: on_invalid(alert_split),
        ..EITHER
    },
    Requirement {
        id: "frame.alert-split-12",
        says: "Whether a receiver joins an alert that is split over two records is left open; TLS \
               1.2 allows senders to split it.",
        why: "A sender that does what the RFC permits is not understood.",
        codes: &[behaves("puts-together", Axis::EndSignal)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| match alert12(c, |content| matches!(content, [1 | 2])) {
                None => Verdict::NotExercised,
                Some(_) if !second_byte_follows(c) => Verdict::NotExercised,
                Some(Reaction::Alive) => match c.clean_end_after(tainted(c)) {
                    Some(end) => Verdict::found("puts-together", end),
                    None => Verdict::NotExercised,
                },
                Some(_) => Verdict::Held,
            },
        },
        ..OPEN_12
    },
    Requirement {
        id: "frame.alert-coalesced",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6")],
        says: "A record with more than one alert is refused, even if one of them is a \
               close_notify.",
        why: "Two readers of the same stream disagree on whether it is complete.",
        codes: NO_CLEAN_END_UNNAMED_13,
        rule: on_invalid(|c| ends_uncleanly(c, |reason, r| is_trailing(reason, r, 0), SYNTAX)),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-coalesced-12",
        says: "Whether a receiver takes several alerts in a record one by one is left open; TLS \
               1.2 allows senders to combine them.",
        why: "A sender that does what the RFC permits is not understood.",
        codes: &[behaves("takes-each", Axis::EndSignal)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| match alert12(c, |content| matches!(content, [_, _, 1 | 2, _])) {
                None => Verdict::NotExercised,
                Some(Reaction::Alive) => match c.clean_end_after(tainted(c)) {
                    Some(end) => Verdict::found("takes-each", end),
                    None => Verdict::NotExercised,
                },
                Some(_) => Verdict::Held,
            },
        },
        ..OPEN_12
    },
    Requirement {
        id: "frame.alert-trailing-junk",
        sections: &[rfc8446("6")],
        says: "A record with an alert and trailing bytes that are not an alert ends the connection \
               with decode_error.",
        why: "Bytes that nobody checks leave room for content that was never agreed on.",
        codes: NO_CLEAN_END_13,
        rule: on_invalid(|c| {
            ends_uncleanly(c, |reason, r| is_trailing(reason, r, 1), &[A::DECODE_ERROR])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-in-handshake-frag",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        says: "A record between the fragments of a handshake message is refused, even a \
               close_notify.",
        why: "A clean end is reported although a message was cut short.",
        codes: NO_CLEAN_END_UNNAMED_13,
        rule: on_invalid(|c| {
            ends_uncleanly(
                c,
                |reason, _| reason == R::Interleaved,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
];

/// The common parts of a requirement about framing that RFC 5246 6.2.1 leaves open. The peer makes
/// no claim about such a record, so the rules look at the taint.
const OPEN_12: Requirement = Requirement {
    level: Level::Practice,
    sections: &[rfc5246("6.2.1")],
    versions: &[Version::Tls12],
    scope: Scope::Safety,
    ..EITHER
};

/// The position of the taint. The trigger implies that there is one, and callers ask only after
/// [`alert12`] has found it.
fn tainted(c: &Connection<'_>) -> usize {
    c.facts().taint.unwrap_or_default()
}

/// How the subject reacted to a protected TLS 1.2 alert record with such content, if that record is
/// the taint.
fn alert12(c: &Connection<'_>, is: fn(&[u8]) -> bool) -> Option<Reaction> {
    let at = c.facts().taint.filter(|at| !is_over(c, *at))?;
    let (_, record) = c.delivered().find(|(i, _)| *i == at)?;
    let whole = record.header[..3] == [ContentType::ALERT.0, 3, 3] && is_protected(record);
    if !whole || !is(c.bytes(record.content)) || c.facts().own_close.is_some() {
        return None;
    }
    decided(c, at)
}

/// Whether the next record holds the last byte of a `close_notify`.
fn second_byte_follows(c: &Connection<'_>) -> bool {
    let next = c.delivered_after(tainted(c)).next();
    next.is_some_and(|(_, record)| {
        record.header[0] == ContentType::ALERT.0
            && matches!(record.epoch, Epoch::Application(_))
            && c.bytes(record.content) == [0]
    })
}

/// Whether the record has more bytes than one alert, in an even number if `odd` is 0 and in an odd
/// number if it is 1.
fn is_trailing(reason: R, record: &Delivered, odd: usize) -> bool {
    reason == R::AlertTrailing && is_protected(record) && record.content.len() % 2 == odd
}

fn alert_split(c: &Connection<'_>) -> Verdict {
    let first = c.invalid(|reason| reason == R::AlertOneByte);
    let Some((at, _)) = first.filter(|(at, record)| is_protected(record) && !is_over(c, *at))
    else {
        return Verdict::NotExercised;
    };
    let second = c.delivered_after(at).find(|(_, record)| {
        record.meaning == Meaning::Invalid(R::AlertOneByte) && c.bytes(record.content) == [0]
    });
    let Some((second, _)) = second else {
        return Verdict::NotExercised;
    };
    let real = c.first_after(second, Kind::PeerClose).unwrap_or(usize::MAX);
    match c.clean_end_after(at) {
        Some(end) if end < real => Verdict::found("reports-eof", end),
        _ if c.is_paused() || c.is_blocked() || c.dropped().is_some() => Verdict::NotExercised,
        _ => Verdict::Held,
    }
}
