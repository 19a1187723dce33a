//! How a side ends its write half.

use protocol::{End, Tls12Close, Version};
use wire::{Content, ContentType, Epoch, Meaning};

use super::super::close_rx::scene::key_exhausted;
use crate::ledger::Half;
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes};
use crate::{
    Axis, Call, Connection, EITHER, Edition, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    behaves, bis, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    BEFORE_FIN,
    Requirement {
        id: "close-tx.before-fin-12",
        level: Level::Definition,
        sections: &[rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A side that closes its write half sends close_notify first, in TLS 1.2 too.",
        ..BEFORE_FIN
    },
    Requirement {
        id: "close-tx.level",
        level: Level::Practice,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        edition: Some(Edition::Rfc8446),
        says: "close_notify is sent at level warning. Only the revision of RFC 8446 requires it.",
        codes: &[behaves("level-not-warning", Axis::Alert)],
        ..LEVEL
    },
    Requirement {
        id: "close-tx.level-bis",
        level: Level::Must,
        sections: &[bis("6.1")],
        versions: &[Version::Tls13],
        edition: Some(Edition::Bis),
        says: "close_notify is sent at level warning.",
        codes: &[deviates("level-not-warning", Axis::Alert)],
        ..LEVEL
    },
    Requirement {
        id: "close-tx.one-alert-per-record",
        level: Level::Must,
        sections: &[rfc8446("5.1")],
        versions: &[Version::Tls13],
        says: "An alert record holds exactly one complete alert and nothing else.",
        why: "A receiver must refuse any other alert record, so a clean end becomes an error.",
        codes: &[deviates("not-one-alert", Axis::Alert)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::AppClose]),
            check: one_alert_per_record,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.protected",
        level: Level::Must,
        sections: &[rfc8446("4.6.3"), rfc8446("5.3"), rfc8446("6")],
        versions: &[Version::Tls13],
        says: "close_notify is protected with the sender's current keys, in a record of outer type \
               application_data.",
        why: "The peer cannot read it under any other keys, and the end looks like a truncation.",
        codes: &[
            deviates("wrong-keys", Axis::OwnHalf),
            deviates("outer-type", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::AppClose]),
            check: protected,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.ku-then-close-order",
        aliases: &["ku.requested-then-we-close"],
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate that is owed is sent under the old keys before close_notify is sent \
               under the new ones, or is not sent at all.",
        why: "The peer cannot read a close_notify under keys that were never announced.",
        codes: &[deviates("unannounced-keys", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerKeyUpdate, Kind::AppClose]),
            check: ku_then_close_order,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.flush-before",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Data accepted from the application before it closes is sent before close_notify.",
        why: "The end of the stream is lost even though every call succeeded.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("data-behind-close", Axis::Data),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::Accepted, Kind::AppClose, Kind::OwnClose]),
            check: flush_before,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.not-lost-on-backpressure",
        level: Level::Contract,
        sections: &[],
        says: "A close requested while the output is blocked is sent once there is room.",
        why: "The close is forgotten, and the peer waits for an end that never comes.",
        codes: &[deviates("loses-close", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| {
                step.now.is_sound()
                    && step.now.own == Half::Open
                    && Depends::Output.delay(step.now).is_some()
            },
            missing: |_, now| now.owed.close.then_some("loses-close"),
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.read-side-open",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "Closing the write half does not affect reading: data and the peer's close_notify \
               still arrive.",
        why: "A client that closes after its request never sees the answer.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerData]),
            check: read_side_open,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-wait-needed",
        aliases: &["t12.initiator-need-not-wait"],
        level: Level::May,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "close_notify may be sent without waiting for the peer's.",
        why: "Two sides that wait for each other never close.",
        codes: &[behaves("waits", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::AppClose]),
            check: no_wait_needed,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.reply-after-peer",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        tls12_close: Some(Tls12Close::Half),
        says: "A side sends its own close_notify even after it has received the peer's.",
        why: "The peer that closed first cannot tell whether the answer was cut short.",
        codes: &[deviates("no-close-notify", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::AppClose]),
            check: reply_after_peer,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.simultaneous",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "If both sides close at the same time, both see a clean end and neither sees an \
               error.",
        why: "Many protocols ordinarily end with two closes that cross.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnClose, Kind::PeerClose]),
            check: simultaneous,
        },
        ..EITHER
    },
    Requirement {
        id: "close-tx.zero-data-session",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A connection may be closed right after its handshake, without any data.",
        why: "Health checks and abandoned requests do this, and should not look like attacks.",
        codes: &[
            deviates("no-close-notify", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::AppClose]),
            check: zero_data_session,
        },
        ..EITHER
    },
];

const LEVEL: Requirement = Requirement {
    why: "Some stacks treat close_notify at level fatal as an error.",
    rule: Rule::One {
        trigger: Kinds::of(&[Kind::OwnClose]),
        check: level,
    },
    ..EITHER
};

const BEFORE_FIN: Requirement = Requirement {
    id: "close-tx.before-fin",
    level: Level::Must,
    sections: &[rfc8446("6.1")],
    versions: &[Version::Tls13],
    says: "A side that closes its write half sends close_notify first.",
    why: "Without it, the peer cannot tell a complete stream from one that an attacker cut short.",
    codes: &[
        deviates("no-close-notify", Axis::OwnHalf),
        deviates("fin-first", Axis::OwnHalf),
    ],
    rule: Rule::All(&[
        Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            during: |step| {
                step.now.is_sound() && matches!(step.now.own, Half::Open | Half::Closing)
            },
            forbids: Kinds::of(&[Kind::SentFin]),
            breach: |_| Some("fin-first"),
            ..NEVER
        }),
        Rule::Owes(Owes {
            by: Kinds::of(&[Kind::OwnClose]),
            missing: |_, _| Some("no-close-notify"),
            ..CLOSES
        }),
    ]),
    ..EITHER
};

/// The application closes the write half of a sound connection.
const CLOSES: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone]),
    on: Kinds::of(&[Kind::AppClose]),
    binds: |step| step.now.is_sound() && step.now.own == Half::Open,
    due: Due::Rest(Depends::Output),
    ..OWES
};

fn level(c: &Connection<'_>) -> Verdict {
    let other = c.sent().find(|(_, r)| {
        r.alert()
            .is_some_and(|(level, description)| description.0 == 0 && level != 1)
    });
    Verdict::held_unless("level-not-warning", other.map(|(i, _)| i))
}

fn one_alert_per_record(c: &Connection<'_>) -> Verdict {
    let broken = c.sent().find(|(_, r)| {
        r.content
            == Content::Malformed {
                content_type: ContentType::ALERT.0,
            }
    });
    match (broken, c.facts().own_close) {
        (Some((at, _)), _) => Verdict::found("not-one-alert", at),
        (None, Some(_)) => Verdict::Held,
        (None, None) => Verdict::NotExercised,
    }
}

fn protected(c: &Connection<'_>) -> Verdict {
    let Some(called) = c.app_close() else {
        return Verdict::NotExercised;
    };
    // A close requested before there were keys may wait for room as a plaintext record.
    let mut before = c.before(called);
    if before.any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite))) {
        return Verdict::NotExercised;
    }
    let mut generation = c
        .sent()
        .take_while(|(i, _)| *i < called)
        .filter(|(_, r)| matches!(r.content, Content::KeyUpdate { .. }))
        .count() as u32;
    for (at, record) in c.sent_after(called) {
        match record.content {
            Content::KeyUpdate { .. } => generation += 1,
            Content::Undecryptable => return Verdict::found("wrong-keys", at),
            Content::Alert { .. } if record.epoch != Some(Epoch::Application(generation)) => {
                return Verdict::found("wrong-keys", at);
            }
            Content::Alert { .. } if record.header[0] != ContentType::APPLICATION_DATA.0 => {
                return Verdict::found("outer-type", at);
            }
            Content::Alert { .. } => return Verdict::Held,
            _ => {}
        }
    }
    Verdict::NotExercised
}

fn ku_then_close_order(c: &Connection<'_>) -> Verdict {
    let Some(called) = c.app_close() else {
        return Verdict::NotExercised;
    };
    if c.facts().kinds.has(Kind::AppOther) && c.io_at(called).room.is_some() {
        return Verdict::NotExercised;
    }
    let owed = c
        .delivered()
        .take_while(|(i, _)| *i < called)
        .filter(|(_, r)| r.meaning == Meaning::KeyUpdate { requested: true })
        .last();
    let Some((owed, _)) = owed else {
        return Verdict::NotExercised;
    };
    let data = c
        .between(owed, called)
        .any(|(_, e)| e.kind() == Kind::OwnData);
    if data || (c.facts().own_close.is_none() && c.is_blocked()) {
        return Verdict::NotExercised;
    }
    let mut generation = c
        .sent()
        .take_while(|(i, _)| *i < owed)
        .filter(|(_, r)| matches!(r.content, Content::KeyUpdate { .. }))
        .count() as u32;
    for (at, record) in c.sent_after(owed) {
        let announced = Some(Epoch::Application(generation));
        match record.content {
            Content::KeyUpdate { .. } if record.epoch == announced => generation += 1,
            // The request may have arrived together with the peer's Finished.
            Content::Handshake(_) | Content::HandshakePart | Content::ChangeCipherSpec
                if matches!(
                    record.epoch,
                    Some(Epoch::Plain | Epoch::Early | Epoch::Handshake)
                ) => {}
            _ if record.epoch != announced => return Verdict::found("unannounced-keys", at),
            _ => {}
        }
    }
    match c.facts().own_close {
        Some(_) => Verdict::Held,
        None => Verdict::NotExercised,
    }
}

fn flush_before(c: &Connection<'_>) -> Verdict {
    let (Some(called), Some(closed)) = (c.app_close(), c.facts().own_close) else {
        return Verdict::NotExercised;
    };
    // Other requirements cover data lost with an exhausted key, and a close that nobody requested.
    if key_exhausted(c) || closed < called {
        return Verdict::NotExercised;
    }
    let any = c
        .between(0, called)
        .any(|(_, event)| matches!(event, Event::Accepted { bytes } if *bytes > 0));
    if !any {
        return Verdict::NotExercised;
    }
    let delivery = c.written_until(called);
    // close-tx.no-data-after covers data written after the close.
    let late = c.first_after(closed, Kind::OwnData);
    match delivery.wrong {
        Some(at) => Verdict::found("loses-data", at),
        None if delivery.missing > 0 => Verdict::found("loses-data", closed),
        None => {
            let before: usize = c
                .between(0, closed)
                .filter_map(|(_, event)| match event {
                    Event::Sent(r) if r.content == Content::Data => Some(r.bytes.len()),
                    _ => None,
                })
                .sum();
            match before < delivery.got {
                true => Verdict::held_unless("data-behind-close", late),
                false => Verdict::Held,
            }
        }
    }
}

/// Whether the close requested at position `called` may be missing: there is no room for it, or
/// something else ended the connection before there was.
fn is_held_up(c: &Connection<'_>, called: usize) -> bool {
    if c.is_blocked() {
        return true;
    }
    if c.io_at(called).room.is_none() {
        return false;
    }
    let room = |event: &Event| matches!(event, Event::Limited(io) if io.room.is_none());
    let unblocked = c.after(called).find(|(_, event)| room(event));
    let facts = c.facts();
    // The alert that is sent once there is room may have been queued before the close was
    // requested.
    if facts.own_error.is_some() {
        return true;
    }
    let over = [facts.fatal, facts.failed, c.reset(), c.dropped()];
    let mut over = over.into_iter().flatten();
    unblocked.is_none_or(|(unblocked, _)| over.any(|over| over < unblocked))
}

fn read_side_open(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    let until = [
        c.facts().peer_close,
        c.facts().fatal,
        c.facts().transport_end,
    ];
    let until = until.into_iter().flatten().min().unwrap_or(usize::MAX);
    let data = c
        .delivered_after(closed)
        .find(|(i, r)| *i < until && r.meaning == Meaning::Data && !r.content.is_empty());
    let Some((first, _)) = data.filter(|(at, _)| *at < until) else {
        return Verdict::NotExercised;
    };
    let failed = c
        .between(closed, until)
        .find(|(_, e)| e.kind() == Kind::Failed);
    let delivery = c.data_until(until);
    match (failed, delivery.wrong) {
        // The subject may have given up on a flood before it read the data.
        _ if c.facts().failed.is_some_and(|at| c.is_flooded(at)) => Verdict::NotExercised,
        (Some((at, _)), _) if c.fails_early(at) || is_behind_ccs(c, at) => Verdict::NotExercised,
        (Some((at, _)), _) => Verdict::found("fails", at),
        (None, Some(at)) => Verdict::found("loses-data", at),
        (None, None) if delivery.missing == 0 => Verdict::Held,
        (None, None) if c.is_paused() || c.facts().taint.is_some() => Verdict::NotExercised,
        // An I/O helper writes pending output before it reads. Another requirement covers a stream
        // that reports a bad record before the data ahead of it.
        (None, None)
            if c.setup().habit.is_some() && (c.is_blocked() || c.facts().fatal.is_some()) =>
        {
            Verdict::NotExercised
        }
        (None, None) => Verdict::found("loses-data", first),
    }
}

/// Whether the last record before `at` is a `change_cipher_spec`, which `rec.ccs-in-handshake`
/// covers.
fn is_behind_ccs(c: &Connection<'_>, at: usize) -> bool {
    c.last_delivered(at)
        .is_some_and(|record| record.meaning == Meaning::ChangeCipherSpec)
}

fn no_wait_needed(c: &Connection<'_>) -> Verdict {
    let Some(called) = c.app_close() else {
        return Verdict::NotExercised;
    };
    let answered = c.facts().peer_close.is_some_and(|close| close < called);
    if answered || c.is_blocked() {
        return Verdict::NotExercised;
    }
    let next = c.after(called).find(|(_, event)| {
        matches!(
            event,
            Event::Called(_) | Event::Delivered(_) | Event::Transport { .. }
        )
    });
    let until = next.map_or(usize::MAX, |(i, _)| i);
    match c.facts().own_close {
        Some(closed) if closed < until => Verdict::Held,
        _ => Verdict::found("waits", called),
    }
}

fn reply_after_peer(c: &Connection<'_>) -> Verdict {
    let (Some(called), Some(peer)) = (c.app_close(), c.facts().peer_close) else {
        return Verdict::NotExercised;
    };
    if called < peer || c.is_blocked() {
        return Verdict::NotExercised;
    }
    match c.facts().own_close {
        Some(_) => Verdict::Held,
        None if is_held_up(c, called) => Verdict::NotExercised,
        None => Verdict::found("no-close-notify", called),
    }
}

/// The two closes cross if the subject's goes out first, and the application writes nothing and no
/// record arrives before the peer's.
fn simultaneous(c: &Connection<'_>) -> Verdict {
    let (Some(own), Some(peer)) = (c.facts().own_close, c.facts().peer_close) else {
        return Verdict::NotExercised;
    };
    let done = c.facts().handshake_done.is_some_and(|done| done < own);
    if !done || own > peer || c.facts().fatal.is_some() || c.delivered_after(peer).next().is_some()
    {
        return Verdict::NotExercised;
    }
    let quiet = c
        .between(own + 1, peer)
        .all(|(_, event)| !matches!(event, Event::Called(Call::Write(_)) | Event::Delivered(_)));
    if !quiet {
        return Verdict::NotExercised;
    }
    if let Some(failed) = c.first_after(own, Kind::Failed) {
        return Verdict::found("fails", failed);
    }
    match c
        .after(peer)
        .find(|(_, event)| matches!(event, Event::End(_)))
    {
        Some((_, Event::End(End::Clean))) => Verdict::Held,
        // An application that does not read sees only errors that stop a write.
        _ if c.is_paused() || c.is_blocked() => Verdict::NotExercised,
        Some((at, _)) => Verdict::found("no-end", at),
        None => Verdict::found("no-end", peer),
    }
}

fn zero_data_session(c: &Connection<'_>) -> Verdict {
    let (Some(called), Some(done)) = (c.app_close(), c.facts().handshake_done) else {
        return Verdict::NotExercised;
    };
    let idle = c.between(done, called).all(|(_, event)| {
        !matches!(
            event.kind(),
            Kind::AppWrite | Kind::PeerData | Kind::PeerKeyUpdate
        )
    });
    if !idle || c.is_blocked() {
        return Verdict::NotExercised;
    }
    // Records after the peer's close count as bad too, and so do records of unknown meaning.
    let bad = |(_, event): &(usize, &Event)| {
        matches!(
            event.kind(),
            Kind::PeerInvalid | Kind::PeerError | Kind::PeerUnknown
        )
    };
    if let Some((failed, _)) = c
        .after(called)
        .take_while(|event| !bad(event))
        .find(|(_, e)| e.kind() == Kind::Failed)
    {
        return match c.fails_early(failed) || c.has_leave(failed) {
            true => Verdict::NotExercised,
            false => Verdict::found("fails", failed),
        };
    }
    match c.facts().own_close {
        Some(_) => Verdict::Held,
        None if is_held_up(c, called) => Verdict::NotExercised,
        None => Verdict::found("no-close-notify", called),
    }
}
