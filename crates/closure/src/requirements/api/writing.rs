//! The API's states for the handshake and for writing.

use protocol::{ApiCall, ApiState, Capability, ErrorClass, HabitKind, Presented, Role, Version};
use wire::Content;

use super::{finished_before, is_settled, names_states, states};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    behaves, deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.write-traffic",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "WriteTraffic is offered once the handshake is done, all input is processed and the \
               local half is open; never before the peer's Finished, except for 0.5-RTT data.",
        why: "It is the only way to answer: without it, half-closed connections cannot be used.",
        codes: &[
            deviates("not-offered", Axis::OwnHalf),
            deviates("too-early", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::NONE,
            check: write_traffic,
        },
        ..EITHER
    },
    Requirement {
        id: "api.encode-tls-data",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "A record that was encoded at EncodeTlsData appears on the wire.",
        why: "A lost record leaves a hole in the sequence numbers, and the peer cannot read on.",
        codes: &[deviates("not-transmitted", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::EncodeTlsData]),
            check: encode_tls_data,
        },
        ..EITHER
    },
    Requirement {
        id: "api.transmit-tls-data",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "TransmitTlsData is offered after data was encoded, and only then.",
        why: "A caller that waits for it holds back the handshake; a caller that gets it for \
              nothing sends twice what may be sent only once.",
        codes: &[
            deviates("not-offered", Axis::OwnHalf),
            deviates("nothing-encoded", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::NONE,
            check: transmit_tls_data,
        },
        ..EITHER
    },
    Requirement {
        id: "api.blocked-handshake",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "BlockedHandshake is reported only while the handshake lacks input: not after it is \
               done, and not while input that advances it is available.",
        why: "A caller that is told to wait for input that has already arrived waits forever.",
        codes: &[
            deviates("after-handshake", Axis::OwnHalf),
            deviates("stalls", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::BlockedHandshake]),
            check: blocked_handshake,
        },
        ..EITHER
    },
    Requirement {
        id: "api.no-write-state-after-own-close",
        level: Level::Practice,
        needs: &[Capability::States],
        says: "Whether WriteTraffic is offered after the local close_notify is left open: it may \
               serve as the state in which to wait for input.",
        why: "A caller that takes it as permission to write sends what nobody reads.",
        codes: &[behaves("offers-write", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose]),
            check: no_write_state_after_own_close,
        },
        ..EITHER
    },
    Requirement {
        id: "api.small-output",
        level: Level::Contract,
        says: "Too little room for output is an error that leaves the buffer untouched, states the \
               room needed, and has no other effect.",
        why: "Callers start with a small buffer and grow it on demand.",
        codes: &[
            deviates("touches-room", Axis::Data),
            deviates("asks-again", Axis::OwnHalf),
            deviates("gives-up", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::TooSmall]),
            check: small_output,
        },
        ..EITHER
    },
    Requirement {
        id: "api.state-must-not-lose-records",
        level: Level::Practice,
        needs: &[Capability::States],
        says: "Whether a record that was offered at EncodeTlsData is offered again after the state \
               was dropped is left open: callers should handle each state, and repeat a call that \
               had too little room on the same state.",
        why: "A caller that comes back with a larger buffer after another call has lost the record \
              for good.",
        codes: &[behaves("loses-record", Axis::OwnHalf)],
        // Only habits that the documentation forbids or leaves open exercise this.
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::EncodeTlsData]),
            check: state_must_not_lose_records,
        },
        ..EITHER
    },
];

fn write_traffic(c: &Connection<'_>) -> Verdict {
    if !names_states(c) {
        return Verdict::NotExercised;
    }
    let facts = c.facts();
    // A TLS 1.3 server may write 0.5-RTT data.
    let strict = c.role() == Role::Client || c.version() == Version::Tls12;
    let first = states(c).find(|state| state.name == ApiState::WriteTraffic);
    if let Some(first) = first.filter(|first| strict && !finished_before(c, first.at)) {
        // Other rules check whether an invalid record is taken for the end of the handshake.
        let unclear = [facts.fatal, facts.taint].into_iter().flatten().min();
        return match unclear.is_some_and(|at| at < first.at) {
            true => Verdict::NotExercised,
            false => Verdict::found("too-early", first.at),
        };
    }
    let Some(done) = facts.handshake_done else {
        return Verdict::NotExercised;
    };
    if facts.own_close.is_some() || !is_settled(c) {
        return match first {
            Some(_) => Verdict::Held,
            None => Verdict::NotExercised,
        };
    }
    match states(c).next_back() {
        Some(last) if last.name == ApiState::WriteTraffic => Verdict::Held,
        Some(last) => Verdict::found("not-offered", last.at.max(done)),
        None => Verdict::NotExercised,
    }
}

fn encode_tls_data(c: &Connection<'_>) -> Verdict {
    let mut pending = 0_usize;
    let mut last = 0;
    for (at, event) in c.events() {
        match event {
            Event::State {
                name: ApiState::EncodeTlsData,
                ..
            } => {
                pending += 1;
                last = at;
            }
            Event::Sent(record) if record.content != Content::Data => {
                pending = pending.saturating_sub(1);
            }
            _ => {}
        }
    }
    // A connection that fails while the transport takes nothing may drop its output.
    let dropped = c
        .facts()
        .failed
        .is_some_and(|at| c.io_at(at).room.is_some());
    let held_up = c.is_blocked() || c.is_paused() || c.reset().is_some() || dropped;
    match pending {
        0 if last > 0 => Verdict::Held,
        0 => Verdict::NotExercised,
        _ if held_up || c.facts().stopped.is_some() || c.facts().taint.is_some() => {
            Verdict::NotExercised
        }
        _ => Verdict::found("not-transmitted", last),
    }
}

fn transmit_tls_data(c: &Connection<'_>) -> Verdict {
    let mut encoded = None;
    let mut transmitting = false;
    let mut verdict = Verdict::NotExercised;
    // A limited transport makes the caller come back, and a dead one does so forever.
    let reset = c.reset().is_some();
    let mut room = None;
    for (at, event) in c.events() {
        let name = match event {
            Event::State { name, .. } => *name,
            Event::Limited(io) => {
                room = io.room;
                continue;
            }
            _ => continue,
        };
        if transmitting {
            encoded = None;
        }
        transmitting = false;
        match name {
            ApiState::EncodeTlsData => encoded = Some(at),
            ApiState::TransmitTlsData if encoded.is_none() => {
                return Verdict::found("nothing-encoded", at);
            }
            ApiState::TransmitTlsData => {
                transmitting = room.is_none() && !reset;
                verdict = Verdict::Held;
            }
            _ => {}
        }
    }
    match encoded.filter(|_| !transmitting) {
        Some(at) if is_settled(c) && c.io_at(at).room.is_none() => {
            Verdict::found("not-offered", at)
        }
        _ => verdict,
    }
}

fn blocked_handshake(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = [facts.failed, facts.own_error, facts.fatal, facts.stopped];
    let until = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let mut blocked = states(c).filter(|s| s.name == ApiState::BlockedHandshake && s.at < until);
    let done = facts.handshake_done;
    if let Some(late) = done.and_then(|done| blocked.find(|state| state.at > done)) {
        return Verdict::found("after-handshake", late.at);
    }
    let Some(first) = states(c).find(|s| s.name == ApiState::BlockedHandshake && s.at < until)
    else {
        return Verdict::NotExercised;
    };
    if let Some(at) = goes_on_unfed(c, first.at, until) {
        return Verdict::found("stalls", at);
    }
    let last = states(c).next_back();
    match last.filter(|last| last.name == ApiState::BlockedHandshake) {
        Some(last) if done.is_none() && is_settled(c) && finished_before(c, last.at) => {
            Verdict::found("stalls", last.at)
        }
        _ => Verdict::Held,
    }
}

/// Where calling again without new input advanced a handshake that had been reported as blocked.
fn goes_on_unfed(c: &Connection<'_>, from: usize, until: usize) -> Option<usize> {
    let mut blocked = None;
    let mut asked = false;
    for (at, event) in c.between(from, until) {
        match event {
            Event::State {
                name: ApiState::BlockedHandshake,
                ..
            } => {
                blocked = Some(at);
                asked = false;
            }
            Event::Called(Call::Settle(Presented::Same)) => asked = true,
            Event::State { .. } | Event::HandshakeDone { .. } if asked => return blocked,
            Event::Called(_)
            | Event::Delivered(_)
            | Event::Transport { .. }
            | Event::State { .. } => {
                blocked = None;
                asked = false;
            }
            _ => {}
        }
        asked &= blocked.is_some();
    }
    None
}

fn no_write_state_after_own_close(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let Some(closed) = facts.own_close.filter(|_| names_states(c)) else {
        return Verdict::NotExercised;
    };
    let over = [facts.fatal, facts.failed];
    if over.into_iter().flatten().any(|over| over < closed) {
        return Verdict::NotExercised;
    }
    let until = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let offered = c
        .between(closed, until)
        .find(|(_, event)| event.kind() == Kind::WriteTraffic);
    Verdict::held_unless("offers-write", offered.map(|(i, _)| i))
}

fn small_output(c: &Connection<'_>) -> Verdict {
    // The room asked for by the call that is being repeated.
    let mut asked: Option<(ApiCall, u32)> = None;
    for (at, event) in c.events() {
        match event {
            Event::TooSmall { touched: true, .. } => return Verdict::found("touches-room", at),
            Event::TooSmall {
                call, room, needed, ..
            } => {
                let again =
                    asked.is_some_and(|(before, enough)| before == *call && *room >= enough);
                if again || needed <= room {
                    return Verdict::found("asks-again", at);
                }
                asked = Some((*call, *needed));
            }
            // This is how the driver reports a call that never stops asking for room.
            Event::Refused {
                call,
                class: ErrorClass::Other,
            } if asked.is_some_and(|(before, _)| before == *call) => {
                return Verdict::found("gives-up", at);
            }
            _ => asked = None,
        }
    }
    Verdict::Held
}

fn state_must_not_lose_records(c: &Connection<'_>) -> Verdict {
    if c.setup().habit != Some(HabitKind::Abuse) {
        return Verdict::NotExercised;
    }
    // The next state shows it: an encoded record must be transmitted, and a dropped one offered
    // again.
    let mut open = None;
    let mut too_small = false;
    let mut verdict = Verdict::NotExercised;
    for (at, event) in c.events() {
        match event {
            Event::TooSmall {
                call: ApiCall::Encode,
                ..
            } => too_small = open.is_some(),
            Event::State { name, .. } => {
                let lost = match (open, name) {
                    (_, ApiState::ReadTraffic | ApiState::ReadEarlyData) => continue,
                    (None, _) | (_, ApiState::EncodeTlsData) => false,
                    (_, ApiState::TransmitTlsData) => too_small,
                    _ => true,
                };
                if lost {
                    return Verdict::found("loses-record", open.unwrap_or(at));
                }
                if too_small {
                    verdict = Verdict::Held;
                }
                open = (*name == ApiState::EncodeTlsData).then_some(at);
                too_small = false;
            }
            Event::Failed { .. } | Event::Crash | Event::Hang => open = None,
            _ => {}
        }
    }
    verdict
}
