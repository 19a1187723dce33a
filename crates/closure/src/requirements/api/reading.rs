//! The API's states for reading.

use protocol::{ApiState, Capability, Role, Version};
use wire::Meaning;

use super::{State, is_settled, names_states, states};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
};

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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: read_traffic,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData]),
            check: read_early_data,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: peer_closed_once,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: closed_terminal,
        },
        ..EITHER
    },
];

fn read_traffic(c: &Connection<'_>) -> Verdict {
    if !names_states(c) {
        return Verdict::NotExercised;
    }
    let mut arrived = 0;
    let mut offered = 0;
    for (at, event) in c.events() {
        match event {
            Event::Delivered(r) if r.meaning == Meaning::Data && !r.content.is_empty() => {
                arrived += 1;
            }
            // Other rules check whether an invalid record is taken for data.
            Event::Delivered(r) if matches!(r.meaning, Meaning::Invalid(_)) => break,
            Event::State {
                name: ApiState::ReadTraffic,
                ..
            } => {
                offered += 1;
                if offered > arrived {
                    return Verdict::found("without-data", at);
                }
            }
            Event::Data(_) if offered == 0 && arrived > 0 => {
                return Verdict::found("not-offered", at);
            }
            _ => {}
        }
    }
    if arrived == 0 {
        return Verdict::NotExercised;
    }
    let ends = [c.facts().peer_close, c.facts().transport_end];
    let until = ends.into_iter().flatten().min().unwrap_or(usize::MAX);
    match c.data_until(until).missing {
        0 if offered > 0 => Verdict::Held,
        _ if !is_settled(c) || c.facts().handshake_done.is_none() => Verdict::NotExercised,
        0 => Verdict::NotExercised,
        _ => {
            let first = c.first(Kind::PeerData).unwrap_or_default();
            Verdict::found("not-offered", first)
        }
    }
}

fn read_early_data(c: &Connection<'_>) -> Verdict {
    if !names_states(c) {
        return Verdict::NotExercised;
    }
    let mut arrived_early = 0;
    let mut arrived = 0;
    let mut offered_early = 0;
    let mut offered = false;
    let mut verdict = Verdict::NotExercised;
    for (at, event) in c.events() {
        match event {
            Event::Delivered(r) => match r.meaning {
                Meaning::EarlyData if !r.content.is_empty() => arrived_early += 1,
                Meaning::Data if !r.content.is_empty() => arrived += 1,
                Meaning::Invalid(_) => break,
                _ => {}
            },
            Event::State {
                name: ApiState::ReadEarlyData,
                ..
            } => {
                offered_early += 1;
                if offered_early > arrived_early {
                    return Verdict::found("without-data", at);
                }
                if offered {
                    return Verdict::found("behind-read-traffic", at);
                }
                verdict = Verdict::Held;
            }
            Event::State {
                name: ApiState::ReadTraffic,
                ..
            } => {
                offered = true;
                if arrived == 0 && arrived_early > 0 {
                    return Verdict::found("as-read-traffic", at);
                }
            }
            Event::EarlyData(_) if offered_early == 0 => {
                return Verdict::found("as-read-traffic", at);
            }
            _ => {}
        }
    }
    verdict
}

fn peer_closed_once(c: &Connection<'_>) -> Verdict {
    if !names_states(c) {
        return Verdict::NotExercised;
    }
    let facts = c.facts();
    let close = facts.peer_close;
    let mut offered = states(c).filter(|state| state.name == ApiState::PeerClosed);
    let Some(State { at, .. }) = offered.next() else {
        // A close during the handshake does not end any data.
        let end = super::super::close_rx::scene::close(c);
        return match (
            close.filter(|close| end == Some(*close)),
            facts.handshake_done,
        ) {
            (Some(close), Some(_)) if is_settled(c) && !ended_before(c, close) => {
                Verdict::found("never", close)
            }
            _ => Verdict::NotExercised,
        };
    };
    // Other rules check whether an invalid record is taken for a close.
    if facts.fatal.is_some_and(|fatal| fatal < at) {
        return Verdict::NotExercised;
    }
    let Some(close) = close.filter(|close| *close < at) else {
        return Verdict::found("before-close", at);
    };
    if let Some(again) = offered.next() {
        return Verdict::found("twice", again.at);
    }
    let read: usize = c
        .between(0, at)
        .filter_map(|(_, event)| match event {
            Event::Data(span) => Some(span.len()),
            _ => None,
        })
        .sum();
    let said: usize = c
        .delivered()
        .take_while(|(i, _)| *i < close)
        .filter(|(_, r)| r.meaning == Meaning::Data)
        .map(|(_, r)| r.content.len())
        .sum();
    match read < said && c.io_at(at).read.is_none() {
        true => Verdict::found("before-data", at),
        false => Verdict::Held,
    }
}

/// Whether the transport had ended before position `at`, so that nothing from there on is read.
fn ended_before(c: &Connection<'_>, at: usize) -> bool {
    c.facts().transport_end.is_some_and(|end| end < at)
}

fn closed_terminal(c: &Connection<'_>) -> Verdict {
    if !names_states(c) {
        return Verdict::NotExercised;
    }
    let facts = c.facts();
    let closed = states(c).find(|state| state.name == ApiState::Closed);
    let Some(State { at, .. }) = closed else {
        return match (facts.own_close, facts.peer_close, facts.handshake_done) {
            (Some(_), Some(close), Some(done))
                if done < close && is_settled(c) && !ended_before(c, close) =>
            {
                Verdict::found("not-reached", close)
            }
            _ => Verdict::NotExercised,
        };
    };
    if facts.fatal.is_some_and(|fatal| fatal < at) {
        return Verdict::NotExercised;
    }
    let asked = c
        .between(0, at)
        .any(|(_, event)| matches!(event.kind(), Kind::AppClose | Kind::OwnClose));
    let queued = c.io_at(at).room.is_some() || c.reset().is_some();
    if facts.peer_close.is_none_or(|close| close > at) || !asked && !queued {
        return Verdict::found("half-open", at);
    }
    for (i, event) in c.after(at) {
        match event {
            Event::State { name, .. } if *name != ApiState::Closed => {
                return Verdict::found("leaves", i);
            }
            Event::Failed { .. } => return Verdict::found("fails", i),
            Event::Data(_) if c.io_at(at).read.is_none() => return Verdict::found("leaves", i),
            _ => {}
        }
    }
    Verdict::Held
}
