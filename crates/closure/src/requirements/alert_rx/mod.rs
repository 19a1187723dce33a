//! Error alerts from the peer.

mod ending;
mod telling;

use wire::AlertDescription;

use super::refusal::is_over;
use crate::{Connection, Requirement};

pub(super) static ALL: &[&[Requirement]] = &[telling::ALL, ending::ALL];

/// An error alert from the peer that is the first thing to end the connection.
struct ErrorAlert {
    at: usize,
    level: u8,
    description: AlertDescription,
}

fn error_alert(c: &Connection<'_>) -> Option<ErrorAlert> {
    let (at, description) = c.peer_error().filter(|(at, _)| !is_over(c, *at))?;
    let (_, record) = c.fatal()?;
    Some(ErrorAlert {
        at,
        level: c.bytes(record.content).first().copied()?,
        description,
    })
}
