//! How the end of the peer's half is reported.

use protocol::{Capability, End, Version};

use super::sending::first;
use super::{held_if, is_due, moments_of, rests};
use crate::ledger::{Application, Breach, Half, Moment, Way};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Level, Requirement, Rule, Verdict, deviates, rfc5246,
    rfc8446, varies,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "conn.ends",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.1"), rfc5246("7.2.1")],
        says: "The API reports a clean end if, and only if, the peer's close_notify has arrived, \
               and a truncation or a reset only if the transport has ended. It reports one of \
               them.",
        why: "The application takes a stream that was cut for a complete one, or waits for an end \
              that never comes.",
        codes: &[
            deviates("clean-end", Axis::EndSignal),
            deviates("cut-without-cause", Axis::EndSignal),
            deviates("reset-without-cause", Axis::EndSignal),
            deviates("changes-end", Axis::EndSignal),
            // RFC 8446 6 recommends the report. In TLS 1.2 it follows from the definition.
            varies("no-end", Axis::EndSignal),
            deviates("no-end-12", Axis::EndSignal),
        ],
        rule: Rule::Universal { check: ends },
        ..EITHER
    },
    Requirement {
        id: "conn.end-while-blocked",
        level: Level::Contract,
        needs: &[Capability::Room],
        says: "The end of the peer's half is reported even while local output waits for the \
               transport.",
        why: "A peer that has said all and reads no more is never seen to have closed, and the \
              reader waits for ever.",
        codes: &[deviates("holds-end", Axis::EndSignal)],
        rule: Rule::Universal {
            check: end_while_blocked,
        },
        ..EITHER
    },
];

fn ends(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("clean-end", Breach::CleanEnd),
        ("cut-without-cause", Breach::CutEnd),
        ("reset-without-cause", Breach::ResetEnd),
        ("changes-end", Breach::ChangesEnd),
    ];
    let found = first(c, &codes, false);
    if found != Verdict::NotExercised {
        return found;
    }
    let mut tempted = false;
    for (at, event, moment) in moments_of(c, Kind::End) {
        tempted = true;
        // A close_notify has arrived, but too late to count.
        if matches!(event, Event::End(End::Clean))
            && moment.peer != Half::Closed
            && !may_be_clean(c, moment)
        {
            return Verdict::found("clean-end", at);
        }
    }
    let mut overdue = rests(c).filter(|(_, moment)| moment.owed.end && is_due(moment));
    if let Some((at, _)) = overdue.next() {
        return Verdict::found(no_end(c), at);
    }
    held_if(tempted)
}

fn no_end(c: &Connection<'_>) -> &'static str {
    match c.version() {
        Version::Tls13 => "no-end",
        Version::Tls12 => "no-end-12",
    }
}

/// RFC 5246 7.2.1 lets a peer that has received close_notify end without one of its own.
fn may_be_clean(c: &Connection<'_>, moment: &Moment) -> bool {
    c.version() == Version::Tls12 && moment.own == Half::Closed && moment.input == Way::Ended
}

fn end_while_blocked(c: &Connection<'_>) -> Verdict {
    let mut overdue = rests(c).filter(|(_, moment)| {
        moment.owed.end
            && is_blocked(moment)
            && moment.application == Application::Reads
            && moment.is_sound()
            // A helper may write what waits before it reads what an application has left.
            && (c.setup().habit.is_none() || !moment.has_paused)
    });
    if let Some((at, _)) = overdue.next() {
        return Verdict::found("holds-end", at);
    }
    let told = |event: &Event| matches!(event, Event::End(End::Clean));
    let mut moments = moments_of(c, Kind::End);
    held_if(moments.any(|(_, event, moment)| told(event) && is_blocked(moment)))
}

fn is_blocked(moment: &Moment) -> bool {
    matches!(moment.output, Way::Blocked | Way::PartlyLeft)
}
