//! The turning points of a connection.

use super::{Blame, Failure, Half, Moment, Stage, Way};
use crate::event::{Kind, Kinds};

/// The positions at which the state of a connection changed for good.
///
/// Positions are indices into [`crate::Transcript::events`]. Nothing is recorded from the first
/// record of unknown meaning on, except in [`Marks::all_kinds`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    /// The kinds of event that occur before the taint.
    pub kinds: Kinds,
    /// The kinds of event that occur anywhere.
    pub all_kinds: Kinds,
    /// The subject reported that the handshake is done.
    pub handshake_done: Option<usize>,
    /// The subject's `close_notify` left.
    pub own_close: Option<usize>,
    /// The peer's `close_notify` arrived.
    pub peer_close: Option<usize>,
    /// A record arrived after which the connection has to fail.
    pub must_fail: Option<usize>,
    /// The connection failed.
    pub failed: Option<usize>,
    /// The transport ended.
    pub transport_end: Option<usize>,
    /// The transport was reset.
    pub reset: Option<usize>,
    /// The subject crashed or hung.
    pub stopped: Option<usize>,
    /// The first record of unknown meaning.
    pub taint: Option<usize>,
    /// The first record of the segment in which [`Marks::taint`] arrived. The subject's reaction to
    /// any record of that segment shows only after the taint.
    pub untainted: Option<usize>,
    /// The first of the records that have arrived since the last event of another kind.
    piece: Option<usize>,
}

impl Marks {
    /// Notes what event `at` has changed.
    pub(super) fn note(
        &mut self,
        at: usize,
        kind: Kind,
        arrives: bool,
        from: &Moment,
        to: &Moment,
    ) {
        self.all_kinds.insert(kind);
        if self.taint.is_some() {
            return;
        }
        match arrives {
            true => _ = self.piece.get_or_insert(at),
            false => self.piece = None,
        }
        if kind == Kind::PeerUnknown && self.peer_close.is_none() && self.must_fail.is_none() {
            self.taint = Some(at);
            self.untainted = self.piece;
            return;
        }
        self.kinds.insert(kind);
        let turns = |slot: &mut Option<usize>, before: bool, after: bool| {
            if after && !before {
                slot.get_or_insert(at);
            }
        };
        let is_done = |moment: &Moment| moment.stage == Stage::Done;
        let has_failed = |moment: &Moment| moment.failure != Failure::None;
        let has_ended = |moment: &Moment| moment.input != Way::Free;
        let must = |moment: &Moment| moment.blame == Blame::Must;
        turns(&mut self.handshake_done, is_done(from), is_done(to));
        turns(
            &mut self.own_close,
            from.own == Half::Closed,
            to.own == Half::Closed,
        );
        turns(
            &mut self.peer_close,
            from.peer == Half::Closed,
            to.peer == Half::Closed,
        );
        turns(&mut self.must_fail, must(from), must(to));
        turns(&mut self.failed, has_failed(from), has_failed(to));
        turns(&mut self.transport_end, has_ended(from), has_ended(to));
        let is_reset = |moment: &Moment| moment.input == Way::Reset;
        turns(&mut self.reset, is_reset(from), is_reset(to));
        turns(
            &mut self.stopped,
            false,
            matches!(kind, Kind::Crash | Kind::Hang),
        );
    }
}
