//! Errors that the subject finds itself.

use protocol::{ErrorClass, Version};
use wire::{Meaning, Reason};

use crate::connection::Reaction;
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "fatal-tx.sticky",
        level: Level::Must,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A connection that has failed over a bad record delivers nothing and sends nothing \
               any more.",
        why: "An attacker who can spoil one record gets a second try, and the application goes on \
              over a hole in its stream.",
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
        says: "A connection fails with one error alert, however often it is called afterwards.",
        why: "A peer that keeps sending gets an alert for every record: a failed connection that \
              talks for ever.",
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
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A bad record ends the connection also after the own half was closed.",
        why: "A reader that has nothing more to send is the one that can be fed forged data.",
        codes: &[deviates("still-alive", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerInvalid]),
            check: half_closed,
        },
        ..EITHER
    },
]];

/// Where the subject noticed that the record at `fatal` ends the connection.
fn noticed(c: &Connection<'_>, fatal: usize) -> Option<usize> {
    let facts = c.facts();
    let over = [facts.own_error, facts.failed];
    if over.into_iter().flatten().any(|over| over < fatal) {
        return None;
    }
    let told = c.after(fatal).find_map(|(i, event)| match event {
        Event::Failed { class, .. } if *class != ErrorClass::AlreadyFailed => Some(i),
        _ => None,
    });
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

fn receives_nothing(c: &Connection<'_>, fatal: usize, failed: usize) -> Verdict {
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

fn sends_nothing(c: &Connection<'_>, failed: usize) -> Verdict {
    // Writing behind the own close_notify is another matter.
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
        verdict = verdict.and(Verdict::held_unless("sends-key-update", sent));
    }
    verdict
}

fn one_alert(c: &Connection<'_>) -> Verdict {
    let Some((fatal, _)) = c.invalid(|_| true) else {
        return Verdict::NotExercised;
    };
    let Some(first) = c.facts().own_error.filter(|at| *at > fatal) else {
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
    let Some((fatal, _)) = c.invalid(|reason| is_plainly_fatal(reason, version)) else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    let over = [
        facts.own_error,
        facts.failed,
        facts.transport_end,
        c.dropped(),
    ];
    let closed = facts.own_close.is_some_and(|close| close < fatal);
    if !closed || over.into_iter().flatten().any(|over| over < fatal) {
        return Verdict::NotExercised;
    }
    match c.reaction(fatal) {
        Reaction::Alert(..) | Reaction::Silent(_) => Verdict::Held,
        Reaction::Alive if c.is_paused() || c.is_blocked() || facts.stopped.is_some() => {
            Verdict::NotExercised
        }
        Reaction::Alive => Verdict::found("still-alive", fatal),
    }
}

/// Reasons on which the texts leave no doubt, and that have no requirement of their own for a
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
        | R::CiphertextOverflow => true,
        R::AllPadding
        | R::EmptyInner
        | R::UnknownInnerType
        | R::LateChangeCipherSpec
        | R::ProtectedChangeCipherSpec
        | R::KeyUpdateValue
        | R::Unaligned
        | R::UnexpectedMessage(_)
        | R::Malformed(_) => version == Version::Tls13,
        _ => false,
    }
}
