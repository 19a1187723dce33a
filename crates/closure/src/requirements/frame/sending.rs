//! What the subject may not put into its own alert records, whatever it was sent.

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
        says: "No alert record without content is ever sent.",
        why: "A receiver must refuse it, so that an end turns into an error.",
        codes: &[deviates("sends-empty-alert", Axis::Alert)],
        rule: passive(alert_empty_tx),
        ..ALWAYS
    },
    Requirement {
        id: "frame.alert-reserved-tx",
        level: Level::Must,
        sections: &[rfc8446("B"), rfc5246("7.2.2")],
        says: "Alerts that are reserved for older versions of TLS are never sent.",
        why: "The peer learns of an error that cannot have happened, or of none.",
        codes: &[deviates("sends-reserved-alert", Axis::Alert)],
        rule: passive(alert_reserved_tx),
        ..ALWAYS
    },
];

/// Nothing that the subject was sent excuses it.
pub(in super::super) const ALWAYS: Requirement = Requirement {
    scope: Scope::Safety,
    ..EITHER
};

/// A rule about whatever alerts the subject sends, asked of every connection.
pub(in super::super) const fn passive(check: fn(&Connection<'_>) -> Verdict) -> Rule {
    Rule::One {
        trigger: Kinds::of(&[Kind::Opened]),
        check,
    }
}

/// Whether there is anything to look at, so that most transcripts cost a mask test.
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
