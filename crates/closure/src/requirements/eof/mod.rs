//! The end of the transport, which is a clean end only after `close_notify`.

mod around;
mod missing;
mod scene;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[missing::ALL, around::ALL];
