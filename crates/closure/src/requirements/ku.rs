//! `KeyUpdate` around the end of a connection.

use protocol::{End, Version};
use wire::Meaning;

use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc8446,
};

pub(super) static ALL: &[&[Requirement]] = &[&[Requirement {
    id: "ku.rx-while-half-closed",
    level: Level::Must,
    sections: &[rfc8446("4.6.3")],
    versions: &[Version::Tls13],
    says: "A KeyUpdate of the peer's changes the reading keys also after the own half was closed.",
    why: "A side that only waits for the end skips the message, and then cannot read what follows.",
    codes: &[
        deviates("fails", Axis::EndSignal),
        deviates("loses-data", Axis::Data),
        deviates("no-end", Axis::EndSignal),
    ],
    rule: Rule::One {
        trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerKeyUpdate]),
        check: rx_while_half_closed,
    },
    ..EITHER
}]];

fn rx_while_half_closed(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let Some(closed) = facts.own_close else {
        return Verdict::NotExercised;
    };
    let stop = [facts.fatal, facts.transport_end, facts.stopped, c.dropped()];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let until = facts.peer_close.map_or(stop, |close| close.min(stop));
    let update = c
        .delivered_after(closed)
        .find(|(i, r)| *i < until && matches!(r.meaning, Meaning::KeyUpdate { .. }));
    let Some((update, _)) = update else {
        return Verdict::NotExercised;
    };
    if facts.failed.is_some_and(|failed| failed < update) || c.is_flooded(stop) {
        return Verdict::NotExercised;
    }
    let data = c
        .delivered_after(update)
        .any(|(i, r)| i < until && r.meaning == Meaning::Data && !r.content.is_empty());
    let close = facts.peer_close.filter(|close| *close < stop);
    if !data && close.is_none() {
        return Verdict::NotExercised;
    }
    // What fails because of a later bad record is no fault.
    let failed = c
        .between(update, stop)
        .find(|(_, event)| event.kind() == Kind::Failed);
    if let Some((failed, _)) = failed {
        return Verdict::found("fails", failed);
    }
    if c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    let delivery = c.data_until(until);
    if data && (delivery.missing > 0 || delivery.wrong.is_some()) {
        return Verdict::found("loses-data", update);
    }
    let clean = |event: &Event| matches!(event, Event::End(End::Clean));
    match close {
        Some(close) if !c.after(update).any(|(_, event)| clean(event)) => {
            Verdict::found("no-end", close)
        }
        _ => Verdict::Held,
    }
}
