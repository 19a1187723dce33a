//! Records that must end the connection. Most requirements about errors share this shape.
//!
//! Such a requirement names the records it is about and the alerts that are right:
//!
//! ```ignore
//! Requirement {
//!     id: "frame.alert-empty",
//!     // ...
//!     rule: refuses(|reason, _, _| (reason == R::EmptyAlert).then_some(&[A::UNEXPECTED_MESSAGE])),
//!     ..REFUSED_13
//! }
//! ```
//!
//! The reaction to an error always has one of four grades: the right alert; no alert, but the
//! connection is dead; the wrong alert; the connection goes on.

use protocol::Version;
use wire::{AlertDescription, Epoch, Meaning, Reason};

use crate::ledger::Half;
use crate::rule::{Depends, Reaction, Refuses, Step, reaction};
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

/// The codes of [`refuses_as_close`] for both versions, with a named alert.
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

/// The verdict on the record that the subject may refuse or take, if `which` selects it: `code` if
/// it takes the record. The rule needs [`Scope::Safety`] and the trigger [`Kind::PeerUnknown`].
pub(super) fn takes(c: &Connection<'_>, which: Which, code: &'static str) -> Verdict {
    let selected = refusable(c).filter(|(_, reason, record)| which(*reason, record));
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
        Ok(Reaction::Alive) => Verdict::found(code, step.at),
        Ok(Reaction::Alert { .. } | Reaction::Silent(_)) => Verdict::Held,
        Err(excuse) => Verdict::Excused(excuse),
    }
}

/// Whether the record is protected.
pub(super) fn is_protected(record: &Delivered) -> bool {
    record.epoch != Epoch::Plain
}

/// The record that the subject may refuse or take, if it is the first of unknown effect, and the
/// reason for which it may be refused.
fn refusable<'t>(c: &Connection<'t>) -> Option<(usize, Reason, &'t Delivered)> {
    let at = c.marks().taint?;
    let record = c.record(at)?;
    match record.meaning {
        Meaning::Refusable(reason) => Some((at, reason, record)),
        _ => None,
    }
}
