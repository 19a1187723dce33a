//! The source of the cases: the only module that names their crate.

pub(crate) use ::cases::all;
pub(crate) use ::cases::instances::{expand, habit_kind, id};
