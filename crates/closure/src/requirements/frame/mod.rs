//! How alerts are framed.

mod contents;
mod protection;
mod sending;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[contents::ALL, protection::ALL, sending::ALL];
