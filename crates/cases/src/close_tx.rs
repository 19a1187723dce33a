//! The application closes its write half.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "close/first-thing",
            "The application closes as soon as the handshake is complete, without any data in \
             either direction.",
            &[
                "close-tx.before-fin",
                "close-tx.protected",
                "close-tx.one-alert-per-record",
                "close-tx.level",
                "close-tx.no-wait-needed",
                "close-tx.zero-data-session",
            ],
            "handshake
             app close",
        )
        .versions(TLS13),
        case(
            "close/first-thing-bis",
            "The application closes as soon as the handshake is complete. The revision of RFC \
             8446 specifies more about the alert.",
            &["close-tx.level-bis"],
            "set edition rfc8446bis
             handshake
             app close",
        )
        .versions(TLS13),
        case(
            "close/first-thing-12",
            "The application closes as soon as the handshake of TLS 1.2 is complete.",
            &[
                "close-tx.before-fin-12",
                "close-tx.level",
                "close-tx.no-wait-needed",
                "close-tx.zero-data-session",
            ],
            "handshake
             app close",
        )
        .versions(TLS12),
        case(
            "close/behind-data",
            "The application writes several records and closes. All data must precede the close.",
            &["close-tx.flush-before"],
            "handshake
             app write 33000
             app write \"the end\"
             app close",
        ),
        case(
            "close/behind-blocked-data",
            "The application writes and closes while the transport is blocked. Then the transport \
             accepts a limited number of bytes at a time.",
            &["close-tx.flush-before", "close-tx.not-lost-on-backpressure"],
            "handshake
             transport block
             app write 17000
             app close
             transport room 1
             transport room 100
             transport room 16384
             transport unblock",
        )
        .needs(&[Capability::Room]),
        case(
            "close/while-blocked",
            "The application closes while the transport is blocked. The close waits and goes out \
             once.",
            &["close-tx.not-lost-on-backpressure"],
            "handshake
             transport block
             app close
             transport room 0
             transport room 7
             transport unblock",
        )
        .needs(&[Capability::Room]),
        case(
            "close/twice",
            "The application closes repeatedly, before and after the peer closes.",
            &["close-tx.idempotent"],
            "handshake
             app close
             app close
             peer close
             app close",
        ),
        case(
            "close/then-update-keys",
            "The application closes, and then updates its keys.",
            &["close-tx.no-keyupdate-after"],
            "handshake
             app close
             app update-keys",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "close/then-peer-asks-for-keys",
            "The application has closed. The peer requests a key update, and continues to write.",
            &[
                "close-tx.no-auto-keyupdate-after",
                "close-tx.read-side-open",
            ],
            "handshake
             app close
             peer key-update request
             peer write \"more\"
             app settle empty
             peer close",
        )
        .versions(TLS13),
        case(
            "close/then-peer-asks-for-keys-then-write",
            "The application has closed, and the peer requests a key update. Then the application \
             tries to write. No pending output may go out.",
            &["close-tx.no-auto-keyupdate-after", "close-tx.no-data-after"],
            "handshake
             app close
             peer key-update request
             app write \"late\"
             peer close",
        )
        .versions(TLS13),
        case(
            "close/in-half-rtt",
            "A server that may write early closes before the client's Finished arrives.",
            &["close-tx.no-ticket-after"],
            "set tickets 2
             set half-rtt
             handshake until finished
             app write \"early answer\"
             app close
             handshake
             peer write \"still here\"
             peer close",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::HalfRtt, Capability::Tickets]),
        case(
            "close/then-renegotiation-request",
            "The application has closed, and the peer requests renegotiation.",
            &["close-tx.no-reneg-reply-after"],
            "handshake
             app close
             peer renegotiate
             peer close",
        )
        .versions(TLS12),
        case(
            "close/then-bad-record",
            "A record that does not decrypt arrives after the local close.",
            &["close-tx.error-alert-after-close"],
            "handshake
             app close
             peer write \"?\" bad-tag",
        ),
        case(
            "close/after-bad-record",
            "A record that does not decrypt arrives, and then the application closes.",
            &["close-tx.not-after-error-sent"],
            "handshake
             peer write \"?\" bad-tag
             app settle empty
             app close",
        ),
        case(
            "close/after-fatal-alert",
            "The peer sends an error alert, and then the application closes.",
            &["close-tx.not-after-error-rcvd"],
            "handshake
             peer alert 2 internal_error
             app close",
        ),
        case(
            "close/behind-own-key-update",
            "The application updates its keys and closes at once. The close is under the new keys.",
            &["close-tx.protected", "close-tx.before-fin"],
            "handshake
             app update-keys
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "close/owing-key-update",
            "The peer has requested a key update, and the application closes without writing.",
            &["close-tx.ku-then-close-order", "close-tx.protected"],
            "handshake
             peer write \"?\"
             peer key-update request
             app close
             peer close",
        )
        .versions(TLS13),
        case(
            "close/then-read-on",
            "The application has closed. The peer still sends much data, and closes.",
            &["close-tx.read-side-open"],
            "handshake
             app close
             peer write \"one\"
             peer write 17000
             peer close",
        )
        .versions(TLS13),
        case(
            "close/then-read-on-12",
            "The application has closed. The TLS 1.2 peer still sends data. RFC 5246 requires it \
             to close at once, but most implementations do not.",
            &["close-tx.idempotent", "close-tx.before-fin-12"],
            "handshake
             app close
             peer write \"one\"
             peer close
             app close",
        )
        .versions(TLS12),
        case(
            "close/answering",
            "The peer closes, and the application answers with its own close.",
            &["close-tx.reply-after-peer"],
            "handshake
             peer write \"bye\"
             peer close
             app close",
        ),
        case(
            "close/crossing",
            "Both sides close before either has received the other's close_notify.",
            &["close-tx.simultaneous"],
            "handshake
             transport hold
             peer close
             app close
             transport release
             app settle same",
        ),
        case(
            "close/client-in-finished-flight",
            "A client closes directly after its Finished, before it receives anything else from \
             the server.",
            &["close-tx.before-fin", "close-tx.zero-data-session"],
            "set tickets 2
             handshake until new-session-ticket
             app close
             handshake
             peer write \"banner\"
             peer close",
        )
        .roles(CLIENT)
        .versions(TLS13),
    ]
}
