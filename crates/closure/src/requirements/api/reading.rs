//! The API's states for reading.

use protocol::{Capability, Role, Version};

use super::{is_up, names_states};
use crate::ledger::{Application, Blame, Half, Way};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{Axis, EITHER, Kind, Kinds, Level, Requirement, Rule, deviates};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.read-traffic",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "Application data is offered as ReadTraffic once its record is complete, and \
               ReadTraffic is offered only for such data.",
        why: "Data that is never offered stays in the connection, and a state without data makes \
              callers wait for more.",
        codes: &[
            deviates("not-offered", Axis::Data),
            deviates("without-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| is_up(step.now),
                tempted_by: Kinds::of(&[Kind::ReadTraffic]),
                forbids: Kinds::of(&[Kind::ReadTraffic]),
                breach: |step| {
                    // A side that need not read may offer data all the same.
                    let none = step.now.owed.untold == 0
                        && offered(step, Kind::ReadTraffic) >= arrived(step, Kind::PeerData);
                    none.then_some("without-data")
                },
                ..NEVER
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerData]),
                binds: |step| names_states(step.c) && step.c.moment(step.at + 1).owed.untold > 0,
                by: Kinds::of(&[Kind::Data]),
                pays: |_, step| match step.now.before.has(Kind::ReadTraffic) {
                    false => Payment::Wrong("not-offered"),
                    _ if step.c.moment(step.at + 1).owed.untold == 0 => Payment::Paid,
                    _ => Payment::Nothing,
                },
                missing: |_, now| (now.owed.untold > 0).then_some("not-offered"),
                ..OWES
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "api.read-early-data",
        level: Level::Contract,
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        needs: &[Capability::States, Capability::EarlyData],
        says: "0-RTT data is offered as ReadEarlyData, never as ReadTraffic, and before any \
               ReadTraffic.",
        why: "0-RTT data can be replayed: an application that cannot tell it apart acts on it \
              twice.",
        codes: &[
            deviates("as-read-traffic", Axis::Data),
            deviates("behind-read-traffic", Axis::Data),
            deviates("without-data", Axis::Data),
        ],
        rule: Rule::Never(Never {
            during: |step| names_states(step.c) && is_up(step.now),
            tempted_by: Kinds::of(&[Kind::PeerEarlyData]),
            tempts: has_content,
            forbids: Kinds::of(&[Kind::ReadEarlyData, Kind::ReadTraffic, Kind::EarlyData]),
            breach: confuses_early_data,
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "api.peer-closed-once",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "PeerClosed is offered exactly once, after close_notify has arrived and all data \
               before it has been offered.",
        why: "It delimits the peer's data: offered early it truncates the data, never offered it \
              leaves the caller waiting, offered twice it ends something else.",
        codes: &[
            deviates("never", Axis::EndSignal),
            deviates("twice", Axis::EndSignal),
            deviates("before-close", Axis::EndSignal),
            deviates("before-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| is_up(step.now),
                tempted_by: Kinds::of(&[Kind::PeerClosed]),
                forbids: Kinds::of(&[Kind::PeerClosed]),
                breach: |step| match step.now.peer {
                    Half::Closed if step.now.before.has(Kind::PeerClosed) => Some("twice"),
                    Half::Closed => {
                        let reads = step.now.application == Application::Reads;
                        (reads && step.now.owed.untold > 0).then_some("before-data")
                    }
                    // Whether bytes after the end of the transport end anything is left open.
                    Half::Ended if step.now.blame > Blame::None => None,
                    _ => Some("before-close"),
                },
                ..NEVER
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerClose]),
                binds: |step| names_states(step.c) && step.c.moment(step.at + 1).owed.end,
                by: Kinds::of(&[Kind::PeerClosed]),
                missing: |_, _| Some("never"),
                ..OWES
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "api.closed-terminal",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "Once both halves are closed the state is Closed, and no input or call changes it.",
        why: "Callers free the connection at Closed, and keep it until then.",
        codes: &[
            deviates("not-reached", Axis::EndSignal),
            deviates("half-open", Axis::EndSignal),
            deviates("leaves", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| is_up(step.now),
                tempted_by: Kinds::of(&[Kind::Closed]),
                forbids: Kinds::of(&[Kind::Closed]),
                breach: |step| (!are_closed(step)).then_some("half-open"),
                ..NEVER
            }),
            Rule::Never(Never {
                during: |step| step.now.blame < Blame::Must && step.now.before.has(Kind::Closed),
                forbids: NOT_CLOSED,
                breach: |step| match step.kind() {
                    Kind::Failed => Some("fails"),
                    Kind::Data if step.now.application == Application::Paused => None,
                    _ => Some("leaves"),
                },
                ..NEVER
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::OwnClose, Kind::PeerClose]),
                binds: |step| {
                    let next = step.c.moment(step.at + 1);
                    let both = (Half::Closed, Half::Closed);
                    names_states(step.c) && next.is_sound() && (next.own, next.peer) == both
                },
                by: Kinds::of(&[Kind::Closed]),
                due: Due::End(Depends::Both),
                at_key_limit: true,
                missing: |_, _| Some("not-reached"),
                ..OWES
            }),
        ]),
        ..EITHER
    },
];

/// The number of earlier events of this kind.
fn offered(step: &Step<'_, '_>, kind: Kind) -> usize {
    let all = step.c.steps_of(Kinds::of(&[kind]));
    all.take_while(|earlier| earlier.at < step.at).count()
}

/// The number of earlier records of this kind that are not empty.
fn arrived(step: &Step<'_, '_>, kind: Kind) -> usize {
    let all = step.c.steps_of(Kinds::of(&[kind]));
    all.take_while(|earlier| earlier.at < step.at)
        .filter(has_content)
        .count()
}

fn has_content(step: &Step<'_, '_>) -> bool {
    step.delivered()
        .is_some_and(|record| !record.content.is_empty())
}

fn confuses_early_data(step: &Step<'_, '_>) -> Option<&'static str> {
    let before = step.now.before;
    let early = || before.has(Kind::PeerEarlyData) && arrived(step, Kind::PeerEarlyData) > 0;
    match step.kind() {
        Kind::ReadEarlyData
            if offered(step, Kind::ReadEarlyData) >= arrived(step, Kind::PeerEarlyData) =>
        {
            Some("without-data")
        }
        Kind::ReadEarlyData if before.has(Kind::ReadTraffic) => Some("behind-read-traffic"),
        Kind::ReadTraffic if early() && arrived(step, Kind::PeerData) == 0 => {
            Some("as-read-traffic")
        }
        Kind::EarlyData if !before.has(Kind::ReadEarlyData) => Some("as-read-traffic"),
        _ => None,
    }
}

/// Whether both halves are closed. The local `close_notify` may wait for a blocked or dead transport.
fn are_closed(step: &Step<'_, '_>) -> bool {
    let waits = step.now.output == Way::Reset || Depends::Output.delay(step.now).is_some();
    step.now.peer == Half::Closed && (step.now.own != Half::Open || waits)
}

/// The events that state `Closed` excludes.
const NOT_CLOSED: Kinds = Kinds::of(&[
    Kind::ReadTraffic,
    Kind::ReadEarlyData,
    Kind::PeerClosed,
    Kind::EncodeTlsData,
    Kind::TransmitTlsData,
    Kind::BlockedHandshake,
    Kind::WriteTraffic,
    Kind::Failed,
    Kind::Data,
]);
