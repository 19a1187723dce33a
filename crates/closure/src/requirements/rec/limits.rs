//! How many records one key may protect, and how a connection ends at that limit.

use protocol::{ApiCall, ErrorClass, Version};
use wire::{Epoch, Meaning};

use crate::ledger::{Blame, Half, Reading, Stage};
use crate::rule::{Depends, Due, Never, OWES, Owes, Step};
use crate::{
    Axis, Connection, EITHER, Edition, Event, Kind, Kinds, Level, Requirement, Rule, Verdict,
    behaves, bis, deviates, rfc5246, rfc8446, varies,
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
        codes: &[varies("exceeds-limit", Axis::OwnHalf)],
        ..NO_WRAP
    },
    Requirement {
        id: "rec.no-wrap-bis",
        level: Level::Must,
        sections: &[bis("5.5")],
        versions: &[Version::Tls13],
        edition: Some(Edition::Bis),
        says: "Before a key has protected as many records as it may, the key is changed or the \
               connection is closed.",
        codes: &[deviates("exceeds-limit", Axis::OwnHalf)],
        ..NO_WRAP
    },
    Requirement {
        id: "rec.no-wrap-12",
        level: Level::Practice,
        sections: &[rfc5246("6.1")],
        versions: &[Version::Tls12],
        says: "TLS 1.2 limits a key only by its sequence numbers; whether an implementation keeps \
               a limit that the cipher suite sets is left open.",
        codes: &[behaves("exceeds-limit", Axis::OwnHalf)],
        ..NO_WRAP
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::Accepted, Kind::OwnData]),
                binds: |step| step.now.key_used_up && says_so(step),
                missing: |at, now| {
                    let lost = now.owed.unsent > 0 && !now.may_discard(at.setup());
                    lost.then_some("loses-data")
                },
                ..AT_LIMIT
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::Refused]),
                binds: |step| is_exhausted(step) && says_so(step),
                missing: |_, now| (now.own == Half::Open).then_some("no-close"),
                ..AT_LIMIT
            }),
        ]),
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
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::PeerData]),
            check: limit_close_both,
        },
        ..EITHER
    },
];

/// Output that is owed in spite of the limit.
const AT_LIMIT: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone, Kind::AppWrite]),
    due: Due::Rest(Depends::Output),
    at_key_limit: true,
    ..OWES
};

/// With a lower limit, there is no room for data between one KeyUpdate and the next.
const LEAST: u64 = 4;

/// How many records each of the subject's keys may protect, if that was set.
fn limit(step: &Step<'_, '_>) -> Option<u64> {
    step.setup().key_limit.filter(|limit| *limit >= LEAST)
}

/// No record but an alert is protected beyond the limit of its key. Others forbid records after
/// close_notify, whatever their number.
const NO_WRAP: Requirement = Requirement {
    why: "Beyond the limit, an attacker's chance to distinguish or forge records is higher than \
          accepted.",
    rule: Rule::Never(Never {
        given: Kinds::of(&[Kind::HandshakeDone, Kind::AppWrite]),
        during: |step| step.now.own != Half::Closed && is_to_scale(step),
        tempted_by: Kinds::of(&[Kind::AppWrite, Kind::OwnData, Kind::Refused]),
        tempts: |step| {
            let refused = match step.event {
                Event::Refused { class, .. } => *class == ErrorClass::KeyExhausted,
                _ => true,
            };
            refused && step.now.key_used_up && limit(step).is_some()
        },
        forbids: Kinds::of(&[Kind::OwnData, Kind::OwnHandshake, Kind::OwnKeyUpdate]),
        breach: exceeds_limit,
    }),
    ..EITHER
};

fn exceeds_limit(step: &Step<'_, '_>) -> Option<&'static str> {
    let record = step.sent()?;
    let counts = matches!(record.epoch, Some(Epoch::Application(_)));
    (counts && record.sequence >= limit(step)?).then_some("exceeds-limit")
}

/// A limit of a few records stands for one of millions. Neither a server's tickets nor data that
/// waits for the end of the handshake would reach that.
fn is_to_scale(step: &Step<'_, '_>) -> bool {
    let c = step.c;
    let after = |step: &Step<'_, '_>| step.now.stage == Stage::Done;
    let ticket = |step: &Step<'_, '_>| {
        let epoch = step.sent().and_then(|record| record.epoch);
        matches!(epoch, Some(Epoch::Application(_)))
    };
    let tickets = c.steps_of(Kinds::of(&[Kind::OwnHandshake])).filter(ticket);
    let mut writes = c.steps_of(Kinds::of(&[Kind::AppWrite]));
    writes.all(|write| after(&write)) && limit(step).is_some_and(|it| (tickets.count() as u64) < it)
}

fn says_so(step: &Step<'_, '_>) -> bool {
    step.now.is_sound() && step.now.own == Half::Open && limit(step).is_some()
}

fn is_exhausted(step: &Step<'_, '_>) -> bool {
    let Event::Refused { call, class } = step.event else {
        return false;
    };
    *call == ApiCall::Write && *class == ErrorClass::KeyExhausted
}

/// Whether the subject gives up once the peer's keys have protected as many records as the
/// subject's own may.
fn limit_close_both(c: &Connection<'_>) -> Verdict {
    let mut exceeded = false;
    for step in c.steps_of(Kinds::ALL) {
        let Some(limit) = limit(&step) else {
            break;
        };
        match step.delivered() {
            _ if step.now.reading != Reading::Open || step.now.blame != Blame::None => break,
            _ if step.now.own != Half::Closed => {}
            Some(record) => {
                let data = record.meaning == Meaning::Data && !record.content.is_empty();
                exceeded |= data && record.sequence + 1 >= limit;
            }
            None if exceeded && step.fails() => return Verdict::found("enforces", step.at),
            None => {}
        }
    }
    match Depends::Input.delay(c.last_moment()) {
        _ if !exceeded => Verdict::NotExercised,
        Some(excuse) => Verdict::Excused(excuse),
        None => Verdict::Held,
    }
}
