//! Records that must end the connection.

use protocol::Capability;
use scenario::Case;

use super::{Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "fatal/forged-record-then-a-good-one",
            "Someone puts a record of their own into the stream. The connection is over, although \
             the next record would open.",
            &["fatal-tx.sticky", "api.error-latched"],
            "handshake
             peer write \"a\"
             peer write \"forged\" epoch plain
             peer write \"b\"
             app write \"c\"",
        ),
        case(
            "fatal/bad-record-then-a-good-one",
            "A record is spoilt on its way. The connection is over, whatever follows.",
            &["fatal-tx.sticky", "api.error-latched"],
            "handshake
             peer write \"a\"
             peer write \"b\" bad-tag
             peer write \"c\"",
        ),
        case(
            "fatal/bad-record-then-write",
            "A record is spoilt on its way; the application writes all the same.",
            &["fatal-tx.sticky", "api.no-write-state-when-dead"],
            "handshake
             peer write \"a\" bad-tag
             app write \"b\"",
        ),
        case(
            "fatal/bad-record-then-rekey",
            "A record is spoilt on its way; the application asks for fresh keys.",
            &["fatal-tx.sticky"],
            "handshake
             peer write \"a\" bad-tag
             app update-keys",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "fatal/bad-records-one-after-another",
            "Whoever can spoil one record can spoil more: there is one alert for all of them.",
            &["fatal-tx.one-alert"],
            "handshake
             peer write \"a\" bad-tag
             peer write \"b\" bad-tag
             app settle same
             peer write \"c\" bad-body
             app settle same",
        ),
        case(
            "fatal/half-closed-bad-record",
            "A record is spoilt after the application has closed its own half.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer write \"a\" bad-tag",
        ),
        case(
            "fatal/half-closed-unknown-type",
            "A record of a type that TLS does not define, after the own half was closed.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer record 99 \"a\"",
        )
        .versions(TLS13),
        case(
            "fatal/half-closed-bad-key-update",
            "A KeyUpdate that asks for something undefined, after the own half was closed.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer key-update 7",
        )
        .versions(TLS13),
        case(
            "fatal/half-closed-second-finished",
            "A handshake message that has no place any more, after the own half was closed.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer handshake finished 32",
        )
        .versions(TLS13),
    ]
}
