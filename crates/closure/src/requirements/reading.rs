//! Whether the subject reads on after a record that ends nothing.

use protocol::{End, Version};
use wire::Meaning;

use crate::{Axis, Code, Connection, Event, Kind, Verdict, deviates};

/// The codes of [`reads_on`].
pub(super) const READS_ON: &[Code] = &[
    deviates("fails", Axis::EndSignal),
    deviates("loses-data", Axis::Data),
    deviates("ends-early", Axis::EndSignal),
    deviates("no-end", Axis::EndSignal),
];

/// Whether the subject reads everything that follows the record at position `from`: all data, and
/// the end exactly where the peer put it.
///
/// Not exercised unless the handshake was done, and nothing had failed, when that record came.
pub(super) fn reads_on(c: &Connection<'_>, from: usize) -> Verdict {
    let facts = c.facts();
    let stop = [facts.fatal, facts.transport_end, facts.stopped, c.dropped()];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let until = facts.peer_close.map_or(stop, |close| close.min(stop));
    let over = [facts.failed, facts.own_error];
    let up = facts.handshake_done.is_some_and(|done| done < from)
        && over.into_iter().flatten().all(|over| over > from);
    // In TLS 1.2 a side that has closed may stop reading (RFC 5246 7.2.1).
    let read_closed =
        c.version() == Version::Tls12 && facts.own_close.is_some_and(|own| own < until);
    if !up || read_closed || from >= until || c.is_flooded(stop) {
        return Verdict::NotExercised;
    }
    let data = c
        .delivered_after(from)
        .any(|(i, r)| i < until && r.meaning == Meaning::Data && !r.content.is_empty());
    let close = facts.peer_close.filter(|close| *close < stop);
    if !data && close.is_none() {
        return Verdict::NotExercised;
    }
    // `stop` is no later than the next bad record, so a failure because of that one does not count.
    let failed = c
        .between(from, stop)
        .find(|(_, event)| event.kind() == Kind::Failed);
    if let Some((failed, _)) = failed {
        return Verdict::found("fails", failed);
    }
    let clean = |event: &Event| matches!(event, Event::End(End::Clean));
    let early = c.between(from, until).find(|(_, event)| clean(event));
    if let Some((early, _)) = early {
        return Verdict::found("ends-early", early);
    }
    if c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    // Data in the same piece as a bad record may be lost with it. If there is a taint, a late read
    // of the data may show only after it.
    let whole = facts.fatal.is_none() && facts.taint.is_none();
    let delivery = c.data_until(until);
    if data && whole && (delivery.missing > 0 || delivery.wrong.is_some()) {
        return Verdict::found("loses-data", from);
    }
    match close {
        Some(close) if !c.after(from).any(|(_, event)| clean(event)) => match facts.taint {
            None => Verdict::found("no-end", close),
            Some(_) => Verdict::NotExercised,
        },
        Some(_) => Verdict::Held,
        None if whole => Verdict::Held,
        None => Verdict::NotExercised,
    }
}
