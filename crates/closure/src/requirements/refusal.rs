//! Records that must end the connection: the shape that most requirements about errors share.
//!
//! Such a requirement says which records it is about and which alerts are right:
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
//! How an error is answered is always graded fourfold: the right alert; none, but dead; the wrong
//! alert; not terminated.

use protocol::Version;
use wire::{AlertDescription, Epoch, Reason};

use super::early::scene::may_skip_no_more;
use crate::connection::Reaction;
use crate::{
    Axis, Code, Connection, Delivered, EITHER, Grade, Kind, Kinds, Level, Requirement, Rule,
    Verdict, deviates, varies,
};

const STILL_ALIVE: Code = deviates("still-alive", Axis::OwnHalf);
const REPORTS_EOF: Code = deviates("reports-eof", Axis::EndSignal);
const WRONG_ALERT: Code = deviates("wrong-alert", Axis::Alert);
/// RFC 8446 6.2 asks for the alert with SHOULD.
const NO_ALERT: Code = varies("no-alert", Axis::Alert);
/// RFC 5246 7.2.2 asks for it with MUST.
const NO_DUE_ALERT: Code = deviates("no-due-alert", Axis::Alert);
/// No text names the alert, so another one is only unusual.
const OTHER_ALERT: Code = Code {
    grade: Grade::Variation,
    ..WRONG_ALERT
};

/// A MUST in both versions that names the alert.
pub(super) const REFUSED: Requirement = Requirement {
    level: Level::Must,
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_ALERT, NO_DUE_ALERT],
    ..EITHER
};

/// The same in TLS 1.3 alone.
pub(super) const REFUSED_13: Requirement = Requirement {
    versions: &[Version::Tls13],
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_ALERT],
    ..REFUSED
};

/// The same in TLS 1.2 alone.
pub(super) const REFUSED_12: Requirement = Requirement {
    versions: &[Version::Tls12],
    codes: &[STILL_ALIVE, WRONG_ALERT, NO_DUE_ALERT],
    ..REFUSED
};

/// The codes where no text names the alert in TLS 1.3.
pub(super) const UNNAMED_13: &[Code] = &[STILL_ALIVE, OTHER_ALERT, NO_ALERT];

/// The codes where the text says in TLS 1.3 too that the alert must be sent.
pub(super) const UNANSWERED: &[Code] = &[
    STILL_ALIVE,
    WRONG_ALERT,
    Code {
        grade: Grade::Deviates,
        ..NO_ALERT
    },
];

/// The codes of [`ends_uncleanly`] in both versions, where the alert is named.
pub(super) const NO_CLEAN_END: &[Code] = &[
    REPORTS_EOF,
    STILL_ALIVE,
    WRONG_ALERT,
    NO_ALERT,
    NO_DUE_ALERT,
];

/// The same in TLS 1.3 alone.
pub(super) const NO_CLEAN_END_13: &[Code] = &[REPORTS_EOF, STILL_ALIVE, WRONG_ALERT, NO_ALERT];

/// The same in TLS 1.3 alone, where no text names the alert.
pub(super) const NO_CLEAN_END_UNNAMED_13: &[Code] =
    &[REPORTS_EOF, STILL_ALIVE, OTHER_ALERT, NO_ALERT];

/// The same in TLS 1.2 alone.
pub(super) const NO_CLEAN_END_12: &[Code] = &[REPORTS_EOF, STILL_ALIVE, WRONG_ALERT, NO_DUE_ALERT];

/// A rule about records that must be refused.
pub(super) const fn on_invalid(check: fn(&Connection<'_>) -> Verdict) -> Rule {
    Rule::One {
        trigger: Kinds::of(&[Kind::PeerInvalid]),
        check,
    }
}

/// Which records a requirement is about.
pub(super) type Which = fn(Reason, &Delivered) -> bool;

/// The verdict on a record of this kind, which must end the connection, with one of `right` if any
/// alert is sent.
pub(super) fn ends(c: &Connection<'_>, which: Which, right: &[AlertDescription]) -> Verdict {
    match the_invalid(c, which) {
        Some(at) => ends_at(c, at, right),
        None => Verdict::NotExercised,
    }
}

/// The same for a record that may pass for a `close_notify`: whether it did.
pub(super) fn ends_uncleanly(
    c: &Connection<'_>,
    which: Which,
    right: &[AlertDescription],
) -> Verdict {
    let Some(at) = the_invalid(c, which) else {
        return Verdict::NotExercised;
    };
    match c.end_taken_from(at) {
        // However the application was kept from reading on: it was told.
        Some(end) if !was_closed(c, at) && !another(c, at, end) => {
            Verdict::found("reports-eof", end)
        }
        _ => ends_at(c, at, right),
    }
}

fn the_invalid(c: &Connection<'_>, which: Which) -> Option<usize> {
    let (at, record) = c.invalid(|_| true)?;
    match record.meaning {
        wire::Meaning::Invalid(reason) if which(reason, record) => Some(at),
        _ => None,
    }
}

/// Whether keys protect the record.
pub(super) fn is_protected(record: &Delivered) -> bool {
    record.epoch != Epoch::Plain
}

/// The verdict on what arrives at position `at` and must end the connection, with one of `right` if
/// any alert is sent, where nothing else had ended the connection or the own half before.
pub(super) fn ends_at(c: &Connection<'_>, at: usize, right: &[AlertDescription]) -> Verdict {
    if was_closed(c, at) {
        return Verdict::NotExercised;
    }
    match decided(c, at) {
        None => Verdict::NotExercised,
        Some(Reaction::Alert(alert, _)) if right.contains(&alert) => Verdict::Held,
        // It may have passed over this one, and mean another of the same piece.
        Some(Reaction::Alert(_, alert)) if another(c, at, alert) => Verdict::NotExercised,
        Some(Reaction::Alert(_, at)) => Verdict::found("wrong-alert", at),
        Some(Reaction::Silent(at)) if c.version() == Version::Tls12 => {
            Verdict::found("no-due-alert", at)
        }
        Some(Reaction::Silent(at)) => Verdict::found("no-alert", at),
        Some(Reaction::Alive) => Verdict::found("still-alive", at),
    }
}

/// Whether the connection had ended before position `at`, or the subject had closed its half.
fn was_closed(c: &Connection<'_>, at: usize) -> bool {
    c.facts().own_close.is_some_and(|close| close < at) || is_over(c, at)
}

/// Whether anything else that ends the connection, or of which nothing is known, arrived between the
/// two positions.
pub(super) fn another(c: &Connection<'_>, at: usize, alert: usize) -> bool {
    let done = c.facts().handshake_done.unwrap_or(usize::MAX);
    c.between(at + 1, alert)
        .any(|(i, event)| match event.kind() {
            Kind::PeerInvalid | Kind::PeerError | Kind::PeerUnknown => true,
            // A close ends a handshake.
            Kind::PeerClose => i < done,
            _ => false,
        })
}

/// Whether something else may have ended the connection before position `at`, or have got the
/// subject to.
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

/// Whether the header announces more than came: a receiver may wait for the rest before it refuses.
fn is_awaited(c: &Connection<'_>, at: usize) -> bool {
    let arrived = c.delivered_after(at.wrapping_sub(1)).next();
    arrived.is_some_and(|(place, record)| {
        let [.., high, low] = record.header;
        let told = u32::from(u16::from_be_bytes([high, low])) + wire::RecordHeader::LEN as u32;
        place == at && told > record.length
    })
}

/// How the subject took what ends the connection at position `at`; none where it had no chance
/// to show that.
pub(super) fn decided(c: &Connection<'_>, at: usize) -> Option<Reaction> {
    let facts = c.facts();
    let reaction = c.reaction(at)?;
    // What it could not do at once it may have been kept from by what came then.
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
