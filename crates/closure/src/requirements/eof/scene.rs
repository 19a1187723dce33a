//! How the transport ended, and what the application was told of it.

use protocol::{End, Version};
use wire::{Epoch, Meaning};

use super::super::close_rx::scene::{hears, is_conclusive};
use crate::{Axis, Code, Connection, Event, Kind, Kinds, Transport, Verdict, deviates};

pub(super) const FIN: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::TransportEnd]);

pub(super) const TRUNCATION: &[Code] = &[
    deviates("clean-end", Axis::EndSignal),
    deviates("no-end", Axis::EndSignal),
];

/// How the transport ended.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) at: usize,
    pub(super) how: Transport,
    /// Bytes of an incomplete record.
    pub(super) partial: u32,
    /// The last record ended within a handshake message.
    pub(super) in_message: bool,
}

/// The end of the transport, if it came before any `close_notify` and was the first thing to go
/// wrong.
pub(super) fn cut(c: &Connection<'_>) -> Option<Cut> {
    let at = c.facts().transport_end?;
    let closed = c
        .before(at)
        .any(|(_, event)| event.kind() == Kind::PeerClose);
    if closed || !hears(c, at) {
        return None;
    }
    let Some((_, Event::Transport { how, partial })) = c.between(at, at + 1).next() else {
        return None;
    };
    let last = c.last_delivered(at);
    Some(Cut {
        at,
        how: *how,
        partial: *partial,
        in_message: last.is_some_and(|record| {
            record.meaning == Meaning::HandshakePart
                && matches!(record.epoch, Epoch::Application(_))
        }),
    })
}

/// The same on an open connection, and in order.
pub(super) fn open_cut(c: &Connection<'_>) -> Option<Cut> {
    let done = c.facts().handshake_done?;
    cut(c).filter(|cut| done < cut.at && cut.how == Transport::Fin)
}

/// How the application was told that the transport had ended.
pub(super) fn told(c: &Connection<'_>, at: usize) -> Told {
    // Bytes behind the end are eof.then-bytes' business.
    let until = c.delivered_after(at).next().map_or(usize::MAX, |(i, _)| i);
    for (i, event) in c.between(at, until) {
        match event {
            Event::End(End::Clean) => return Told::Clean(i),
            Event::End(_) | Event::Failed { .. } => return Told::Cut,
            _ => {}
        }
    }
    // A call that was to say so may be yet to come.
    match until == usize::MAX && is_conclusive(c) {
        true => Told::Nothing,
        false => Told::NotYet,
    }
}

pub(super) enum Told {
    Clean(usize),
    Cut,
    Nothing,
    NotYet,
}

/// The verdict in the codes of [`TRUNCATION`].
pub(super) fn is_truncation(c: &Connection<'_>, cut: Cut) -> Verdict {
    match told(c, cut.at) {
        Told::Clean(at) => Verdict::found("clean-end", at),
        Told::Nothing => Verdict::found("no-end", cut.at),
        Told::Cut => Verdict::Held,
        Told::NotYet => Verdict::NotExercised,
    }
}

/// The verdict in the code `loses-data`, where all that came before the end must be delivered.
pub(super) fn delivers_all(c: &Connection<'_>, cut: Cut) -> Verdict {
    let delivery = c.data_until(cut.at);
    match delivery.wrong {
        Some(at) => Verdict::found("loses-data", at),
        None if delivery.missing > 0 && is_conclusive(c) => Verdict::found("loses-data", cut.at),
        None if delivery.missing > 0 => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

/// Whether RFC 5246 7.2.1 lets the peer do without `close_notify`: the own one has gone out.
pub(super) fn may_do_without(c: &Connection<'_>, at: usize) -> bool {
    c.version() == Version::Tls12 && c.facts().own_close.is_some_and(|own| own < at)
}
