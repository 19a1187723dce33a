//! Limits on the number of records that one key may protect.

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, TLS12, TLS13, case};

/// The reason why a case about the other edition is played only under the plain habit.
const AS_ABOVE: &str = "the preceding case plays the same script under all habits";

/// The reason why the case in which keys are exhausted inside a message is played only under the
/// plain habit.
const NEVER: &str = "if each retry of a failed KeyUpdate queues another alert, callers that retry \
                     with a larger buffer never finish";

pub(super) fn cases() -> Vec<Case> {
    let cases = vec![
        case(
            "limits/record-by-record",
            "The application writes many single records with a key that may protect eight.",
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
            "The application writes many single records with a key that may protect eight. The \
             revision of RFC 8446 is stricter here.",
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
            "A write of several records exceeds what remains of the key's limit.",
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
            "A write of several records exceeds what remains of the key's limit, under the \
             revision of RFC 8446.",
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
            "A single write needs more records than a new key may protect.",
            &["rec.no-wrap", "rec.no-wrap-12", "rec.limit-says-so"],
            "set key-limit 8
             handshake
             app write 327680",
        ),
        case(
            "limits/one-write-bis",
            "A single write needs more records than a new key may protect, under the revision of \
             RFC 8446.",
            &["rec.no-wrap-bis"],
            "set edition rfc8446bis
             set key-limit 8
             handshake
             app write 327680",
        )
        .plain_only(AS_ABOVE).versions(TLS13),
        case(
            "limits/then-close",
            "The application closes when the key may protect only one more record.",
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
            "The peer requests a key update when the subject's key is almost exhausted.",
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
            "The transport is blocked while the application exhausts its keys.",
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
            "The application has closed. The peer writes more records under one key than the \
             subject's key may protect.",
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
            "The keys are exhausted while a message of the peer is incomplete.",
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
            "The keys are exhausted while a message of the peer is incomplete. The caller starts \
             with an output buffer that is too small.",
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
            "Handshake records contain only padding after their type, with data between them.",
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
            "Each record contains one byte of a ticket and the maximum of padding.",
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
            "The peer's requests are answered or refused without any call of the application.",
            &["api.bounded-answer", "api.bounded-calls"],
            "handshake
             peer write \"x\"
             peer key-update request
             peer write \"y\" bad-tag",
        ).versions(TLS13),
        case(
            "limits/little-for-little-12",
            "The requests of a TLS 1.2 peer are answered or refused without any call of the \
             application.",
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
