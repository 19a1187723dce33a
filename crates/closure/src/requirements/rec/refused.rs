//! Records that the record layer must refuse.

use protocol::{Capability, Version};
use wire::{AlertDescription as A, ContentType, Reason as R};

use crate::requirements::refusal::{
    NO_CLEAN_END, REFUSABLE_13, REFUSED, REFUSED_12, REFUSED_13, is_protected, on_refusable,
    refuses, refuses_as_close, takes,
};
use crate::rule::Step;
use crate::{Axis, Delivered, Level, Requirement, behaves, rfc5246, rfc8446, rfc8449};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "rec.unknown-inner-type",
        sections: &[rfc8446("5")],
        says: "A protected record whose inner content type TLS does not define ends the connection \
               with unexpected_message.",
        why: "A peer that speaks something else is taken for one that has sent nothing.",
        rule: refuses(|reason, _, _| {
            (reason == R::UnknownInnerType).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.unknown-outer-type",
        sections: &[rfc8446("5"), rfc5246("6")],
        says: "A record whose header has a content type that TLS does not define ends the \
               connection with unexpected_message; in TLS 1.3, bad_record_mac is right as well.",
        why: "A peer that speaks something else is taken for one that has sent nothing.",
        rule: refuses(unknown_outer_type),
        ..REFUSED
    },
    Requirement {
        id: "rec.zero-handshake",
        sections: &[rfc8446("5.1"), rfc8446("5.4")],
        says: "A protected handshake record without content ends the connection with \
               unexpected_message.",
        why: "Empty records cost the receiver work and the sender none, and may stay in the \
              receiver's buffer.",
        rule: refuses(|reason, record, _| {
            (reason == R::EmptyHandshake && is_protected(record))
                .then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.all-padding",
        sections: &[rfc8446("5.4")],
        says: "A record that decrypts to nothing but zeros has no content type, and ends the \
               connection with unexpected_message.",
        why: "The search for the content type runs past the start of the record.",
        rule: refuses(|reason, _, _| (reason == R::AllPadding).then_some(&[A::UNEXPECTED_MESSAGE])),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.empty-inner",
        sections: &[rfc8446("5.2"), rfc8446("5.4")],
        says: "A record that is only a tag, and decrypts to nothing at all, ends the connection \
               with unexpected_message.",
        why: "The search for the content type runs past the start of the record.",
        rule: refuses(|reason, _, _| (reason == R::EmptyInner).then_some(&[A::UNEXPECTED_MESSAGE])),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.plain-overflow",
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        says: "A record with more than 2^14 bytes of content ends the connection with \
               record_overflow.",
        why: "Buffers that were sized for the longest record overflow, or grow without limit.",
        rule: refuses(|reason, record, _| {
            (reason == R::PlaintextOverflow && record.content.len() > wire::MAX_PLAINTEXT)
                .then_some(&[A::RECORD_OVERFLOW])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.limit-8449-refused",
        sections: &[rfc8449("4"), rfc8446("5.4")],
        needs: &[Capability::RecordSizeLimit],
        says: "A record with more content, type and padding than the receiver's own \
               record_size_limit ends the connection with record_overflow.",
        why: "An endpoint with little memory is made to hold more than it has room for.",
        rule: refuses(|reason, _, _| (reason == R::SizeLimit).then_some(&[A::RECORD_OVERFLOW])),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.inner-overflow",
        sections: &[rfc8446("5.4"), rfc8446("5.2")],
        says: "Whether a receiver takes a record whose content, content type and padding are \
               longer than 2^14 + 1 bytes together is left open: that limit binds the sender.",
        why: "Padding gets past the limit that content may not exceed, and costs the receiver \
              memory.",
        codes: &[behaves("takes", Axis::OwnHalf)],
        rule: on_refusable(|c| takes(c, |reason, _| reason == R::InnerOverflow, "takes")),
        ..REFUSABLE_13
    },
    Requirement {
        id: "rec.plain-overflow-12",
        level: Level::Definition,
        sections: &[rfc5246("6.2.1"), rfc5246("7.2.2")],
        says: "A record with more than 2^14 bytes of content is refused; with more than 2^14 + \
               1024 bytes, the alert is record_overflow.",
        why: "Buffers that were sized for the longest record overflow, or grow without limit.",
        rule: refuses(plain_overflow_12),
        ..REFUSED_12
    },
    Requirement {
        id: "rec.cipher-overflow",
        sections: &[rfc8446("5.2"), rfc8446("6.2")],
        says: "A protected record longer than 2^14 + 256 bytes ends the connection with \
               record_overflow.",
        why: "Buffers that were sized for the longest record overflow, or grow without limit.",
        rule: refuses(|reason, _, _| {
            (reason == R::CiphertextOverflow).then_some(&[A::RECORD_OVERFLOW])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.cipher-overflow-12",
        sections: &[rfc5246("6.2.3"), rfc5246("7.2.2")],
        says: "A protected record longer than 2^14 + 2048 bytes ends the connection with \
               record_overflow.",
        why: "Buffers that were sized for the longest record overflow, or grow without limit.",
        rule: refuses(|reason, _, _| {
            (reason == R::CiphertextOverflow).then_some(&[A::RECORD_OVERFLOW])
        }),
        ..REFUSED_12
    },
    Requirement {
        id: "rec.bad-tag",
        sections: &[rfc8446("5.2"), rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A record that does not decrypt ends the connection with bad_record_mac.",
        why: "An attacker who can corrupt a record influences what the application reads, and when \
              it ends.",
        codes: NO_CLEAN_END,
        rule: refuses_as_close(|reason, _, _| {
            (reason == R::BadTag).then_some(&[A::BAD_RECORD_MAC])
        }),
        ..REFUSED
    },
    Requirement {
        id: "rec.short",
        sections: &[rfc8446("5.2"), rfc5246("6.2.3.3"), rfc5246("7.2.2")],
        says: "A protected record that is too short for a tag ends the connection with \
               bad_record_mac.",
        why: "Lengths that are subtracted before they are compared underflow.",
        rule: refuses(short),
        ..REFUSED
    },
    Requirement {
        id: "rec.ccs-after-finished",
        sections: &[rfc8446("5")],
        says: "A change_cipher_spec after the peer's Finished ends the connection with \
               unexpected_message, even after the local half was closed.",
        why: "Anyone on the path can send it: if it is silently dropped forever, it costs them \
              nothing.",
        rule: refuses(|reason, _, _| {
            (reason == R::LateChangeCipherSpec).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.ccs-encrypted",
        sections: &[rfc8446("5")],
        says: "A change_cipher_spec inside a protected record ends the connection with \
               unexpected_message.",
        why: "The message exists only for middleboxes, which cannot see it there, so it can only \
              hide something.",
        rule: refuses(|reason, _, _| {
            (reason == R::ProtectedChangeCipherSpec).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "rec.ccs-value",
        sections: &[rfc8446("5")],
        says: "A change_cipher_spec whose body is anything but the byte 1 ends the handshake with \
               unexpected_message.",
        why: "Anyone on the path can send it: if it is silently dropped, it costs them nothing.",
        rule: refuses(|reason, _, _| {
            (reason == R::ChangeCipherSpecValue).then_some(&[A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
];

fn unknown_outer_type(reason: R, _: &Delivered, step: &Step<'_, '_>) -> Option<&'static [A]> {
    if reason != R::UnknownOuterType {
        return None;
    }
    match step.version() {
        // The tag covers the header, so a receiver may detect the change there.
        Version::Tls13 => Some(&[A::UNEXPECTED_MESSAGE, A::BAD_RECORD_MAC]),
        Version::Tls12 => Some(&[A::UNEXPECTED_MESSAGE]),
    }
}

fn plain_overflow_12(reason: R, record: &Delivered, _: &Step<'_, '_>) -> Option<&'static [A]> {
    /// The limit for compressed content. RFC 5246 names no alert for content below it.
    const MAX_COMPRESSED: usize = wire::MAX_PLAINTEXT + 1024;
    match record.content.len() {
        0..=wire::MAX_PLAINTEXT => None,
        _ if reason != R::PlaintextOverflow => None,
        length if length > MAX_COMPRESSED => Some(&[A::RECORD_OVERFLOW]),
        _ => Some(&[]),
    }
}

fn short(reason: R, record: &Delivered, _: &Step<'_, '_>) -> Option<&'static [A]> {
    match ContentType(record.header[0]) {
        _ if reason != R::Short => None,
        // For a record without a body, a parse error is right as well.
        _ if record.header[3..] == [0, 0] => {
            Some(&[A::BAD_RECORD_MAC, A::DECODE_ERROR, A::UNEXPECTED_MESSAGE])
        }
        // A change_cipher_spec is unexpected even before it is decrypted.
        ContentType::CHANGE_CIPHER_SPEC => Some(&[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE]),
        _ => Some(&[A::BAD_RECORD_MAC]),
    }
}
