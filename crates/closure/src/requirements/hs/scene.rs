//! What a subject does about an alert that ends the handshake.

use protocol::{End, HabitKind};
use wire::{AlertDescription, ContentType, Epoch, HandshakeType, Meaning};

use super::super::close_rx::scene::{hears, is_conclusive, record};
use super::super::refusal::ends_at;
use crate::{Call, Connection, Delivered, Event, Kind, Verdict};

/// Whether the handshake was not done at this position, and the subject had no reason not to take
/// what came.
pub(in crate::requirements) fn hears_in_handshake(c: &Connection<'_>, at: usize) -> bool {
    c.facts().handshake_done.is_none_or(|done| done > at) && hears(c, at)
}

/// The verdict on the record at `at`, which must end the handshake with one of `right` if any alert is
/// sent. How a subject ended that may have given up over a warning says nothing.
pub(in crate::requirements) fn ends_handshake(
    c: &Connection<'_>,
    at: usize,
    right: &[AlertDescription],
) -> Verdict {
    let facts = c.facts();
    let done = facts.handshake_done.is_some_and(|done| done < at);
    if done || facts.fatal.is_some_and(|fatal| fatal < at) {
        return Verdict::NotExercised;
    }
    match ends_at(c, at, right) {
        Verdict::Found { code, .. } if code != "still-alive" && !hears(c, at) => {
            Verdict::NotExercised
        }
        verdict => verdict,
    }
}

/// The peer's `close_notify` in the handshake.
pub(in crate::requirements) fn early_close<'t>(
    c: &Connection<'t>,
) -> Option<(usize, &'t Delivered)> {
    let at = c.facts().peer_close?;
    let record = record(c, at)?;
    hears_in_handshake(c, at).then_some((at, record))
}

/// Whether the subject has answered the peer's `ClientHello`, or the peer the subject's.
pub(in crate::requirements) fn is_negotiated(c: &Connection<'_>, at: usize) -> bool {
    let own = c.own_message(HandshakeType::SERVER_HELLO);
    own.is_some_and(|hello| hello.at < at)
        || c.peer_messages(HandshakeType::SERVER_HELLO)
            .any(|(hello, _)| hello < at)
}

/// Whether the peer has said anything before this position.
pub(in crate::requirements) fn is_first(c: &Connection<'_>, at: usize) -> bool {
    c.before(at)
        .all(|(_, event)| !matches!(event, Event::Delivered(_)))
}

/// What came of an alert that ends the handshake.
pub(in crate::requirements) enum Outcome {
    /// The application was told of a clean end.
    Ends(usize),
    /// The application was told of failure.
    Fails(usize),
    /// The handshake was completed all the same.
    Completes(usize),
    /// Nothing, though there was time.
    Waits,
    /// Nothing, and there may yet be something.
    Unclear,
}

pub(in crate::requirements) fn outcome(c: &Connection<'_>, at: usize) -> Outcome {
    told(c, at).unwrap_or(match is_conclusive(c) {
        true => Outcome::Waits,
        false => Outcome::Unclear,
    })
}

fn told(c: &Connection<'_>, at: usize) -> Option<Outcome> {
    c.after(at)
        .take_while(|(_, event)| !matches!(event, Event::Transport { .. }))
        .find_map(|(i, event)| match event {
            Event::End(End::Clean) => Some(Outcome::Ends(i)),
            Event::HandshakeDone { .. } => Some(Outcome::Completes(i)),
            Event::Failed { .. } | Event::End(_) => Some(Outcome::Fails(i)),
            _ => None,
        })
}

/// The subject's first error alert behind this position.
pub(in crate::requirements) fn answer(c: &Connection<'_>, at: usize) -> Option<usize> {
    // From the next bad record on it may be about that, and once it has failed about any.
    let bad = |event: &Event| matches!(event.kind(), Kind::PeerInvalid | Kind::PeerUnknown);
    let mut failed = false;
    let until = c.after(at).find(|(_, event)| {
        failed |= event.kind() == Kind::Failed;
        bad(event) || failed && matches!(event, Event::Delivered(_))
    });
    let until = until.map_or(usize::MAX, |(i, _)| i);
    c.sent_after(at)
        .take_while(|(i, _)| *i < until)
        .find_map(|(i, record)| match record.alert() {
            Some((_, AlertDescription::CLOSE_NOTIFY)) | None => None,
            Some(_) => Some(i),
        })
}

/// An alert in clear of a client that may have no keys yet, as the first record of which the peer
/// makes no claim: to be asked of everything that happened.
pub(in crate::requirements) fn clear_alert<'t>(
    c: &Connection<'t>,
) -> Option<(usize, &'t Delivered)> {
    let at = c.facts().taint?;
    let record = record(c, at)?;
    let is_alert = record.header[0] == ContentType::ALERT.0
        && record.header[1..3] == [3, 3]
        && record.content.len() == 2
        && record.length == 7;
    let clear = record.meaning == Meaning::Unknown && record.epoch == Epoch::Plain;
    let window = c
        .before(at)
        .all(|(_, event)| !matches!(event, Event::Delivered(r) if is_protected(r)));
    let sound = c.setup().habit != Some(HabitKind::Abuse) && hears_in_handshake(c, at);
    (is_alert && clear && window && sound && is_negotiated(c, at)).then_some((at, record))
}

/// Under keys that only a peer has who has seen the `ServerHello`.
pub(in crate::requirements) fn is_protected(record: &Delivered) -> bool {
    !matches!(record.epoch, Epoch::Plain | Epoch::Early)
}

/// As [`outcome`], for a record behind which [`crate::Facts`] no longer tell.
pub(in crate::requirements) fn outcome_behind_taint(c: &Connection<'_>, at: usize) -> Outcome {
    if let Some(told) = told(c, at) {
        return told;
    }
    let settled = c.io_at(at).is_free()
        && c.after(at).all(|(_, event)| {
            !matches!(
                event,
                Event::Limited(_) | Event::Delivered(_) | Event::Called(Call::Drop)
            ) && !matches!(event.kind(), Kind::Crash | Kind::Hang | Kind::Unsupported)
        });
    match settled {
        true => Outcome::Waits,
        false => Outcome::Unclear,
    }
}
