//! Where a subject may do something else if a script is played in another way, so that nothing is
//! compared.

use closure::{Call, Connection, Event, Kind, Transcript};
use protocol::{ErrorClass, Io};
use wire::{Meaning, Reason};

/// How a script was played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Playing {
    /// Under another habit than the plain one.
    pub(crate) habit: bool,
    /// Through the buffered interface, whose habits are helpers that read and write by themselves.
    pub(crate) buffered: bool,
}

/// Whether a connection may have gone differently if it had been played in another way.
pub(crate) fn may_differ(connection: &Connection<'_>, how: Playing) -> bool {
    let facts = connection.facts();
    let failed = facts.all_kinds.has(Kind::Failed);
    let writes = |event: &Event| event.kind() == Kind::AppWrite;
    // What has not been sent in the end may be more or less.
    ends_held_up(connection)
        // Behind bytes of which nothing is known a failure may come from anything.
        || facts.taint.is_some() && (how.habit || failed)
        || connection.is_flooded(usize::MAX)
        || failures(connection) > 1
        || !how.buffered && more_comes_behind_a_failure(connection)
        || how.habit && (refuses_early(connection) || takes_early_data_in_part(connection))
        || how.habit && (meets_limit_oddly(connection) || hears_itself(connection))
        // For an application that takes nothing a stream does not read on, and so it answers nothing, and
        // hears of no failure, nor of the close before it hears that the transport is gone.
        || how.habit && connection.is_paused() && (failed || how.buffered)
        || how.habit && facts.transport_end.is_some_and(|end| {
            [connection.io(), connection.io_at(end)].iter().any(|io| io.read.is_some())
        })
        // While the transport is full helpers put off what they do for an application, and states differ
        // in what they let it write.
        || how.habit && while_limited(connection, |io| io.room.is_some(), |event| how.buffered || writes(event))
        // Nor does a stream read on while an application takes nothing: what that does meanwhile comes
        // before what it has not read.
        || how.habit && how.buffered && while_limited(connection, |io| io.read.is_some(), acts)
}

/// How often it failed: if that is not latched, as often as more came, or as it was called.
fn failures(connection: &Connection<'_>) -> usize {
    let classes = connection.events().filter_map(|(_, event)| match event {
        Event::Failed { class, .. } => Some(*class),
        _ => None,
    });
    classes
        .filter(|class| *class != ErrorClass::AlreadyFailed)
        .count()
}

/// Whether a record of the peer's came when it had failed already. That is known not to be latched, and
/// what came in one piece with what it failed over is not looked at.
fn more_comes_behind_a_failure(connection: &Connection<'_>) -> bool {
    let failed = connection.facts().failed;
    failed.is_some_and(|failed| connection.delivered_after(failed).next().is_some())
}

/// Whether something was refused that the plain way takes: an acceptor has no call for what a connection
/// does before the ClientHello, and so before anything is answered; and a stream finishes the handshake
/// before it takes anything to write.
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

/// Whether not all 0-RTT data was taken that there was to write: how much is taken at once is up to a
/// buffer, and there may be no second time.
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

/// Whether the transport takes no more than so much in the end, or took no more when it was reset.
fn ends_held_up(connection: &Connection<'_>) -> bool {
    connection.io_at(usize::MAX).room.is_some() || connection.is_blocked()
}

/// Whether a key has a limit, and a write was taken in several pieces, or inside a message of the peer's:
/// each piece is a record at least, and how many a key protects is what the limit is about; inside a
/// message the change of keys is known to fail, once or at each call.
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

/// Whether the peer sent one of the subject's own records back: which one that was depends on how writes
/// were put into records.
fn hears_itself(connection: &Connection<'_>) -> bool {
    let reflected = Meaning::Invalid(Reason::Reflected);
    let mut records = connection.delivered();
    records.any(|(_, record)| record.meaning == reflected)
}

/// Whether something that matters happened under such a limit to what application and transport allow.
fn while_limited(
    connection: &Connection<'_>,
    limit: impl Fn(&Io) -> bool,
    matters: impl Fn(&Event) -> bool,
) -> bool {
    let mut limited = false;
    connection.events().any(|(_, event)| {
        if let Event::Limited(io) = event {
            limited = limit(io);
        }
        limited && matters(event)
    })
}

/// Whether the application does something, or the transport ends.
fn acts(event: &Event) -> bool {
    match event {
        Event::Called(call) => !matches!(call, Call::Settle(_)),
        event => event.kind() == Kind::TransportEnd,
    }
}

/// Whether something happened that the two interfaces are known to show in different ways: a
/// failure, an application that does not read, a write or a close before there is a connection: the
/// buffered one keeps what is written until there is, as it does where the other asks to call again.
pub(crate) fn goes_its_own_way(transcript: &Transcript) -> bool {
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
