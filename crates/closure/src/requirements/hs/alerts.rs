//! Error alerts before the handshake is done, and the keys that protect them.

use protocol::{Role, Version};
use wire::{AlertDescription as A, ContentType, Epoch, HandshakeType, Meaning, Reason as R};

use super::super::refusal::{
    NO_CLEAN_END, NO_CLEAN_END_UNNAMED_13, REFUSED, REFUSED_13, refuses, refuses_as_close,
};
use super::shapes::{FAILS, is_clear_alert, is_error, is_open, is_received};
use crate::ledger::{Blame, Half, Stage};
use crate::rule::{Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, deviates,
    rfc5246, rfc8446, varies,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "hs.plain-alert-before-keys",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc8446("A.1")],
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        says: "A client that cannot process the server's first flight may say so with a plaintext \
               alert, and that alert ends the handshake.",
        why: "The client's reason is lost, and the server waits for a peer that has given up.",
        codes: &[
            deviates("still-alive", Axis::OwnHalf),
            deviates("clean-end", Axis::EndSignal),
        ],
        scope: Scope::Safety,
        rule: Rule::Owes(Owes {
            on: Kinds::of(&[Kind::PeerUnknown]),
            binds: |step| is_clear_alert(step, is_error),
            ..FAILS
        }),
        ..EITHER
    },
    Requirement {
        id: "hs.plain-alert-window-13",
        level: Level::Definition,
        sections: &[rfc8446("5"), rfc8446("5.2"), rfc8446("6")],
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        says: "Once the client has sent a record under handshake keys, a plaintext alert is not \
               from the client, and is refused.",
        why: "Anyone on the path could end a handshake in the client's name.",
        codes: &[
            deviates("takes-alert", Axis::EndSignal),
            deviates("still-alive", Axis::OwnHalf),
            deviates("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::All(&[
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerInvalid]),
                binds: |step| is_open(step) && is_outside_window(step),
                by: Kinds::of(&[Kind::Failed, Kind::PeerError]),
                pays: |_, step| match step.event {
                    // The failure may be about this alert.
                    Event::Delivered(_) => Payment::Void(Excuse::Unclear),
                    _ if is_received(step) => Payment::Wrong("takes-alert"),
                    _ => Payment::Paid,
                },
                after_failure: true,
                ..OWES
            }),
            refuses(|_, _, step| {
                (step.now.stage < Stage::Done && is_outside_window(step))
                    .then_some(&[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE])
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "hs.server-error-key",
        level: Level::Must,
        sections: &[rfc8446("4.4.4")],
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        says: "A server that detects an error after its own Finished sends the alert under its \
               application keys.",
        why: "A client that has moved on cannot read why it was turned away.",
        codes: &[
            deviates("handshake-keys", Axis::Alert),
            deviates("in-clear", Axis::Alert),
        ],
        rule: Rule::Never(Never {
            during: |step| says_what_is_wrong(step) && step.now.own_finished,
            breach: |step| match step.sent()?.epoch? {
                Epoch::Application(_) => None,
                Epoch::Plain => Some("in-clear"),
                Epoch::Early | Epoch::Handshake => Some("handshake-keys"),
            },
            ..ERROR_ALERT
        }),
        ..EITHER
    },
    Requirement {
        id: "hs.client-alert-key",
        level: Level::Should,
        sections: &[rfc8446("A.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "A client that detects an error after the ServerHello sends the alert under \
               handshake keys, although plaintext and the 0-RTT keys are allowed.",
        why: "A plaintext alert can be forged, so servers have reason not to believe it.",
        codes: &[
            varies("in-clear", Axis::Alert),
            varies("early-keys", Axis::Alert),
        ],
        rule: Rule::Never(Never {
            // An error about the ServerHello itself comes before there are any keys.
            during: |step| {
                says_what_is_wrong(step) && step.now.is_negotiated && step.now.peer_has_keys
            },
            breach: |step| match step.sent()?.epoch? {
                Epoch::Plain => Some("in-clear"),
                Epoch::Early => Some("early-keys"),
                Epoch::Handshake | Epoch::Application(_) => None,
            },
            ..ERROR_ALERT
        }),
        ..EITHER
    },
    Requirement {
        id: "hs.interleaved-alert",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "An alert between the fragments of a handshake message ends the connection: an error \
               alert for what it says, any other alert for where it is.",
        why: "A receiver that joins the fragments around it can be made to see messages that \
              nobody sent.",
        codes: NO_CLEAN_END_UNNAMED_13,
        rule: Rule::All(&[
            refuses_as_close(|reason, _, step| {
                (reason == R::Interleaved && is_open(step) && !is_believed(step))
                    .then_some(&[A::UNEXPECTED_MESSAGE, A::DECODE_ERROR])
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerInvalid]),
                binds: |step| {
                    step.meaning() == Some(Meaning::Invalid(R::Interleaved)) && is_believed(step)
                },
                ..FAILS
            }),
        ]),
        ..REFUSED_13
    },
    Requirement {
        id: "hs.alert-not-in-transcript",
        level: Level::Definition,
        sections: &[rfc8446("4.4.1"), rfc8446("4.4.4"), rfc5246("7.4.9")],
        says: "An alert that lets the handshake go on is not part of the data that Finished is \
               computed over.",
        why: "Handshakes fail because of a warning that everyone agreed to ignore.",
        codes: &[deviates("breaks-finished", Axis::Alert)],
        rule: Rule::Never(Never {
            during: |step| {
                let mut before = step.c.before(step.at);
                let passes = Kinds::of(&[Kind::PeerWarning, Kind::PeerCancel]);
                step.now.stage < Stage::Done
                    && step.now.blame < Blame::Must
                    && matches!(step.now.peer, Half::Open | Half::Failed)
                    && before.any(|(_, event)| passes.has(event.kind()))
            },
            tempted_by: Kinds::of(&[Kind::PeerHandshake]),
            tempts: |step| step.meaning() == Some(Meaning::Handshake(HandshakeType::FINISHED)),
            forbids: Kinds::of(&[Kind::OwnAlert]),
            breach: |step| (step.error_alert()? == A::DECRYPT_ERROR).then_some("breaks-finished"),
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "hs.bad-finished",
        level: Level::Must,
        sections: &[rfc8446("4.4.4"), rfc5246("7.4.9"), rfc5246("7.2.2")],
        says: "A wrong Finished ends the connection with decrypt_error, whatever follows it; a \
               close_notify after it is not a clean end.",
        why: "Finished is the proof that nobody has tampered with the handshake.",
        codes: NO_CLEAN_END,
        rule: refuses_as_close(|reason, _, _| {
            (reason == R::BadFinished).then_some(&[A::DECRYPT_ERROR])
        }),
        ..REFUSED
    },
];

/// The keys that are wrong for an alert about the handshake.
const ERROR_ALERT: Never = Never {
    given: Kinds::of(&[Kind::OwnAlert]),
    tempted_by: Kinds::of(&[Kind::OwnAlert]),
    forbids: Kinds::of(&[Kind::OwnAlert]),
    ..NEVER
};

/// Whether this is an error alert in the handshake.
fn says_what_is_wrong(step: &Step<'_, '_>) -> bool {
    step.now.stage < Stage::Done && !step.now.has_alerted && step.error_alert().is_some()
}

/// Whether the record is an alert in plaintext from a client that has keys to protect it.
fn is_outside_window(step: &Step<'_, '_>) -> bool {
    let is_plain_alert = |record: &Delivered| {
        record.meaning == Meaning::Invalid(R::Unprotected)
            && record.header[0] == ContentType::ALERT.0
    };
    step.now.peer_has_keys && step.delivered().is_some_and(is_plain_alert)
}

/// Whether the record is an error alert, and the subject has failed because of what it says.
fn is_believed(step: &Step<'_, '_>) -> bool {
    let content = step.delivered().map(|record| step.c.bytes(record.content));
    let mut after = step.c.steps_after(step.at);
    is_open(step) && content.is_some_and(is_error) && after.any(|it| is_received(&it))
}
