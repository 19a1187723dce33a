//! A server has rejected 0-RTT data and skips its records.

use protocol::{Role, Version};
use wire::{AlertDescription as A, Epoch, HandshakeType, Meaning, Reason as R};

use super::super::hs::shapes::{FAILS, fails_or, is_clear_alert, is_fair, is_open};
use super::super::refusal::{REFUSED_13, refuses};
use crate::ledger::{Blame, Early, Failure, Half, Moment, Skipped, Stage};
use crate::rule::{NEVER, Never, OWES, Owes, Step};
use crate::{
    Axis, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Scope, behaves, deviates,
    rfc8446, varies,
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
        rule: Rule::All(&[
            Rule::Never(Never {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                during: skips,
                tempted_by: Kinds::of(&[Kind::PeerEarlyData]),
                forbids: Kinds::of(&[Kind::Failed, Kind::OwnAlert]),
                breach: |step| {
                    let fails = step.kind() == Kind::Failed || step.error_alert().is_some();
                    (fails && !step.c.fails_early(step.at)).then(|| cut_off(step.now))
                },
                ..NEVER
            }),
            // One that has skipped the client's Finished waits for it.
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                on: Kinds::of(&[Kind::PeerHandshake]),
                binds: |step| {
                    skips(step)
                        && step.meaning() == Some(Meaning::Handshake(HandshakeType::FINISHED))
                },
                missing: |_, now| (now.stage < Stage::Done).then(|| cut_off(now)),
                ..OWES
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Never(Never {
                tempted_by: Kinds::of(&[Kind::PeerClose]),
                forbids: Kinds::of(&[Kind::EarlyData]),
                breach: |_| Some("delivers-early"),
                ..AFTER_REJECTION
            }),
            Rule::Never(Never {
                tempted_by: Kinds::of(&[Kind::Data]),
                forbids: Kinds::of(&[Kind::Data]),
                breach: |step| {
                    let ledger = step.c.ledger();
                    let wrong = [ledger.told_wrong(), ledger.told_beyond()];
                    wrong.contains(&Some(step.at)).then_some("wrong-data")
                },
                ..AFTER_REJECTION
            }),
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                on: Kinds::of(&[Kind::PeerClose]),
                binds: |step| step.now.early.is_rejected() && step.now.is_sound(),
                missing: |_, now| match now.owed.untold {
                    0 => now.owed.end.then_some("no-end"),
                    _ => Some("wrong-data"),
                },
                ..OWES
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                on: Kinds::of(&[Kind::PeerUnknown]),
                binds: |step| {
                    step.now.early.is_rejected()
                        && is_clear_alert(step, |alert| matches!(alert, [2, 40 | 50 | 80]))
                },
                pays: |_, step| fails_or(step, "skipped"),
                missing: |_, _| Some("skipped"),
                ..FAILS
            }),
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerEarlyData]),
                binds: |step| {
                    let plain = |record: &Delivered| record.epoch == Epoch::Plain;
                    is_fair(step)
                        && is_open(step)
                        && step.now.early == Early::Retry
                        && step.now.failure == Failure::None
                        && step.delivered().is_some_and(plain)
                },
                pays: |_, step| fails_or(step, "skipped-after-retry"),
                missing: |_, _| Some("skipped-after-retry"),
                ..FAILS
            }),
        ]),
        ..SERVER
    },
    Requirement {
        id: "early.skip-ends",
        sections: &[rfc8446("4.2.10"), rfc8446("5.2")],
        roles: &[Role::Server],
        says: "The first record that decrypts ends the skipping: a later record that does not \
               decrypt ends the connection with bad_record_mac.",
        why: "An attacker can take records out of the client's second flight.",
        rule: refuses(|reason, record, step| {
            let bad = matches!(reason, R::BadTag | R::WrongSequence | R::WrongKeys);
            let under = matches!(record.epoch, Epoch::Handshake | Epoch::Early);
            let ended = step.now.early.is_rejected() && step.now.peer_has_keys;
            (bad && under && ended && step.now.stage < Stage::Done).then_some(&[A::BAD_RECORD_MAC])
        }),
        ..REFUSED_13
    },
];

/// The server has rejected 0-RTT data that has arrived.
const AFTER_REJECTION: Never = Never {
    given: Kinds::of(&[Kind::PeerEarlyData]),
    // The answer may leave after the effects of what arrived with the offer.
    during: |step| step.c.last_moment().early.is_rejected(),
    ..NEVER
};

/// Whether the server has to skip what has arrived of the 0-RTT data, and nothing else can make it
/// fail.
fn skips(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    is_open(step)
        && now.early.is_rejected()
        && now.skipped < Skipped::Beyond
        && now.blame == Blame::None
        && now.own == Half::Open
}

/// The code for a server that does not.
fn cut_off(now: &Moment) -> &'static str {
    match now.skipped {
        Skipped::Within => "fails",
        Skipped::Arguable | Skipped::Beyond => "counts-overhead",
    }
}
