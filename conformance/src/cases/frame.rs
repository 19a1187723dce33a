//! How alerts are framed.

use scenario::Case;

use super::{Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "frame/alert-without-content",
            "An alert record with nothing in it.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty",
        ),
        case(
            "frame/alert-of-padding",
            "An alert record with nothing but padding behind its type.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty pad 100",
        ),
        case(
            "frame/close-inside-a-message",
            "close_notify between the two halves of a handshake message: the sender may not, and \
             an end there is no clean end.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer key-update part 3
             peer close",
        ),
        case(
            "frame/close-that-looks-like-an-alert",
            "Someone on the way has changed the content type in the header of a protected \
             close_notify.",
            &["frame.alert-wrong-outer-type"],
            "handshake
             peer close outer alert",
        ),
        case(
            "frame/close-that-looks-like-a-handshake",
            "The same, with another content type.",
            &["frame.alert-wrong-outer-type"],
            "handshake
             peer close outer handshake",
        ),
    ];
    cases.into_iter().map(|case| case.versions(TLS13)).collect()
}
