//! A second connection, after the first has ended one way or the other.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "resume/after-both-closed",
            "Both sides close, and the client comes back.",
            &["resume.after-clean"],
            "set tickets 1
             handshake
             peer write \"all\"
             peer close
             app close
             connect
             handshake
             peer write \"again\"",
        ),
        case(
            "resume/after-transport-end",
            "The transport ends without a word, and the client comes back.",
            &["resume.after-trunc", "resume.after-trunc-13"],
            "set tickets 1
             handshake
             peer write \"part\"
             transport fin
             connect
             handshake
             peer write \"again\"",
        ),
        case(
            "resume/after-transport-end-in-record",
            "The transport ends in the middle of a record, and the client comes back.",
            &["resume.after-trunc", "resume.after-trunc-13"],
            "set tickets 1
             handshake
             peer write 1000 short 500
             transport fin
             connect
             handshake
             peer write \"again\"",
        ),
        case(
            "resume/after-peer-error",
            "The peer reports an error; the client comes back, and should have forgotten the \
             ticket.",
            &["resume.after-fatal-13"],
            AFTER_PEER_ERROR,
        )
        .roles(CLIENT)
        .versions(TLS13),
        case(
            "resume/after-peer-error-12",
            "The peer reports an error; when the client comes back, the session must be \
             forgotten.",
            &["t12.fatal-then-no-resume"],
            AFTER_PEER_ERROR,
        )
        .versions(TLS12),
        case(
            "resume/after-own-error",
            "A record is spoilt on its way, and the connection ends over it; the client comes back.",
            &["resume.after-own-fatal"],
            "set tickets 1
             handshake
             peer write \"a\" bad-tag
             app settle same
             connect
             handshake",
        ),
        case(
            "resume/after-a-resumption-that-fails",
            "The client resumes its session, and what the server finishes that with is spoilt on its \
             way; the client comes back, and should start afresh.",
            &["resume.after-own-fatal"],
            "set tickets 1
             handshake
             peer write \"all\"
             peer close
             app close
             connect
             edit finished bad-tag
             handshake
             app settle same
             connect
             handshake
             peer write \"again\"",
        )
        .roles(CLIENT)
        .versions(TLS12),
    ];
    let needs = &[Capability::Tickets, Capability::Resumption];
    cases.into_iter().map(|case| case.needs(needs)).collect()
}

const AFTER_PEER_ERROR: &str = "
    set tickets 1
    handshake
    peer alert 2 internal_error
    app settle same
    connect
    handshake";
