//! A sound connection stays sound, and does what it owes.

use protocol::{ApiCall, ErrorClass, Version};

use super::sending::held_if;
use super::{is_due, is_stimulus, moments, rests};
use crate::ledger::{Blame, Half, Moment, Stage};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Level, Requirement, Rule, Verdict, deviates, rfc5246,
    rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "conn.no-failure-without-cause",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A connection fails only because of something that the peer or the transport did. \
               Until then it refuses no call that its state allows.",
        why: "A healthy connection is lost, and what was accepted for it is lost too.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("refuses-write", Axis::OwnHalf),
            deviates("refuses-close", Axis::OwnHalf),
        ],
        rule: Rule::Universal {
            check: no_failure_without_cause,
        },
        ..EITHER
    },
    Requirement {
        id: "conn.nothing-owed",
        level: Level::Must,
        sections: &[rfc8446("4.6.3"), rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Once there is room for output, a sound connection sends what it owes: data that it \
               has accepted, close_notify once the application has closed, and the answer to a \
               KeyUpdate before further data.",
        why: "The application was told that all is done, and the peer waits for what never comes.",
        codes: &[
            deviates("keeps-data", Axis::Data),
            deviates("keeps-close", Axis::OwnHalf),
            deviates("no-key-update", Axis::OwnHalf),
        ],
        rule: Rule::Universal {
            check: nothing_owed,
        },
        ..EITHER
    },
];

fn no_failure_without_cause(c: &Connection<'_>) -> Verdict {
    if let Some(at) = c.ledger().uncaused_failure().filter(|at| *at < c.end() - 1) {
        return Verdict::found("fails", at);
    }
    let mut tempted = false;
    for (at, event, moment) in moments(c) {
        tempted |= moment.is_sound() && is_stimulus(event);
        let Event::Refused { call, class } = event else {
            continue;
        };
        if *class == ErrorClass::WouldBlock || !may_call(c, moment) {
            continue;
        }
        match call {
            ApiCall::Write if moment.own == Half::Open => {
                return Verdict::found("refuses-write", at);
            }
            ApiCall::CloseWrite if moment.is_closing_now => {
                return Verdict::found("refuses-close", at);
            }
            _ => {}
        }
    }
    held_if(tempted)
}

/// Whether an application may write and close.
fn may_call(c: &Connection<'_>, moment: &Moment) -> bool {
    let half = match c.version() {
        Version::Tls13 => moment.peer != Half::Ended,
        // RFC 5246 7.2.1 has a side close as soon as the peer has closed.
        Version::Tls12 => moment.peer == Half::Open,
    };
    half && moment.is_sound()
        && moment.is_free()
        && moment.blame == Blame::None
        && !moment.key_used_up
}

fn nothing_owed(c: &Connection<'_>) -> Verdict {
    let mut tempted = false;
    for (at, event, moment) in moments(c) {
        if moment.owed.key_update_is_due
            && moment.is_sound()
            && event.kind() == Kind::OwnData
            && moment.own == Half::Open
        {
            return Verdict::found("no-key-update", at);
        }
        tempted |= moment.stage == Stage::Done && owes(moment);
    }
    let mut overdue = rests(c).filter_map(|(at, moment)| Some((at, overdue(c, moment)?)));
    if let Some((at, code)) = overdue.next() {
        return Verdict::found(code, at);
    }
    held_if(tempted)
}

fn owes(moment: &Moment) -> bool {
    moment.owed.unsent > 0 || moment.owed.close || moment.owed.key_update_is_due
}

/// What is owed although nothing holds it up.
fn overdue(c: &Connection<'_>, moment: &Moment) -> Option<&'static str> {
    if !owes(moment) || !is_due(moment) || moment.key_used_up || moment.may_discard(c.setup()) {
        return None;
    }
    if moment.owed.unsent > 0 && moment.own != Half::Closed {
        return Some("keeps-data");
    }
    moment.owed.close.then_some("keeps-close")
}
