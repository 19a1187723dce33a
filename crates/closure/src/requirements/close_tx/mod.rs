//! Sending `close_notify`: the end of the own half.

mod ending;
mod silence;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[ending::ALL, silence::ALL];
