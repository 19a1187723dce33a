//! Limits on what a peer can make the implementation, or its caller, store, do and send.

use protocol::Capability;
use wire::{Content, Meaning};

use crate::ledger::{Application, Reading, Stage};
use crate::rule::{Excuse, Step};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.bounded-memory",
        level: Level::Contract,
        needs: &[Capability::Left],
        says: "Processed input does not pile up in the caller's buffer; how much of the records of \
               an unfinished message stays there, such as their padding, is left open.",
        why: "A peer fills the caller's buffer with meaningless bytes: memory grows, or the \
              connection stalls.",
        codes: &[
            deviates("piles-up", Axis::Data),
            behaves("keeps-padding", Axis::Data),
        ],
        rule: Rule::Says {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: bounded_memory,
        },
        ..EITHER
    },
    Requirement {
        id: "api.bounded-calls",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "Whatever happens, the caller needs no more than a few calls for each byte of input \
               and each record sent.",
        why: "A peer consumes much of the receiver's time at little cost to itself.",
        codes: &[deviates("too-many-calls", Axis::EndSignal)],
        rule: Rule::Says {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: bounded_calls,
        },
        ..EITHER
    },
    Requirement {
        id: "api.bounded-answer",
        level: Level::Contract,
        says: "While the application sends nothing, the implementation sends no more bytes than it \
               receives.",
        why: "A peer turns the implementation into an amplifier, and fills its output.",
        codes: &[deviates("amplifies", Axis::OwnHalf)],
        rule: Rule::Says {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: bounded_answer,
        },
        ..EITHER
    },
];

/// The longest possible record in bytes, header included.
const RECORD: usize = 5 + wire::MAX_CIPHERTEXT_12;

fn bounded_memory(c: &Connection<'_>) -> Verdict {
    // Of an unfinished message: its bytes so far, and the bytes of the records that carried them.
    let (mut message, mut records, mut came) = (0, 0, 0);
    for step in after_handshake(c) {
        // Bytes that need not be read are the caller's business.
        if step.now.reading != Reading::Open {
            break;
        }
        match step.event {
            Event::Delivered(record) => {
                let length = record.length as usize;
                came += length;
                (message, records) = match record.meaning {
                    Meaning::HandshakePart => (message + record.content.len(), records + length),
                    _ => (0, 0),
                };
            }
            Event::Left(left) if step.now.application == Application::Reads => {
                if left.len() > records + 2 * RECORD {
                    return Verdict::found("piles-up", step.at);
                }
                if records > 2 * RECORD && left.len() > 2 * RECORD + message {
                    return Verdict::found("keeps-padding", step.at);
                }
            }
            _ => {}
        }
    }
    match came > 2 * RECORD {
        true if c.last_moment().application == Application::Paused => {
            Verdict::Excused(Excuse::Paused)
        }
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

fn bounded_calls(c: &Connection<'_>) -> Verdict {
    /// Calls per byte of input shown: a caller may well present each byte several times.
    const EACH: usize = 4;
    /// Calls per event from outside, per record sent, per delivery to the application and per
    /// refusal.
    const MORE: usize = 16;
    let mut verdict = Verdict::NotExercised;
    let (mut calls, mut most_shown, mut allowed) = (0, 0, MORE);
    for step in after_handshake(c) {
        match step.event {
            Event::State { shown, .. } => {
                calls += 1;
                most_shown = most_shown.max(*shown as usize);
                if calls > allowed + EACH * most_shown {
                    return Verdict::found("too-many-calls", step.at);
                }
                verdict = Verdict::Held;
            }
            Event::Sent(_) | Event::Data(_) | Event::TooSmall { .. } | Event::Refused { .. } => {
                allowed += MORE;
            }
            Event::Delivered(_)
            | Event::Called(_)
            | Event::Limited(_)
            | Event::Transport { .. } => (calls, most_shown, allowed) = (0, 0, MORE),
            _ => {}
        }
    }
    verdict
}

fn bounded_answer(c: &Connection<'_>) -> Verdict {
    /// Room for a closing alert, and for an answer that was owed before.
    const SLACK: u32 = 64;
    let (mut came, mut sent) = (SLACK, 0);
    let mut verdict = Verdict::NotExercised;
    for step in after_handshake(c) {
        match step.event {
            // Application data is no answer.
            Event::Called(Call::Write(_) | Call::CloseWrite | Call::UpdateKeys) => break,
            _ if step.now.owed.unsent > 0 => break,
            Event::Delivered(record) => {
                came += record.length;
                // A subject that answers everything would answer these.
                if let Meaning::Invalid(_) | Meaning::Error(_) = record.meaning {
                    verdict = Verdict::Held;
                }
            }
            // The rest of the handshake, tickets included, is no answer.
            Event::Sent(record)
                if !matches!(
                    record.content,
                    Content::Handshake(_) | Content::HandshakePart | Content::ChangeCipherSpec
                ) =>
            {
                sent += record.length;
                if sent > came + partly_arrived(&step) {
                    return Verdict::found("amplifies", step.at);
                }
                verdict = Verdict::Held;
            }
            _ => {}
        }
    }
    verdict
}

/// The length of the next record, of which a part may have arrived.
fn partly_arrived(step: &Step<'_, '_>) -> u32 {
    let next = step.c.delivered_after(step.at).next();
    match step.setup().pieces {
        true => next.map_or(0, |(_, record)| record.length),
        false => 0,
    }
}

fn after_handshake<'a, 't>(c: &'a Connection<'t>) -> impl Iterator<Item = Step<'a, 't>> {
    c.steps_of(Kinds::ALL)
        .filter(|step| step.now.stage == Stage::Done)
}
