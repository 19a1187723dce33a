//! A server has accepted 0-RTT data, and then the stream, the handshake or the transport ends.

use protocol::{Capability, End, Role, Version};
use wire::{Alert, AlertDescription, Epoch, HandshakeType, Meaning, Reason};

use super::super::close_rx::scene::{can_receive, close, is_conclusive};
use super::super::hs::scene::{Outcome, answer, early_close, hears_in_handshake, outcome};
use super::super::refusal::{REFUSED_13, ends, on_invalid};
use super::scene::{Answer, Early, early_until, has_accepted, own_answer};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Transport,
    Verdict, behaves, deviates, rfc8446, varies,
};

/// The common parts of a requirement for a server that accepts 0-RTT data.
const SERVER: Requirement = Requirement {
    roles: &[Role::Server],
    versions: &[Version::Tls13],
    ..EITHER
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "early.close-not-eoed",
        level: Level::Practice,
        sections: &[rfc8446("4.5"), rfc8446("4.2.10"), rfc8446("A.1")],
        says: "A close_notify under the 0-RTT keys, in place of EndOfEarlyData, makes the \
               handshake fail.",
        why: "Early data can be replayed and truncated: its end is not the end of anything.",
        codes: &[
            behaves("goes-on", Axis::OwnHalf),
            behaves("waits", Axis::EndSignal),
            behaves("clean-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose]),
            check: close_not_eoed,
        },
        ..SERVER
    },
    Requirement {
        id: "early.alert-under-early-keys",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc8446("A.1")],
        says: "A client's error alert under the 0-RTT keys ends the connection, and is not \
               answered.",
        why: "Until its EndOfEarlyData, a client has no other keys to report that it gives up.",
        codes: &[
            deviates("still-alive", Axis::OwnHalf),
            deviates("clean-end", Axis::EndSignal),
            deviates("answers", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: alert_under_early_keys,
        },
        ..SERVER
    },
    Requirement {
        id: "early.data-before-eof",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc8446("4.2.10")],
        says: "When the transport ends after accepted 0-RTT data, the data is delivered and the \
               handshake fails: this is not a clean end.",
        why: "Data that anyone may have replayed looks like a complete stream.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("clean-end", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData, Kind::TransportEnd]),
            check: data_before_eof,
        },
        ..SERVER
    },
    Requirement {
        id: "early.accepted-then-close-1rtt",
        level: Level::Definition,
        sections: &[rfc8446("4.5"), rfc8446("6.1")],
        says: "0-RTT data, the rest of the handshake and a close_notify form one stream: all the \
               data is delivered, followed by one clean end.",
        why: "A request sent early is cut short, or answered before it is complete.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("ends-early", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData, Kind::HandshakeDone, Kind::PeerClose]),
            check: accepted_then_close,
        },
        ..SERVER
    },
    Requirement {
        id: "early.too-much",
        level: Level::Should,
        sections: &[rfc8446("4.6.1")],
        says: "More 0-RTT data than the ticket allows ends the connection with unexpected_message.",
        why: "There is no bound on data that may be replayed, and that must be held until the \
              handshake is done.",
        codes: &[
            varies("still-alive", Axis::OwnHalf),
            varies("delivers", Axis::Data),
            varies("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: too_much,
        },
        ..SERVER
    },
    Requirement {
        id: "early.half-rtt-close",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc8446("4.4.4")],
        needs: &[Capability::HalfRtt],
        says: "A server that has closed its half before the client's Finished arrives still \
               accepts the Finished, and reads to the client's end.",
        why: "A server that answers at once loses what the client had yet to send.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerHandshake]),
            check: half_rtt_close,
        },
        ..SERVER
    },
    Requirement {
        id: "early.bad-record",
        sections: &[rfc8446("4.2.10"), rfc8446("5.2")],
        roles: &[Role::Server],
        says: "Once 0-RTT data is accepted, a 0-RTT record that does not decrypt ends the \
               connection with bad_record_mac: only rejected data is skipped.",
        why: "An attacker who can corrupt records takes pieces out of a request.",
        rule: on_invalid(bad_record),
        ..REFUSED_13
    },
];

fn accepts(c: &Connection<'_>) -> bool {
    matches!(own_answer(c), Some(Answer::Accepted(_)))
}

fn close_not_eoed(c: &Connection<'_>) -> Verdict {
    let Some((at, _)) = early_close(c).filter(|(_, record)| record.epoch == Epoch::Early) else {
        return Verdict::NotExercised;
    };
    match outcome(c, at) {
        Outcome::Completes(i) => Verdict::found("goes-on", i),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Waits => Verdict::found("waits", at),
        Outcome::Fails(_) => Verdict::Held,
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn alert_under_early_keys(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = c.fatal().filter(|(_, r)| r.epoch == Epoch::Early) else {
        return Verdict::NotExercised;
    };
    if c.peer_error().is_none() {
        return Verdict::NotExercised;
    }
    // The subject may complain about an error alert whose level is not fatal.
    let odd = c.bytes(record.content).first() != Some(&Alert::FATAL);
    // A call that does I/O itself writes pending output before it reads.
    let held_up = c.setup().habit.is_some() && !c.io_at(at).is_free();
    if held_up || !hears_in_handshake(c, at) {
        return Verdict::NotExercised;
    }
    match outcome(c, at) {
        Outcome::Completes(i) => Verdict::found("still-alive", i),
        Outcome::Waits => Verdict::found("still-alive", at),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Fails(_) if odd => Verdict::Held,
        Outcome::Fails(_) => Verdict::held_unless("answers", answer(c, at)),
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn bad_record(c: &Connection<'_>) -> Verdict {
    if !has_accepted(c) {
        return Verdict::NotExercised;
    }
    ends(
        c,
        |reason, record| reason == Reason::BadTag && record.epoch == Epoch::Early,
        &[AlertDescription::BAD_RECORD_MAC],
    )
}

fn data_before_eof(c: &Connection<'_>) -> Verdict {
    let Some(at) = c.facts().transport_end else {
        return Verdict::NotExercised;
    };
    let fin = c.between(at, at + 1).any(|(_, event)| {
        matches!(
            event,
            Event::Transport {
                how: Transport::Fin,
                ..
            }
        )
    });
    let closed = c.facts().peer_close.is_some_and(|close| close < at);
    if !fin || closed || !accepts(c) || !hears_in_handshake(c, at) || !is_conclusive(c) {
        return Verdict::NotExercised;
    }
    match early_until(c, at) {
        Early::Missing => return Verdict::found("loses-data", at),
        // Data after the end of the transport belongs to no stream.
        Early::Wrong(i)
            if c.between(at, i)
                .any(|(_, e)| e.kind() == Kind::PeerEarlyData) =>
        {
            return Verdict::NotExercised;
        }
        Early::Wrong(i) => return Verdict::found("loses-data", i),
        Early::All => {}
    }
    let told = c.after(at).find_map(|(i, event)| match event {
        Event::End(End::Clean) => Some(Verdict::found("clean-end", i)),
        Event::End(_) | Event::Failed { .. } => Some(Verdict::Held),
        Event::Delivered(_) => Some(Verdict::NotExercised),
        _ => None,
    });
    told.unwrap_or(Verdict::found("no-end", at))
}

fn accepted_then_close(c: &Connection<'_>) -> Verdict {
    let Some(at) = close(c).filter(|_| accepts(c)) else {
        return Verdict::NotExercised;
    };
    match early_until(c, at) {
        Early::Wrong(i) => return Verdict::found("loses-data", i),
        Early::Missing if is_conclusive(c) => return Verdict::found("loses-data", at),
        Early::Missing => return Verdict::NotExercised,
        Early::All => {}
    }
    let last = c
        .events()
        .rfind(|(_, event)| matches!(event, Event::EarlyData(_)));
    match c.clean_end_after(0) {
        Some(end) if last.is_some_and(|(early, _)| early > end) => {
            Verdict::found("ends-early", end)
        }
        Some(end) if end > at => Verdict::Held,
        Some(end) => Verdict::found("ends-early", end),
        None if is_conclusive(c) && c.facts().failed.is_none() => Verdict::found("no-end", at),
        None => Verdict::NotExercised,
    }
}

fn too_much(c: &Connection<'_>) -> Verdict {
    let Some(at) = c.facts().taint else {
        return Verdict::NotExercised;
    };
    let excess = c.between(at, at + 1).any(
        |(_, event)| matches!(event, Event::Delivered(r) if r.meaning == Meaning::ExcessEarlyData),
    );
    let sound = c.setup().habit != Some(protocol::HabitKind::Abuse)
        && c.io_at(at).is_free()
        && hears_in_handshake(c, at);
    if !excess || !sound || !accepts(c) {
        return Verdict::NotExercised;
    }
    let mut left = c.setup().early_limit as usize;
    for (i, event) in c.events() {
        if let Event::EarlyData(span) = event {
            match left.checked_sub(span.len()) {
                Some(rest) => left = rest,
                None => return Verdict::found("delivers", i),
            }
        }
    }
    let mut failed = None;
    for (i, event) in c.after(at) {
        match event {
            Event::Sent(record) => match record.alert() {
                Some((_, AlertDescription::UNEXPECTED_MESSAGE)) => return Verdict::Held,
                Some((_, AlertDescription::CLOSE_NOTIFY)) | None => {}
                Some(_) => return Verdict::found("wrong-alert", i),
            },
            Event::Failed { .. } => _ = failed.get_or_insert(i),
            // This event may be the reason for what follows.
            Event::Delivered(_) | Event::Limited(_) | Event::Transport { .. } => {
                return Verdict::NotExercised;
            }
            _ if matches!(event.kind(), Kind::Crash | Kind::Hang) => return Verdict::NotExercised,
            _ => {}
        }
    }
    match failed {
        Some(i) => Verdict::found("no-alert", i),
        None => Verdict::found("still-alive", at),
    }
}

fn half_rtt_close(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let (Some(own), Some(said)) = (facts.own_close, c.own_message(HandshakeType::FINISHED)) else {
        return Verdict::NotExercised;
    };
    let finished = c
        .peer_messages(HandshakeType::FINISHED)
        .find(|(at, _)| *at > own);
    let Some((finished, _)) = finished.filter(|_| said.at < own) else {
        return Verdict::NotExercised;
    };
    let early = facts.peer_close.is_some_and(|close| close < finished);
    let sound = facts.fatal.is_none() && facts.transport_end.is_none() && is_conclusive(c);
    if !sound || early || !can_receive(c, finished) {
        return Verdict::NotExercised;
    }
    match (facts.failed, facts.peer_close) {
        (Some(failed), _) if c.is_flooded(failed) => Verdict::NotExercised,
        (Some(failed), _) => Verdict::found("fails", failed),
        (None, None) => Verdict::NotExercised,
        (None, Some(closed)) => match (c.data_until(closed).missing, c.clean_end_after(closed)) {
            (0, Some(_)) => Verdict::Held,
            (_, None) => Verdict::found("no-end", closed),
            (_, Some(_)) => Verdict::found("loses-data", closed),
        },
    }
}
