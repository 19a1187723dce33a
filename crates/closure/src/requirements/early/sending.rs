//! A client that has written 0-RTT data must mark where it ends.

use protocol::{Role, Version};
use wire::{AlertDescription, HandshakeType, Reason};

use super::super::close_rx::scene::{any_close, behind_finished, is_conclusive};
use super::super::refusal::ends;
use super::scene::{Answer, peer_answer};
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, OwnMessage, Requirement, Rule, Verdict, deviates,
    rfc8446, varies,
};

const CLIENT: Requirement = Requirement {
    level: Level::Must,
    sections: &[rfc8446("4.5")],
    roles: &[Role::Client],
    versions: &[Version::Tls13],
    ..EITHER
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "early.eoed-required",
        says: "A client whose 0-RTT data was accepted sends EndOfEarlyData before its Finished, \
               even if it has nothing more to send and wants to close.",
        why: "The server cannot tell where the early data ends, and the handshake fails.",
        codes: &[deviates("no-eoed", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerHandshake, Kind::OwnHandshake]),
            check: eoed_required,
        },
        ..CLIENT
    },
    Requirement {
        id: "early.eoed-misplaced",
        says: "A client whose 0-RTT data was rejected sends no EndOfEarlyData, and a client that \
               receives one from a server refuses it with unexpected_message.",
        why: "A server that has rejected early data takes it for a broken handshake.",
        codes: &[
            deviates("sends-eoed", Axis::OwnHalf),
            deviates("still-alive", Axis::OwnHalf),
            deviates("wrong-alert", Axis::Alert),
            varies("no-alert", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnHandshake]),
            check: eoed_misplaced,
        },
        ..CLIENT
    },
    Requirement {
        id: "early.close-by-server-before-eoed",
        level: Level::Definition,
        sections: &[rfc8446("4.5"), rfc8446("6.1")],
        says: "A server that closes right after its own Finished has only closed its half: the \
               client still sends EndOfEarlyData and Finished.",
        why: "The server never learns that the request it answered came from this client.",
        codes: &[
            deviates("no-eoed", Axis::OwnHalf),
            deviates("no-finished", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerHandshake, Kind::PeerClose]),
            check: close_by_server,
        },
        ..CLIENT
    },
];

fn eoed<'t>(c: &Connection<'t>) -> Option<OwnMessage<'t>> {
    c.own_message(HandshakeType::END_OF_EARLY_DATA)
}

fn finished<'t>(c: &Connection<'t>) -> Option<OwnMessage<'t>> {
    c.own_message(HandshakeType::FINISHED)
}

fn eoed_required(c: &Connection<'_>) -> Verdict {
    match (peer_answer(c), finished(c), eoed(c)) {
        (Some(Answer::Accepted(_)), Some(finished), None) => Verdict::found("no-eoed", finished.at),
        (Some(Answer::Accepted(_)), Some(finished), Some(eoed)) if eoed.at > finished.at => {
            Verdict::found("no-eoed", finished.at)
        }
        (Some(Answer::Accepted(_)), Some(_), Some(_)) => Verdict::Held,
        _ => Verdict::NotExercised,
    }
}

fn eoed_misplaced(c: &Connection<'_>) -> Verdict {
    let unasked =
        |reason, _: &_| reason == Reason::UnexpectedMessage(HandshakeType::END_OF_EARLY_DATA);
    let refused = ends(c, unasked, &[AlertDescription::UNEXPECTED_MESSAGE]);
    let sent = match (peer_answer(c), finished(c), eoed(c)) {
        (Some(Answer::Rejected(_) | Answer::Retry(_)), _, Some(eoed)) => {
            Verdict::found("sends-eoed", eoed.at)
        }
        (Some(Answer::Rejected(_) | Answer::Retry(_)), Some(_), None) => Verdict::Held,
        _ => Verdict::NotExercised,
    };
    sent.and(refused)
}

fn close_by_server(c: &Connection<'_>) -> Verdict {
    let Some((at, _)) = any_close(c).filter(|(at, _)| behind_finished(c, *at)) else {
        return Verdict::NotExercised;
    };
    if !matches!(peer_answer(c), Some(Answer::Accepted(_))) {
        return Verdict::NotExercised;
    }
    match (eoed(c), finished(c)) {
        (Some(eoed), Some(finished)) if eoed.at < finished.at => Verdict::Held,
        (_, Some(finished)) => Verdict::found("no-eoed", finished.at),
        (_, None) if is_conclusive(c) && c.facts().failed.is_none() => {
            Verdict::found("no-finished", at)
        }
        (_, None) => Verdict::NotExercised,
    }
}
