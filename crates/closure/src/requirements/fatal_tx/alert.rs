//! The alert that an error causes.

use protocol::{Role, Version};
use wire::{AlertDescription as A, Content, Epoch, HandshakeType as T, Reason as R};

use super::super::frame::{ALWAYS, passive, sends_alerts};
use super::super::refusal::{REFUSED_13, decided, ends, is_over, on_invalid};
use crate::connection::Reaction;
use crate::{
    Axis, Code, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    deviates, rfc5246, rfc8446, varies,
};

/// The alert is a SHOULD in RFC 8446 6.2 and a MUST in RFC 5246 7.2.2.
const NO_ALERT: &[Code] = &[
    varies("no-alert", Axis::Alert),
    deviates("no-due-alert", Axis::Alert),
];

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "fatal-tx.alert-always",
        aliases: &["t12.alert-always-required"],
        level: Level::Should,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A side that ends a connection because of an error sends an alert that says so. In \
               TLS 1.2 this is mandatory.",
        why: "The peer cannot tell an error from a lost connection, and tries again.",
        codes: NO_ALERT,
        rule: on_invalid(|c| alert_always(c, |_, _| true)),
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.alert-flushable",
        level: Level::Should,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "The alert for an error that is detected while the transport is blocked is sent once \
               there is room.",
        why: "The alert is created but never sent: the peer waits, or takes the end for an attack.",
        codes: NO_ALERT,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppOther, Kind::PeerInvalid]),
            check: alert_flushable,
        },
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.level-fatal",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        says: "Error alerts are sent at level fatal. In TLS 1.2 this holds for alerts that are \
               always fatal, and for any alert with which the sender ends the connection.",
        why: "A peer that trusts the level waits for more.",
        codes: &[deviates("level-not-fatal", Axis::Alert)],
        rule: passive(level_fatal),
        scope: Scope::Exact,
        ..ALWAYS
    },
    Requirement {
        id: "fatal-tx.key-epoch",
        level: Level::Must,
        sections: &[rfc8446("4.4.4"), rfc8446("6")],
        versions: &[Version::Tls13],
        says: "The alert for an error is sent under the sender's current keys. After its own \
               Finished these are the application data keys.",
        why: "The peer cannot read why the connection ended.",
        codes: &[deviates("wrong-keys", Axis::Alert)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid]),
            check: key_epoch,
        },
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.generic-codes",
        sections: &[rfc8446("6")],
        says: "A message that cannot be parsed is answered with decode_error, and one that parses \
               but has a forbidden value with illegal_parameter.",
        why: "The peer's log points to the wrong kind of mistake.",
        rule: on_invalid(|c| {
            ends(c, |reason, _| is_unparsable(reason), &[A::DECODE_ERROR]).and(ends(
                c,
                |reason, _| reason == R::KeyUpdateValue,
                &[A::ILLEGAL_PARAMETER],
            ))
        }),
        ..REFUSED_13
    },
];

fn alert_always(c: &Connection<'_>, when: fn(&Connection<'_>, usize) -> bool) -> Verdict {
    let Some((at, _)) = c.invalid(|_| true).filter(|(at, _)| when(c, *at)) else {
        return Verdict::NotExercised;
    };
    // No alert is required after the local close_notify.
    if is_over(c, at) || c.facts().own_close.is_some_and(|close| close < at) {
        return Verdict::NotExercised;
    }
    match (decided(c, at), c.version()) {
        (Some(Reaction::Alert(..)), _) => Verdict::Held,
        (Some(Reaction::Silent(at)), Version::Tls13) => Verdict::found("no-alert", at),
        (Some(Reaction::Silent(at)), Version::Tls12) => Verdict::found("no-due-alert", at),
        (Some(Reaction::Alive) | None, _) => Verdict::NotExercised,
    }
}

fn alert_flushable(c: &Connection<'_>) -> Verdict {
    let blocked = |c: &Connection<'_>, at| c.io_at(at).room.is_some();
    match alert_always(c, blocked) {
        // The later failure has a different cause.
        Verdict::Found { at, .. } if !blocked(c, at) => Verdict::NotExercised,
        verdict => verdict,
    }
}

fn level_fatal(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    if !sends_alerts(c) {
        return verdict;
    }
    for (i, record) in c.sent() {
        let Some((level, description)) = record.alert() else {
            continue;
        };
        let must = match c.version() {
            Version::Tls13 => !description.is_closure(),
            // RFC 5246 7.2.2: always a warning.
            Version::Tls12 if description == A::NO_RENEGOTIATION => continue,
            Version::Tls12 => is_always_fatal(description) || level != 2 && ends_with(c, i),
        };
        match level {
            2 if must => verdict = Verdict::Held,
            _ if must => return Verdict::found("level-not-fatal", i),
            _ => {}
        }
    }
    verdict
}

/// The alerts that RFC 5246 7.2.2 defines as always fatal.
fn is_always_fatal(description: A) -> bool {
    matches!(
        description,
        A::UNEXPECTED_MESSAGE
            | A::BAD_RECORD_MAC
            | A::RECORD_OVERFLOW
            | A::DECOMPRESSION_FAILURE
            | A::HANDSHAKE_FAILURE
            | A::ILLEGAL_PARAMETER
            | A::UNKNOWN_CA
            | A::ACCESS_DENIED
            | A::DECODE_ERROR
            | A::DECRYPT_ERROR
            | A::PROTOCOL_VERSION
            | A::INSUFFICIENT_SECURITY
            | A::INTERNAL_ERROR
            | A::UNSUPPORTED_EXTENSION
    )
}

/// Whether the subject has ended the connection with the alert at position `at`: it is not a
/// closure alert, and a failure with the same cause is next to it.
fn ends_with(c: &Connection<'_>, at: usize) -> bool {
    let closure = |(_, event): (usize, &Event)| match event {
        Event::Sent(record) => record.alert().is_some_and(|(_, alert)| alert.is_closure()),
        _ => false,
    };
    if c.between(at, at + 1).any(closure) {
        return false;
    }
    let together = |event: &Event| {
        matches!(
            event,
            Event::Failed { .. } | Event::Sent(_) | Event::State { .. } | Event::SentFin
        )
    };
    let failed = |(_, event): (usize, &Event)| event.kind() == Kind::Failed;
    c.before(at)
        .rev()
        .take_while(|(_, e)| together(e))
        .any(failed)
        || c.after(at).take_while(|(_, e)| together(e)).any(failed)
}

fn key_epoch(c: &Connection<'_>) -> Verdict {
    let Some((fatal, _)) = c.invalid(|_| true) else {
        return Verdict::NotExercised;
    };
    // An alert that waits for room is under the keys of the time when it was created.
    if is_over(c, fatal) || c.facts().own_close.is_some() || c.io_at(fatal).room.is_some() {
        return Verdict::NotExercised;
    }
    for (i, record) in c.sent_after(fatal) {
        let Some(right) = own_keys(c, i) else {
            return Verdict::NotExercised;
        };
        match record.content {
            Content::Alert { description, .. } if !description.is_closure() => {
                return match record.epoch == Some(right) {
                    true => Verdict::Held,
                    false => Verdict::found("wrong-keys", i),
                };
            }
            Content::Undecryptable => return Verdict::found("wrong-keys", i),
            _ => {}
        }
    }
    Verdict::NotExercised
}

/// The keys that the subject writes with at position `at`, once these are application data keys.
fn own_keys(c: &Connection<'_>, at: usize) -> Option<Epoch> {
    let mut generation = 0;
    let mut finished = c.facts().handshake_done.is_some_and(|done| done < at);
    for (_, record) in c.sent().take_while(|(i, _)| *i < at) {
        match record.content {
            Content::KeyUpdate { .. } => generation += 1,
            Content::Handshake(T::FINISHED) => finished = true,
            // A server sends its whole flight under these keys at once.
            Content::Handshake(_) if record.epoch == Some(Epoch::Handshake) => {
                finished |= c.role() == Role::Server;
            }
            _ => {}
        }
    }
    finished.then_some(Epoch::Application(generation))
}

/// A malformed post-handshake message.
fn is_unparsable(reason: R) -> bool {
    matches!(
        reason,
        R::Malformed(T::KEY_UPDATE) | R::Malformed(T::NEW_SESSION_TICKET)
    )
}
