//! Helpers about alerts that end the handshake, and how a subject reacts to them.

use protocol::{End, HabitKind};
use wire::{AlertDescription, ContentType, Epoch, HandshakeType, Meaning};

use super::super::close_rx::scene::{can_receive, is_conclusive, record};
use super::super::refusal::ends_at;
use crate::{Call, Connection, Delivered, Event, Kind, Verdict};

/// Whether the handshake was not done at position `at`, and the subject had no reason to ignore
/// what arrived there.
pub(in crate::requirements) fn hears_in_handshake(c: &Connection<'_>, at: usize) -> bool {
    c.facts().handshake_done.is_none_or(|done| done > at) && can_receive(c, at)
}

/// The verdict on the record at `at`, which must end the handshake. An alert must be one of
/// `right`.
///
/// If the subject may have given up because of a warning, how it ended does not count.
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
        Verdict::Found { code, .. } if code != "still-alive" && !can_receive(c, at) => {
            Verdict::NotExercised
        }
        verdict => verdict,
    }
}

/// The peer's `close_notify` during the handshake.
pub(in crate::requirements) fn early_close<'t>(
    c: &Connection<'t>,
) -> Option<(usize, &'t Delivered)> {
    let at = c.facts().peer_close?;
    let record = record(c, at)?;
    hears_in_handshake(c, at).then_some((at, record))
}

/// Whether the subject has answered the peer's `ClientHello` before position `at`, or the peer the
/// subject's.
pub(in crate::requirements) fn is_negotiated(c: &Connection<'_>, at: usize) -> bool {
    let own = c.own_message(HandshakeType::SERVER_HELLO);
    own.is_some_and(|hello| hello.at < at)
        || c.peer_messages(HandshakeType::SERVER_HELLO)
            .any(|(hello, _)| hello < at)
}

/// Whether no record from the peer arrived before position `at`.
pub(in crate::requirements) fn is_first(c: &Connection<'_>, at: usize) -> bool {
    c.before(at)
        .all(|(_, event)| !matches!(event, Event::Delivered(_)))
}

/// The effect of an alert that ends the handshake.
pub(in crate::requirements) enum Outcome {
    /// The API reported a clean end to the application.
    Ends(usize),
    /// The API reported a failure to the application.
    Fails(usize),
    /// The handshake completed anyway.
    Completes(usize),
    /// Nothing happened, although the subject had the chance to react.
    Waits,
    /// Nothing happened, but the subject may not have had the chance to react.
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

/// The subject's first error alert after position `at`, if it can only be about the record there.
pub(in crate::requirements) fn answer(c: &Connection<'_>, at: usize) -> Option<usize> {
    // After the next bad record, an alert may be about that one; after a failure, about any record.
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

/// The taint, if it is a plaintext alert from a client that may have no keys yet.
///
/// Pass a connection with the whole transcript, not one that ends at the taint.
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

/// Whether the record is under keys that only a peer can have that has seen the `ServerHello`.
pub(in crate::requirements) fn is_protected(record: &Delivered) -> bool {
    !matches!(record.epoch, Epoch::Plain | Epoch::Early)
}

/// As [`outcome`], for a record at the taint, after which [`crate::Facts`] record nothing more.
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
