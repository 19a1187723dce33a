//! Receiving `close_notify`: the end of the peer's half.

mod ending;
mod forged;
mod ignoring;
mod own_half;
mod shapes;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[
    ending::ALL,
    ignoring::ALL,
    own_half::ALL,
    shapes::ALL,
    forged::ALL,
];
