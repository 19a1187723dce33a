//! The peer closes its write half.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    [ending(), behind(), own_half(), shapes(), forged()].concat()
}

fn ending() -> Vec<Case> {
    vec![
        case(
            "peer-close/first-thing",
            "The peer closes as soon as the handshake is complete.",
            &["close-rx.signal-eof", "close-rx.bytewise"],
            "handshake
             peer close
             app settle empty",
        ),
        case(
            "peer-close/behind-data",
            "The peer sends much data and closes, all in one segment.",
            &["close-rx.signal-eof", "close-rx.data-first"],
            "handshake
             transport hold
             peer write \"one\"
             peer write 17000
             peer write empty
             peer close
             transport release",
        ),
        case(
            "peer-close/slow-reader",
            "The application reads slowly while the close already waits after the data.",
            &["close-rx.backpressure"],
            "handshake
             app pause
             transport hold
             peer write 16384
             peer close
             transport release
             app read 1
             app read 1
             app read 16000
             app settle same
             app resume
             app settle empty",
        )
        .needs(&[Capability::Read]),
        case(
            "peer-close/then-transport-ends",
            "The peer closes, then the transport ends, and then it is reset. The application \
             calls again each time.",
            &["close-rx.eof-latched", "eof.after-close"],
            "handshake
             peer write \"all\"
             peer close
             app settle same
             transport fin
             app settle empty
             transport reset
             app settle empty",
        ),
        case(
            "peer-close/then-reset",
            "The peer closes and resets the transport at once.",
            &["close-rx.eof-latched", "eof.after-close"],
            "handshake
             peer write \"all\"
             peer close
             transport reset",
        ),
        case(
            "peer-close/with-finished",
            "The peer's Finished and its close_notify share a segment.",
            &["close-rx.with-finished"],
            WITH_FINISHED,
        )
        .versions(TLS13)
        .cut_handshake(),
        case(
            "peer-close/with-finished-12",
            "The server's Finished and its close_notify share a segment. The TLS 1.2 client has \
             already sent its own Finished.",
            &["close-rx.with-finished"],
            WITH_FINISHED,
        )
        .roles(CLIENT)
        .versions(super::TLS12)
        .cut_handshake(),
        case(
            "peer-close/before-tickets",
            "A client closes before the server has sent its session tickets.",
            &["close-rx.before-tickets", "close-rx.with-finished"],
            "set tickets 2
             handshake until finished
             transport hold
             handshake
             peer close
             transport release
             app settle empty",
        )
        .roles(SERVER)
        .versions(TLS13)
        .needs(&[Capability::Tickets])
        .cut_handshake(),
    ]
}

const WITH_FINISHED: &str = "
    handshake until finished
    transport hold
    handshake
    peer close
    transport release
    app settle empty";

/// Each kind of record after the close appears twice: in the segment of the close, and in a later
/// one.
fn behind() -> Vec<Case> {
    vec![
        case(
            "peer-close/then-data",
            "The peer continues to write after its close.",
            &["close-rx.ignore-data-after", "close-rx.data-first"],
            "handshake
             transport hold
             peer write \"before\"
             peer close
             peer write \"after\"
             transport release
             peer write 2000
             app settle same",
        ),
        case(
            "peer-close/then-close",
            "The peer closes repeatedly.",
            &["close-rx.ignore-close-after"],
            "handshake
             transport hold
             peer close
             peer close
             transport release
             peer close
             app settle same",
        ),
        case(
            "peer-close/then-fatal-alert",
            "The peer closes, and then sends an error alert. The subject's write half is still \
             open.",
            &["close-rx.ignore-fatal-after"],
            "handshake
             transport hold
             peer write \"all\"
             peer close
             peer alert 2 handshake_failure
             transport release
             peer alert 2 internal_error
             app write \"still here\"
             app close",
        ),
        case(
            "peer-close/then-bad-record",
            "Records that do not decrypt follow the peer's close.",
            &[
                "close-rx.ignore-garbage-after",
                "close-rx.garbage-same-vs-later-segment",
            ],
            "handshake
             transport hold
             peer close
             peer write \"x\" bad-tag
             transport release
             peer write \"y\" bad-body
             app settle same
             app write \"still here\"
             app close",
        ),
        case(
            "peer-close/then-unknown-type",
            "A record of an undefined type follows the peer's close.",
            &["close-rx.ignore-garbage-after"],
            "handshake
             transport hold
             peer close
             peer record 99 \"x\" outer 255
             transport release
             peer record 99 \"y\" outer 255
             app settle same",
        ),
        case(
            "peer-close/then-part-of-a-header",
            "Four bytes that could begin a record follow the peer's close, and nothing else.",
            &["close-rx.ignore-garbage-after"],
            "handshake
             transport hold
             peer close
             peer raw hex:17030300
             transport release
             app settle same
             transport fin",
        ),
        case(
            "peer-close/then-plaintext",
            "The transport is used for another protocol after the peer's close.",
            &["close-rx.ignore-garbage-after"],
            "handshake
             transport hold
             peer close
             peer raw \"HTTP/1.1 200 OK \"
             transport release
             peer raw \"and so on\"
             app settle same
             app write \"still here\"",
        ),
        case(
            "peer-close/trailing-bytes",
            "Bytes of another protocol follow the peer's close. The case shows who owns those \
             bytes.",
            &["close-rx.trailing-bytes-owner"],
            "handshake
             transport hold
             peer write \"all\"
             peer close
             peer raw \"PLAIN\"
             transport release",
        )
        .needs(&[Capability::Left]),
        case(
            "peer-close/then-oversize",
            "A header that announces more than the maximum length of a record follows the peer's \
             close.",
            &["close-rx.ignore-oversize-after"],
            "handshake
             transport hold
             peer close
             peer record application_data 19000
             transport release
             peer raw hex:170303ffff00000000
             app settle same
             app write \"still here\"",
        ),
        case(
            "peer-close/then-key-update",
            "The peer requests a key update after its close, and writes under new keys.",
            &["close-rx.ignore-ku-after", "close-rx.ignore-data-after"],
            "handshake
             transport hold
             peer close
             peer key-update request
             peer write \"under new keys\"
             transport release
             peer key-update request
             app settle same
             app settle empty",
        )
        .versions(TLS13),
        case(
            "peer-close/then-handshake-messages",
            "A ticket, a CertificateRequest and an invalid KeyUpdate follow the peer's close.",
            &["close-rx.ignore-ku-after"],
            "handshake
             transport hold
             peer close
             peer ticket
             transport release
             peer handshake certificate_request empty
             peer key-update 7
             app settle same",
        )
        .roles(CLIENT)
        .versions(TLS13),
    ]
}

fn own_half() -> Vec<Case> {
    vec![
        case(
            "peer-close/then-write",
            "The peer has closed. The application still writes much data, and then closes too.",
            &["close-rx.half-open-write", "close-tx.reply-after-peer"],
            "handshake
             peer write \"?\"
             peer close
             app write 33000
             app write \"the end\"
             app close",
        ),
        case(
            "peer-close/then-slow-writes",
            "The peer has closed. The application still writes, to a transport that accepts a \
             limited number of bytes at a time.",
            &["close-rx.half-open-write"],
            "handshake
             peer close
             transport block
             app write 17000
             transport room 1
             transport room 5000
             transport unblock
             app write \"the end\"
             app close",
        )
        .needs(&[Capability::Room]),
        case(
            "peer-close/pending-writes",
            "The peer closes while the application's answer waits for the transport.",
            &["close-rx.no-discard-pending"],
            "handshake
             transport block
             app write 33000
             peer close
             transport room 1000
             transport unblock
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::Room]),
        case(
            "peer-close/idle-application",
            "The peer closes, and the application does nothing.",
            &["close-rx.no-auto-reply"],
            "handshake
             peer write \"?\"
             peer close
             app settle empty
             app settle same",
        )
        .versions(TLS13),
        case(
            "peer-close/key-update-owed",
            "The peer requests a key update and closes. The application answers afterwards.",
            &["close-rx.answer-ku-owed"],
            "handshake
             transport hold
             peer key-update request
             peer close
             transport release
             app write \"under new keys\"
             app close",
        )
        .versions(TLS13),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        case(
            "peer-close/at-level-fatal",
            "The peer sends close_notify at level fatal.",
            &["close-rx.level-fatal-ok"],
            "handshake
             peer write \"all\"
             peer alert 2 close_notify
             app settle empty",
        )
        .versions(TLS13),
        case(
            "peer-close/at-no-level",
            "On one connection each, the peer sends close_notify at levels that do not exist.",
            &["close-rx.level-junk"],
            "handshake
             peer alert 0 close_notify
             app settle empty
             connect
             handshake
             peer alert 255 close_notify
             app settle empty",
        )
        .versions(TLS13),
        case(
            "peer-close/padded",
            "The peer pads its close_notify with one byte, and on another connection with many.",
            &["close-rx.padded"],
            "handshake
             peer close pad 1
             connect
             handshake
             peer close pad 1000",
        )
        .versions(TLS13),
        case(
            "peer-close/padded-to-the-limit",
            "The peer pads its close_notify to the maximum length of a record.",
            &["close-rx.padded"],
            "handshake
             peer close pad 16382",
        )
        .versions(TLS13),
    ]
}

fn forged() -> Vec<Case> {
    vec![
        case(
            "forged-close/in-the-clear",
            "An attacker on the path inserts an unprotected close_notify.",
            &["close-rx.not-authenticated-ignored"],
            "handshake
             peer write \"part\"
             peer close epoch plain
             app settle empty",
        ),
        case(
            "forged-close/replay",
            "An attacker on the path sends a record again.",
            &["close-rx.replayed"],
            "handshake
             peer write \"part\"
             peer replay
             app settle empty",
        ),
        case(
            "forged-close/reordered",
            "An attacker on the path delivers the close before the data that precedes it.",
            &["close-rx.replayed", "eof.must-have-close-if-reused"],
            "handshake
             peer write \"part\"
             peer write \"the rest\" late
             peer close
             transport fin",
        ),
        case(
            "forged-close/behind-lost-data",
            "An attacker on the path drops the data and delivers the close.",
            &["close-rx.replayed", "eof.must-have-close-if-reused"],
            "handshake
             peer write \"part\"
             peer write \"the rest\" dropped
             peer close
             transport fin",
        ),
        case(
            "forged-close/reflected",
            "An attacker on the path answers the subject's close with the same record.",
            &["close-rx.wrong-direction", "eof.must-have-close-if-reused"],
            "handshake
             peer write \"part\"
             app close
             peer reflect
             transport fin",
        ),
        case(
            "forged-close/reflected-data",
            "An attacker on the path sends the subject's own data back to it.",
            &["close-rx.wrong-direction"],
            "handshake
             app write \"part\"
             peer reflect
             app settle empty",
        ),
    ]
}
