//! `user_canceled`.

use scenario::Case;

use super::{Refine, TLS13, case};

/// More than any limit known.
const MANY: usize = 33;

/// More than any limit on all of a connection that is known.
const MANY_IN_ALL: usize = 12;

pub(super) fn cases() -> Vec<Case> {
    let run = "peer alert 1 user_canceled\n".repeat(MANY);
    let alternating = "peer alert 1 user_canceled\npeer write \"x\"\n".repeat(MANY_IN_ALL);
    vec![
        case(
            "cancel/many-in-a-row",
            "user_canceled again and again, and nothing else.",
            &["cancel.rx-limit"],
            &format!("handshake\n{run}"),
        )
        .versions(TLS13),
        case(
            "cancel/many-between-data",
            "A long-lived connection on which every stream ends with user_canceled.",
            &["cancel.rx-limit"],
            &format!("handshake\n{alternating}"),
        )
        .versions(TLS13),
    ]
}
