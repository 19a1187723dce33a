//! Tickets and other messages after the handshake.

mod refused;
mod tickets;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[refused::ALL, tickets::ALL];
