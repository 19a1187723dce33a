//! Tickets around the end of a connection, and floods of messages that may follow the handshake.

use protocol::{Capability, Role, Version};
use wire::{HandshakeType, Meaning, split_handshake};

use crate::requirements::close_rx::scene::any_close;
use crate::requirements::flood::{TOLERATED, bears};
use crate::requirements::reading::{READS_ON, reads_on};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Transcript,
    Verdict, behaves, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ph.nst-while-half-closed",
        level: Level::Definition,
        sections: &[rfc8446("4.6.1"), rfc8446("6.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "A ticket that arrives after the local half was closed, and before the peer closes, \
               is not an error.",
        why: "A client that sends everything it has to send in its first flight never sees the \
              answer.",
        codes: READS_ON,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerTicket]),
            check: nst_while_half_closed,
        },
        ..EITHER
    },
    Requirement {
        id: "ph.nst-after-peer-close",
        level: Level::Must,
        sections: &[rfc8446("6.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        needs: &[Capability::Tickets, Capability::Resumption],
        says: "A ticket after the peer's close_notify is ignored: it resumes nothing.",
        why: "Something that is not part of the connection affects the next one.",
        codes: &[deviates("stores-ticket", Axis::Data)],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::PeerTicket]),
            check: nst_after_peer_close,
        },
        ..EITHER
    },
    Requirement {
        id: "ph.nst-in-same-record-as-other",
        level: Level::May,
        sections: &[rfc8446("5.1"), rfc8446("4.6.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "Several tickets may share a record, and each is accepted.",
        why: "Of the tickets that a server sends at once, a client keeps only the first, or none.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
            deviates("ends-early", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
            behaves("keeps-some", Axis::Data),
        ],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerTicket]),
            check: nst_in_same_record,
        },
        ..EITHER
    },
    Requirement {
        id: "ph.ticket-limit",
        level: Level::Practice,
        sections: &[rfc8446("4.6.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "How many tickets in a row a client tolerates is left open.",
        why: "Each costs the client a key derivation, and room in its store.",
        codes: TOLERATED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerTicket]),
            check: |c| bears(c, |record| record.meaning == Meaning::Ticket),
        },
        ..EITHER
    },
    Requirement {
        id: "ph.fragment-limit",
        level: Level::Practice,
        sections: &[rfc8446("5.1"), rfc5246("6.2.1")],
        says: "How many records a handshake message may be spread over before a receiver gives up \
               is left open.",
        why: "A message that arrives with one byte per record keeps its receiver busy and its \
              buffers full.",
        codes: TOLERATED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerHandshake]),
            check: |c| bears(c, |record| record.meaning == Meaning::HandshakePart),
        },
        ..EITHER
    },
    Requirement {
        id: "ph.renegotiation-limit",
        level: Level::Practice,
        sections: &[rfc5246("7.4.1.1"), rfc5246("7.2.2")],
        versions: &[Version::Tls12],
        says: "How many renegotiation requests a side tolerates, when it refuses each, is left \
               open.",
        why: "Each is answered with an alert: a peer that asks forever is answered forever.",
        codes: TOLERATED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerRenegotiation]),
            check: |c| bears(c, |record| record.meaning == Meaning::RenegotiationRequest),
        },
        ..EITHER
    },
];

fn nst_while_half_closed(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    match c
        .delivered_after(closed)
        .find(|(_, record)| record.meaning == Meaning::Ticket)
    {
        Some((at, _)) => reads_on(c, at),
        None => Verdict::NotExercised,
    }
}

/// The later connections whose handshake was done: the position, and whether a session was resumed.
fn resumptions(transcript: &Transcript) -> impl Iterator<Item = (usize, bool)> + '_ {
    transcript.connections().skip(1).filter_map(|c| {
        c.events().find_map(|(at, event)| match event {
            Event::HandshakeDone { resumed, .. } => Some((at, *resumed)),
            _ => None,
        })
    })
}

fn nst_after_peer_close(transcript: &Transcript) -> Verdict {
    let mut connections = transcript.connections();
    let Some(first) = connections.next() else {
        return Verdict::NotExercised;
    };
    // A close before the handshake was done ended nothing, or the whole connection.
    let Some(closed) = any_close(&first).map(|(at, _)| at) else {
        return Verdict::NotExercised;
    };
    let tickets =
        |(at, record): (usize, &Delivered)| (record.meaning == Meaning::Ticket).then_some(at);
    let first_ticket = first.delivered().find_map(tickets);
    // An earlier ticket may have shared a record with another message, or have come in fragments.
    let mut earlier = first.delivered().take_while(|(at, _)| *at < closed);
    let hidden = earlier.any(|(_, record)| {
        let begins =
            first.bytes(record.content).first() == Some(&HandshakeType::NEW_SESSION_TICKET.0);
        let handshake = matches!(
            record.meaning,
            Meaning::KeyUpdate { .. } | Meaning::HandshakePart
        );
        handshake && begins
    });
    if hidden {
        return Verdict::NotExercised;
    }
    let second = connections.next();
    let later = connections.next().is_some();
    match (first_ticket, second) {
        (Some(ticket), Some(_)) if ticket > closed && !later => {
            match resumptions(transcript).next() {
                Some((at, true)) => Verdict::found("stores-ticket", at),
                Some((_, false)) => Verdict::Held,
                None => Verdict::NotExercised,
            }
        }
        _ => Verdict::NotExercised,
    }
}

fn nst_in_same_record(transcript: &Transcript) -> Verdict {
    let Some(first) = transcript.connections().next() else {
        return Verdict::NotExercised;
    };
    let mut tickets = first
        .delivered()
        .filter(|(_, record)| record.meaning == Meaning::Ticket);
    let (Some((at, record)), None) = (tickets.next(), tickets.next()) else {
        return Verdict::NotExercised;
    };
    let count = messages(first.bytes(record.content));
    let facts = first.facts();
    let before_close = facts.peer_close.is_none_or(|close| close > at);
    if count < 2 || !before_close || facts.handshake_done.is_none_or(|done| done > at) {
        return Verdict::NotExercised;
    }
    let read = match facts.own_close.is_some_and(|own| own < at) {
        true => Verdict::NotExercised,
        false => reads_on(&first, at),
    };
    let connections = transcript.connections().len() - 1;
    let resumed = resumptions(transcript)
        .filter(|(_, resumed)| *resumed)
        .count();
    let kept = match connections.cmp(&count) {
        std::cmp::Ordering::Equal if resumptions(transcript).count() == count => {
            let last = transcript.events().len().saturating_sub(1);
            match resumed == count {
                true => Verdict::Held,
                false => Verdict::found("keeps-some", last),
            }
        }
        _ => Verdict::NotExercised,
    };
    read.and(kept)
}

/// The number of tickets in the content of a record; 0 if there is anything else in it.
fn messages(mut content: &[u8]) -> usize {
    let mut count = 0;
    while let Some((message, len)) = split_handshake(content) {
        if message.kind != HandshakeType::NEW_SESSION_TICKET {
            return 0;
        }
        count += 1;
        content = &content[len..];
    }
    match content.is_empty() {
        true => count,
        false => 0,
    }
}
