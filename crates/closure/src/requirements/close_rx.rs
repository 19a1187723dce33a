//! Receiving `close_notify`: the end of the peer's half.

use protocol::End;

use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[&[Requirement]] = &[&[Requirement {
    id: "close-rx.signal-eof",
    level: Level::Should,
    sections: &[rfc8446("6"), rfc5246("7.2.1")],
    says: "The peer's close_notify is shown to the application as a clean end of data.",
    why: "Without it the application cannot tell a complete answer from a cut one.",
    codes: &[
        deviates("no-end", Axis::EndSignal),
        deviates("wrong-end", Axis::EndSignal),
    ],
    rule: Rule::One {
        trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
        check: signal_eof,
    },
    ..EITHER
}]];

fn signal_eof(c: &Connection<'_>) -> Verdict {
    let (Some(closed), Some(_)) = (c.facts().peer_close, c.facts().handshake_done) else {
        return Verdict::NotExercised;
    };
    let mut ends = c.after(closed).filter_map(|(i, event)| match event {
        Event::End(how) => Some((i, *how)),
        _ => None,
    });
    match ends.next() {
        Some((_, End::Clean)) => Verdict::Held,
        Some((at, _)) => Verdict::found("wrong-end", at),
        None if c.facts().io.read.is_some() => Verdict::NotExercised,
        None => Verdict::found("no-end", closed),
    }
}
