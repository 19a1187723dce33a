//! `user_canceled`.

use protocol::Capability;
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
            "cancel/then-data-and-close",
            "user_canceled, data and close_notify: what some peers send at the end of every \
             stream.",
            &["cancel.rx-ignored", "cancel.rx-alone-is-not-eof"],
            "handshake
             peer alert 1 user_canceled
             peer write \"x\"
             peer close",
        )
        .versions(TLS13),
        case(
            "cancel/then-fin",
            "user_canceled, and the transport ends: that is a truncation.",
            &["cancel.rx-alone-is-not-eof"],
            "handshake
             peer write \"half of it\"
             peer alert 1 user_canceled
             transport fin",
        )
        .versions(TLS13),
        case(
            "cancel/at-level-fatal",
            "user_canceled that calls itself fatal, and close_notify.",
            &["cancel.rx-fatal-level"],
            "handshake
             peer alert 2 user_canceled
             peer close",
        )
        .versions(TLS13),
        case(
            "cancel/in-the-handshake",
            "The peer gives the handshake up with user_canceled and close_notify, before its \
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
            "The application closes before the handshake is done.",
            &["cancel.followed-by-close"],
            "handshake until finished
             app close",
        )
        .needs(&[Capability::CloseInHandshake])
        .cut_handshake(),
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
