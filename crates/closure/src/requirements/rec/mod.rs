//! The record layer around the end of a connection.

mod limits;
mod refused;
mod sending;
mod taking;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[refused::ALL, taking::ALL, sending::ALL, limits::ALL];
