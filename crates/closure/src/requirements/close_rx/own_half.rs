//! The peer's `close_notify` does not affect the local write half (RFC 8446 6.1).

use protocol::{ApiCall, ErrorClass, Tls12Close, Version};
use wire::Meaning;

use super::scene::{close, is_conclusive, key_exhausted, pending, was_cut_off};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.half-open-write",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.1")],
        tls12_close: Some(Tls12Close::Half),
        says: "The peer's close_notify ends only the peer's half: the application may go on \
               writing, all of its data arrives, and it closes when it has finished. In TLS 1.2 \
               this depends on the profile.",
        why: "A server cannot answer a client that closes after its request.",
        codes: &[
            deviates("write-refused", Axis::OwnHalf),
            deviates("close-refused", Axis::OwnHalf),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: half_open_write,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.no-discard-pending",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "Data written before the peer's close_notify arrives is still sent.",
        why: "A long answer is cut short because its reader had nothing more to send.",
        codes: &[deviates("discards-data", Axis::Data)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Accepted, Kind::PeerClose]),
            check: no_discard_pending,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.no-auto-reply",
        level: Level::Practice,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "The implementation lets the application decide when to answer close_notify.",
        why: "An automatic answer takes the write half away from an application that still has \
              data to send.",
        codes: &[behaves("closes-by-itself", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: no_auto_reply,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.answer-ku-owed",
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate that the peer requested before it closed is still owed before the next \
               application data.",
        why: "A peer that asked for fresh keys keeps receiving data under the old ones.",
        codes: &[deviates("no-key-update", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[
                Kind::PeerKeyUpdate,
                Kind::PeerClose,
                Kind::AppWrite,
                Kind::OwnData,
            ]),
            check: answer_ku_owed,
        },
        ..EITHER
    },
];

/// The peer's close, if the local write half was still open.
fn open_half(c: &Connection<'_>) -> Option<usize> {
    let closed = close(c)?;
    let gone = c
        .before(closed)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    let sent = c.facts().own_close.is_some_and(|own| own < closed);
    (!gone && !sent).then_some(closed)
}

fn half_open_write(c: &Connection<'_>) -> Verdict {
    let Some(closed) = open_half(c) else {
        return Verdict::NotExercised;
    };
    let ready = c
        .facts()
        .handshake_done
        .map_or(closed, |done| done.max(closed));
    let mut wrote = false;
    let mut asked = None;
    for (at, event) in c.after(ready) {
        match event {
            // Other requirements cover what arrives after the close, and its effects.
            Event::Delivered(_) | Event::Transport { .. } | Event::Failed { .. } => break,
            Event::Called(Call::Drop) => break,
            // TLS 1.2 has no fresh keys: an exhausted key ends the write half, whatever the peer
            // does.
            Event::Sent(record)
                if c.version() == Version::Tls12
                    && asked == Some(ApiCall::Write)
                    && record.alert().is_some() =>
            {
                return Verdict::NotExercised;
            }
            Event::Called(_) if asked == Some(ApiCall::CloseWrite) => break,
            Event::Called(Call::Write(span)) if !span.is_empty() => asked = Some(ApiCall::Write),
            Event::Called(Call::CloseWrite) => asked = Some(ApiCall::CloseWrite),
            Event::Called(_) => asked = None,
            Event::Accepted { bytes } if *bytes > 0 => wrote |= asked == Some(ApiCall::Write),
            // The subject has not seen the close until it has read everything before it. Other
            // requirements cover an exhausted key.
            Event::Refused { .. } if c.io_at(at).read.is_some() || key_exhausted(c) => {
                return Verdict::NotExercised;
            }
            Event::Refused { call, class } if asked == Some(*call) && is_refusal(*class) => {
                return match call {
                    ApiCall::Write => Verdict::found("write-refused", at),
                    _ => Verdict::found("close-refused", at),
                };
            }
            _ => {}
        }
    }
    if !wrote {
        return Verdict::NotExercised;
    }
    // Other requirements cover data lost with an exhausted key.
    let whole = !was_cut_off(c) && !key_exhausted(c) && c.setup().early_written == 0;
    let judged = is_conclusive(c) && whole;
    if !judged || pending(c, closed) > 0 {
        return Verdict::Held;
    }
    let until = c
        .after(closed)
        .find_map(|(at, event)| matches!(event, Event::Called(Call::CloseWrite)).then_some(at));
    let delivery = c.written_until(until.unwrap_or(usize::MAX));
    match delivery.wrong {
        Some(at) => Verdict::found("loses-data", at),
        None if delivery.missing > 0 => Verdict::found("loses-data", closed),
        None => Verdict::Held,
    }
}

/// Whether the peer's close may be the reason for the refusal. A full transport and an exhausted
/// key have nothing to do with it.
fn is_refusal(class: ErrorClass) -> bool {
    !matches!(class, ErrorClass::WouldBlock | ErrorClass::KeyExhausted)
}

fn no_discard_pending(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    if pending(c, closed) == 0 || !is_conclusive(c) || was_cut_off(c) || c.setup().early_written > 0
    {
        return Verdict::NotExercised;
    }
    let delivery = c.written_until(closed);
    match delivery.wrong {
        Some(at) => Verdict::found("discards-data", at),
        None if delivery.missing > 0 => Verdict::found("discards-data", closed),
        None => Verdict::Held,
    }
}

fn no_auto_reply(c: &Connection<'_>) -> Verdict {
    let Some(closed) = open_half(c) else {
        return Verdict::NotExercised;
    };
    let by_itself = c
        .after(closed)
        .take_while(|(_, event)| {
            !matches!(
                event,
                Event::Called(Call::CloseWrite | Call::Drop)
                    | Event::Transport { .. }
                    | Event::Failed { .. }
            )
        })
        .find(|(_, event)| event.kind() == Kind::OwnClose);
    match by_itself {
        Some((at, _)) => Verdict::found("closes-by-itself", at),
        None if c.is_blocked() || c.facts().stopped.is_some() => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

fn answer_ku_owed(c: &Connection<'_>) -> Verdict {
    let Some(closed) = open_half(c).filter(|closed| pending(c, *closed) == 0) else {
        return Verdict::NotExercised;
    };
    let asked = c
        .delivered()
        .take_while(|(at, _)| *at < closed)
        .filter(|(_, record)| record.meaning == Meaning::KeyUpdate { requested: true })
        .last();
    let written = c
        .writes()
        .find(|(at, bytes)| *at > closed && !bytes.is_empty());
    let (Some((asked, _)), Some((written, _))) = (asked, written) else {
        return Verdict::NotExercised;
    };
    let Some(data) = c.first_after(written, Kind::OwnData) else {
        return Verdict::NotExercised;
    };
    let closes = c
        .between(closed, data)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    // An I/O helper does not read for an application that takes no data, so it never sees the
    // request.
    let unread = c.setup().habit.is_some() && c.io_at(data).read.is_some();
    if closes || unread {
        return Verdict::NotExercised;
    }
    let answered = c
        .between(asked, data)
        .any(|(_, event)| event.kind() == Kind::OwnKeyUpdate);
    match answered {
        true => Verdict::Held,
        false => Verdict::found("no-key-update", data),
    }
}
