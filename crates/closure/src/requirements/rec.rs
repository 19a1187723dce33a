//! The record layer around the end of a connection.

use protocol::Version;
use wire::{AlertDescription, Epoch, Reason};

use super::frame::ends;
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates, rfc8446,
    varies,
};

pub(super) static ALL: &[&[Requirement]] = &[&[Requirement {
    id: "rec.zero-handshake",
    level: Level::Must,
    sections: &[rfc8446("5.1"), rfc8446("5.4")],
    versions: &[Version::Tls13],
    says: "A protected handshake record without content ends the connection with \
           unexpected_message.",
    why: "Records that hold nothing cost the receiver work and the sender none, and may stay in \
          its buffer.",
    codes: &[
        deviates("still-alive", Axis::OwnHalf),
        deviates("wrong-alert", Axis::Alert),
        varies("no-alert", Axis::Alert),
    ],
    rule: Rule::One {
        trigger: Kinds::of(&[Kind::PeerInvalid]),
        check: zero_handshake,
    },
    ..EITHER
}]];

fn zero_handshake(c: &Connection<'_>) -> Verdict {
    match c.invalid(|reason| reason == Reason::EmptyHandshake) {
        Some((at, record)) if record.epoch != Epoch::Plain => {
            ends(c, at, &[AlertDescription::UNEXPECTED_MESSAGE])
        }
        _ => Verdict::NotExercised,
    }
}
