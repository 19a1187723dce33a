//! The peer's `close_notify` does not affect the local write half (RFC 8446 6.1).

use protocol::{ApiCall, ErrorClass, Tls12Close, Version};

use super::ending::is_closing;
use crate::ledger::{Blame, Half, Moment, Stage, Way};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    deviates, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "close-rx.half-open-write",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.1")],
        tls12_close: Some(Tls12Close::Half),
        says: "The peer's close_notify ends only the peer's half: the application may go on \
               writing, all of its data arrives, and it closes when it has finished. In TLS 1.2 \
               this depends on the profile.",
        why: "A server cannot answer a client that closes after its request.",
        codes: &[
            deviates("write-refused", Axis::OwnHalf),
            deviates("close-refused", Axis::OwnHalf),
            deviates("loses-data", Axis::Data),
        ],
        rule: Rule::All(&[
            Rule::Never(Never {
                given: AFTER_CLOSE,
                during: |step| step.now.peer == Half::Closed && can_write(step),
                tempted_by: Kinds::of(&[Kind::AppWrite, Kind::AppClose]),
                forbids: Kinds::of(&[Kind::Refused]),
                breach: |step| {
                    if refuses(step, ApiCall::Write) {
                        return Some("write-refused");
                    }
                    refuses(step, ApiCall::CloseWrite).then_some("close-refused")
                },
                ..NEVER
            }),
            Rule::Owes(Owes {
                given: AFTER_CLOSE,
                on: Kinds::of(&[Kind::AppWrite]),
                binds: |step| {
                    let now = step.now;
                    now.peer == Half::Closed && can_write(step) && now.owed.unsent == 0
                },
                missing: |write, now| lost(write, now).then_some("loses-data"),
                ..SENDS
            }),
        ]),
        ..EITHER
    },
    Requirement {
        id: "close-rx.no-discard-pending",
        level: Level::Definition,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "Data written before the peer's close_notify arrives is still sent.",
        why: "A long answer is cut short because its reader had nothing more to send.",
        codes: &[deviates("discards-data", Axis::Data)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::Accepted]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: |step| is_closing(step) && step.now.owed.unsent > 0,
            missing: |close, now| lost(close, now).then_some("discards-data"),
            ..SENDS
        }),
        ..EITHER
    },
    Requirement {
        id: "close-rx.no-auto-reply",
        level: Level::Practice,
        sections: &[rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "The implementation lets the application decide when to answer close_notify.",
        why: "An automatic answer takes the write half away from an application that still has \
              data to send.",
        codes: &[behaves("closes-by-itself", Axis::OwnHalf)],
        rule: Rule::Notes {
            trigger: AFTER_CLOSE,
            check: no_auto_reply,
        },
        ..EITHER
    },
    Requirement {
        id: "close-rx.answer-ku-owed",
        level: Level::Must,
        sections: &[rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "A KeyUpdate that the peer requested before it closed is still owed before the next \
               application data.",
        why: "A peer that asked for fresh keys keeps receiving data under the old ones.",
        codes: &[deviates("no-key-update", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::PeerKeyUpdate, Kind::AppWrite, Kind::OwnData]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: |step| is_closing(step) && step.now.owed.key_update,
            by: Kinds::of(&[Kind::OwnKeyUpdate, Kind::OwnData, Kind::OwnClose]),
            pays: |_, step| match step.kind() {
                Kind::OwnKeyUpdate => Payment::Paid,
                Kind::OwnData if step.now.owed.key_update_is_due => Payment::Wrong("no-key-update"),
                Kind::OwnData => Payment::Nothing,
                _ => Payment::Void(Excuse::NotDue),
            },
            due: Due::End(Depends::Output),
            ..OWES
        }),
        ..EITHER
    },
];

const AFTER_CLOSE: Kinds = Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]);

/// All accepted data is sent.
const SENDS: Owes = Owes {
    due: Due::Rest(Depends::Output),
    ..OWES
};

/// Whether accepted bytes are still owed, or others were sent since the cause.
fn lost(cause: &Step<'_, '_>, now: &Moment) -> bool {
    let wrong = cause.c.ledger().sent_wrong();
    now.owed.unsent > 0 || wrong.is_some_and(|at| at > cause.at)
}

/// Whether the application may write or close, and nothing but the peer's close can be the reason
/// to refuse that. The subject has not seen the close until it has read everything before it.
pub(super) fn can_write(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    now.is_sound()
        && Depends::Both.delay(now).is_none()
        && (!now.has_closed || now.is_closing_now)
        && (now.blame == Blame::None || now.trailing.is_some())
        && !now.key_used_up
        && !now.may_discard(step.setup())
}

/// Whether the subject refuses this call for another reason than a full transport.
pub(super) fn refuses(step: &Step<'_, '_>, which: ApiCall) -> bool {
    matches!(step.event, Event::Refused { call, class }
        if *call == which && *class != ErrorClass::WouldBlock)
}

fn no_auto_reply(c: &Connection<'_>) -> Verdict {
    let is_open = |step: &Step<'_, '_>| {
        let now = step.now;
        now.own == Half::Open && now.stage >= Stage::Finished && now.blame < Blame::Must
    };
    let mut closes = c.steps_of(Kinds::of(&[Kind::PeerClose]));
    let Some(close) = closes.find(|step| step.now.peer == Half::Open && is_open(step)) else {
        return Verdict::NotExercised;
    };
    let mut replies = c.steps_from(close.at, Kinds::of(&[Kind::OwnClose]));
    match replies.find(|step| is_open(step) && step.now.input == Way::Free) {
        Some(reply) => Verdict::found("closes-by-itself", reply.at),
        None => Depends::Output.held(c),
    }
}
