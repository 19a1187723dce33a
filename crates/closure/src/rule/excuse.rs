//! The excuses. The list is closed, and only the engine applies it.

use crate::event::{Call, Event, Transport};
use crate::ledger::{Application, Blame, Failure, Half, Moment, Reading, Way};
use crate::{Connection, Verdict};

/// The reason why a rule that was exercised has no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Excuse {
    /// The transport has no room for the output.
    Blocked,
    /// The application does not read.
    Paused,
    /// The subject need not read any more.
    ReadClosed,
    /// A record of unknown meaning has arrived.
    Tainted,
    /// The connection failed, or has to fail, for a cause.
    Failed,
    /// The connection failed without a cause, which `conn.no-failure-without-cause` reports.
    FailedWithoutCause,
    /// The subject crashed or hung.
    Stopped,
    /// The transport was reset.
    Reset,
    /// The application dropped the connection.
    Dropped,
    /// The subject refused the call. `conn.no-failure-without-cause` reports a refusal that the state
    /// does not allow.
    Refused,
    /// A key has protected as many records as its caller allows.
    KeyUsedUp,
    /// Something happened after which the RFCs let a subject do either: see
    /// [`Blame::Leave`].
    Leave,
    /// The events fit two states, and the subject is right in one of them.
    Unclear,
    /// The subject does not support a step of the script.
    Unsupported,
    /// The transcript ends before the obligation fell due.
    NotDue,
}

impl Excuse {
    /// All excuses.
    pub const ALL: [Self; 15] = [
        Self::Blocked,
        Self::Paused,
        Self::ReadClosed,
        Self::Tainted,
        Self::Failed,
        Self::FailedWithoutCause,
        Self::Stopped,
        Self::Reset,
        Self::Dropped,
        Self::Refused,
        Self::KeyUsedUp,
        Self::Leave,
        Self::Unclear,
        Self::Unsupported,
        Self::NotDue,
    ];

    /// The name in results and reports.
    pub fn name(self) -> &'static str {
        self.verdict().trim_start_matches("excused:")
    }

    /// The name of the verdict: `excused:NAME`.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Blocked => "excused:blocked",
            Self::Paused => "excused:paused",
            Self::ReadClosed => "excused:read-closed",
            Self::Tainted => "excused:tainted",
            Self::Failed => "excused:failed",
            Self::FailedWithoutCause => "excused:failed-without-cause",
            Self::Stopped => "excused:stopped",
            Self::Reset => "excused:reset",
            Self::Dropped => "excused:dropped",
            Self::Refused => "excused:refused",
            Self::KeyUsedUp => "excused:key-used-up",
            Self::Leave => "excused:leave",
            Self::Unclear => "excused:unclear",
            Self::Unsupported => "excused:unsupported",
            Self::NotDue => "excused:not-due",
        }
    }
}

/// The conditions of a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depends {
    /// Input is processed: the application reads, and the read side is open.
    Input,
    /// Output leaves: the transport has room.
    Output,
    /// Both.
    Both,
}

impl Depends {
    pub(super) fn on_input(self) -> bool {
        matches!(self, Self::Input | Self::Both)
    }

    fn on_output(self) -> bool {
        matches!(self, Self::Output | Self::Both)
    }

    /// The excuse that holds the reaction up at this moment.
    pub fn delay(self, now: &Moment) -> Option<Excuse> {
        if self.on_output() && matches!(now.output, Way::Blocked | Way::PartlyLeft) {
            return Some(Excuse::Blocked);
        }
        (self.on_input() && now.application == Application::Paused).then_some(Excuse::Paused)
    }

    /// [`Verdict::Held`] for a reaction that has not been seen by the end, unless something holds it
    /// up there.
    pub fn held(self, c: &Connection<'_>) -> Verdict {
        match self.delay(c.last_moment()) {
            _ if c.has_stopped() => Verdict::Excused(Excuse::Stopped),
            Some(excuse) => Verdict::Excused(excuse),
            None => Verdict::Held,
        }
    }

    /// The excuse that this event gives: the reaction is impossible, or no longer necessary.
    pub(super) fn void(self, event: &Event) -> Option<Excuse> {
        match event {
            Event::Crash | Event::Hang => Some(Excuse::Stopped),
            Event::Unsupported => Some(Excuse::Unsupported),
            Event::Called(Call::Drop) => Some(Excuse::Dropped),
            Event::Transport {
                how: Transport::Reset,
                ..
            } => Some(Excuse::Reset),
            _ => None,
        }
    }

    /// The same for the state before an event.
    pub fn excuse(self, c: &Connection<'_>, now: &Moment) -> Option<Excuse> {
        let over = failed(now).or(gone(now));
        if over.is_some() {
            return over;
        }
        if self.on_output() {
            if now.key_used_up {
                return Some(Excuse::KeyUsedUp);
            }
            if now.owed.unsent > 0 && now.may_discard(c.setup()) {
                return Some(Excuse::Leave);
            }
        }
        let stops = now.reading == Reading::MayStop && now.peer == Half::Open;
        (self.on_input() && stops).then_some(Excuse::ReadClosed)
    }
}

/// The excuse of a connection that has failed, or has to fail.
pub(crate) fn failed(now: &Moment) -> Option<Excuse> {
    match now.failure {
        Failure::Caused => Some(Excuse::Failed),
        Failure::Uncaused => Some(Excuse::FailedWithoutCause),
        Failure::None => (now.blame == Blame::Must).then_some(Excuse::Failed),
    }
}

/// The excuse of a connection that is lost without a failure, or of which nothing is known.
pub(crate) fn gone(now: &Moment) -> Option<Excuse> {
    if now.application == Application::Dropped {
        return Some(Excuse::Dropped);
    }
    if now.output == Way::Reset || now.input == Way::Reset {
        return Some(Excuse::Reset);
    }
    now.is_tainted.then_some(Excuse::Tainted)
}
