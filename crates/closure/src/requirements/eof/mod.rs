//! The end of the transport, which is a clean end only after `close_notify`.

mod around;
mod missing;

use protocol::{End, Version};

use crate::ledger::{Blame, Half};
use crate::rule::{Depends, Due, OWES, Owes, Payment, Step};
use crate::{Axis, Code, Event, Kind, Kinds, Requirement, Transport, deviates};

pub(super) static ALL: &[&[Requirement]] = &[missing::ALL, around::ALL];

const FIN: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::TransportEnd]);

const TRUNCATION: &[Code] = &[
    deviates("clean-end", Axis::EndSignal),
    deviates("no-end", Axis::EndSignal),
];

/// The end of the transport is reported, and not as a clean end. The codes are those of
/// [`TRUNCATION`].
const TRUNCATED: Owes = Owes {
    given: FIN,
    on: Kinds::of(&[Kind::TransportEnd]),
    by: Kinds::of(&[Kind::End, Kind::Failed]),
    pays: |_, step| match step.event {
        Event::End(End::Clean) => Payment::Wrong("clean-end"),
        _ => Payment::Paid,
    },
    // Output that waits comes first.
    due: Due::Rest(Depends::Both),
    missing: |_, _| Some("no-end"),
    after_failure: true,
    at_key_limit: true,
    ..OWES
};

/// All the data that arrived before the end of the transport is delivered.
const TOLD_BEFORE: Owes = Owes {
    by: Kinds::NONE,
    missing: |_, now| (now.owed.untold > 0).then_some("loses-data"),
    ..TRUNCATED
};

/// Whether the transport ends in this way on a sound connection, before any `close_notify` from the
/// peer.
fn is_cut(step: &Step<'_, '_>, by: Transport) -> bool {
    let ends = matches!(step.event, Event::Transport { how, .. } if *how == by);
    let now = step.now;
    ends && now.is_sound() && now.peer == Half::Open && now.blame == Blame::None
}

/// The same, at the boundary of records.
fn is_truncation(step: &Step<'_, '_>, by: Transport) -> bool {
    is_cut(step, by) && matches!(step.event, Event::Transport { partial: 0, .. })
}

/// Whether RFC 5246 7.2.1 lets the peer omit `close_notify`, because the subject has sent its own.
fn may_do_without(step: &Step<'_, '_>) -> bool {
    step.version() == Version::Tls12 && step.now.own == Half::Closed
}
