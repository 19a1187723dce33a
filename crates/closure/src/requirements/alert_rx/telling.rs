//! How the API reports an error alert to the application.

use protocol::{Direction, Version};
use wire::{Alert, Meaning};

use super::super::refusal::decided;
use super::{ErrorAlert, error_alert};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc5246, rfc8446, varies,
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
        rule: Rule::One {
            trigger: PEER_ERROR,
            check: |c| match c.facts().own_close {
                None => is_told(c),
                Some(_) => Verdict::NotExercised,
            },
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerError]),
            check: |c| match (c.facts().own_close, c.peer_error()) {
                (Some(close), Some((at, _))) if close < at => is_told(c),
                _ => Verdict::NotExercised,
            },
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError, Kind::Failed]),
            check: loggable,
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.error-not-eof",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        says: "An error alert is never reported as a clean end.",
        why: "A stream that the peer abandoned is taken for a complete one.",
        codes: &[deviates("reports-eof", Axis::EndSignal)],
        rule: Rule::One {
            trigger: PEER_ERROR,
            check: error_not_eof,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerData, Kind::PeerError]),
            check: data_before_alert,
        },
        ..EITHER
    },
];

fn is_told(c: &Connection<'_>) -> Verdict {
    let Some(ErrorAlert { at, .. }) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    if decided(c, at).is_none() || c.is_paused() {
        return Verdict::NotExercised;
    }
    match c.failure_after(at) {
        Some(_) => Verdict::Held,
        None => Verdict::found("untold", at),
    }
}

fn loggable(c: &Connection<'_>) -> Verdict {
    let Some(error) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    // An undefined level is an error of its own.
    if !matches!(error.level, Alert::WARNING | Alert::FATAL) {
        return Verdict::NotExercised;
    }
    match c.failure_after(error.at) {
        None => Verdict::NotExercised,
        Some((at, Some(alert))) if alert.direction == Direction::Received => {
            match alert.description == error.description.0 {
                true => Verdict::Held,
                false => Verdict::found("misnamed", at),
            }
        }
        Some((at, _)) => Verdict::found("unnamed", at),
    }
}

fn error_not_eof(c: &Connection<'_>) -> Verdict {
    let Some(ErrorAlert { at, .. }) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    match c.clean_end_after(at) {
        Some(end) => Verdict::found("reports-eof", end),
        None if decided(c, at).is_none() || c.is_paused() => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

fn data_before_alert(c: &Connection<'_>) -> Verdict {
    let Some(ErrorAlert { at, .. }) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    // Data is in the same segment as the alert if only records came between.
    let with_data = c
        .before(at)
        .rev()
        .map_while(|(_, event)| match event {
            Event::Delivered(record) => Some(record),
            _ => None,
        })
        .any(|record| record.meaning == Meaning::Data && !record.content.is_empty());
    if !with_data || c.is_paused() || c.facts().stopped.is_some() || c.dropped().is_some() {
        return Verdict::NotExercised;
    }
    match c.data_until(at).missing {
        0 => Verdict::Held,
        _ => Verdict::found("drops-data", at),
    }
}
