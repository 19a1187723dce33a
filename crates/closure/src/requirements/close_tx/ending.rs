//! How a side ends its write half.

use protocol::{End, Tls12Close, Version};
use wire::{Alert, Content, ContentType, Epoch};

use crate::ledger::{Asked, Half, Reading, Stage};
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, EITHER, Edition, Event, Kind, Kinds, Level, Requirement, Rule, behaves, bis, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    BEFORE_FIN,
    Requirement {
        id: "close-tx.before-fin-12",
        level: Level::Definition,
        sections: &[rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A side that closes its write half sends close_notify first, in TLS 1.2 too.",
        ..BEFORE_FIN
    },
    Requirement {
        id: "close-tx.level",
        level: Level::Practice,
        sections: &[rfc8446("6"), rfc5246("7.2.1")],
        edition: Some(Edition::Rfc8446),
        says: "close_notify is sent at level warning. Only the revision of RFC 8446 requires it.",
        codes: &[behaves("level-not-warning", Axis::Alert)],
        ..LEVEL
    },
    Requirement {
        id: "close-tx.level-bis",
        level: Level::Must,
        sections: &[bis("6.1")],
        versions: &[Version::Tls13],
        edition: Some(Edition::Bis),
        says: "close_notify is sent at level warning.",
        codes: &[deviates("level-not-warning", Axis::Alert)],
        ..LEVEL
    },
    Requirement {
        id: "close-tx.one-alert-per-record",
        level: Level::Must,
        sections: &[rfc8446("5.1")],
        versions: &[Version::Tls13],
        says: "An alert record holds exactly one complete alert and nothing else.",
        why: "A receiver must refuse any other alert record, so a clean end becomes an error.",
        codes: &[deviates("not-one-alert", Axis::Alert)],
        rule: Rule::Never(Never {
            tempted_by: Kinds::of(&[Kind::OwnClose, Kind::OwnAlert]),
            forbids: Kinds::of(&[Kind::OwnClose, Kind::OwnAlert, Kind::OwnBroken]),
            breach: |step| {
                let content_type = ContentType::ALERT.0;
                (step.sent()?.content == Content::Malformed { content_type })
                    .then_some("not-one-alert")
            },
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.protected",
        level: Level::Must,
        sections: &[rfc8446("4.6.3"), rfc8446("5.3"), rfc8446("6")],
        versions: &[Version::Tls13],
        says: "close_notify is protected with the sender's current keys, in a record of outer type \
               application_data.",
        why: "The peer cannot read it under any other keys, and the end looks like a truncation.",
        codes: &[
            // A record of another outer type counts as plaintext.
            deviates("wrong-keys", Axis::OwnHalf),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            // A close that was requested before there were keys may wait for room in plaintext.
            during: |step| {
                let now = step.now;
                now.stage == Stage::Done
                    && !now.closed_early
                    && matches!(now.own, Half::Open | Half::Closing)
            },
            tempted_by: Kinds::of(&[Kind::OwnClose]),
            forbids: Kinds::of(&[Kind::OwnClose, Kind::OwnBroken]),
            breach: unprotected,
            ..NEVER
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.ku-then-close-order",
        aliases: &["ku.requested-then-we-close"],
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate that is owed is sent under the old keys before close_notify is sent \
               under the new ones, or is not sent at all.",
        why: "The peer cannot read a close_notify under keys that were never announced.",
        codes: &[deviates("unannounced-keys", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerKeyUpdate]),
            binds: |step| (CLOSES.binds)(step) && step.now.keys_asked == Asked::Peer,
            by: Kinds::of(&[Kind::OwnKeyUpdate, Kind::OwnClose, Kind::OwnBroken]),
            pays: |_, step| match step.kind() {
                _ if !is_under_current_keys(step) => Payment::Wrong("unannounced-keys"),
                Kind::OwnClose => Payment::Paid,
                _ => Payment::Nothing,
            },
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.flush-before",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Data accepted from the application before it closes is sent before close_notify.",
        why: "The end of the stream is lost even though every call succeeded.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("data-behind-close", Axis::Data),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::Accepted]),
            pays: |_, close| flushed(close),
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.not-lost-on-backpressure",
        level: Level::Contract,
        sections: &[],
        says: "A close requested while the output is blocked is sent once there is room.",
        why: "The close is forgotten, and the peer waits for an end that never comes.",
        codes: &[deviates("loses-close", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| {
                step.now.is_sound()
                    && step.now.own == Half::Open
                    && Depends::Output.delay(step.now).is_some()
            },
            missing: |_, now| now.owed.close.then_some("loses-close"),
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.read-side-open",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "Closing the write half does not affect reading: data and the peer's close_notify \
               still arrive.",
        why: "A client that closes after its request never sees the answer.",
        codes: &[
            deviates("loses-data", Axis::Data),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::OwnClose]),
            on: Kinds::of(&[Kind::PeerData]),
            binds: |step| step.now.own == Half::Closed && step.now.reading == Reading::Open,
            by: Kinds::of(&[Kind::Failed]),
            pays: |_, step| fails(step),
            missing: |_, now| (now.owed.untold > 0).then_some("loses-data"),
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.no-wait-needed",
        aliases: &["t12.initiator-need-not-wait"],
        level: Level::May,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "close_notify may be sent without waiting for the peer's.",
        why: "Two sides that wait for each other never close.",
        codes: &[behaves("waits", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            binds: |step| (CLOSES.binds)(step) && step.now.peer == Half::Open,
            missing: |_, now| now.owed.close.then_some("waits"),
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.reply-after-peer",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        tls12_close: Some(Tls12Close::Half),
        says: "A side sends its own close_notify even after it has received the peer's.",
        why: "The peer that closed first cannot tell whether the answer was cut short.",
        codes: &[deviates("no-close-notify", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            binds: |step| (CLOSES.binds)(step) && step.now.peer == Half::Closed,
            missing: |_, now| now.owed.close.then_some("no-close-notify"),
            ..CLOSES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.simultaneous",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "If both sides close at the same time, both see a clean end and neither sees an \
               error.",
        why: "Many protocols ordinarily end with two closes that cross.",
        codes: &[
            deviates("fails", Axis::EndSignal),
            deviates("no-end", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::OwnClose]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: closes_cross,
            by: Kinds::of(&[Kind::End, Kind::Failed]),
            pays: |_, step| match step.event {
                Event::End(End::Clean) => Payment::Paid,
                Event::End(_) => Payment::Wrong("no-end"),
                _ => fails(step),
            },
            // In TLS 1.2 the subject may have stopped reading.
            missing: |_, now| now.owed.end.then_some("no-end"),
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "close-tx.zero-data-session",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A connection may be closed right after its handshake, without any data.",
        why: "Health checks and abandoned requests do this, and should not look like attacks.",
        codes: &[
            deviates("no-close-notify", Axis::OwnHalf),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            binds: |step| (CLOSES.binds)(step) && !step.now.is_used,
            by: Kinds::of(&[Kind::OwnClose, Kind::Failed]),
            pays: |_, step| match step.kind() {
                Kind::OwnClose => Payment::Paid,
                _ => fails(step),
            },
            missing: |_, now| now.owed.close.then_some("no-close-notify"),
            ..CLOSES
        }),
        ..EITHER
    },
];

const LEVEL: Requirement = Requirement {
    why: "Some stacks treat close_notify at level fatal as an error.",
    rule: Rule::Never(Never {
        tempted_by: Kinds::of(&[Kind::OwnClose]),
        forbids: Kinds::of(&[Kind::OwnClose]),
        breach: |step| (step.sent()?.alert()?.0 != Alert::WARNING).then_some("level-not-warning"),
        ..NEVER
    }),
    ..EITHER
};

const BEFORE_FIN: Requirement = Requirement {
    id: "close-tx.before-fin",
    level: Level::Must,
    sections: &[rfc8446("6.1")],
    versions: &[Version::Tls13],
    says: "A side that closes its write half sends close_notify first.",
    why: "Without it, the peer cannot tell a complete stream from one that an attacker cut short.",
    codes: &[
        deviates("no-close-notify", Axis::OwnHalf),
        deviates("fin-first", Axis::OwnHalf),
    ],
    rule: Rule::All(&[
        Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            during: |step| {
                step.now.is_sound() && matches!(step.now.own, Half::Open | Half::Closing)
            },
            forbids: Kinds::of(&[Kind::SentFin]),
            breach: |_| Some("fin-first"),
            ..NEVER
        }),
        Rule::Owes(Owes {
            missing: |_, _| Some("no-close-notify"),
            ..CLOSES
        }),
    ]),
    ..EITHER
};

/// The application closes the write half of a sound connection.
const CLOSES: Owes = Owes {
    given: Kinds::of(&[Kind::HandshakeDone]),
    on: Kinds::of(&[Kind::AppClose]),
    binds: |step| step.now.is_sound() && step.now.own == Half::Open,
    by: Kinds::of(&[Kind::OwnClose]),
    due: Due::Rest(Depends::Output),
    ..OWES
};

/// A failure is a breach if nothing has caused it.
fn fails(step: &Step<'_, '_>) -> Payment {
    match step.c.ledger().uncaused_failure() == Some(step.at) {
        true => Payment::Wrong("fails"),
        false => Payment::Nothing,
    }
}

/// Whether a record is protected with the keys that the subject has announced.
fn is_under_current_keys(step: &Step<'_, '_>) -> bool {
    let current = Epoch::Application(step.now.own_keys);
    step.sent().and_then(|record| record.epoch) == Some(current)
}

fn unprotected(step: &Step<'_, '_>) -> Option<&'static str> {
    let record = step.sent()?;
    match record.content {
        Content::Undecryptable => step.now.owed.close.then_some("wrong-keys"),
        Content::Alert { .. } => (!is_under_current_keys(step)).then_some("wrong-keys"),
        _ => None,
    }
}

/// Whether all data left before this `close_notify`.
fn flushed(close: &Step<'_, '_>) -> Payment {
    if close.now.owed.unsent == 0 {
        return Payment::Paid;
    }
    match Depends::Output.excuse(close.c, close.now) {
        Some(excuse) => Payment::Void(excuse),
        None => Payment::Wrong(match close.c.first_after(close.at, Kind::OwnData) {
            Some(_) => "data-behind-close",
            None => "loses-data",
        }),
    }
}

/// Whether the peer's `close_notify` is the first event of a connection that matters to it since
/// the subject has sent its own.
fn closes_cross(close: &Step<'_, '_>) -> bool {
    let matters = |kind| matches!(kind, Kind::OwnClose | Kind::AppWrite);
    let mut before = close.c.before(close.at).rev();
    let last = before.find(|(_, e)| matters(e.kind()) || matches!(e, Event::Delivered(_)));
    close.now.is_sound() && last.is_some_and(|(_, event)| event.kind() == Kind::OwnClose)
}
