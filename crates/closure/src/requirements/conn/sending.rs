//! Output that nothing has caused, or that comes after the end.

use super::held_if;
use crate::ledger::Breach;
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "conn.silence-after-close",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A side that has sent close_notify sends nothing more, whatever happens. One alert \
               about an error of the peer's may follow.",
        why: "The peer ignores what follows or takes it for an error, and the sender believes that \
              it arrived.",
        codes: &[deviates("sends", Axis::OwnHalf)],
        rule: Rule::Universal {
            check: silence_after_close,
        },
        ..EITHER
    },
    Requirement {
        id: "conn.once",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A side sends one close_notify and one error alert at most. Nothing follows an error \
               alert, whether it was sent or received, nor a failure that the API has reported.",
        why: "A failed connection goes on sending, or the peer sees the same end twice.",
        codes: &[
            deviates("closes-twice", Axis::OwnHalf),
            deviates("sends-after-alert", Axis::OwnHalf),
            deviates("sends-after-peers-alert", Axis::OwnHalf),
            deviates("sends-after-failure", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: once },
        ..EITHER
    },
    Requirement {
        id: "conn.fin",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A side closes the transport for writing once its close_notify or its error alert \
               has left, and not before.",
        why: "The peer sees a truncation, and output that still waited is lost.",
        codes: &[
            deviates("fin-without-close", Axis::OwnHalf),
            deviates("fin-before-output", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: fin },
        ..EITHER
    },
    Requirement {
        id: "conn.unasked",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1"), rfc5246("7.2.2")],
        says: "close_notify leaves when the application has closed, or in answer to the peer's \
               where TLS 1.2 requires it; user_canceled when the application gives up a handshake; \
               no_renegotiation in answer to a request.",
        why: "The application cannot write on, or the peer acts on something that never happened.",
        codes: &[
            deviates("closes", Axis::OwnHalf),
            deviates("cancels", Axis::OwnHalf),
            deviates("refuses-renegotiation", Axis::Alert),
        ],
        rule: Rule::Universal { check: unasked },
        ..EITHER
    },
    Requirement {
        id: "conn.handshake-messages",
        level: Level::Must,
        sections: &[rfc8446("4"), rfc8446("4.6"), rfc5246("7.3"), rfc5246("7.4")],
        says: "A side sends the handshake messages of its role and version, in their order and \
               once. After the handshake it sends only those that the version has for that.",
        why: "The peer has to give up the connection.",
        codes: &[deviates("stray-message", Axis::OwnHalf)],
        rule: Rule::Universal {
            check: handshake_messages,
        },
        ..EITHER
    },
    Requirement {
        id: "conn.spontaneous",
        level: Level::May,
        sections: &[rfc8446("4.6.1"), rfc8446("4.6.3"), rfc8446("5.1")],
        says: "A side may send a KeyUpdate, a server a ticket, and either a record without \
               application data, whenever it likes.",
        why: "A peer with a limit for such records gives up the connection.",
        codes: &[
            behaves("key-update", Axis::OwnHalf),
            behaves("ticket", Axis::OwnHalf),
            behaves("empty-data", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: spontaneous },
        ..EITHER
    },
    Requirement {
        id: "conn.keys",
        level: Level::Must,
        sections: &[
            rfc8446("2"),
            rfc8446("4.6.3"),
            rfc8446("7.2"),
            rfc5246("7.3"),
        ],
        says: "Every record is under the keys that belong to it. After the handshake these are the \
               ones that the side has announced: each KeyUpdate, and nothing else, changes them.",
        why: "The peer cannot read the record and has to give up the connection.",
        codes: &[
            deviates("unannounced-keys", Axis::OwnHalf),
            deviates("wrong-keys", Axis::OwnHalf),
            deviates("unreadable", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: keys },
        ..EITHER
    },
];

fn silence_after_close(c: &Connection<'_>) -> Verdict {
    let codes = [("sends", Breach::SendsAfterClose)];
    first(c, &codes, c.ledger().tempted().closed)
}

fn once(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("closes-twice", Breach::ClosesTwice),
        ("sends-after-alert", Breach::SendsAfterAlert),
        ("sends-after-peers-alert", Breach::SendsAfterPeersAlert),
        ("sends-after-failure", Breach::SendsAfterFailure),
    ];
    first(c, &codes, c.ledger().tempted().over)
}

fn fin(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("fin-without-close", Breach::FinBeforeClose),
        ("fin-before-output", Breach::SendsAfterFin),
    ];
    first(c, &codes, c.ledger().tempted().unasked)
}

fn unasked(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("closes", Breach::ClosesUnasked),
        ("cancels", Breach::CancelsUnasked),
        ("refuses-renegotiation", Breach::RefusesUnasked),
    ];
    first(c, &codes, c.ledger().tempted().unasked)
}

fn handshake_messages(c: &Connection<'_>) -> Verdict {
    let codes = [("stray-message", Breach::StrayMessage)];
    first(c, &codes, c.ledger().tempted().sent_handshake)
}

fn spontaneous(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("key-update", Breach::UpdatesUnasked),
        ("ticket", Breach::TicketUnasked),
        ("empty-data", Breach::EmptyData),
    ];
    first(c, &codes, c.ledger().tempted().unasked)
}

fn keys(c: &Connection<'_>) -> Verdict {
    let unannounced = c.ledger().unannounced_keys();
    if let Some(at) = unannounced.filter(|at| *at < c.end()) {
        return Verdict::found("unannounced-keys", at);
    }
    let codes = [
        ("wrong-keys", Breach::WrongKeys),
        ("unreadable", Breach::Unreadable),
    ];
    let found = first(c, &codes, false);
    if found != Verdict::NotExercised {
        return found;
    }
    let protected = Kinds::of(&[
        Kind::OwnData,
        Kind::OwnClose,
        Kind::OwnAlert,
        Kind::OwnKeyUpdate,
    ]);
    let kinds = c.marks().kinds;
    held_if(kinds.has(Kind::HandshakeDone) && kinds.intersects(protected))
}

/// The first of these breaches in the order of the list. They hold after a record of unknown
/// meaning too.
pub(super) fn first(
    c: &Connection<'_>,
    codes: &[(&'static str, Breach)],
    tempted: bool,
) -> Verdict {
    let ledger = c.ledger();
    let mut found = codes
        .iter()
        .filter_map(|(code, breach)| Some((*code, ledger.first(*breach)?)));
    match found.next() {
        Some((code, at)) => Verdict::found(code, at),
        None => held_if(tempted),
    }
}
