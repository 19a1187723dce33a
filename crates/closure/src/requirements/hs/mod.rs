//! Closing and alerts before the handshake is done.

mod alerts;
mod closing;
pub(super) mod shapes;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[closing::ALL, alerts::ALL];
