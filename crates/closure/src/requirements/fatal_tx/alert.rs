//! The alert that an error causes.

use protocol::Version;
use wire::{Alert, AlertDescription as A, Epoch, HandshakeType as T, Reason as R};

use super::super::refusal::{REFUSED_13, refuses};
use crate::ledger::{Failure, Half, Stage, Way};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Step};
use crate::{
    Axis, Code, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Sent, deviates, rfc5246,
    rfc8446, varies,
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
        rule: Rule::Owes(ALERTS),
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
        rule: Rule::Owes(Owes {
            binds: |step| ends(step) && Depends::Output.delay(step.now).is_some(),
            ..ALERTS
        }),
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
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::OwnAlert]),
            tempts: must_be_fatal,
            forbids: Kinds::of(&[Kind::OwnAlert]),
            breach: |step| {
                let (level, _) = step.sent()?.alert()?;
                (level != Alert::FATAL && must_be_fatal(step)).then_some("level-not-fatal")
            },
            ..NEVER
        }),
        ..EITHER
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
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::PeerInvalid]),
            during: |step| {
                let now = step.now;
                now.has_bad_record && (now.own_finished || now.stage == Stage::Done)
            },
            tempted_by: Kinds::of(&[Kind::OwnAlert]),
            tempts: |step| step.error_alert().is_some(),
            forbids: Kinds::of(&[Kind::OwnAlert, Kind::OwnBroken]),
            breach: |step| {
                let right = Epoch::Application(step.now.own_keys);
                let is = step.error_alert().is_some() || step.sent()?.epoch.is_none();
                (is && step.sent()?.epoch != Some(right)).then_some("wrong-keys")
            },
        }),
        ..EITHER
    },
    Requirement {
        id: "fatal-tx.generic-codes",
        sections: &[rfc8446("6")],
        says: "A message that cannot be parsed is answered with decode_error, and one that parses \
               but has a forbidden value with illegal_parameter.",
        why: "The peer's log points to the wrong kind of mistake.",
        rule: refuses(|reason, _, _| match reason {
            R::Malformed(T::KEY_UPDATE | T::NEW_SESSION_TICKET) => Some(&[A::DECODE_ERROR]),
            R::KeyUpdateValue => Some(&[A::ILLEGAL_PARAMETER]),
            _ => None,
        }),
        ..REFUSED_13
    },
];

/// The subject ends the connection because of a bad record.
const ALERTS: Owes = Owes {
    given: Kinds::of(&[Kind::PeerInvalid]),
    on: Kinds::of(&[Kind::Failed, Kind::OwnAlert]),
    binds: ends,
    due: Due::Rest(Depends::Output),
    missing: |failure, now| {
        (!now.has_alerted).then_some(match failure.version() {
            Version::Tls13 => "no-alert",
            Version::Tls12 => "no-due-alert",
        })
    },
    after_failure: true,
    ..OWES
};

fn ends(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.has_bad_record
        && now.failure == Failure::None
        && now.own != Half::Closed
        && now.input == Way::Free
        && (step.kind() == Kind::Failed || step.error_alert().is_some())
}

fn must_be_fatal(step: &Step<'_, '_>) -> bool {
    let Some((level, description)) = step.sent().and_then(Sent::alert) else {
        return false;
    };
    match step.version() {
        _ if description.is_closure() => false,
        Version::Tls13 => true,
        // RFC 5246 7.2.2: always a warning.
        Version::Tls12 if description == A::NO_RENEGOTIATION => false,
        Version::Tls12 => is_always_fatal(description) || level != Alert::FATAL && is_last(step),
    }
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

/// Whether the subject has ended the connection with this alert: a failure with the same cause is
/// next to it.
fn is_last(alert: &Step<'_, '_>) -> bool {
    let together = |(_, event): &(usize, &Event)| {
        matches!(
            event,
            Event::Failed { .. } | Event::Sent(_) | Event::State { .. } | Event::SentFin
        )
    };
    let failed = |(_, event): (usize, &Event)| event.kind() == Kind::Failed;
    let before = alert.c.before(alert.at).rev();
    before.take_while(together).any(failed)
        || alert.c.after(alert.at).take_while(together).any(failed)
}
