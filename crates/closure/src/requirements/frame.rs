//! How alerts are framed.

use wire::{AlertDescription as A, Reason as R};

use super::refusal::{
    NO_CLEAN_END_13, NO_CLEAN_END_UNNAMED_13, REFUSED_13, ends, ends_uncleanly, is_protected,
    on_invalid,
};
use crate::{Level, Requirement, rfc8446};

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "frame.alert-empty",
        sections: &[rfc8446("5.4")],
        says: "A protected alert record without content ends the connection with \
               unexpected_message.",
        why: "Records that hold nothing cost the receiver work and the sender none.",
        rule: on_invalid(|c| {
            ends(
                c,
                |reason, record| reason == R::EmptyAlert && is_protected(record),
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-in-handshake-frag",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        says: "A record between the parts of a handshake message is refused, a close_notify too.",
        why: "A clean end is reported although a message was cut short.",
        codes: NO_CLEAN_END_UNNAMED_13,
        rule: on_invalid(|c| {
            ends_uncleanly(
                c,
                |reason, _| reason == R::Interleaved,
                &[A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-wrong-outer-type",
        sections: &[rfc8446("5"), rfc8446("5.2")],
        says: "A protected record of which the header does not say application_data is refused, a \
               close_notify too.",
        why: "The header is under the tag: whoever takes the record lets the network change what \
              was authenticated.",
        codes: NO_CLEAN_END_13,
        rule: on_invalid(|c| {
            ends_uncleanly(
                c,
                |reason, _| reason == R::OuterType,
                &[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE],
            )
        }),
        ..REFUSED_13
    },
]];
