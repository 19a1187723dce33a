//! The record layer around the end of a connection.

use scenario::Case;

use super::{Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "record/handshake-without-content",
            "A handshake record with nothing in it, between data and the end.",
            &["rec.zero-handshake"],
            "handshake
             peer write \"a\"
             peer record handshake empty
             peer close",
        ),
        case(
            "record/handshake-of-padding",
            "A handshake record with nothing but padding behind its type.",
            &["rec.zero-handshake"],
            "handshake
             peer record handshake empty pad 5",
        ),
    ];
    cases.into_iter().map(|case| case.versions(TLS13)).collect()
}
