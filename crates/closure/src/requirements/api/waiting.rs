//! The reports of an API about what it waits for, and whether reading and writing hold each other up.

use protocol::{Capability, Presented};

use super::is_up;
use crate::ledger::{Application, Blame, Half, Moment, Reading, Stage, Told, Way};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Step};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.wants-read",
        level: Level::Contract,
        needs: &[Capability::Wants],
        says: "An API that reports when to read the transport does so while the peer may send more \
               and no plaintext waits to be read, and at no other time.",
        why: "A caller that relies on it waits forever, or reads input that leads to nothing.",
        codes: &[
            deviates("starves", Axis::Data),
            deviates("while-unread", Axis::Data),
            deviates("after-close", Axis::EndSignal),
        ],
        rule: Rule::Never(Never {
            during: |step| {
                let now = step.now;
                is_up(now)
                    && now.stage == Stage::Done
                    && now.input == Way::Free
                    && now.application != Application::Dropped
            },
            breach: wants_read,
            ..WANTS
        }),
        ..EITHER
    },
    Requirement {
        id: "api.wants-read-when-dead",
        level: Level::Contract,
        needs: &[Capability::Wants],
        says: "Once the connection has failed, the API does not ask the caller to read the \
               transport.",
        why: "A caller that relies on it reads on, and the input leads to nothing.",
        codes: &[deviates("wants-input", Axis::EndSignal)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::Failed]),
            during: |step| step.now.error_told,
            breach: |step| wants(step).read.then_some("wants-input"),
            ..WANTS
        }),
        ..EITHER
    },
    Requirement {
        id: "api.wants-read-after-end",
        level: Level::Practice,
        needs: &[Capability::Wants],
        says: "Whether the API asks to read a transport that has already reported its end is left \
               open.",
        why: "A caller that relies on it alone reads the same end again and again.",
        codes: &[behaves("wants-input", Axis::EndSignal)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::TransportEnd, Kind::Wants]),
            check: wants_read_after_end,
        },
        ..EITHER
    },
    Requirement {
        id: "api.wants-write",
        level: Level::Contract,
        needs: &[Capability::Wants],
        says: "An API that reports when to write to the transport does so as long as bytes wait to \
               be written, and no longer once the transport has taken everything it was given.",
        why: "The end of the output is never sent, or a caller that waits until everything is \
              written never comes to rest.",
        codes: &[
            deviates("forgets", Axis::Data),
            deviates("asks-for-nothing", Axis::OwnHalf),
        ],
        rule: Rule::Never(Never {
            during: |step| step.now.is_sound() && !step.now.key_used_up,
            breach: wants_write,
            ..WANTS
        }),
        ..EITHER
    },
    Requirement {
        id: "api.read-not-starved",
        level: Level::Contract,
        needs: &[Capability::Room],
        says: "Data from the peer reaches the application even while the implementation's own \
               output waits for a blocked transport.",
        why: "Two sides that both write wait for each other forever.",
        codes: &[deviates("starves", Axis::Data)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerData]),
            on: Kinds::of(&[Kind::PeerData, Kind::AppSettle]),
            binds: |step| {
                let data = match step.event {
                    Event::Called(call) => *call == Call::Settle(Presented::Same),
                    _ => true,
                };
                let is_blocked = Depends::Output.delay(step.now).is_some();
                let reads = step.now.application == Application::Reads;
                let done = step.now.stage == Stage::Done;
                let unread = step.c.moment(step.at + 1).owed.untold > 0;
                done && data && is_blocked && reads && unread
            },
            due: Due::Rest(Depends::Input),
            missing: |_, now| (now.owed.untold > 0).then_some("starves"),
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "api.write-refused-when-dead",
        level: Level::Contract,
        says: "Once the connection has failed, no bytes of a write are accepted.",
        why: "A caller that only writes learns never, or too late, that its data goes nowhere.",
        codes: &[deviates("accepts", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::Failed]),
            during: |step| step.now.error_told && step.now.application != Application::Dropped,
            tempted_by: Kinds::of(&[Kind::AppWrite]),
            forbids: Kinds::of(&[Kind::Accepted]),
            breach: |_| Some("accepts"),
            ..NEVER
        }),
        ..EITHER
    },
];

/// The false reports of an API about its waiting.
const WANTS: Never = Never {
    given: Kinds::of(&[Kind::HandshakeDone]),
    tempted_by: Kinds::of(&[Kind::Wants]),
    forbids: Kinds::of(&[Kind::Wants]),
    ..NEVER
};

/// A report of what the API waits for.
#[derive(Clone, Copy, Default)]
struct Wants {
    read: bool,
    write: bool,
}

fn wants(step: &Step<'_, '_>) -> Wants {
    match *step.event {
        Event::Wants { read, write } => Wants { read, write },
        _ => Wants::default(),
    }
}

fn wants_read(step: &Step<'_, '_>) -> Option<&'static str> {
    let now = step.now;
    // Blocked output may hold up data anywhere, and lost data does not wait to be read.
    let waits = now.owed.untold > 0
        && Depends::Output.delay(now).is_none()
        && step.c.last_moment().owed.untold == 0;
    match wants(step).read {
        true if now.told == Told::Clean => Some("after-close"),
        // A side that need not read may have stopped.
        _ if now.reading != Reading::Open || now.told != Told::Nothing => None,
        true => waits.then_some("while-unread"),
        false => (now.owed.untold == 0).then_some("starves"),
    }
}

fn wants_read_after_end(c: &Connection<'_>) -> Verdict {
    let said = c.steps_of(Kinds::of(&[Kind::Wants]));
    let said = said.filter(|said| said.now.peer == Half::Ended && said.now.blame < Blame::Must);
    let verdicts = said.map(|said| match wants(&said).read {
        true => Verdict::found("wants-input", said.at),
        false => Verdict::Held,
    });
    verdicts.fold(Verdict::NotExercised, Verdict::and)
}

fn wants_write(step: &Step<'_, '_>) -> Option<&'static str> {
    let has_room = Depends::Output.delay(step.now).is_none();
    let unsent = |now: &Moment| now.owed.unsent > 0;
    match wants(step).write {
        true => (has_room && !step.now.owes_output()).then_some("asks-for-nothing"),
        // Lost data does not wait to be sent.
        false => (unsent(step.now) && !unsent(step.c.last_moment())).then_some("forgets"),
    }
}
