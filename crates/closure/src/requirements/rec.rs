//! The record layer around the end of a connection.

use wire::{AlertDescription, Reason};

use super::refusal::{REFUSED_13, ends, is_protected, on_invalid};
use crate::{Requirement, rfc8446};

pub(super) static ALL: &[&[Requirement]] = &[&[Requirement {
    id: "rec.zero-handshake",
    sections: &[rfc8446("5.1"), rfc8446("5.4")],
    says: "A protected handshake record without content ends the connection with \
           unexpected_message.",
    why: "Records that hold nothing cost the receiver work and the sender none, and may stay in \
          its buffer.",
    rule: on_invalid(|c| {
        ends(
            c,
            |reason, record| reason == Reason::EmptyHandshake && is_protected(record),
            &[AlertDescription::UNEXPECTED_MESSAGE],
        )
    }),
    ..REFUSED_13
}]];
