//! Error alerts from the peer.

mod ending;
mod telling;

use wire::AlertDescription;

use crate::Requirement;
use crate::ledger::{Blame, Failure, Half};
use crate::rule::Step;

pub(super) static ALL: &[&[Requirement]] = &[telling::ALL, ending::ALL];

/// The level and description of the peer's error alert, if nothing before it is a reason to fail.
fn error(step: &Step<'_, '_>) -> Option<(u8, AlertDescription)> {
    let (record, now) = (step.delivered()?, step.now);
    let is_first = now.failure == Failure::None && now.blame == Blame::None;
    match *step.c.bytes(record.content) {
        [level, description, ..] if is_first && now.peer == Half::Open => {
            Some((level, AlertDescription(description)))
        }
        _ => None,
    }
}
