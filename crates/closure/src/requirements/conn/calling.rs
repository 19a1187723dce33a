//! What an API answers to the calls of the application.

use super::held_if;
use super::sending::first;
use crate::ledger::Breach;
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves, deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "conn.calls",
        level: Level::Contract,
        says: "Every call is either carried out or refused. It would block only while the \
               transport blocks, and a call that only processes what is there is refused only if \
               something is wrong.",
        why: "The caller repeats what was done, waits for a transport that has room, or takes for \
              sent what was dropped.",
        codes: &[
            deviates("no-answer", Axis::OwnHalf),
            deviates("answers-twice", Axis::OwnHalf),
            deviates("would-block", Axis::OwnHalf),
            deviates("refuses-to-process", Axis::EndSignal),
            deviates("accepts-after-end", Axis::Data),
        ],
        rule: Rule::Universal { check: calls },
        ..EITHER
    },
    Requirement {
        id: "conn.waits",
        level: Level::Contract,
        says: "A sound connection takes every complete record. It waits for the transport only \
               while something is to be sent, in the handshake it waits for something, and it \
               offers data only if some has arrived.",
        why: "The caller waits for ever, or not at all.",
        codes: &[
            deviates("leaves-record", Axis::Data),
            deviates("wants-write", Axis::OwnHalf),
            deviates("wants-nothing", Axis::OwnHalf),
            deviates("offers-early-data", Axis::Data),
            deviates("offers-data", Axis::Data),
        ],
        rule: Rule::Universal { check: waits },
        ..EITHER
    },
    Requirement {
        id: "conn.reports-again",
        level: Level::Practice,
        says: "Whether an API reports the same end again, or the end of the transport after a \
               failure, is left open.",
        why: "A caller that counts ends sees more than one.",
        codes: &[
            behaves("ends-again", Axis::EndSignal),
            behaves("ends-after-failure", Axis::EndSignal),
        ],
        rule: Rule::Universal {
            check: reports_again,
        },
        ..EITHER
    },
];

fn calls(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("no-answer", Breach::NoAnswer),
        ("answers-twice", Breach::AnswersTwice),
        ("would-block", Breach::WouldBlock),
        ("refuses-to-process", Breach::RefusesProcess),
        ("accepts-after-end", Breach::AcceptsAfterEnd),
    ];
    let verdict = first(c, &codes, c.ledger().tempted().called);
    match (verdict, c.ledger().unanswered_call()) {
        (Verdict::Held, Some(at)) => Verdict::found("no-answer", at),
        _ => verdict,
    }
}

fn waits(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("leaves-record", Breach::LeavesRecord),
        ("wants-write", Breach::WantsWrite),
        ("wants-nothing", Breach::WantsNothing),
        ("offers-early-data", Breach::NamesEarlyData),
        ("offers-data", Breach::OffersData),
    ];
    let reported = Kinds::of(&[
        Kind::Wants,
        Kind::Left,
        Kind::ReadEarlyData,
        Kind::ReadTraffic,
    ]);
    first(c, &codes, c.marks().all_kinds.intersects(reported))
}

fn reports_again(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("ends-again", Breach::EndsAgain),
        ("ends-after-failure", Breach::EndsAfterFailure),
    ];
    match first(c, &codes, false) {
        Verdict::NotExercised => held_if(c.marks().all_kinds.has(Kind::End)),
        found => found,
    }
}
