//! Records that must end the connection. Most requirements about errors share this shape.
//!
//! Such a requirement names the records it is about and the alerts that are right:
//!
//! ```ignore
//! Requirement {
//!     id: "frame.alert-empty",
//!     // ...
//!     rule: on_invalid(|c| ends(c, EMPTY_ALERT, &[A::UNEXPECTED_MESSAGE])),
//!     ..REFUSED_13
//! }
//! ```
//!
//! The reaction to an error always has one of four grades: the right alert; no alert, but the
//! connection is dead; the wrong alert; the connection goes on.

use protocol::Version;
use wire::{AlertDescription, Epoch, Reason};

use super::early::scene::may_skip_no_more;
use crate::connection::Reaction;
use crate::ledger::Half;
use crate::rule::{self, Depends, Refuses, Step, reaction};
use crate::{
    Axis, Code, Connection, Delivered, EITHER, Grade, Kind, Kinds, Level, Requirement, Rule, Scope,
    Verdict, deviates, varies,
};

const STILL_ALIVE: Code = deviates("still-alive", Axis::OwnHalf);
const REPORTS_EOF: Code = deviates("reports-eof", Axis::EndSignal);
const WRONG_ALERT: Code = deviates("wrong-alert", Axis::Alert);
/// In TLS 1.3 the alert is a SHOULD (RFC 8446 6.2).
const NO_ALERT: Code = varies("no-alert", Axis::Alert);
/// In TLS 1.2 the alert is a MUST (RFC 5246 7.2.2).
const NO_DUE_ALERT: Code = deviates("no-due-alert", Axis::Alert);
/// The RFC does not name the alert, so a different one is only a variation.
const OTHER_ALERT: Code = Code {
    grade: Grade::Variation,
    ..WRONG_ALERT
};

/// A MUST in both versions, with a named alert.
pub(super) const REFUSED: Requirement = Requirement {
    level: Level::Must,
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_ALERT, NO_DUE_ALERT],
    ..EITHER
};

/// The same for TLS 1.3 only.
pub(super) const REFUSED_13: Requirement = Requirement {
    versions: &[Version::Tls13],
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_ALERT],
    ..REFUSED
};

/// The same for TLS 1.2 only.
pub(super) const REFUSED_12: Requirement = Requirement {
    versions: &[Version::Tls12],
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_DUE_ALERT],
    ..REFUSED
};

/// The codes for TLS 1.3 where the RFC does not name the alert.
pub(super) const UNNAMED_13: &[Code] = &[STILL_ALIVE, OTHER_ALERT, NO_ALERT];

/// The codes for TLS 1.3 where the RFC makes the alert a MUST.
pub(super) const UNANSWERED: &[Code] = &[
    STILL_ALIVE,
    WRONG_ALERT,
    Code {
        grade: Grade::Deviates,
        ..NO_ALERT
    },
];

/// The codes of [`ends_uncleanly`] for both versions, with a named alert.
pub(super) const NO_CLEAN_END: &[Code] = &[
    REPORTS_EOF,
    STILL_ALIVE,
    WRONG_ALERT,
    NO_ALERT,
    NO_DUE_ALERT,
];

/// The same for TLS 1.3 only.
pub(super) const NO_CLEAN_END_13: &[Code] = &[REPORTS_EOF, STILL_ALIVE, WRONG_ALERT, NO_ALERT];

/// The same for TLS 1.3 only, where the RFC does not name the alert.
pub(super) const NO_CLEAN_END_UNNAMED_13: &[Code] =
    &[REPORTS_EOF, STILL_ALIVE, OTHER_ALERT, NO_ALERT];

/// The same for TLS 1.2 only.
pub(super) const NO_CLEAN_END_12: &[Code] = &[REPORTS_EOF, STILL_ALIVE, WRONG_ALERT, NO_DUE_ALERT];

/// The common parts of a requirement about records that may be refused.
pub(super) const REFUSABLE_13: Requirement = Requirement {
    level: Level::Practice,
    versions: &[Version::Tls13],
    scope: Scope::Safety,
    ..EITHER
};

/// A rule about records that may be refused.
pub(super) const fn on_refusable(check: fn(&Connection<'_>) -> Verdict) -> Rule {
    Rule::Notes {
        trigger: Kinds::of(&[Kind::PeerUnknown]),
        check,
    }
}

/// A rule about records that must be refused.
pub(super) const fn on_invalid(check: fn(&Connection<'_>) -> Verdict) -> Rule {
    Rule::One {
        trigger: Kinds::of(&[Kind::PeerInvalid]),
        check,
    }
}

/// A rule about records that must be refused, with the alerts that are right for each.
pub(super) const fn refuses(
    right: fn(Reason, &Delivered, &Step<'_, '_>) -> Option<&'static [AlertDescription]>,
) -> Rule {
    Rule::Refuses(Refuses {
        right,
        resembles_close: false,
        after_close: false,
    })
}

/// The same for records that resemble a `close_notify`, and must not be reported as a clean end.
pub(super) const fn refuses_as_close(
    right: fn(Reason, &Delivered, &Step<'_, '_>) -> Option<&'static [AlertDescription]>,
) -> Rule {
    Rule::Refuses(Refuses {
        right,
        resembles_close: true,
        after_close: false,
    })
}

/// Selects the records that a requirement is about.
pub(super) type Which = fn(Reason, &Delivered) -> bool;

/// The verdict on the record that must end the connection, if `which` selects it. An alert must be
/// one of `right`.
pub(super) fn ends(c: &Connection<'_>, which: Which, right: &[AlertDescription]) -> Verdict {
    match the_invalid(c, which) {
        Some(at) => ends_at(c, at, right),
        None => Verdict::NotExercised,
    }
}

/// As [`ends`], for a record that looks like a `close_notify`: it must not be reported as a clean
/// end.
pub(super) fn ends_uncleanly(
    c: &Connection<'_>,
    which: Which,
    right: &[AlertDescription],
) -> Verdict {
    let Some(at) = the_invalid(c, which) else {
        return Verdict::NotExercised;
    };
    match c.end_taken_from(at) {
        // A clean end was reported, so it does not matter whether the application could read on.
        Some(end) if !was_closed(c, at) && !another(c, at, end) => {
            Verdict::found("reports-eof", end)
        }
        _ => ends_at(c, at, right),
    }
}

/// The verdict on the record that the subject may refuse or take, if `which` selects it: `code` if
/// it takes the record. The rule needs [`Scope::Safety`] and the trigger [`Kind::PeerUnknown`].
pub(super) fn takes(c: &Connection<'_>, which: Which, code: &'static str) -> Verdict {
    let selected = c
        .refusable()
        .filter(|(_, reason, record)| which(*reason, record));
    let Some(step) = selected.and_then(|(at, ..)| c.step(at)) else {
        return Verdict::NotExercised;
    };
    let reacted = match Depends::Input.excuse(c, step.now) {
        _ if step.now.own == Half::Closed || step.now.peer == Half::Closed => {
            return Verdict::NotExercised;
        }
        Some(excuse) => Err(excuse),
        None => reaction(c, step.at),
    };
    match reacted {
        Ok(rule::Reaction::Alive) => Verdict::found(code, step.at),
        Ok(rule::Reaction::Alert { .. } | rule::Reaction::Silent(_)) => Verdict::Held,
        Err(excuse) => Verdict::Excused(excuse),
    }
}

fn the_invalid(c: &Connection<'_>, which: Which) -> Option<usize> {
    let (at, record) = c.invalid(|_| true)?;
    match record.meaning {
        wire::Meaning::Invalid(reason) if which(reason, record) => Some(at),
        _ => None,
    }
}

/// Whether the record is protected.
pub(super) fn is_protected(record: &Delivered) -> bool {
    record.epoch != Epoch::Plain
}

/// The verdict on what arrived at position `at` and must end the connection. An alert must be one
/// of `right`.
///
/// Not exercised if the connection had ended before, or the subject had closed its half.
pub(super) fn ends_at(c: &Connection<'_>, at: usize, right: &[AlertDescription]) -> Verdict {
    if was_closed(c, at) {
        return Verdict::NotExercised;
    }
    match decided(c, at) {
        None => Verdict::NotExercised,
        Some(Reaction::Alert(alert, _)) if right.contains(&alert) => Verdict::Held,
        // The subject may have ignored this record; the alert may be about another one of the
        // piece.
        Some(Reaction::Alert(_, alert)) if another(c, at, alert) => Verdict::NotExercised,
        Some(Reaction::Alert(_, at)) => Verdict::found("wrong-alert", at),
        Some(Reaction::Silent(at)) if c.version() == Version::Tls12 => {
            Verdict::found("no-due-alert", at)
        }
        Some(Reaction::Silent(at)) => Verdict::found("no-alert", at),
        Some(Reaction::Alive) => Verdict::found("still-alive", at),
    }
}

/// Whether the connection had ended, or the subject had closed its half, before position `at`.
fn was_closed(c: &Connection<'_>, at: usize) -> bool {
    c.facts().own_close.is_some_and(|close| close < at) || is_over(c, at)
}

/// Whether another record arrived between the two positions that ends the connection or whose
/// meaning is unknown.
pub(super) fn another(c: &Connection<'_>, at: usize, alert: usize) -> bool {
    let done = c.facts().handshake_done.unwrap_or(usize::MAX);
    c.between(at + 1, alert)
        .any(|(i, event)| match event.kind() {
            Kind::PeerInvalid | Kind::PeerError | Kind::PeerUnknown => true,
            // During the handshake, a close ends the connection too.
            Kind::PeerClose => i < done,
            _ => false,
        })
}

/// Whether the connection had ended before position `at`, or the subject had a reason to give up.
pub(super) fn is_over(c: &Connection<'_>, at: usize) -> bool {
    let facts = c.facts();
    let over = [
        facts.own_error,
        facts.failed,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    over.into_iter().flatten().any(|over| over < at) || c.is_flooded(at) || may_skip_no_more(c, at)
}

/// Whether the header announces more bytes than arrived. A receiver may wait for the rest before it
/// refuses the record.
fn is_awaited(c: &Connection<'_>, at: usize) -> bool {
    let arrived = c.delivered_after(at.wrapping_sub(1)).next();
    arrived.is_some_and(|(place, record)| {
        let [.., high, low] = record.header;
        let told = u32::from(u16::from_be_bytes([high, low])) + wire::RecordHeader::LEN as u32;
        place == at && told > record.length
    })
}

/// How the subject reacted to what arrived at position `at` and must end the connection. `None` if
/// it had no chance to react.
pub(super) fn decided(c: &Connection<'_>, at: usize) -> Option<Reaction> {
    let facts = c.facts();
    let reaction = c.reaction(at)?;
    // If I/O was limited at `at`, the later end of the transport, or the drop of the connection,
    // may have prevented a reaction.
    let cut_short =
        !c.io_at(at).is_free() && (facts.transport_end.is_some() || c.dropped().is_some());
    let undecided = match reaction {
        Reaction::Alert(..) => false,
        Reaction::Silent(_) => c.is_blocked() || cut_short || facts.stopped.is_some(),
        Reaction::Alive => {
            c.is_blocked()
                || c.is_paused()
                || cut_short
                || facts.stopped.is_some()
                || is_awaited(c, at)
        }
    };
    (!undecided).then_some(reaction)
}
