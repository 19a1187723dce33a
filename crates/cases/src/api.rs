//! The contract of an API.

use protocol::Capability;
use scenario::Case;

use super::{Refine, SERVER, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "api/there-and-back",
            "A whole life: handshake, data both ways, both halves closed. However it is cut and \
             whoever drives it, it is the same life.",
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
            "Bytes of the application's wait for the transport when the peer's data comes.",
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
            "The application has read a part of what came. It writes, which the transport does not \
             take, and reads the rest.",
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
        // Where plaintext that waits comes before all else, there is no such write.
        .habits(&["complete-io", "stream", "stream-short"]),
        case(
            "api/helped-while-blocked",
            "A call that does I/O by itself has bytes to write, of which the transport takes none, \
             then a few, then all; data and the end of it come meanwhile.",
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
            "The answer to a KeyUpdate waits for the transport; behind the request is data, and the \
             end of it.",
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
            "The application writes while the transport takes nothing, reads nothing for a while, \
             and closes; then the peer does.",
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
            "The peer's record is broken, and the application writes.",
            &["api.write-refused-when-dead", "api.wants-read-when-dead"],
            "handshake
             peer write \"a\" bad-tag
             app write \"b\"
             app write empty",
        ),
        case(
            "api/tickets",
            "What a server has to say behind the handshake is its own, and goes out by the states \
             for that.",
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
            "A record that holds nothing for the application is dealt with all the same.",
            &["api.discard-exact"],
            "handshake
             peer write \"a\"
             peer write empty",
        ),
        case(
            "api/closed-for-ever",
            "Both halves are closed; whatever is fed or called, the state stays Closed.",
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
            "api/early-data",
            "0-RTT data, then data: each through its own state, in this order.",
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
            "The application has closed and reads on: in which state does it wait?",
            &["api.no-write-state-after-own-close", "api.peer-closed-once"],
            "handshake
             app close
             peer write \"a\"
             peer write \"b\"
             peer close",
        ),
        case(
            "api/after-a-failure",
            "The connection has failed, and is called as if it had not.",
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
            "A caller that polls: a call without input changes nothing, whatever the state.",
            &["api.empty-input-ok", "api.peer-closed-once"],
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
            "Part of a record waits for the rest, which never comes; the caller calls again.",
            &["api.input-immutability"],
            "handshake
             peer write \"abcdefgh\" short 3
             app settle same
             app settle same",
        )
        .needs(&[Capability::Left]),
        case(
            "api/bytes-that-are-not-tls",
            "After close_notify the transport carries something else, which is not TLS's to touch.",
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
            "The caller starts with no room at all and comes back with more, on the same state.",
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
            "The same for a KeyUpdate, which has a state of its own.",
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
            "The caller drops a state that offers a record: because it had too little room, or \
             for no reason.",
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
            "Half a message has arrived, and the application calls with an empty slice, as it does \
             to learn whether it may write.",
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
