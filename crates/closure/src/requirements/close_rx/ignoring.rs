//! What arrives behind `close_notify` is ignored, whatever it is (RFC 8446 6.1, RFC 5246 7.2.1).

use protocol::{ApiCall, Capability, ErrorClass, Tls12Close, Version};
use wire::{AlertDescription, MAX_CIPHERTEXT_12, MAX_CIPHERTEXT_13, Meaning, Reason};

use super::scene::{close, ends_with_its_key, is_conclusive};
use crate::{
    Axis, Call, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule,
    Verdict, behaves, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.ignore-data-after",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Application data behind close_notify is ignored.",
        why: "Bytes behind the end of a stream are taken for part of it.",
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
        why: "A peer whose layers both close provokes an error, or a second end.",
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
        says: "An error alert behind close_notify is ignored like anything else there: the end \
               stays clean, and the own half open.",
        why: "An answer that is already complete turns into an error.",
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
        says: "Bytes behind close_notify that are no valid record are ignored, without an alert.",
        why: "Peers that reuse the transport, or tear it down untidily, turn a complete answer \
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
        says: "A header behind close_notify that announces more than a record may hold is ignored \
               too.",
        why: "A length that is checked before anything else turns a complete answer into an error.",
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
        says: "Handshake messages behind close_notify, KeyUpdate among them, are ignored and not \
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
        says: "Bytes behind close_notify belong to whoever uses the transport next, and are left \
               as they are.",
        why: "A protocol that goes on in the clear after TLS loses its first bytes.",
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

/// What came behind the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailer {
    Data,
    Close,
    Error,
    Handshake,
    Oversize,
    Garbage,
    /// Something that a requirement of another family is about.
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

/// Whether everything of this sort behind the close was ignored.
///
/// What goes wrong is put down to the record that arrived last before it: where several arrive in
/// one piece no one else can tell either.
fn ignores(c: &Connection<'_>, sort: Trailer) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    // A wish for renegotiation from before the close may be answered late.
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

/// The first record of this sort behind the close, which comes first.
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

/// Where a write behind this position was refused although the own half was open.
fn refused_write(c: &Connection<'_>, from: usize) -> Option<usize> {
    let full = c.version() == Version::Tls12 && c.setup().profile.tls12_close == Tls12Close::Full;
    let closed = c
        .before(from)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    if full || closed || c.facts().own_close.is_some_and(|at| at < from) {
        return None;
    }
    let by_itself = ends_with_its_key(c);
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
                // Who does not read what is there is offered no state to write in.
                let unread = *class == ErrorClass::NotNow && c.io_at(at).read.is_some();
                (!unread).then_some(at)
            }
            _ => None,
        })
}

/// `change_cipher_spec` in TLS 1.3, which anyone can send.
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
    // A KeyUpdate may go out for reasons of the subject's own: the application's wish, a write at
    // the key's limit, both of which may wait for room, or an answer that is owed from before the
    // close.
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
    // Of a record only the content is known, not how it was on the wire.
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
