//! The connection after an error that the subject detects.

use protocol::{ErrorClass, Version};
use wire::{Meaning, Reason};

use super::super::refusal::{decided, is_over};
use crate::connection::Reaction;
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid]),
            check: sticky,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid, Kind::OwnAlert]),
            check: one_alert,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppWrite, Kind::PeerInvalid, Kind::OwnAlert]),
            check: data_pending_dropped,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::AppWrite]),
            check: peer_closed,
        },
        ..EITHER
    },
];

/// Where the subject noticed that the record at `fatal` ends the connection.
fn noticed(c: &Connection<'_>, fatal: usize) -> Option<usize> {
    let facts = c.facts();
    let over = [facts.own_error, facts.failed];
    if over.into_iter().flatten().any(|over| over < fatal) {
        return None;
    }
    let told = c.failure_after(fatal).map(|(at, _)| at);
    [told, facts.own_error].into_iter().flatten().min()
}

fn sticky(c: &Connection<'_>) -> Verdict {
    let Some((fatal, _)) = c.invalid(|_| true) else {
        return Verdict::NotExercised;
    };
    let done = c.facts().handshake_done.is_some_and(|done| done < fatal);
    let Some(failed) = noticed(c, fatal).filter(|_| done) else {
        return Verdict::NotExercised;
    };
    receives_nothing(c, fatal, failed).and(sends_nothing(c, failed))
}

/// Whether anything that arrives after `failed` reaches the application. The record at `fatal`
/// ended the connection.
pub(in super::super) fn receives_nothing(
    c: &Connection<'_>,
    fatal: usize,
    failed: usize,
) -> Verdict {
    let until = c.dropped().unwrap_or(usize::MAX);
    let offered = c
        .delivered_after(failed)
        .any(|(i, r)| i < until && r.meaning == Meaning::Data && !r.content.is_empty());
    if !offered {
        return Verdict::NotExercised;
    }
    let delivery = c.data_until(fatal);
    let late = delivery.beyond.or(delivery.wrong);
    match late.filter(|at| *at > failed) {
        Some(at) => Verdict::found("delivers-data", at),
        None if c.is_paused() => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

/// Whether anything that the application requests after `failed` is sent.
pub(in super::super) fn sends_nothing(c: &Connection<'_>, failed: usize) -> Verdict {
    // Other requirements cover writes after the local close_notify.
    if c.facts().own_close.is_some_and(|close| close < failed) {
        return Verdict::NotExercised;
    }
    let asked = |kind| {
        c.first_after(failed, kind)
            .filter(|at| c.io_at(*at).room.is_none())
    };
    let mut verdict = Verdict::NotExercised;
    if let Some(called) = asked(Kind::AppWrite) {
        let sent = c.first_after(called, Kind::OwnData);
        verdict = verdict.and(Verdict::held_unless("sends-app-data", sent));
    }
    if let Some(called) = asked(Kind::AppUpdateKeys) {
        let sent = c.first_after(called, Kind::OwnKeyUpdate);
        // A refused request is not the reason for a KeyUpdate.
        let sent = sent.filter(|_| !c.was_refused(called));
        verdict = verdict.and(Verdict::held_unless("sends-key-update", sent));
    }
    verdict
}

fn one_alert(c: &Connection<'_>) -> Verdict {
    let Some((fatal, _)) = c.invalid(|_| true) else {
        return Verdict::NotExercised;
    };
    // An alert that waited for room may be about something earlier.
    let held_up = c.io_at(fatal).room.is_some();
    let first = c.facts().own_error.filter(|at| *at > fatal && !held_up);
    let Some(first) = first else {
        return Verdict::NotExercised;
    };
    let tried = c.after(first).any(|(_, event)| {
        matches!(
            event,
            Event::Called(_) | Event::Delivered(_) | Event::Failed { .. }
        )
    });
    if !tried {
        return Verdict::NotExercised;
    }
    let again = c.sent_after(first).find(|(_, record)| {
        record.alert().is_some_and(|(level, description)| {
            !description.is_closure() && (level != 1 || c.version() == Version::Tls13)
        })
    });
    Verdict::held_unless("alerts-again", again.map(|(i, _)| i))
}

fn half_closed(c: &Connection<'_>) -> Verdict {
    let version = c.version();
    let Some((fatal, record)) = c.invalid(|reason| is_plainly_fatal(reason, version)) else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    let closed = facts.own_close.is_some_and(|close| close < fatal);
    // A server that may have rejected 0-RTT data skips records that it cannot open.
    let skips = c.setup().early_limit > 0 && facts.handshake_done.is_none_or(|done| done > fatal);
    if !closed || skips || is_over(c, fatal) {
        return Verdict::NotExercised;
    }
    match decided(c, fatal) {
        None => Verdict::NotExercised,
        Some(Reaction::Alert(..) | Reaction::Silent(_)) => Verdict::Held,
        Some(Reaction::Alive) if may_ignore(c, fatal, record.meaning) => {
            Verdict::found("ignores", fatal)
        }
        Some(Reaction::Alive) => Verdict::found("still-alive", fatal),
    }
}

/// Whether a side that has closed its write half may ignore the bad record at `fatal`. In TLS 1.2
/// it may read no more, and need not look at messages of a handshake in which it cannot take part.
fn may_ignore(c: &Connection<'_>, fatal: usize, meaning: Meaning) -> bool {
    let handshake = matches!(
        meaning,
        Meaning::Invalid(Reason::UnexpectedMessage(_) | Reason::LateChangeCipherSpec)
    );
    c.version() == Version::Tls12 && handshake || c.may_read_no_more(fatal)
}

/// Reasons for which the RFCs clearly require failure, and for which no other requirement covers a
/// receiver that goes on.
fn is_plainly_fatal(reason: Reason, version: Version) -> bool {
    use Reason as R;
    match reason {
        R::BadTag
        | R::WrongKeys
        | R::Unprotected
        | R::Reflected
        | R::WrongSequence
        | R::Short
        | R::CiphertextOverflow
        | R::LateChangeCipherSpec
        | R::UnexpectedMessage(_) => true,
        R::PlaintextOverflow
        | R::InnerOverflow
        | R::SizeLimit
        | R::EmptyAlert
        | R::AlertOneByte
        | R::AlertTrailing
        | R::Interleaved
        | R::AllPadding
        | R::EmptyInner
        | R::UnknownInnerType
        | R::ProtectedChangeCipherSpec
        | R::KeyUpdateValue
        | R::Unaligned
        | R::Malformed(_) => version == Version::Tls13,
        _ => false,
    }
}

fn data_pending_dropped(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let (Some((fatal, _)), Some(alert)) = (c.invalid(|_| true), facts.own_error) else {
        return Verdict::NotExercised;
    };
    if alert < fatal || c.first_after(fatal, Kind::AppWrite).is_some() {
        return Verdict::NotExercised;
    }
    // Inside a handshake message, a write that had to change keys may itself have caused the alert.
    let inside = |(_, event): (usize, &Event)| match event {
        Event::Delivered(record) => record.meaning == Meaning::HandshakePart,
        _ => false,
    };
    if c.setup().key_limit.is_some() && c.before(fatal).any(inside) {
        return Verdict::NotExercised;
    }
    let pending = c
        .before(fatal)
        .any(|(i, event)| event.kind() == Kind::Accepted && c.io_at(i).room.is_some());
    match c.first_after(alert, Kind::OwnData) {
        Some(late) => Verdict::found("sends-app-data", late),
        None if pending && !c.is_blocked() => Verdict::Held,
        None => Verdict::NotExercised,
    }
}

fn no_reprocess(c: &Connection<'_>) -> Verdict {
    let Some((fatal, _)) = c.invalid(|_| true) else {
        return Verdict::NotExercised;
    };
    if c.facts().failed.is_some_and(|failed| failed < fatal) {
        return Verdict::NotExercised;
    }
    let mut first = None;
    let mut verdict = Verdict::NotExercised;
    for (i, event) in c.after(fatal) {
        match (event, first) {
            (Event::Failed { class, .. }, None) => first = Some(*class),
            (Event::Failed { class, .. }, Some(first)) => {
                if *class != first && *class != ErrorClass::AlreadyFailed {
                    return Verdict::found("fails-otherwise", i);
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
    let facts = c.facts();
    let Some(closed) = facts.peer_close else {
        return Verdict::NotExercised;
    };
    let over = [facts.own_close, facts.own_error, facts.failed, c.dropped()];
    if over.into_iter().flatten().any(|over| over < closed) {
        return Verdict::NotExercised;
    }
    let Some(written) = c.first_after(closed, Kind::AppWrite) else {
        return Verdict::NotExercised;
    };
    let asked = c.first_after(closed, Kind::AppClose).unwrap_or(usize::MAX);
    let ends = [facts.own_close, facts.own_error]
        .into_iter()
        .flatten()
        .min();
    let stuck = c.after(written).find(|(_, event)| {
        matches!(
            event,
            Event::Refused {
                class: ErrorClass::KeyExhausted,
                ..
            }
        )
    });
    match (stuck, ends) {
        // Nobody requested this end: the key was exhausted.
        (_, Some(end)) if written < end && end < asked => Verdict::Held,
        (Some((at, _)), _) if at < asked && !c.is_blocked() => {
            Verdict::found("ends-in-silence", at)
        }
        _ => Verdict::NotExercised,
    }
}
