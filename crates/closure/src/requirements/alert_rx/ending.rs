//! The connection after an error alert.

use protocol::{Capability, ErrorClass, Version};
use wire::{Alert, AlertDescription, Reason};

use super::super::fatal_tx::{receives_nothing, sends_nothing};
use super::super::refusal::{REFUSABLE_13, another, decided, on_refusable, takes};
use super::{ErrorAlert, error_alert};
use crate::connection::Reaction;
use crate::{
    Axis, Code, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc5246, rfc8446, varies,
};

/// The codes for an alert that the subject does not treat as an error.
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
        says: "After an error alert from the peer, nothing that the application writes or requests \
               is sent.",
        why: "The API reports bytes as sent on a connection that has failed, and nobody reads \
              them.",
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
        says: "Nothing that arrives after an error alert from the peer reaches the application.",
        why: "The application acts on data from a peer that has given up the connection.",
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
        why: "Two sides that answer errors with errors never stop, and the second error hides the \
              first.",
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
        says: "Once TLS 1.3 is negotiated, its error alerts end the connection, whatever the level \
               byte says.",
        why: "A receiver that trusts the level goes on with a peer that has given up.",
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
        says: "An alert of an unknown type ends the connection in failure, whatever its level \
               says.",
        why: "A receiver that reads on after an alert it does not know goes on with a peer that \
              has given up.",
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
        why: "An alert that used to be a harmless warning is an error now. A receiver that ignores \
              it goes on with a peer that has given up.",
        codes: NO_ERROR,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerError]),
            check: |c| taken_for_an_error(c, |error| kind_of(error.description) == Known::Before),
        },
        ..EITHER
    },
    Requirement {
        id: "alert-rx.warning-before-version",
        sections: &[rfc8446("6"), rfc8446("4.2.1"), rfc5246("7.2.2")],
        says: "Whether an error alert at level warning ends a connection on which no version is \
               negotiated yet is left open: by TLS 1.3 it does, and by TLS 1.2 the receiver may \
               ignore it.",
        why: "The sender of the alert has given up, or has not, and the receiver cannot tell.",
        codes: &[behaves("goes-on", Axis::OwnHalf)],
        rule: on_refusable(|c| takes(c, |reason, _| reason == Reason::BeforeVersion, "goes-on")),
        ..REFUSABLE_13
    },
    Requirement {
        id: "alert-rx.session-keys-forgotten",
        level: Level::Must,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        needs: &[Capability::Export],
        says: "A failed connection has forgotten its secrets, so no keying material can be \
               exported from it.",
        why: "Keys are bound to a connection that the peer has discarded, or that an attacker has \
              corrupted.",
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
    // An I/O helper does not read for an application that takes no data, so it never sees the
    // alert.
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
        // The alert may be about a bad record in the same segment, or about one refused by its
        // header.
        (Some(Reaction::Alert(_, at)), _)
            if another(c, error.at, at) || fails_of_more(c, error.at, at) =>
        {
            Verdict::NotExercised
        }
        (Some(Reaction::Alert(_, at)), Alert::FATAL) => Verdict::found("replies", at),
        (Some(Reaction::Alert(_, at)), _) => Verdict::found("replies-to-odd-level", at),
        (Some(Reaction::Silent(_)), _) => Verdict::Held,
        // A subject that has not noticed the alert has not answered it either.
        (Some(Reaction::Alive) | None, _) => Verdict::NotExercised,
    }
}

/// Whether the connection fails between these positions for another reason than an alert.
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

/// Which versions of TLS define an alert.
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
