//! Tickets and other messages after the handshake.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{CLIENT, HOW_MANY, Refine, SERVER, TLS12, TLS13, case, many};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "post-handshake/certificate-request",
            "A server requests a certificate, although the client did not offer post-handshake \
             authentication.",
            &["ph.unexpected-half-closed"],
            "handshake
             peer handshake certificate_request hex:01aa0008000d000400020403",
        ).roles(CLIENT),
        case(
            "post-handshake/certificate-request-after-own-close",
            "A server requests a certificate after the local close, although the client did not \
             offer post-handshake authentication.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer handshake certificate_request hex:01aa0008000d000400020403",
        ).roles(CLIENT),
        case(
            "post-handshake/second-client-hello",
            "A client sends a second ClientHello on an open connection.",
            &["ph.unexpected-type"],
            "handshake
             peer renegotiate",
        ).roles(SERVER),
        case(
            "post-handshake/ticket-from-a-client",
            "A client sends a session ticket.",
            &["ph.unexpected-type"],
            "handshake
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000",
        ).roles(SERVER),
        case(
            "post-handshake/second-server-hello",
            "A server sends a second ServerHello on an open connection.",
            &["ph.unexpected-type"],
            "handshake
             peer handshake server_hello hex:03031111111111111111111111111111111111111111111111111111111111111111001301000006002b00020304",
        ).roles(CLIENT),
        case(
            "post-handshake/second-finished",
            "The peer sends a second Finished.",
            &["ph.unexpected-type"],
            "handshake
             peer handshake finished 32",
        ),
        case(
            "post-handshake/ticket-after-own-close",
            "A client closes at once. The server sends a ticket, data and its own close.",
            &["ph.nst-while-half-closed"],
            "handshake
             app close
             peer ticket
             peer write \"a\"
             peer close",
        ).roles(CLIENT),
        case(
            "post-handshake/ticket-after-peer-close",
            "A server sends a ticket after its close_notify, and the client connects again.",
            &["ph.nst-after-peer-close"],
            "handshake
             peer close
             peer ticket
             connect
             handshake",
        ).roles(CLIENT).needs(&[Capability::Tickets, Capability::Resumption]),
        case(
            "post-handshake/two-tickets-in-one-record",
            "Two tickets share a record, and the client connects again twice.",
            &["ph.nst-in-same-record-as-other"],
            "handshake
             peer ticket join
             peer ticket
             peer write \"a\"
             peer close
             connect
             handshake
             connect
             handshake",
        ).roles(CLIENT).needs(&[Capability::Tickets, Capability::Resumption]),
        case(
            "post-handshake/ticket-flood",
            "A server sends ticket after ticket.",
            &["ph.ticket-limit"],
            &many("handshake", "peer ticket"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY).roles(CLIENT),
        case(
            "post-handshake/ticket-in-bytes",
            "Each record contains one byte of a ticket.",
            &["ph.fragment-limit"],
            "handshake
             peer ticket split 1",
        ).roles(CLIENT),
    ];
    cases = cases.into_iter().map(|case| case.versions(TLS13)).collect();
    cases.extend([
        case(
            "post-handshake/renegotiation-flood",
            "The peer requests renegotiation repeatedly.",
            &["ph.renegotiation-limit"],
            &many("handshake", "peer renegotiate"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY)
        .versions(TLS12),
        case(
            "post-handshake/hello-in-bytes",
            "Each record contains one byte of a renegotiation request.",
            &["ph.fragment-limit"],
            "handshake
             peer renegotiate split 1",
        )
        .versions(TLS12)
        .roles(SERVER),
    ]);
    cases
}
