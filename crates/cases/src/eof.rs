//! Transport EOF and resets.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    [open(), records(), handshake()].concat()
}

fn open() -> Vec<Case> {
    vec![
        case(
            "eof/instead-of-close",
            "The peer ends the transport instead of closing.",
            &[
                "eof.no-close-notify",
                "eof.must-have-close-if-reused",
                "eof.no-alert-on-eof",
            ],
            "handshake
             peer write \"all of it?\"
             transport fin
             app settle empty",
        ),
        case(
            "eof/first-thing",
            "The peer ends the transport as soon as the handshake is complete.",
            &["eof.no-close-notify", "eof.no-alert-on-eof"],
            "handshake
             transport fin",
        ),
        case(
            "eof/behind-own-close",
            "The application closes. The peer sends data and ends the transport.",
            &[
                "eof.after-own-close",
                "conn.silence-after-close",
                "conn.once",
            ],
            "handshake
             app write \"?\"
             app close
             peer write \"part of an ans\"
             transport fin",
        ),
        case(
            "eof/reset-then-close",
            "The transport is reset, and then the application closes.",
            &["eof.rst"],
            "handshake
             peer write \"all of it\"
             transport reset
             app close
             app settle same",
        ),
        case(
            "eof/reset",
            "The peer sends data and resets the transport.",
            &["eof.rst", "eof.must-have-close-if-reused"],
            "handshake
             peer write \"last words\"
             transport reset
             app settle empty",
        ),
        case(
            "eof/behind-close",
            "The peer closes and ends the transport, as it should.",
            &["eof.after-close", "close-rx.signal-eof"],
            "handshake
             transport hold
             peer write \"all of it\"
             peer close
             transport release
             transport fin",
        ),
        case(
            "eof/then-bytes",
            "Bytes arrive although the transport has ended.",
            &["eof.then-bytes"],
            "handshake
             transport fin
             peer write \"late\"
             peer close
             app settle same",
        )
        .needs(&[Capability::NativeEof]),
    ]
}

fn records() -> Vec<Case> {
    vec![
        case(
            "eof/in-header",
            "The transport ends after one byte of the header of close_notify, and on another \
             connection after four.",
            &["eof.mid-header"],
            "handshake
             peer write \"part\"
             peer close short 23
             transport fin
             connect
             handshake
             peer close short 20
             transport fin",
        )
        .versions(TLS13),
        case(
            "eof/in-header-12",
            "On one TLS 1.2 connection the transport ends after one byte of the header of \
             close_notify, and on another after four.",
            &["eof.mid-header"],
            "set suite 0xc02b
             handshake
             peer write \"part\"
             peer close short 30
             transport fin
             connect
             handshake
             peer close short 27
             transport fin",
        )
        .versions(TLS12),
        case(
            "eof/in-record",
            "The transport ends near the start of a data record, and on another connection before \
             the last byte.",
            &["eof.mid-record"],
            "handshake
             peer write \"part\"
             peer write 1000 short 1005
             transport fin
             connect
             handshake
             peer write 1000 short 1
             transport fin",
        ),
        case(
            "eof/in-the-middle-of-a-record",
            "The transport ends in the middle of a data record.",
            &["eof.mid-record"],
            "handshake
             peer write \"part\"
             peer write 1000 short 500
             transport fin",
        ),
        case(
            "eof/in-close",
            "The transport ends before the last byte of close_notify.",
            &["eof.mid-close-record", "eof.must-have-close-if-reused"],
            "handshake
             peer write \"part\"
             peer close short 1
             transport fin
             app settle same",
        ),
        case(
            "eof/in-ticket",
            "The transport ends between the two records of a session ticket.",
            &["eof.partial-handshake-msg"],
            "handshake
             peer write \"part\"
             peer ticket part 20
             transport fin",
        )
        .roles(CLIENT)
        .versions(TLS13),
    ]
}

fn handshake() -> Vec<Case> {
    vec![
        case(
            "eof/before-anything",
            "The transport ends before the peer has sent anything.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "transport fin
             app write \"?\"",
        )
        .cut_handshake(),
        case(
            "eof/before-encrypted-extensions",
            "The transport ends after the ServerHello.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until encrypted-extensions
             transport fin
             app write \"?\"",
        )
        .roles(CLIENT)
        .versions(TLS13)
        .cut_handshake(),
        case(
            "eof/before-certificate",
            "The transport ends before the server's Certificate.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until certificate
             transport fin
             app write \"?\"",
        )
        .roles(CLIENT)
        .cut_handshake(),
        case(
            "eof/before-certificate-verify",
            "The transport ends before the server has proved its identity.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until certificate-verify
             transport fin
             app write \"?\"",
        )
        .roles(CLIENT)
        .versions(TLS13)
        .cut_handshake(),
        case(
            "eof/before-server-key-exchange",
            "The transport ends before the server's ServerKeyExchange, which proves its identity.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until server-key-exchange
             transport fin
             app write \"?\"",
        )
        .roles(CLIENT)
        .versions(TLS12)
        .cut_handshake(),
        case(
            "eof/before-server-hello-done",
            "The transport ends before the end of the server's flight.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until server-hello-done
             transport fin
             app write \"?\"",
        )
        .roles(CLIENT)
        .versions(TLS12)
        .cut_handshake(),
        case(
            "eof/before-client-key-exchange",
            "The transport ends before the ClientKeyExchange.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until client-key-exchange
             transport fin
             app write \"?\"",
        )
        .roles(SERVER)
        .versions(TLS12)
        .cut_handshake(),
        case(
            "eof/before-change-cipher-spec",
            "The transport ends before the peer's change_cipher_spec.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until change-cipher-spec
             transport fin
             app write \"?\"",
        )
        .versions(TLS12)
        .cut_handshake(),
        case(
            "eof/before-finished",
            "The transport ends before the peer's Finished.",
            &["eof.during-handshake", "eof.no-alert-on-eof"],
            "handshake until finished
             transport fin
             app write \"?\"",
        )
        .cut_handshake(),
    ]
}
