//! The API after the connection has failed.

use protocol::{ApiState, Capability};
use wire::Meaning;

use super::{failure, names_states, states};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.no-write-state-when-dead",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "WriteTraffic is not offered once the connection has failed.",
        why: "A caller that looks only at the state writes to a dead connection.",
        codes: &[deviates("offers-write", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::Failed]),
            check: no_write_state_when_dead,
        },
        ..EITHER
    },
    Requirement {
        id: "api.error-latched",
        level: Level::Contract,
        says: "After a failure every call fails again or outputs the alert; no call delivers data, \
               reports an end or waits for input.",
        why: "A caller that misses one error reads on as if nothing had happened.",
        codes: &[
            deviates("reads-on", Axis::Data),
            deviates("ends", Axis::EndSignal),
            deviates("waits", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Failed]),
            check: error_latched,
        },
        ..EITHER
    },
];

/// Where the connection failed, if the API was called again afterwards.
fn tried_after_failure(c: &Connection<'_>) -> Option<usize> {
    let failed = failure(c)?;
    let answered = c.after(failed).any(|(_, event)| match event {
        Event::State { name, .. } => {
            !matches!(name, ApiState::EncodeTlsData | ApiState::TransmitTlsData)
        }
        Event::Failed { .. } | Event::Data(_) | Event::End(_) => true,
        _ => false,
    });
    answered.then_some(failed)
}

fn no_write_state_when_dead(c: &Connection<'_>) -> Verdict {
    match tried_after_failure(c) {
        Some(failed) if names_states(c) => match c.first_after(failed, Kind::WriteTraffic) {
            Some(at) => Verdict::found("offers-write", at),
            // It is never offered before the handshake is done.
            None if c.facts().handshake_done.is_none() => Verdict::NotExercised,
            None => Verdict::Held,
        },
        _ => Verdict::NotExercised,
    }
}

fn error_latched(c: &Connection<'_>) -> Verdict {
    let Some(failed) = tried_after_failure(c) else {
        return Verdict::NotExercised;
    };
    let said: usize = c
        .delivered()
        .take_while(|(i, _)| *i < failed)
        .filter(|(_, r)| matches!(r.meaning, Meaning::Data | Meaning::EarlyData))
        .map(|(_, r)| r.content.len())
        .sum();
    let mut read = 0;
    for (at, event) in c.events() {
        match event {
            Event::Data(span) | Event::EarlyData(span) => {
                read += span.len();
                // Data from before the failure may have been waiting for the application.
                if at > failed && read > said {
                    return Verdict::found("reads-on", at);
                }
            }
            Event::End(protocol::End::Clean) if at > failed => return Verdict::found("ends", at),
            _ => {}
        }
    }
    let later = states(c).find(|state| {
        state.at > failed
            && matches!(
                state.name,
                ApiState::PeerClosed | ApiState::Closed | ApiState::BlockedHandshake
            )
    });
    match later.map(|state| (state.name, state.at)) {
        None => Verdict::Held,
        Some((ApiState::BlockedHandshake, at)) => Verdict::found("waits", at),
        Some((_, at)) => Verdict::found("ends", at),
    }
}
