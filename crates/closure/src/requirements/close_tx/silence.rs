//! Nothing may be sent after the local `close_notify`.

use protocol::{Role, Version};
use wire::{Content, HandshakeType, Meaning};

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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::AppWrite]),
            check: no_data_after,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::AppUpdateKeys]),
            check: no_keyupdate_after,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerHandshake]),
            check: no_ticket_after,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerRenegotiation]),
            check: no_reneg_reply_after,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerKeyUpdate]),
            check: no_auto_keyupdate_after,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::AppClose]),
            check: idempotent,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnAlert, Kind::AppClose]),
            check: not_after_error_sent,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError, Kind::AppClose]),
            check: not_after_error_rcvd,
        },
        ..EITHER
    },
];

fn no_data_after(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    if c.first_after(closed, Kind::AppWrite).is_none() {
        return Verdict::NotExercised;
    }
    Verdict::held_unless("sends-app-data", c.first_after(closed, Kind::OwnData))
}

fn no_keyupdate_after(c: &Connection<'_>) -> Verdict {
    let asked = c
        .facts()
        .own_close
        .and_then(|closed| c.first_after(closed, Kind::AppUpdateKeys));
    let Some(asked) = asked else {
        return Verdict::NotExercised;
    };
    Verdict::held_unless("sends-key-update", c.first_after(asked, Kind::OwnKeyUpdate))
}

fn no_ticket_after(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    let finished = c
        .delivered_after(closed)
        .any(|(_, r)| r.meaning == Meaning::Handshake(HandshakeType::FINISHED));
    if !finished {
        return Verdict::NotExercised;
    }
    let ticket = Content::Handshake(HandshakeType::NEW_SESSION_TICKET);
    let sent = c.sent_after(closed).find(|(_, r)| r.content == ticket);
    Verdict::held_unless("sends-ticket", sent.map(|(i, _)| i))
}

fn no_reneg_reply_after(c: &Connection<'_>) -> Verdict {
    let asked = c
        .facts()
        .own_close
        .and_then(|closed| c.first_after(closed, Kind::PeerRenegotiation));
    // Before the handshake is done, the subject may still be sending the rest of it.
    let done = c.facts().handshake_done;
    let asked = asked.filter(|at| done.is_some_and(|done| done < *at));
    let Some(asked) = asked.filter(|at| c.facts().peer_close.is_none_or(|close| close > *at))
    else {
        return Verdict::NotExercised;
    };
    // The rest of the handshake may have been waiting for room.
    let held_up = c.io_at(asked).room.is_some();
    let answers = |content| match content {
        // close-tx.no-data-after covers data that the application writes after its close.
        Content::Data => false,
        Content::ChangeCipherSpec | Content::HandshakePart => !held_up,
        Content::Handshake(kind) => !held_up || kind == HandshakeType::CLIENT_HELLO,
        _ => true,
    };
    let mut answers = c
        .sent_after(asked)
        .filter(|(_, record)| answers(record.content));
    match answers.next() {
        None => Verdict::Held,
        Some((at, r)) if r.alert().is_some() => Verdict::found("sends-alert", at),
        Some((at, _)) => Verdict::found("sends-handshake", at),
    }
}

fn no_auto_keyupdate_after(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    let asked = c
        .delivered_after(closed)
        .find(|(_, r)| r.meaning == Meaning::KeyUpdate { requested: true });
    let Some((asked, _)) = asked.filter(|(at, _)| is_before(*at, c.facts().peer_close)) else {
        return Verdict::NotExercised;
    };
    let by_itself = c
        .after(asked)
        .take_while(|(_, event)| event.kind() != Kind::AppUpdateKeys)
        .find_map(|(i, event)| (event.kind() == Kind::OwnKeyUpdate).then_some(i));
    Verdict::held_unless("sends-key-update", by_itself)
}

fn error_alert_after_close(c: &Connection<'_>) -> Verdict {
    match (c.facts().own_close, c.facts().fatal) {
        (Some(closed), Some(fatal)) if closed < fatal => {
            Verdict::held_unless("sends-alert", c.first_after(fatal, Kind::OwnAlert))
        }
        _ => Verdict::NotExercised,
    }
}

fn idempotent(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    if c.first_after(closed, Kind::AppClose).is_none() {
        return Verdict::NotExercised;
    }
    Verdict::held_unless("closes-twice", c.first_after(closed, Kind::OwnClose))
}

fn not_after_error_sent(c: &Connection<'_>) -> Verdict {
    let closed = c
        .facts()
        .own_error
        .and_then(|error| c.first_after(error, Kind::AppClose));
    let Some(closed) = closed else {
        return Verdict::NotExercised;
    };
    Verdict::held_unless("sends-close", c.first_after(closed, Kind::OwnClose))
}

fn not_after_error_rcvd(c: &Connection<'_>) -> Verdict {
    let closed = c
        .peer_error()
        .and_then(|(error, _)| c.first_after(error, Kind::AppClose));
    let Some(closed) = closed else {
        return Verdict::NotExercised;
    };
    Verdict::held_unless("sends-close", c.first_after(closed, Kind::OwnClose))
}

fn is_before(at: usize, other: Option<usize>) -> bool {
    other.is_none_or(|other| at < other)
}
