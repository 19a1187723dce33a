//! Sending `close_notify`: the end of the local write half.

mod ending;
mod silence;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[ending::ALL, silence::ALL];
