//! Limits on records without effect: how many a receiver tolerates. No RFC sets a number, and
//! implementations differ.

use crate::{Axis, Code, Connection, Delivered, Event, Verdict, behaves};

/// The codes of [`bears`]: how many records of a kind the subject tolerated before it gave up.
pub(super) const TOLERATED: &[Code] = &[
    behaves("bears-under-16", Axis::EndSignal),
    behaves("bears-under-32", Axis::EndSignal),
    behaves("bears-under-64", Axis::EndSignal),
    behaves("bears-some", Axis::EndSignal),
];

/// A receiver that tolerates this many in a row counts as having no limit.
const MANY: usize = 65;

/// How many records of a kind the subject tolerates in a row before it gives up.
pub(super) fn bears(c: &Connection<'_>, is: fn(&Delivered) -> bool) -> Verdict {
    let facts = c.facts();
    let stop = [
        facts.peer_close,
        facts.own_close,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let failed = facts.failed.filter(|failed| *failed < stop);
    let mut run = 0;
    let mut longest = 0;
    for (_, event) in c.events().take_while(|(i, _)| *i < failed.unwrap_or(stop)) {
        if let Event::Delivered(record) = event {
            run = if is(record) { run + 1 } else { 0 };
            longest = longest.max(run);
        }
    }
    if c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    match failed {
        Some(_) if run < 2 => Verdict::NotExercised,
        Some(at) => Verdict::found(
            match run - 1 {
                ..16 => "bears-under-16",
                16..32 => "bears-under-32",
                32..64 => "bears-under-64",
                _ => "bears-some",
            },
            at,
        ),
        None if longest >= MANY => Verdict::Held,
        None => Verdict::NotExercised,
    }
}
