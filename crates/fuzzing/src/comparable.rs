//! Where a script may play out differently under another cut, habit or interface, so that runs are
//! not compared.

use closure::ledger::{Application, Moment, Way};
use closure::{Call, Connection, Event, Kind, Transcript};
use protocol::ErrorClass;
use wire::{Meaning, Reason};

/// How a script was played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Playing {
    /// Whether the habit is another than the plain one.
    pub(crate) habit: bool,
    /// Whether it was the buffered interface, whose habits are helpers that read and write on their
    /// own.
    pub(crate) buffered: bool,
}

/// Whether a connection might have gone differently if its script had been played in another way.
pub(crate) fn may_differ(connection: &Connection<'_>, how: Playing) -> bool {
    let facts = connection.marks();
    let failed = facts.all_kinds.has(Kind::Failed);
    let writes = |event: &Event| event.kind() == Kind::AppWrite;
    // How much is left unsent at the end may vary.
    ends_held_up(connection)
        // After bytes whose meaning is unknown a failure may have any cause.
        || facts.taint.is_some() && (how.habit || failed)
        || connection.ledger().is_flooded()
        || failures(connection) > 1
        || !how.buffered && more_comes_behind_a_failure(connection)
        || how.habit && (refuses_early(connection) || takes_early_data_in_part(connection))
        || how.habit && (meets_limit_oddly(connection) || hears_itself(connection))
        // A stream does not read on while the application does not read. It answers nothing then,
        // and sees neither a failure nor the close before it sees that the transport is gone.
        || how.habit && is_paused(connection.last_moment()) && (failed || how.buffered)
        || how.habit && facts.transport_end.is_some_and(|end| {
            [connection.last_moment(), connection.moment(end)].into_iter().any(is_paused)
        })
        // While the transport is full, helpers postpone what they do for the application, and
        // states differ in what they let it write.
        || how.habit && while_limited(connection, is_blocked, |event| how.buffered || writes(event))
        // A stream does not read on while the application does not read. What the application does
        // meanwhile comes before the unread input.
        || how.habit && how.buffered && while_limited(connection, is_paused, acts)
}

/// How often the connection failed. If failures are not latched, it fails again whenever more input
/// arrives or the subject is called.
fn failures(connection: &Connection<'_>) -> usize {
    let classes = connection.events().filter_map(|(_, event)| match event {
        Event::Failed { class, .. } => Some(*class),
        _ => None,
    });
    classes
        .filter(|class| *class != ErrorClass::AlreadyFailed)
        .count()
}

/// Whether a record arrived after the connection had failed. Failures are known not to be latched,
/// and what arrived in one piece with the cause of the failure is not read.
fn more_comes_behind_a_failure(connection: &Connection<'_>) -> bool {
    let failed = connection.marks().failed;
    failed.is_some_and(|failed| connection.delivered_after(failed).next().is_some())
}

/// Whether something was refused that the plain habit accepts. An acceptor has no call for what a
/// connection does before the ClientHello, and so before it answers anything. A stream finishes the
/// handshake before it accepts a write.
fn refuses_early(connection: &Connection<'_>) -> bool {
    let mut answered = false;
    let events = connection.events().map(|(_, event)| event);
    let mut early = events.take_while(|event| !matches!(event, Event::HandshakeDone { .. }));
    early.any(|event| {
        answered |= matches!(event, Event::Sent(_));
        match event {
            Event::Refused { class, .. } => match *class {
                ErrorClass::NotNow => !answered,
                class => class == ErrorClass::WouldBlock,
            },
            _ => false,
        }
    })
}

/// Whether only a part of the 0-RTT data was accepted. How much is accepted at once depends on a
/// buffer, and there may be no second attempt.
fn takes_early_data_in_part(connection: &Connection<'_>) -> bool {
    let mut left = connection.setup().early_written as usize;
    let events = connection.events().map(|(_, event)| event);
    for event in events.take_while(|event| event.kind() != Kind::AppWrite) {
        if let Event::Accepted { bytes } = event {
            left = left.saturating_sub(*bytes as usize);
        }
    }
    left > 0
}

/// Whether the room of the transport is limited at the end, or was limited when it was reset, or
/// whether data is unread at the end, which may hold up output.
fn ends_held_up(connection: &Connection<'_>) -> bool {
    let last = connection.last_moment();
    let unread = is_paused(last) && last.owed.untold > 0;
    let reset = connection.marks().reset.map(|at| connection.moment(at));
    unread || is_blocked(last) || reset.is_some_and(is_blocked)
}

/// Whether a key has a limit, and a write was accepted in several pieces or inside a message of the
/// peer. Each piece takes at least one record, and the limit counts records. Inside a message the
/// change of keys is known to fail, once or at each call.
fn meets_limit_oddly(connection: &Connection<'_>) -> bool {
    let (mut taken, mut inside) = (0, false);
    connection.setup().key_limit.is_some()
        && connection.events().any(|(_, event)| {
            match event {
                Event::Delivered(record) => inside = record.meaning == Meaning::HandshakePart,
                Event::Called(Call::Write(_)) => taken = 0,
                Event::Accepted { .. } => taken += 1,
                _ => {}
            }
            taken > 1 || inside && matches!(event, Event::Called(Call::Write(_)))
        })
}

/// Whether the peer sent back one of the subject's own records. Which one that is depends on how
/// writes were split into records.
fn hears_itself(connection: &Connection<'_>) -> bool {
    let reflected = Meaning::Invalid(Reason::Reflected);
    let mut records = connection.delivered();
    records.any(|(_, record)| record.meaning == reflected)
}

/// Whether an event that matters happened while application or transport were limited in this way.
fn while_limited(
    connection: &Connection<'_>,
    limits: impl Fn(&Moment) -> bool,
    matters: impl Fn(&Event) -> bool,
) -> bool {
    let mut moments = connection.moments();
    moments.any(|(_, event, moment)| limits(moment) && matters(event))
}

fn is_blocked(moment: &Moment) -> bool {
    matches!(moment.output, Way::Blocked | Way::PartlyLeft)
}

fn is_paused(moment: &Moment) -> bool {
    moment.application == Application::Paused
}

/// Whether the application makes a call other than settling, or the transport ends.
fn acts(event: &Event) -> bool {
    match event {
        Event::Called(call) => !matches!(call, Call::Settle(_)),
        event => event.kind() == Kind::TransportEnd,
    }
}

/// Whether something happened that the two interfaces are known to show in different ways: a
/// failure, an application that does not read, or a write or a close before the handshake is done.
/// The buffered interface keeps what is written until then, and also where the other one asks to be
/// called again.
pub(crate) fn interfaces_may_differ(transcript: &Transcript) -> bool {
    let mut done = false;
    transcript.events().iter().any(|event| match event {
        Event::Opened(_) => {
            done = false;
            false
        }
        Event::HandshakeDone { .. } => {
            done = true;
            false
        }
        Event::Called(Call::CloseWrite | Call::Write(_)) => !done,
        Event::Limited(io) => io.read.is_some(),
        Event::Failed { .. } => true,
        Event::Refused { class, .. } => *class == ErrorClass::WouldBlock,
        _ => false,
    })
}
