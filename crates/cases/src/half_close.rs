//! One side has closed and the other continues.

use scenario::Case;

use super::case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "half-close/ping-pong",
            "The case that started this suite (rustls issue 1895): one side sends a request and \
             closes. The other side must still be able to answer.",
            &["close-rx.signal-eof", "close-rx.half-open-write"],
            r#"
                handshake
                peer write "?"
                peer close
                app write "!"
                app close
            "#,
        ),
        case(
            "half-close/write-after-own-close",
            "The application closes, and writes nevertheless.",
            &["close-tx.no-data-after"],
            r#"
                handshake
                app close
                app write "x"
            "#,
        ),
    ]
}
