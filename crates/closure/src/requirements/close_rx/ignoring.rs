//! Everything that arrives after `close_notify` is ignored (RFC 8446 6.1, RFC 5246 7.2.1).

use protocol::{ApiCall, Capability, End, Version};
use wire::{AlertDescription, MAX_CIPHERTEXT_12, MAX_CIPHERTEXT_13, Meaning, Reason};

use super::own_half::{can_write, refuses};
use crate::ledger::{Application, Asked, Failure, Half, Told, Way};
use crate::rule::{Depends, NEVER, Never, Step};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    behaves, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.ignore-data-after",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Application data after close_notify is ignored.",
        why: "Bytes after the end of a stream are taken for part of it.",
        codes: &[
            deviates("delivers-data", Axis::Data),
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| trails(step, Trailer::Data),
                ..IGNORES
            }),
            Rule::Never(Never {
                forbids: Kinds::of(&[Kind::Data]),
                breach: |step| {
                    (step.c.ledger().told_beyond() == Some(step.at)).then_some("delivers-data")
                },
                ..TRAILS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "close-rx.ignore-close-after",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A second close_notify is ignored.",
        why: "A peer in which two layers both close causes an error or a second end.",
        codes: &[
            deviates("ends-twice", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| trails(step, Trailer::Close),
                ..IGNORES
            }),
            Rule::Never(Never {
                forbids: Kinds::of(&[Kind::End]),
                breach: |step| {
                    let again = *step.event == Event::End(End::Clean);
                    (again && step.now.told == Told::Clean).then_some("ends-twice")
                },
                ..TRAILS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "close-rx.ignore-fatal-after",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "An error alert after close_notify is ignored like anything else there: the end \
               stays clean, and the local write half stays open.",
        why: "An answer that is already complete becomes an error.",
        codes: &[
            deviates("closes-own-half", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| trails(step, Trailer::Error),
                ..IGNORES
            }),
            Rule::Never(Never {
                during: |step| trails(step, Trailer::Error) && can_write(step),
                forbids: Kinds::of(&[Kind::Refused]),
                breach: |step| refuses(step, ApiCall::Write).then_some("closes-own-half"),
                ..TRAILS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "close-rx.ignore-garbage-after",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Bytes after close_notify that are not a valid record are ignored, and no alert is \
               sent.",
        why: "A peer that reuses the transport, or tears it down untidily, turns a complete answer \
              into an error.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::Never(Never {
            during: |step| trails(step, Trailer::Garbage),
            ..IGNORES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.ignore-oversize-after",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A record header after close_notify that announces more than a record may hold is \
               ignored too.",
        why: "A receiver that checks the length before anything else turns a complete answer into \
              an error.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::Never(Never {
            during: |step| trails(step, Trailer::Oversize),
            ..IGNORES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.ignore-ku-after",
        level: Level::Must,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "Handshake messages after close_notify, including KeyUpdate, are ignored and not \
               answered.",
        why: "An answer to a peer that has gone is wasted, and an error hides a clean end.",
        codes: &[
            deviates("sends-key-update", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| trails(step, Trailer::Handshake),
                ..IGNORES
            }),
            Rule::Never(Never {
                during: |step| {
                    trails(step, Trailer::Handshake)
                        && step.now.keys_asked == Asked::Nobody
                        && !step.now.key_used_up
                },
                forbids: Kinds::of(&[Kind::OwnKeyUpdate]),
                breach: |_| Some("sends-key-update"),
                ..TRAILS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "close-rx.trailing-bytes-owner",
        level: Level::Practice,
        sections: &[rfc8446("6.1")],
        needs: &[Capability::Left],
        says: "Bytes after close_notify belong to whoever uses the transport next, and are left \
               untouched.",
        why: "A protocol that continues in plaintext after TLS loses its first bytes.",
        codes: &[
            behaves("takes-bytes", Axis::Data),
            behaves("changes-bytes", Axis::Data),
        ],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: trailing_bytes_owner,
        },
        ..EITHER
    },
];

/// The kind of a record that arrived after the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailer {
    Data,
    Close,
    Error,
    Handshake,
    Oversize,
    Garbage,
    /// A kind that a requirement of another family covers.
    Other,
}

/// The effects that records after the close must not have.
const TRAILS: Never = Never {
    given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
    during: |step| step.now.trailing.is_some(),
    ..NEVER
};

/// Records of a kind are ignored after the close: each rule names the kind.
///
/// A failure is attributed to the last record that arrived before it. If several arrive in one
/// segment, nothing else can tell them apart either.
const IGNORES: Never = Never {
    tempted_by: PEERS,
    forbids: Kinds::of(&[Kind::Failed, Kind::OwnAlert]),
    breach: |step| match step.sent().and_then(|record| record.alert()) {
        Some((_, AlertDescription::USER_CANCELED)) => None,
        // The answer to a request from before the close may have waited for room.
        Some((_, AlertDescription::NO_RENEGOTIATION)) if has_asked(step) => None,
        Some(_) => Some("sends-alert"),
        None => step.fails().then_some("fails"),
    },
    ..TRAILS
};

/// Whether the peer has asked to renegotiate before it closed.
fn has_asked(step: &Step<'_, '_>) -> bool {
    let mut requests = step.c.steps_of(Kinds::of(&[Kind::PeerRenegotiation]));
    requests.any(|request| request.at < step.at && request.now.peer == Half::Open)
}

/// The kinds of the peer's records.
pub(super) const PEERS: Kinds = Kinds::of(&[
    Kind::PeerHandshake,
    Kind::PeerData,
    Kind::PeerEarlyData,
    Kind::PeerClose,
    Kind::PeerCancel,
    Kind::PeerWarning,
    Kind::PeerError,
    Kind::PeerKeyUpdate,
    Kind::PeerTicket,
    Kind::PeerRenegotiation,
    Kind::PeerChangeCipherSpec,
    Kind::PeerInvalid,
    Kind::PeerUnknown,
]);

/// Whether the last record, including one that arrives with this step, is of this kind and has to
/// be ignored.
fn trails(step: &Step<'_, '_>, sort: Trailer) -> bool {
    let now = match step.delivered() {
        Some(_) => step.c.moment(step.at + 1),
        None => step.now,
    };
    let last = now.trailing.and_then(|at| step.c.record(at as usize));
    now.application != Application::Dropped
        && now.input == Way::Free
        && last.is_some_and(|record| trailer(step.c, record) == sort)
}

fn trailer(c: &Connection<'_>, record: &Delivered) -> Trailer {
    let tls13 = c.version() == Version::Tls13;
    match record.meaning {
        Meaning::Data => Trailer::Data,
        Meaning::CloseNotify => Trailer::Close,
        Meaning::Error(_) => Trailer::Error,
        Meaning::KeyUpdate { .. }
        | Meaning::Ticket
        | Meaning::Handshake(_)
        | Meaning::HandshakePart
        | Meaning::Invalid(
            Reason::KeyUpdateValue
            | Reason::UnexpectedMessage(_)
            | Reason::Malformed(_)
            | Reason::Unaligned,
        ) if tls13 => Trailer::Handshake,
        Meaning::ChangeCipherSpec | Meaning::Invalid(Reason::LateChangeCipherSpec) if tls13 => {
            Trailer::Other
        }
        _ if announces_too_much(c, record) => Trailer::Oversize,
        _ => Trailer::Garbage,
    }
}

fn announces_too_much(c: &Connection<'_>, record: &Delivered) -> bool {
    let [kind, major, _, high, low] = record.header;
    let most = match c.version() {
        Version::Tls12 => MAX_CIPHERTEXT_12,
        Version::Tls13 => MAX_CIPHERTEXT_13,
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    (20..=24).contains(&kind) && major == 3 && length > most
}

fn trailing_bytes_owner(c: &Connection<'_>) -> Verdict {
    let last = c.last_moment();
    let Some(first) = c.steps_of(PEERS).find(|step| step.now.peer == Half::Closed) else {
        return Verdict::NotExercised;
    };
    let records = || {
        c.steps_from(first.at, PEERS)
            .filter_map(|step| step.delivered())
    };
    // Only a record's content is stored, not its bytes on the wire.
    let whole = |record: &Delivered| record.content.len() == record.length as usize;
    let bytes = || records().flat_map(|record| c.bytes(record.content));
    if !records().all(whole) || bytes().next().is_none() || last.failure != Failure::None {
        return Verdict::NotExercised;
    }
    let end = last.trailing.map_or(first.at, |at| at as usize);
    let left = c.steps_from(end, Kinds::of(&[Kind::Left])).next();
    let (at, left) = match left.map(|step| (step.at, step.event)) {
        Some((at, Event::Left(span))) => (at, c.bytes(*span)),
        _ => (end, &[][..]),
    };
    match Depends::Input.held(c) {
        Verdict::Held if left.len() != bytes().count() => Verdict::found("takes-bytes", at),
        Verdict::Held if !left.iter().eq(bytes()) => Verdict::found("changes-bytes", at),
        verdict => verdict,
    }
}
