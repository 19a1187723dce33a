//! Records without effect that a receiver must accept.

use protocol::Version;
use wire::{HandshakeType, Meaning, Reason};

use crate::ledger::{Application, Blame, Failure, Half, Stage, Told};
use crate::requirements::flood::{TOLERATED, bears};
use crate::requirements::reading::{READS, READS_ON, is_followed};
use crate::rule::{NEVER, Never, OWES, Owes, Step};
use crate::{
    Axis, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "rec.zero-appdata",
        level: Level::Definition,
        sections: &[rfc8446("5.1"), rfc8446("5.4"), rfc5246("6.2.1")],
        says: "An application data record without content is neither an error nor an end: what \
               follows is read.",
        why: "In many interfaces a read of zero bytes means the end, so cover traffic cuts a \
              stream short.",
        codes: READS_ON,
        rule: Rule::Owes(Owes {
            on: Kinds::of(&[Kind::PeerData]),
            binds: |step| step.delivered().is_some_and(is_empty_data) && is_followed(step),
            ..READS
        }),
        ..EITHER
    },
    Requirement {
        id: "rec.zero-appdata-flood",
        level: Level::Practice,
        sections: &[rfc8446("5.1"), rfc5246("6.2.1")],
        says: "How many application data records without content a receiver tolerates in a row is \
               left open.",
        why: "Each costs the receiver a decryption, and the application does not notice.",
        codes: TOLERATED,
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerData]),
            check: |c| bears(c, is_empty_data),
        },
        ..EITHER
    },
    Requirement {
        id: "rec.ccs-in-handshake",
        level: Level::Must,
        sections: &[rfc8446("5")],
        versions: &[Version::Tls13],
        says: "A change_cipher_spec before the peer's Finished is dropped, and the handshake goes \
               on.",
        why: "Peers that disguise TLS 1.3 for the sake of middleboxes cannot connect.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-handshake", Axis::EndSignal),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                given: Kinds::of(&[Kind::PeerChangeCipherSpec]),
                during: |step| step.now.own == Half::Open && is_in_handshake(step),
                forbids: FAILS,
                breach: fails_in_handshake,
                ..NEVER
            }),
            Rule::Owes(Owes {
                given: Kinds::of(&[Kind::PeerChangeCipherSpec]),
                on: Kinds::of(&[Kind::PeerHandshake]),
                binds: |step| {
                    step.meaning() == Some(Meaning::Handshake(HandshakeType::FINISHED))
                        && is_in_handshake(step)
                },
                // A side that closes its half need not complete the handshake.
                missing: |_, now| {
                    (now.stage < Stage::Done && now.own == Half::Open).then_some("no-handshake")
                },
                ..OWES
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "rec.ccs-limit",
        level: Level::Practice,
        sections: &[rfc8446("5")],
        versions: &[Version::Tls13],
        says: "The RFC says to drop change_cipher_spec at any time before the peer's Finished, but \
               receivers differ in how many they tolerate in a row.",
        why: "Anyone on the path can send them, and each costs the receiver a little.",
        codes: TOLERATED,
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerChangeCipherSpec]),
            check: |c| bears(c, |record| record.meaning == Meaning::ChangeCipherSpec),
        },
        ..EITHER
    },
    Requirement {
        id: "rec.ccs-after-close",
        level: Level::Must,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "A change_cipher_spec after the peer's close_notify is ignored, like anything else \
               there.",
        why: "Anyone on the path can turn a complete answer into an error.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("sends-alert", Axis::Alert),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            during: is_after_close,
            tempted_by: Kinds::of(&[Kind::PeerChangeCipherSpec, Kind::PeerInvalid]),
            tempts: |step| step.meaning().is_some_and(is_ccs),
            forbids: FAILS,
            breach: fails_on_ccs,
        }),
        ..EITHER
    },
];

const FAILS: Kinds = Kinds::of(&[Kind::Failed, Kind::OwnAlert]);

fn is_empty_data(record: &Delivered) -> bool {
    record.meaning == Meaning::Data && record.content.is_empty()
}

/// A failure before the handshake is done, without any other cause than a change_cipher_spec.
fn fails_in_handshake(step: &Step<'_, '_>) -> Option<&'static str> {
    let c = step.c;
    let dropped = c.first(Kind::PeerChangeCipherSpec)? < step.at;
    (dropped && step.fails() && !c.fails_early(step.at)).then_some("fails")
}

/// Whether the handshake goes on: the peer has neither ended it nor given a reason to.
fn is_in_handshake(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.stage < Stage::Done
        && now.failure == Failure::None
        && now.blame == Blame::None
        && now.peer == Half::Open
        && now.application != Application::Dropped
}

/// A clean end has been reported, or is owed.
fn is_after_close(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.is_sound() && now.peer == Half::Closed && (now.owed.end || now.told == Told::Clean)
}

/// A failure that the last record causes, if that is a change_cipher_spec.
fn fails_on_ccs(step: &Step<'_, '_>) -> Option<&'static str> {
    let last = step.c.last_delivered(step.at)?;
    match step.error_alert() {
        _ if !is_ccs(last.meaning) || !step.fails() => None,
        Some(_) => Some("sends-alert"),
        None => Some("fails"),
    }
}

fn is_ccs(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::ChangeCipherSpec | Meaning::Invalid(Reason::LateChangeCipherSpec)
    )
}
