//! Warning alerts (RFC 5246 7.2.2).

use protocol::{End, Version};
use wire::{AlertDescription, Meaning};

use super::super::cancel::limit;
use crate::ledger::{Blame, Failure, Half};
use crate::rule::{Depends, Due, Excuse, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, behaves, deviates, rfc5246, varies,
};

const WARNED: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::PeerWarning]);

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "t12.warning-continues",
        level: Level::Should,
        sections: &[rfc5246("7.2.2")],
        versions: &[Version::Tls12],
        says: "A warning lets the connection go on without loss; a receiver that does not want to \
               go on sends a fatal alert.",
        why: "A connection that silently dies over a warning looks like a network failure.",
        codes: &[
            varies("no-alert", Axis::Alert),
            deviates("loses-data", Axis::Data),
            deviates("clean-end", Axis::EndSignal),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: |step| is(step, is_ordinary) && step.now.own == Half::Open,
                by: Kinds::of(&[Kind::OwnAlert, Kind::End, Kind::PeerWarning]),
                pays: |_, step| match step.event {
                    Event::Delivered(_) => Payment::Void(Excuse::Unclear),
                    Event::End(End::Clean) if step.now.peer == Half::Closed => Payment::Paid,
                    Event::End(End::Clean) => Payment::Wrong("clean-end"),
                    _ if step.error_alert().is_some() => Payment::Paid,
                    _ => Payment::Nothing,
                },
                missing: |_, now| (now.failure != Failure::None).then_some("no-alert"),
                ..WARNS
            }),
            Rule::Owes(Owes {
                binds: |step| is(step, is_ordinary),
                due: Due::End(Depends::Both),
                missing: |_, now| (now.owed.untold > 0).then_some("loses-data"),
                after_failure: false,
                ..WARNS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "t12.warning-limit",
        level: Level::Practice,
        sections: &[rfc5246("7.2.2")],
        versions: &[Version::Tls12],
        says: "A receiver tolerates a handful of warnings, and application data between them \
               resets the count.",
        why: "A long-lived connection dies of warnings that came hours apart.",
        codes: &[
            behaves("limits-in-a-row", Axis::OwnHalf),
            behaves("limits-in-all", Axis::OwnHalf),
        ],
        rule: Rule::Notes {
            trigger: WARNED,
            check: |c| {
                let codes = ["limits-in-a-row", "limits-in-all"];
                limit(
                    c,
                    Kind::PeerWarning,
                    |step| warning(step).is_some_and(is_ordinary),
                    codes,
                )
            },
        },
        ..EITHER
    },
    Requirement {
        id: "t12.warning-unknown",
        level: Level::Practice,
        sections: &[rfc5246("7.2")],
        versions: &[Version::Tls12],
        says: "A warning that no RFC defines is ignored like any other.",
        why: "Peers that use a later extension are cut off over a hint that could be ignored.",
        codes: &[behaves("fails", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| is(step, |description| description.name().is_none()),
            ..PASSES
        }),
        ..EITHER
    },
    Requirement {
        id: "t12.no-reneg-rcvd",
        level: Level::Practice,
        sections: &[rfc5246("7.2.2")],
        versions: &[Version::Tls12],
        says: "A no_renegotiation that answers nothing is ignored.",
        why: "It shows how an implementation takes an answer to a question that it never asks.",
        codes: &[behaves("fails", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| is(step, |it| it == AlertDescription::NO_RENEGOTIATION),
            ..PASSES
        }),
        ..EITHER
    },
];

/// The connection goes on after a warning.
const WARNS: Owes = Owes {
    given: WARNED,
    on: Kinds::of(&[Kind::PeerWarning]),
    after_failure: true,
    ..OWES
};

/// The same for a warning that the subject is to ignore.
const PASSES: Owes = Owes {
    by: Kinds::of(&[Kind::Failed, Kind::PeerWarning]),
    pays: |_, step| match step.event {
        // Another record may be the reason.
        Event::Delivered(_) => Payment::Void(Excuse::Unclear),
        _ if step.now.blame == Blame::Must => Payment::Void(Excuse::Failed),
        _ => Payment::Wrong("fails"),
    },
    ..WARNS
};

/// The warning that arrives.
fn warning(step: &Step<'_, '_>) -> Option<AlertDescription> {
    match step.meaning()? {
        Meaning::Warning(description) => Some(description),
        _ => None,
    }
}

/// Whether such a warning arrives on a sound connection.
fn is(step: &Step<'_, '_>, such: fn(AlertDescription) -> bool) -> bool {
    let now = step.now;
    let sound = now.is_sound() && now.peer == Half::Open && now.blame == Blame::None;
    sound && warning(step).is_some_and(such)
}

/// Whether every receiver knows the meaning of this warning, and no other requirement is about it.
fn is_ordinary(description: AlertDescription) -> bool {
    matches!(description.0, 42..=46 | 49 | 70..=71 | 90 | 111..=115)
}
