//! A second connection after the end of the first.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "resume/after-both-closed",
            "Both sides close, and the client connects again.",
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
            "The transport ends without close_notify, and the client connects again.",
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
            "The transport ends in the middle of a record, and the client connects again.",
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
            "The peer sends an error alert, and the client connects again. It should have \
             discarded the ticket.",
            &["resume.after-fatal-13"],
            AFTER_PEER_ERROR,
        )
        .roles(CLIENT)
        .versions(TLS13),
        case(
            "resume/after-peer-error-12",
            "The peer sends an error alert, and the client connects again. The session must have \
             been discarded.",
            &["t12.fatal-then-no-resume"],
            AFTER_PEER_ERROR,
        )
        .versions(TLS12),
        case(
            "resume/after-own-error",
            "A corrupted record ends the connection, and the client connects again.",
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
            "The client resumes its session, and the server's Finished is corrupted in transit. \
             The client connects again, and should not resume.",
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
