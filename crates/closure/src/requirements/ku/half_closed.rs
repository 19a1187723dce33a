//! `KeyUpdate` when one half is closed or about to be closed.

use protocol::{ApiCall, ErrorClass, Version};
use wire::{Epoch, Meaning};

use crate::ledger::{Asked, Blame, Half, Reading};
use crate::requirements::reading::{READS, READS_ON, is_followed, reads};
use crate::rule::{Depends, Due, Excuse, OWES, Owes, Payment, Step};
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
        rule: Rule::Owes(Owes {
            binds: |step| step.now.own != Half::Closed && is_followed(step),
            ..READS_KEY_UPDATE
        }),
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
        rule: Rule::Owes(Owes {
            binds: |step| step.now.own == Half::Closed && is_followed(step),
            ..READS_KEY_UPDATE
        }),
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
        rule: Rule::Notes {
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
        rule: Rule::Owes(Owes {
            binds: |step| {
                let now = step.now;
                now.own == Half::Closed && now.awaits_keys && is_request(step) && is_followed(step)
            },
            by: READS.by.union(Kinds::of(&[Kind::OwnKeyUpdate])),
            pays: reads_silently,
            ..READS_KEY_UPDATE
        }),
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
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            on: Kinds::of(&[Kind::AppUpdateKeys]),
            binds: |step| {
                let now = step.now;
                now.is_sound()
                    && now.is_free()
                    && now.blame == Blame::None
                    && (now.own, now.peer) == (Half::Open, Half::Closed)
            },
            by: Kinds::of(&[Kind::Refused, Kind::OwnData, Kind::OwnBroken]),
            pays: rekeys,
            due: Due::Act(Depends::Output),
            ..OWES
        }),
        ..EITHER
    },
];

/// Everything after a KeyUpdate from the peer is read.
const READS_KEY_UPDATE: Owes = Owes {
    on: Kinds::of(&[Kind::PeerKeyUpdate]),
    ..READS
};

fn is_request(step: &Step<'_, '_>) -> bool {
    step.meaning() == Some(Meaning::KeyUpdate { requested: true })
}

fn multi_requested(c: &Connection<'_>) -> Verdict {
    /// More in a row than any receiver is known to tolerate.
    const MANY: usize = 33;
    let (mut requests, mut answer) = (0, None);
    let closed = |step: &Step<'_, '_>| step.now.own == Half::Closed;
    for step in c.steps_of(Kinds::ALL).filter(closed) {
        match step.kind() {
            _ if step.now.reading != Reading::Open || step.now.blame == Blame::Must => break,
            _ if step.fails() && requests >= MANY => return Verdict::found("gives-up", step.at),
            Kind::OwnKeyUpdate if step.now.keys_asked == Asked::Peer => {
                _ = answer.get_or_insert(step.at);
            }
            Kind::PeerKeyUpdate => requests += usize::from(is_request(&step)),
            Kind::PeerData if !step.delivered().is_none_or(is_empty) => {}
            // The subject may give up because of this record instead.
            _ if step.delivered().is_some() => break,
            _ => {}
        }
    }
    match Depends::Both.delay(c.last_moment()) {
        _ if requests < MANY => Verdict::NotExercised,
        Some(excuse) => Verdict::Excused(excuse),
        None => Verdict::held_unless("answers", answer),
    }
}

fn is_empty(record: &Delivered) -> bool {
    record.content.is_empty()
}

/// As [`reads`], but an answer to the request is wrong too. The application may ask for fresh keys.
fn reads_silently(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    match step.kind() {
        Kind::OwnKeyUpdate if step.now.keys_asked == Asked::Peer => {
            Payment::Wrong("sends-key-update")
        }
        _ => reads(cause, step),
    }
}

/// How what follows the application's request for fresh keys shows that they are in use.
fn rekeys(cause: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    let keys = step.now.own_keys;
    match step.event {
        Event::Refused { call, class } => match call {
            ApiCall::UpdateKeys => Payment::Wrong("refuses"),
            // Nothing is written after the close.
            ApiCall::Write if step.now.has_closed => Payment::Void(Excuse::NotDue),
            ApiCall::Write if *class != ErrorClass::WouldBlock => Payment::Wrong("blocks"),
            _ => Payment::Nothing,
        },
        Event::Sent(_) if keys == cause.now.own_keys => Payment::Wrong("refuses"),
        Event::Sent(record) if record.epoch == Some(Epoch::Application(keys)) => Payment::Paid,
        _ => Payment::Wrong("does-not-open"),
    }
}
