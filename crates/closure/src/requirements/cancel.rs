//! The alert `user_canceled`.

use protocol::Version;
use wire::{Alert, AlertDescription, Epoch, Meaning};

use super::refusal::is_over;
use crate::{
    Axis, Connection, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    bis, deviates, rfc5246, rfc8446, varies,
};

const CANCEL: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::PeerCancel]);

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "cancel.followed-by-close",
        level: Level::Should,
        sections: &[rfc8446("6.1"), bis("6.1"), rfc5246("7.2.1")],
        says: "A side that gives up a handshake with user_canceled sends close_notify next.",
        why: "user_canceled alone ends nothing: the peer keeps waiting.",
        codes: &[varies("no-close", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppClose]),
            check: followed_by_close,
        },
        ..EITHER
    },
    Requirement {
        id: "cancel.rx-ignored",
        sections: &[rfc8446("6.1"), bis("6.1")],
        says: "Whether a receiver reads on after user_canceled is left open: it is listed among \
               the closure alerts, but does not end anything.",
        why: "Peers that send one before every close_notify lose what they sent in between.",
        codes: &[
            behaves("fails", Axis::EndSignal),
            behaves("loses-data", Axis::Data),
            behaves("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: CANCEL,
            check: |c| reads_on(c, Alert::WARNING),
        },
        ..OPEN_13
    },
    Requirement {
        id: "cancel.rx-fatal-level",
        sections: &[rfc8446("6")],
        says: "Whether user_canceled at level fatal is an error is left open: a receiver may \
               ignore the level, but need not.",
        why: "The same two bytes are a remark to one receiver and the end to another.",
        codes: &[
            behaves("fails", Axis::EndSignal),
            behaves("loses-data", Axis::Data),
            behaves("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: CANCEL,
            check: |c| reads_on(c, Alert::FATAL),
        },
        ..OPEN_13
    },
    Requirement {
        id: "cancel.rx-alone-is-not-eof",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        says: "user_canceled does not end the peer's half; only close_notify does.",
        why: "A stream that was cut off after user_canceled is taken for complete.",
        codes: &[deviates("reports-eof", Axis::EndSignal)],
        rule: Rule::One {
            trigger: CANCEL,
            check: rx_alone_is_not_eof,
        },
        ..OPEN_13
    },
    Requirement {
        id: "cancel.rx-limit",
        sections: &[rfc8446("6.1"), bis("6.1")],
        says: "How many user_canceled alerts a receiver tolerates, and whether data in between \
               resets the count, is left open.",
        why: "Some peers send one before every close of a stream: a connection that lives long \
              enough fails at the last one.",
        codes: &[
            behaves("limits-run", Axis::EndSignal),
            behaves("limits-lifetime", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: CANCEL,
            check: rx_limit,
        },
        ..OPEN_13
    },
    Requirement {
        id: "cancel.rx-handshake",
        sections: &[rfc8446("6.1")],
        says: "A handshake that the peer gives up with user_canceled and close_notify fails; \
               whether the receiver answers with an alert is left open.",
        why: "An alert sent to a peer that has left reports an error that nobody made.",
        codes: &[
            behaves("goes-on", Axis::EndSignal),
            behaves("replies", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerCancel, Kind::PeerClose]),
            check: rx_handshake,
        },
        ..OPEN_13
    },
]];

/// The common parts of a requirement about a point that the RFC leaves open or contradicts itself
/// on.
const OPEN_13: Requirement = Requirement {
    level: Level::Practice,
    versions: &[Version::Tls13],
    ..EITHER
};

fn followed_by_close(c: &Connection<'_>) -> Verdict {
    let Some(asked) = c.first(Kind::AppClose) else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    let open = facts.handshake_done.is_some_and(|done| done < asked);
    if open || is_over(c, asked) || !c.io_at(asked).is_free() || facts.stopped.is_some() {
        return Verdict::NotExercised;
    }
    let mut behind = c.sent().skip_while(|(_, record)| !cancels(record.alert()));
    match (behind.next(), behind.next()) {
        // The subject gives up without user_canceled, or cannot give up.
        (None, _) => Verdict::Held,
        (Some(_), Some((_, record))) if record.alert().is_some_and(closes) => Verdict::Held,
        (Some((at, _)), _) => Verdict::found("no-close", at),
    }
}

fn cancels(alert: Option<(u8, AlertDescription)>) -> bool {
    alert.is_some_and(|(_, description)| description == AlertDescription::USER_CANCELED)
}

fn closes((_, description): (u8, AlertDescription)) -> bool {
    description == AlertDescription::CLOSE_NOTIFY
}

/// The first `user_canceled` on an open connection.
fn first_cancel<'t>(c: &Connection<'t>) -> Option<(usize, &'t Delivered)> {
    let done = c.facts().handshake_done?;
    let mut cancels = c
        .delivered_after(done)
        .filter(|(_, record)| record.meaning == Meaning::UserCanceled);
    cancels.next().filter(|(at, _)| !is_over(c, *at))
}

/// Whether the subject reads what follows a `user_canceled` of this level.
fn reads_on(c: &Connection<'_>, level: u8) -> Verdict {
    let facts = c.facts();
    let Some((cancel, _)) =
        first_cancel(c).filter(|(_, record)| c.bytes(record.content).first() == Some(&level))
    else {
        return Verdict::NotExercised;
    };
    let stop = [facts.fatal, facts.transport_end, facts.stopped, c.dropped()];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let until = facts.peer_close.unwrap_or(usize::MAX).min(stop);
    let data = c.delivered_after(cancel).any(|(i, record)| {
        i < until && record.meaning == Meaning::Data && !record.content.is_empty()
    });
    let close = facts.peer_close.filter(|close| *close < stop);
    let early = close.is_some_and(|close| close < cancel);
    if early || !data && close.is_none() || c.is_flooded(stop) {
        return Verdict::NotExercised;
    }
    let failed = c
        .between(cancel, stop)
        .find(|(_, event)| event.kind() == Kind::Failed);
    if let Some((failed, _)) = failed {
        return Verdict::found("fails", failed);
    }
    // A late read may show only after the taint.
    let unclear = facts.stopped.is_some() || facts.taint.is_some();
    if c.is_paused() || c.is_blocked() || unclear {
        return Verdict::NotExercised;
    }
    let delivery = c.data_until(until);
    if data && (delivery.missing > 0 || delivery.wrong.is_some()) {
        return Verdict::found("loses-data", cancel);
    }
    match close {
        Some(close) if c.clean_end_after(close).is_none() => Verdict::found("no-end", close),
        _ => Verdict::Held,
    }
}

fn rx_alone_is_not_eof(c: &Connection<'_>) -> Verdict {
    let Some((cancel, _)) = first_cancel(c) else {
        return Verdict::NotExercised;
    };
    let close = c.facts().peer_close.unwrap_or(usize::MAX);
    let failed = c.facts().fatal.is_some_and(|fatal| fatal < close);
    match c.clean_end_after(cancel) {
        _ if close < cancel || failed => Verdict::NotExercised,
        Some(end) if end < close => Verdict::found("reports-eof", end),
        _ if c.is_paused() || c.facts().stopped.is_some() => Verdict::NotExercised,
        _ => Verdict::Held,
    }
}

fn rx_limit(c: &Connection<'_>) -> Verdict {
    /// Up to this many count as a repeated alert, not as a flood.
    const MANY: usize = 4;
    let facts = c.facts();
    let stop = [
        facts.peer_close,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let failed = facts.failed.filter(|failed| *failed < stop);
    let until = failed.unwrap_or(stop);
    let mut cancels = 0;
    let mut between = false;
    let mut data = false;
    for (_, record) in c.delivered().take_while(|(i, _)| *i < until) {
        match record.meaning {
            // At level fatal, a single one may already be an error.
            Meaning::UserCanceled if c.bytes(record.content).first() != Some(&1) => {
                return Verdict::NotExercised;
            }
            Meaning::UserCanceled => {
                cancels += 1;
                between |= data && cancels > 1;
                data = false;
            }
            Meaning::Data => data |= !record.content.is_empty(),
            _ => {}
        }
    }
    if cancels <= MANY || c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    match (failed, between) {
        (None, _) => Verdict::Held,
        (Some(at), true) => Verdict::found("limits-lifetime", at),
        (Some(at), false) => Verdict::found("limits-run", at),
    }
}

fn rx_handshake(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let cancel = c.delivered().find(|(_, record)| {
        record.meaning == Meaning::UserCanceled && record.epoch == Epoch::Handshake
    });
    let (Some((cancel, _)), Some(close)) = (cancel, facts.peer_close) else {
        return Verdict::NotExercised;
    };
    let over = [facts.handshake_done, facts.own_close, facts.failed];
    let over = over.into_iter().flatten().any(|over| over < cancel);
    if over || close < cancel || is_over(c, cancel) || facts.stopped.is_some() {
        return Verdict::NotExercised;
    }
    if !c.io_at(cancel).is_free() || c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    let reply = c
        .sent_after(cancel)
        .find(|(_, record)| record.alert().is_some());
    match (c.failure_after(cancel), reply) {
        (None, _) => Verdict::found("goes-on", close),
        (Some(_), Some((at, _))) => Verdict::found("replies", at),
        (Some(_), None) => Verdict::Held,
    }
}
