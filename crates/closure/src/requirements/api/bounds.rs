//! Limits on what a peer can make the implementation, or its caller, store, do and send.

use protocol::Capability;
use wire::{Content, Meaning};

use super::super::close_rx::scene::pending;
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
        rule: Rule::One {
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: bounded_answer,
        },
        ..EITHER
    },
];

/// The longest possible record in bytes, header included.
const RECORD: usize = 5 + wire::MAX_CIPHERTEXT_12;

fn bounded_memory(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    // Bytes after the end of the stream, or after a failure, are the caller's business.
    let over = [facts.peer_close, facts.failed, facts.own_error, c.dropped()];
    let over = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let Some(done) = facts.handshake_done else {
        return Verdict::NotExercised;
    };
    // Of an unfinished message: its bytes so far, and the bytes of the records that carried them.
    let (mut message, mut records) = (0_usize, 0_usize);
    let mut reading = true;
    let mut came = 0;
    for (at, event) in c.after(done).take_while(|(at, _)| *at < over) {
        if let Event::Delivered(record) = event {
            came += record.length as usize;
        }
        match event {
            Event::Limited(io) => reading = io.read.is_none(),
            Event::Delivered(record) if record.meaning == Meaning::HandshakePart => {
                message += record.content.len();
                records += record.length as usize;
            }
            Event::Delivered(_) => (message, records) = (0, 0),
            Event::Left(left) if reading => {
                let beyond = left.len().saturating_sub(records);
                if beyond > 2 * RECORD {
                    return Verdict::found("piles-up", at);
                }
                if records > 2 * RECORD && left.len() > 2 * RECORD + message {
                    return Verdict::found("keeps-padding", at);
                }
            }
            _ => {}
        }
    }
    match came > 2 * RECORD && reading {
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
    let Some(done) = c.facts().handshake_done else {
        return Verdict::NotExercised;
    };
    let mut verdict = Verdict::NotExercised;
    let (mut calls, mut shown_most, mut allowed) = (0, 0, MORE);
    for (at, event) in c.after(done) {
        match event {
            Event::State { shown, .. } => {
                calls += 1;
                shown_most = shown_most.max(*shown as usize);
                if calls > allowed + EACH * shown_most {
                    return Verdict::found("too-many-calls", at);
                }
                verdict = Verdict::Held;
            }
            Event::Sent(_) | Event::Data(_) | Event::TooSmall { .. } | Event::Refused { .. } => {
                allowed += MORE;
            }
            Event::Delivered(_)
            | Event::Called(_)
            | Event::Limited(_)
            | Event::Transport { .. } => {
                (calls, shown_most, allowed) = (0, 0, MORE);
            }
            _ => {}
        }
    }
    verdict
}

fn bounded_answer(c: &Connection<'_>) -> Verdict {
    /// Room for a closing alert, and for an answer that was owed before.
    const SLACK: u64 = 64;
    let Some(done) = c.facts().handshake_done else {
        return Verdict::NotExercised;
    };
    // Data that the application wrote before is no answer, but would count as one.
    if pending(c, done) > 0 {
        return Verdict::NotExercised;
    }
    // A record that comes in pieces is in the transcript once it is whole, but may be answered
    // before. So the next record counts as received already.
    let mut lengths = c.after(done).filter_map(|(_, event)| match event {
        Event::Delivered(record) => Some(u64::from(record.length)),
        _ => None,
    });
    let mut came = match c.setup().pieces {
        true => lengths.next().unwrap_or_default(),
        false => 0,
    };
    let mut sent = 0;
    let mut verdict = Verdict::NotExercised;
    for (at, event) in c.after(done) {
        match event {
            Event::Called(Call::Write(_) | Call::CloseWrite | Call::UpdateKeys) => break,
            Event::Delivered(record) => {
                came += lengths.next().unwrap_or_default();
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
                sent += u64::from(record.length);
                if sent > came + SLACK {
                    return Verdict::found("amplifies", at);
                }
                verdict = Verdict::Held;
            }
            _ => {}
        }
    }
    verdict
}
