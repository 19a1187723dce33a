//! The alert `user_canceled`.

use protocol::{End, Version};
use wire::{Alert, AlertDescription, Epoch, Meaning};

use crate::ledger::{Blame, Failure, Half, Owed, Stage};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves, bis,
    deviates, rfc5246, rfc8446, varies,
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
        rule: Rule::Owes(Owes {
            binds: |step| step.now.stage < Stage::Done && gives_up(step),
            ..CLOSES_NEXT
        }),
        ..EITHER
    },
    Requirement {
        id: "cancel.open-followed-by-close",
        level: Level::Should,
        sections: &[rfc8446("6.1"), bis("6.1"), rfc5246("7.2.2")],
        says: "A side that sends user_canceled on an open connection, where close_notify alone is \
               more appropriate, sends close_notify next.",
        why: "The peer cannot tell whether the stream goes on, and a strict one gives it up.",
        codes: &[varies("no-close", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| step.now.stage == Stage::Done && gives_up(step),
            ..CLOSES_NEXT
        }),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: |step| is_first(step, Alert::WARNING),
                ..STAYS_UP
            }),
            Rule::Owes(Owes {
                binds: |step| is_first(step, Alert::WARNING),
                ..READS_ON
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: |step| is_first(step, Alert::FATAL),
                ..STAYS_UP
            }),
            Rule::Owes(Owes {
                binds: |step| is_first(step, Alert::FATAL),
                ..READS_ON
            }),
        ]),
        ..OPEN_13
    },
    Requirement {
        id: "cancel.rx-alone-is-not-eof",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        says: "user_canceled does not end the peer's half; only close_notify does.",
        why: "A stream that was cut off after user_canceled is taken for complete.",
        codes: &[deviates("reports-eof", Axis::EndSignal)],
        rule: Rule::Never(Never {
            given: CANCEL,
            during: |step| {
                let now = step.now;
                let cancels = now.peer_canceled || step.kind() == Kind::PeerCancel;
                let open = matches!(now.peer, Half::Open | Half::Ended);
                cancels && open && now.failure == Failure::None && !now.is_tainted
            },
            tempted_by: Kinds::of(&[Kind::PeerCancel]),
            forbids: Kinds::of(&[Kind::End]),
            breach: |step| matches!(step.event, Event::End(End::Clean)).then_some("reports-eof"),
            ..NEVER
        }),
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
        rule: Rule::Notes {
            trigger: CANCEL,
            check: |c| {
                // At level fatal, a single one may already be an error.
                let counts = |step: &Step<'_, '_>| level(step) == Some(Alert::WARNING);
                limit(
                    c,
                    Kind::PeerCancel,
                    counts,
                    ["limits-run", "limits-lifetime"],
                )
            },
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
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerClose]),
            on: Kinds::of(&[Kind::PeerCancel]),
            binds: |step| {
                let keys = step.delivered().map(|record| record.epoch);
                let now = step.now;
                keys == Some(Epoch::Handshake)
                    && now.stage < Stage::Done
                    && now.own == Half::Open
                    && now.blame == Blame::None
            },
            by: Kinds::of(&[Kind::OwnAlert]),
            pays: |_, _| Payment::Wrong("replies"),
            due: Due::End(Depends::Both),
            missing: |_, now| {
                (now.peer == Half::Closed && now.failure == Failure::None).then_some("goes-on")
            },
            after_failure: true,
        }),
        ..OPEN_13
    },
]];

/// After user_canceled, close_notify is the next record.
const CLOSES_NEXT: Owes = Owes {
    on: Kinds::of(&[Kind::AppClose, Kind::OwnAlert]),
    by: Kinds::of(&[
        Kind::OwnHandshake,
        Kind::OwnData,
        Kind::OwnClose,
        Kind::OwnAlert,
        Kind::OwnKeyUpdate,
    ]),
    pays: |_, step| match step.kind() {
        _ if !step.now.has_canceled => Payment::Nothing,
        Kind::OwnClose => Payment::Paid,
        _ => Payment::Wrong("no-close"),
    },
    due: Due::Rest(Depends::Output),
    missing: |_, now| now.has_canceled.then_some("no-close"),
    after_failure: true,
    ..OWES
};

/// The connection survives the alert.
const STAYS_UP: Owes = Owes {
    given: CANCEL,
    on: Kinds::of(&[Kind::PeerCancel]),
    by: Kinds::of(&[Kind::Failed, Kind::OwnAlert, Kind::PeerCancel]),
    pays: |_, step| match step.event {
        // Another record may be the reason.
        Event::Delivered(_) => Payment::Void(Excuse::Unclear),
        _ if step.now.blame == Blame::Must => Payment::Void(Excuse::Failed),
        Event::Sent(_) if step.error_alert().is_none() => Payment::Nothing,
        _ => Payment::Wrong("fails"),
    },
    ..OWES
};

/// All that follows the alert reaches the application.
const READS_ON: Owes = Owes {
    given: CANCEL,
    on: Kinds::of(&[Kind::PeerCancel]),
    due: Due::End(Depends::Both),
    missing: |_, now| match now.owed {
        Owed { untold: 1.., .. } => Some("loses-data"),
        Owed { end: true, .. } => Some("no-end"),
        _ => None,
    },
    ..OWES
};

/// The common parts of a requirement about a point that the RFC leaves open or contradicts itself
/// on.
const OPEN_13: Requirement = Requirement {
    level: Level::Practice,
    versions: &[Version::Tls13],
    ..EITHER
};

/// Whether the application closes, or the subject sends user_canceled by itself.
fn gives_up(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    let canceled = AlertDescription::USER_CANCELED;
    match step.sent().and_then(|record| record.alert()) {
        Some((_, description)) => description == canceled && now.own != Half::Closed,
        None => now.own == Half::Open && now.blame == Blame::None,
    }
}

/// The level of the alert that arrives.
fn level(step: &Step<'_, '_>) -> Option<u8> {
    step.c.bytes(step.delivered()?.content).first().copied()
}

/// Whether this is the first user_canceled on a sound connection, at this level.
fn is_first(step: &Step<'_, '_>, at: u8) -> bool {
    let now = step.now;
    let first = now.is_sound() && now.peer == Half::Open && !now.peer_canceled;
    first && now.blame == Blame::None && level(step) == Some(at)
}

/// How many alerts of a kind the subject tolerates, and whether data in between resets the count.
/// The codes are for a limit on alerts in a row and on alerts in all. Nothing is known if some of
/// the alerts do not count.
pub(super) fn limit(
    c: &Connection<'_>,
    of: Kind,
    counts: fn(&Step<'_, '_>) -> bool,
    [in_a_row, in_all]: [&'static str; 2],
) -> Verdict {
    /// Up to this many count as a repeated alert, not as a flood.
    const MANY: u32 = 4;
    let (mut count, mut data, mut between) = (0, false, false);
    for step in c.steps_of(Kinds::of(&[of, Kind::PeerData, Kind::Failed])) {
        if !step.now.is_sound() || step.now.peer != Half::Open {
            break;
        }
        match step.event {
            Event::Failed { .. } if count < 2 => return Verdict::NotExercised,
            Event::Failed { .. } if between => return Verdict::found(in_all, step.at),
            Event::Failed { .. } => return Verdict::found(in_a_row, step.at),
            Event::Delivered(record) if record.meaning == Meaning::Data => {
                data = count > 0 && !record.content.is_empty();
            }
            _ if !counts(&step) => return Verdict::NotExercised,
            _ => {
                count += 1;
                between |= std::mem::take(&mut data);
            }
        }
    }
    match Depends::Both.delay(c.last_moment()) {
        _ if count <= MANY => Verdict::NotExercised,
        Some(excuse) => Verdict::Excused(excuse),
        None => Verdict::Held,
    }
}
