//! Tickets and other messages behind the handshake.

mod refused;
mod tickets;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[refused::ALL, tickets::ALL];
