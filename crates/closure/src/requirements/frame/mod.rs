//! How alerts are framed.

mod contents;
mod protection;
mod sending;

use protocol::End;
use wire::Meaning;

use crate::rule::{Depends, Excuse};
use crate::{Call, Connection, Event, Requirement};

pub(super) static ALL: &[&[Requirement]] = &[contents::ALL, protection::ALL, sending::ALL];

/// How a subject takes a record that leaves the state of the connection unknown.
pub(super) enum Taken {
    /// It fails.
    Refused,
    /// It reports a clean end, at this position.
    Ended(usize),
    /// It goes on.
    Ignored,
}

/// How the subject takes the record at this position. The ledger does not follow it from there on.
pub(super) fn taken(c: &Connection<'_>, at: usize) -> Result<Taken, Excuse> {
    // A reaction to the next record is none to this one, unless both came together.
    let mut passed = false;
    for step in c.steps_after(at) {
        match step.event {
            Event::End(End::Clean) => return Ok(Taken::Ended(step.at)),
            Event::Failed { .. } => return Ok(Taken::Refused),
            Event::Sent(_) if step.error_alert().is_some() => return Ok(Taken::Refused),
            Event::Crash | Event::Hang => return Err(Excuse::Stopped),
            Event::Called(Call::Drop) => return Err(Excuse::Dropped),
            Event::Transport { .. } => break,
            Event::Delivered(record) if passed && record.meaning != Meaning::Data => break,
            Event::Delivered(_) => {}
            _ => passed = true,
        }
    }
    match Depends::Both.delay(c.last_moment()) {
        Some(excuse) => Err(excuse),
        None => Ok(Taken::Ignored),
    }
}
