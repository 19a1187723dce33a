//! How the API reports the end to the application.

use protocol::{End, Role, Version};
use wire::{Alert, Content, HandshakeType};

use super::ignoring::PEERS;
use super::shapes::{is_padded, level};
use crate::ledger::{Blame, Half, Stage, Told, Way};
use crate::rule::{Depends, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, deviates, rfc5246, rfc8446, varies,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.signal-eof",
        level: Level::Should,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        says: "The API reports the peer's close_notify to the application as a clean end of data.",
        why: "Without this, the application cannot tell a complete answer from a truncated one.",
        codes: &[
            varies("no-end", Axis::EndSignal),
            varies("wrong-end", Axis::EndSignal),
            deviates("no-end-12", Axis::EndSignal),
            deviates("wrong-end-12", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            by: Kinds::of(&[Kind::End]),
            pays: |_, step| match *step.event == Event::End(End::Clean) {
                true => Payment::Paid,
                false => Payment::Wrong(in_version(step, ["wrong-end", "wrong-end-12"])),
            },
            missing: |close, now| {
                let code = in_version(close, ["no-end", "no-end-12"]);
                now.owed.end.then_some(code)
            },
            ..TOLD
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.data-first",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "All data that arrived before close_notify reaches the application before the end \
               does.",
        why: "An application stops reading at the end and loses the tail of the answer.",
        codes: &[
            deviates("end-before-data", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::Never(DATA_FIRST),
        ..EITHER
    },
    Requirement {
        id: "close-rx.backpressure",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "An application that reads slowly sees the end only once it has read everything.",
        why: "A slow reader stops at the end while data is still waiting for it.",
        codes: &[
            deviates("end-before-data", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::Never(Never {
            during: |step| is_closed(step) && step.now.has_paused,
            ..DATA_FIRST
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.eof-latched",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        says: "A clean end, once reported, stays clean: no later transport event and no further \
               call changes it.",
        why: "A complete answer becomes an error because of how the peer tore down the connection.",
        codes: &[
            deviates("changes-end", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::PeerClose, Kind::End]),
            during: |step| step.now.peer == Half::Closed && step.now.told == Told::Clean,
            tempted_by: Kinds::of(&[Kind::AppSettle, Kind::TransportEnd]),
            forbids: Kinds::of(&[Kind::End, Kind::Failed, Kind::OwnAlert]),
            breach: |step| match step.event {
                Event::End(End::Truncated | End::Reset) => Some("changes-end"),
                _ => (step.fails() && step.now.blame == Blame::None).then_some("fails"),
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.with-finished",
        level: Level::Definition,
        sections: &[rfc8446("4.4.4"), rfc8446("6.1")],
        says: "When close_notify arrives in the same segment as the peer's Finished, the handshake \
               completes and then the peer's half ends.",
        why: "Peers that only probe, or that have nothing to send, look broken.",
        codes: &[
            deviates("loses-handshake", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerHandshake]),
            binds: with_finished,
            by: Kinds::of(&[Kind::End, Kind::Failed, Kind::OwnAlert]),
            pays: |_, step| match step.now.stage {
                Stage::Done => ends(step),
                _ if step.fails() => Payment::Wrong("loses-handshake"),
                _ => Payment::Nothing,
            },
            missing: |_, now| {
                Some(match now.stage {
                    Stage::Done => "no-end",
                    _ => "loses-handshake",
                })
            },
            ..TOLD
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.before-tickets",
        aliases: &["ph.server-no-nst-to-closed-client"],
        level: Level::Definition,
        sections: &[rfc8446("4.6.1")],
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        says: "A client that closes before it has read the server's tickets has closed cleanly, \
               and the server may still send the tickets.",
        why: "Every short-lived client shows up as an error in the server's log.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerClose]),
            on: Kinds::of(&[Kind::OwnHandshake]),
            binds: |step| {
                let ticket = Content::Handshake(HandshakeType::NEW_SESSION_TICKET);
                is_behind_close(step) && step.sent().is_some_and(|it| it.content == ticket)
            },
            // The end may have been reported before.
            by: Kinds::of(&[Kind::Failed, Kind::OwnAlert]),
            pays: |_, step| match step.fails() && is_behind_close(step) {
                true => Payment::Wrong("fails"),
                false => Payment::Nothing,
            },
            missing: |_, now| (now.told != Told::Clean).then_some("no-end"),
            ..ENDS
        }),
        ..EITHER
    },
];

/// The peer's close on a sound connection is reported.
pub(super) const TOLD: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone]),
    on: Kinds::of(&[Kind::PeerClose]),
    binds: is_closing,
    ..OWES
};

/// The same, and the connection does not fail because of it.
pub(super) const ENDS: Owes = Owes {
    by: Kinds::of(&[Kind::End, Kind::Failed, Kind::OwnAlert]),
    pays: |_, step| ends(step),
    missing: |_, now| now.owed.end.then_some("no-end"),
    ..TOLD
};

/// Whether this record ends the peer's half of a sound connection.
pub(super) fn is_closing(step: &Step<'_, '_>) -> bool {
    step.now.is_sound() && step.now.peer == Half::Open
}

/// Whether a sound connection has received the peer's close.
fn is_closed(step: &Step<'_, '_>) -> bool {
    step.now.is_sound() && step.now.peer == Half::Closed
}

/// A report of the end, or a failure that only the close can explain.
fn ends(step: &Step<'_, '_>) -> Payment {
    let now = step.now;
    match step.event {
        Event::End(End::Clean) => Payment::Paid,
        _ if step.fails() && now.blame == Blame::None && now.input == Way::Free => {
            Payment::Wrong("fails")
        }
        _ => Payment::Nothing,
    }
}

/// Whether the last that has arrived is a close after the peer's `Finished`, so that nothing else
/// can be the cause of a failure.
fn is_behind_close(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    let before = step.c.steps_of(PEERS).take_while(|it| it.at < step.at);
    let is_close = |last: Step<'_, '_>| {
        let then = last.now;
        last.kind() == Kind::PeerClose
            && level(&last) == Some(Alert::WARNING)
            && then.peer == Half::Open
            && then.stage > Stage::Handshake
            && then.blame == Blame::None
    };
    now.input == Way::Free && !now.key_used_up && before.last().is_some_and(is_close)
}

/// The end is reported after all data.
const DATA_FIRST: Never = Never {
    given: Kinds::of(&[Kind::PeerData, Kind::PeerClose]),
    during: is_closed,
    tempted_by: Kinds::of(&[Kind::End]),
    forbids: Kinds::of(&[Kind::End]),
    breach: |step| {
        let last = step.c.last_moment();
        match step.event {
            Event::End(End::Clean) if step.now.owed.untold == 0 => None,
            // It is late, or may still come.
            Event::End(End::Clean)
                if last.owed.untold == 0 || Depends::Both.delay(last).is_some() =>
            {
                Some("end-before-data")
            }
            Event::End(End::Clean) => Some("loses-data"),
            _ => None,
        }
    },
    ..NEVER
};

fn in_version(step: &Step<'_, '_>, [tls13, tls12]: [&'static str; 2]) -> &'static str {
    match step.version() {
        Version::Tls13 => tls13,
        Version::Tls12 => tls12,
    }
}

/// Whether this close arrives with the peer's `Finished`.
fn with_finished(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    // A TLS 1.2 server still owes its own Finished at this point, and RFC 5246 7.2.1 has it discard
    // pending writes.
    let owes_finished = step.role() == Role::Server && step.version() == Version::Tls12;
    now.stage == Stage::Finished
        && now.blame == Blame::None
        && now.peer == Half::Open
        && level(step) == Some(Alert::WARNING)
        && !is_padded(step)
        && !owes_finished
}
