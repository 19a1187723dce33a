//! A sound connection stays sound, and does what it owes.

use protocol::{ApiCall, ErrorClass, Version};

use super::held_if;
use super::sending::first;
use super::{is_due, is_stimulus, moments_of, rests};
use crate::ledger::{Application, Blame, Breach, Half, Moment, Stage};
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
            deviates("fails-handshake", Axis::EndSignal),
            deviates("refuses-write", Axis::OwnHalf),
            deviates("refuses-close", Axis::OwnHalf),
            deviates("refuses-key-update", Axis::OwnHalf),
            deviates("refuses-export", Axis::OwnHalf),
        ],
        rule: Rule::Universal {
            check: no_failure_without_cause,
        },
        ..EITHER
    },
    Requirement {
        id: "conn.fails",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A connection fails of an error alert and of a record that must be refused, once \
               there is room for output and the application reads.",
        why: "An attacker gets a second try, or a peer that has given up is served on.",
        codes: &[deviates("goes-on", Axis::EndSignal)],
        rule: Rule::Universal { check: fails },
        ..EITHER
    },
    Requirement {
        id: "conn.nothing-owed",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Once there is room for output, a sound connection sends what it owes: data that it \
               has accepted, and close_notify once the application has closed.",
        why: "The application was told that all is done, and the peer waits for what never comes.",
        codes: &[
            deviates("keeps-data", Axis::Data),
            deviates("keeps-close", Axis::OwnHalf),
        ],
        rule: Rule::Universal {
            check: nothing_owed,
        },
        ..EITHER
    },
];

fn fails(c: &Connection<'_>) -> Verdict {
    let codes = [("goes-on", Breach::GoesOn)];
    let verdict = first(c, &codes, c.marks().must_fail.is_some());
    match (verdict, c.ledger().goes_on()) {
        (Verdict::Held, Some(at)) => Verdict::found("goes-on", at),
        _ => verdict,
    }
}

fn no_failure_without_cause(c: &Connection<'_>) -> Verdict {
    if let Some(at) = c.ledger().uncaused_failure().filter(|at| *at < c.end()) {
        let code = match c.moment(at).stage {
            Stage::Done => "fails",
            Stage::Handshake | Stage::Finished => "fails-handshake",
        };
        return Verdict::found(code, at);
    }
    for (at, event, moment) in moments_of(c, Kind::Refused) {
        let Event::Refused { call, class } = event else {
            continue;
        };
        if *class == ErrorClass::WouldBlock || is_full(*class, moment) || !may_call(c, moment) {
            continue;
        }
        match call {
            ApiCall::Write if moment.own == Half::Open => {
                return Verdict::found("refuses-write", at);
            }
            ApiCall::CloseWrite if moment.is_closing_now => {
                return Verdict::found("refuses-close", at);
            }
            ApiCall::UpdateKeys if moment.own == Half::Open && c.version() == Version::Tls13 => {
                return Verdict::found("refuses-key-update", at);
            }
            ApiCall::Export => return Verdict::found("refuses-export", at),
            _ => {}
        }
    }
    let done = c.first(Kind::HandshakeDone).unwrap_or(c.end());
    let mut stimuli = c.after(done).filter(|(_, event)| is_stimulus(event));
    held_if(stimuli.any(|(at, _)| c.moment(at).is_sound()))
}

/// Whether the application is told to call later, because it does not take what there is. An API
/// may offer the calls in states, one of which is to read.
fn is_full(class: ErrorClass, moment: &Moment) -> bool {
    let owed = &moment.owed;
    class == ErrorClass::NotNow
        && moment.application == Application::Paused
        && (owed.untold > 0 || owed.early > 0)
}

/// Whether an application may write and close.
fn may_call(c: &Connection<'_>, moment: &Moment) -> bool {
    let half = match c.version() {
        Version::Tls13 => moment.peer != Half::Ended,
        // RFC 5246 7.2.1 requires a side to close as soon as the peer has closed.
        Version::Tls12 => moment.peer == Half::Open,
    };
    half && moment.is_sound() && moment.blame == Blame::None && !moment.key_used_up
}

fn nothing_owed(c: &Connection<'_>) -> Verdict {
    if !c.ledger().has_owed() {
        return Verdict::NotExercised;
    }
    let mut overdue = rests(c).filter_map(|(at, moment)| Some((at, overdue(c, moment)?)));
    if let Some((at, code)) = overdue.next() {
        return Verdict::found(code, at);
    }
    Verdict::Held
}

/// The code of the output that is overdue, if any.
fn overdue(c: &Connection<'_>, moment: &Moment) -> Option<&'static str> {
    if !moment.owes_output()
        || !is_due(moment)
        || moment.key_used_up
        || moment.may_discard(c.setup())
    {
        return None;
    }
    if moment.owed.unsent > 0 && moment.own != Half::Closed {
        return Some("keeps-data");
    }
    moment.owed.close.then_some("keeps-close")
}
