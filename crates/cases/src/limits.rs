//! Keys that may protect only so many records.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, TLS12, TLS13, case};

/// Why a case about another reading of the same is played in one way only.
const AS_ABOVE: &str = "the case before it plays the same script in every way";

/// Why the keys are not used up inside a message in every way.
const NEVER: &str = "where a failed KeyUpdate is tried again, and queues an alert each time, callers \
                     that come back with more room never come to rest";

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "limits/record-by-record",
            "The application writes many records, one at a time, with a key that may protect eight.",
            &["rec.no-wrap", "rec.no-wrap-12", "rec.limit-says-so"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"",
        ),
        case(
            "limits/record-by-record-bis",
            "The same by the revision of RFC 8446, which insists.",
            &["rec.no-wrap-bis"],
            "set edition rfc8446bis
             set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"",
        )
        .plain_only(AS_ABOVE).versions(TLS13),
        case(
            "limits/across",
            "A write of several records steps over what is left of the key.",
            &["rec.no-wrap", "rec.no-wrap-12", "rec.limit-says-so"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write 98304",
        ),
        case(
            "limits/across-bis",
            "The same by the revision of RFC 8446.",
            &["rec.no-wrap-bis"],
            "set edition rfc8446bis
             set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write 98304",
        )
        .plain_only(AS_ABOVE).versions(TLS13),
        case(
            "limits/one-write",
            "One write of more records than a fresh key may protect.",
            &["rec.no-wrap", "rec.no-wrap-12", "rec.limit-says-so"],
            "set key-limit 8
             handshake
             app write 327680",
        ),
        case(
            "limits/one-write-bis",
            "The same by the revision of RFC 8446.",
            &["rec.no-wrap-bis"],
            "set edition rfc8446bis
             set key-limit 8
             handshake
             app write 327680",
        )
        .plain_only(AS_ABOVE).versions(TLS13),
        case(
            "limits/then-close",
            "The application closes when the key may protect no more than one record.",
            &["close-tx.before-fin"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app close",
        ).versions(TLS13),
        case(
            "limits/answering-a-request",
            "The peer asks for fresh keys when the own ones are nearly used up.",
            &["rec.no-wrap"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             peer key-update request
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"",
        ).versions(TLS13),
        case(
            "limits/blocked",
            "The transport takes nothing while the application uses up its keys.",
            &["rec.no-wrap", "rec.tx-order"],
            "set key-limit 8
             handshake
             transport block
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             transport room 300
             transport unblock",
        )
        .plain_only(super::BLOCKED).versions(TLS13).needs(&[Capability::Room, Capability::KeyLimit]),
        case(
            "limits/reading-while-half-closed",
            "The own half is closed, and the peer writes more under one key than the own key might protect.",
            &["rec.limit-close-both"],
            "set key-limit 8
             handshake
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             app close
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer write \"x\"
             peer close",
        ).versions(TLS13),
        case(
            "limits/inside-a-key-update",
            "The keys are used up while a message of the peer's is incomplete.",
            &["ku.inside-peer-message"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             peer key-update part 3
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"",
        )
        .plain_only(NEVER).versions(TLS13),
        case(
            "limits/inside-a-key-update-with-little-room",
            "The same, with room for output that has to be asked for.",
            &["ku.inside-peer-message", "api.small-output"],
            "set key-limit 8
             handshake
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"
             peer key-update part 3
             app write \"x\"
             app write \"x\"
             app write \"x\"
             app write \"x\"",
        )
        .habits(&["small-output"]).versions(TLS13),
        case(
            "limits/padded-nothing",
            "Handshake records with nothing but padding behind their type, and data between them.",
            &["api.bounded-memory"],
            "handshake
             peer write 50000
             peer record handshake empty pad 16000
             peer record handshake empty pad 16000
             peer record handshake empty pad 16000
             peer record handshake empty pad 16000
             peer write \"x\"
             peer record handshake empty pad 16000",
        ).versions(TLS13).needs(&[Capability::Left]),
        case(
            "limits/padded-fragments",
            "A ticket of which each record holds a byte, and as much padding as fits.",
            &["api.bounded-memory"],
            "handshake
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 0 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 1 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 2 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 3 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 4 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 5 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 6 part 1 pad 16000
             peer handshake new_session_ticket hex:00000e100000000001000004aabbccdd0000 rest 7 part 1 pad 16000",
        ).versions(TLS13).roles(CLIENT).needs(&[Capability::Left]),
        case(
            "limits/little-for-little",
            "Requests of the peer's that are answered, or refused, and no word from the application.",
            &["api.bounded-answer", "api.bounded-calls"],
            "handshake
             peer write \"x\"
             peer key-update request
             peer write \"y\" bad-tag",
        ).versions(TLS13),
        case(
            "limits/little-for-little-12",
            "The same in TLS 1.2.",
            &["api.bounded-answer", "api.bounded-calls"],
            "handshake
             peer write \"x\"
             peer renegotiate
             peer close",
        ).versions(TLS12),
    ];
    let limited = |case: Case| match case.needs.is_empty() {
        true => case.needs(&[Capability::KeyLimit]),
        false => case,
    };
    cases.into_iter().map(limited).collect()
}
