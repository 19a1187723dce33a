//! How the transport ended, and how the API reported that.

use protocol::{End, Version};
use wire::{Epoch, Meaning};

use super::super::close_rx::scene::{can_receive, is_conclusive};
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
    /// The number of bytes of an incomplete record.
    pub(super) partial: u32,
    /// The last record ended within a handshake message.
    pub(super) in_message: bool,
}

/// The end of the transport, if it came before any `close_notify` and nothing had gone wrong
/// before.
pub(super) fn cut(c: &Connection<'_>) -> Option<Cut> {
    let at = c.facts().transport_end?;
    let closed = c
        .before(at)
        .any(|(_, event)| event.kind() == Kind::PeerClose);
    if closed || !can_receive(c, at) {
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

/// The same, but only an orderly end (FIN) after the handshake.
pub(super) fn open_cut(c: &Connection<'_>) -> Option<Cut> {
    let done = c.facts().handshake_done?;
    cut(c).filter(|cut| done < cut.at && cut.how == Transport::Fin)
}

/// How the API reported the end of the transport at position `at`.
pub(super) fn told(c: &Connection<'_>, at: usize) -> Told {
    // eof.then-bytes covers bytes after the end.
    let until = c.delivered_after(at).next().map_or(usize::MAX, |(i, _)| i);
    for (i, event) in c.between(at, until) {
        match event {
            Event::End(End::Clean) => return Told::Clean(i),
            Event::End(_) | Event::Failed { .. } => return Told::Cut,
            _ => {}
        }
    }
    // The call that would report the end may not have been made yet.
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

/// Whether all data that arrived before the end is delivered; the code is `loses-data`.
pub(super) fn delivers_all(c: &Connection<'_>, cut: Cut) -> Verdict {
    let delivery = c.data_until(cut.at);
    match delivery.wrong {
        Some(at) => Verdict::found("loses-data", at),
        None if delivery.missing > 0 && is_conclusive(c) => Verdict::found("loses-data", cut.at),
        None if delivery.missing > 0 => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

/// Whether RFC 5246 7.2.1 lets the peer omit `close_notify`, because the subject has sent its own.
pub(super) fn may_do_without(c: &Connection<'_>, at: usize) -> bool {
    c.version() == Version::Tls12 && c.facts().own_close.is_some_and(|own| own < at)
}
