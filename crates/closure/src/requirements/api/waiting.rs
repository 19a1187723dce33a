//! What the API reports that it waits for, and whether reading and writing hold each other up.

use protocol::{Capability, Io, Presented};
use wire::{Content, Meaning};

use super::failure;
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::Wants]),
            check: wants_read,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Failed, Kind::Wants]),
            check: wants_read_when_dead,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::Wants]),
            check: wants_write,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerData]),
            check: read_not_starved,
        },
        ..EITHER
    },
    Requirement {
        id: "api.write-refused-when-dead",
        level: Level::Contract,
        says: "Once the connection has failed, no bytes of a write are accepted.",
        why: "A caller that only writes learns never, or too late, that its data goes nowhere.",
        codes: &[deviates("accepts", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Failed, Kind::AppWrite]),
            check: write_refused_when_dead,
        },
        ..EITHER
    },
];

/// One report of what the API waits for, and the situation at that point.
struct Said {
    at: usize,
    read: bool,
    write: bool,
    /// The limits set by the application and the transport.
    io: Io,
    /// The application data moved up to this point.
    moved: Moved,
}

/// Bytes of application data received from the peer, read by the application, taken from its
/// writes, and sent. Other rules check the content.
#[derive(Clone, Copy, Default)]
struct Moved {
    came: usize,
    read: usize,
    taken: usize,
    sent: usize,
}

impl Moved {
    fn note(&mut self, event: &Event) {
        match event {
            Event::Delivered(record) if record.meaning == Meaning::Data => {
                self.came += record.content.len();
            }
            Event::Data(span) => self.read += span.len(),
            Event::Accepted { bytes } => self.taken += *bytes as usize,
            Event::Sent(record) if record.content == Content::Data => {
                self.sent += record.bytes.len();
            }
            _ => {}
        }
    }

    /// The totals at the end of the connection.
    fn all(c: &Connection<'_>) -> Self {
        let mut moved = Self::default();
        c.events().for_each(|(_, event)| moved.note(event));
        moved
    }
}

/// All reports since the handshake was done.
fn said<'t>(c: &Connection<'t>) -> impl Iterator<Item = Said> + use<'t> {
    let done = c.facts().handshake_done.unwrap_or(usize::MAX);
    let mut io = Io::default();
    let mut moved = Moved::default();
    c.events().filter_map(move |(at, event)| {
        moved.note(event);
        match *event {
            Event::Limited(now) => {
                io = now;
                None
            }
            Event::Wants { read, write } if at > done => Some(Said {
                at,
                read,
                write,
                io,
                moved,
            }),
            _ => None,
        }
    })
}

/// The position of whichever happened first, or `usize::MAX` if none did.
fn first<const N: usize>(facts: [Option<usize>; N]) -> usize {
    facts.into_iter().flatten().min().unwrap_or(usize::MAX)
}

fn wants_read(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let closed = first([c.clean_end_after(0)]);
    // From here on the API may have stopped reading, perhaps without having reported why.
    let over = first([facts.fatal, facts.peer_close, facts.failed, facts.ended]);
    let last = first([facts.transport_end, facts.failed, c.dropped()]);
    let in_the_end = Moved::all(c);
    let mut verdict = Verdict::NotExercised;
    for said in said(c).take_while(|said| said.at < last) {
        let Moved { came, read, .. } = said.moved;
        // Lost data does not wait to be read, and blocked output may hold up data anywhere.
        let unread = read < came && came <= in_the_end.read && said.io.room.is_none();
        let code = match said.read {
            true if said.at > closed => "after-close",
            true if said.at < over && unread => "while-unread",
            false if said.at < over && read == came => "starves",
            _ => {
                verdict = Verdict::Held;
                continue;
            }
        };
        return Verdict::found(code, said.at);
    }
    verdict
}

fn wants_read_when_dead(c: &Connection<'_>) -> Verdict {
    failure(c).map_or(Verdict::NotExercised, |failed| wants_behind(c, failed))
}

fn wants_read_after_end(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let before = first([facts.fatal, facts.peer_close, facts.failed]);
    match facts.transport_end {
        Some(end) if end < before => wants_behind(c, end),
        _ => Verdict::NotExercised,
    }
}

/// Whether the API asked for input after position `at`.
fn wants_behind(c: &Connection<'_>, at: usize) -> Verdict {
    let said = c.after(at).filter_map(|(i, event)| match event {
        Event::Wants { read, .. } => Some((i, *read)),
        _ => None,
    });
    let mut said = said.peekable();
    match said.peek() {
        None => Verdict::NotExercised,
        Some(_) => {
            let wanted = said.find(|(_, read)| *read);
            Verdict::held_unless("wants-input", wanted.map(|(i, _)| i))
        }
    }
}

fn wants_write(c: &Connection<'_>) -> Verdict {
    // Other rules check what a failure, a lost transport or an exhausted key leaves unsent.
    let facts = c.facts();
    let over = first([facts.failed, facts.own_error, facts.fatal, c.dropped()]);
    if c.reset().is_some() || c.setup().key_limit.is_some() || c.setup().early_written > 0 {
        return Verdict::NotExercised;
    }
    let in_the_end = Moved::all(c);
    let mut verdict = Verdict::NotExercised;
    for said in said(c).take_while(|said| said.at < over) {
        let Moved { taken, sent, .. } = said.moved;
        // Lost data does not wait to be sent.
        let unsent = sent < taken && taken <= in_the_end.sent;
        match said.write {
            true if said.io.room.is_none() => return Verdict::found("asks-for-nothing", said.at),
            false if unsent => return Verdict::found("forgets", said.at),
            _ => verdict = Verdict::Held,
        }
    }
    verdict
}

fn read_not_starved(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = first([
        // Nobody reads what follows the close.
        facts
            .peer_close
            .and_then(|close| c.delivered_after(close).next())
            .map(|(at, _)| at),
        facts.failed,
        facts.fatal,
        facts.own_error,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ]);
    let done = first([facts.handshake_done]);
    let mut io = Io::default();
    let (mut moved, mut waits) = (Moved::default(), None);
    let mut verdict = Verdict::NotExercised;
    let starved = |moved: Moved, waits: Option<usize>| match waits {
        Some(at) if moved.read < moved.came => Verdict::found("starves", at),
        Some(_) => Verdict::Held,
        None => Verdict::NotExercised,
    };
    for (at, event) in c.events().take_while(|(at, _)| *at < over) {
        moved.note(event);
        match event {
            // The next command: whatever came under the last one has been processed.
            Event::Limited(_) | Event::Called(_) => {
                verdict = verdict.and(starved(moved, waits.take()));
                let blocked = io.room == Some(0) && io.read.is_none() && at > done;
                match event {
                    Event::Limited(now) => io = *now,
                    // Earlier data that the application had not read.
                    Event::Called(Call::Settle(Presented::Same))
                        if blocked && moved.read < moved.came =>
                    {
                        waits = Some(at);
                    }
                    _ => {}
                }
            }
            Event::Delivered(record) if record.meaning == Meaning::Data => {
                let blocked = io.room == Some(0) && io.read.is_none() && at > done;
                if blocked && !record.content.is_empty() {
                    waits = Some(at);
                }
            }
            _ => {}
        }
    }
    match over {
        // At a taint, the command that brought the last known piece may not be finished.
        usize::MAX if facts.taint.is_none() => verdict.and(starved(moved, waits)),
        _ => verdict,
    }
}

fn write_refused_when_dead(c: &Connection<'_>) -> Verdict {
    let Some(failed) = failure(c) else {
        return Verdict::NotExercised;
    };
    let mut writes = c.writes().filter(|(at, _)| *at > failed).peekable();
    if writes.peek().is_none() || c.dropped().is_some() {
        return Verdict::NotExercised;
    }
    Verdict::held_unless("accepts", c.first_after(failed, Kind::Accepted))
}
