//! Cases for the universal rules, which hold on any connection.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "conn/after-both-closes",
            "Both halves are closed. The application calls again, and the transport ends.",
            &["conn.silence-after-close", "conn.once"],
            "handshake
             app close
             peer close
             app settle same
             transport fin
             app settle same",
        ),
        case(
            "conn/close-while-output-waits",
            "The peer closes while what the application wrote waits for the transport.",
            &["conn.end-while-blocked"],
            "handshake
             transport block
             app write 100
             peer write \"all of it\"
             peer close
             app settle same
             transport unblock
             app settle same",
        )
        .needs(&[Capability::Room]),
        case(
            "conn/close-while-keys-wait",
            "The peer closes while a KeyUpdate of the application's waits for the transport.",
            &["conn.end-while-blocked"],
            "handshake
             transport block
             app update-keys
             peer write \"all of it\"
             peer close
             app settle same
             transport unblock
             app settle same",
        )
        .versions(TLS13)
        .needs(&[Capability::Room, Capability::KeyUpdate]),
        case(
            "conn/close-while-a-refusal-waits",
            "The peer asks to renegotiate and closes. The refusal waits for the transport.",
            &["conn.end-while-blocked"],
            "handshake
             transport block
             peer renegotiate
             peer close
             app settle same
             transport unblock
             app settle same",
        )
        .versions(TLS12)
        .needs(&[Capability::Room]),
        case(
            "conn/records-while-output-waits",
            "Records of each harmless kind arrive while local output waits for the transport. Then \
             there is room, and the application writes and closes.",
            &[
                "conn.no-failure-without-cause",
                "conn.nothing-owed",
                "conn.bytes",
                "conn.keys",
            ],
            "handshake
             transport block
             app write 100
             peer write \"a\"
             peer key-update
             peer write \"b\"
             transport unblock
             app settle same
             app write \"c\"
             app close
             peer write \"d\"
             peer close",
        )
        .versions(TLS13)
        .needs(&[Capability::Room]),
        case(
            "conn/output-leaves-in-parts",
            "The transport takes a few bytes of what the application wrote; the application calls, \
             data arrives, and then there is room.",
            &[
                "conn.no-failure-without-cause",
                "conn.nothing-owed",
                "conn.bytes",
            ],
            "handshake
             transport block
             app write 100
             transport room 7
             app settle same
             peer write \"a\"
             app settle same
             transport unblock
             app settle same
             app write \"b\"
             app close",
        )
        .needs(&[Capability::Room]),
        case(
            "conn/end-of-the-transport-after-an-error",
            "The peer's record is broken. Then the transport ends, and the application calls again.",
            &["conn.once"],
            "handshake
             peer write \"a\" bad-tag
             transport fin
             app settle empty",
        ),
        case(
            "conn/close-in-half-rtt-and-a-bad-record",
            "The client closes instead of finishing the handshake, and sends a record that is too \
             long.",
            &["api.no-panic"],
            "set half-rtt
             handshake until finished
             peer close
             peer handshake 99 16384",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::HalfRtt]),
        case(
            "conn/error-in-half-rtt-and-a-bad-record",
            "The client sends an error alert instead of finishing the handshake, and a record that \
             is too long.",
            &["conn.once"],
            "set half-rtt
             handshake until finished
             peer alert 2 no_application_protocol
             app settle same
             peer record handshake 18433",
        )
        .roles(SERVER)
        .versions(TLS13)
        .cuts(&[Cut::Whole], "a record that is refused by its header may be refused once for each piece")
        .needs(&[Capability::HalfRtt]),
        case(
            "conn/called-again-after-an-error-alert",
            "The peer sends an error alert. The application calls again, and the transport ends.",
            &["conn.once"],
            "handshake
             peer alert 2 internal_error
             app settle same
             transport fin",
        ),
        case(
            "conn/export-alone",
            "The application exports keying material while output waits, and does nothing else.",
            &["conn.no-failure-without-cause", "conn.nothing-owed"],
            "handshake
             transport block
             app write 100
             app export
             transport unblock",
        )
        .needs(&[Capability::Room, Capability::Export]),
        case(
            "conn/export-and-a-write",
            "The application exports keying material, and writes.",
            &["conn.keys", "conn.bytes"],
            "handshake
             app export
             app write \"a\"",
        )
        .versions(TLS13)
        .needs(&[Capability::Export]),
        case(
            "conn/handshake-goes-on-after-own-close",
            "The application closes before the peer has said anything, and the peer goes on with the \
             handshake.",
            &["conn.silence-after-close"],
            "app close
             handshake
             app settle same",
        )
        .needs(&[Capability::CloseInHandshake])
        .plain_only("not every way of calling has a connection before the peer's first message"),
        case(
            "conn/early-key-used-up",
            "A client's early keys have protected as many records as they may, and the handshake goes \
             on.",
            &["conn.no-failure-without-cause"],
            "set tickets 1
             set early-data accept 1000
             set early-write 61
             set fragment-size 32
             set key-limit 2
             handshake
             connect
             handshake",
        )
        .roles(CLIENT)
        .versions(TLS13)
        .needs(&[
            Capability::Tickets,
            Capability::Resumption,
            Capability::EarlyData,
            Capability::KeyLimit,
            Capability::FragmentSize,
        ]),
        case(
            "conn/end-of-the-transport-and-a-write",
            "The transport ends without close_notify, and the application writes what it still has \
             to say.",
            &["conn.ends"],
            "handshake
             peer write \"a\"
             transport fin
             app write \"b\"
             app settle same",
        ),
        case(
            "conn/data-when-a-key-is-used-up",
            "The application may write no record under its key. Data arrives.",
            &["conn.bytes"],
            "set key-limit 1
             handshake
             app write \"a\"
             peer write \"b\"
             app settle same",
        )
        .versions(TLS12)
        .needs(&[Capability::KeyLimit]),
    ]
}
