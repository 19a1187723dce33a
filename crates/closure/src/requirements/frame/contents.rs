//! Alert records that do not hold exactly one alert.

use protocol::{End, Version};
use wire::{AlertDescription as A, ContentType, Epoch, Reason as R};

use super::super::refusal::{
    NO_CLEAN_END_13, NO_CLEAN_END_UNNAMED_13, REFUSED_13, UNNAMED_13, is_protected, refuses,
    refuses_as_close,
};
use super::{Taken, taken};
use crate::ledger::{Blame, Failure, Half, Reading};
use crate::rule::{Depends, Due, OWES, Owes, Payment, Step};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope,
    Verdict, behaves, deviates, rfc5246, rfc8446,
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
        rule: refuses(|reason, record, _| {
            let is = reason == R::EmptyAlert && is_protected(record);
            is.then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-empty-12",
        says: "How a receiver reacts to an alert record without content, which no sender may send, \
               is left open.",
        why: "Empty records cost the receiver work and the sender none.",
        codes: &[behaves("ignores", Axis::Alert)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| match alert12(c, |content| content.is_empty()) {
                None => Verdict::NotExercised,
                Some(at) => match taken(c, at) {
                    Err(excuse) => Verdict::Excused(excuse),
                    Ok(Taken::Ignored) => Verdict::found("ignores", at),
                    Ok(_) => Verdict::Held,
                },
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
        rule: refuses(|reason, record, _| {
            (reason == R::AlertOneByte && is_protected(record)).then_some(SYNTAX)
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
        rule: Rule::Owes(Owes {
            on: Kinds::of(&[Kind::PeerInvalid]),
            // After a failure, the end may be that of an earlier close.
            binds: |step| {
                let now = step.now;
                let refuses = now.blame == Blame::Must && now.failure == Failure::None;
                refuses && is_second_byte(step)
            },
            by: Kinds::of(&[Kind::End, Kind::PeerClose]),
            pays: |_, step| match step.event {
                Event::End(End::Clean) => Payment::Wrong("reports-eof"),
                Event::End(_) => Payment::Nothing,
                _ => Payment::Paid,
            },
            due: Due::End(Depends::Both),
            after_failure: true,
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "frame.alert-split-12",
        says: "Whether a receiver joins an alert that is split over two records is left open; TLS \
               1.2 allows senders to split it.",
        why: "A sender that does what the RFC permits is not understood.",
        codes: &[behaves("puts-together", Axis::EndSignal)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| {
                let first = alert12(c, |content| matches!(content, [1 | 2]));
                let second = first.and_then(|at| c.steps_after(at).find(is_record));
                let second = second.filter(is_second_byte);
                is_close(c, second.map(|step| step.at), "puts-together")
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
        rule: refuses_as_close(|reason, record, _| {
            is_trailing(reason, record, 0).then_some(SYNTAX)
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-coalesced-12",
        says: "Whether a receiver takes several alerts in a record one by one is left open; TLS \
               1.2 allows senders to combine them.",
        why: "A sender that does what the RFC permits is not understood.",
        codes: &[behaves("takes-each", Axis::EndSignal)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: |c| {
                let both = alert12(c, |content| matches!(content, [_, _, 1 | 2, _]));
                is_close(c, both, "takes-each")
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
        rule: refuses_as_close(|reason, record, _| {
            is_trailing(reason, record, 1).then_some(&[A::DECODE_ERROR])
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
        rule: refuses_as_close(|reason, _, _| {
            (reason == R::Interleaved).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
];

/// The common parts of a requirement about framing that RFC 5246 6.2.1 leaves open. The peer makes
/// no claim about such a record, so that the ledger ends there.
const OPEN_12: Requirement = Requirement {
    level: Level::Practice,
    sections: &[rfc5246("6.2.1")],
    versions: &[Version::Tls12],
    scope: Scope::Safety,
    ..EITHER
};

/// The position of the record that leaves the state unknown, if it is a protected TLS 1.2 alert
/// record with such content.
fn alert12(c: &Connection<'_>, is: fn(&[u8]) -> bool) -> Option<usize> {
    let step = c.steps_of(Kinds::of(&[Kind::PeerUnknown])).next()?;
    let (record, now) = (step.delivered()?, step.now);
    let listens = now.failure == Failure::None && now.blame == Blame::None;
    let open = now.peer == Half::Open && now.reading == Reading::Open && !now.is_tainted;
    let whole = record.header[..3] == [ContentType::ALERT.0, 3, 3] && is_protected(record);
    (listens && open && whole && is(c.bytes(record.content))).then_some(step.at)
}

/// The verdict on a record that contains a `close_notify`: `code` if the subject sees it.
fn is_close(c: &Connection<'_>, at: Option<usize>, code: &'static str) -> Verdict {
    match at.map(|at| taken(c, at)) {
        Some(Ok(Taken::Ended(end))) => Verdict::found(code, end),
        Some(Ok(Taken::Refused)) => Verdict::Held,
        Some(Err(excuse)) => Verdict::Excused(excuse),
        Some(Ok(Taken::Ignored)) | None => Verdict::NotExercised,
    }
}

fn is_record(step: &Step<'_, '_>) -> bool {
    step.delivered().is_some()
}

/// Whether the record holds the second byte of a `close_notify` alone.
fn is_second_byte(step: &Step<'_, '_>) -> bool {
    let record = step.delivered();
    record.is_some_and(|record| {
        let alert = match step.version() {
            Version::Tls12 => record.header[0] == ContentType::ALERT.0,
            Version::Tls13 => record.meaning == wire::Meaning::Invalid(R::AlertOneByte),
        };
        let protected = matches!(record.epoch, Epoch::Application(_));
        alert && protected && *step.c.bytes(record.content) == [0]
    })
}

/// Whether the record has more bytes than one alert, in an even number if `odd` is 0 and in an odd
/// number if it is 1.
fn is_trailing(reason: R, record: &Delivered, odd: usize) -> bool {
    reason == R::AlertTrailing && is_protected(record) && record.content.len() % 2 == odd
}
