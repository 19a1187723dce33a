//! How alerts are framed.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = contents13()
        .into_iter()
        .chain(protection13())
        .map(|case| case.versions(TLS13))
        .collect();
    cases.extend(tls12().into_iter().map(|case| case.versions(TLS12)));
    cases.extend(sending());
    cases
}

fn contents13() -> Vec<Case> {
    vec![
        case(
            "frame/alert-without-content",
            "An alert record with nothing in it.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty",
        ),
        case(
            "frame/alert-of-one-zero",
            "An alert record with nothing but one byte of padding behind its type.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty pad 1",
        ),
        case(
            "frame/alert-of-padding",
            "An alert record with nothing but padding behind its type.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty pad 100",
        ),
        case(
            "frame/half-an-alert",
            "A record with the level of an alert and nothing else.",
            &["frame.alert-one-byte"],
            "handshake
             peer record alert hex:01
             peer write \"x\"",
        ),
        case(
            "frame/close-in-two",
            "close_notify in two records, a byte each.",
            &["frame.alert-split", "frame.alert-one-byte"],
            "handshake
             peer close split 1
             transport fin",
        ),
        case(
            "frame/close-in-two-padded",
            "The same, in records that padding makes look alike.",
            &["frame.alert-split", "frame.alert-one-byte"],
            "handshake
             peer close split 1 pad 14",
        ),
        case(
            "frame/close-twice-in-one",
            "A record with two close_notify alerts.",
            &["frame.alert-coalesced"],
            "handshake
             peer record alert hex:01000100",
        ),
        case(
            "frame/cancel-and-close-in-one",
            "A record with user_canceled and close_notify.",
            &["frame.alert-coalesced"],
            "handshake
             peer record alert hex:015a0100",
        ),
        case(
            "frame/close-and-error-in-one",
            "A record with close_notify and an error: who reads the first alone takes the stream \
             for complete.",
            &["frame.alert-coalesced"],
            "handshake
             peer write \"half of it\"
             peer record alert hex:01000228
             transport fin",
        ),
        case(
            "frame/close-and-a-byte",
            "close_notify with a byte behind it.",
            &["frame.alert-trailing-junk"],
            "handshake
             peer record alert hex:0100ff",
        ),
        case(
            "frame/close-and-a-zero",
            "close_notify with a zero byte behind it that is no padding.",
            &["frame.alert-trailing-junk"],
            "handshake
             peer record alert hex:010000",
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
            "frame/close-inside-a-header",
            "close_notify behind the first byte of a handshake message.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer key-update part 1
             peer close",
        ),
        case(
            "frame/close-inside-a-ticket",
            "close_notify between the two halves of a session ticket.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer ticket part 20
             peer close
             transport fin",
        )
        .roles(CLIENT),
        case(
            "frame/error-inside-a-message",
            "A fatal alert between the two halves of a handshake message.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer key-update part 3
             peer alert 2 internal_error",
        ),
    ]
}

fn protection13() -> Vec<Case> {
    vec![
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
        case(
            "frame/close-of-another-version",
            "Someone on the way has changed the version in the header of a protected \
             close_notify.",
            &["frame.alert-wrong-version"],
            "handshake
             peer close version 0x0301",
        ),
        case(
            "frame/close-padded-too-much",
            "close_notify with one more byte of padding than a record may have.",
            &["frame.alert-max-padded"],
            "handshake
             peer close pad 16383",
        ),
        case(
            "frame/close-under-handshake-keys",
            "close_notify under the keys of the handshake, which is long over.",
            &["frame.alert-under-wrong-epoch"],
            "handshake
             peer close epoch handshake
             transport fin",
        ),
        case(
            "frame/close-under-old-keys",
            "close_notify under the keys before the last KeyUpdate.",
            &["frame.alert-under-wrong-epoch"],
            "handshake
             peer key-update
             peer close epoch application-0
             transport fin",
        ),
        case(
            "frame/close-under-keys-to-come",
            "close_notify under keys that no KeyUpdate has announced.",
            &["frame.alert-under-wrong-epoch"],
            "handshake
             peer close epoch application-1
             transport fin",
        ),
    ]
}

fn tls12() -> Vec<Case> {
    vec![
        case(
            "frame/alert-without-content-12",
            "An alert record with nothing in it, and what follows.",
            &["frame.alert-empty-12"],
            "handshake
             peer record alert empty
             peer close",
        ),
        case(
            "frame/close-in-two-12",
            "close_notify in two records, which TLS 1.2 lets its sender do.",
            &["frame.alert-split-12"],
            "handshake
             peer close split 1",
        ),
        case(
            "frame/cancel-and-close-in-one-12",
            "A record with two alerts, which TLS 1.2 lets its sender do.",
            &["frame.alert-coalesced-12"],
            "handshake
             peer record alert hex:015a0100",
        ),
        case(
            "frame/close-in-the-clear-12",
            "A close_notify in the clear, as anyone on the way can write it.",
            &["frame.alert-plain-12-after-ccs"],
            "handshake
             peer close epoch plain
             transport fin",
        ),
        case(
            "frame/error-in-the-clear-12",
            "A fatal alert in the clear, as anyone on the way can write it.",
            &["frame.alert-plain-12-after-ccs"],
            "handshake
             peer alert 2 internal_error epoch plain",
        ),
        case(
            "frame/close-in-the-clear-before-finished-12",
            "A close_notify in the clear between the peer's change_cipher_spec and its Finished.",
            &["frame.alert-plain-12-after-ccs"],
            "handshake until finished
             peer close epoch plain",
        )
        .cut_handshake(),
    ]
}

fn sending() -> Vec<Case> {
    vec![
        case(
            "frame/own-close",
            "The application closes: what leaves is looked at.",
            &["frame.alert-empty-tx", "frame.alert-reserved-tx"],
            "handshake
             app write \"x\"
             app close",
        ),
        case(
            "frame/own-close-in-small-records",
            "The same with the smallest records that can be asked for.",
            &["frame.alert-empty-tx", "frame.alert-reserved-tx"],
            "set fragment-size 64
             handshake
             app write 200
             app close",
        )
        .needs(&[Capability::FragmentSize]),
    ]
}
