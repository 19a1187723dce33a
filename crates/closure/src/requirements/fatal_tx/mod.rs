//! Errors that the subject itself detects.

mod after;
mod alert;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[after::ALL, alert::ALL];
