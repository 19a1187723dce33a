//! The contract of the API.

use protocol::Capability;
use scenario::Case;

use super::{Refine, SERVER, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "api/there-and-back",
            "A complete connection: a handshake, data in both directions, and both halves closed. \
             The result must not depend on cuts, habits or interfaces.",
            &[
                "api.read-traffic",
                "api.write-traffic",
                "api.peer-closed-once",
                "api.closed-terminal",
                "api.encode-tls-data",
                "api.transmit-tls-data",
                "api.blocked-handshake",
                "api.discard-in-bounds",
                "api.discard-exact",
                "api.no-panic",
                "api.no-busy-loop",
                "api.segmentation-invariance",
                "api.habit-invariance",
                "api.cross-api-equal",
                "conn.fin",
                "conn.unasked",
                "conn.handshake-messages",
                "conn.spontaneous",
                "conn.waits",
                "conn.takes",
                "conn.offers",
            ],
            "handshake
             transport hold
             peer write \"to be\"
             peer write empty
             peer write 17000
             transport release
             app write \"or not\"
             app write 2000
             transport hold
             peer write \"to be\"
             peer close
             transport release
             app write \"that is the question\"
             app close",
        )
        .cut_handshake()
        .each_suite(),
        case(
            "api/read-while-blocked",
            "The application's bytes wait for the transport when the peer's data arrives.",
            &["api.read-not-starved"],
            "handshake
             transport block
             app write 100
             peer write \"you first\"
             app settle same
             transport unblock
             app settle same",
        )
        .needs(&[Capability::Room]),
        case(
            "api/unread-while-blocked",
            "The application has read a part of the data. It writes while the transport is \
             blocked, and then reads the rest.",
            &["api.read-not-starved"],
            "handshake
             app pause
             peer write \"you first\"
             app read 2
             transport block
             app write 10
             app resume
             app settle same
             transport unblock
             app settle same",
        )
        .needs(&[Capability::Room, Capability::Read])
        // Other habits read pending plaintext first, so they cannot make this write.
        .habits(&["complete-io", "stream", "stream-short"]),
        case(
            "api/helped-while-blocked",
            "A call that does I/O itself has bytes to write. The transport accepts none, then a \
             few, then all. Meanwhile data and a close arrive.",
            &["api.helper-counts", "api.helper-blocked"],
            "handshake
             transport block
             app write 100
             app settle same
             peer write \"you first\"
             app settle same
             transport room 7
             peer close
             transport unblock
             app close",
        )
        .needs(&[Capability::Room, Capability::Helped])
        .habits(&["complete-io", "complete-io-short"]),
        case(
            "api/read-while-an-answer-is-blocked",
            "The answer to a KeyUpdate waits for the transport. Data and a close follow the \
             request.",
            &["api.read-not-starved"],
            "handshake
             transport block
             transport hold
             peer write \"before\"
             peer key-update request
             peer write \"behind\"
             peer close
             transport release
             app settle same
             transport unblock
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::Room]),
        case(
            "api/what-is-waited-for",
            "The application writes while the transport is blocked, reads nothing for a while, \
             and closes. Then the peer closes.",
            &["api.wants-read", "api.wants-write"],
            "handshake
             peer write \"a\"
             transport block
             app write 100
             transport unblock
             app settle same
             app pause
             peer write \"unread\"
             app resume
             app close
             peer write \"b\"
             peer close
             app settle same",
        )
        .needs(&[Capability::Room, Capability::Read]),
        case(
            "api/what-is-waited-for-at-the-end",
            "The transport ends without close_notify.",
            &["api.wants-read-after-end"],
            "handshake
             peer write \"a\"
             transport fin
             app settle same",
        ),
        case(
            "api/write-when-dead",
            "The peer's record is corrupted, and the application writes.",
            &["api.write-refused-when-dead", "api.wants-read-when-dead"],
            "handshake
             peer write \"a\" bad-tag
             app write \"b\"
             app write empty",
        ),
        case(
            "api/tickets",
            "A server's post-handshake messages are not application data, and go out through the \
             states for such records.",
            &["api.encode-tls-data", "api.transmit-tls-data"],
            "set tickets 2
             handshake
             peer write \"a\"",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::Tickets]),
        case(
            "api/empty-record",
            "A record without content for the application is still processed.",
            &["api.discard-exact"],
            "handshake
             peer write \"a\"
             peer write empty",
        ),
        case(
            "api/closed-for-ever",
            "Both halves are closed. The state stays Closed, whatever is fed or called.",
            &["api.closed-terminal", "api.discard-exact"],
            "handshake
             peer close
             app close
             app settle same
             app settle empty
             app write \"late\"
             app close
             peer write \"late\"
             peer raw hex:ffffffffffffff
             app settle same
             app settle same",
        ),
        case(
            "api/early-data-and-data-in-one-flight",
            "0-RTT data and other data arrive together.",
            &["api.read-early-data", "api.read-traffic"],
            "set tickets 1
             set early-data accept 1024
             handshake
             peer close
             app close
             connect
             handshake until end-of-early-data
             transport hold
             peer write \"early\"
             handshake
             peer write \"late\"
             transport release
             peer close",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[
            Capability::Tickets,
            Capability::Resumption,
            Capability::EarlyData,
        ]),
        case(
            "api/early-data",
            "0-RTT data arrives, then other data. Each has its own state, in this order.",
            &["api.read-early-data", "api.read-traffic"],
            "set tickets 1
             set early-data accept 1024
             handshake
             peer close
             app close
             connect
             handshake until end-of-early-data
             peer write \"early\"
             handshake
             peer write \"late\"
             peer close",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[
            Capability::Tickets,
            Capability::Resumption,
            Capability::EarlyData,
        ]),
        case(
            "api/reading-after-the-own-close",
            "The application has closed and continues to read. The case checks the state in which \
             it waits.",
            &[
                "api.no-write-state-after-own-close",
                "api.peer-closed-once",
                "cancel.open-followed-by-close",
            ],
            "handshake
             app close
             peer write \"a\"
             peer write \"b\"
             peer close",
        ),
        case(
            "api/after-a-failure",
            "The connection has failed, and the application continues to call the implementation.",
            &["api.error-latched", "api.no-write-state-when-dead"],
            "handshake
             peer write \"a\" epoch plain
             app settle empty
             app settle same
             peer write \"b\"
             peer close
             app settle same",
        ),
        case(
            "api/calls-without-input",
            "The application polls. A call without input changes nothing in any state.",
            &[
                "api.empty-input-ok",
                "api.peer-closed-once",
                "conn.calls",
                "conn.reports-again",
            ],
            "handshake
             app settle empty
             peer write \"a\"
             app settle empty
             app write \"b\"
             app settle empty
             peer close
             app settle empty
             app close
             app settle empty",
        ),
        case(
            "api/input-that-waits",
            "Part of a record waits for the rest, which never arrives. The application calls \
             again.",
            &["api.input-immutability"],
            "handshake
             peer write \"abcdefgh\" short 3
             app settle same
             app settle same",
        )
        .needs(&[Capability::Left]),
        case(
            "api/bytes-that-are-not-tls",
            "After close_notify the transport carries another protocol. The implementation must \
             not touch those bytes.",
            &["api.input-immutability"],
            "handshake
             peer close
             peer raw \"PLAIN TEXT\"
             app settle same
             app close
             app settle same",
        )
        .needs(&[Capability::Left]),
        case(
            "api/little-room-for-output",
            "The application starts with an empty output buffer and retries with larger ones in \
             the same state.",
            &["api.small-output", "api.encode-tls-data"],
            "handshake
             app write 17000
             peer write \"a\"
             app write \"b\"
             app close",
        )
        .cut_handshake()
        .habits(&["small-output"]),
        case(
            "api/little-room-for-a-key-update",
            "The application encodes a KeyUpdate, which has its own state, with an output buffer \
             that is too small at first.",
            &["api.small-output"],
            "handshake
             app update-keys
             app write \"a\"
             peer key-update request
             app write \"b\"
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate])
        .habits(&["small-output"]),
        case(
            "api/dropped-states",
            "The application drops a state that offers a record, because its buffer was too small \
             or for no reason.",
            &["api.state-must-not-lose-records"],
            "handshake
             app update-keys
             app write \"a\"
             app update-keys
             app write \"b\"
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate])
        .habits(&["retry-fresh", "drop-state"]),
        case(
            "api/empty-call-inside-a-message",
            "A part of a message has arrived, and the application calls with an empty slice, as \
             it does to learn whether it may write.",
            &["api.no-panic"],
            "handshake
             peer key-update part 3
             app settle empty
             peer key-update rest 3
             peer write \"x\"",
        )
        .versions(TLS13),
    ]
}
