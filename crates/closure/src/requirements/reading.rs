//! Whether the subject reads on after a record that ends nothing.

use protocol::End;

use crate::ledger::Half;
use crate::rule::{OWES, Owes, Step};
use crate::{Axis, Code, Connection, Event, Kind, Kinds, Verdict, deviates};

/// The codes of [`reads_on`].
pub(super) const READS_ON: &[Code] = &[
    deviates("fails", Axis::EndSignal),
    deviates("loses-data", Axis::Data),
    deviates("ends-early", Axis::EndSignal),
    deviates("no-end", Axis::EndSignal),
];

/// Everything that the peer sends is reported.
const READS: Owes = Owes {
    on: Kinds::of(&[Kind::PeerData, Kind::PeerClose]),
    binds: |step| is_open(step) && step.delivered().is_some_and(|it| !it.content.is_empty()),
    missing: |_, now| match now.owed.untold {
        0 => now.owed.end.then_some("no-end"),
        _ => Some("loses-data"),
    },
    ..OWES
};

/// Whether the connection is sound, and the peer has not ended its half.
fn is_open(step: &Step<'_, '_>) -> bool {
    step.now.is_sound() && step.now.peer == Half::Open
}

/// Whether the subject reads everything that follows the record at position `from`: all data, and
/// the end exactly where the peer put it.
///
/// Not exercised unless the handshake was done, and nothing had failed, when that record came.
pub(super) fn reads_on(c: &Connection<'_>, from: usize) -> Verdict {
    if !c.step(from).is_some_and(|step| is_open(&step)) {
        return Verdict::NotExercised;
    }
    let mut ends = c.steps_from(from, Kinds::of(&[Kind::End]));
    let early = ends.find(|step| *step.event == Event::End(End::Clean) && is_open(step));
    let places = [
        ("fails", c.ledger().uncaused_failure()),
        ("ends-early", early.map(|step| step.at)),
        ("loses-data", c.ledger().told_wrong()),
    ];
    let mut found = places
        .into_iter()
        .filter_map(|(code, at)| Some((code, at?)));
    match found.find(|(_, at)| (from..c.end()).contains(at)) {
        Some((code, at)) => Verdict::found(code, at),
        None => READS.check_from(c, from + 1),
    }
}
