//! Answers to the peer's `KeyUpdate`, and the subject's own.

use protocol::{ApiCall, Version};
use wire::Meaning;

use crate::requirements::flood::{TOLERATED, bears};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ku.coalesced-reply",
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "KeyUpdate requests that arrive while nothing is written are answered before the \
               next application data, with one KeyUpdate or several.",
        why: "A side that was asked to give up its keys goes on using them.",
        codes: &[
            deviates("no-answer", Axis::OwnHalf),
            behaves("answers-each", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[
                Kind::HandshakeDone,
                Kind::PeerKeyUpdate,
                Kind::AppWrite,
                Kind::OwnData,
            ]),
            check: coalesced_reply,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.inside-peer-message",
        level: Level::Definition,
        sections: &[rfc8446("4.6.3"), rfc8446("5.1"), rfc8446("6.2")],
        versions: &[Version::Tls13],
        says: "The write keys can be changed while a handshake message from the peer is \
               incomplete: each direction has its own keys.",
        why: "A peer that is slow to send the rest of a ticket is told that it made an error, and \
              the connection is lost.",
        codes: &[
            deviates("sends-alert", Axis::Alert),
            deviates("fails", Axis::EndSignal),
            behaves("refuses", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerHandshake]),
            check: inside_peer_message,
        },
        ..EITHER
    },
    Requirement {
        id: "ku.limit",
        level: Level::Practice,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "How many KeyUpdates in a row, without data between them, a receiver tolerates is \
               left open.",
        why: "Each costs the receiver a key derivation, and the sender next to nothing.",
        codes: TOLERATED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerKeyUpdate]),
            check: |c| {
                bears(c, |record| {
                    matches!(record.meaning, Meaning::KeyUpdate { .. })
                })
            },
        },
        ..EITHER
    },
];

fn coalesced_reply(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = [
        facts.own_close,
        facts.own_error,
        facts.failed,
        facts.fatal,
        facts.peer_close,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let over = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    // Data that was held up may have been written before the request.
    if facts.kinds.has(Kind::AppOther) || c.is_flooded(over) {
        return Verdict::NotExercised;
    }
    let mut requests = 0;
    let mut answers = 0;
    let mut written = false;
    for (at, event) in c.events().take_while(|(at, _)| *at < over) {
        match event {
            Event::Delivered(record)
                if !written && record.meaning == (Meaning::KeyUpdate { requested: true }) =>
            {
                requests += 1;
            }
            Event::Called(Call::Write(bytes)) if requests > 1 => written |= !bytes.is_empty(),
            Event::Called(Call::UpdateKeys) => return Verdict::NotExercised,
            _ => match event.kind() {
                Kind::OwnKeyUpdate if requests > 0 => answers += 1,
                Kind::OwnData if written => {
                    return match answers {
                        0 => Verdict::found("no-answer", at),
                        _ if answers >= requests => Verdict::found("answers-each", at),
                        _ => Verdict::Held,
                    };
                }
                Kind::OwnData => (requests, answers) = (0, 0),
                _ => {}
            },
        }
    }
    Verdict::NotExercised
}

fn inside_peer_message(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = [
        facts.own_close,
        facts.own_error,
        facts.failed,
        facts.fatal,
        facts.peer_close,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
    ];
    let over = over.into_iter().flatten().min().unwrap_or(usize::MAX);
    let Some(done) = facts.handshake_done else {
        return Verdict::NotExercised;
    };
    let mut inside = false;
    // A call during an incomplete message that changes the write keys, or may change them.
    let mut call = None;
    for (at, event) in c.after(done) {
        let called = matches!(event, Event::Called(Call::UpdateKeys | Call::Write(_)));
        match event {
            Event::Delivered(_) | Event::Called(Call::Drop) | Event::Transport { .. }
                if call.is_some() =>
            {
                call = None;
                inside = false;
            }
            Event::Delivered(record) => inside = record.meaning == Meaning::HandshakePart,
            _ if called && inside && at < over => {
                call = Some(at);
            }
            Event::Refused {
                call: ApiCall::UpdateKeys,
                ..
            } if call.is_some() => {
                // The alert for this refusal comes later.
                return match facts.own_error {
                    Some(error) if facts.fatal.is_none_or(|fatal| fatal > error) => {
                        Verdict::found("sends-alert", error)
                    }
                    _ => Verdict::found("refuses", at),
                };
            }
            Event::Failed { .. } if call.is_some() => return Verdict::found("fails", at),
            _ if call.is_some() && facts.own_error == Some(at) => {
                return Verdict::found("sends-alert", at);
            }
            _ if call.is_some() && event.kind() == Kind::OwnKeyUpdate => return Verdict::Held,
            _ => {}
        }
    }
    Verdict::NotExercised
}
