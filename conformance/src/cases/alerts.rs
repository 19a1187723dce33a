//! Error alerts of the peer's.

use protocol::Capability;
use scenario::Case;

use super::{Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "alerts/fatal-then-write",
            "The peer reports a fatal error; the application writes all the same.",
            &[
                "alert-rx.fatal-no-more-send",
                "api.no-write-state-when-dead",
                "api.error-latched",
            ],
            "handshake
             peer alert 2 internal_error
             app write \"x\"
             app settle same",
        ),
        case(
            "alerts/fatal-then-rekey",
            "The peer reports a fatal error; the application asks for fresh keys.",
            &["alert-rx.fatal-no-more-send"],
            "handshake
             peer alert 2 internal_error
             app update-keys",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "alerts/unknown-at-level-fatal",
            "An alert that nobody knows, at level fatal, and data behind it.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 2 200
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/unknown-at-level-warning",
            "An alert that nobody knows, which calls itself a warning.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 1 200
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/general-error-at-level-warning",
            "An alert that only the revision of RFC 8446 knows, which calls itself a warning.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 1 117
             peer close",
        )
        .versions(TLS13),
    ]
}
