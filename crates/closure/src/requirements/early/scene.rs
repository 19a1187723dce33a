//! Helpers about 0-RTT data for other families.

pub(in crate::requirements) use crate::messages::is_retry;
