//! Ends of the transport after a close, resets, and their effects.

use protocol::{Capability, End, ErrorClass};

use super::{FIN, TOLD_BEFORE, TRUNCATED, is_truncation};
use crate::ledger::{Blame, Failure, Half, Told, Way};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Transport, behaves, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "eof.after-close",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "If the transport ends after close_notify, by FIN or by reset, the end is still \
               clean.",
        why: "A complete answer becomes an error.",
        codes: &[
            deviates("wrong-end", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            tempted_by: Kinds::of(&[Kind::TransportEnd]),
            during: |step| {
                let now = step.now;
                (now.owed.end || now.told == Told::Clean) && now.failure == Failure::None
            },
            forbids: Kinds::of(&[Kind::End, Kind::Failed]),
            breach: spoils_a_clean_end,
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.after-own-close",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A peer that answers close_notify by ending the transport has not closed cleanly, \
               although TLS 1.2 lets protocols with nothing more to send omit the answer.",
        why: "An application that cannot tell the two apart does not know whether the answer was \
              cut short.",
        codes: &[
            behaves("clean-end", Axis::EndSignal),
            behaves("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            binds: |step| is_truncation(step, Transport::Fin) && step.now.own == Half::Closed,
            ..TRUNCATED
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.rst",
        level: Level::Practice,
        sections: &[],
        says: "A transport reset is a truncation, reported after all the data that arrived before \
               it.",
        why: "The last data from a peer that broke down often says why it did.",
        codes: &[
            behaves("clean-end", Axis::EndSignal),
            behaves("no-end", Axis::EndSignal),
            behaves("loses-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: |step| is_truncation(step, Transport::Reset),
                ..TRUNCATED
            }),
            Rule::Owes(Owes {
                binds: |step| is_truncation(step, Transport::Reset),
                ..TOLD_BEFORE
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "eof.no-alert-on-eof",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Nothing need be sent when the transport ends: the application may still close its \
               write half itself.",
        why: "An alert to a peer that has gone may be answered with a reset.",
        codes: &[
            behaves("sends-alert", Axis::Alert),
            behaves("closes-by-itself", Axis::OwnHalf),
        ],
        rule: Rule::Owes(Owes {
            on: Kinds::of(&[Kind::TransportEnd]),
            binds: |step| {
                matches!(
                    step.event,
                    Event::Transport {
                        how: Transport::Fin,
                        ..
                    }
                ) && step.now.own == Half::Open
                    && step.now.peer == Half::Open
                    && step.now.blame == Blame::None
            },
            by: Kinds::of(&[Kind::OwnClose, Kind::OwnAlert, Kind::AppClose]),
            pays: answers_the_end,
            due: Due::End(Depends::Output),
            after_failure: true,
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "eof.then-bytes",
        level: Level::Practice,
        sections: &[],
        needs: &[Capability::NativeEof],
        says: "No bytes can follow the end of the transport. An implementation that is given some \
               delivers none of them.",
        why: "No application expects data after an end that the API has reported.",
        codes: &[
            behaves("delivers-data", Axis::Data),
            behaves("clean-end", Axis::EndSignal),
        ],
        rule: Rule::Never(Never {
            given: FIN,
            tempted_by: PEER,
            during: |step| step.now.peer == Half::Ended && step.now.input == Way::Ended,
            forbids: Kinds::of(&[Kind::Data, Kind::End]),
            breach: takes_bytes_behind_the_end,
            ..NEVER
        }),
        ..EITHER
    },
];

/// The records that may follow the end of the transport.
const PEER: Kinds = Kinds::of(&[
    Kind::PeerData,
    Kind::PeerClose,
    Kind::PeerError,
    Kind::PeerKeyUpdate,
    Kind::PeerTicket,
    Kind::PeerInvalid,
]);

fn spoils_a_clean_end(step: &Step<'_, '_>) -> Option<&'static str> {
    let now = step.now;
    match step.event {
        // Records after the close may be the cause.
        _ if !matches!(now.input, Way::Ended | Way::Reset) || now.blame > Blame::None => None,
        Event::End(End::Clean) => None,
        // A reset discards what the application has not read yet, and that may be the close.
        Event::End(End::Reset) if now.told != Told::Clean => None,
        Event::Failed {
            class: ErrorClass::AlreadyFailed,
            ..
        } => None,
        Event::Failed { .. } => Some("fails"),
        _ => Some("wrong-end"),
    }
}

fn answers_the_end(_: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match step.kind() {
        Kind::AppClose => Payment::Paid,
        // It may be about bytes that come after the end.
        _ if step.now.blame > Blame::None => Payment::Nothing,
        Kind::OwnClose => Payment::Wrong("closes-by-itself"),
        _ => Payment::Wrong("sends-alert"),
    }
}

fn takes_bytes_behind_the_end(step: &Step<'_, '_>) -> Option<&'static str> {
    match step.event {
        Event::Data(_) if step.c.ledger().told_beyond() == Some(step.at) => Some("delivers-data"),
        // The bytes are the cause only if there are any.
        Event::End(End::Clean) if step.now.blame > Blame::None => Some("clean-end"),
        _ => None,
    }
}
