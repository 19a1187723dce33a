//! Limits on records without effect: how many a receiver tolerates. No RFC sets a number, and
//! implementations differ.

use crate::ledger::Half;
use crate::rule::Depends;
use crate::{Axis, Code, Connection, Delivered, Event, Kinds, Verdict, behaves};

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
    let (mut run, mut longest) = (0, 0);
    for step in c.steps_of(Kinds::ALL) {
        let now = step.now;
        if now.peer != Half::Open || Depends::Both.excuse(c, now).is_some() {
            break;
        }
        match step.event {
            Event::Delivered(record) if is(record) => run += 1,
            Event::Delivered(_) => run = 0,
            _ if run > 1 && step.fails() => {
                let code = match run - 1 {
                    ..16 => "bears-under-16",
                    16..32 => "bears-under-32",
                    32..64 => "bears-under-64",
                    _ => "bears-some",
                };
                return Verdict::found(code, step.at);
            }
            _ => {}
        }
        longest = longest.max(run);
    }
    match longest {
        MANY.. => Depends::Both.held(c),
        _ => Verdict::NotExercised,
    }
}
