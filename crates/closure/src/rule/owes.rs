//! Rules about what the subject owes, and until when.

use protocol::ApiCall;

use super::{Depends, Excuse, Step};
use crate::event::{Call, Event, Kind, Kinds};
use crate::ledger::{Moment, Reading};
use crate::{Connection, Verdict};

/// An event of `on` obliges the subject to something before it is `due`.
///
/// The obligation is paid by an event ([`Owes::pays`]), or by the state of the connection when it
/// falls due ([`Owes::missing`]).
#[derive(Clone, Copy, Debug)]
pub struct Owes {
    /// The kinds of event without which the obligation does not arise.
    pub given: Kinds,
    /// The kinds of event that may cause the obligation.
    pub on: Kinds,
    /// Whether an event of these kinds does.
    pub binds: fn(&Step<'_, '_>) -> bool,
    /// The kinds of event that may pay it.
    pub by: Kinds,
    /// How an event of these kinds pays it. The first step is the one that caused the obligation.
    pub pays: fn(&Step<'_, '_>, &Step<'_, '_>) -> Payment,
    /// When it is due.
    pub due: Due,
    /// The code for an obligation that is unpaid when due. `None` if the state of the connection
    /// then shows that it is paid.
    pub missing: fn(&Step<'_, '_>, &Moment) -> Option<&'static str>,
    /// Whether the obligation remains on a connection that fails.
    pub after_failure: bool,
    /// Whether it remains once a key is used up.
    pub at_key_limit: bool,
}

/// The common fields of an obligation that any event of the kinds causes.
pub const OWES: Owes = Owes {
    given: Kinds::NONE,
    on: Kinds::NONE,
    binds: |_| true,
    by: Kinds::NONE,
    pays: |_, _| Payment::Paid,
    due: Due::Rest(Depends::Both),
    missing: |_, _| None,
    after_failure: false,
    at_key_limit: false,
};

/// When an obligation is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Once the subject has come to rest, and nothing that the obligation depends on holds it up.
    Rest(Depends),
    /// At the end of the transcript, if nothing holds it up then.
    End(Depends),
    /// At the first event that pays it or is the wrong reaction, and not before.
    Act(Depends),
}

/// The effect of an event on an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// It pays it.
    Paid,
    /// It is the wrong reaction: the code.
    Wrong(&'static str),
    /// It leaves the obligation without a verdict.
    Void(Excuse),
    /// None.
    Nothing,
}

impl Owes {
    /// The verdict on a connection.
    pub(super) fn check(&self, c: &Connection<'_>) -> Verdict {
        let mut verdict = Verdict::NotExercised;
        let mut from = 0;
        while let Some(cause) = c.steps_from(from, self.on).find(|step| (self.binds)(step)) {
            let (one, end) = self.settle(&cause);
            if let Verdict::Found { .. } = one {
                return one;
            }
            verdict = verdict.and(one);
            from = end.max(cause.at + 1);
        }
        verdict
    }

    fn depends(&self) -> Depends {
        match self.due {
            Due::Rest(depends) | Due::End(depends) | Due::Act(depends) => depends,
        }
    }

    fn excuse(&self, cause: &Step<'_, '_>, now: &Moment) -> Option<Excuse> {
        let unread = self.depends().on_input()
            && cause.delivered().is_some()
            && cause.now.reading == Reading::MayStop;
        let excuse = match self.depends().excuse(cause.c, now) {
            None if unread => Excuse::ReadClosed,
            excuse => excuse?,
        };
        let remains = match excuse {
            Excuse::Failed | Excuse::FailedWithoutCause => self.after_failure,
            Excuse::KeyUsedUp => self.at_key_limit,
            // A reset does not excuse from what it causes.
            Excuse::Reset => matches!(cause.event, Event::Transport { .. }),
            // The rule knows what the record of unknown meaning may mean.
            Excuse::Tainted => cause.kind() == Kind::PeerUnknown && !cause.now.is_tainted,
            _ => false,
        };
        (!remains).then_some(excuse)
    }

    /// The verdict on the obligation that `cause` creates, and the event at which it is decided.
    fn settle(&self, cause: &Step<'_, '_>) -> (Verdict, usize) {
        let c = cause.c;
        for step in c.steps_after(cause.at) {
            if let Some(verdict) = self.decide(cause, step.now) {
                return (verdict, step.at);
            }
            if self.by.has(step.kind()) {
                match (self.pays)(cause, &step) {
                    Payment::Paid => return (Verdict::Held, step.at),
                    Payment::Wrong(code) => return (Verdict::found(code, step.at), step.at),
                    Payment::Void(excuse) => return (Verdict::Excused(excuse), step.at),
                    Payment::Nothing => {}
                }
            }
            if is_refusal(cause, &step) {
                return (Verdict::Excused(Excuse::Refused), step.at);
            }
            if let Some(excuse) = self.depends().void(step.event) {
                return (Verdict::Excused(excuse), step.at);
            }
            if step.fails() && !self.after_failure {
                let next = c.moment(step.at + 1);
                let excuse = self.excuse(cause, next).unwrap_or(Excuse::Failed);
                return (Verdict::Excused(excuse), step.at);
            }
        }
        let last = c.last_moment();
        if let Some(verdict) = self.decide(cause, last) {
            return (verdict, c.end());
        }
        let excuse = match self.excuse(cause, last).or(self.depends().delay(last)) {
            Some(excuse) => excuse,
            // The reaction to what came before the record of unknown meaning may show after it.
            None if c.is_tainted() && !last.at_rest => Excuse::Tainted,
            None if matches!(self.due, Due::End(_)) => return (self.lack(cause, last), c.end()),
            None => Excuse::NotDue,
        };
        (Verdict::Excused(excuse), c.end())
    }

    /// The verdict if the obligation is due in this moment.
    fn decide(&self, cause: &Step<'_, '_>, now: &Moment) -> Option<Verdict> {
        let Due::Rest(depends) = self.due else {
            return None;
        };
        if !now.at_rest || depends.delay(now).is_some() {
            return None;
        }
        Some(match self.excuse(cause, now) {
            Some(excuse) => Verdict::Excused(excuse),
            None => self.lack(cause, now),
        })
    }

    fn lack(&self, cause: &Step<'_, '_>, now: &Moment) -> Verdict {
        match (self.missing)(cause, now) {
            Some(code) => Verdict::found(code, cause.at),
            None => Verdict::Held,
        }
    }
}

/// Whether the subject refuses the call that caused the obligation.
fn is_refusal(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> bool {
    let Event::Refused { call: refused, .. } = step.event else {
        return false;
    };
    match cause.call() {
        Some(Call::Write(_)) => *refused == ApiCall::Write,
        Some(Call::CloseWrite) => *refused == ApiCall::CloseWrite,
        Some(Call::UpdateKeys) => *refused == ApiCall::UpdateKeys,
        _ => false,
    }
}
