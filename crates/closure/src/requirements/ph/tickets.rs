//! Tickets around the end of a connection, and floods of messages that may follow the handshake.

use protocol::{Capability, Role, Version};
use wire::{HandshakeType, Meaning, split_handshake};

use crate::ledger::{Half, Stage};
use crate::requirements::flood::{TOLERATED, bears};
use crate::requirements::reading::{READS, READS_ON, is_followed};
use crate::rule::{Owes, Step};
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
        rule: Rule::Owes(Owes {
            binds: |step| step.now.own == Half::Closed && is_followed(step),
            ..READS_TICKET
        }),
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
        rule: Rule::Notes {
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
        rule: Rule::Notes {
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
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerRenegotiation]),
            check: |c| bears(c, |record| record.meaning == Meaning::RenegotiationRequest),
        },
        ..EITHER
    },
];

/// Everything behind a ticket is read.
const READS_TICKET: Owes = Owes {
    on: Kinds::of(&[Kind::PeerTicket]),
    ..READS
};

/// Where the handshake was done, and whether it resumed a session.
fn resumption(c: &Connection<'_>) -> Option<(usize, bool)> {
    let step = c.steps_of(Kinds::of(&[Kind::HandshakeDone])).next()?;
    match step.event {
        Event::HandshakeDone { resumed, .. } => Some((step.at, *resumed)),
        _ => None,
    }
}

/// Whether a ticket arrives, or begins in a record that another message or part ends.
fn holds_ticket(step: &Step<'_, '_>) -> bool {
    let begins = |record: &Delivered| {
        step.c.bytes(record.content).first() == Some(&HandshakeType::NEW_SESSION_TICKET.0)
    };
    step.kind() == Kind::PeerTicket || step.delivered().is_some_and(begins)
}

fn nst_after_peer_close(transcript: &Transcript) -> Verdict {
    let mut connections = transcript.connections();
    let (Some(first), Some(second), None) =
        (connections.next(), connections.next(), connections.next())
    else {
        return Verdict::NotExercised;
    };
    let messages = Kinds::of(&[Kind::PeerTicket, Kind::PeerKeyUpdate, Kind::PeerHandshake]);
    let ticket = first.steps_of(messages).find(holds_ticket);
    // A close before the peer's Finished ended nothing, or the whole connection.
    let is_close = |step: &Step<'_, '_>| step.now.stage > Stage::Handshake;
    let mut closes = first.steps_of(Kinds::of(&[Kind::PeerClose]));
    let ignored = match (closes.find(is_close), ticket) {
        (Some(close), Some(ticket)) => close.at < ticket.at && ticket.now.peer == Half::Closed,
        _ => false,
    };
    match resumption(&second) {
        Some((at, true)) if ignored => Verdict::found("stores-ticket", at),
        Some((_, false)) if ignored => Verdict::Held,
        _ => Verdict::NotExercised,
    }
}

fn nst_in_same_record(transcript: &Transcript) -> Verdict {
    const READS_TICKETS: Rule = Rule::Owes(Owes {
        binds: |step| step.now.own != Half::Closed && is_followed(step),
        ..READS_TICKET
    });
    let Some(first) = transcript.connections().next() else {
        return Verdict::NotExercised;
    };
    let mut tickets = first.steps_of(READS_TICKET.on);
    let (Some(step), None) = (tickets.next(), tickets.next()) else {
        return Verdict::NotExercised;
    };
    let content = step.delivered().map(|record| first.bytes(record.content));
    let count = content.map_or(0, messages);
    if count < 2 || step.now.peer != Half::Open || step.now.stage < Stage::Done {
        return Verdict::NotExercised;
    }
    let later = || transcript.connections().skip(1).map(|c| resumption(&c));
    let kept = match later().len() == count && later().all(|later| later.is_some()) {
        false => Verdict::NotExercised,
        true => match later().find(|later| matches!(later, Some((_, false)))) {
            Some(_) => Verdict::found("keeps-some", transcript.events().len() - 1),
            None => Verdict::Held,
        },
    };
    READS_TICKETS
        .check(&first)
        .unwrap_or(Verdict::NotExercised)
        .and(kept)
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
