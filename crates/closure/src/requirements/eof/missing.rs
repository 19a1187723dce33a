//! The transport ends without `close_notify`.

use protocol::{End, Role, Version};

use super::{TOLD_BEFORE, TRUNCATED, TRUNCATION, is_cut, is_truncation, may_do_without};
use crate::ledger::{Blame, Failure, Half, Stage, Way};
use crate::rule::{NEVER, Never, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Transport, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "eof.no-close-notify",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A transport that ends before close_notify is a truncation. The API reports it as \
               one, after all the data that arrived.",
        why: "Anyone on the path can cut a stream short, and it looks complete.",
        codes: &[
            deviates("clean-end", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: no_close_notify,
                ..TRUNCATED
            }),
            Rule::Owes(Owes {
                binds: no_close_notify,
                ..TOLD_BEFORE
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "eof.must-have-close-if-reused",
        aliases: &["t12.wait-if-reused"],
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Only close_notify makes an end clean. Whoever goes on using the transport relies on \
               it.",
        why: "Whatever an attacker puts next on the transport is taken for the protocol that \
              follows.",
        codes: &[deviates("clean-end", Axis::EndSignal)],
        scope: Scope::Safety,
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            tempted_by: Kinds::of(&[Kind::TransportEnd]),
            during: |step| {
                let peer = step.now.peer;
                matches!(peer, Half::Open | Half::Ended | Half::Failed) && !step.now.is_tainted
            },
            forbids: Kinds::of(&[Kind::End]),
            breach: takes_the_end_for_a_close,
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.mid-header",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A transport that ends within a record header is a truncation.",
        why: "The few bytes of a partial header are easily overlooked, and the stream looks \
              complete.",
        codes: TRUNCATION,
        rule: Rule::Owes(Owes {
            binds: |step| (1..HEADER).contains(&partial(step)),
            ..TRUNCATED
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.mid-record",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A transport that ends within a record is a truncation, and nothing of that record \
               reaches the application.",
        why: "Bytes without a verified tag could come from anyone.",
        codes: &[
            deviates("clean-end", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
            deviates("delivers-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: mid_record,
                ..TRUNCATED
            }),
            Rule::Owes(Owes {
                binds: mid_record,
                by: Kinds::of(&[Kind::Data]),
                pays: |_, step| match step.c.ledger().told_beyond() == Some(step.at) {
                    // Bytes that come after the end are another matter.
                    true if step.now.blame == Blame::None => Payment::Wrong("delivers-data"),
                    _ => Payment::Nothing,
                },
                missing: |_, _| None,
                ..TRUNCATED
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "eof.mid-close-record",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "It is a truncation if the transport ends one byte before the end of a record as \
               long as a close_notify.",
        why: "Anyone can forge an end that is inferred from the length of a record.",
        codes: TRUNCATION,
        rule: Rule::Owes(Owes {
            binds: |step| almost_close(step.version()).contains(&partial(step)),
            ..TRUNCATED
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.partial-handshake-msg",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "A transport that ends within a handshake message that spans records is a \
               truncation.",
        why: "The records are whole, so only their content shows that something is missing.",
        codes: TRUNCATION,
        rule: Rule::Owes(Owes {
            binds: |step| is_truncation(step, Transport::Fin) && step.now.in_message,
            ..TRUNCATED
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.during-handshake",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A transport that ends during the handshake is an error, and no data is delivered or \
               sent after it.",
        why: "An application that sees a clean end takes an empty answer for a valid one.",
        codes: &[
            deviates("clean-end", Axis::EndSignal),
            deviates("no-error", Axis::EndSignal),
            deviates("delivers-data", Axis::Data),
            deviates("sends-data", Axis::OwnHalf),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                given: Kinds::NONE,
                binds: |step| {
                    let now = step.now;
                    is_early(step) && now.own == Half::Open && now.failure == Failure::None
                },
                missing: |_, _| Some("no-error"),
                ..TRUNCATED
            }),
            Rule::Never(Never {
                tempted_by: Kinds::of(&[Kind::TransportEnd]),
                during: is_early,
                forbids: Kinds::of(&[Kind::Data, Kind::OwnData]),
                breach: goes_on_without_a_handshake,
                ..NEVER
            }),
        ]),
        ..EITHER
    },
];

const HEADER: u32 = 5;

/// The number of bytes of an incomplete record before the end of the transport, if that is a
/// truncation.
fn partial(step: &Step<'_, '_>) -> u32 {
    match step.event {
        Event::Transport { partial, .. } if is_cut(step, Transport::Fin) => *partial,
        _ => 0,
    }
}

fn no_close_notify(step: &Step<'_, '_>) -> bool {
    let in_message =
        step.now.in_message && step.role() == Role::Client && step.version() == Version::Tls13;
    is_truncation(step, Transport::Fin) && !may_do_without(step) && !in_message
}

fn takes_the_end_for_a_close(step: &Step<'_, '_>) -> Option<&'static str> {
    let now = step.now;
    // After more bytes, or a failure, the report may be about those.
    let sole = now.blame == Blame::None && now.failure == Failure::None;
    let clean = matches!(step.event, Event::End(End::Clean));
    (clean && sole && now.peer == Half::Ended && !may_do_without(step)).then_some("clean-end")
}

fn mid_record(step: &Step<'_, '_>) -> bool {
    partial(step) >= HEADER && !almost_close(step.version()).contains(&partial(step))
}

/// The length of a `close_notify` record without its last byte: header, alert and tag, and the
/// content type (TLS 1.3) or explicit nonce (some TLS 1.2 suites).
fn almost_close(version: Version) -> &'static [u32] {
    match version {
        Version::Tls13 => &[5 + 2 + 1 + 16 - 1],
        Version::Tls12 => &[5 + 2 + 16 - 1, 5 + 8 + 2 + 16 - 1],
    }
}

/// Whether the peer's `Finished` has not arrived.
fn is_early(step: &Step<'_, '_>) -> bool {
    step.now.stage == Stage::Handshake && !step.now.is_tainted && step.now.blame < Blame::Must
}

fn goes_on_without_a_handshake(step: &Step<'_, '_>) -> Option<&'static str> {
    match step.kind() {
        _ if !matches!(step.now.input, Way::Ended | Way::Reset) => None,
        Kind::Data => Some("delivers-data"),
        // A TLS 1.3 server may have been writing before the client's Finished.
        _ if step.role() == Role::Server && step.version() == Version::Tls13 => None,
        _ => Some("sends-data"),
    }
}
