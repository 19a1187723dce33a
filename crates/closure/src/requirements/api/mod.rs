//! The contract of an API: what its documentation promises, and what any caller may rely on, beyond
//! the RFCs.

mod bounds;
mod failing;
mod helping;
mod input;
mod invariance;
mod reading;
mod safety;
mod waiting;
mod writing;

use crate::ledger::{Blame, Failure, Moment, Reading};
use crate::rule::{Depends, Excuse, Step};
use crate::{Connection, Kind, Kinds, Requirement};

pub(super) static ALL: &[&[Requirement]] = &[
    reading::ALL,
    writing::ALL,
    waiting::ALL,
    helping::ALL,
    input::ALL,
    failing::ALL,
    safety::ALL,
    bounds::ALL,
    invariance::ALL,
];

/// The events that report the API's state.
const STATES: Kinds = Kinds::of(&[
    Kind::ReadTraffic,
    Kind::ReadEarlyData,
    Kind::PeerClosed,
    Kind::Closed,
    Kind::EncodeTlsData,
    Kind::TransmitTlsData,
    Kind::BlockedHandshake,
    Kind::WriteTraffic,
]);

/// Whether the subject reports states at all.
fn names_states(c: &Connection<'_>) -> bool {
    c.marks().kinds.intersects(STATES)
}

/// The last report of the API's state.
fn last_state<'a, 't>(c: &'a Connection<'t>) -> Option<Step<'a, 't>> {
    c.steps_of(STATES).last()
}

/// Whether the connection has not failed, and need not.
fn is_up(now: &Moment) -> bool {
    now.failure == Failure::None && now.blame < Blame::Must && !now.is_tainted
}

/// The reason, if there is one, why the subject need not have done all it has to by the end.
fn excuse(c: &Connection<'_>) -> Option<Excuse> {
    excuse_in(c, c.last_moment())
}

/// The same for a connection that ends in this moment. Input that need not be read is no excuse for
/// what was.
fn excuse_in(c: &Connection<'_>, last: &Moment) -> Option<Excuse> {
    let stopped = c.has_stopped().then_some(Excuse::Stopped);
    let over = Moment {
        reading: Reading::Over,
        ..*last
    };
    stopped
        .or(Depends::Input.excuse(c, &over))
        .or(Depends::Both.delay(last))
        .or(c.is_tainted().then_some(Excuse::Tainted))
}
