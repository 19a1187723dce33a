//! Where cases come from: the only place that names the crate that has them.

pub(crate) use ::cases::all;
pub(crate) use ::cases::instances::{expand, habit_kind, id};
