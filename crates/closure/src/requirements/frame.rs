//! How alerts are framed.

use protocol::Version;
use wire::{AlertDescription, Epoch, Reason};

use crate::connection::Reaction;
use crate::{
    Axis, Connection, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc8446, varies,
};

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "frame.alert-empty",
        level: Level::Must,
        sections: &[rfc8446("5.4")],
        versions: &[Version::Tls13],
        says: "A protected alert record without content ends the connection with \
               unexpected_message.",
        why: "Records that hold nothing cost the receiver work and the sender none.",
        codes: &[
            deviates("still-alive", Axis::OwnHalf),
            deviates("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid]),
            check: alert_empty,
        },
        ..EITHER
    },
    Requirement {
        id: "frame.alert-in-handshake-frag",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "A record between the parts of a handshake message is refused, a close_notify too.",
        why: "A clean end is reported although a message was cut short.",
        codes: &[
            deviates("reports-eof", Axis::EndSignal),
            deviates("still-alive", Axis::OwnHalf),
            varies("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid]),
            check: alert_in_handshake_frag,
        },
        ..EITHER
    },
    Requirement {
        id: "frame.alert-wrong-outer-type",
        level: Level::Must,
        sections: &[rfc8446("5"), rfc8446("5.2")],
        versions: &[Version::Tls13],
        says: "A protected record of which the header does not say application_data is refused, a \
               close_notify too.",
        why: "The header is under the tag: whoever takes the record lets the network change what \
              was authenticated.",
        codes: &[
            deviates("reports-eof", Axis::EndSignal),
            deviates("still-alive", Axis::OwnHalf),
            deviates("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid]),
            check: alert_wrong_outer_type,
        },
        ..EITHER
    },
]];

fn alert_empty(c: &Connection<'_>) -> Verdict {
    match c.invalid(|reason| reason == Reason::EmptyAlert) {
        Some((at, record)) if is_protected(record) => {
            ends(c, at, &[AlertDescription::UNEXPECTED_MESSAGE])
        }
        _ => Verdict::NotExercised,
    }
}

fn alert_in_handshake_frag(c: &Connection<'_>) -> Verdict {
    match c.invalid(|reason| reason == Reason::Interleaved) {
        Some((at, _)) => ends_uncleanly(c, at, &[AlertDescription::UNEXPECTED_MESSAGE]),
        None => Verdict::NotExercised,
    }
}

fn alert_wrong_outer_type(c: &Connection<'_>) -> Verdict {
    const RIGHT: &[AlertDescription] = &[
        AlertDescription::BAD_RECORD_MAC,
        AlertDescription::UNEXPECTED_MESSAGE,
    ];
    match c.invalid(|reason| reason == Reason::OuterType) {
        Some((at, _)) => ends_uncleanly(c, at, RIGHT),
        None => Verdict::NotExercised,
    }
}

fn is_protected(record: &Delivered) -> bool {
    record.epoch != Epoch::Plain
}

/// The verdict on a record that must end the connection, with one of `right` if any alert is
/// sent, where nothing else had ended the connection or the own half before.
pub(super) fn ends(c: &Connection<'_>, at: usize, right: &[AlertDescription]) -> Verdict {
    let facts = c.facts();
    let over = [
        facts.own_close,
        facts.own_error,
        facts.failed,
        facts.transport_end,
        c.dropped(),
    ];
    if over.into_iter().flatten().any(|over| over < at) {
        return Verdict::NotExercised;
    }
    let reaction = c.reaction(at);
    let undecided = match reaction {
        Reaction::Alert(..) => false,
        Reaction::Silent(_) => c.is_blocked() || facts.stopped.is_some(),
        Reaction::Alive => c.is_blocked() || c.is_paused() || facts.stopped.is_some(),
    };
    match undecided {
        true => Verdict::NotExercised,
        false => c.refuses(at, right),
    }
}

/// The same for a record that may pass for a `close_notify`: whether it did.
fn ends_uncleanly(c: &Connection<'_>, at: usize, right: &[AlertDescription]) -> Verdict {
    let verdict = ends(c, at, right);
    let real = c.first_after(at, Kind::PeerClose).unwrap_or(usize::MAX);
    match (verdict, c.clean_end_after(at)) {
        (Verdict::Found { .. }, Some(end)) if end < real => Verdict::found("reports-eof", end),
        _ => verdict,
    }
}
