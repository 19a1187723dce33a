//! Warning alerts (RFC 5246 7.2.2).

use protocol::Version;
use wire::{AlertDescription, Meaning};

use super::super::close_rx::scene::{dropped, is_conclusive};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc5246, varies,
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
        rule: Rule::One {
            trigger: WARNED,
            check: warning_continues,
        },
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
        rule: Rule::One {
            trigger: WARNED,
            check: warning_limit,
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
        rule: Rule::One {
            trigger: WARNED,
            check: warning_unknown,
        },
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
        rule: Rule::One {
            trigger: WARNED,
            check: no_reneg_rcvd,
        },
        ..EITHER
    },
];

/// The peer's first warning on an open connection.
fn warning(c: &Connection<'_>) -> Option<(usize, AlertDescription)> {
    let done = c.facts().handshake_done?;
    let (at, description) = c
        .delivered()
        .find_map(|(at, record)| match record.meaning {
            Meaning::Warning(description) => Some((at, description)),
            _ => None,
        })?;
    let facts = c.facts();
    let over = [
        facts.failed,
        facts.own_error,
        facts.fatal,
        facts.peer_close,
        facts.transport_end,
        facts.stopped,
        dropped(c),
    ];
    let open = over.into_iter().flatten().all(|over| over > at);
    (done < at && open).then_some((at, description))
}

/// Where the API reported a failure after position `at`, before anything else arrived that the
/// subject could have failed for.
fn fails_over(c: &Connection<'_>, at: usize) -> Option<usize> {
    c.after(at)
        .take_while(|(_, event)| !matches!(event, Event::Delivered(_) | Event::Transport { .. }))
        .find_map(|(i, event)| matches!(event, Event::Failed { .. }).then_some(i))
}

/// Whether the subject is alive: data came later, and nothing failed.
fn goes_on(c: &Connection<'_>, at: usize) -> bool {
    let facts = c.facts();
    let end = [facts.failed, facts.own_error, facts.fatal];
    let until = end.into_iter().flatten().min().unwrap_or(usize::MAX);
    let data = c
        .between(at, until)
        .any(|(_, event)| event.kind() == Kind::PeerData);
    data && until == usize::MAX && is_conclusive(c)
}

/// Whether every receiver knows the meaning of this warning, and no other requirement is about it.
fn is_ordinary(description: AlertDescription) -> bool {
    matches!(description.0, 42..=46 | 49 | 70..=71 | 90 | 111..=115)
}

fn warning_continues(c: &Connection<'_>) -> Verdict {
    let Some((at, _)) = warning(c).filter(|(_, description)| is_ordinary(*description)) else {
        return Verdict::NotExercised;
    };
    if let Some(failed) = fails_over(c, at) {
        return match c.facts().own_error {
            Some(own) if own > at => Verdict::Held,
            None if is_conclusive(c) => Verdict::found("no-alert", failed),
            _ => Verdict::NotExercised,
        };
    }
    if let Some(end) = c.end_taken_from(at) {
        return Verdict::found("clean-end", end);
    }
    if !goes_on(c, at) {
        return Verdict::NotExercised;
    }
    let until = c.facts().peer_close.unwrap_or(usize::MAX);
    let delivery = c.data_until(until);
    match delivery.missing > 0 && c.facts().transport_end.is_none() {
        true => Verdict::found("loses-data", at),
        false => Verdict::Held,
    }
}

fn warning_limit(c: &Connection<'_>) -> Verdict {
    const HANDFUL: usize = 5;
    if warning(c).is_none() {
        return Verdict::NotExercised;
    }
    // Any other record makes it unclear which limit was reached.
    let mut count = 0;
    let mut between = false;
    let mut last = None;
    for (at, record) in c.delivered() {
        match record.meaning {
            Meaning::Warning(description) if is_ordinary(description) => {
                count += 1;
                last = Some(at);
            }
            Meaning::Data if count > 0 => between |= last.is_some() && !record.content.is_empty(),
            Meaning::Data | Meaning::Handshake(_) | Meaning::ChangeCipherSpec => {}
            _ => return Verdict::NotExercised,
        }
        if let Some(failed) = last.and_then(|last| fails_over(c, last)) {
            return match (count, between) {
                (0 | 1, _) => Verdict::NotExercised,
                (_, true) => Verdict::found("limits-in-all", failed),
                (_, false) => Verdict::found("limits-in-a-row", failed),
            };
        }
    }
    let alive = c.facts().failed.is_none() && c.facts().own_error.is_none();
    match count >= HANDFUL && alive && is_conclusive(c) {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

fn passes_over(c: &Connection<'_>, is: impl Fn(AlertDescription) -> bool) -> Verdict {
    let Some((at, _)) = warning(c).filter(|(_, description)| is(*description)) else {
        return Verdict::NotExercised;
    };
    match fails_over(c, at) {
        Some(failed) => Verdict::found("fails", failed),
        None if goes_on(c, at) => Verdict::Held,
        None => Verdict::NotExercised,
    }
}

fn warning_unknown(c: &Connection<'_>) -> Verdict {
    passes_over(c, |description| description.name().is_none())
}

fn no_reneg_rcvd(c: &Connection<'_>) -> Verdict {
    passes_over(c, |description| {
        description == AlertDescription::NO_RENEGOTIATION
    })
}
