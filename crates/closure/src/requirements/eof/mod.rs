//! The transport ends: an end that is only as good as the `close_notify` before it.

mod around;
mod missing;
mod scene;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[missing::ALL, around::ALL];
