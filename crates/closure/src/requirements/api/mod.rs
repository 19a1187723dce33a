//! The contract of an API: what its documentation promises, and what any caller may rely on, beyond
//! the RFCs.

mod bounds;
mod failing;
mod helping;
mod input;
mod invariance;
mod reading;
mod safety;
mod waiting;
mod writing;

use protocol::{ApiState, ErrorClass};

use crate::{Connection, Event, Kind, Kinds, Requirement};

pub(super) static ALL: &[&[Requirement]] = &[
    reading::ALL,
    writing::ALL,
    waiting::ALL,
    helping::ALL,
    input::ALL,
    failing::ALL,
    safety::ALL,
    bounds::ALL,
    invariance::ALL,
];

/// The events that report the API's state.
const STATES: Kinds = Kinds::of(&[
    Kind::ReadTraffic,
    Kind::ReadEarlyData,
    Kind::PeerClosed,
    Kind::Closed,
    Kind::EncodeTlsData,
    Kind::TransmitTlsData,
    Kind::BlockedHandshake,
    Kind::WriteTraffic,
]);

/// One report of the API's state.
#[derive(Clone, Copy)]
struct State {
    at: usize,
    name: ApiState,
    shown: u32,
    discarded: u32,
}

/// All reports of the API's state, in order.
fn states<'t>(c: &Connection<'t>) -> impl DoubleEndedIterator<Item = State> + use<'t> {
    c.events().filter_map(|(at, event)| match event {
        Event::State {
            name,
            shown,
            discarded,
        } => Some(State {
            at,
            name: *name,
            shown: *shown,
            discarded: *discarded,
        }),
        _ => None,
    })
}

/// Whether the subject reports states at all.
fn names_states(c: &Connection<'_>) -> bool {
    c.facts().kinds.intersects(STATES)
}

/// Where the implementation first reported a failure. Errors about the end of the transport do not
/// count: the driver may have raised them.
fn failure(c: &Connection<'_>) -> Option<usize> {
    c.events().find_map(|(i, event)| match event {
        Event::Failed { class, .. }
            if !matches!(class, ErrorClass::HandshakeEof | ErrorClass::Truncated) =>
        {
            Some(i)
        }
        _ => None,
    })
}

/// Whether the subject is at rest at the end of the transcript: nothing blocks it, nothing has
/// ended it, and it had the chance to do everything it has to do.
fn is_settled(c: &Connection<'_>) -> bool {
    let facts = c.facts();
    let over = [
        facts.failed,
        facts.fatal,
        facts.own_error,
        facts.stopped,
        facts.taint,
        c.dropped(),
    ];
    !c.is_paused() && !c.is_blocked() && over.iter().all(Option::is_none) && c.reset().is_none()
}

/// Whether the peer's `Finished` arrived before position `to`.
fn finished_before(c: &Connection<'_>, to: usize) -> bool {
    use wire::{HandshakeType, Meaning};
    c.delivered()
        .take_while(|(i, _)| *i < to)
        .any(|(_, r)| r.meaning == Meaning::Handshake(HandshakeType::FINISHED))
}
