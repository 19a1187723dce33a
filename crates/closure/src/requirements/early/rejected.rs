//! A server has rejected 0-RTT data and skips its records.

use protocol::{ErrorClass, Role, Version};
use wire::{AlertDescription, Epoch, HandshakeType, Meaning, Reason};

use super::super::close_rx::scene::{close, is_conclusive, record};
use super::super::hs::scene::{
    Outcome, clear_alert, ends_handshake, hears_in_handshake, is_protected, outcome,
    outcome_behind_taint,
};
use super::super::refusal::{REFUSED_13, on_invalid};
use super::scene::{Answer, own_answer, sent_early, turned_down};
use crate::{
    Axis, Connection, Delivered, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope,
    Verdict, behaves, deviates, rfc8446, varies,
};

const SERVER: Requirement = Requirement {
    level: Level::Must,
    sections: &[rfc8446("4.2.10")],
    roles: &[Role::Server],
    versions: &[Version::Tls13],
    ..EITHER
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "early.rejected-budget",
        sections: &[rfc8446("4.2.10"), rfc8446("4.6.1")],
        says: "A server skips 0-RTT data that it has rejected as long as the data has no more \
               bytes than the ticket allows, whatever its records, their segmentation and the \
               calls they take.",
        why: "A client that follows the rules is cut off, above all on slow networks.",
        codes: &[
            deviates("fails", Axis::OwnHalf),
            varies("counts-overhead", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData]),
            check: rejected_budget,
        },
        ..SERVER
    },
    Requirement {
        id: "early.rejected-then-close",
        says: "Rejected 0-RTT data leaves no trace: only what the client sends after its Finished \
               is delivered, and its close_notify is a clean end.",
        why: "A request is carried out although the server has told the client that it was not.",
        codes: &[
            deviates("delivers-early", Axis::Data),
            deviates("wrong-data", Axis::Data),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData, Kind::HandshakeDone, Kind::PeerClose]),
            check: rejected_then_close,
        },
        ..SERVER
    },
    Requirement {
        id: "early.rejected-alert-skipped",
        level: Level::Definition,
        sections: &[rfc8446("4.2.10"), rfc8446("6.2")],
        says: "Only records that claim to be protected are skipped: an error alert in plaintext \
               ends the connection, at least after a HelloRetryRequest, when the client has no \
               keys to protect it.",
        why: "The server waits for a client that has given up.",
        codes: &[
            deviates("skipped-after-retry", Axis::OwnHalf),
            deviates("clean-end", Axis::EndSignal),
            behaves("skipped", Axis::OwnHalf),
        ],
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerEarlyData]),
            check: rejected_alert_skipped,
        },
        ..SERVER
    },
    Requirement {
        id: "early.skip-ends",
        sections: &[rfc8446("4.2.10"), rfc8446("5.2")],
        roles: &[Role::Server],
        says: "The first record that decrypts ends the skipping: a later record that does not \
               decrypt ends the connection with bad_record_mac.",
        why: "An attacker can take records out of the client's second flight.",
        rule: on_invalid(skip_ends),
        ..REFUSED_13
    },
];

/// Where the subject rejected 0-RTT data, and whether it did so with a `HelloRetryRequest`.
fn rejects(c: &Connection<'_>) -> Option<(usize, bool)> {
    match own_answer(c)? {
        Answer::Accepted(_) => None,
        Answer::Rejected(at) => Some((at, false)),
        Answer::Retry(at) => Some((at, true)),
    }
}

fn rejected_budget(c: &Connection<'_>) -> Verdict {
    if rejects(c).is_none() {
        return Verdict::NotExercised;
    }
    let facts = c.facts();
    // While only handshake messages and 0-RTT data have arrived, nothing else can be the reason for
    // a failure. A close_notify under handshake keys opens, so it cannot cause a decryption error.
    let mut failures = c.events().filter_map(|(_, event)| match event {
        Event::Failed { class, .. } => Some(*class),
        _ => None,
    });
    let unopened = failures.next() == Some(ErrorClass::DecryptError);
    let innocent = |record: &Delivered| match record.meaning {
        Meaning::Handshake(_) | Meaning::EarlyData | Meaning::ChangeCipherSpec => true,
        Meaning::CloseNotify => unopened && record.epoch == Epoch::Handshake,
        _ => false,
    };
    let end = [facts.failed, facts.own_error, facts.handshake_done];
    let end = end.into_iter().flatten().min();
    let Some(until) = end.or_else(|| is_conclusive(c).then_some(usize::MAX)) else {
        return Verdict::NotExercised;
    };
    let before = || c.delivered().take_while(|(at, _)| *at < until);
    let over = [
        facts.transport_end,
        facts.stopped,
        facts.own_close,
        c.first(Kind::AppClose),
        c.dropped(),
    ];
    if !before().all(|(_, record)| innocent(record))
        || over.into_iter().flatten().any(|over| over < until)
        || c.is_flooded(until)
    {
        return Verdict::NotExercised;
    }
    let (payload, overhead) = sent_early(c, until);
    let limit = c.setup().early_limit as usize;
    let code = match (payload > limit, payload + overhead > limit) {
        (true, _) => return Verdict::NotExercised,
        (false, true) => "counts-overhead",
        (false, false) => "fails",
    };
    let finished =
        before().find(|(_, record)| record.meaning == Meaning::Handshake(HandshakeType::FINISHED));
    match (facts.handshake_done, end) {
        (Some(done), Some(first)) if done == first => Verdict::Held,
        (_, Some(failed)) => Verdict::found(code, failed),
        // The subject has skipped the client's Finished as well.
        (_, None) => finished.map_or(Verdict::NotExercised, |(at, _)| Verdict::found(code, at)),
    }
}

fn rejected_then_close(c: &Connection<'_>) -> Verdict {
    let (Some(at), Some(_)) = (close(c), rejects(c)) else {
        return Verdict::NotExercised;
    };
    if let Some((i, _)) = c
        .events()
        .find(|(_, event)| matches!(event, Event::EarlyData(_)))
    {
        return Verdict::found("delivers-early", i);
    }
    let delivery = c.data_until(at);
    match (delivery.wrong.or(delivery.beyond), c.clean_end_after(at)) {
        (Some(i), _) => Verdict::found("wrong-data", i),
        (None, Some(_)) if delivery.missing == 0 => Verdict::Held,
        (None, Some(end)) => Verdict::found("wrong-data", end),
        (None, None) if is_conclusive(c) && c.facts().failed.is_none() => {
            Verdict::found("no-end", at)
        }
        (None, None) => Verdict::NotExercised,
    }
}

fn rejected_alert_skipped(c: &Connection<'_>) -> Verdict {
    let Some((rejected, retry)) = rejects(c) else {
        return Verdict::NotExercised;
    };
    if c.setup().habit == Some(protocol::HabitKind::Abuse) {
        return Verdict::NotExercised;
    }
    if let Some((at, record)) = clear_alert(c) {
        // These alerts remain errors if any one bit is flipped.
        let error = matches!(c.bytes(record.content), [2, 40 | 50 | 80]);
        return match outcome_behind_taint(c, at) {
            _ if !error || at < rejected => Verdict::NotExercised,
            Outcome::Completes(i) => Verdict::found("skipped", i),
            Outcome::Waits => Verdict::found("skipped", at),
            Outcome::Ends(i) => Verdict::found("clean-end", i),
            Outcome::Fails(_) => Verdict::Held,
            Outcome::Unclear => Verdict::NotExercised,
        };
    }
    let Some((at, _)) = c.peer_error() else {
        return Verdict::NotExercised;
    };
    let plain = record(c, at).is_some_and(|record| record.epoch == Epoch::Plain);
    let again = c
        .peer_messages(HandshakeType::CLIENT_HELLO)
        .filter(|(hello, _)| *hello < at)
        .count();
    let sound = retry && plain && again == 1 && at > rejected && c.facts().taint.is_none();
    if !sound || !hears_in_handshake(c, at) {
        return Verdict::NotExercised;
    }
    match outcome(c, at) {
        Outcome::Completes(i) => Verdict::found("skipped-after-retry", i),
        Outcome::Waits => Verdict::found("skipped-after-retry", at),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Fails(_) => Verdict::Held,
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn skip_ends(c: &Connection<'_>) -> Verdict {
    let bad = |reason| {
        matches!(
            reason,
            Reason::BadTag | Reason::WrongSequence | Reason::WrongKeys
        )
    };
    let (Some((at, record)), Some(rejected)) = (c.invalid(bad), turned_down(c)) else {
        return Verdict::NotExercised;
    };
    let opened = c
        .before(at)
        .any(|(_, event)| matches!(event, Event::Delivered(r) if is_protected(r)));
    let under = matches!(record.epoch, Epoch::Handshake | Epoch::Early);
    if !opened || at < rejected || !under {
        return Verdict::NotExercised;
    }
    ends_handshake(c, at, &[AlertDescription::BAD_RECORD_MAC])
}
