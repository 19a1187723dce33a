//! What the subject must never put into its alert records, whatever it has received.

use protocol::Version;
use wire::{Content, ContentType};

use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict, deviates,
    rfc5246, rfc8446,
};

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "frame.alert-empty-tx",
        level: Level::Must,
        sections: &[rfc8446("5.4"), rfc5246("6.2.1")],
        says: "The implementation never sends an alert record without content.",
        why: "The receiver must refuse it, which turns an end into an error.",
        codes: &[deviates("sends-empty-alert", Axis::Alert)],
        rule: passive(alert_empty_tx),
        ..ALWAYS
    },
    Requirement {
        id: "frame.alert-reserved-tx",
        level: Level::Must,
        sections: &[rfc8446("B"), rfc5246("7.2.2")],
        says: "The implementation never sends an alert that is reserved for older versions of TLS.",
        why: "The peer sees an error that cannot have happened, or none.",
        codes: &[deviates("sends-reserved-alert", Axis::Alert)],
        rule: passive(alert_reserved_tx),
        ..ALWAYS
    },
];

/// The common parts of a requirement that holds whatever the subject has received.
pub(in super::super) const ALWAYS: Requirement = Requirement {
    scope: Scope::Safety,
    ..EITHER
};

/// A rule about the alerts that the subject sends. It checks every connection.
pub(in super::super) const fn passive(check: fn(&Connection<'_>) -> Verdict) -> Rule {
    Rule::One {
        trigger: Kinds::of(&[Kind::Opened]),
        check,
    }
}

/// Whether the subject sent any alert. For most transcripts, this mask test is all that a rule
/// costs.
pub(in super::super) fn sends_alerts(c: &Connection<'_>) -> bool {
    const ALERTS: Kinds = Kinds::of(&[Kind::OwnClose, Kind::OwnAlert, Kind::OwnBroken]);
    c.facts().all_kinds.intersects(ALERTS)
}

fn alert_empty_tx(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    if !sends_alerts(c) {
        return verdict;
    }
    for (i, record) in c.sent() {
        match record.content {
            Content::Malformed { content_type }
                if content_type == ContentType::ALERT.0 && record.bytes.is_empty() =>
            {
                return Verdict::found("sends-empty-alert", i);
            }
            Content::Alert { .. } => verdict = Verdict::Held,
            _ => {}
        }
    }
    verdict
}

fn alert_reserved_tx(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    if !sends_alerts(c) {
        return verdict;
    }
    for (i, record) in c.sent() {
        match (c.version(), record.alert()) {
            (_, None) => {}
            (Version::Tls12, Some((_, alert))) if matches!(alert.0, 21 | 41 | 60) => {
                return Verdict::found("sends-reserved-alert", i);
            }
            (Version::Tls13, Some((_, alert)))
                if matches!(alert.0, 21 | 30 | 41 | 60 | 100 | 111 | 114) =>
            {
                return Verdict::found("sends-reserved-alert", i);
            }
            (_, Some(_)) => verdict = Verdict::Held,
        }
    }
    verdict
}
