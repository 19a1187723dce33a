//! The framing of alerts.

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
            "The peer sends an empty alert record.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty",
        ),
        case(
            "frame/alert-of-one-zero",
            "The peer sends an alert record with only one byte of padding after its type.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty pad 1",
        ),
        case(
            "frame/alert-of-padding",
            "The peer sends an alert record with only padding after its type.",
            &["frame.alert-empty"],
            "handshake
             peer record alert empty pad 100",
        ),
        case(
            "frame/half-an-alert",
            "The peer sends a record with only the level of an alert.",
            &["frame.alert-one-byte"],
            "handshake
             peer record alert hex:01
             peer write \"x\"",
        ),
        case(
            "frame/close-in-two",
            "The peer sends close_notify in two records of one byte each.",
            &["frame.alert-split", "frame.alert-one-byte"],
            "handshake
             peer close split 1
             transport fin",
        ),
        case(
            "frame/close-in-two-padded",
            "The peer sends close_notify in two padded records of one byte each.",
            &["frame.alert-split", "frame.alert-one-byte"],
            "handshake
             peer close split 1 pad 14",
        ),
        case(
            "frame/close-twice-in-one",
            "The peer sends two close_notify alerts in one record.",
            &["frame.alert-coalesced"],
            "handshake
             peer record alert hex:01000100",
        ),
        case(
            "frame/cancel-and-close-in-one",
            "The peer sends user_canceled and close_notify in one record.",
            &["frame.alert-coalesced"],
            "handshake
             peer record alert hex:015a0100",
        ),
        case(
            "frame/close-and-error-in-one",
            "The peer sends close_notify and an error alert in one record. A receiver that reads \
             only the first takes the stream for complete.",
            &["frame.alert-coalesced"],
            "handshake
             peer write \"half of it\"
             peer record alert hex:01000228
             transport fin",
        ),
        case(
            "frame/close-and-a-byte",
            "A byte follows close_notify in its record.",
            &["frame.alert-trailing-junk"],
            "handshake
             peer record alert hex:0100ff",
        ),
        case(
            "frame/close-and-a-zero",
            "A zero byte that is not padding follows close_notify in its record.",
            &["frame.alert-trailing-junk"],
            "handshake
             peer record alert hex:010000",
        ),
        case(
            "frame/close-inside-a-message",
            "The peer sends close_notify between the two parts of a handshake message. This is \
             forbidden, and an end at this point is not clean.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer key-update part 3
             peer close",
        ),
        case(
            "frame/close-inside-a-header",
            "The peer sends close_notify after the first byte of a handshake message.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer key-update part 1
             peer close",
        ),
        case(
            "frame/close-inside-a-ticket",
            "The peer sends close_notify between the two parts of a session ticket.",
            &["frame.alert-in-handshake-frag"],
            "handshake
             peer ticket part 20
             peer close
             transport fin",
        )
        .roles(CLIENT),
        case(
            "frame/error-inside-a-message",
            "The peer sends a fatal alert between the two parts of a handshake message.",
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
            "An attacker on the path changes the content type in the header of a protected \
             close_notify to alert.",
            &["frame.alert-wrong-outer-type"],
            "handshake
             peer close outer alert",
        ),
        case(
            "frame/close-that-looks-like-a-handshake",
            "An attacker on the path changes the content type in the header of a protected \
             close_notify to handshake.",
            &["frame.alert-wrong-outer-type"],
            "handshake
             peer close outer handshake",
        ),
        case(
            "frame/close-of-another-version",
            "An attacker on the path changes the version in the header of a protected \
             close_notify.",
            &["frame.alert-wrong-version"],
            "handshake
             peer close version 0x0301",
        ),
        case(
            "frame/close-padded-too-much",
            "The peer pads close_notify with one byte more than a record may have.",
            &["frame.alert-max-padded"],
            "handshake
             peer close pad 16383",
        ),
        case(
            "frame/close-under-handshake-keys",
            "The peer sends close_notify under the handshake keys, long after the handshake.",
            &["frame.alert-under-wrong-epoch"],
            "handshake
             peer close epoch handshake
             transport fin",
        ),
        case(
            "frame/close-under-old-keys",
            "The peer sends close_notify under the keys before its last KeyUpdate.",
            &["frame.alert-under-wrong-epoch"],
            "handshake
             peer key-update
             peer close epoch application-0
             transport fin",
        ),
        case(
            "frame/close-under-keys-to-come",
            "The peer sends close_notify under keys that no KeyUpdate has announced.",
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
            "The peer sends an empty alert record in TLS 1.2, and then close_notify.",
            &["frame.alert-empty-12"],
            "handshake
             peer record alert empty
             peer close",
        ),
        case(
            "frame/close-in-two-12",
            "The peer sends close_notify in two records, which TLS 1.2 allows.",
            &["frame.alert-split-12"],
            "handshake
             peer close split 1",
        ),
        case(
            "frame/cancel-and-close-in-one-12",
            "The peer sends two alerts in one record, which TLS 1.2 allows.",
            &["frame.alert-coalesced-12"],
            "handshake
             peer record alert hex:015a0100",
        ),
        case(
            "frame/close-in-the-clear-12",
            "An attacker on the path inserts an unprotected close_notify.",
            &["frame.alert-plain-12-after-ccs"],
            "handshake
             peer close epoch plain
             transport fin",
        ),
        case(
            "frame/error-in-the-clear-12",
            "An attacker on the path inserts an unprotected fatal alert.",
            &["frame.alert-plain-12-after-ccs"],
            "handshake
             peer alert 2 internal_error epoch plain",
        ),
        case(
            "frame/close-in-the-clear-before-finished-12",
            "An unprotected close_notify arrives between the peer's change_cipher_spec and its \
             Finished.",
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
            "The application closes, and the case checks the records that it sends.",
            &["frame.alert-empty-tx", "frame.alert-reserved-tx"],
            "handshake
             app write \"x\"
             app close",
        ),
        case(
            "frame/own-close-in-small-records",
            "The application closes with the smallest fragment size, and the case checks the \
             records that it sends.",
            &["frame.alert-empty-tx", "frame.alert-reserved-tx"],
            "set fragment-size 64
             handshake
             app write 200
             app close",
        )
        .needs(&[Capability::FragmentSize]),
    ]
}
