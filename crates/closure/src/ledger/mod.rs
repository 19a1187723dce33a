//! The ledger: the state of a connection at each event, in one place.
//!
//! A [`Transcript`](crate::Transcript) folds each event into the ledger of its connection as it is
//! pushed, and keeps the [`Moment`] in which it happened. Rules read moments; they need not search
//! the transcript for state, nor know what excuses a subject.
//!
//! The ledger does not depend on what an implementation reports about itself. A record counts as
//! looked at once the command has come to rest with input to read ([`Moment::at_rest`]). The report
//! that some implementations give at the end of each command
//! ([`Event::Wants`]) only shows one more such point.

mod arriving;
mod breach;
mod bytes;
mod fold;
mod handshake;
mod marks;
mod moment;
mod outward;

pub use breach::Breach;
pub use marks::Marks;
pub use moment::{
    Application, Asked, Blame, Early, Failure, Half, Moment, Owed, Reading, Skipped, Stage, Told,
    Way,
};

pub(crate) use arriving::is_plainly_fatal;
use breach::Breaches;
use bytes::{Incoming, Outgoing};
use outward::{Outward, Tempted};

use crate::event::{Event, Kind, Span};
use crate::messages::Joint;

/// The events before an event, on all connections.
#[derive(Clone, Copy)]
pub(crate) struct Past<'t> {
    pub(crate) events: &'t [Event],
    pub(crate) kinds: &'t [Kind],
    pub(crate) moments: &'t [Moment],
    pub(crate) bytes: &'t [u8],
}

impl<'t> Past<'t> {
    fn bytes(&self, span: Span) -> &'t [u8] {
        let range = span.start as usize..span.end as usize;
        self.bytes.get(range).unwrap_or_default()
    }
}

/// The state of one connection after its last event, and what was found wrong with its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledger {
    now: Moment,
    /// The limits of the application and the transport.
    io: protocol::Io,
    counts: Counts,
    incoming: Incoming,
    early: Incoming,
    outgoing: Outgoing,
    /// The subject's handshake message that has begun.
    joint: Joint,
    outward: Outward,
    breaches: Breaches,
    marks: Marks,
    /// A command has run under the current limits.
    has_run: bool,
    /// So many records without effect have arrived that a receiver may give up.
    is_flooded: bool,
    /// The last event ended a command for certain.
    has_ended: bool,
    /// A cause to fail has arrived that a subject may have tolerated once it has come to rest.
    is_passing: bool,
    /// The peer's error alert has arrived before any other cause to fail.
    error_first: bool,
    /// The peer's close_notify has arrived before any cause to fail.
    closed_soundly: bool,
    /// The connection plainly has to fail, for this record.
    must_fail: Option<usize>,
    /// Something was owed at a point of rest, and after the handshake at any point.
    owed_at_rest: bool,
    has_owed: bool,
    /// The first record under keys that were not announced.
    unannounced: Option<usize>,
    /// Who had asked for fresh keys before the application did.
    asked_before: Asked,
    /// The highest explicit nonce, and the first record whose nonce is not above all before.
    nonce: Option<u64>,
    unordered: Option<usize>,
    /// Where the connection failed without a cause.
    uncaused: Option<usize>,
    /// No record has arrived since then.
    is_latest: bool,
}

/// Counts of records after which a receiver may give up, or a key is used up.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    strict: u16,
    lenient: u16,
    ccs: u16,
    /// The number of bytes received of an incomplete message.
    unfinished: u32,
    /// The number of records that the current key has protected.
    protected: u64,
    /// The bytes of 0-RTT data that have arrived, and those that protection added.
    early: u64,
    overhead: u64,
}

impl Ledger {
    /// The turning points so far.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether so many records without effect have arrived that a receiver may give up.
    pub fn is_flooded(&self) -> bool {
        self.is_flooded
    }

    /// The state after the last event.
    pub fn now(&self) -> &Moment {
        &self.now
    }

    /// Where the connection failed without a cause. `None` if the next record, of which a part may
    /// have arrived before the failure, was the cause.
    pub fn uncaused_failure(&self) -> Option<usize> {
        self.uncaused
    }

    /// Where this first happened.
    pub fn first(&self, breach: Breach) -> Option<usize> {
        self.breaches.first(breach)
    }

    /// Where the application made its last call, if that call has no answer.
    pub fn unanswered_call(&self) -> Option<usize> {
        self.outward.unanswered()
    }

    /// The record for which the connection plainly has to fail, if it goes on at the end.
    pub fn goes_on(&self) -> Option<usize> {
        let sound = self.now.failure == Failure::None && !self.now.is_tainted;
        self.must_fail.filter(|_| sound && self.now.is_settled())
    }

    /// The states in which a rule can be broken, and that were reached.
    pub(crate) fn tempted(&self) -> &Tempted {
        &self.outward.tempted
    }

    /// Whether anything was owed at a point of rest.
    pub fn has_owed_at_rest(&self) -> bool {
        self.owed_at_rest
    }

    /// Whether output was owed at any time after the handshake.
    pub fn has_owed(&self) -> bool {
        self.has_owed
    }

    /// The first record after the handshake that is protected with application keys which no
    /// `KeyUpdate` has announced, or with keys of before the last one.
    pub fn unannounced_keys(&self) -> Option<usize> {
        self.unannounced
    }

    /// The first record whose explicit nonce is not above all earlier ones.
    pub fn unordered_nonce(&self) -> Option<usize> {
        self.unordered
    }

    /// Where the application received bytes that differ from those that the peer sent.
    pub fn told_wrong(&self) -> Option<usize> {
        self.incoming.wrong
    }

    /// Where the application received more bytes than the peer had sent.
    pub fn told_beyond(&self) -> Option<usize> {
        self.incoming.beyond
    }

    /// Where the application received 0-RTT data that differs from what the peer had sent.
    pub fn early_wrong(&self) -> Option<usize> {
        self.early.wrong.or(self.early.beyond)
    }

    /// Where the subject sent bytes that differ from those that it had accepted.
    pub fn sent_wrong(&self) -> Option<usize> {
        self.outgoing.wrong
    }

    /// Where the subject sent more bytes than it had accepted.
    pub fn sent_beyond(&self) -> Option<usize> {
        self.outgoing.beyond
    }
}
