//! Renegotiation requests around the close.

use protocol::{Role, Version};
use wire::{AlertDescription, Content, HandshakeType};

use crate::ledger::{Blame, Failure, Half, Stage, Told};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, behaves, deviates, rfc5246, rfc5746,
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                due: Due::End(Depends::Both),
                missing: |_, now| (now.owed.untold > 0).then_some("loses-data"),
                ..ASKED
            }),
            Rule::Owes(Owes {
                by: REACTION.union(REQUEST),
                pays: answers,
                missing: |_, _| Some("ignores"),
                ..ASKED
            }),
        ]),
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
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerClose]),
            on: REQUEST,
            binds: |step| {
                let now = step.now;
                let closed = now.owed.end || now.told == Told::Clean;
                closed && now.blame == Blame::None && now.failure == Failure::None
            },
            by: REACTION,
            pays: answers_a_closed_peer,
            ..OWES
        }),
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
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose]),
            during: |step| step.now.own == Half::Closed && step.now.stage == Stage::Done,
            tempted_by: REQUEST,
            forbids: Kinds::of(&[Kind::OwnHandshake]),
            breach: |step| match step.sent()?.content {
                // These belong to the handshake that is done: they waited for room.
                Content::Handshake(HandshakeType::FINISHED | HandshakeType::NEW_SESSION_TICKET) => {
                    None
                }
                // A KeyUpdate is out of place, but starts no handshake.
                Content::Handshake(HandshakeType(24)) => None,
                _ => Some("handshakes"),
            },
            ..NEVER
        }),
        ..EITHER
    },
];

const REQUEST: Kinds = Kinds::of(&[Kind::PeerRenegotiation]);

const REACTION: Kinds = Kinds::of(&[Kind::OwnHandshake, Kind::OwnAlert, Kind::Failed]);

/// The first request on an open connection.
const ASKED: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone]),
    on: REQUEST,
    binds: |step| {
        let now = step.now;
        let open = now.own == Half::Open && now.peer == Half::Open;
        let first = step.c.first(step.kind()) == Some(step.at);
        first && open && now.is_sound() && now.blame == Blame::None
    },
    ..OWES
};

fn answers(_: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match step.event {
        // Another record may be the reason.
        Event::Delivered(_) => Payment::Void(Excuse::Unclear),
        _ if step.now.blame == Blame::Must => Payment::Void(Excuse::Failed),
        Event::Failed { .. } => Payment::Wrong("fails"),
        Event::Sent(record) => match (record.content, record.alert()) {
            (Content::Handshake(HandshakeType::CLIENT_HELLO), _) => Payment::Wrong("renegotiates"),
            (_, Some((_, AlertDescription::NO_RENEGOTIATION))) => Payment::Paid,
            _ => Payment::Nothing,
        },
        _ => Payment::Nothing,
    }
}

fn answers_a_closed_peer(_: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match step.event {
        Event::Failed { .. } => Payment::Wrong("fails"),
        Event::Sent(record) if record.alert().is_some() => Payment::Wrong("sends-alert"),
        // This belongs to the handshake that is done: it waited for room.
        Event::Sent(record) if record.content == Content::Handshake(HandshakeType::FINISHED) => {
            Payment::Nothing
        }
        _ => Payment::Wrong("sends-hello"),
    }
}
