//! Closing, and alerts, before the handshake is complete.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = [peer_closes(), application_closes(), alerts(), finished()].concat();
    cases.into_iter().map(Refine::cut_handshake).collect()
}

fn peer_closes() -> Vec<Case> {
    vec![
        case(
            "handshake-close/instead-of-server-hello",
            "The server closes instead of sending a ServerHello.",
            &["hs.close-before-sh"],
            "handshake until server-hello
             peer close
             app settle same",
        )
        .roles(CLIENT),
        case(
            "handshake-close/before-server-hello",
            "The server closes before its ServerHello, and then continues the handshake.",
            &["hs.close-before-sh"],
            "handshake until server-hello
             peer close
             handshake",
        )
        .roles(CLIENT),
        case(
            "handshake-close/instead-of-client-hello",
            "The client closes instead of sending a ClientHello.",
            &["hs.close-before-ch"],
            "peer close
             app settle same",
        )
        .roles(SERVER),
        case(
            "handshake-close/before-client-hello",
            "The client closes before its ClientHello, and then continues the handshake.",
            &["hs.close-before-ch"],
            "peer close
             handshake",
        )
        .roles(SERVER),
        case(
            "handshake-close/in-clear-behind-server-flight",
            "The client sends an unprotected close_notify instead of completing the handshake.",
            &["hs.close-after-ch-13"],
            "handshake until finished
             peer close epoch plain
             app settle same",
        )
        .roles(SERVER)
        .versions(TLS13),
        case(
            "handshake-close/before-certificate",
            "The server closes in the middle of its flight, and then continues the handshake.",
            &["hs.close-after-ch-12", "hs.close-under-hs-keys"],
            "handshake until certificate
             peer close
             handshake",
        )
        .roles(CLIENT),
        case(
            "handshake-close/instead-of-certificate",
            "The server closes in the middle of its flight.",
            &["hs.close-after-ch-12", "hs.close-under-hs-keys"],
            "handshake until certificate
             peer close
             app settle same",
        )
        .roles(CLIENT),
        case(
            "handshake-close/before-client-key-exchange",
            "The client closes before its ClientKeyExchange, and then continues the handshake.",
            &["hs.close-after-ch-12"],
            "handshake until client-key-exchange
             peer close
             handshake",
        )
        .roles(SERVER)
        .versions(TLS12),
        case(
            "handshake-close/instead-of-client-key-exchange",
            "The client closes instead of sending a ClientKeyExchange.",
            &["hs.close-after-ch-12"],
            "handshake until client-key-exchange
             peer close
             app settle same",
        )
        .roles(SERVER)
        .versions(TLS12),
        case(
            "handshake-close/before-finished",
            "The peer closes under handshake keys, and then sends its Finished.",
            &["hs.close-under-hs-keys"],
            "handshake until finished
             peer close
             handshake",
        )
        .versions(TLS13),
        case(
            "handshake-close/or-end-of-transport",
            "On one connection the transport ends during the handshake. On another the peer \
             closes.",
            &["hs.eof-vs-close"],
            "handshake until finished
             transport fin
             connect
             handshake until finished
             peer close
             app settle same",
        )
        .versions(TLS13),
        case(
            "handshake-close/or-end-of-transport-12",
            "On one TLS 1.2 connection the transport ends during the handshake. On another the \
             peer closes.",
            &["hs.eof-vs-close"],
            "handshake until change-cipher-spec
             transport fin
             connect
             handshake until change-cipher-spec
             peer close
             app settle same",
        )
        .versions(TLS12),
    ]
}

fn application_closes() -> Vec<Case> {
    let cases = vec![
        case(
            "handshake-close/by-the-application",
            "The application closes before the peer has sent anything.",
            &["hs.local-close-in-handshake"],
            "app close
             app settle same",
        )
        .plain_only("not every habit has a connection before the peer's first message"),
        case(
            "handshake-close/by-the-application-behind-server-hello",
            "The client's application closes in the middle of the server's flight.",
            &["hs.local-close-in-handshake"],
            "handshake until certificate
             app close
             app settle same",
        )
        .roles(CLIENT),
        case(
            "handshake-close/behind-own-finished",
            "The client's application closes before the server's Finished arrives.",
            &["hs.close-notify-in-false-start"],
            "handshake until change-cipher-spec
             app close
             app settle same",
        )
        .roles(CLIENT)
        .versions(TLS12),
    ];
    let needs = &[Capability::CloseInHandshake];
    cases.into_iter().map(|case| case.needs(needs)).collect()
}

fn alerts() -> Vec<Case> {
    vec![
        case(
            "handshake-alert/in-clear",
            "A client that cannot process the server's flight sends an unprotected alert.",
            &["hs.plain-alert-before-keys"],
            "handshake until finished
             peer alert 2 decode_error epoch plain
             app settle same",
        )
        .roles(SERVER)
        .versions(TLS13),
        case(
            "handshake-alert/in-clear-behind-certificate",
            "An attacker inserts an unprotected alert after the first protected record.",
            &["hs.plain-alert-window-13"],
            "set client-auth
             handshake until certificate-verify
             peer alert 2 handshake_failure epoch plain
             app settle same",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::ClientAuth]),
        case(
            "handshake-alert/no-certificate",
            "A client omits the certificate that the server requested.",
            &["hs.server-error-key"],
            "set client-auth
             handshake until certificate
             peer handshake finished 32",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::ClientAuth]),
        case(
            "handshake-alert/no-encrypted-extensions",
            "A server omits its EncryptedExtensions.",
            &["hs.client-alert-key"],
            "handshake until encrypted-extensions
             peer handshake finished 32",
        )
        .roles(CLIENT)
        .versions(TLS13),
        case(
            "handshake-alert/close-inside-certificate",
            "The server closes between the two records of its Certificate message.",
            &["hs.interleaved-alert"],
            "edit certificate part 100
             handshake until certificate-verify
             peer close
             app settle same",
        )
        .roles(CLIENT)
        .versions(TLS13),
        case(
            "handshake-alert/error-inside-certificate",
            "The server sends an error alert between the two records of its Certificate message.",
            &["hs.interleaved-alert"],
            "edit certificate part 100
             handshake until certificate-verify
             peer alert 2 internal_error",
        )
        .roles(CLIENT)
        .versions(TLS13),
        case(
            "handshake-close/behind-a-client-hello-in-parts",
            "A ClientHello arrives in two records, and the server reads it before it has a \
             configuration. Then each side writes and closes.",
            &["api.no-panic", "close-rx.signal-eof"],
            "edit client-hello split 100
             handshake
             peer write \"a\"
             peer close
             app write \"b\"
             app close",
        )
        .roles(SERVER)
        .cuts(&[Cut::PerRecord], "the second part must arrive separately")
        .habits(&["acceptor"]),
        case(
            "handshake-alert/close-inside-finished",
            "The peer closes between the two records of its Finished message.",
            &["hs.interleaved-alert"],
            "edit finished part 10
             handshake
             peer close epoch handshake
             app settle same",
        )
        .versions(TLS13),
        case(
            "handshake-alert/cancel-inside-finished",
            "The peer sends user_canceled between the two records of its Finished message.",
            &["hs.interleaved-alert"],
            "edit finished part 10
             handshake
             peer alert 1 user_canceled epoch handshake
             app settle same",
        )
        .versions(TLS13),
        case(
            "handshake-alert/warning-from-server",
            "A server warns that it does not recognise the requested name, and continues the \
             handshake.",
            &["hs.alert-not-in-transcript"],
            "handshake until certificate
             peer alert 1 unrecognized_name
             handshake
             peer write \"all the same\"",
        )
        .roles(CLIENT)
        .versions(TLS12),
        case(
            "handshake-alert/warning-from-client",
            "A client sends a warning in the middle of the handshake, and continues the handshake.",
            &["hs.alert-not-in-transcript"],
            "handshake until client-key-exchange
             peer alert 1 user_canceled
             handshake
             peer write \"all the same\"",
        )
        .roles(SERVER)
        .versions(TLS12),
        case(
            "handshake-alert/cancel-before-finished",
            "The peer sends user_canceled in the middle of the handshake, and continues the \
             handshake.",
            &["hs.alert-not-in-transcript"],
            "handshake until finished
             peer alert 1 user_canceled
             handshake
             peer write \"all the same\"",
        )
        .versions(TLS13),
    ]
}

fn finished() -> Vec<Case> {
    vec![
        case(
            "handshake-alert/bad-finished",
            "The peer's Finished is wrong, and a close_notify follows it.",
            &["hs.bad-finished", "hs.server-error-key"],
            "handshake until finished
             transport hold
             edit finished flip
             handshake
             peer close
             transport release
             app settle same",
        )
        .cuts(
            &[Cut::Whole],
            "handshake-alert/bad-finished-alone is played with all of them",
        )
        .plain_only("handshake-alert/bad-finished-alone is played with all of them"),
        case(
            "handshake-alert/bad-finished-alone",
            "The peer's Finished is wrong, and nothing follows it.",
            &["hs.bad-finished"],
            "edit finished flip
             handshake
             app settle same",
        ),
    ]
}
