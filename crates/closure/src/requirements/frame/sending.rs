//! What the subject must never put into its alert records, whatever it has received.

use protocol::Version;
use wire::{Content, ContentType};

use crate::rule::{NEVER, Never};
use crate::{
    Axis, EITHER, Kind, Kinds, Level, Requirement, Rule, Scope, deviates, rfc5246, rfc8446,
};

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "frame.alert-empty-tx",
        level: Level::Must,
        sections: &[rfc8446("5.4"), rfc5246("6.2.1")],
        says: "The implementation never sends an alert record without content.",
        why: "The receiver must refuse it, which turns an end into an error.",
        codes: &[deviates("sends-empty-alert", Axis::Alert)],
        rule: Rule::Never(Never {
            tempted_by: ALERTS,
            forbids: Kinds::of(&[Kind::OwnBroken]),
            breach: |step| {
                let record = step.sent()?;
                let alert = Content::Malformed {
                    content_type: ContentType::ALERT.0,
                };
                (record.content == alert && record.bytes.is_empty()).then_some("sends-empty-alert")
            },
            ..NEVER
        }),
        ..ALWAYS
    },
    Requirement {
        id: "frame.alert-reserved-tx",
        level: Level::Must,
        sections: &[rfc8446("B"), rfc5246("7.2.2")],
        says: "The implementation never sends an alert that is reserved for older versions of TLS.",
        why: "The peer sees an error that cannot have happened, or none.",
        codes: &[deviates("sends-reserved-alert", Axis::Alert)],
        rule: Rule::Never(Never {
            tempted_by: ALERTS,
            forbids: Kinds::of(&[Kind::OwnAlert]),
            breach: |step| {
                let (_, alert) = step.sent()?.alert()?;
                let reserved: &[u8] = match step.version() {
                    Version::Tls12 => &[21, 41, 60],
                    Version::Tls13 => &[21, 30, 41, 60, 100, 111, 114],
                };
                reserved
                    .contains(&alert.0)
                    .then_some("sends-reserved-alert")
            },
            ..NEVER
        }),
        ..ALWAYS
    },
];

const ALERTS: Kinds = Kinds::of(&[Kind::OwnClose, Kind::OwnAlert]);

/// The common parts of a requirement that holds whatever the subject has received.
pub(in super::super) const ALWAYS: Requirement = Requirement {
    scope: Scope::Safety,
    ..EITHER
};
