//! How the API consumes its input.

use protocol::{Capability, Presented};
use wire::Meaning;

use super::{STATES, excuse, is_up, last_state};
use crate::ledger::{Reading, Told};
use crate::rule::{Depends, Excuse, NEVER, Never, Step};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.discard-in-bounds",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "No call asks to discard more input than it was shown.",
        why: "The caller removes bytes that it does not have: it panics, or loses bytes of the \
              next record.",
        codes: &[deviates("beyond-input", Axis::Data)],
        scope: Scope::Safety,
        rule: Rule::Never(Never {
            tempted_by: STATES,
            forbids: STATES,
            breach: |step| match step.event {
                Event::State {
                    shown, discarded, ..
                } if discarded > shown => Some("beyond-input"),
                _ => None,
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "api.discard-exact",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "The bytes discarded are exactly those of the records that were processed; bytes \
               after the peer's close_notify, and records of an unfinished handshake message, may \
               stay or go.",
        why: "One byte too many belongs to the next record; one byte too few stays in the caller's \
              buffer forever.",
        codes: &[
            deviates("too-many", Axis::Data),
            deviates("too-few", Axis::Data),
        ],
        rule: Rule::Says {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: discard_exact,
        },
        ..EITHER
    },
    Requirement {
        id: "api.empty-input-ok",
        level: Level::Contract,
        says: "A call with empty input changes nothing when no input is pending.",
        why: "Callers that poll would break the connection.",
        codes: &[deviates("fails", Axis::EndSignal)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::AppSettle]),
            tempts: is_pointless,
            forbids: Kinds::of(&[Kind::Failed]),
            breach: |step| {
                let mut before = step.c.before(step.at).rev();
                let (at, _) = before.find(|(_, event)| is_command(event))?;
                is_pointless(&step.c.step(at)?).then_some("fails")
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "api.input-immutability",
        level: Level::Contract,
        needs: &[Capability::Left, Capability::States],
        says: "Input that was not consumed stays unchanged until more input completes a record.",
        why: "The bytes may be the start of a record, or belong to whatever follows TLS on the \
              transport.",
        codes: &[deviates("alters-input", Axis::Data)],
        rule: Rule::Says {
            trigger: Kinds::of(&[Kind::Left]),
            check: input_immutability,
        },
        ..EITHER
    },
];

fn discard_exact(c: &Connection<'_>) -> Verdict {
    let Some(last) = last_state(c) else {
        return Verdict::NotExercised;
    };
    if let Some(excuse) = excuse(c) {
        return Verdict::Excused(excuse);
    }
    let discarded = c.steps_of(STATES).map(|step| match step.event {
        Event::State { discarded, .. } => *discarded,
        _ => 0,
    });
    let discarded: u32 = discarded.sum();
    // The bytes that have arrived, and those that must be gone.
    let (mut most, mut least) = (0, 0);
    for step in c.steps_of(Kinds::ALL) {
        if let Some(record) = step.delivered() {
            most += record.length;
            let in_message = step.c.moment(step.at + 1).in_message;
            let unfinished = in_message || record.meaning == Meaning::HandshakePart;
            if step.now.reading == Reading::Open && !unfinished {
                least = most;
            }
        }
    }
    // The next call may discard what was read last. In an idle state that call has been made.
    let idle = matches!(last.kind(), Kind::WriteTraffic | Kind::Closed);
    let rests = idle && c.delivered_after(last.at).next().is_none();
    match rests {
        _ if discarded > most => Verdict::found("too-many", last.at),
        false => Verdict::Excused(Excuse::NotDue),
        true if discarded < least => Verdict::found("too-few", last.at),
        true => Verdict::Held,
    }
}

fn is_command(event: &Event) -> bool {
    matches!(
        event,
        Event::Called(_) | Event::Delivered(_) | Event::Transport { .. }
    )
}

/// Whether this is a call without input, made when none is pending.
fn is_pointless(step: &Step<'_, '_>) -> bool {
    let before = step.c.before(step.at).rev();
    let mut last = before.take_while(|(_, event)| !is_command(event));
    let left = last.any(|(_, event)| matches!(event, Event::Left(_)));
    step.call() == Some(&Call::Settle(Presented::Empty))
        && is_up(step.now)
        && step.now.at_rest
        && Depends::Both.delay(step.now).is_none()
        && !left
}

fn input_immutability(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    let mut kept: Option<&[u8]> = None;
    let all = c.steps_of(Kinds::ALL);
    for step in all.take_while(|step| !step.now.error_told) {
        match step.event {
            // A complete record may be decrypted in place. When the application reads again, input
            // that was shown before may be processed for the first time.
            Event::Delivered(_) if step.now.told == Told::Nothing => kept = None,
            Event::Limited(_) => kept = None,
            Event::State { discarded, .. } => {
                kept = kept.map(|kept| kept.get(*discarded as usize..).unwrap_or_default());
            }
            Event::Left(span) => {
                let left = c.bytes(*span);
                match kept {
                    Some(kept) if !left.starts_with(kept) => {
                        return Verdict::found("alters-input", step.at);
                    }
                    Some(_) => verdict = Verdict::Held,
                    None => {}
                }
                kept = Some(left);
            }
            _ => {}
        }
    }
    verdict
}
