//! What becomes of the connection after an error alert.

use protocol::{Capability, ErrorClass, Version};
use wire::{Alert, AlertDescription};

use super::super::fatal_tx::{receives_nothing, sends_nothing};
use super::super::refusal::{another, decided};
use super::{ErrorAlert, error_alert};
use crate::connection::Reaction;
use crate::{
    Axis, Code, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    deviates, rfc5246, rfc8446, varies,
};

/// What can be wrong with an alert that is not taken for an error.
const NO_ERROR: &[Code] = &[
    deviates("still-alive", Axis::OwnHalf),
    deviates("reports-eof", Axis::EndSignal),
];

pub(super) static ALL: &[Requirement] = &[
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
        id: "alert-rx.fatal-no-more-recv",
        level: Level::Must,
        sections: &[
            rfc8446("6"),
            rfc8446("6.2"),
            rfc5246("7.2"),
            rfc5246("7.2.2"),
        ],
        says: "Nothing that arrives behind an error alert of the peer's reaches the application.",
        why: "The application acts on data of a peer that has given the connection up.",
        codes: &[deviates("delivers-data", Axis::Data)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError, Kind::PeerData]),
            check: |c| match error_alert(c) {
                Some(error) => receives_nothing(c, error.at, error.at),
                None => Verdict::NotExercised,
            },
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.no-alert-in-reply",
        level: Level::Definition,
        sections: &[rfc8446("6.2"), rfc5246("7.2.2")],
        says: "An error alert is not answered with another alert.",
        why: "Two sides that answer errors with errors talk for ever, and the second error hides \
              the first.",
        codes: &[
            deviates("replies", Axis::Alert),
            // The sender broke a MUST, so that there is something to complain about.
            varies("replies-to-odd-level", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: no_alert_in_reply,
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.level-ignored",
        level: Level::Must,
        sections: &[rfc8446("6")],
        versions: &[Version::Tls13],
        says: "The error alerts of TLS 1.3 end the connection whatever their level byte says.",
        why: "A receiver that believes the level goes on with a peer that has given up.",
        codes: NO_ERROR,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: |c| {
                taken_for_an_error(c, |error| {
                    error.level != Alert::FATAL && kind_of(error.description) == Known::Error
                })
            },
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
        codes: NO_ERROR,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: |c| taken_for_an_error(c, |error| kind_of(error.description) == Known::Nowhere),
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.legacy-types-13",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("B.2")],
        versions: &[Version::Tls13],
        says: "An alert that only older versions of TLS define ends the connection in failure, \
               whatever its level says.",
        why: "What was a harmless warning once is an error now; a receiver that shrugs goes on \
              with a peer that has given up.",
        codes: NO_ERROR,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: |c| taken_for_an_error(c, |error| kind_of(error.description) == Known::Before),
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.session-keys-forgotten",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        needs: &[Capability::Export],
        says: "A connection that has failed has forgotten its secrets, so that no keying material \
               can be exported.",
        why: "Keys are bound to a connection that the other side has thrown away, or that an \
              attacker has spoilt.",
        codes: &[deviates("exports", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::Failed, Kind::AppExport]),
            check: session_keys_forgotten,
        },
        ..EITHER
    },
];

fn fatal_no_more_send(c: &Connection<'_>) -> Verdict {
    let Some(ErrorAlert { at, .. }) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    // For an application that takes nothing a helper does not read, and so it knows of no alert.
    let unread = c.setup().habit.is_some() && c.io_at(at).read == Some(0);
    match c.facts().handshake_done {
        Some(done) if done < at && !unread => sends_nothing(c, at),
        _ => Verdict::NotExercised,
    }
}

fn no_alert_in_reply(c: &Connection<'_>) -> Verdict {
    let Some(error) = error_alert(c) else {
        return Verdict::NotExercised;
    };
    match (decided(c, error.at), error.level) {
        // The alert may be about a bad record of the same piece, or one whose header was enough.
        (Some(Reaction::Alert(_, at)), _)
            if another(c, error.at, at) || fails_of_more(c, error.at, at) =>
        {
            Verdict::NotExercised
        }
        (Some(Reaction::Alert(_, at)), Alert::FATAL) => Verdict::found("replies", at),
        (Some(Reaction::Alert(_, at)), _) => Verdict::found("replies-to-odd-level", at),
        (Some(Reaction::Silent(_)), _) => Verdict::Held,
        // What has not noticed has not answered either.
        (Some(Reaction::Alive) | None, _) => Verdict::NotExercised,
    }
}

/// Whether it fails between these positions of something else than an alert.
fn fails_of_more(c: &Connection<'_>, from: usize, to: usize) -> bool {
    c.between(from, to).any(|(_, event)| match event {
        Event::Failed { class, .. } => {
            !matches!(class, ErrorClass::AlertReceived | ErrorClass::AlreadyFailed)
        }
        _ => false,
    })
}

fn taken_for_an_error(c: &Connection<'_>, which: fn(&ErrorAlert) -> bool) -> Verdict {
    let Some(error) = error_alert(c).filter(which) else {
        return Verdict::NotExercised;
    };
    match (decided(c, error.at), c.clean_end_after(error.at)) {
        (None, _) => Verdict::NotExercised,
        (Some(Reaction::Alert(..) | Reaction::Silent(_)), _) => Verdict::Held,
        (Some(Reaction::Alive), Some(end)) => Verdict::found("reports-eof", end),
        (Some(Reaction::Alive), None) => Verdict::found("still-alive", error.at),
    }
}

fn session_keys_forgotten(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let (Some(done), Some(failed)) = (facts.handshake_done, facts.failed) else {
        return Verdict::NotExercised;
    };
    let asked = c.first_after(failed, Kind::AppExport);
    let Some(asked) = asked.filter(|_| done < failed && c.dropped().is_none()) else {
        return Verdict::NotExercised;
    };
    for (i, event) in c.after(asked) {
        match event {
            Event::Exported(_) => return Verdict::found("exports", i),
            Event::Unsupported | Event::Crash | Event::Hang => return Verdict::NotExercised,
            _ => {}
        }
    }
    Verdict::Held
}

/// Who knows an alert.
#[derive(PartialEq)]
enum Known {
    /// TLS 1.3, as an error (RFC 8446 6.2).
    Error,
    /// TLS 1.3, as a closure (RFC 8446 6.1).
    Closure,
    /// Older versions alone (RFC 8446 B.2).
    Before,
    /// No version.
    Nowhere,
}

fn kind_of(description: AlertDescription) -> Known {
    match description.0 {
        0 | 90 => Known::Closure,
        21 | 30 | 41 | 60 | 100 | 111 | 114 => Known::Before,
        10
        | 20
        | 22
        | 40
        | 42..=51
        | 70
        | 71
        | 80
        | 86
        | 109
        | 110
        | 112
        | 113
        | 115
        | 116
        | 120 => Known::Error,
        _ => Known::Nowhere,
    }
}
