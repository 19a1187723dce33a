//! How an alert ends the handshake.

use protocol::{End, ErrorClass, HabitKind};
use wire::{AlertDescription, ContentType};

use crate::ledger::{Blame, Failure, Reading, Stage};
use crate::rule::{Depends, Due, OWES, Owes, Payment, Step};
use crate::{Call, Event, Excuse, Kind, Kinds};

/// A `close_notify` ends the handshake, and the application is told of a failure.
pub(in crate::requirements) const ENDS: Owes = Owes {
    on: Kinds::of(&[Kind::PeerClose]),
    binds: is_open,
    by: Kinds::of(&[Kind::HandshakeDone, Kind::End, Kind::Failed]),
    pays: |_, step| fails_or(step, "goes-on"),
    missing: |cause, _| {
        let mut done = cause
            .c
            .steps_from(cause.at, Kinds::of(&[Kind::HandshakeDone]));
        Some(done.next().map_or("waits", |_| "goes-on"))
    },
    due: Due::Rest(Depends::Both),
    after_failure: true,
    ..OWES
};

/// An error alert does so.
pub(in crate::requirements) const FAILS: Owes = Owes {
    on: Kinds::of(&[Kind::PeerError]),
    pays: |_, step| fails_or(step, "still-alive"),
    missing: |_, _| Some("still-alive"),
    ..ENDS
};

/// The alert that ends the handshake is not answered with another one.
pub(in crate::requirements) const QUIET: Owes = Owes {
    by: Kinds::ALL,
    pays: |_, step| match step.event {
        Event::Sent(record) => match record.alert() {
            Some((_, AlertDescription::CLOSE_NOTIFY)) | None => Payment::Nothing,
            Some(_) => Payment::Wrong("answers"),
        },
        // From here on, an alert may be about another record.
        Event::Delivered(_) if step.now.failure != Failure::None || is_bad(step) => {
            Payment::Void(Excuse::Unclear)
        }
        // An application that closes sends user_canceled.
        Event::Called(Call::CloseWrite) => Payment::Void(Excuse::Unclear),
        _ => Payment::Nothing,
    },
    missing: |_, _| None,
    due: Due::End(Depends::Output),
    ..ENDS
};

/// How these events pay for an alert that ends the handshake; the code if it goes on.
pub(in crate::requirements) fn fails_or(step: &Step<'_, '_>, goes_on: &'static str) -> Payment {
    match step.event {
        Event::HandshakeDone { .. } => Payment::Wrong(goes_on),
        Event::End(End::Clean) => Payment::Wrong("clean-end"),
        _ => Payment::Paid,
    }
}

fn is_bad(step: &Step<'_, '_>) -> bool {
    matches!(step.kind(), Kind::PeerInvalid | Kind::PeerUnknown)
}

/// Whether the handshake is not done, and the subject has to process what arrives.
pub(in crate::requirements) fn is_open(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.stage < Stage::Done && now.reading == Reading::Open && now.blame < Blame::Must
}

/// Whether the application keeps to the API's contract. A rule about a record of unknown meaning has
/// to ask, because its scope takes in habits that break the contract.
pub(in crate::requirements) fn is_fair(step: &Step<'_, '_>) -> bool {
    step.setup().habit != Some(HabitKind::Abuse)
}

/// Whether the record is an alert in plaintext with this content, from a client that may have no
/// keys yet. Its meaning is unknown, because anyone can send it.
pub(in crate::requirements) fn is_clear_alert(
    step: &Step<'_, '_>,
    is: impl Fn(&[u8]) -> bool,
) -> bool {
    let now = step.now;
    let Some(record) = step.delivered() else {
        return false;
    };
    // A receiver waits for all the bytes that the header announces.
    record.header == [ContentType::ALERT.0, 3, 3, 0, 2]
        && record.length == 7
        && record.meaning == wire::Meaning::Unknown
        && is_fair(step)
        && is_open(step)
        && now.failure == Failure::None
        && now.is_negotiated
        && !now.peer_has_keys
        && is(step.c.bytes(record.content))
}

/// Whether this is the content of an error alert that remains one if any one bit is flipped.
pub(in crate::requirements) fn is_error(content: &[u8]) -> bool {
    matches!(content, [2, 10 | 20 | 22 | 40 | 47 | 50 | 51 | 80])
}

/// Whether the API reports a failure because of the peer's alert.
pub(in crate::requirements) fn is_received(step: &Step<'_, '_>) -> bool {
    matches!(
        step.event,
        Event::Failed {
            class: ErrorClass::AlertReceived,
            ..
        }
    )
}
