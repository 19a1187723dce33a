//! `KeyUpdate` near the end of a connection.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{CLIENT, HOW_MANY, Refine, TLS13, case, many};

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "key-update/then-close-under-old-keys",
            "The peer updates its keys, and an attacker closes under the old ones.",
            &["ku.rx-then-close-old"],
            "handshake
             peer write \"a\"
             peer key-update
             peer close epoch application-0
             transport fin",
        ),
        case(
            "key-update/close-under-new-keys-without-it",
            "A close_notify arrives under keys that the peer has not announced.",
            &["ku.close-new-without-ku"],
            "handshake
             peer write \"a\"
             peer close epoch application-1
             transport fin",
        ),
        case(
            "key-update/of-another-value",
            "The peer sends a KeyUpdate with an undefined value.",
            &["ku.bad-value"],
            "handshake
             peer key-update 7",
        ),
        case(
            "key-update/and-a-ticket-in-one-record",
            "A ticket follows a KeyUpdate in the same record.",
            &["ku.unaligned"],
            "handshake
             peer key-update join
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000",
        )
        .roles(CLIENT),
        case(
            "key-update/twice-in-one-record",
            "Two KeyUpdates share a record.",
            &["ku.unaligned"],
            "handshake
             peer key-update join
             peer key-update",
        ),
        case(
            "key-update/before-finished",
            "The peer updates its keys before its Finished.",
            &["ku.before-finished"],
            "handshake until finished
             peer key-update epoch handshake",
        ),
        case(
            "key-update/while-half-closed",
            "The application has closed and only reads. The peer updates its keys, writes and \
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
            "The application has closed. In one flight, the peer writes, requests a key update \
             that can no longer be answered, updates its keys again and closes.",
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
        case(
            "key-update/then-close",
            "The peer updates its keys, and writes and closes under the new ones.",
            &["ku.rx-then-close"],
            "handshake
             peer write \"a\"
             peer key-update
             peer write \"b\"
             peer close",
        ),
        case(
            "key-update/many-requests-while-half-closed",
            "During a long download the peer requests a key update before each record. The \
             subject has closed and cannot answer.",
            &["ku.multi-requested-while-half-closed"],
            &format!(
                "handshake\napp close\n{}",
                "peer key-update request\npeer write \"x\"\n".repeat(40)
            ),
        ),
        case(
            "key-update/requests-in-a-row",
            "The peer requests a key update three times before the application writes.",
            &["ku.coalesced-reply"],
            "handshake
             peer key-update request
             peer key-update request
             peer key-update request
             app write \"x\"",
        ),
        case(
            "key-update/crossing-close",
            "Both sides update their keys at the same time, and the application closes.",
            &["ku.crossed-with-close"],
            "handshake
             app update-keys
             app close
             peer key-update request
             peer write \"a\"
             peer close",
        )
        .needs(&[Capability::KeyUpdate]),
        case(
            "key-update/after-peer-close",
            "The peer has closed, and the application updates its keys before it answers.",
            &["ku.peer-closed-we-rekey"],
            "handshake
             peer write \"?\"
             peer close
             app update-keys
             app write \"a long answer\"
             app close",
        )
        .needs(&[Capability::KeyUpdate]),
        case(
            "key-update/flood",
            "The peer sends KeyUpdate after KeyUpdate, and no data.",
            &["ku.limit"],
            &many("handshake", "peer key-update"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY),
        case(
            "key-update/inside-a-ticket",
            "The application updates its keys after a part of a ticket has arrived.",
            &["ku.inside-peer-message"],
            "handshake
             peer ticket part 10
             app update-keys
             app write \"x\"",
        )
        .roles(CLIENT)
        .needs(&[Capability::KeyUpdate]),
        case(
            "key-update/inside-a-key-update",
            "The application updates its keys after a part of a KeyUpdate has arrived. Then the \
             rest arrives.",
            &["ku.inside-peer-message"],
            "handshake
             peer key-update part 3
             app update-keys
             app write \"x\"
             peer key-update rest 3
             peer write \"y\"
             peer close",
        )
        .needs(&[Capability::KeyUpdate]),
    ];
    cases.into_iter().map(|case| case.versions(TLS13)).collect()
}
