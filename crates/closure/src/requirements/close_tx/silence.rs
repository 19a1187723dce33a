//! Nothing may be sent after the local `close_notify`.

use protocol::{Role, Version};
use wire::{AlertDescription, Content, HandshakeType, Meaning};

use crate::ledger::{Asked, Blame, Half, Stage};
use crate::rule::{NEVER, Never, Step};
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-tx.no-data-after",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A side that has sent close_notify sends no more application data.",
        why: "The other side ignores what follows: the writer believes bytes were sent that \
              nobody will read.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::AppWrite]),
            forbids: Kinds::of(&[Kind::OwnData]),
            breach: |_| Some("sends-app-data"),
            ..AFTER_CLOSE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-keyupdate-after",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A side that has sent close_notify sends no KeyUpdate, even if its application asks \
               for one.",
        why: "A strict peer may treat a message after the end as a protocol error.",
        codes: &[deviates("sends-key-update", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::AppUpdateKeys]),
            during: |step| is_closed(step) && step.now.keys_asked != Asked::Peer,
            ..NO_KEY_UPDATE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-ticket-after",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc8446("4.6.1")],
        versions: &[Version::Tls13],
        roles: &[Role::Server],
        says: "A server that has sent close_notify sends no session tickets.",
        why: "The client must ignore such tickets, and loses the means to resume without knowing \
              it.",
        codes: &[deviates("sends-ticket", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::PeerHandshake]),
            tempts: |step| step.meaning() == Some(Meaning::Handshake(HandshakeType::FINISHED)),
            forbids: Kinds::of(&[Kind::OwnHandshake]),
            breach: |step| {
                let ticket = Content::Handshake(HandshakeType::NEW_SESSION_TICKET);
                (step.sent()?.content == ticket).then_some("sends-ticket")
            },
            ..AFTER_CLOSE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-reneg-reply-after",
        aliases: &["t12.hello-request-half-closed"],
        level: Level::Definition,
        sections: &[rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A side that has sent close_notify does not answer a renegotiation request.",
        why: "An answer after the end can provoke a fatal error in a peer that considers the \
              connection closed.",
        codes: &[
            deviates("sends-alert", Axis::OwnHalf),
            deviates("sends-handshake", Axis::OwnHalf),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::OwnClose, Kind::PeerRenegotiation]),
            // In the handshake, the subject may still be sending the rest of it.
            during: |step| {
                step.now.own == Half::Closed
                    && step.now.peer == Half::Open
                    && step.now.stage == Stage::Done
                    && step.now.own_finished
            },
            tempted_by: Kinds::of(&[Kind::PeerRenegotiation]),
            forbids: Kinds::of(&[Kind::OwnHandshake, Kind::OwnAlert]),
            breach: renegotiates,
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-auto-keyupdate-after",
        aliases: &["ku.requested-while-half-closed"],
        level: Level::Definition,
        sections: &[rfc8446("4.6.3"), rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "A side that has sent close_notify does not answer a KeyUpdate request.",
        why: "The answer is owed only before more application data, and there is none. A peer may \
              treat an answer after the end as a protocol error.",
        codes: &[deviates("sends-key-update", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::PeerKeyUpdate]),
            tempts: |step| {
                step.now.peer == Half::Open
                    && step.meaning() == Some(Meaning::KeyUpdate { requested: true })
            },
            during: |step| {
                is_closed(step)
                    && (step.now.keys_asked == Asked::Peer || step.kind() == Kind::PeerKeyUpdate)
            },
            ..NO_KEY_UPDATE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.error-alert-after-close",
        level: Level::Practice,
        sections: &[
            rfc8446("6.1"),
            rfc8446("6.2"),
            rfc5246("7.2.1"),
            rfc5246("7.2.2"),
        ],
        says: "The specifications leave open whether a fatal alert follows the sender's own \
               close_notify when an error occurs later: closing forbids any message, and an error \
               asks for one.",
        why: "A peer that treats anything after close_notify as an error may report one.",
        codes: &[behaves("sends-alert", Axis::Alert)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::OwnClose]),
            check: error_alert_after_close,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.idempotent",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A side sends one close_notify, however often the application closes.",
        why: "A second one is a message after the end, and can leave the two sides out of step.",
        codes: &[deviates("closes-twice", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::AppClose]),
            forbids: Kinds::of(&[Kind::OwnClose]),
            breach: |_| Some("closes-twice"),
            ..AFTER_CLOSE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.not-after-error-sent",
        aliases: &["fatal-tx.no-close-after"],
        level: Level::Must,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A side that has sent a fatal alert sends no close_notify.",
        why: "The connection has failed. A clean end after the alert can make a truncated stream \
              look complete.",
        codes: &[deviates("sends-close", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::OwnAlert]),
            // The alert may be waiting for room when the application closes.
            during: |step| {
                step.now.has_alerted || step.kind() == Kind::AppClose && step.now.owed.alert
            },
            ..NO_CLOSE
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.not-after-error-rcvd",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A side that has received a fatal alert sends no close_notify.",
        why: "Both sides know that the connection has failed. A clean end hides the failure from \
              whoever reads the stream.",
        codes: &[deviates("sends-close", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::PeerError]),
            during: |step| step.now.peer_gave_up || step.now.is_closing_late,
            ..NO_CLOSE
        }),
        ..EITHER
    },
];

/// The acts that a closed write half excludes.
const AFTER_CLOSE: Never = Never {
    given: Kinds::of(&[Kind::OwnClose]),
    during: is_closed,
    ..NEVER
};

fn is_closed(step: &Step<'_, '_>) -> bool {
    step.now.own == Half::Closed
}

const NO_KEY_UPDATE: Never = Never {
    forbids: Kinds::of(&[Kind::OwnKeyUpdate]),
    breach: |_| Some("sends-key-update"),
    ..AFTER_CLOSE
};

const NO_CLOSE: Never = Never {
    tempted_by: Kinds::of(&[Kind::AppClose]),
    forbids: Kinds::of(&[Kind::OwnClose]),
    breach: |_| Some("sends-close"),
    ..NEVER
};

fn renegotiates(step: &Step<'_, '_>) -> Option<&'static str> {
    use HandshakeType as T;
    match step.sent()?.content {
        Content::Alert { description, .. } => {
            (description == AlertDescription::NO_RENEGOTIATION).then_some("sends-alert")
        }
        // The end of the handshake may have been waiting for room.
        Content::Handshake(T::NEW_SESSION_TICKET | T::FINISHED) => None,
        _ => Some("sends-handshake"),
    }
}

fn error_alert_after_close(c: &Connection<'_>) -> Verdict {
    let blamed = |step: &Step<'_, '_>| step.now.own == Half::Closed && step.now.blame > Blame::None;
    let mut after = c.steps_of(Kinds::ALL).filter(blamed).peekable();
    if after.peek().is_none() {
        return Verdict::NotExercised;
    }
    let alert = after.find(|step| step.error_alert().is_some());
    Verdict::held_unless("sends-alert", alert.map(|step| step.at))
}
