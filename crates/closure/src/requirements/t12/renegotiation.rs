//! Renegotiation requests around the close.

use protocol::{Role, Version};
use wire::{AlertDescription, HandshakeType, Meaning};

use super::super::close_rx::scene::{can_receive, close, is_conclusive};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc5246, rfc5746,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "t12.hello-request-open",
        level: Level::May,
        sections: &[rfc5246("7.4.1.1"), rfc5246("7.2.2")],
        roles: &[Role::Client],
        versions: &[Version::Tls12],
        says: "A client that is asked to renegotiate may answer with no_renegotiation, \
               renegotiate, or ignore the request; everything else that the server sends is \
               delivered.",
        why: "It shows what a server that asks has to be ready for.",
        codes: &[
            behaves("ignores", Axis::OwnHalf),
            behaves("renegotiates", Axis::OwnHalf),
            behaves("fails", Axis::OwnHalf),
            behaves("loses-data", Axis::Data),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerRenegotiation]),
            check: hello_request_open,
        },
        ..EITHER
    },
    Requirement {
        id: "t12.hello-request-after-peer-close",
        level: Level::Definition,
        sections: &[rfc5246("7.2.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls12],
        says: "A HelloRequest after the server's close_notify is ignored: the client answers with \
               neither a ClientHello nor no_renegotiation.",
        why: "An answer to a peer that has closed can come back as a reset.",
        codes: &[
            deviates("sends-alert", Axis::Alert),
            deviates("sends-hello", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::PeerRenegotiation]),
            check: hello_request_after_peer_close,
        },
        ..EITHER
    },
    Requirement {
        id: "t12.client-hello-half-closed",
        level: Level::Definition,
        sections: &[rfc5246("7.2.1"), rfc5746("3.7")],
        roles: &[Role::Server],
        versions: &[Version::Tls12],
        says: "A server that has closed its half does not start another handshake.",
        why: "A connection that is over comes back to life, perhaps as somebody else's.",
        codes: &[deviates("handshakes", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerRenegotiation]),
            check: client_hello_half_closed,
        },
        ..EITHER
    },
];

/// The positions of the peer's renegotiation requests.
fn requests(c: &Connection<'_>) -> impl Iterator<Item = usize> {
    c.delivered()
        .filter(|(_, record)| record.meaning == Meaning::RenegotiationRequest)
        .map(|(at, _)| at)
}

fn hello_request_open(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let mut requests = requests(c);
    let (Some(at), None, Some(done)) = (requests.next(), requests.next(), facts.handshake_done)
    else {
        return Verdict::NotExercised;
    };
    let open = done < at && facts.own_close.is_none() && facts.peer_close.is_none_or(|p| p > at);
    let sound = facts.fatal.is_none() && is_conclusive(c) && facts.transport_end.is_none();
    if !open || !sound || !can_receive(c, at) {
        return Verdict::NotExercised;
    }
    if let Some(failed) = facts.failed {
        return Verdict::found("fails", failed);
    }
    if c.data_until(facts.peer_close.unwrap_or(usize::MAX)).missing > 0 {
        return Verdict::found("loses-data", at);
    }
    for (i, record) in c.sent_after(at) {
        match record.content {
            wire::Content::Alert {
                description: AlertDescription::NO_RENEGOTIATION,
                ..
            } => return Verdict::Held,
            wire::Content::Handshake(HandshakeType::CLIENT_HELLO) => {
                return Verdict::found("renegotiates", i);
            }
            _ => {}
        }
    }
    Verdict::found("ignores", at)
}

fn hello_request_after_peer_close(c: &Connection<'_>) -> Verdict {
    let Some(closed) = close(c) else {
        return Verdict::NotExercised;
    };
    let Some(at) = requests(c).find(|at| *at > closed) else {
        return Verdict::NotExercised;
    };
    let before = requests(c).any(|at| at < closed);
    let bad = c.delivered_after(closed).any(|(_, record)| {
        !matches!(
            record.meaning,
            Meaning::RenegotiationRequest | Meaning::Data
        )
    });
    if before || bad || !is_conclusive(c) {
        return Verdict::NotExercised;
    }
    let said = c.after(at).find_map(|(i, event)| match event {
        Event::Sent(record) => match (record.alert(), record.content) {
            (Some((_, AlertDescription::CLOSE_NOTIFY)), _) => None,
            (Some(_), _) => Some(Verdict::found("sends-alert", i)),
            // This belongs to the handshake that is done: it waited for room.
            (None, wire::Content::Handshake(HandshakeType::FINISHED)) => None,
            (None, wire::Content::Handshake(_) | wire::Content::HandshakePart) => {
                Some(Verdict::found("sends-hello", i))
            }
            _ => None,
        },
        Event::Failed { .. } => Some(Verdict::found("fails", i)),
        Event::Transport { .. } => Some(Verdict::Held),
        _ => None,
    });
    said.unwrap_or(Verdict::Held)
}

fn client_hello_half_closed(c: &Connection<'_>) -> Verdict {
    let (Some(own), Some(done)) = (c.facts().own_close, c.facts().handshake_done) else {
        return Verdict::NotExercised;
    };
    let Some(at) = requests(c).find(|at| *at > own && done < own) else {
        return Verdict::NotExercised;
    };
    let handshakes = c
        .sent_after(at)
        .find(|(_, record)| {
            matches!(
                record.content,
                wire::Content::Handshake(_) | wire::Content::HandshakePart
            )
        })
        .map(|(i, _)| i);
    match handshakes {
        Some(i) => Verdict::found("handshakes", i),
        None if can_receive(c, at) && is_conclusive(c) => Verdict::Held,
        None => Verdict::NotExercised,
    }
}
