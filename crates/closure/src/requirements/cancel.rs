//! `user_canceled`.

use protocol::Version;
use wire::Meaning;

use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves, bis, rfc8446,
};

pub(super) static ALL: &[&[Requirement]] = &[&[Requirement {
    id: "cancel.rx-limit",
    level: Level::Practice,
    sections: &[rfc8446("6.1"), bis("6.1")],
    versions: &[Version::Tls13],
    says: "How many user_canceled alerts a receiver bears is left open, and whether data in \
           between makes it forget them.",
    why: "Some peers send one before every close of a stream: a connection that lives long enough \
          dies of the last.",
    codes: &[
        behaves("limits-run", Axis::EndSignal),
        behaves("limits-lifetime", Axis::EndSignal),
    ],
    rule: Rule::One {
        trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerCancel]),
        check: rx_limit,
    },
    ..EITHER
}]];

fn rx_limit(c: &Connection<'_>) -> Verdict {
    /// Fewer than this are a single one repeated, rather than a flood.
    const MANY: usize = 4;
    let facts = c.facts();
    let stop = [
        facts.peer_close,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let failed = facts.failed.filter(|failed| *failed < stop);
    let until = failed.unwrap_or(stop);
    let mut cancels = 0;
    let mut between = false;
    let mut data = false;
    for (_, record) in c.delivered().take_while(|(i, _)| *i < until) {
        match record.meaning {
            // At level fatal it may be taken for an error by itself.
            Meaning::UserCanceled if c.bytes(record.content).first() != Some(&1) => {
                return Verdict::NotExercised;
            }
            Meaning::UserCanceled => {
                cancels += 1;
                between |= data && cancels > 1;
                data = false;
            }
            Meaning::Data => data |= !record.content.is_empty(),
            _ => {}
        }
    }
    if cancels <= MANY || c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    match (failed, between) {
        (None, _) => Verdict::Held,
        (Some(at), true) => Verdict::found("limits-lifetime", at),
        (Some(at), false) => Verdict::found("limits-run", at),
    }
}
