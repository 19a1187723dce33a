//! `KeyUpdate` when one half is closed or about to be closed.

use protocol::{ApiCall, Version};
use wire::{Content, Epoch, Meaning};

use crate::requirements::reading::{READS_ON, reads_on};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    behaves, deviates, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ku.rx-then-close",
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate from the peer changes the read keys: data and close_notify under the \
               new keys are accepted.",
        why: "A peer that changes its keys correctly is cut off.",
        codes: READS_ON,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerKeyUpdate]),
            check: rx_then_close,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.rx-while-half-closed",
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate from the peer changes the read keys even after the local half was \
               closed.",
        why: "A side that only waits for the end skips the message, and then cannot read what \
              follows.",
        codes: READS_ON,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerKeyUpdate]),
            check: rx_while_half_closed,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.multi-requested-while-half-closed",
        level: Level::Practice,
        sections: &[rfc8446("4.6.3"), rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "How many KeyUpdate requests that can no longer be answered a receiver tolerates \
               between data is left open.",
        why: "A long download whose sender keeps changing keys is cut short, or answers that can \
              never be sent pile up.",
        codes: &[
            behaves("gives-up", Axis::EndSignal),
            behaves("answers", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerKeyUpdate]),
            check: multi_requested,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.crossed-with-close",
        level: Level::Definition,
        sections: &[rfc8446("4.6.3"), rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "When both sides have asked for fresh keys and the local half is closed, no answer \
               is owed, and everything the peer sends is read.",
        why: "A close that crosses a request turns into an error, or something follows the close.",
        codes: &[
            deviates("sends-key-update", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
            deviates("loses-data", Axis::Data),
            deviates("ends-early", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[
                Kind::HandshakeDone,
                Kind::OwnKeyUpdate,
                Kind::OwnClose,
                Kind::PeerKeyUpdate,
            ]),
            check: crossed_with_close,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.peer-closed-we-rekey",
        level: Level::Definition,
        sections: &[rfc8446("4.6.3"), rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "After the peer has closed its half, the write keys can still be changed; later \
               writes use the new keys and do not wait for an answer.",
        why: "A long answer to a complete request exhausts its keys, or never ends.",
        codes: &[
            deviates("does-not-open", Axis::OwnHalf),
            deviates("blocks", Axis::OwnHalf),
            behaves("refuses", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[
                Kind::HandshakeDone,
                Kind::PeerClose,
                Kind::AppUpdateKeys,
                Kind::AppWrite,
            ]),
            check: peer_closed_we_rekey,
        },
        ..EITHER
    },
];

fn is_key_update(record: &Delivered) -> bool {
    matches!(record.meaning, Meaning::KeyUpdate { .. })
}

fn is_request(record: &Delivered) -> bool {
    record.meaning == Meaning::KeyUpdate { requested: true }
}

fn rx_then_close(c: &Connection<'_>) -> Verdict {
    let Some((update, _)) = c.delivered().find(|(_, record)| is_key_update(record)) else {
        return Verdict::NotExercised;
    };
    match c.facts().own_close {
        Some(own) if own < update => Verdict::NotExercised,
        _ => reads_on(c, update),
    }
}

fn rx_while_half_closed(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    match c.delivered_after(closed).find(|(_, r)| is_key_update(r)) {
        Some((update, _)) => reads_on(c, update),
        None => Verdict::NotExercised,
    }
}

fn multi_requested(c: &Connection<'_>) -> Verdict {
    /// More in a row than any receiver is known to tolerate.
    const MANY: usize = 33;
    let facts = c.facts();
    let Some(closed) = facts.own_close else {
        return Verdict::NotExercised;
    };
    let stop = [
        facts.peer_close,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let failed = facts.failed.filter(|failed| *failed < stop);
    let until = failed.unwrap_or(stop);
    let mut requests = 0;
    let mut last = closed;
    for (at, record) in c.delivered_after(closed).take_while(|(at, _)| *at < until) {
        match record.meaning {
            Meaning::KeyUpdate { requested: true } => {
                requests += 1;
                last = at;
            }
            Meaning::Data if !record.content.is_empty() => {}
            // The subject may give up because of this record instead.
            _ => return Verdict::NotExercised,
        }
    }
    if requests < MANY || c.is_paused() || c.is_blocked() {
        return Verdict::NotExercised;
    }
    let answer = c
        .after(closed)
        .find(|(_, event)| event.kind() == Kind::OwnKeyUpdate);
    match (failed, answer) {
        (Some(_), _) => Verdict::found("gives-up", last),
        (None, Some((at, _))) => Verdict::found("answers", at),
        (None, None) => Verdict::Held,
    }
}

fn crossed_with_close(c: &Connection<'_>) -> Verdict {
    let Some(closed) = c.facts().own_close else {
        return Verdict::NotExercised;
    };
    let asked = c.sent().any(|(at, record)| {
        at < closed && record.content == Content::KeyUpdate { requested: true }
    });
    let crossing = c.delivered_after(closed).find(|(_, r)| is_request(r));
    let (true, Some((crossing, _))) = (asked, crossing) else {
        return Verdict::NotExercised;
    };
    if c.io_at(crossing).room.is_some() {
        return Verdict::NotExercised;
    }
    // KeyUpdates that the application's own calls cause do not count.
    let fatal = c.facts().fatal.unwrap_or(usize::MAX);
    let answer = c
        .between(crossing + 1, fatal)
        .take_while(|(_, event)| !matches!(event.kind(), Kind::AppWrite | Kind::AppUpdateKeys))
        .find(|(_, event)| event.kind() == Kind::OwnKeyUpdate);
    match answer {
        Some((at, _)) => Verdict::found("sends-key-update", at),
        None => reads_on(c, crossing),
    }
}

fn peer_closed_we_rekey(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let Some(closed) = facts.peer_close else {
        return Verdict::NotExercised;
    };
    let over = [
        facts.failed,
        facts.own_error,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
        facts.own_close,
        c.first(Kind::AppClose),
    ];
    let over = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let done = facts.handshake_done.is_some_and(|done| done < closed);
    // The rule does not apply if the application could not read the end, or the transport was
    // blocked.
    let free = !c.facts().kinds.has(Kind::AppOther);
    let asked = c.first_after(closed, Kind::AppUpdateKeys);
    let Some(asked) = asked.filter(|asked| *asked < over && done && free) else {
        return Verdict::NotExercised;
    };
    let Some(write) = c
        .writes()
        .find(|(at, bytes)| *at > asked && !bytes.is_empty())
    else {
        return Verdict::NotExercised;
    };
    if write.0 > over {
        return Verdict::NotExercised;
    }
    // After the next call, a refusal may be about that call.
    let next_call = c
        .after(write.0)
        .find_map(|(at, event)| matches!(event, Event::Called(_)).then_some(at));
    let answer = c.between(write.0 + 1, next_call.unwrap_or(usize::MAX));
    let mut answer = answer;
    let blocked = answer.find(|(_, event)| {
        matches!(
            event,
            Event::Refused {
                call: ApiCall::Write,
                ..
            }
        )
    });
    if let Some((at, _)) = blocked {
        return Verdict::found("blocks", at);
    }
    let Some(update) = c.first_after(asked, Kind::OwnKeyUpdate) else {
        return Verdict::found("refuses", asked);
    };
    let Some((at, record)) = c.sent_after(update).find(|(at, _)| *at > write.0) else {
        return Verdict::NotExercised;
    };
    // The application may have asked for fresh keys more than once.
    let last = c.sent_after(asked).take_while(|(i, _)| *i < at);
    let last = last
        .filter(|(_, sent)| matches!(sent.content, Content::KeyUpdate { .. }))
        .last();
    let next = match last.and_then(|(_, sent)| sent.epoch) {
        Some(Epoch::Application(generation)) => Epoch::Application(generation.saturating_add(1)),
        _ => return Verdict::NotExercised,
    };
    match record.epoch == Some(next) {
        true => Verdict::Held,
        false => Verdict::found("does-not-open", at),
    }
}
