//! The transport ends without `close_notify`.

use protocol::{End, Role, Version};
use wire::Meaning;

use super::scene::{
    FIN, TRUNCATION, Told, cut, delivers_all, is_truncation, may_do_without, open_cut, told,
};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    deviates, rfc5246, rfc8446,
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
        rule: Rule::One {
            trigger: FIN,
            check: no_close_notify,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: must_have_close,
        },
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
        rule: Rule::One {
            trigger: FIN,
            check: mid_header,
        },
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
        rule: Rule::One {
            trigger: FIN,
            check: mid_record,
        },
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
        rule: Rule::One {
            trigger: FIN,
            check: mid_close_record,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerHandshake, Kind::TransportEnd]),
            check: partial_handshake_msg,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::TransportEnd]),
            check: during_handshake,
        },
        ..EITHER
    },
];

fn no_close_notify(c: &Connection<'_>) -> Verdict {
    let Some(cut) = open_cut(c).filter(|cut| cut.partial == 0 && !may_do_without(c, cut.at)) else {
        return Verdict::NotExercised;
    };
    if cut.in_message && c.role() == Role::Client && c.version() == Version::Tls13 {
        return Verdict::NotExercised;
    }
    match is_truncation(c, cut) {
        Verdict::Held => delivers_all(c, cut),
        other => other,
    }
}

fn must_have_close(c: &Connection<'_>) -> Verdict {
    let (mut asked, mut failed) = (false, false);
    for (at, event) in c.events() {
        match event {
            Event::Delivered(record) => match record.meaning {
                Meaning::CloseNotify | Meaning::Unknown => break,
                _ => {}
            },
            Event::Failed { .. } => failed = true,
            Event::Transport { .. } => asked = true,
            // Other requirements cover what a failed connection reports.
            Event::End(End::Clean) if asked && !failed && !may_do_without(c, at) => {
                return Verdict::found("clean-end", at);
            }
            _ => {}
        }
    }
    match asked && c.facts().stopped.is_none() {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

const HEADER: u32 = 5;

fn mid_header(c: &Connection<'_>) -> Verdict {
    match open_cut(c) {
        Some(cut) if (1..HEADER).contains(&cut.partial) => is_truncation(c, cut),
        _ => Verdict::NotExercised,
    }
}

fn mid_record(c: &Connection<'_>) -> Verdict {
    let Some(cut) = open_cut(c)
        .filter(|cut| cut.partial >= HEADER && !almost_close(c.version()).contains(&cut.partial))
    else {
        return Verdict::NotExercised;
    };
    let until = c.delivered_after(cut.at).next();
    let beyond = c.data_until(cut.at).beyond;
    match beyond.filter(|at| until.is_none_or(|(until, _)| *at < until)) {
        Some(at) => Verdict::found("delivers-data", at),
        None => is_truncation(c, cut),
    }
}

/// The length of a `close_notify` record without its last byte: header, alert and tag, and the
/// content type (TLS 1.3) or explicit nonce (some TLS 1.2 suites).
fn almost_close(version: Version) -> &'static [u32] {
    match version {
        Version::Tls13 => &[5 + 2 + 1 + 16 - 1],
        Version::Tls12 => &[5 + 2 + 16 - 1, 5 + 8 + 2 + 16 - 1],
    }
}

fn mid_close_record(c: &Connection<'_>) -> Verdict {
    match open_cut(c) {
        Some(cut) if almost_close(c.version()).contains(&cut.partial) => is_truncation(c, cut),
        _ => Verdict::NotExercised,
    }
}

fn partial_handshake_msg(c: &Connection<'_>) -> Verdict {
    match open_cut(c) {
        Some(cut) if cut.in_message && cut.partial == 0 => is_truncation(c, cut),
        _ => Verdict::NotExercised,
    }
}

fn during_handshake(c: &Connection<'_>) -> Verdict {
    let Some(cut) = cut(c) else {
        return Verdict::NotExercised;
    };
    let done = c.facts().handshake_done.is_some_and(|done| done < cut.at);
    // Where either side was blocked, the handshake may be complete without a report.
    let held_up = c.facts().kinds.has(Kind::AppOther);
    let early = c
        .before(cut.at)
        .any(|(_, event)| matches!(event.kind(), Kind::Accepted | Kind::Data | Kind::OwnClose));
    if done || held_up || early {
        return Verdict::NotExercised;
    }
    let until = c
        .delivered_after(cut.at)
        .next()
        .map_or(usize::MAX, |(i, _)| i);
    // A TLS 1.3 server may have been writing before the client's Finished.
    let half_rtt = c.role() == Role::Server && c.version() == Version::Tls13;
    for (at, event) in c.between(cut.at, until) {
        match event {
            Event::Data(_) => return Verdict::found("delivers-data", at),
            // An API may accept data before the handshake ends, and must not send it if it never
            // does.
            Event::Sent(record) if record.content == wire::Content::Data && !half_rtt => {
                return Verdict::found("sends-data", at);
            }
            _ => {}
        }
    }
    match told(c, cut.at) {
        Told::Clean(at) => Verdict::found("clean-end", at),
        Told::Nothing => Verdict::found("no-error", cut.at),
        Told::Cut => Verdict::Held,
        Told::NotYet => Verdict::NotExercised,
    }
}
