//! The connection after an error alert.

use protocol::{Capability, End, ErrorClass, Version};
use wire::{Alert, AlertDescription, Reason};

use super::super::refusal::{REFUSABLE_13, on_refusable, takes};
use super::error;
use crate::ledger::{Asked, Blame, Failure, Half, Stage};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Code, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, behaves, deviates, rfc5246,
    rfc8446, varies,
};

/// The codes for an alert that the subject does not treat as an error.
const NO_ERROR: &[Code] = &[
    deviates("still-alive", Axis::OwnHalf),
    deviates("reports-eof", Axis::EndSignal),
];

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "alert-rx.fatal-no-more-send",
        level: Level::Must,
        sections: &[
            rfc8446("6"),
            rfc8446("6.2"),
            rfc5246("7.2"),
            rfc5246("7.2.2"),
        ],
        says: "After an error alert from the peer, nothing that the application writes or requests \
               is sent.",
        why: "The API reports bytes as sent on a connection that has failed, and nobody reads \
              them.",
        codes: &[
            deviates("sends-app-data", Axis::OwnHalf),
            deviates("sends-key-update", Axis::OwnHalf),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerError]),
            during: |step| step.now.peer_gave_up && step.now.own != Half::Closed,
            tempted_by: Kinds::of(&[Kind::AppWrite, Kind::AppUpdateKeys]),
            forbids: Kinds::of(&[Kind::OwnData, Kind::OwnKeyUpdate]),
            breach: |step| match step.kind() {
                Kind::OwnData => Some("sends-app-data"),
                _ if step.now.keys_asked == Asked::Peer => None,
                _ => Some("sends-key-update"),
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.fatal-no-more-recv",
        level: Level::Must,
        sections: &[
            rfc8446("6"),
            rfc8446("6.2"),
            rfc5246("7.2"),
            rfc5246("7.2.2"),
        ],
        says: "Nothing that arrives after an error alert from the peer reaches the application.",
        why: "The application acts on data from a peer that has given up the connection.",
        codes: &[deviates("delivers-data", Axis::Data)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::PeerError]),
            during: |step| step.now.peer_alerted && step.now.blame == Blame::Must,
            tempted_by: Kinds::of(&[Kind::PeerData]),
            forbids: Kinds::of(&[Kind::Data]),
            breach: |step| match step.event {
                // Data from before the alert may still be waiting.
                Event::Data(span) if span.len() > step.now.owed.untold as usize => {
                    Some("delivers-data")
                }
                _ => None,
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.no-alert-in-reply",
        level: Level::Definition,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "An error alert is not answered with another alert.",
        why: "Two sides that answer errors with errors never stop, and the second error hides the \
              first.",
        codes: &[
            deviates("replies", Axis::Alert),
            // The sender broke a MUST, so that there is something to complain about.
            varies("replies-to-odd-level", Axis::Alert),
        ],
        rule: Rule::Owes(Owes {
            on: Kinds::of(&[Kind::PeerError]),
            binds: |step| error(step).is_some(),
            by: Kinds::ALL,
            pays: replies,
            due: Due::End(Depends::Output),
            after_failure: true,
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.level-ignored",
        level: Level::Must,
        sections: &[rfc8446("6")],
        versions: &[Version::Tls13],
        says: "Once TLS 1.3 is negotiated, its error alerts end the connection, whatever the level \
               byte says.",
        why: "A receiver that trusts the level goes on with a peer that has given up.",
        codes: NO_ERROR,
        rule: Rule::Owes(Owes {
            binds: |step| {
                let is = |(level, it)| level != Alert::FATAL && known(it) == Known::Error;
                error(step).is_some_and(is)
            },
            ..IS_ERROR
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.unknown-is-error",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "An alert of an unknown type ends the connection in failure, whatever its level \
               says.",
        why: "A receiver that reads on after an alert it does not know goes on with a peer that \
              has given up.",
        codes: NO_ERROR,
        rule: Rule::Owes(Owes {
            binds: |step| error(step).is_some_and(|(_, it)| known(it) == Known::Nowhere),
            ..IS_ERROR
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.legacy-types-13",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("B.2")],
        versions: &[Version::Tls13],
        says: "An alert that only older versions of TLS define ends the connection in failure, \
               whatever its level says.",
        why: "An alert that used to be a harmless warning is an error now. A receiver that ignores \
              it goes on with a peer that has given up.",
        codes: NO_ERROR,
        rule: Rule::Owes(Owes {
            binds: |step| error(step).is_some_and(|(_, it)| known(it) == Known::Before),
            ..IS_ERROR
        }),
        ..EITHER
    },
    Requirement {
        id: "alert-rx.warning-before-version",
        sections: &[rfc8446("6"), rfc8446("4.2.1"), rfc5246("7.2.2")],
        says: "Whether an error alert at level warning ends a connection on which no version is \
               negotiated yet is left open: by TLS 1.3 it does, and by TLS 1.2 the receiver may \
               ignore it.",
        why: "The sender of the alert has given up, or has not, and the receiver cannot tell.",
        codes: &[behaves("goes-on", Axis::OwnHalf)],
        rule: on_refusable(|c| takes(c, |reason, _| reason == Reason::BeforeVersion, "goes-on")),
        ..REFUSABLE_13
    },
    Requirement {
        id: "alert-rx.session-keys-forgotten",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        needs: &[Capability::Export],
        says: "A failed connection has forgotten its secrets, so no keying material can be \
               exported from it.",
        why: "Keys are bound to a connection that the peer has discarded, or that an attacker has \
              corrupted.",
        codes: &[deviates("exports", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::Failed]),
            during: |step| step.now.stage == Stage::Done && step.now.failure != Failure::None,
            tempted_by: Kinds::of(&[Kind::AppExport]),
            forbids: Kinds::of(&[Kind::Exported]),
            breach: |_| Some("exports"),
            ..NEVER
        }),
        ..EITHER
    },
];

/// The alert ends the connection in failure. The codes are those of [`NO_ERROR`].
const IS_ERROR: Owes = Owes {
    on: Kinds::of(&[Kind::PeerError]),
    by: Kinds::of(&[Kind::Failed, Kind::OwnAlert, Kind::End]),
    pays: |_, step| match step.event {
        Event::End(End::Clean) => Payment::Wrong("reports-eof"),
        Event::End(_) => Payment::Nothing,
        _ => Payment::Paid,
    },
    missing: |_, _| Some("still-alive"),
    after_failure: true,
    ..OWES
};

fn replies(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match step.event {
        // From here on, its alert may be about this record.
        Event::Delivered(_) if step.now.failure != Failure::None => Payment::Paid,
        Event::Delivered(_) if matches!(step.kind(), Kind::PeerInvalid | Kind::PeerUnknown) => {
            Payment::Void(Excuse::Unclear)
        }
        // It may be about the part of a record that follows.
        Event::Failed { class, .. }
            if step.setup().pieces && *class != ErrorClass::AlertReceived =>
        {
            Payment::Void(Excuse::Unclear)
        }
        _ if step.error_alert().is_none() => Payment::Nothing,
        _ => match error(cause) {
            Some((Alert::FATAL, _)) => Payment::Wrong("replies"),
            _ => Payment::Wrong("replies-to-odd-level"),
        },
    }
}

/// Which versions of TLS define an alert.
#[derive(PartialEq)]
enum Known {
    /// TLS 1.3, as an error (RFC 8446 6.2).
    Error,
    /// TLS 1.3, as a closure (RFC 8446 6.1).
    Closure,
    /// Older versions alone (RFC 8446 B.2).
    Before,
    /// No version.
    Nowhere,
}

fn known(description: AlertDescription) -> Known {
    match description.0 {
        0 | 90 => Known::Closure,
        21 | 30 | 41 | 60 | 100 | 111 | 114 => Known::Before,
        10
        | 20
        | 22
        | 40
        | 42..=51
        | 70
        | 71
        | 80
        | 86
        | 109
        | 110
        | 112
        | 113
        | 115
        | 116
        | 120 => Known::Error,
        _ => Known::Nowhere,
    }
}
