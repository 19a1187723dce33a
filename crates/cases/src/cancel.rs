//! `user_canceled`.

use protocol::Capability;
use scenario::Case;

use super::{Refine, TLS13, case};

/// More than any known limit on alerts in a row.
const MANY: usize = 33;

/// More than any known limit for a whole connection.
const MANY_IN_ALL: usize = 12;

pub(super) fn cases() -> Vec<Case> {
    let run = "peer alert 1 user_canceled\n".repeat(MANY);
    let alternating = "peer alert 1 user_canceled\npeer write \"x\"\n".repeat(MANY_IN_ALL);
    vec![
        case(
            "cancel/then-data-and-close",
            "The peer sends user_canceled, data and close_notify. Some implementations do this at \
             the end of every stream.",
            &["cancel.rx-ignored", "cancel.rx-alone-is-not-eof"],
            "handshake
             peer alert 1 user_canceled
             peer write \"x\"
             peer close",
        )
        .versions(TLS13),
        case(
            "cancel/then-fin",
            "The peer sends user_canceled, and the transport ends. This is a truncation.",
            &["cancel.rx-alone-is-not-eof"],
            "handshake
             peer write \"half of it\"
             peer alert 1 user_canceled
             transport fin",
        )
        .versions(TLS13),
        case(
            "cancel/at-level-fatal",
            "The peer sends user_canceled at level fatal, and close_notify.",
            &["cancel.rx-fatal-level"],
            "handshake
             peer alert 2 user_canceled
             peer close",
        )
        .versions(TLS13),
        case(
            "cancel/in-the-handshake",
            "The peer cancels the handshake with user_canceled and close_notify, before its \
             Finished.",
            &["cancel.rx-handshake"],
            "handshake until finished
             peer alert 1 user_canceled epoch handshake
             peer close epoch handshake",
        )
        .versions(TLS13)
        .cut_handshake(),
        case(
            "cancel/own-handshake",
            "The application closes before the handshake is complete.",
            &["cancel.followed-by-close"],
            "handshake until finished
             app close",
        )
        .needs(&[Capability::CloseInHandshake])
        .cut_handshake(),
        case(
            "cancel/many-in-a-row",
            "The peer sends user_canceled repeatedly, and nothing else.",
            &["cancel.rx-limit"],
            &format!("handshake\n{run}"),
        )
        .versions(TLS13),
        case(
            "cancel/many-between-data",
            "On a long-lived connection every stream ends with user_canceled.",
            &["cancel.rx-limit"],
            &format!("handshake\n{alternating}"),
        )
        .versions(TLS13),
    ]
}
