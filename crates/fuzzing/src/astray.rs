//! Where a subject leaves the ways that rules and comparisons are about.

use closure::{Call, Event, Transcript};
use protocol::ErrorClass;
use wire::{Epoch, Meaning};

/// Where something happens that a subject may take in its own way: it had enough of records that do
/// nothing, an alert came at a level that nobody gives it, or a close came before there were keys.
pub(crate) fn astray(transcript: &Transcript) -> Option<usize> {
    let mut events = transcript.events().iter().enumerate();
    events.find_map(|(at, event)| match event {
        Event::Failed { class, .. } => (*class == ErrorClass::Flood).then_some(at),
        Event::Delivered(record) => {
            let plain = record.epoch == Epoch::Plain;
            match (record.meaning, transcript.bytes(record.content)) {
                (Meaning::CloseNotify, _) if plain => Some(at),
                // Whether it ends anything is asked; what follows if not is no other matter.
                (Meaning::Error(_), _) if plain => Some(at + 1),
                (Meaning::CloseNotify, [level, ..]) => (!matches!(level, 1 | 2)).then_some(at),
                (Meaning::UserCanceled, [level, ..]) => (*level != 1).then_some(at),
                _ => None,
            }
        }
        _ => None,
    })
}

/// Whether something happened that the two interfaces are known to show in different ways: a
/// failure, an application that does not read, a close before there is a connection, bytes behind
/// the end of the transport.
pub(crate) fn goes_its_own_way(transcript: &Transcript) -> bool {
    let (mut done, mut over) = (false, false);
    transcript.events().iter().any(|event| match event {
        Event::Opened(_) => {
            (done, over) = (false, false);
            false
        }
        Event::Transport { .. } => {
            over = true;
            false
        }
        Event::Delivered(_) => over,
        Event::HandshakeDone { .. } => {
            done = true;
            false
        }
        Event::Called(Call::CloseWrite) => !done,
        Event::Limited(io) => io.read.is_some(),
        Event::Failed { .. } => true,
        _ => false,
    })
}
