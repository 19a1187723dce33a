//! A server has accepted 0-RTT data, and then the stream, the handshake or the transport ends.

use protocol::{Capability, End, Role, Version};
use wire::{Alert, AlertDescription as A, Epoch, HandshakeType, Meaning, Reason as R};

use super::super::hs::shapes::{ENDS, FAILS, QUIET, is_fair, is_open};
use super::super::refusal::{REFUSED_13, refuses};
use crate::ledger::{Blame, Failure, Half, Reading, Stage, Way};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Excuse, Kind, Kinds, Level, Requirement, Rule, Scope, Transport, behaves,
    deviates, rfc8446, varies,
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
        rule: Rule::Owes(Owes {
            binds: is_early,
            ..ENDS
        }),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: is_early,
                ..FAILS
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerError]),
                // The subject may complain about an error alert whose level is not fatal.
                binds: |step| is_early(step) && is_fatal(step),
                ..QUIET
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: is_cut,
                missing: |_, now| (now.owed.early > 0).then_some("loses-data"),
                ..ENDS_BY_EOF
            }),
            Rule::Owes(Owes {
                binds: is_cut,
                by: Kinds::of(&[Kind::End, Kind::Failed]),
                pays: |_, step| match step.event {
                    Event::End(End::Clean) => Payment::Wrong("clean-end"),
                    _ => Payment::Paid,
                },
                missing: |_, _| Some("no-end"),
                ..ENDS_BY_EOF
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Never(WRONG_DATA),
            Rule::Never(Never {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                during: |step| step.now.early.is_accepted() && step.now.blame < Blame::Must,
                tempted_by: Kinds::of(&[Kind::PeerClose]),
                tempts: |step| step.now.stage == Stage::Done,
                forbids: Kinds::of(&[Kind::End]),
                breach: |step| {
                    let early = step.now.peer == Half::Open || step.now.owed.early > 0;
                    (*step.event == Event::End(End::Clean) && early).then_some("ends-early")
                },
            }),
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                on: Kinds::of(&[Kind::PeerClose]),
                binds: |step| step.now.early.is_accepted() && step.now.is_sound(),
                missing: |_, now| match now.owed.early {
                    0 => now.owed.end.then_some("no-end"),
                    _ => Some("loses-data"),
                },
                ..OWES
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Never(Never {
                during: accepts,
                tempted_by: Kinds::of(&[Kind::PeerUnknown]),
                tempts: is_too_much,
                forbids: Kinds::of(&[Kind::EarlyData]),
                breach: |step| {
                    (told_early(step) > step.setup().early_limit as usize).then_some("delivers")
                },
                ..NEVER
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerUnknown]),
                binds: |step| is_too_much(step) && is_open(step) && accepts(step),
                by: Kinds::ALL,
                pays: |_, step| match (step.error_alert(), step.event) {
                    (Some(A::UNEXPECTED_MESSAGE), _) => Payment::Paid,
                    (Some(_), _) => Payment::Wrong("wrong-alert"),
                    // This may be the reason for what follows.
                    (None, Event::Delivered(_) | Event::Transport { .. }) => {
                        Payment::Void(Excuse::Unclear)
                    }
                    (None, _) => Payment::Nothing,
                },
                missing: |_, now| match now.failure {
                    Failure::None => Some("still-alive"),
                    _ => Some("no-alert"),
                },
                after_failure: true,
                ..OWES
            }),
        ]),
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
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::OwnClose]),
            on: Kinds::of(&[Kind::PeerHandshake]),
            binds: |step| {
                step.meaning() == Some(Meaning::Handshake(HandshakeType::FINISHED))
                    && is_open(step)
                    && step.now.own_finished
                    && step.now.own == Half::Closed
            },
            by: Kinds::of(&[Kind::Failed]),
            pays: |_, step| match (step.now.blame, step.now.input) {
                // It may have failed because of the part of the next record that had arrived.
                (Blame::None, Way::Free) if step.c.fails_early(step.at) => {
                    Payment::Void(Excuse::Unclear)
                }
                (Blame::None, Way::Free) => Payment::Wrong("fails"),
                _ => Payment::Void(Excuse::Failed),
            },
            due: Due::End(Depends::Both),
            at_key_limit: true,
            missing: |_, now| match now.owed.untold {
                0 => now.owed.end.then_some("no-end"),
                _ => Some("loses-data"),
            },
            ..OWES
        }),
        ..SERVER
    },
    Requirement {
        id: "early.bad-record",
        sections: &[rfc8446("4.2.10"), rfc8446("5.2")],
        roles: &[Role::Server],
        says: "Once 0-RTT data is accepted, a 0-RTT record that does not decrypt ends the \
               connection with bad_record_mac: only rejected data is skipped.",
        why: "An attacker who can corrupt records takes pieces out of a request.",
        rule: refuses(|reason, record, step| {
            (reason == R::BadTag && record.epoch == Epoch::Early && accepts(step))
                .then_some(&[A::BAD_RECORD_MAC])
        }),
        ..REFUSED_13
    },
];

/// The 0-RTT data that reaches the application is what the client sent.
const WRONG_DATA: Never = Never {
    during: |step| {
        // Data after the end of the transport belongs to no stream.
        let mut data = step.c.steps_of(Kinds::of(&[Kind::PeerEarlyData]));
        let late = data.any(|it| it.at < step.at && it.now.reading == Reading::Over);
        accepts(step) && !late
    },
    tempted_by: Kinds::of(&[Kind::EarlyData]),
    forbids: Kinds::of(&[Kind::EarlyData]),
    breach: |step| (step.c.ledger().early_wrong() == Some(step.at)).then_some("loses-data"),
    ..NEVER
};

/// The end of the transport ends the handshake.
const ENDS_BY_EOF: Owes = Owes {
    given: Kinds::of(&[Kind::PeerEarlyData]),
    on: Kinds::of(&[Kind::TransportEnd]),
    due: Due::Rest(Depends::Both),
    at_key_limit: true,
    after_failure: true,
    ..OWES
};

/// Whether the transport ends in an orderly way inside a handshake with 0-RTT data.
fn is_cut(step: &Step<'_, '_>) -> bool {
    is_open(step)
        && step.now.early.is_accepted()
        && matches!(
            step.event,
            Event::Transport {
                how: Transport::Fin,
                ..
            }
        )
}

/// Whether the server accepts 0-RTT data, even if its answer has not left yet.
fn accepts(step: &Step<'_, '_>) -> bool {
    step.c.last_moment().early.is_accepted()
}

fn is_early(step: &Step<'_, '_>) -> bool {
    is_open(step)
        && step
            .delivered()
            .is_some_and(|record| record.epoch == Epoch::Early)
}

fn is_fatal(step: &Step<'_, '_>) -> bool {
    let content = step.delivered().map(|record| step.c.bytes(record.content));
    content.and_then(|content| content.first()) == Some(&Alert::FATAL)
}

fn is_too_much(step: &Step<'_, '_>) -> bool {
    step.meaning() == Some(Meaning::ExcessEarlyData) && is_fair(step)
}

/// The number of bytes of 0-RTT data that have reached the application, this event included.
fn told_early(step: &Step<'_, '_>) -> usize {
    let told = step.c.steps_of(Kinds::of(&[Kind::EarlyData]));
    let spans = told
        .take_while(|it| it.at <= step.at)
        .map(|it| match it.event {
            Event::EarlyData(span) => span.len(),
            _ => 0,
        });
    spans.sum()
}
