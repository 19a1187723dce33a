//! The API after the connection has failed.

use protocol::{Capability, End};

use super::names_states;
use crate::rule::{NEVER, Never, Step};
use crate::{Axis, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, deviates};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.no-write-state-when-dead",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "WriteTraffic is not offered once the connection has failed.",
        why: "A caller that looks only at the state writes to a dead connection.",
        codes: &[deviates("offers-write", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            // It is never offered before the handshake is done.
            given: Kinds::of(&[Kind::HandshakeDone, Kind::Failed]),
            tempts: |step| names_states(step.c),
            forbids: Kinds::of(&[Kind::WriteTraffic]),
            breach: |_| Some("offers-write"),
            ..WHEN_DEAD
        }),
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
        rule: Rule::Never(Never {
            forbids: Kinds::of(&[
                Kind::ReadTraffic,
                Kind::Data,
                Kind::EarlyData,
                Kind::End,
                Kind::PeerClosed,
                Kind::Closed,
                Kind::BlockedHandshake,
            ]),
            breach: goes_on,
            ..WHEN_DEAD
        }),
        ..EITHER
    },
];

/// The acts that a failed connection excludes. Any call that does more than output the alert may provoke
/// it.
const WHEN_DEAD: Never = Never {
    given: Kinds::of(&[Kind::Failed]),
    during: |step| step.now.error_told,
    tempted_by: Kinds::of(&[
        Kind::ReadTraffic,
        Kind::ReadEarlyData,
        Kind::PeerClosed,
        Kind::Closed,
        Kind::BlockedHandshake,
        Kind::WriteTraffic,
        Kind::Failed,
        Kind::Data,
        Kind::EarlyData,
        Kind::End,
    ]),
    ..NEVER
};

fn goes_on(step: &Step<'_, '_>) -> Option<&'static str> {
    match step.event {
        Event::End(End::Clean) => Some("ends"),
        Event::End(_) => None,
        Event::Data(_) | Event::EarlyData(_) => is_new(step).then_some("reads-on"),
        _ if step.kind() == Kind::ReadTraffic => is_new(step).then_some("reads-on"),
        _ if step.kind() == Kind::BlockedHandshake => Some("waits"),
        _ => Some("ends"),
    }
}

/// Whether the application receives, or is offered, data that arrived after the failure. Earlier data
/// may have been waiting for it.
fn is_new(step: &Step<'_, '_>) -> bool {
    let told = step.c.before(step.at + 1).map(|(_, event)| match event {
        Event::Data(span) | Event::EarlyData(span) => span.len(),
        _ => 0,
    });
    let arrived = step
        .c
        .steps_of(Kinds::of(&[Kind::PeerData, Kind::PeerEarlyData]));
    let before = arrived.take_while(|arrived| !arrived.now.error_told);
    let before = before.filter_map(|arrived| Some(arrived.delivered()?.content.len()));
    let told = told.sum::<usize>();
    let before = before.sum::<usize>();
    told > before || step.kind() == Kind::ReadTraffic && told == before
}
