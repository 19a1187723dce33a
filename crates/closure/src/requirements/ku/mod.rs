//! `KeyUpdate` around the end of a connection.

mod answering;
mod half_closed;
mod refused;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[refused::ALL, half_closed::ALL, answering::ALL];
