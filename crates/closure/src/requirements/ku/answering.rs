//! Answers to the peer's `KeyUpdate`, and the subject's own.

use protocol::Version;
use wire::Meaning;

use crate::ledger::{Asked, Blame, Half};
use crate::requirements::flood::{TOLERATED, bears};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc8446,
};

/// A request from the peer, and data that is written and sent.
const ASKING: Kinds = Kinds::of(&[Kind::PeerKeyUpdate, Kind::AppWrite, Kind::OwnData]);

const INSIDE: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::PeerHandshake]);

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
        rule: Rule::All(&[
            Rule::Never(Never {
                given: ASKING,
                during: |step| step.now.owed.key_update_is_due && step.now.is_sound(),
                tempted_by: Kinds::of(&[Kind::AppWrite]),
                forbids: Kinds::of(&[Kind::OwnData]),
                breach: |_| Some("no-answer"),
                ..NEVER
            }),
            Rule::Notes {
                trigger: ASKING,
                check: answers_each,
            },
        ]),
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
        rule: Rule::All(&[
            Rule::Never(Never {
                given: INSIDE,
                during: |step| is_inside_message(step) && changes_keys(step),
                tempted_by: CHANGES,
                forbids: Kinds::of(&[Kind::OwnAlert, Kind::Failed]),
                breach: fails_inside,
                ..NEVER
            }),
            Rule::Owes(Owes {
                given: INSIDE,
                on: Kinds::of(&[Kind::AppUpdateKeys]),
                binds: is_inside_message,
                by: Kinds::of(&[Kind::Refused]),
                pays: |_, _| Payment::Wrong("refuses"),
                due: Due::Rest(Depends::Output),
                ..OWES
            }),
        ]),
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
        rule: Rule::Notes {
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

/// Whether the subject answered every single one of several requests before it sent data.
fn answers_each(c: &Connection<'_>) -> Verdict {
    let (mut requests, mut answers) = (0, 0);
    for step in c.steps_of(ASKING.union(Kinds::of(&[Kind::OwnKeyUpdate]))) {
        let requested = Some(Meaning::KeyUpdate { requested: true });
        match step.kind() {
            Kind::PeerKeyUpdate => requests += u32::from(step.meaning() == requested),
            Kind::OwnKeyUpdate if step.now.keys_asked != Asked::Application => answers += 1,
            Kind::OwnData if requests > 1 && answers >= requests => {
                return Verdict::found("answers-each", step.at);
            }
            Kind::OwnData => (requests, answers) = (0, 0),
            _ => {}
        }
    }
    Verdict::NotExercised
}

/// The events that change the write keys, or ask for that.
const CHANGES: Kinds = Kinds::of(&[Kind::AppUpdateKeys, Kind::OwnKeyUpdate]);

/// Whether the application can change the write keys while the peer's message is incomplete.
fn is_inside_message(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.in_message
        && now.is_sound()
        && now.blame == Blame::None
        && (now.own, now.peer) == (Half::Open, Half::Open)
}

/// Whether the write keys are being changed, or were since the latest record has arrived.
fn changes_keys(step: &Step<'_, '_>) -> bool {
    let is_due = step.now.keys_asked != Asked::Nobody || step.now.key_used_up;
    let mut before = step.c.before(step.at + 1).rev().map(|(_, event)| event);
    let recent =
        before.find(|event| matches!(event, Event::Delivered(_)) || CHANGES.has(event.kind()));
    is_due || recent.is_some_and(|event| CHANGES.has(event.kind()))
}

/// A failure that nothing but a change of the write keys can have caused.
fn fails_inside(step: &Step<'_, '_>) -> Option<&'static str> {
    match step.error_alert() {
        _ if !step.fails() || step.c.fails_early(step.at) => None,
        Some(_) => Some("sends-alert"),
        None => Some("fails"),
    }
}
