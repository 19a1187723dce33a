//! 0-RTT data, and what ends around it.

mod ending;
mod rejected;
pub(super) mod scene;
mod sending;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[ending::ALL, rejected::ALL, sending::ALL];
