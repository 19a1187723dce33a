//! Error alerts of the peer's.

use protocol::Version;
use wire::AlertDescription;

use crate::connection::Reaction;
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates, rfc5246,
    rfc8446,
};

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "alert-rx.fatal-no-more-send",
        level: Level::Must,
        sections: &[
            rfc8446("6"),
            rfc8446("6.2"),
            rfc5246("7.2"),
            rfc5246("7.2.2"),
        ],
        says: "After an error alert of the peer's, nothing that the application writes or asks \
               for is sent.",
        why: "The application is told that its bytes were sent on a connection that has failed, \
              and nobody reads them.",
        codes: &[
            deviates("sends-app-data", Axis::OwnHalf),
            deviates("sends-key-update", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerError]),
            check: fatal_no_more_send,
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.unknown-is-error",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "An alert of a type that TLS 1.3 does not know ends the connection in failure, \
               whatever its level says.",
        why: "A receiver that reads on after an error it cannot name goes on with a peer that has \
              given up.",
        codes: &[
            deviates("still-alive", Axis::OwnHalf),
            deviates("reports-eof", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: unknown_is_error,
        },
        ..EITHER
    },
]];

fn fatal_no_more_send(c: &Connection<'_>) -> Verdict {
    let Some((error, _)) = c.peer_error() else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    let open = facts.handshake_done.is_some_and(|done| done < error);
    let over = [
        facts.own_close,
        facts.own_error,
        facts.failed,
        facts.transport_end,
    ];
    if !open || over.into_iter().flatten().any(|at| at < error) {
        return Verdict::NotExercised;
    }
    let asked = |kind| {
        c.first_after(error, kind)
            .filter(|at| c.io_at(*at).is_free())
    };
    let mut verdict = Verdict::NotExercised;
    if let Some(called) = asked(Kind::AppWrite) {
        let sent = c.first_after(called, Kind::OwnData);
        verdict = verdict.and(Verdict::held_unless("sends-app-data", sent));
    }
    if let Some(called) = asked(Kind::AppUpdateKeys) {
        let sent = c.first_after(called, Kind::OwnKeyUpdate);
        verdict = verdict.and(Verdict::held_unless("sends-key-update", sent));
    }
    verdict
}

fn unknown_is_error(c: &Connection<'_>) -> Verdict {
    let Some((at, _)) = c
        .peer_error()
        .filter(|(_, description)| is_unknown(*description))
    else {
        return Verdict::NotExercised;
    };
    let facts = c.facts();
    let over = [
        facts.own_error,
        facts.failed,
        facts.transport_end,
        c.dropped(),
    ];
    if over.into_iter().flatten().any(|over| over < at) {
        return Verdict::NotExercised;
    }
    match c.reaction(at) {
        Reaction::Alert(..) | Reaction::Silent(_) => Verdict::Held,
        Reaction::Alive if c.is_paused() || c.is_blocked() || facts.stopped.is_some() => {
            Verdict::NotExercised
        }
        Reaction::Alive => match c.clean_end_after(at) {
            Some(end) => Verdict::found("reports-eof", end),
            None => Verdict::found("still-alive", at),
        },
    }
}

/// Neither in the list of RFC 8446 6 nor reserved there for an older version's alert.
fn is_unknown(description: AlertDescription) -> bool {
    !matches!(
        description.0,
        0 | 10 | 20..=22 | 30 | 40..=51 | 60 | 70 | 71 | 80 | 86 | 90 | 100 | 109..=116 | 120
    )
}
