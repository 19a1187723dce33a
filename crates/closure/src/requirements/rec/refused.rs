//! Records that the record layer must refuse.

use protocol::{Capability, Version};
use wire::{AlertDescription as A, ContentType, Reason as R};

use crate::requirements::refusal::{
    NO_CLEAN_END, REFUSED, REFUSED_12, REFUSED_13, UNNAMED_13, ends, ends_uncleanly, is_protected,
    on_invalid,
};
use crate::{Connection, Delivered, Level, Requirement, Verdict, rfc5246, rfc8446, rfc8449};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "rec.unknown-inner-type",
        sections: &[rfc8446("5")],
        says: "A protected record whose inner content type TLS does not define ends the connection \
               with unexpected_message.",
        why: "A peer that speaks something else is taken for one that has said nothing.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::UnknownInnerType,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.unknown-outer-type",
        sections: &[rfc8446("5"), rfc5246("6")],
        says: "A record whose header has a content type that TLS does not define ends the \
               connection with unexpected_message; in TLS 1.3 it may also be said not to decrypt.",
        why: "A peer that speaks something else is taken for one that has said nothing.",
        rule: on_invalid(unknown_outer_type),
        ..REFUSED
    },
    Requirement {
        id: "rec.zero-handshake",
        sections: &[rfc8446("5.1"), rfc8446("5.4")],
        says: "A protected handshake record without content ends the connection with \
               unexpected_message.",
        why: "Records that hold nothing cost the receiver work and the sender none, and may stay \
              in its buffer.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| reason == R::EmptyHandshake && is_protected(record),
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.all-padding",
        sections: &[rfc8446("5.4")],
        says: "A record that opens and holds nothing but zeros has no content type, and ends the \
               connection with unexpected_message.",
        why: "The search for the content type runs off the front of the record.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::AllPadding,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.empty-inner",
        sections: &[rfc8446("5.2"), rfc8446("5.4")],
        says: "A record of a tag alone, which opens and holds nothing at all, ends the connection \
               with unexpected_message.",
        why: "The search for the content type runs off the front of the record.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::EmptyInner,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.plain-overflow",
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        says: "A record with more than 2^14 bytes of content ends the connection with \
               record_overflow.",
        why: "Buffers that were made for the longest record are overrun, or grow without limit.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| {
                    reason == R::PlaintextOverflow && record.content.len() > wire::MAX_PLAINTEXT
                },
                &[A::RECORD_OVERFLOW],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.limit-8449-refused",
        sections: &[rfc8449("4"), rfc8446("5.4")],
        needs: &[Capability::RecordSizeLimit],
        says: "A record with more content, type and padding than the own record_size_limit ends the \
               connection with record_overflow.",
        why: "An endpoint with little memory is made to hold more than it has room for.",
        rule: on_invalid(|c| ends(c, |reason, _| reason == R::SizeLimit, &[A::RECORD_OVERFLOW])),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.inner-overflow",
        level: Level::Definition,
        sections: &[rfc8446("5.4"), rfc8446("6.2")],
        says: "A record whose content, content type and padding are longer than 2^14 + 1 bytes \
               together is refused.",
        why: "Padding gets past the limit that content may not exceed.",
        codes: UNNAMED_13,
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| reason == R::InnerOverflow && record.length > INNER_OVERFLOW,
                &[A::RECORD_OVERFLOW],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.plain-overflow-12",
        level: Level::Definition,
        sections: &[rfc5246("6.2.1"), rfc5246("7.2.2")],
        says: "A record with more than 2^14 bytes of content is refused, with record_overflow if \
               there are more than 2^14 + 1024.",
        why: "Buffers that were made for the longest record are overrun, or grow without limit.",
        rule: on_invalid(plain_overflow_12),
        ..REFUSED_12
    },
    Requirement {
        id: "rec.cipher-overflow",
        sections: &[rfc8446("5.2"), rfc8446("6.2")],
        says: "A protected record longer than 2^14 + 256 bytes ends the connection with \
               record_overflow.",
        why: "Buffers that were made for the longest record are overrun, or grow without limit.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::CiphertextOverflow,
                &[A::RECORD_OVERFLOW],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.cipher-overflow-12",
        sections: &[rfc5246("6.2.3"), rfc5246("7.2.2")],
        says: "A protected record longer than 2^14 + 2048 bytes ends the connection with \
               record_overflow.",
        why: "Buffers that were made for the longest record are overrun, or grow without limit.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::CiphertextOverflow,
                &[A::RECORD_OVERFLOW],
            )
        }),
        ..REFUSED_12
    },
    Requirement {
        id: "rec.bad-tag",
        sections: &[rfc8446("5.2"), rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A record that does not decrypt ends the connection with bad_record_mac.",
        why: "Whoever can spoil a record has a say in what the application reads, and when it ends.",
        codes: NO_CLEAN_END,
        rule: on_invalid(|c| {
            ends_uncleanly(c, |reason, _| reason == R::BadTag, &[A::BAD_RECORD_MAC])
        }),
        ..REFUSED
    },
    Requirement {
        id: "rec.short",
        sections: &[rfc8446("5.2"), rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A protected record without room for a tag ends the connection with bad_record_mac.",
        why: "Lengths that are subtracted before they are compared run below zero.",
        rule: on_invalid(short),
        ..REFUSED
    },
    Requirement {
        id: "rec.ccs-after-finished",
        sections: &[rfc8446("5")],
        says: "change_cipher_spec behind the peer's Finished ends the connection with \
               unexpected_message, also after the own half was closed.",
        why: "Anyone on the path can send it: what is dropped in silence for ever is free to them.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::LateChangeCipherSpec,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.ccs-encrypted",
        sections: &[rfc8446("5")],
        says: "change_cipher_spec inside a protected record ends the connection with \
               unexpected_message.",
        why: "What exists for the sake of middleboxes, which cannot see it there, only hides \
              something.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::ProtectedChangeCipherSpec,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.ccs-value",
        sections: &[rfc8446("5")],
        says: "change_cipher_spec with another body than the byte 1 ends the handshake with \
               unexpected_message.",
        why: "Anyone on the path can send it: what is dropped in silence is free to them.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, _| reason == R::ChangeCipherSpecValue,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
];

/// Longer than header, 2^14 bytes, content type and tag together: without a negotiated limit
/// nothing else overflows.
const INNER_OVERFLOW: u32 = 5 + (1 << 14) + 1 + 16;

fn unknown_outer_type(c: &Connection<'_>) -> Verdict {
    let right: &[A] = match c.version() {
        // The header is under the tag, so that a receiver may find out there.
        Version::Tls13 => &[A::UNEXPECTED_MESSAGE, A::BAD_RECORD_MAC],
        Version::Tls12 => &[A::UNEXPECTED_MESSAGE],
    };
    ends(c, |reason, _| reason == R::UnknownOuterType, right)
}

fn plain_overflow_12(c: &Connection<'_>) -> Verdict {
    /// Compression could have made up for what is below this, so that no alert is named for it.
    const MAX_COMPRESSED: usize = wire::MAX_PLAINTEXT + 1024;
    let far = ends(
        c,
        |reason, record| overflows(reason, record, MAX_COMPRESSED),
        &[A::RECORD_OVERFLOW],
    );
    let near = ends(
        c,
        |reason, record| {
            overflows(reason, record, wire::MAX_PLAINTEXT)
                && !overflows(reason, record, MAX_COMPRESSED)
        },
        &[],
    );
    match near {
        Verdict::Found {
            code: "wrong-alert",
            ..
        } => Verdict::Held,
        near => far.and(near),
    }
}

fn overflows(reason: R, record: &Delivered, most: usize) -> bool {
    reason == R::PlaintextOverflow && record.content.len() > most
}

/// Whether the record calls itself change_cipher_spec.
fn called_ccs(record: &Delivered) -> bool {
    record.header[0] == ContentType::CHANGE_CIPHER_SPEC.0
}

fn short(c: &Connection<'_>) -> Verdict {
    let some = ends(
        c,
        |reason, record| reason == R::Short && record.header[3..] != [0, 0] && !called_ccs(record),
        &[A::BAD_RECORD_MAC],
    );
    // What calls itself change_cipher_spec is out of place before it is opened.
    let ccs = ends(
        c,
        |reason, record| reason == R::Short && record.header[3..] != [0, 0] && called_ccs(record),
        &[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE],
    );
    // Of a record with no body it can also be said that nothing in it parses.
    let none = ends(
        c,
        |reason, record| reason == R::Short && record.header[3..] == [0, 0],
        &[A::BAD_RECORD_MAC, A::DECODE_ERROR, A::UNEXPECTED_MESSAGE],
    );
    some.and(ccs).and(none)
}
