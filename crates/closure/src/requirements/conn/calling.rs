//! The answers of an API to the calls of the application.

use protocol::Capability;

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
        needs: &[Capability::Wants],
        says: "The API waits for the transport only while something is to be sent, and in the \
               handshake it waits for something.",
        why: "The caller waits for ever, or not at all.",
        codes: &[
            deviates("wants-write", Axis::OwnHalf),
            deviates("wants-nothing", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: waits },
        ..EITHER
    },
    Requirement {
        id: "conn.takes",
        level: Level::Contract,
        needs: &[Capability::Left],
        says: "A sound connection takes every complete record.",
        why: "The caller keeps bytes that nobody ever asks for, and what follows them stays unread.",
        codes: &[deviates("leaves-record", Axis::Data)],
        rule: Rule::Universal { check: takes },
        ..EITHER
    },
    Requirement {
        id: "conn.offers",
        level: Level::Contract,
        needs: &[Capability::States],
        says: "The API offers data only if some has arrived, and 0-RTT data only if some of that \
               has.",
        why: "The caller reads what is not there, or waits for it.",
        codes: &[
            deviates("offers-early-data", Axis::Data),
            deviates("offers-data", Axis::Data),
        ],
        rule: Rule::Universal { check: offers },
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
        ("wants-write", Breach::WantsWrite),
        ("wants-nothing", Breach::WantsNothing),
    ];
    first(c, &codes, c.marks().all_kinds.has(Kind::Wants))
}

fn takes(c: &Connection<'_>) -> Verdict {
    let came = Kinds::of(&[Kind::PeerHandshake, Kind::PeerData]);
    let codes = [("leaves-record", Breach::LeavesRecord)];
    first(c, &codes, c.marks().all_kinds.intersects(came))
}

fn offers(c: &Connection<'_>) -> Verdict {
    let codes = [
        ("offers-early-data", Breach::NamesEarlyData),
        ("offers-data", Breach::OffersData),
    ];
    let offered = Kinds::of(&[Kind::ReadTraffic, Kind::ReadEarlyData]);
    first(c, &codes, c.marks().all_kinds.intersects(offered))
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
