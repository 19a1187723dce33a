//! Everything that arrives after `close_notify` is ignored (RFC 8446 6.1, RFC 5246 7.2.1).

use protocol::{ApiCall, Capability, ErrorClass, Tls12Close, Version};
use wire::{AlertDescription, MAX_CIPHERTEXT_12, MAX_CIPHERTEXT_13, Meaning, Reason};

use super::scene::{close, is_conclusive, key_exhausted};
use crate::{
    Axis, Call, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule,
    Verdict, behaves, deviates, rfc5246, rfc8446,
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::PeerData]),
            check: ignore_data,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: ignore_close,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::PeerError]),
            check: ignore_fatal,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: ignore_garbage,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: ignore_oversize,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: ignore_ku,
        },
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
        rule: Rule::One {
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

/// Whether the subject ignored all records of this kind after the close.
///
/// A failure is attributed to the last record that arrived before it. If several arrive in one
/// segment, nothing else can tell them apart either.
fn ignores(c: &Connection<'_>, sort: Trailer) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    // A renegotiation request from before the close may be answered late.
    let asked = c
        .before(closed)
        .any(|(_, event)| event.kind() == Kind::PeerRenegotiation);
    let mut mine = false;
    let mut last = None;
    for (at, event) in c.after(closed) {
        match event {
            Event::Delivered(record) => {
                let this = trailer(c, record);
                mine |= this == sort;
                last = Some(this);
            }
            Event::Transport { .. } | Event::Called(Call::Drop) => break,
            Event::Failed { class, .. } if *class != ErrorClass::AlreadyFailed => {
                return by(last, sort, "fails", at);
            }
            Event::Sent(record) => match record.alert() {
                None | Some((_, AlertDescription::CLOSE_NOTIFY)) => {}
                Some((_, AlertDescription::USER_CANCELED)) => {}
                Some((1, AlertDescription::NO_RENEGOTIATION)) if asked => {}
                Some(_) => return by(last, sort, "sends-alert", at),
            },
            _ => {}
        }
    }
    match mine && is_conclusive(c) {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

fn by(last: Option<Trailer>, sort: Trailer, code: &'static str, at: usize) -> Verdict {
    match last == Some(sort) {
        true => Verdict::found(code, at),
        false => Verdict::NotExercised,
    }
}

/// The positions of the close and of the first record of this kind after it.
fn first_of(c: &Connection<'_>, sort: Trailer) -> Option<(usize, usize)> {
    let closed = close(c)?;
    let until = c.facts().transport_end.unwrap_or(usize::MAX);
    c.delivered_after(closed)
        .find(|(at, record)| *at < until && trailer(c, record) == sort)
        .map(|(at, _)| (closed, at))
}

fn ignore_data(c: &Connection<'_>) -> Verdict {
    let Some((closed, _)) = first_of(c, Trailer::Data) else {
        return Verdict::NotExercised;
    };
    match c.data_until(closed).beyond {
        Some(at) => Verdict::found("delivers-data", at),
        None => ignores(c, Trailer::Data),
    }
}

fn ignore_close(c: &Connection<'_>) -> Verdict {
    let Some((closed, again)) = first_of(c, Trailer::Close) else {
        return Verdict::NotExercised;
    };
    let twice = c
        .clean_end_after(closed)
        .and_then(|first| c.clean_end_after(first))
        .filter(|second| *second > again);
    match twice {
        Some(at) => Verdict::found("ends-twice", at),
        None => ignores(c, Trailer::Close),
    }
}

fn ignore_fatal(c: &Connection<'_>) -> Verdict {
    let Some((_, error)) = first_of(c, Trailer::Error) else {
        return Verdict::NotExercised;
    };
    match refused_write(c, error) {
        Some(at) => Verdict::found("closes-own-half", at),
        None => ignores(c, Trailer::Error),
    }
}

/// Where a write after this position was refused although the write half was open.
fn refused_write(c: &Connection<'_>, from: usize) -> Option<usize> {
    let full = c.version() == Version::Tls12 && c.setup().profile.tls12_close == Tls12Close::Full;
    let closed = c
        .before(from)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    if full || closed || c.facts().own_close.is_some_and(|at| at < from) {
        return None;
    }
    let by_itself = key_exhausted(c);
    c.after(from)
        .take_while(|(_, event)| match event {
            Event::Called(Call::CloseWrite | Call::Drop) => false,
            Event::Transport { .. } | Event::Failed { .. } => false,
            event => !by_itself || event.kind() != Kind::OwnClose,
        })
        .find_map(|(at, event)| match event {
            Event::Refused {
                call: ApiCall::Write,
                class,
            } if !matches!(class, ErrorClass::WouldBlock | ErrorClass::KeyExhausted) => {
                // An application that leaves data unread never reaches a state in which it can
                // write.
                let unread = *class == ErrorClass::NotNow && c.io_at(at).read.is_some();
                (!unread).then_some(at)
            }
            _ => None,
        })
}

/// The rule for `change_cipher_spec` in TLS 1.3, which anyone on the path can inject.
pub(in crate::requirements) fn ignores_ccs(c: &Connection<'_>) -> Verdict {
    match first_of(c, Trailer::Other) {
        Some(_) => ignores(c, Trailer::Other),
        None => Verdict::NotExercised,
    }
}

fn ignore_garbage(c: &Connection<'_>) -> Verdict {
    ignores(c, Trailer::Garbage)
}

fn ignore_oversize(c: &Connection<'_>) -> Verdict {
    ignores(c, Trailer::Oversize)
}

fn ignore_ku(c: &Connection<'_>) -> Verdict {
    let Some((closed, first)) = first_of(c, Trailer::Handshake) else {
        return Verdict::NotExercised;
    };
    // A KeyUpdate may have another cause: the application's request or a write at the key's limit,
    // both of which may wait for room, or an answer owed from before the close.
    let owed = c.before(closed).any(|(_, event)| match event {
        Event::Delivered(record) => record.meaning == Meaning::KeyUpdate { requested: true },
        Event::Called(Call::UpdateKeys) => true,
        _ => false,
    });
    let waits = c.io_at(first).room.is_some();
    let owed = owed || waits && (c.setup().key_limit.is_some() || asks_for_keys(c, first));
    let answer = c
        .after(first)
        .take_while(|(_, event)| !matches!(event, Event::Called(Call::Write(_) | Call::UpdateKeys)))
        .find(|(_, event)| event.kind() == Kind::OwnKeyUpdate);
    match answer {
        Some((at, _)) if !owed => Verdict::found("sends-key-update", at),
        _ => ignores(c, Trailer::Handshake),
    }
}

/// Whether the application had asked for fresh keys before this position.
fn asks_for_keys(c: &Connection<'_>, to: usize) -> bool {
    c.before(to)
        .any(|(_, event)| event.kind() == Kind::AppUpdateKeys)
}

fn trailing_bytes_owner(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c).filter(|_| is_conclusive(c)) else {
        return Verdict::NotExercised;
    };
    // Only a record's content is stored, not its bytes on the wire.
    let whole = |record: &Delivered| record.content.len() == record.length as usize;
    let mut trailing = c.delivered_after(closed);
    if trailing.any(|(_, record)| !whole(record)) || c.facts().failed.is_some() {
        return Verdict::NotExercised;
    }
    let Some((last, _)) = c.delivered_after(closed).last() else {
        return Verdict::NotExercised;
    };
    let bytes = || {
        let contents = c.delivered_after(closed).map(|(_, r)| c.bytes(r.content));
        contents.flatten()
    };
    let length = bytes().count();
    if length == 0 {
        return Verdict::NotExercised;
    }
    let left = c.after(last).find_map(|(i, event)| match event {
        Event::Left(span) => Some((i, c.bytes(*span))),
        _ => None,
    });
    match left {
        Some((_, left)) if left.iter().eq(bytes()) => Verdict::Held,
        Some((at, left)) if left.len() == length => Verdict::found("changes-bytes", at),
        Some((at, _)) => Verdict::found("takes-bytes", at),
        None => Verdict::found("takes-bytes", last),
    }
}
