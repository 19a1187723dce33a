//! How the API reports an error alert to the application.

use protocol::{Direction, End, ErrorClass, Version};

use super::error;
use crate::ledger::{Application, Half};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, behaves, deviates, rfc5246,
    rfc8446, varies,
};

const PEER_ERROR: Kinds = Kinds::of(&[Kind::PeerError]);

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "alert-rx.fatal-surfaces",
        level: Level::Should,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc5246("7.2")],
        says: "The API reports an error alert from the peer to the application as a failure.",
        why: "The application waits for an answer that the peer has refused to give.",
        codes: &[varies("untold", Axis::EndSignal)],
        rule: Rule::Owes(Owes {
            binds: |step| error(step).is_some() && step.now.own != Half::Closed,
            ..IS_TOLD
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.after-own-close",
        level: Level::Should,
        sections: &[rfc8446("6")],
        says: "The API reports an error alert as a failure even after the local write half was \
               closed.",
        why: "An application that has closed its write half takes a truncated answer for a \
              complete one.",
        codes: &[varies("untold", Axis::EndSignal)],
        rule: Rule::Owes(Owes {
            binds: |step| error(step).is_some() && step.now.own == Half::Closed,
            ..IS_TOLD
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.loggable",
        level: Level::Should,
        sections: &[rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "The failure that an error alert causes names the alert.",
        why: "Without the alert's name nobody can tell a rejected certificate from a bug.",
        codes: &[
            varies("unnamed", Axis::EndSignal),
            varies("misnamed", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::Failed]),
            // An undefined level is an error of its own.
            binds: |step| error(step).is_some_and(|(level, _)| matches!(level, 1 | 2)),
            pays: names,
            missing: |_, _| None,
            ..IS_TOLD
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.error-not-eof",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        says: "An error alert is never reported as a clean end.",
        why: "A stream that the peer abandoned is taken for a complete one.",
        codes: &[deviates("reports-eof", Axis::EndSignal)],
        rule: Rule::Never(Never {
            given: PEER_ERROR,
            during: |step| step.now.peer_alerted || error(step).is_some(),
            tempted_by: PEER_ERROR,
            forbids: Kinds::of(&[Kind::End]),
            breach: |step| matches!(step.event, Event::End(End::Clean)).then_some("reports-eof"),
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.data-before-alert",
        level: Level::Practice,
        sections: &[rfc8446("6")],
        says: "The RFCs leave open whether data that arrives together with an error alert still \
               reaches the application.",
        why: "The peer's last data may say what went wrong. Whether it is delivered depends on how \
              the transport happens to segment it.",
        codes: &[behaves("drops-data", Axis::Data)],
        rule: Rule::Owes(Owes {
            binds: |step| {
                let now = step.now;
                let reads = now.application == Application::Reads;
                error(step).is_some() && reads && now.owed.untold > 0
            },
            by: Kinds::NONE,
            missing: |_, now| (now.owed.untold > 0).then_some("drops-data"),
            ..IS_TOLD
        }),
        ..EITHER
    },
];

/// The application learns that the connection has failed.
const IS_TOLD: Owes = Owes {
    on: PEER_ERROR,
    by: Kinds::of(&[Kind::Failed]),
    due: Due::Rest(Depends::Input),
    missing: |_, _| Some("untold"),
    after_failure: true,
    ..OWES
};

fn names(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match (step.event, error(cause)) {
        (
            Event::Failed {
                class: ErrorClass::AlreadyFailed,
                ..
            },
            _,
        ) => Payment::Nothing,
        (
            Event::Failed {
                alert: Some(alert), ..
            },
            Some((_, description)),
        ) if alert.direction == Direction::Received => match alert.description == description.0 {
            true => Payment::Paid,
            false => Payment::Wrong("misnamed"),
        },
        _ => Payment::Wrong("unnamed"),
    }
}
