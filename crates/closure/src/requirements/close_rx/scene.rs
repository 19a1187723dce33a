//! The situations in which rules can judge how a subject handles the end of the peer's half.

use protocol::{ErrorClass, Version};
use wire::{Alert, Epoch, HandshakeType, MAX_PLAINTEXT, Meaning, RecordHeader};

use crate::{Call, Connection, Delivered, Event, Kind};

/// The peer's `close_notify` on a working connection: nothing had gone wrong before, and every
/// receiver understands its level.
///
/// TLS 1.3 gives no meaning to the level (RFC 8446 6), but an undefined level need not parse. In
/// TLS 1.2 an alert at level fatal ends the connection (RFC 5246 7.2).
pub(in crate::requirements) fn close(c: &Connection<'_>) -> Option<usize> {
    let (at, level) = any_close(c)?;
    let understood =
        level == Alert::WARNING || (level == Alert::FATAL && c.version() == Version::Tls13);
    (understood && c.facts().handshake_done.is_some()).then_some(at)
}

/// The peer's `close_notify` at any level, and that level. The handshake need not be done on the
/// subject's side.
pub(in crate::requirements) fn any_close(c: &Connection<'_>) -> Option<(usize, u8)> {
    let at = c.facts().peer_close?;
    let level = *c.bytes(record(c, at)?.content).first()?;
    let done = c.facts().handshake_done.is_some_and(|done| done < at);
    let finished = done || c.before(at).any(|(_, event)| is_finished(event));
    (finished && can_receive(c, at)).then_some((at, level))
}

/// The peer's record at this position.
pub(in crate::requirements) fn record<'t>(c: &Connection<'t>, at: usize) -> Option<&'t Delivered> {
    match c.between(at, at + 1).next() {
        Some((_, Event::Delivered(record))) => Some(record),
        _ => None,
    }
}

/// Whether the record at this position arrived together with the peer's `Finished`, before the
/// subject could react to that.
pub(in crate::requirements) fn behind_finished(c: &Connection<'_>, at: usize) -> bool {
    c.before(at)
        .rev()
        .take_while(|(_, event)| matches!(event, Event::Delivered(_)))
        .any(|(_, event)| is_finished(event))
}

fn is_finished(event: &Event) -> bool {
    match event {
        Event::Delivered(record) => record.meaning == Meaning::Handshake(HandshakeType::FINISHED),
        _ => false,
    }
}

/// Whether the subject must process the event at this position: it has not failed, its transport is
/// up, and nothing that arrived before allows it to give up.
pub(in crate::requirements) fn can_receive(c: &Connection<'_>, at: usize) -> bool {
    let facts = c.facts();
    let over = [
        facts.failed,
        facts.own_error,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        dropped(c),
    ];
    over.into_iter().flatten().all(|over| over >= at) && !may_give_up(c, at)
}

/// Whether the connection failed and something before this position allows that. No RFC limits
/// floods, and a receiver may choose to fail on a warning.
fn may_give_up(c: &Connection<'_>, at: usize) -> bool {
    let failed = c.facts().failed;
    if failed.is_none() && c.facts().own_error.is_none() {
        return false;
    }
    let flood = c.events().any(|(_, event)| {
        matches!(
            event,
            Event::Failed {
                class: ErrorClass::Flood,
                ..
            }
        )
    });
    flood
        || c.before(at).any(|(_, event)| {
            matches!(
                event.kind(),
                Kind::PeerWarning | Kind::PeerRenegotiation | Kind::PeerCancel
            )
        })
}

/// Where the application dropped the connection.
pub(in crate::requirements) fn dropped(c: &Connection<'_>) -> Option<usize> {
    if !c.facts().kinds.has(Kind::AppOther) {
        return None;
    }
    c.events()
        .find_map(|(i, event)| matches!(event, Event::Called(Call::Drop)).then_some(i))
}

/// Whether the subject has done all it ever will by the end: it is running, and neither the
/// transport nor the application blocks it.
pub(in crate::requirements) fn is_conclusive(c: &Connection<'_>) -> bool {
    c.facts().stopped.is_none() && !c.is_blocked() && !c.is_paused() && dropped(c).is_none()
}

/// Whether the write key is exhausted, or would be once all written data is sent. TLS 1.2 has no
/// fresh keys, so the write half may then end by itself.
pub(in crate::requirements) fn key_exhausted(c: &Connection<'_>) -> bool {
    let setup = c.setup();
    let Some(limit) = setup.key_limit.filter(|_| c.version() == Version::Tls12) else {
        return false;
    };
    let exhausted = |event: &Event| {
        matches!(
            event,
            Event::Refused {
                class: ErrorClass::KeyExhausted,
                ..
            }
        )
    };
    let numbers = c.sent().filter_map(|(_, record)| {
        let protected = record.epoch.is_some_and(|epoch| epoch != Epoch::Plain);
        protected.then_some(record.sequence + 1)
    });
    let content = match setup.fragment_size {
        Some(size) => size.saturating_sub(RecordHeader::LEN).max(1),
        None => MAX_PLAINTEXT,
    };
    let waiting = pending(c, usize::MAX).div_ceil(content) as u64;
    numbers.max().unwrap_or(0) + waiting >= limit || c.events().any(|(_, event)| exhausted(event))
}

/// The number of bytes that the subject has accepted from the application before this position and
/// not yet put on the wire.
pub(in crate::requirements) fn pending(c: &Connection<'_>, at: usize) -> usize {
    let (mut taken, mut sent) = (0, 0);
    for (_, event) in c.before(at) {
        match event {
            Event::Accepted { bytes } => taken += *bytes as usize,
            Event::Sent(record) if record.content == wire::Content::Data => {
                sent += record.bytes.len();
            }
            _ => {}
        }
    }
    taken.saturating_sub(sent)
}

/// Whether the write half ended in another way than by a close, so that bytes may be lost.
pub(in crate::requirements) fn was_cut_off(c: &Connection<'_>) -> bool {
    let facts = c.facts();
    c.reset().is_some()
        || facts.failed.is_some()
        || facts.own_error.is_some()
        || facts.fatal.is_some()
}
