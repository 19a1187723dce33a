//! `KeyUpdate` around the end of a connection.

use scenario::Case;

use super::{Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "key-update/while-half-closed",
            "The application has closed and only reads on; the peer changes its keys, writes and \
             closes.",
            &["ku.rx-while-half-closed"],
            "handshake
             app close
             peer key-update
             peer write \"a\"
             peer close",
        ),
        case(
            "key-update/in-the-same-flight-as-the-close",
            "The same in one go, with a request that can no longer be answered.",
            &["ku.rx-while-half-closed"],
            "handshake
             app close
             transport hold
             peer write \"a\"
             peer key-update request
             peer write \"b\"
             peer key-update
             peer close
             transport release",
        ),
    ];
    cases.into_iter().map(|case| case.versions(TLS13)).collect()
}
