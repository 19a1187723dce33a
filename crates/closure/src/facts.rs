use protocol::Version;
use wire::AlertDescription;

use crate::event::{Event, Kind, Kinds, Setup};

/// The turning points of a connection, recorded as events arrive so that rules need not search for
/// them.
///
/// Positions are indices into [`crate::Transcript::events`]. Nothing is recorded from the first
/// record of unknown meaning on ([`Facts::taint`]), except in [`Facts::all_kinds`].
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The kinds of event that occur before the taint.
    pub kinds: Kinds,
    /// The kinds of event that occur anywhere.
    pub all_kinds: Kinds,
    /// The subject reported that the handshake is done.
    pub handshake_done: Option<usize>,
    /// The subject sent its first `close_notify`.
    pub own_close: Option<usize>,
    /// The subject sent its first error alert.
    pub own_error: Option<usize>,
    /// The peer's first `close_notify` arrived, on a connection that had not failed before.
    pub peer_close: Option<usize>,
    /// The first record arrived that ends the connection in failure: one that must be refused or an
    /// error alert, before any `close_notify` from the peer.
    pub fatal: Option<usize>,
    /// The API first reported how the peer's half ended.
    pub ended: Option<usize>,
    /// The API first reported a failure.
    pub failed: Option<usize>,
    /// The transport ended.
    pub transport_end: Option<usize>,
    /// The subject crashed or hung.
    pub stopped: Option<usize>,
    /// The first record of unknown meaning.
    pub taint: Option<usize>,
    /// The first record of the segment in which [`Facts::taint`] arrived. The subject's reaction to
    /// any record of that segment shows only after the taint.
    pub untainted: Option<usize>,
    /// The first of the records that have arrived since the last event of another kind.
    piece: Option<usize>,
}

impl Facts {
    pub(crate) fn note(&mut self, at: usize, event: &Event, kind: Kind, setup: &Setup) {
        self.all_kinds.insert(kind);
        if self.taint.is_some() {
            return;
        }
        match event {
            Event::Delivered(_) => _ = self.piece.get_or_insert(at),
            _ => self.piece = None,
        }
        if kind == Kind::PeerUnknown && self.peer_close.is_none() && self.fatal.is_none() {
            self.taint = Some(at);
            self.untainted = self.piece;
            return;
        }
        self.kinds.insert(kind);
        let mark = |slot: &mut Option<usize>| _ = slot.get_or_insert(at);
        match kind {
            Kind::HandshakeDone => mark(&mut self.handshake_done),
            Kind::OwnClose => mark(&mut self.own_close),
            Kind::OwnAlert if is_error(event, setup.version) => mark(&mut self.own_error),
            Kind::PeerClose if self.fatal.is_none() => mark(&mut self.peer_close),
            Kind::PeerInvalid | Kind::PeerError if self.peer_close.is_none() => {
                mark(&mut self.fatal);
            }
            Kind::End => mark(&mut self.ended),
            Kind::Failed => mark(&mut self.failed),
            Kind::TransportEnd => mark(&mut self.transport_end),
            Kind::Crash | Kind::Hang => mark(&mut self.stopped),
            _ => {}
        }
    }
}

/// Whether an alert from the subject ends the connection (RFC 8446 6.2). In TLS 1.2 a warning does
/// not (RFC 5246 7.2.2).
fn is_error(event: &Event, version: Version) -> bool {
    let Event::Sent(record) = event else {
        return false;
    };
    match (record.alert(), version) {
        (Some((_, AlertDescription(0 | 90))), _) | (Some((1, _)), Version::Tls12) | (None, _) => {
            false
        }
        (Some(_), _) => true,
    }
}
