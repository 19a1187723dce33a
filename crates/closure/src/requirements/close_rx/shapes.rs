//! `close_notify` in unusual shapes: levels, padding and segmentation.

use protocol::{End, Version};
use wire::{Alert, AlertDescription};

use super::ending::{ENDS, is_closing};
use crate::rule::{Excuse, Owes, Reaction, Step, reaction};
use crate::{
    Along, Axis, Connection, ConnectionView, Cut, EITHER, Event, GroupVerdict, Kind, Kinds, Level,
    Member, Requirement, Rule, Verdict, behaves, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.level-fatal-ok",
        level: Level::Definition,
        sections: &[rfc8446("6")],
        versions: &[Version::Tls13],
        says: "A close_notify at level fatal is a valid close_notify: TLS 1.3 gives the level no \
               meaning.",
        why: "Every stream from a peer that sends that level looks truncated.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            binds: |step| is_closing(step) && level(step) == Some(Alert::FATAL) && !is_padded(step),
            ..ENDS
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.level-junk",
        level: Level::Practice,
        sections: &[rfc8446("6")],
        versions: &[Version::Tls13],
        says: "A close_notify at an undefined level may count as a clean end, because the level \
               has no meaning, or may be refused, because it does not parse.",
        why: "A peer that puts arbitrary values in the level gets a clean end from one \
              implementation and an error from another.",
        codes: &[
            behaves("illegal-parameter", Axis::Alert),
            behaves("other-alert", Axis::Alert),
            behaves("no-alert", Axis::Alert),
            behaves("no-end", Axis::EndSignal),
        ],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: level_junk,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.padded",
        level: Level::Definition,
        sections: &[rfc8446("5.2"), rfc8446("5.4")],
        versions: &[Version::Tls13],
        says: "A close_notify with padding is a valid close_notify.",
        why: "Every stream from a peer that pads all records to hide their lengths looks \
              truncated.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            binds: |step| {
                is_closing(step) && level(step) == Some(Alert::WARNING) && is_padded(step)
            },
            ..ENDS
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.bytewise",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc5246("6.2.1")],
        says: "A close_notify that arrives byte by byte ends the stream just like one that arrives \
               in one segment.",
        why: "How the network happens to segment the bytes decides whether an answer looks \
              complete.",
        codes: &[deviates("differs", Axis::EndSignal)],
        rule: Rule::Group {
            along: Along::Cut,
            check: bytewise,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.garbage-same-vs-later-segment",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Whatever follows close_notify is ignored, whether it arrives in the same segment or \
               in a later one.",
        why: "Nobody can reliably reproduce an error that depends on timing.",
        codes: &[deviates("differs", Axis::EndSignal)],
        rule: Rule::Group {
            along: Along::Cut,
            check: same_vs_later_segment,
        },
        ..EITHER
    },
];

/// The length of a TLS 1.3 alert record without padding: header, alert, content type and tag.
const UNPADDED: u32 = 5 + 2 + 1 + 16;

/// Whether the record is an alert with padding.
pub(super) fn is_padded(step: &Step<'_, '_>) -> bool {
    let record = step.delivered();
    step.version() == Version::Tls13 && record.is_some_and(|it| it.length > UNPADDED)
}

/// The level of the peer's alert.
pub(super) fn level(step: &Step<'_, '_>) -> Option<u8> {
    step.c.bytes(step.delivered()?.content).first().copied()
}

fn level_junk(c: &Connection<'_>) -> Verdict {
    let is_junk = |step: &Step<'_, '_>| {
        is_closing(step) && !matches!(level(step), Some(Alert::WARNING | Alert::FATAL))
    };
    let Some(close) = c.steps_of(Kinds::of(&[Kind::PeerClose])).find(is_junk) else {
        return Verdict::NotExercised;
    };
    let mut ends = c.steps_from(close.at, Kinds::of(&[Kind::End]));
    if ends.any(|step| *step.event == Event::End(End::Clean)) {
        return Verdict::Held;
    }
    match reaction(c, close.at) {
        Err(excuse) => Verdict::Excused(excuse),
        Ok(Reaction::Alert { sure: false, .. }) => Verdict::Excused(Excuse::Unclear),
        Ok(Reaction::Alert {
            description, at, ..
        }) => match description {
            AlertDescription::ILLEGAL_PARAMETER => Verdict::found("illegal-parameter", at),
            _ => Verdict::found("other-alert", at),
        },
        Ok(Reaction::Silent(at)) => Verdict::found("no-alert", at),
        Ok(Reaction::Alive) => Verdict::found("no-end", close.at),
    }
}

fn bytewise(baseline: &Member<'_>, member: &Member<'_>) -> GroupVerdict {
    if member.axes.cut != Cut::Bytewise {
        return GroupVerdict::NotCompared;
    }
    compare(baseline, member, |one, other| {
        (one.end == Some(End::Clean)).then(|| one.end == other.end)
    })
}

fn same_vs_later_segment(baseline: &Member<'_>, member: &Member<'_>) -> GroupVerdict {
    compare(baseline, member, |one, other| {
        let applies = one.end == Some(End::Clean) && one.goes_on_behind_close;
        applies.then(|| {
            one.delivered == other.delivered
                && one.end == other.end
                && one.failed == other.failed
                && one.alerts == other.alerts
        })
    })
}

/// Compares connection by connection. `same` returns `None` for connections that it does not apply
/// to.
fn compare(
    baseline: &Member<'_>,
    member: &Member<'_>,
    same: impl Fn(&ConnectionView, &ConnectionView) -> Option<bool>,
) -> GroupVerdict {
    let (one, other) = (&baseline.view.connections, &member.view.connections);
    let mut verdict = GroupVerdict::NotCompared;
    for same in one.iter().zip(other).filter_map(|(a, b)| same(a, b)) {
        if !same {
            return GroupVerdict::Found { code: "differs" };
        }
        verdict = GroupVerdict::Held;
    }
    verdict
}
