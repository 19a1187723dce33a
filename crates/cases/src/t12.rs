//! Cases that are specific to TLS 1.2.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = [full_close(), alerts(), renegotiation(), records()].concat();
    cases.into_iter().map(|case| case.versions(TLS12)).collect()
}

fn full_close() -> Vec<Case> {
    vec![
        case(
            "tls12/peer-closes",
            "The peer closes, and expects an answer at once.",
            &["t12.reply-close"],
            "set tls12-close full
             handshake
             peer write \"all\"
             peer close
             app settle empty",
        ),
        case(
            "tls12/peer-closes-while-output-waits",
            "The peer closes while much output is pending.",
            &["t12.discard-pending"],
            "set tls12-close full
             handshake
             transport block
             app write 65536
             peer close
             transport unblock
             app settle same",
        )
        .needs(&[Capability::Room]),
        case(
            "tls12/write-after-peer-close",
            "The application writes although the peer's close has closed both halves.",
            &["t12.write-after-peer-close"],
            "set tls12-close full
             handshake
             peer close
             app write \"late\"
             app settle same",
        ),
        case(
            "tls12/fatal-close",
            "The peer sends close_notify at level fatal.",
            &["t12.level-fatal-close"],
            "handshake
             peer write \"all\"
             peer alert 2 close_notify
             app settle same",
        ),
    ]
}

fn alerts() -> Vec<Case> {
    vec![
        case(
            "tls12/warning-between-data",
            "A warning arrives between two records of data.",
            &["t12.warning-continues"],
            "handshake
             peer write \"before\"
             peer alert 1 unrecognized_name
             peer write \"after\"",
        ),
        case(
            "tls12/five-warnings",
            "The peer sends five warnings in a row.",
            &["t12.warning-limit"],
            "handshake
             peer alert 1 unrecognized_name
             peer alert 1 unrecognized_name
             peer alert 1 unrecognized_name
             peer alert 1 unrecognized_name
             peer alert 1 unrecognized_name
             peer write \"still here?\"",
        ),
        case(
            "tls12/five-warnings-over-time",
            "The peer sends five warnings, with application data between them.",
            &["t12.warning-limit"],
            "handshake
             peer alert 1 unrecognized_name
             peer write \"a\"
             peer alert 1 unrecognized_name
             peer write \"b\"
             peer alert 1 unrecognized_name
             peer write \"c\"
             peer alert 1 unrecognized_name
             peer write \"d\"
             peer alert 1 unrecognized_name
             peer write \"e\"",
        ),
        case(
            "tls12/unknown-warning",
            "The peer sends a warning that no specification defines.",
            &["t12.warning-unknown"],
            "handshake
             peer alert 1 200
             peer write \"still here?\"",
        ),
        case(
            "tls12/no-renegotiation-out-of-the-blue",
            "The peer sends no_renegotiation, although the subject has not requested \
             renegotiation.",
            &["t12.no-reneg-rcvd"],
            "handshake
             peer alert 1 no_renegotiation
             peer write \"still here?\"",
        ),
    ]
}

fn renegotiation() -> Vec<Case> {
    vec![
        case(
            "tls12/hello-request",
            "The server requests renegotiation, and continues with its data.",
            &["t12.hello-request-open"],
            "handshake
             peer renegotiate
             peer write \"all the same\"",
        )
        .roles(CLIENT),
        case(
            "tls12/hello-request-behind-close",
            "The server closes, and then requests renegotiation.",
            &["t12.hello-request-after-peer-close"],
            "handshake
             peer close
             peer renegotiate
             app settle same",
        )
        .roles(CLIENT),
        case(
            "tls12/client-hello-half-closed",
            "The client requests renegotiation after the server has closed its write half.",
            &["t12.client-hello-half-closed"],
            "handshake
             app close
             peer renegotiate
             peer write \"?\"",
        )
        .roles(SERVER),
    ]
}

fn records() -> Vec<Case> {
    vec![
        case(
            "tls12/close-inside-hello-request",
            "The peer sends close_notify between the parts of a HelloRequest.",
            &["t12.frag-close-interleaved"],
            "handshake
             peer handshake hello_request empty part 2
             peer close",
        )
        .roles(CLIENT),
        case(
            "tls12/close-inside-client-hello",
            "The peer sends close_notify between the parts of a ClientHello that requests \
             renegotiation.",
            &["t12.frag-close-interleaved"],
            "handshake
             peer renegotiate part 20
             peer close",
        )
        .roles(SERVER),
        case(
            "tls12/change-cipher-spec-in-clear",
            "An attacker inserts an unprotected change_cipher_spec into an open connection.",
            &["t12.ccs-plain-after"],
            "handshake
             peer write \"a\"
             peer ccs epoch plain
             app settle same",
        ),
        case(
            "tls12/nonces",
            "The application writes and closes. Each record has its own nonce.",
            &["t12.explicit-nonce-close"],
            "set suite 0xc02b
             handshake
             app write \"one\"
             app write 40000
             app write \"two\"
             app close",
        ),
    ]
}
