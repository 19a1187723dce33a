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

use crate::ledger::{Blame, Failure, Moment};
use crate::rule::{Depends, Excuse, Step, failed, gone};
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
    stopped(c)
        .or(failed(c.last_moment()))
        .or(excuse_once_failed(c))
}

/// The same for what a connection has to do even once it has failed.
fn excuse_once_failed(c: &Connection<'_>) -> Option<Excuse> {
    let last = c.last_moment();
    stopped(c)
        .or(gone(last))
        .or(Depends::Both.delay(last))
        .or(c.is_tainted().then_some(Excuse::Tainted))
}

fn stopped(c: &Connection<'_>) -> Option<Excuse> {
    c.has_stopped().then_some(Excuse::Stopped)
}
