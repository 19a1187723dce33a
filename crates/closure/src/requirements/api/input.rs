//! How the API consumes its input.

use protocol::{ApiState, Capability, Presented};
use wire::Meaning;

use super::{is_settled, names_states, states};
use crate::{
    Axis, Call, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope,
    Verdict, deviates,
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
        rule: Rule::One {
            trigger: Kinds::NONE,
            check: discard_in_bounds,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppSettle]),
            check: empty_input_ok,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Left]),
            check: input_immutability,
        },
        ..EITHER
    },
];

fn discard_in_bounds(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    for state in states(c) {
        if state.discarded > state.shown {
            return Verdict::found("beyond-input", state.at);
        }
        verdict = Verdict::Held;
    }
    verdict
}

fn discard_exact(c: &Connection<'_>) -> Verdict {
    let ended = c.facts().transport_end;
    if !names_states(c) || !is_settled(c) || c.facts().handshake_done.is_none() {
        return Verdict::NotExercised;
    }
    let discarded: u64 = states(c).map(|state| u64::from(state.discarded)).sum();
    let (least, most) = due(c, ended);
    let Some(last) = states(c).next_back() else {
        return Verdict::NotExercised;
    };
    // The next call may discard what was read last. In an idle state that call has been made.
    let rests = matches!(last.name, ApiState::WriteTraffic | ApiState::Closed)
        && c.delivered_after(last.at).next().is_none();
    let last = last.at;
    if discarded > most {
        Verdict::found("too-many", last)
    } else if !rests {
        Verdict::NotExercised
    } else if discarded < least {
        Verdict::found("too-few", last)
    } else {
        Verdict::Held
    }
}

/// The minimum and the maximum number of bytes to discard.
fn due(c: &Connection<'_>, ended: Option<usize>) -> (u64, u64) {
    let mut all = 0;
    let mut least = 0;
    let mut messages = Messages::default();
    let mut closed = false;
    for (at, record) in c.delivered() {
        all += u64::from(record.length);
        let read = !closed && ended.is_none_or(|ended| at < ended);
        if is_handshake(record) {
            messages.add(c.bytes(record.content));
        }
        if read && messages.is_whole() {
            least = all;
        }
        closed |= record.meaning == Meaning::CloseNotify;
    }
    (least, all)
}

fn is_handshake(record: &Delivered) -> bool {
    matches!(
        record.meaning,
        Meaning::Handshake(_)
            | Meaning::HandshakePart
            | Meaning::KeyUpdate { .. }
            | Meaning::Ticket
            | Meaning::RenegotiationRequest
    )
}

/// Tracks where handshake messages end in a stream of records.
#[derive(Default)]
struct Messages {
    /// Bytes of the message header seen so far, and their value.
    header: (usize, u32),
    /// Bytes of the message body still to come.
    body: usize,
}

impl Messages {
    fn add(&mut self, mut content: &[u8]) {
        while !content.is_empty() {
            if self.body > 0 {
                let taken = self.body.min(content.len());
                self.body -= taken;
                content = &content[taken..];
                continue;
            }
            let (head, rest) = content.split_at(content.len().min(4 - self.header.0));
            for byte in head {
                self.header.0 += 1;
                self.header.1 = self.header.1 << 8 | u32::from(*byte);
            }
            content = rest;
            if self.header.0 == 4 {
                self.body = (self.header.1 & 0x00ff_ffff) as usize;
                self.header = (0, 0);
            }
        }
    }

    fn is_whole(&self) -> bool {
        self.body == 0 && self.header.0 == 0
    }
}

fn empty_input_ok(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = [
        facts.fatal,
        facts.failed,
        facts.own_error,
        facts.stopped,
        c.dropped(),
    ];
    let until = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let mut verdict = Verdict::NotExercised;
    let mut left = false;
    let mut calling = false;
    for (at, event) in c.events() {
        match event {
            _ if at > until && !calling => break,
            Event::Called(Call::Settle(Presented::Empty)) if !left => {
                calling = true;
                verdict = Verdict::Held;
            }
            Event::Called(_) | Event::Transport { .. } => {
                calling = false;
                left = false;
            }
            // A habit that uses a stream leaves the record in the transport while the application
            // reads nothing.
            Event::Delivered(_) => {
                calling = false;
                left = c.setup().habit.is_some() && c.io_at(at).read.is_some();
            }
            Event::Left(_) => left = true,
            Event::Failed { .. } if calling => return Verdict::found("fails", at),
            _ => {}
        }
    }
    verdict
}

fn input_immutability(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    let mut before: Option<&[u8]> = None;
    let mut discarded = 0_usize;
    for (at, event) in c.events() {
        match event {
            // A complete record may be decrypted in place, and one that fails may be dropped.
            Event::Delivered(_) if c.facts().ended.is_none_or(|end| end >= at) => {
                before = None;
            }
            // When the application reads again, input that was shown before may be processed for
            // the first time.
            Event::Limited(_) => before = None,
            Event::Failed { .. } => return verdict,
            Event::State {
                discarded: more, ..
            } => discarded += *more as usize,
            Event::Left(span) => {
                let now = c.bytes(*span);
                if let Some(kept) = before.map(|before| before.get(discarded..).unwrap_or(&[])) {
                    if now.len() < kept.len() || !now.starts_with(kept) {
                        return Verdict::found("alters-input", at);
                    }
                    verdict = Verdict::Held;
                }
                before = Some(now);
                discarded = 0;
            }
            _ => {}
        }
    }
    verdict
}
