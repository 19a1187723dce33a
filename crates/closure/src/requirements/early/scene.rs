//! Helpers about 0-RTT data for other families.

use crate::Connection;
use crate::ledger::Skipped;

pub(in crate::requirements) use crate::messages::is_retry;

/// Whether a server that rejects 0-RTT data may have stopped skipping before position `to`. It need
/// not skip more than the ticket allows, and may count differently from the client.
pub(in crate::requirements) fn may_skip_no_more(c: &Connection<'_>, to: usize) -> bool {
    c.moment(to).skipped > Skipped::Within
}
