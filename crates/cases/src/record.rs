//! The record layer around the end of a connection.

use closure::Cut;
use protocol::Capability;
use scenario::Case;

use super::{HOW_MANY, Refine, SERVER, TLS12, TLS13, case, many};

/// Why a header that announces too little allows for one way of reading only.
const REST: &str = "the rest of the body is garbage that may be met in another call";

/// Why a record that its header alone condemns comes in one piece.
const EARLY: &str = "refused by its header, the rest of the record is garbage in another call";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "record/unknown-inner-type",
            "A record of a type that TLS does not define, well protected.",
            &["rec.unknown-inner-type"],
            "handshake
             peer write \"a\"
             peer record 99 \"b\"",
        )
        .versions(TLS13),
        case(
            "record/reserved-inner-type",
            "The type that DTLS uses for heartbeats.",
            &["rec.unknown-inner-type"],
            "handshake
             peer record 0x18 \"b\"",
        )
        .versions(TLS13),
        case(
            "record/unknown-outer-type",
            "A record of a type that TLS does not define, as its header says.",
            &["rec.unknown-outer-type"],
            "handshake
             peer write \"a\"
             peer record 99 \"b\" outer 99 aad-as-sent",
        )
        .cuts(&[Cut::Whole], EARLY),
        case(
            "record/handshake-without-content",
            "A handshake record with nothing in it, between data and the end.",
            &["rec.zero-handshake"],
            "handshake
             peer write \"a\"
             peer record handshake empty
             peer close",
        )
        .versions(TLS13),
        case(
            "record/handshake-of-padding",
            "A handshake record with nothing but padding behind its type.",
            &["rec.zero-handshake"],
            "handshake
             peer record handshake empty pad 5",
        )
        .versions(TLS13),
        case(
            "record/all-padding",
            "A record that opens and holds nothing but zeros.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 10",
        )
        .versions(TLS13),
        case(
            "record/one-zero",
            "A record that opens and holds a single zero.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 1",
        )
        // Presented again, its one byte, decrypted in place, is once in 256 times what it was.
        .plain_only("record/all-padding is tried with all of them")
        .versions(TLS13),
        case(
            "record/all-padding-full",
            "A record that opens and is as long as any may be, all of it zeros.",
            &["rec.all-padding"],
            "handshake
             peer write empty no-type pad 16385",
        )
        .versions(TLS13),
        case(
            "record/nothing-inside",
            "A record of a tag alone, which opens.",
            &["rec.empty-inner"],
            "handshake
             peer write empty no-type",
        )
        .versions(TLS13),
        case(
            "record/too-much-content",
            "A record with a byte of content more than there may be.",
            &["rec.plain-overflow"],
            "handshake
             peer record application_data 16385",
        )
        .versions(TLS13),
        case(
            "record/too-much-content-in-the-clear",
            "The same before there are keys, at the start of a ClientHello.",
            &["rec.plain-overflow"],
            &format!("peer record handshake hex:01004000{}", "00".repeat(1 << 14)),
        )
        .roles(SERVER)
        .versions(TLS13)
        .cut_handshake(),
        case(
            "record/too-much-padding",
            "A record with as much content as there may be, and a byte of padding.",
            &["rec.inner-overflow"],
            "handshake
             peer record application_data 16384 pad 1",
        )
        .versions(TLS13),
        case(
            "record/size-limit",
            "Both sides want short records, and the application writes more than fits into one.",
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
            "With its padding the peer's close_notify is as long as the subject lets it be.",
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
            "With its padding the peer's close_notify is a byte longer than the subject wants.",
            &["rec.limit-8449-refused"],
            "set record-size-limit 64
             handshake
             peer close pad 62",
        )
        .versions(TLS13)
        .needs(&[Capability::RecordSizeLimit]),
        case(
            "record/too-long",
            "A protected record longer than any may be.",
            &["rec.cipher-overflow"],
            "handshake
             peer record application_data 16384 pad 240",
        )
        .versions(TLS13),
        case(
            "record/far-too-long",
            "The same, longer than TLS 1.2 would allow.",
            &["rec.cipher-overflow"],
            "handshake
             peer record application_data 16384 pad 2100",
        )
        .cuts(&[Cut::Whole], EARLY)
        .versions(TLS13),
        case(
            "record/too-much-content-12",
            "A record with a byte of content more than there may be.",
            &["rec.plain-overflow-12"],
            "handshake
             peer record application_data 16385",
        )
        .versions(TLS12),
        case(
            "record/far-too-much-content-12",
            "A record with more content than compression could ever have made up for.",
            &["rec.plain-overflow-12"],
            "handshake
             peer record application_data 17409",
        )
        .versions(TLS12),
        case(
            "record/too-long-12",
            "A protected record longer than any may be.",
            &["rec.cipher-overflow-12"],
            "handshake
             peer record application_data 18433",
        )
        .cuts(&[Cut::Whole], EARLY)
        .versions(TLS12),
        case(
            "record/spoilt-data",
            "A bit of a record's body is changed on its way.",
            &["rec.bad-tag"],
            "handshake
             peer write \"a\"
             peer write \"b\" bad-body",
        ),
        case(
            "record/spoilt-close",
            "A bit of the tag of close_notify is changed on its way.",
            &["rec.bad-tag"],
            "handshake
             peer write \"a\"
             peer close bad-tag
             transport fin",
        ),
        case(
            "record/no-body",
            "A protected record without anything behind its header.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 0",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/one-byte-body",
            "A protected record of one byte.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 1",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/body-a-byte-short-of-a-tag",
            "A protected record of a byte less than a tag.",
            &["rec.short"],
            "handshake
             peer write \"abcdefgh\" length 15",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/body-of-a-wrong-tag",
            "A protected record of as many bytes as a tag has.",
            &["rec.bad-tag"],
            "handshake
             peer write \"abcdefgh\" length 16",
        )
        .cuts(&[Cut::Whole], REST)
        .plain_only(REST),
        case(
            "record/ccs-after-the-handshake",
            "change_cipher_spec where it has no business any more.",
            &["rec.ccs-after-finished"],
            "handshake
             peer write \"a\"
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/ccs-after-own-close",
            "The same after the own half was closed.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/ccs-encrypted",
            "change_cipher_spec where no middlebox can see it.",
            &["rec.ccs-encrypted"],
            "handshake
             peer record change_cipher_spec hex:01",
        )
        .versions(TLS13),
        case(
            "record/ccs-encrypted-before-finished",
            "The same inside the handshake, where one in clear would be dropped.",
            &["rec.ccs-encrypted"],
            "handshake until finished
             peer record change_cipher_spec hex:01
             handshake
             peer write \"a\"",
        )
        .versions(TLS13),
        case(
            "record/ccs-of-another-value",
            "change_cipher_spec during the handshake, with a body that it cannot have.",
            &["rec.ccs-value"],
            "handshake until finished
             peer ccs 2",
        )
        .versions(TLS13),
        case(
            "record/empty-data",
            "Records of application data with nothing in them, before data and the end.",
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
            "Nothing but such records.",
            &["rec.zero-appdata-flood"],
            &many("handshake", "peer write empty"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY),
        case(
            "record/ccs-in-handshake",
            "change_cipher_spec where middleboxes like to see it.",
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
            "The same, at a server that may write early and has closed.",
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
            "change_cipher_spec again and again before Finished.",
            &["rec.ccs-limit"],
            &many("handshake until finished", "peer ccs"),
        )
        .plain_only(HOW_MANY)
        .cuts(&[Cut::Whole], HOW_MANY)
        .versions(TLS13),
        case(
            "record/ccs-after-close",
            "change_cipher_spec behind close_notify, as anyone on the path could put it there.",
            &["rec.ccs-after-close"],
            "handshake
             peer write \"a\"
             peer close
             peer ccs",
        )
        .versions(TLS13),
        case(
            "record/what-is-sent",
            "All kinds of records that an application can cause.",
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
            "The same in TLS 1.2.",
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
            "Records of several kinds wait for a transport that takes a few bytes at a time.",
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
