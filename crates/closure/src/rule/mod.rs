//! The shapes of rules, and the engine that runs them.
//!
//! A rule states what must happen, or must not, and in which state of the connection. It does not
//! look for the state: the engine hands it each event with the [`Moment`] in which it happened. Nor
//! does it decide what excuses a subject: it names what it depends on, and the engine applies the
//! [`Excuse`]s.

mod excuse;
mod never;
mod owes;
mod refuses;
#[cfg(test)]
mod tests;

pub use excuse::{Depends, Excuse};
pub(crate) use excuse::{failed, gone};
pub use never::{NEVER, Never};
pub use owes::{Due, OWES, Owes, Payment};
pub use refuses::{Reaction, Refuses, reaction};

use protocol::{Role, Version};
use wire::{AlertDescription, Meaning};

use crate::event::{Call, Delivered, Event, Kind, Kinds, Sent, Setup};
use crate::ledger::{Failure, Moment};
use crate::{Along, Connection, GroupVerdict, Member, Transcript, Verdict};

/// The check of whether a requirement holds.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// While the connection is in a state, something must not happen.
    Never(Never),
    /// Something obliges the subject to react in time.
    Owes(Owes),
    /// A record of the peer's obliges the subject to fail, and to say why.
    Refuses(Refuses),
    /// Several demands of one sentence. The requirement holds if none of them finds anything.
    All(&'static [Rule]),
    /// A measured value, or a choice that the specifications leave open.
    Notes {
        /// The kinds of event without which there is nothing to note.
        trigger: Kinds,
        /// The measure.
        check: fn(&Connection<'_>) -> Verdict,
    },
    /// A report of the implementation about itself, compared with what it did.
    Says {
        /// The kinds of event without which there is no report.
        trigger: Kinds,
        /// The comparison.
        check: fn(&Connection<'_>) -> Verdict,
    },
    /// Checks each connection on which all of `trigger` occurred.
    One {
        /// The kinds of event without which the rule cannot be exercised.
        trigger: Kinds,
        /// The rule.
        check: fn(&Connection<'_>) -> Verdict,
    },
    /// Checks the whole transcript, for requirements that relate several connections.
    Across {
        /// The kinds of event without which the rule cannot be exercised.
        trigger: Kinds,
        /// The rule.
        check: fn(&Transcript) -> Verdict,
    },
    /// Checks every connection, whatever happened on it. It states an effect, and the other rules
    /// say which cause is at fault: a finding counts only on a connection on which no other rule
    /// finds a deviation or a variation.
    Universal {
        /// The rule.
        check: fn(&Connection<'_>) -> Verdict,
    },
    /// Compares pairs of instances of one case, role, version and profile.
    Group {
        /// The axis along which the two differ.
        along: Along,
        /// The rule. The first argument is the baseline.
        check: fn(&Member<'_>, &Member<'_>) -> GroupVerdict,
    },
    /// Nothing can be observed, for this reason.
    Untestable(&'static str),
}

impl Rule {
    /// The kinds of event that must all have occurred on a connection for the rule to be exercised,
    /// and those of which one must have, if there are any.
    pub(crate) fn occasion(&self) -> (Kinds, Kinds) {
        match self {
            Self::Never(rule) => (rule.given, rule.tempted_by.union(rule.forbids)),
            Self::Owes(rule) => (rule.given, rule.on),
            Self::Refuses(_) => (Kinds::of(&[Kind::PeerInvalid]), Kinds::NONE),
            Self::All(rules) => {
                let mut occasions = rules.iter().map(Self::occasion);
                let first = occasions.next().unwrap_or((Kinds::NONE, Kinds::NONE));
                occasions.fold(first, |(all, any), (other, others)| {
                    let any = match any == Kinds::NONE || others == Kinds::NONE {
                        true => Kinds::NONE,
                        false => any.union(others),
                    };
                    (all.intersection(other), any)
                })
            }
            Self::Notes { trigger, .. }
            | Self::Says { trigger, .. }
            | Self::One { trigger, .. }
            | Self::Across { trigger, .. } => (*trigger, Kinds::NONE),
            Self::Universal { .. } | Self::Group { .. } | Self::Untestable(_) => {
                (Kinds::NONE, Kinds::NONE)
            }
        }
    }

    /// The verdict on one connection. `None` if the rule does not check single connections.
    pub(crate) fn check(&self, c: &Connection<'_>) -> Option<Verdict> {
        match self {
            Self::Never(rule) => Some(rule.check(c)),
            Self::Owes(rule) => Some(rule.check(c)),
            Self::Refuses(rule) => Some(rule.check(c)),
            Self::All(rules) => {
                let verdicts = rules.iter().filter_map(|rule| rule.check(c));
                Some(verdicts.fold(Verdict::NotExercised, Verdict::and))
            }
            Self::Notes { check, .. }
            | Self::Says { check, .. }
            | Self::One { check, .. }
            | Self::Universal { check } => Some(check(c)),
            Self::Across { .. } | Self::Group { .. } | Self::Untestable(_) => None,
        }
    }
}

/// One event of a connection, and the state in which it happens.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a, 't> {
    /// The connection, up to where the rule may look.
    pub c: &'a Connection<'t>,
    /// The position of the event.
    pub at: usize,
    /// The event.
    pub event: &'t Event,
    /// The state before the event.
    pub now: &'t Moment,
}

impl<'t> Step<'_, 't> {
    /// How the connection was set up.
    pub fn setup(&self) -> &'t Setup {
        self.c.setup()
    }

    /// The version that both sides are set to negotiate.
    pub fn version(&self) -> Version {
        self.c.version()
    }

    /// The subject's role.
    pub fn role(&self) -> Role {
        self.c.role()
    }

    /// The peer's record that arrives, if this is one.
    pub fn delivered(&self) -> Option<&'t Delivered> {
        match self.event {
            Event::Delivered(record) => Some(record),
            _ => None,
        }
    }

    /// The meaning of the peer's record that arrives, if this is one.
    pub fn meaning(&self) -> Option<Meaning> {
        self.delivered().map(|record| record.meaning)
    }

    /// The record that the subject sends, if this is one.
    pub fn sent(&self) -> Option<&'t Sent> {
        match self.event {
            Event::Sent(record) => Some(record),
            _ => None,
        }
    }

    /// The application's call, if this is one.
    pub fn call(&self) -> Option<&'t Call> {
        match self.event {
            Event::Called(call) => Some(call),
            _ => None,
        }
    }

    /// The error alert that the subject sends, if this is one: in TLS 1.3 any alert that is not a
    /// closure alert (RFC 8446 6.2), in TLS 1.2 none at level warning (RFC 5246 7.2.2).
    pub fn error_alert(&self) -> Option<AlertDescription> {
        let (level, description) = self.sent()?.alert()?;
        let warns = self.version() == Version::Tls12 && level == wire::Alert::WARNING;
        (!description.is_closure() && !warns).then_some(description)
    }

    /// Whether the connection fails with this event, by a report of the API or an error alert.
    pub fn fails(&self) -> bool {
        let shows = matches!(self.event, Event::Failed { .. }) || self.error_alert().is_some();
        shows && self.now.failure == Failure::None
    }

    /// The kind of the event.
    pub fn kind(&self) -> Kind {
        self.event.kind()
    }
}
