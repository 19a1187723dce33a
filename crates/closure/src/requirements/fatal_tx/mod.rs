//! Errors that the subject itself detects.

mod after;
mod alert;

pub(super) use after::{receives_nothing, sends_nothing};

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[after::ALL, alert::ALL];
