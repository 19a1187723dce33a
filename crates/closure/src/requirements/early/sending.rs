//! A client that has written 0-RTT data must mark where it ends.

use protocol::{Role, Version};
use wire::{AlertDescription as A, Content, HandshakeType, Reason as R};

use super::super::refusal::refuses;
use crate::ledger::{Early, Stage};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{Axis, EITHER, Kind, Kinds, Level, Requirement, Rule, deviates, rfc8446, varies};

const CLIENT: Requirement = Requirement {
    level: Level::Must,
    sections: &[rfc8446("4.5")],
    roles: &[Role::Client],
    versions: &[Version::Tls13],
    ..EITHER
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "early.eoed-required",
        says: "A client whose 0-RTT data was accepted sends EndOfEarlyData before its Finished, \
               even if it has nothing more to send and wants to close.",
        why: "The server cannot tell where the early data ends, and the handshake fails.",
        codes: &[deviates("no-eoed", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            during: |step| step.now.early.is_accepted(),
            breach: |step| {
                let left_out = step.now.early == Early::Accepted;
                (left_out && sends(step, HandshakeType::FINISHED)).then_some("no-eoed")
            },
            ..ENDS_HANDSHAKE
        }),
        ..CLIENT
    },
    Requirement {
        id: "early.eoed-misplaced",
        says: "A client whose 0-RTT data was rejected sends no EndOfEarlyData, and a client that \
               receives one from a server refuses it with unexpected_message.",
        why: "A server that has rejected early data takes it for a broken handshake.",
        codes: &[
            deviates("sends-eoed", Axis::OwnHalf),
            deviates("still-alive", Axis::OwnHalf),
            deviates("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| step.now.early.is_rejected(),
                breach: |step| {
                    sends(step, HandshakeType::END_OF_EARLY_DATA).then_some("sends-eoed")
                },
                ..ENDS_HANDSHAKE
            }),
            refuses(|reason, _, _| {
                (reason == R::UnexpectedMessage(HandshakeType::END_OF_EARLY_DATA))
                    .then_some(&[A::UNEXPECTED_MESSAGE])
            }),
        ]),
        ..CLIENT
    },
    Requirement {
        id: "early.close-by-server-before-eoed",
        level: Level::Definition,
        sections: &[rfc8446("4.5"), rfc8446("6.1")],
        says: "A server that closes right after its own Finished has only closed its half: the \
               client still sends EndOfEarlyData and Finished.",
        why: "The server never learns that the request it answered came from this client.",
        codes: &[
            deviates("no-eoed", Axis::OwnHalf),
            deviates("no-finished", Axis::OwnHalf),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerHandshake]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: |step| step.now.early.is_accepted() && step.now.stage == Stage::Finished,
            by: Kinds::of(&[Kind::OwnHandshake]),
            pays: |_, step| match (sends(step, HandshakeType::FINISHED), step.now.early) {
                (false, _) => Payment::Nothing,
                (true, Early::Ended) => Payment::Paid,
                (true, _) => Payment::Wrong("no-eoed"),
            },
            // The rest of the handshake may wait for data that the application has to read.
            due: Due::Rest(Depends::Both),
            missing: |_, _| Some("no-finished"),
            ..OWES
        }),
        ..CLIENT
    },
];

/// The records of a client once the server's Finished has arrived.
const ENDS_HANDSHAKE: Never = Never {
    tempted_by: Kinds::of(&[Kind::OwnHandshake]),
    tempts: |step| sends(step, HandshakeType::FINISHED),
    forbids: Kinds::of(&[Kind::OwnHandshake]),
    ..NEVER
};

/// Whether the subject sends a message of this type. A client that resumes a session sends these two
/// each in a record of its own, because their keys differ.
fn sends(step: &Step<'_, '_>, kind: HandshakeType) -> bool {
    step.sent()
        .is_some_and(|record| record.content == Content::Handshake(kind))
}
