//! Where cases come from: the only place that names the crate that has them.

pub(crate) use lastword::cases::all;
pub(crate) use lastword::instances::{expand, habit_kind, id};
