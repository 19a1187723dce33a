//! 0-RTT data, and the ends of streams, handshakes and transports around it.

mod ending;
mod rejected;
mod sending;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[ending::ALL, rejected::ALL, sending::ALL];
