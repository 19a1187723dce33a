//! Records that the subject has to refuse.

use protocol::{End, ErrorClass, Version};
use wire::{Alert, AlertDescription, Meaning, Reason};

use super::{Depends, Excuse, Step};
use crate::event::{Call, Delivered, Event, Kind, Kinds, Transport};
use crate::ledger::{Application, Blame, Failure, Half, Reading, Skipped};
use crate::{Connection, Verdict};

/// A record that must end the connection, and the alerts that may say so.
///
/// The codes are `still-alive`, `wrong-alert`, `no-alert` (TLS 1.3, where the alert is a SHOULD) and
/// `no-due-alert` (TLS 1.2, where it is a MUST), and `reports-eof` for a record that must not be
/// reported as a clean end.
#[derive(Clone, Copy, Debug)]
pub struct Refuses {
    /// The alerts that are right for this record. `None` if the rule is not about it; any alert is
    /// right if there are none.
    pub right: fn(Reason, &Delivered, &Step<'_, '_>) -> Option<&'static [AlertDescription]>,
    /// The record resembles a `close_notify`, so that it must not be reported as a clean end.
    pub resembles_close: bool,
    /// It binds a subject that has closed its write half too. The RFCs leave open whether an alert
    /// may follow the local `close_notify`, and in TLS 1.2 whether a closer reads on.
    pub after_close: bool,
}

/// How a subject reacted to something that ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It sent this alert. If not `sure`, the alert may be about a later record.
    Alert {
        /// The description.
        description: AlertDescription,
        /// The position of the alert.
        at: usize,
        /// No other record can be meant.
        sure: bool,
    },
    /// It failed without an alert.
    Silent(usize),
    /// It went on.
    Alive,
}

impl Refuses {
    /// The verdict on a connection.
    pub(super) fn check(&self, c: &Connection<'_>) -> Verdict {
        let invalid = Kinds::of(&[Kind::PeerInvalid]);
        // Nothing that follows the first is processed.
        let first = c.steps_of(invalid).next();
        let Some((step, record)) = first.and_then(|step| Some((step, step.delivered()?))) else {
            return Verdict::NotExercised;
        };
        let right = match record.meaning {
            Meaning::Invalid(reason) => (self.right)(reason, record, &step),
            _ => None,
        };
        right.map_or(Verdict::NotExercised, |right| self.judge(&step, right))
    }

    fn judge(&self, step: &Step<'_, '_>, right: &[AlertDescription]) -> Verdict {
        let (c, at) = (step.c, step.at);
        let closed = step.now.own == Half::Closed;
        let over = matches!(step.now.peer, Half::Closed | Half::Ended);
        if over || closed && !self.after_close {
            return Verdict::NotExercised;
        }
        if let Some(excuse) = is_excused(step, closed) {
            return Verdict::Excused(excuse);
        }
        if self.resembles_close
            && let Some(end) = taken_for_close(c, at)
        {
            return Verdict::found("reports-eof", end);
        }
        // Giving up would conform before this record too, and then the alert need not be about it.
        let leave = step.now.blame == Blame::Leave;
        match reaction(c, at) {
            Err(excuse) => Verdict::Excused(excuse),
            Ok(Reaction::Alive) if step.now.reading == Reading::MayStop => {
                Verdict::Excused(Excuse::ReadClosed)
            }
            Ok(Reaction::Alive) => Verdict::found("still-alive", at),
            Ok(_) if closed => Verdict::Held,
            Ok(Reaction::Alert {
                description,
                at,
                sure,
            }) => match (right.is_empty() || right.contains(&description), sure) {
                (true, _) => Verdict::Held,
                _ if leave => Verdict::Excused(Excuse::Leave),
                (false, true) => Verdict::found("wrong-alert", at),
                (false, false) => Verdict::Excused(Excuse::Unclear),
            },
            Ok(Reaction::Silent(_)) if leave => Verdict::Excused(Excuse::Leave),
            Ok(Reaction::Silent(at)) => match c.version() {
                Version::Tls13 => Verdict::found("no-alert", at),
                Version::Tls12 => Verdict::found("no-due-alert", at),
            },
        }
    }
}

/// The excuse for not processing the record at all.
fn is_excused(step: &Step<'_, '_>, closed: bool) -> Option<Excuse> {
    let now = step.now;
    Some(match now.failure {
        Failure::Caused => Excuse::Failed,
        // It may have failed because of the part of this record that had arrived.
        Failure::Uncaused if step.setup().pieces => Excuse::Unclear,
        Failure::Uncaused => Excuse::FailedWithoutCause,
        Failure::None => match now.blame {
            Blame::Must => Excuse::Failed,
            _ if now.application == Application::Dropped => Excuse::Dropped,
            _ if now.reading != Reading::Open && !closed => Excuse::ReadClosed,
            _ if now.skipped > Skipped::Within => Excuse::Leave,
            Blame::None | Blame::Leave => return None,
        },
    })
}

/// How the subject reacted to the record at position `at`, which ends the connection.
pub fn reaction(c: &Connection<'_>, at: usize) -> Result<Reaction, Excuse> {
    let mut silent = None;
    // The reaction may be about another record.
    let mut other = false;
    for step in c.steps_after(at) {
        let now = step.now;
        if silent.is_none() && now.at_rest && Depends::Both.delay(now).is_none() {
            return match is_awaited(c, at) {
                true => Err(Excuse::NotDue),
                false => Ok(Reaction::Alive),
            };
        }
        if let Some(description) = step.error_alert() {
            let sure = !other;
            let at = step.at;
            return Ok(Reaction::Alert {
                description,
                at,
                sure,
            });
        }
        match step.event {
            // After a failure, an alert may be about any record.
            Event::Delivered(record) if silent.is_some() || may_be_meant(record, &step) => {
                other = true;
            }
            Event::Failed { class, .. } if *class != ErrorClass::AlreadyFailed => {
                silent.get_or_insert((step.at, other));
            }
            Event::Crash | Event::Hang => return Err(Excuse::Stopped),
            Event::Unsupported => return Err(Excuse::Unsupported),
            Event::Called(Call::Drop) => return Err(Excuse::Dropped),
            Event::Transport {
                how: Transport::Reset,
                ..
            } if silent.is_none() => {
                return Err(Excuse::Reset);
            }
            _ => {}
        }
    }
    let last = c.last_moment();
    match silent {
        Some((_, true)) => Err(Excuse::Unclear),
        Some((at, false)) => match Depends::Output.delay(last) {
            Some(excuse) => Err(excuse),
            None if last.output == crate::ledger::Way::Reset => Err(Excuse::Reset),
            None => Ok(Reaction::Silent(at)),
        },
        None => match Depends::Both.delay(last) {
            Some(excuse) => Err(excuse),
            None if is_awaited(c, at) => Err(Excuse::NotDue),
            None if last.at_rest => Ok(Reaction::Alive),
            None if c.is_tainted() => Err(Excuse::Tainted),
            None => Err(Excuse::NotDue),
        },
    }
}

/// Whether a subject that ignored an earlier record may fail because of this one.
fn may_be_meant(record: &Delivered, step: &Step<'_, '_>) -> bool {
    match record.meaning {
        Meaning::Invalid(_) | Meaning::Error(_) | Meaning::Unknown | Meaning::Refusable(_) => true,
        // During the handshake, a close ends the connection too, and one at an undefined level may
        // be refused.
        Meaning::CloseNotify => {
            let defined = |level: &u8| matches!(*level, Alert::WARNING | Alert::FATAL);
            let level = step.c.bytes(record.content).first();
            step.now.stage < crate::ledger::Stage::Done || !level.is_some_and(defined)
        }
        _ => false,
    }
}

fn is_awaited(c: &Connection<'_>, at: usize) -> bool {
    c.record(at).is_some_and(Delivered::is_awaited)
}

/// Where the API reported a clean end that only the record at position `at` can have caused.
pub(crate) fn taken_for_close(c: &Connection<'_>, at: usize) -> Option<usize> {
    for step in c.steps_after(at) {
        match step.event {
            Event::End(End::Clean) => return Some(step.at),
            // A report after a failure that is not latched has another cause.
            Event::Failed { .. } | Event::Transport { .. } => return None,
            Event::Delivered(record)
                if record.meaning == Meaning::CloseNotify || may_be_meant(record, &step) =>
            {
                return None;
            }
            _ => {}
        }
    }
    None
}
