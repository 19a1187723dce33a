//! The API's states for the handshake and for writing.

use protocol::{ApiCall, ApiState, Capability, ErrorClass, HabitKind, Presented, Role, Version};

use super::{STATES, excuse, excuse_once_failed, is_up, last_state, names_states};
use crate::ledger::{Half, Stage, Way};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Step};
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
        rule: Rule::All(&[
            Rule::Never(Never {
                during: |step| {
                    // A TLS 1.3 server may write 0.5-RTT data.
                    let strict = step.role() == Role::Client || step.version() == Version::Tls12;
                    let handshake =
                        step.now.stage == Stage::Handshake && step.now.peer == Half::Open;
                    strict && handshake && is_up(step.now)
                },
                forbids: Kinds::of(&[Kind::WriteTraffic]),
                breach: |_| Some("too-early"),
                ..NEVER
            }),
            Rule::Owes(Owes {
                on: STATES.union(Kinds::of(&[Kind::PeerHandshake])),
                binds: |step| {
                    let next = step.c.moment(step.at + 1);
                    let may_write = next.stage > Stage::Handshake && next.own != Half::Closed;
                    may_write && step.kind() != Kind::WriteTraffic && names_states(step.c)
                },
                by: Kinds::of(&[Kind::WriteTraffic]),
                due: Due::End(Depends::Both),
                missing: |_, now| {
                    let writes = now.stage == Stage::Done && now.own != Half::Closed;
                    writes.then_some("not-offered")
                },
                ..OWES
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "api.encode-tls-data",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "A record that was encoded at EncodeTlsData appears on the wire.",
        why: "A lost record leaves a hole in the sequence numbers, and the peer cannot read on.",
        codes: &[deviates("not-transmitted", Axis::OwnHalf)],
        rule: Rule::Says {
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
        rule: Rule::Says {
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
        rule: Rule::All(&[
            Rule::Never(Never {
                given: Kinds::of(&[Kind::BlockedHandshake]),
                during: |step| step.now.stage == Stage::Done && is_up(step.now),
                tempted_by: STATES,
                forbids: Kinds::of(&[Kind::BlockedHandshake]),
                breach: |_| Some("after-handshake"),
                ..NEVER
            }),
            Rule::Says {
                trigger: Kinds::of(&[Kind::BlockedHandshake]),
                check: blocked_handshake,
            },
        ]),
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
        rule: Rule::Notes {
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
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::TooSmall]),
            tempted_by: Kinds::of(&[Kind::TooSmall]),
            forbids: Kinds::of(&[Kind::TooSmall, Kind::Refused]),
            breach: small_output,
            ..NEVER
        }),
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
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::EncodeTlsData]),
            check: state_must_not_lose_records,
        },
        ..EITHER
    },
];

fn encode_tls_data(c: &Connection<'_>) -> Verdict {
    let (mut waiting, mut last, mut failing) = (0_usize, 0, false);
    let mut verdict = Verdict::NotExercised;
    for step in c.steps_of(ENCODED) {
        if step.kind() != Kind::EncodeTlsData {
            waiting = waiting.saturating_sub(1);
            continue;
        }
        // A failure may drop what was encoded before it. The alert that follows is due.
        if !failing && !is_up(step.now) {
            if waiting > 0 {
                verdict = Verdict::Excused(Excuse::Failed);
            }
            (waiting, failing) = (0, true);
        }
        (waiting, last) = (waiting + 1, step.at);
    }
    let excuse = match failing {
        true => excuse_once_failed(c),
        false => excuse(c),
    };
    match (waiting, excuse) {
        (0, _) if verdict == Verdict::NotExercised => Verdict::Held,
        (0, _) => verdict,
        (_, Some(excuse)) => Verdict::Excused(excuse),
        (_, None) => Verdict::found("not-transmitted", last),
    }
}

/// The records that are encoded, and those that then appear on the wire.
const ENCODED: Kinds = Kinds::of(&[
    Kind::EncodeTlsData,
    Kind::OwnHandshake,
    Kind::OwnClose,
    Kind::OwnAlert,
    Kind::OwnKeyUpdate,
    Kind::OwnChangeCipherSpec,
    Kind::OwnBroken,
]);

fn transmit_tls_data(c: &Connection<'_>) -> Verdict {
    let (mut encoded, mut offered) = (None, false);
    let mut verdict = Verdict::NotExercised;
    for step in c.steps_of(STATES) {
        match step.kind() {
            Kind::EncodeTlsData => (encoded, offered) = (Some(step.at), false),
            Kind::TransmitTlsData if encoded.is_none() => {
                return Verdict::found("nothing-encoded", step.at);
            }
            Kind::TransmitTlsData => {
                (verdict, offered) = (Verdict::Held, true);
                // A limited transport makes the caller come back, and a dead one does so forever.
                if matches!(step.now.output, Way::Free | Way::Ended) {
                    encoded = None;
                }
            }
            _ => {}
        }
    }
    match (encoded.filter(|_| !offered), excuse(c)) {
        (None, _) => verdict,
        (Some(_), Some(excuse)) => verdict.and(Verdict::Excused(excuse)),
        (Some(at), None) => Verdict::found("not-offered", at),
    }
}

/// Whether the subject waited for input that it had. Calling again shows it, and so does rest.
fn blocked_handshake(c: &Connection<'_>) -> Verdict {
    let mut blocked = None;
    let mut again = false;
    for step in c.steps_of(Kinds::ALL).take_while(|step| is_up(step.now)) {
        match step.event {
            Event::State {
                name: ApiState::BlockedHandshake,
                ..
            } => (blocked, again) = (Some(step.at), false),
            Event::Called(Call::Settle(Presented::Same)) => again = true,
            Event::State { .. } | Event::HandshakeDone { .. } => match blocked {
                Some(at) if again => return Verdict::found("stalls", at),
                _ => blocked = None,
            },
            Event::Called(_) | Event::Delivered(_) | Event::Transport { .. } => blocked = None,
            _ => {}
        }
    }
    let last = last_state(c).filter(|last| last.kind() == Kind::BlockedHandshake);
    match (last, excuse(c)) {
        (Some(last), None) if c.last_moment().stage == Stage::Finished => {
            Verdict::found("stalls", last.at)
        }
        _ => Verdict::Held,
    }
}

fn no_write_state_after_own_close(c: &Connection<'_>) -> Verdict {
    let after = c.steps_of(STATES);
    let after = after.filter(|step| step.now.own == Half::Closed && is_up(step.now));
    let verdicts = after.map(|step| match step.kind() {
        Kind::WriteTraffic => Verdict::found("offers-write", step.at),
        _ => Verdict::Held,
    });
    verdicts.fold(Verdict::NotExercised, Verdict::and)
}

fn small_output(step: &Step<'_, '_>) -> Option<&'static str> {
    // The call that is being repeated, and the room that it asked for.
    let (before, enough) = match step.c.before(step.at).next_back() {
        Some((_, Event::TooSmall { call, needed, .. })) => (Some(*call), *needed),
        _ => (None, 0),
    };
    match *step.event {
        Event::TooSmall { touched: true, .. } => Some("touches-room"),
        Event::TooSmall {
            call, room, needed, ..
        } => {
            let again = before == Some(call) && room >= enough;
            (again || needed <= room).then_some("asks-again")
        }
        // This is how the driver reports a call that never stops asking for room.
        Event::Refused {
            call,
            class: ErrorClass::Other,
        } => (before == Some(call)).then_some("gives-up"),
        _ => None,
    }
}

/// The next state shows it: an encoded record must be transmitted, and a dropped one offered again.
fn state_must_not_lose_records(c: &Connection<'_>) -> Verdict {
    if c.setup().habit != Some(HabitKind::Abuse) {
        return Verdict::NotExercised;
    }
    let (mut open, mut too_small) = (None, false);
    let mut verdict = Verdict::NotExercised;
    for (at, event) in c.events() {
        match event {
            Event::TooSmall {
                call: ApiCall::Encode,
                ..
            } => too_small = open.is_some(),
            Event::State {
                name: ApiState::ReadTraffic | ApiState::ReadEarlyData,
                ..
            } => {}
            Event::State { name, .. } => {
                let lost = match name {
                    ApiState::EncodeTlsData => false,
                    ApiState::TransmitTlsData => too_small,
                    _ => true,
                };
                if let Some(at) = open.filter(|_| lost) {
                    return Verdict::found("loses-record", at);
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
