//! Error alerts before the handshake is done, and the keys that protect them.

use protocol::{ErrorClass, Role, Version};
use wire::{AlertDescription, ContentType, Epoch, HandshakeType, Meaning, Reason};

use super::super::close_rx::scene::is_conclusive;
use super::super::refusal::{
    NO_CLEAN_END, NO_CLEAN_END_UNNAMED_13, REFUSED, REFUSED_13, ends_at, ends_uncleanly, on_invalid,
};
use super::scene::{
    Outcome, clear_alert, ends_handshake, hears_in_handshake, is_protected, outcome_behind_taint,
};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Sent,
    Verdict, deviates, rfc5246, rfc8446, varies,
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: plain_alert_before_keys,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerInvalid, Kind::PeerHandshake]),
            check: plain_alert_window,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnAlert, Kind::OwnHandshake]),
            check: server_error_key,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnAlert, Kind::PeerHandshake]),
            check: client_alert_key,
        },
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
        rule: on_invalid(interleaved_alert),
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerHandshake]),
            check: alert_not_in_transcript,
        },
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
        rule: on_invalid(|c| {
            ends_uncleanly(
                c,
                |reason, _| reason == Reason::BadFinished,
                &[AlertDescription::DECRYPT_ERROR],
            )
        }),
        ..REFUSED
    },
];

/// Error alerts that remain errors if any one bit is flipped.
const ERRORS: [u8; 8] = [10, 20, 22, 40, 47, 50, 51, 80];

fn plain_alert_before_keys(c: &Connection<'_>) -> Verdict {
    let error = |content: &[u8]| matches!(content, [2, error] if ERRORS.contains(error));
    // A receiver waits for all the bytes that the header announces.
    let whole = |record: &Delivered| record.header[3..] == [0, 2] && record.length == 7;
    let alert = clear_alert(c).filter(|(_, r)| whole(r) && error(c.bytes(r.content)));
    let Some((at, _)) = alert else {
        return Verdict::NotExercised;
    };
    match outcome_behind_taint(c, at) {
        Outcome::Completes(i) => Verdict::found("still-alive", i),
        Outcome::Waits => Verdict::found("still-alive", at),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Fails(_) => Verdict::Held,
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn plain_alert_window(c: &Connection<'_>) -> Verdict {
    const RIGHT: &[AlertDescription] = &[
        AlertDescription::BAD_RECORD_MAC,
        AlertDescription::UNEXPECTED_MESSAGE,
    ];
    let Some((at, record)) = c.invalid(|reason| reason == Reason::Unprotected) else {
        return Verdict::NotExercised;
    };
    let protected = c
        .before(at)
        .any(|(_, event)| matches!(event, Event::Delivered(r) if is_protected(r)));
    if record.header[0] != ContentType::ALERT.0 || !protected {
        return Verdict::NotExercised;
    }
    let taken = c.after(at).find_map(|(i, event)| match event {
        Event::Failed { class, .. } => Some((i, *class)),
        _ => None,
    });
    match taken {
        Some((i, ErrorClass::AlertReceived)) if hears_in_handshake(c, at) => {
            Verdict::found("takes-alert", i)
        }
        _ => ends_handshake(c, at, RIGHT),
    }
}

/// The position of the subject's error alert in the handshake, and the record that carries it.
fn own_error<'t>(c: &Connection<'t>) -> Option<(usize, &'t Sent)> {
    let at = c.facts().own_error?;
    let open = c.facts().handshake_done.is_none_or(|done| done > at);
    match c.between(at, at + 1).next() {
        Some((_, Event::Sent(record))) if open => Some((at, record)),
        _ => None,
    }
}

fn server_error_key(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = own_error(c) else {
        return Verdict::NotExercised;
    };
    let finished = c.own_message(HandshakeType::FINISHED);
    if finished.is_none_or(|own| own.at > at) {
        return Verdict::NotExercised;
    }
    match record.epoch {
        Some(Epoch::Application(_)) => Verdict::Held,
        Some(Epoch::Plain) => Verdict::found("in-clear", at),
        Some(_) => Verdict::found("handshake-keys", at),
        None => Verdict::NotExercised,
    }
}

fn client_alert_key(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = own_error(c) else {
        return Verdict::NotExercised;
    };
    let hello = c.peer_messages(HandshakeType::SERVER_HELLO);
    // A HelloRetryRequest has the type of a ServerHello, but gives no keys. An error about the
    // ServerHello itself comes before there are any keys.
    let keys = hello.into_iter().any(|(hello, body)| {
        let retry = wire::ServerHello::RETRY_RANDOM;
        hello < at && body.get(2..34).is_some_and(|random| *random != retry)
    }) && c
        .before(at)
        .any(|(_, event)| matches!(event, Event::Delivered(r) if r.epoch == Epoch::Handshake));
    match record.epoch {
        _ if !keys => Verdict::NotExercised,
        Some(Epoch::Handshake) => Verdict::Held,
        Some(Epoch::Plain) => Verdict::found("in-clear", at),
        Some(Epoch::Early) => Verdict::found("early-keys", at),
        Some(Epoch::Application(_)) | None => Verdict::NotExercised,
    }
}

fn interleaved_alert(c: &Connection<'_>) -> Verdict {
    const RIGHT: &[AlertDescription] = &[
        AlertDescription::UNEXPECTED_MESSAGE,
        AlertDescription::DECODE_ERROR,
    ];
    let Some((at, record)) = c.invalid(|reason| reason == Reason::Interleaved) else {
        return Verdict::NotExercised;
    };
    if !hears_in_handshake(c, at) {
        return Verdict::NotExercised;
    }
    if let Some(end) = c.clean_end_after(at) {
        return Verdict::found("reports-eof", end);
    }
    let is_error = matches!(c.bytes(record.content), [2, error] if ERRORS.contains(error));
    let received = c.after(at).any(|(_, event)| {
        matches!(
            event,
            Event::Failed {
                class: ErrorClass::AlertReceived,
                ..
            }
        )
    });
    match is_error && received {
        true => Verdict::Held,
        false => ends_at(c, at, RIGHT),
    }
}

fn alert_not_in_transcript(c: &Connection<'_>) -> Verdict {
    let passed = |meaning| matches!(meaning, Meaning::Warning(_) | Meaning::UserCanceled);
    let Some((warned, _)) = c.delivered().find(|(_, record)| passed(record.meaning)) else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    if !hears_in_handshake(c, warned) || facts.fatal.is_some() || facts.peer_close.is_some() {
        return Verdict::NotExercised;
    }
    let error = c.sent_after(warned).find_map(|(i, record)| {
        let (_, description) = record.alert()?;
        (description == AlertDescription::DECRYPT_ERROR).then_some(i)
    });
    let done = facts.handshake_done.filter(|done| *done > warned);
    match (error, done) {
        (Some(at), None) => Verdict::found("breaks-finished", at),
        (None, Some(_)) if is_conclusive(c) => Verdict::Held,
        _ => Verdict::NotExercised,
    }
}
