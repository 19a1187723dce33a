//! The record layer near the end of a connection.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{HOW_MANY, Refine, SERVER, TLS12, TLS13, case, many};

/// The reason why a record with a too short length in its header is played only uncut and under the
/// plain habit.
const REST: &str = "the rest of the body is garbage, which another call may process";

/// The reason why a record with an invalid header is played only uncut.
const EARLY: &str = "the header is rejected, and the rest of the record is garbage in another call";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "record/unknown-inner-type",
            "A correctly protected record has a content type that TLS does not define.",
            &["rec.unknown-inner-type"],
            "handshake
             peer write \"a\"
             peer record 99 \"b\"",
        )
        .versions(TLS13),
        case(
            "record/reserved-inner-type",
            "A correctly protected record has the content type that DTLS uses for heartbeats.",
            &["rec.unknown-inner-type"],
            "handshake
             peer record 0x18 \"b\"",
        )
        .versions(TLS13),
        case(
            "record/unknown-outer-type",
            "The header of a record has a content type that TLS does not define.",
            &["rec.unknown-outer-type"],
            "handshake
             peer write \"a\"
             peer record 99 \"b\" outer 99 aad-as-sent",
        )
        .cuts(&[Cut::Whole], EARLY),
        case(
            "record/handshake-without-content",
            "An empty handshake record arrives between data and the close.",
            &["rec.zero-handshake"],
            "handshake
             peer write \"a\"
             peer record handshake empty
             peer close",
        )
        .versions(TLS13),
        case(
            "record/handshake-of-padding",
            "A handshake record contains only padding after its type.",
            &["rec.zero-handshake"],
            "handshake
             peer record handshake empty pad 5",
        )
        .versions(TLS13),
        case(
            "record/all-padding",
            "A record decrypts to nothing but zeros.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 10",
        )
        .versions(TLS13),
        case(
            "record/one-zero",
            "A record decrypts to a single zero.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 1",
        )
        // The byte is decrypted in place. If it is presented again, it is unchanged with a
        // probability of 1 in 256.
        .plain_only("record/all-padding is played with all of them")
        .versions(TLS13),
        case(
            "record/all-padding-full",
            "A record of the maximum length decrypts to nothing but zeros.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 16385",
        )
        .versions(TLS13),
        case(
            "record/nothing-inside",
            "A record decrypts to an empty plaintext.",
            &["rec.empty-inner"],
            "handshake
             peer write empty no-type",
        )
        .versions(TLS13),
        case(
            "record/too-much-content",
            "A record has one byte of content more than allowed.",
            &["rec.plain-overflow"],
            "handshake
             peer record application_data 16385",
        )
        .versions(TLS13),
        case(
            "record/too-much-content-in-the-clear",
            "The unprotected record of a ClientHello has more content than allowed.",
            &["rec.plain-overflow"],
            &format!("peer record handshake hex:01004000{}", "00".repeat(1 << 14)),
        )
        .roles(SERVER)
        .versions(TLS13)
        .cut_handshake(),
        case(
            "record/too-much-padding",
            "A record has the maximum length of content, and one byte of padding.",
            &["rec.inner-overflow"],
            "handshake
             peer record application_data 16384 pad 1",
        )
        .versions(TLS13),
        case(
            "record/size-limit",
            "Both sides send a small record_size_limit, and the application writes more than fits \
             into one record.",
            &["rec.limit-8449"],
            "set record-size-limit 64
             handshake
             app write 200
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::RecordSizeLimit]),
        case(
            "record/padded-to-the-size-limit",
            "The peer pads its close_notify to the subject's record_size_limit.",
            &["close-rx.padded"],
            "set record-size-limit 64
             handshake
             peer write 100
             peer close pad 61",
        )
        .versions(TLS13)
        .needs(&[Capability::RecordSizeLimit]),
        case(
            "record/padded-beyond-the-size-limit",
            "The peer pads its close_notify to one byte more than the subject's record_size_limit.",
            &["rec.limit-8449-refused"],
            "set record-size-limit 64
             handshake
             peer close pad 62",
        )
        .versions(TLS13)
        .needs(&[Capability::RecordSizeLimit]),
        case(
            "record/too-long",
            "A protected record is longer than allowed.",
            &["rec.cipher-overflow"],
            "handshake
             peer record application_data 16384 pad 240",
        )
        .versions(TLS13),
        case(
            "record/far-too-long",
            "A protected record is longer than even TLS 1.2 allows.",
            &["rec.cipher-overflow"],
            "handshake
             peer record application_data 16384 pad 2100",
        )
        .cuts(&[Cut::Whole], EARLY)
        .versions(TLS13),
        case(
            "record/too-much-content-12",
            "A TLS 1.2 record has one byte of content more than allowed.",
            &["rec.plain-overflow-12"],
            "handshake
             peer record application_data 16385",
        )
        .versions(TLS12),
        case(
            "record/far-too-much-content-12",
            "A TLS 1.2 record has more content than even compression could account for.",
            &["rec.plain-overflow-12"],
            "handshake
             peer record application_data 17409",
        )
        .versions(TLS12),
        case(
            "record/too-long-12",
            "A protected TLS 1.2 record is longer than allowed.",
            &["rec.cipher-overflow-12"],
            "handshake
             peer record application_data 18433",
        )
        .cuts(&[Cut::Whole], EARLY)
        .versions(TLS12),
        case(
            "record/spoilt-data",
            "A bit in the body of a record is flipped in transit.",
            &["rec.bad-tag"],
            "handshake
             peer write \"a\"
             peer write \"b\" bad-body",
        ),
        case(
            "record/spoilt-close",
            "A bit in the tag of close_notify is flipped in transit.",
            &["rec.bad-tag"],
            "handshake
             peer write \"a\"
             peer close bad-tag
             transport fin",
        ),
        case(
            "record/no-body",
            "A protected record has no body.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 0",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/one-byte-body",
            "A protected record has a body of one byte.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 1",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/body-a-byte-short-of-a-tag",
            "The body of a protected record is one byte shorter than a tag.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 15",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/body-of-a-wrong-tag",
            "The body of a protected record is as long as a tag.",
            &["rec.bad-tag"],
            "handshake
             peer write \"abcdefgh\" length 16",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/ccs-after-the-handshake",
            "A change_cipher_spec arrives after the handshake, where it is no longer allowed.",
            &["rec.ccs-after-finished"],
            "handshake
             peer write \"a\"
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/ccs-after-own-close",
            "A change_cipher_spec arrives after the local close.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/ccs-encrypted",
            "A change_cipher_spec arrives in a protected record, where no middlebox can see it.",
            &["rec.ccs-encrypted"],
            "handshake
             peer record change_cipher_spec hex:01",
        )
        .versions(TLS13),
        case(
            "record/ccs-encrypted-before-finished",
            "A protected change_cipher_spec arrives during the handshake, where an unprotected \
             one would be ignored.",
            &["rec.ccs-encrypted"],
            "handshake until finished
             peer record change_cipher_spec hex:01
             handshake
             peer write \"a\"",
        )
        .versions(TLS13),
        case(
            "record/ccs-of-another-value",
            "A change_cipher_spec with an invalid body arrives during the handshake.",
            &["rec.ccs-value"],
            "handshake until finished
             peer ccs 2",
        )
        .versions(TLS13),
        case(
            "record/empty-data",
            "Empty records of application data arrive before data and the close.",
            &["rec.zero-appdata"],
            "handshake
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write empty
             peer write \"a\"
             peer close",
        ),
        case(
            "record/empty-data-flood",
            "The peer sends only empty records of application data.",
            &["rec.zero-appdata-flood"],
            &many("handshake", "peer write empty"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY),
        case(
            "record/ccs-in-handshake",
            "A change_cipher_spec arrives during the handshake, where middleboxes expect it.",
            &["rec.ccs-in-handshake"],
            "handshake until finished
             peer ccs
             handshake
             peer write \"a\"
             peer close",
        )
        .versions(TLS13),
        case(
            "record/ccs-in-half-rtt",
            "A change_cipher_spec arrives during the handshake, after a server has written early \
             and closed.",
            &["rec.ccs-in-handshake"],
            "set half-rtt
             handshake until finished
             app write \"early answer\"
             app close
             peer ccs
             handshake
             peer write \"a\"
             peer close",
        )
        .versions(TLS13)
        .roles(SERVER)
        .needs(&[Capability::HalfRtt]),
        case(
            "record/ccs-flood",
            "The peer sends change_cipher_spec after change_cipher_spec before its Finished.",
            &["rec.ccs-limit"],
            &many("handshake until finished", "peer ccs"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY)
        .versions(TLS13),
        case(
            "record/ccs-after-close",
            "A change_cipher_spec follows close_notify. Anyone on the path can insert it.",
            &["rec.ccs-after-close"],
            "handshake
             peer write \"a\"
             peer close
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/what-is-sent",
            "The application causes every kind of record that it can.",
            &["rec.tx-shape", "rec.tx-order", "rec.seq-reset"],
            "handshake
             app write 33000
             app update-keys
             app write \"a\"
             app close",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "record/what-is-sent-12",
            "The application causes every kind of TLS 1.2 record that it can.",
            &["rec.tx-shape", "rec.tx-order", "rec.zero-handshake-12"],
            "handshake
             peer renegotiate
             app write 33000
             app write \"a\"
             app close",
        )
        .versions(TLS12),
        case(
            "record/behind-back-pressure",
            "Records of several kinds wait for a transport that accepts a limited number of bytes \
             at a time.",
            &["rec.tx-order"],
            "handshake
             transport block
             app write 17000
             app write \"a\"
             app close
             transport room 1
             transport room 5000
             transport room 20
             transport unblock",
        )
        .plain_only(super::BLOCKED)
        .needs(&[Capability::Room]),
    ]
}
