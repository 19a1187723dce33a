//! How the API reports the end to the application.

use protocol::{End, ErrorClass, Version};
use wire::Alert;

use super::scene::{any_close, behind_finished, close, is_conclusive, record};
use super::shapes::is_padded;
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    deviates, rfc5246, rfc8446, varies,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.signal-eof",
        level: Level::Should,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        says: "The API reports the peer's close_notify to the application as a clean end of data.",
        why: "Without this, the application cannot tell a complete answer from a truncated one.",
        codes: &[
            varies("no-end", Axis::EndSignal),
            varies("wrong-end", Axis::EndSignal),
            deviates("no-end-12", Axis::EndSignal),
            deviates("wrong-end-12", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: signal_eof,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.data-first",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "All data that arrived before close_notify reaches the application before the end \
               does.",
        why: "An application stops reading at the end and loses the tail of the answer.",
        codes: &[
            deviates("end-before-data", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerData, Kind::PeerClose, Kind::End]),
            check: data_first,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.backpressure",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "An application that reads slowly sees the end only once it has read everything.",
        why: "A slow reader stops at the end while data is still waiting for it.",
        codes: &[
            deviates("end-before-data", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerData, Kind::PeerClose, Kind::AppOther]),
            check: backpressure,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.eof-latched",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        says: "A clean end, once reported, stays clean: no later transport event and no further \
               call changes it.",
        why: "A complete answer becomes an error because of how the peer tore down the connection.",
        codes: &[
            deviates("changes-end", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::End]),
            check: eof_latched,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.with-finished",
        level: Level::Definition,
        sections: &[rfc8446("4.4.4"), rfc8446("6.1")],
        says: "When close_notify arrives in the same segment as the peer's Finished, the handshake \
               completes and then the peer's half ends.",
        why: "Peers that only probe, or that have nothing to send, look broken.",
        codes: &[
            deviates("loses-handshake", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerHandshake, Kind::PeerClose]),
            check: with_finished,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.before-tickets",
        aliases: &["ph.server-no-nst-to-closed-client"],
        level: Level::Definition,
        sections: &[rfc8446("4.6.1")],
        roles: &[protocol::Role::Server],
        versions: &[Version::Tls13],
        says: "A client that closes before it has read the server's tickets has closed cleanly, \
               and the server may still send the tickets.",
        why: "Every short-lived client shows up as an error in the server's log.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::OwnHandshake]),
            check: before_tickets,
        },
        ..EITHER
    },
];

/// The first end that the API reported to the application after this position.
fn first_end(c: &Connection<'_>, at: usize) -> Option<(usize, End)> {
    c.after(at).find_map(|(i, event)| match event {
        Event::End(how) => Some((i, *how)),
        _ => None,
    })
}

/// Other requirements cover closes of an unusual shape or in an unusual place.
fn signal_eof(c: &Connection<'_>) -> Verdict {
    let (Some(closed), Some((_, Alert::WARNING))) = (close(c), any_close(c)) else {
        return Verdict::NotExercised;
    };
    if is_padded(c, closed) || behind_finished(c, closed) {
        return Verdict::NotExercised;
    }
    let (no_end, wrong_end) = match c.version() {
        Version::Tls13 => ("no-end", "wrong-end"),
        Version::Tls12 => ("no-end-12", "wrong-end-12"),
    };
    match (first_end(c, closed), c.facts().transport_end) {
        (Some((_, End::Clean)), _) => Verdict::Held,
        (Some((at, _)), Some(over)) if at > over => Verdict::NotExercised,
        (Some((at, _)), _) => Verdict::found(wrong_end, at),
        (None, None) if is_conclusive(c) => Verdict::found(no_end, closed),
        (None, _) => Verdict::NotExercised,
    }
}

fn data_first(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    match (c.clean_end_after(closed), was_slow(c)) {
        (Some(end), false) => data_until_end(c, closed, end),
        _ => Verdict::NotExercised,
    }
}

fn backpressure(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c).filter(|_| was_slow(c)) else {
        return Verdict::NotExercised;
    };
    match c.clean_end_after(closed) {
        Some(end) => data_until_end(c, closed, end),
        None => Verdict::NotExercised,
    }
}

/// Whether the application ever limited its reads.
fn was_slow(c: &Connection<'_>) -> bool {
    c.events()
        .any(|(_, event)| matches!(event, Event::Limited(io) if io.read.is_some()))
}

fn data_until_end(c: &Connection<'_>, closed: usize, end: usize) -> Verdict {
    let delivery = c.data_until(closed);
    if delivery.got + delivery.missing == 0 && delivery.wrong.is_none() {
        return Verdict::NotExercised;
    }
    let before: usize = c
        .before(end)
        .filter_map(|(_, event)| match event {
            Event::Data(span) => Some(span.len()),
            _ => None,
        })
        .sum();
    if delivery.missing == 0 && delivery.wrong.is_none() {
        return match before < delivery.got {
            true => Verdict::found("end-before-data", end),
            false => Verdict::Held,
        };
    }
    match is_conclusive(c) {
        true => Verdict::found("loses-data", end),
        false => Verdict::found("end-before-data", end),
    }
}

fn eof_latched(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    let Some(end) = c.clean_end_after(closed) else {
        return Verdict::NotExercised;
    };
    // Other requirements cover records that arrive after the close.
    let more = c.delivered_after(closed).next();
    let until = more.map_or(usize::MAX, |(i, _)| i);
    let mut asked = false;
    let mut over = false;
    for (at, event) in c.between(end + 1, until) {
        match event {
            Event::Called(Call::Settle(_)) => asked = true,
            Event::Transport { .. } => over = true,
            Event::End(how) if *how != End::Clean => return Verdict::found("changes-end", at),
            Event::Failed { class, .. } if *class != ErrorClass::AlreadyFailed => {
                return Verdict::found("fails", at);
            }
            _ => {}
        }
    }
    match (asked || over) && c.facts().stopped.is_none() {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

fn with_finished(c: &Connection<'_>) -> Verdict {
    // A TLS 1.2 server still owes its own Finished at this point, and RFC 5246 7.2.1 has it discard
    // pending writes.
    if c.role() == protocol::Role::Server && c.version() == Version::Tls12 {
        return Verdict::NotExercised;
    }
    let Some((closed, Alert::WARNING)) = any_close(c) else {
        return Verdict::NotExercised;
    };
    let waits = c.facts().handshake_done.is_none_or(|done| done > closed);
    if !waits || !behind_finished(c, closed) || is_padded(c, closed) {
        return Verdict::NotExercised;
    }
    match (c.facts().handshake_done, c.clean_end_after(closed)) {
        (Some(_), Some(_)) => Verdict::Held,
        _ if !is_conclusive(c) || c.facts().transport_end.is_some() => Verdict::NotExercised,
        (None, _) => Verdict::found("loses-handshake", c.facts().failed.unwrap_or(closed)),
        (Some(_), None) => Verdict::found("no-end", closed),
    }
}

fn before_tickets(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c).filter(|at| record(c, *at).is_some()) else {
        return Verdict::NotExercised;
    };
    let ticket = wire::Content::Handshake(wire::HandshakeType::NEW_SESSION_TICKET);
    let Some((sent, _)) = c.sent_after(closed).find(|(_, r)| r.content == ticket) else {
        return Verdict::NotExercised;
    };
    let until = c
        .delivered_after(closed)
        .next()
        .map_or(usize::MAX, |(i, _)| i);
    let failed = c
        .between(closed, until)
        .find(|(_, event)| event.kind() == Kind::Failed);
    match (failed, first_end(c, closed)) {
        (Some((at, _)), _) => Verdict::found("fails", at),
        (None, Some((_, End::Clean))) => Verdict::Held,
        (None, None) if is_conclusive(c) && c.facts().transport_end.is_none() => {
            Verdict::found("no-end", sent)
        }
        _ => Verdict::NotExercised,
    }
}
