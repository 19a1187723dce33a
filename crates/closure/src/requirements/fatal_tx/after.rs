//! The connection after an error that the subject detects.

use protocol::{ErrorClass, Version};
use wire::{Meaning, Reason};

use crate::ledger::{Blame, Failure, Half, Reading, Stage, is_plainly_fatal};
use crate::rule::{Depends, NEVER, Never, Reaction, Step, reaction};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    behaves, deviates, rfc5246, rfc8446,
};

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "fatal-tx.sticky",
        level: Level::Must,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A connection that has failed on a bad record delivers and sends nothing more.",
        why: "An attacker who can corrupt one record gets a second try, and the application reads \
              on past a gap in its stream.",
        codes: &[
            deviates("delivers-data", Axis::Data),
            deviates("sends-app-data", Axis::OwnHalf),
            deviates("sends-key-update", Axis::OwnHalf),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                tempted_by: Kinds::of(&[Kind::PeerData]),
                tempts: |step| step.delivered().is_some_and(|it| !it.content.is_empty()),
                forbids: Kinds::of(&[Kind::Data]),
                breach: |step| is_late(step).then_some("delivers-data"),
                ..FAILED
            }),
            Rule::Never(Never {
                during: |step| has_failed(step) && step.now.is_dead && step.now.own != Half::Closed,
                tempted_by: Kinds::of(&[Kind::AppWrite, Kind::AppUpdateKeys]),
                forbids: Kinds::of(&[Kind::OwnData, Kind::OwnKeyUpdate]),
                breach: |step| match step.kind() {
                    Kind::OwnData => Some("sends-app-data"),
                    _ => Some("sends-key-update"),
                },
                ..FAILED
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.one-alert",
        level: Level::Definition,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A failed connection sends one error alert, however often it is called afterwards.",
        why: "A peer that keeps sending gets an alert for every record, and the failed connection \
              never falls silent.",
        codes: &[deviates("alerts-again", Axis::Alert)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::OwnAlert]),
            during: |step| step.now.has_alerted,
            tempted_by: Kinds::ALL,
            tempts: |step| {
                matches!(
                    step.event,
                    Event::Called(_) | Event::Delivered(_) | Event::Failed { .. }
                )
            },
            forbids: Kinds::of(&[Kind::OwnAlert]),
            breach: |step| step.error_alert().map(|_| "alerts-again"),
        }),
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.half-closed",
        level: Level::Must,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2"), rfc5246("7.2.1")],
        says: "A bad record ends the connection even after the local write half was closed. In TLS \
               1.2 a side that has closed need not read on, nor take part in another handshake.",
        why: "A side that has closed its write half and only reads can be fed forged data.",
        codes: &[
            deviates("still-alive", Axis::OwnHalf),
            behaves("ignores", Axis::OwnHalf),
        ],
        // In TLS 1.2 the subject need not read on, but if it does, it is bound.
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerInvalid]),
            check: half_closed,
        },
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.data-pending-dropped",
        level: Level::Must,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "Data that was waiting for the transport when an error was detected is not sent \
               after the alert.",
        why: "Data counts as delivered although the peer has already discarded the connection.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::PeerInvalid, Kind::OwnAlert]),
            during: |step| step.now.has_alerted || step.kind() == Kind::PeerInvalid,
            tempted_by: Kinds::of(&[Kind::PeerInvalid]),
            tempts: |step| step.now.owed.unsent > 0,
            forbids: Kinds::of(&[Kind::OwnData]),
            breach: |step| (step.now.owed.unsent > 0).then_some("sends-app-data"),
        }),
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.no-reprocess",
        level: Level::Practice,
        scope: Scope::Safety,
        says: "The RFCs leave open whether input that caused an error causes the same error when \
               it is presented again.",
        why: "A record that was decrypted in place does not open a second time, and the second \
              error hides the first.",
        codes: &[behaves("fails-otherwise", Axis::EndSignal)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerInvalid, Kind::Failed]),
            check: no_reprocess,
        },
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.peer-closed",
        level: Level::Practice,
        says: "A side that cannot go on writing after the peer has closed its half sends an alert, \
               or closes too.",
        why: "The peer has nothing left to do but wait for an end that never comes.",
        codes: &[behaves("ends-in-silence", Axis::OwnHalf)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::AppWrite]),
            check: peer_closed,
        },
        ..EITHER
    },
];

/// The acts that a failure on a bad record excludes.
const FAILED: Never = Never {
    given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid]),
    during: has_failed,
    ..NEVER
};

fn has_failed(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.has_bad_record && now.stage == Stage::Done && now.failure == Failure::Caused
}

/// Whether the application receives more than what arrived before the failure.
fn is_late(step: &Step<'_, '_>) -> bool {
    match (step.event, step.now.blame) {
        (Event::Data(told), Blame::Must) => told.len() > step.now.owed.untold as usize,
        _ => step.c.ledger().told_beyond() == Some(step.at),
    }
}

/// The first record that must be refused, if the subject may still look at it.
fn bad_record<'a, 't>(c: &'a Connection<'t>) -> Option<(Step<'a, 't>, Reason)> {
    let step = c.steps_of(Kinds::of(&[Kind::PeerInvalid])).next()?;
    let Meaning::Invalid(reason) = step.meaning()? else {
        return None;
    };
    let now = step.now;
    let looks = now.peer == Half::Open && now.failure == Failure::None && now.blame < Blame::Must;
    (looks && !now.is_tainted).then_some((step, reason))
}

fn half_closed(c: &Connection<'_>) -> Verdict {
    let Some((step, reason)) = bad_record(c) else {
        return Verdict::NotExercised;
    };
    let (at, now, version) = (step.at, step.now, c.version());
    // A server that may have rejected 0-RTT data skips records that it cannot open.
    let skips = c.setup().early_limit > 0 && now.stage < Stage::Done;
    if now.own != Half::Closed || skips || !is_plainly_fatal(reason, version) {
        return Verdict::NotExercised;
    }
    match reaction(c, at) {
        Err(excuse) => Verdict::Excused(excuse),
        Ok(Reaction::Alert { .. } | Reaction::Silent(_)) => Verdict::Held,
        Ok(Reaction::Alive) if may_ignore(c, at, reason) => Verdict::found("ignores", at),
        Ok(Reaction::Alive) => Verdict::found("still-alive", at),
    }
}

/// Whether a side that has closed its write half may ignore the bad record at `at`. In TLS 1.2
/// it may read no more, and need not look at messages of a handshake in which it cannot take part.
fn may_ignore(c: &Connection<'_>, at: usize, reason: Reason) -> bool {
    let handshake = matches!(
        reason,
        Reason::UnexpectedMessage(_) | Reason::LateChangeCipherSpec
    );
    c.version() == Version::Tls12 && handshake || stops_reading(c, at)
}

fn no_reprocess(c: &Connection<'_>) -> Verdict {
    let Some((bad, _)) = bad_record(c) else {
        return Verdict::NotExercised;
    };
    let mut first = None;
    let mut verdict = Verdict::NotExercised;
    for step in c.steps_after(bad.at) {
        match (step.event, first) {
            (Event::Failed { class, .. }, None) => first = Some(*class),
            (Event::Failed { class, .. }, Some(first)) => {
                if *class != first && *class != ErrorClass::AlreadyFailed {
                    return Verdict::found("fails-otherwise", step.at);
                }
                verdict = Verdict::Held;
            }
            // New input may be wrong in another way.
            (Event::Delivered(_) | Event::Transport { .. }, Some(_)) => break,
            _ => {}
        }
    }
    verdict
}

fn peer_closed(c: &Connection<'_>) -> Verdict {
    let mut stuck = None;
    for step in c.steps_of(Kinds::of(&[Kind::Refused, Kind::OwnClose, Kind::OwnAlert])) {
        let now = step.now;
        if now.peer != Half::Closed || now.own != Half::Open || now.failure != Failure::None {
            continue;
        }
        match step.event {
            Event::Refused {
                class: ErrorClass::KeyExhausted,
                ..
            } => stuck = Some(step.at),
            // Nobody has requested this end.
            Event::Sent(_) if now.key_used_up => return Verdict::Held,
            _ => {}
        }
    }
    match (stuck, Depends::Output.delay(c.last_moment())) {
        (None, _) => Verdict::NotExercised,
        (Some(_), Some(excuse)) => Verdict::Excused(excuse),
        (Some(at), None) => Verdict::found("ends-in-silence", at),
    }
}

/// Whether the subject may have closed its read side before the record at position `at` (RFC 5246
/// 7.2.1), and shows nothing that arrived from there on.
fn stops_reading(c: &Connection<'_>, at: usize) -> bool {
    let told = Kinds::of(&[Kind::Data, Kind::End]);
    c.moment(at).reading == Reading::MayStop && c.steps_from(at, told).next().is_none()
}
