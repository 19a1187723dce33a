//! Whether the subject reads on after a record that ends nothing.

use protocol::End;

use crate::ledger::{Blame, Half, Moment, Reading};
use crate::rule::{Depends, Due, OWES, Owes, Payment, Step};
use crate::{Axis, Code, Event, Kind, Kinds, deviates};

/// The codes of [`READS`].
pub(super) const READS_ON: &[Code] = &[
    deviates("fails", Axis::EndSignal),
    deviates("loses-data", Axis::Data),
    deviates("ends-early", Axis::EndSignal),
    deviates("no-end", Axis::EndSignal),
];

/// Everything that follows a record is read: all data, and the end exactly where the peer put it.
pub(super) const READS: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone]),
    binds: is_followed,
    by: Kinds::of(&[Kind::Data, Kind::End, Kind::Failed, Kind::OwnAlert]),
    pays: reads,
    // `conn.end-while-blocked` is about output that holds up the end.
    due: Due::End(Depends::Both),
    at_key_limit: true,
    missing: |cause, now| match loses_data(cause, now) {
        true => Some("loses-data"),
        false => now.owed.end.then_some("no-end"),
    },
    ..OWES
};

/// Whether the record arrives at a side that reads and has no reason to give up, and is followed by
/// data or by the end.
pub(super) fn is_followed(step: &Step<'_, '_>) -> bool {
    let reads = |step: &Step<'_, '_>| {
        let now = step.now;
        now.is_sound() && now.peer == Half::Open && now.reading == Reading::Open
    };
    let ends = Kinds::of(&[Kind::PeerData, Kind::PeerClose]);
    let mut next = step.c.steps_from(step.at + 1, ends);
    let shows = |next: Step<'_, '_>| match next.delivered() {
        Some(record) => !record.content.is_empty() && next.now.blame < Blame::Must,
        None => false,
    };
    reads(step) && step.now.blame == Blame::None && next.any(shows)
}

/// Whether data is missing that arrived after the record. What was missing before has another cause.
fn loses_data(cause: &Step<'_, '_>, now: &Moment) -> bool {
    now.owed.untold > cause.now.owed.untold
}

/// How the report of data, of the end or of a failure shows whether everything was read.
pub(super) fn reads(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    let ledger = step.c.ledger();
    match (step.event, step.now.peer) {
        (Event::End(End::Clean), Half::Open) => Payment::Wrong("ends-early"),
        (Event::End(End::Clean), _) if loses_data(cause, step.now) => Payment::Wrong("loses-data"),
        (Event::End(End::Clean), Half::Closed) => Payment::Paid,
        (Event::Data(_), _) if ledger.told_wrong() == Some(step.at) => Payment::Wrong("loses-data"),
        _ if ledger.uncaused_failure() == Some(step.at) => Payment::Wrong("fails"),
        _ => Payment::Nothing,
    }
}
