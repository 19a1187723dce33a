//! How many records one key may protect, and how a connection ends at that limit.

use protocol::Version;
use wire::{Content, Epoch, Meaning};

use crate::{
    Axis, Connection, EITHER, Edition, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    bis, deviates, rfc5246, rfc8446, varies,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "rec.no-wrap",
        level: Level::Should,
        sections: &[rfc8446("5.5"), rfc8446("5.3")],
        versions: &[Version::Tls13],
        edition: Some(Edition::Rfc8446),
        says: "Before a key has protected as many records as it may, the key is changed or the \
               connection is ended.",
        why: "Beyond the limit, an attacker's chance to distinguish or forge records is higher \
              than accepted.",
        codes: &[varies("exceeds-limit", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: ON_WRITE,
            check: no_wrap,
        },
        ..EITHER
    },
    Requirement {
        id: "rec.no-wrap-bis",
        level: Level::Must,
        sections: &[bis("5.5")],
        versions: &[Version::Tls13],
        edition: Some(Edition::Bis),
        says: "Before a key has protected as many records as it may, the key is changed or the \
               connection is closed.",
        why: "Beyond the limit, an attacker's chance to distinguish or forge records is higher \
              than accepted.",
        codes: &[deviates("exceeds-limit", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: ON_WRITE,
            check: no_wrap,
        },
        ..EITHER
    },
    Requirement {
        id: "rec.no-wrap-12",
        level: Level::Practice,
        sections: &[rfc5246("6.1")],
        versions: &[Version::Tls12],
        says: "TLS 1.2 limits a key only by its sequence numbers; whether an implementation keeps \
               a limit that the cipher suite sets is left open.",
        why: "Beyond the limit, an attacker's chance to distinguish or forge records is higher \
              than accepted.",
        codes: &[behaves("exceeds-limit", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: ON_WRITE,
            check: no_wrap,
        },
        ..EITHER
    },
    Requirement {
        id: "rec.limit-says-so",
        level: Level::Contract,
        says: "At a key's limit, every byte that was accepted from the application is sent, and \
               the end that follows is a close_notify.",
        why: "The tail of a long transfer is lost, and its writer believes that it arrived.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("no-close", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::AppWrite]),
            check: limit_says_so,
        },
        ..EITHER
    },
    Requirement {
        id: "rec.limit-close-both",
        level: Level::Practice,
        sections: &[rfc8446("5.5"), bis("5.5")],
        versions: &[Version::Tls13],
        says: "Whether a receiver that has closed its own half counts the records under the peer's \
               keys is left open; the revision advises against it.",
        why: "A side that only reads cuts a long download short.",
        codes: &[behaves("enforces", Axis::EndSignal)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerData]),
            check: limit_close_both,
        },
        ..EITHER
    },
];

const ON_WRITE: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::AppWrite]);

/// With a lower limit, there is no room for data between one KeyUpdate and the next.
const LEAST: u64 = 4;

/// How many records each of the subject's keys may protect, if that was set.
fn limit(c: &Connection<'_>) -> Option<u64> {
    c.setup().key_limit.filter(|limit| *limit >= LEAST)
}

fn no_wrap(c: &Connection<'_>) -> Verdict {
    let Some(limit) = limit(c) else {
        return Verdict::NotExercised;
    };
    // A limit of a few records stands for one of millions. Neither a server's tickets nor data that
    // waits for the end of the handshake would reach that.
    let done = c.facts().handshake_done.unwrap_or(usize::MAX);
    let tickets = c.sent().filter(|(_, record)| {
        matches!(record.epoch, Some(Epoch::Application(_)))
            && matches!(
                record.content,
                Content::Handshake(_) | Content::HandshakePart
            )
    });
    let waited = c.before(done).any(|(_, e)| e.kind() == Kind::AppWrite);
    if waited || tickets.count() as u64 >= limit {
        return Verdict::NotExercised;
    }
    // Other rules forbid records after the local close_notify, whatever their sequence number.
    let until = c.facts().own_close.unwrap_or(usize::MAX);
    let mut data = 0;
    for (at, record) in c.sent().take_while(|(at, _)| *at < until) {
        // Alerts are exempt: one must still be able to announce the end.
        let counts =
            matches!(record.epoch, Some(Epoch::Application(_))) && record.alert().is_none();
        if counts && record.sequence >= limit {
            return Verdict::found("exceeds-limit", at);
        }
        data += u64::from(record.content == Content::Data);
    }
    let exhausted = c.events().any(|(_, event)| {
        matches!(
            event,
            crate::Event::Refused {
                call: protocol::ApiCall::Write,
                class: protocol::ErrorClass::KeyExhausted,
            }
        )
    });
    match data >= limit || exhausted {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}

fn limit_says_so(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let over = [
        facts.failed,
        facts.own_error,
        facts.fatal,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
        c.first(Kind::AppClose),
    ];
    let disturbed = over.into_iter().flatten().next().is_some()
        || facts.peer_close.is_some() && c.version() == Version::Tls12;
    let (Some(limit), false) = (limit(c), disturbed || c.is_blocked()) else {
        return Verdict::NotExercised;
    };
    // The number of records that the writes need at least.
    let (mut offered, mut at) = (0_u64, 0);
    for (write, bytes) in c.writes() {
        offered += bytes.len().div_ceil(wire::MAX_PLAINTEXT) as u64;
        at = write;
    }
    if offered < limit {
        return Verdict::NotExercised;
    }
    let written = c.written_until(usize::MAX);
    if written.missing > 0 || written.wrong.is_some() {
        return Verdict::found("loses-data", at);
    }
    let refused = c.events().find_map(|(at, event)| match event {
        crate::Event::Refused {
            call: protocol::ApiCall::Write,
            class: protocol::ErrorClass::KeyExhausted,
        } => Some(at),
        _ => None,
    });
    match refused {
        Some(at) if facts.own_close.is_none() => Verdict::found("no-close", at),
        _ => Verdict::Held,
    }
}

fn limit_close_both(c: &Connection<'_>) -> Verdict {
    let facts = c.facts();
    let (Some(limit), Some(closed)) = (limit(c), facts.own_close) else {
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
    let most = c
        .delivered_after(closed)
        .take_while(|(at, _)| *at < failed.unwrap_or(stop))
        .filter(|(_, record)| record.meaning == Meaning::Data && !record.content.is_empty())
        .map(|(_, record)| record.sequence + 1)
        .max();
    if most.is_none_or(|most| most < limit) || c.is_flooded(stop) || c.is_paused() {
        return Verdict::NotExercised;
    }
    Verdict::held_unless("enforces", failed)
}
