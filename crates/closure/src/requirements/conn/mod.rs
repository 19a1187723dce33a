//! Universal rules, which hold on any connection.
//!
//! These rules state effects, and do not look for a cause. They read only the ledger. The rules of
//! the other families name the section that is violated and the cause, so a universal rule reports
//! only what none of them explains.

mod bytes;
mod calling;
mod ending;
mod health;
mod sending;

use crate::ledger::Moment;
use crate::{Connection, Event, Kind, Requirement, Verdict};

pub(super) static ALL: &[&[Requirement]] = &[
    sending::ALL,
    ending::ALL,
    bytes::ALL,
    health::ALL,
    calling::ALL,
];

fn held_if(tempted: bool) -> Verdict {
    match tempted {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

/// Whether this event makes the subject do something.
fn is_stimulus(event: &Event) -> bool {
    matches!(
        event,
        Event::Called(_) | Event::Delivered(_) | Event::Transport { .. }
    )
}

/// Whether the subject should have done all that it owes, had there only been nothing wrong before.
fn is_due(moment: &Moment) -> bool {
    moment.is_sound() && moment.is_settled()
}

/// The events before the taint, with the moments in which they happened.
fn moments<'t>(
    c: &Connection<'t>,
) -> impl Iterator<Item = (usize, &'t Event, &'t Moment)> + use<'t> {
    c.moments().take_while(|(_, _, moment)| !moment.is_tainted)
}

/// The events of this kind before the taint, with the moments in which they happened.
fn moments_of<'t>(
    c: &Connection<'t>,
    kind: Kind,
) -> impl Iterator<Item = (usize, &'t Event, &'t Moment)> + use<'t> {
    c.moments_of(kind)
        .take_while(|(_, _, moment)| !moment.is_tainted)
}

/// Each moment in which the subject may have come to rest and owes something, with the position of
/// the last event before it.
fn rests<'t>(c: &Connection<'t>) -> impl Iterator<Item = (usize, &'t Moment)> + use<'t> {
    let last = (c.end(), c.last_moment());
    let owed = c.ledger().has_owed_at_rest();
    let all = owed.then(|| moments(c).map(|(at, _, moment)| (at, moment)));
    let at_rest = all
        .into_iter()
        .flatten()
        .chain([last])
        .filter(|(_, moment)| moment.at_rest);
    at_rest.map(|(at, moment)| (at.saturating_sub(1), moment))
}
