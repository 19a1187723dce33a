//! The peer closes, and RFC 5246 7.2.1 is applied to the letter.

use protocol::{End, HabitKind, Tls12Close, Version};
use wire::Alert;

use super::super::frame::{Taken, taken};
use crate::ledger::{Blame, Half, Told};
use crate::rule::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Verdict,
    behaves, deviates, rfc5246,
};

/// The common parts of a requirement of RFC 5246 that applies only where the profile does not leave
/// the local half to the application.
const FULL_CLOSE: Requirement = Requirement {
    level: Level::Must,
    sections: &[rfc5246("7.2.1")],
    versions: &[Version::Tls12],
    tls12_close: Some(Tls12Close::Full),
    ..EITHER
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "t12.reply-close",
        says: "The peer's close_notify is answered with a close_notify at once.",
        why: "A peer that must not close its transport before the answer waits for it.",
        codes: &[deviates("no-reply", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: |step| closes(step, [Alert::WARNING, 0]) && step.now.own == Half::Open,
            by: Kinds::of(&[Kind::OwnClose, Kind::AppClose]),
            pays: |_, step| match step.kind() {
                Kind::OwnClose => Payment::Paid,
                _ if step.now.is_free() => Payment::Wrong("no-reply"),
                // The reply may have waited for room, or the close for an application that did not
                // read.
                _ => Payment::Void(Excuse::Unclear),
            },
            due: Due::End(Depends::Both),
            missing: |_, _| Some("no-reply"),
            ..OWES
        }),
        ..FULL_CLOSE
    },
    Requirement {
        id: "t12.discard-pending",
        says: "Data that is still waiting to be written when the peer closes is discarded.",
        why: "The close_notify that the peer waits for queues after data that the peer will not \
              read.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::AppWrite]),
            tempted_by: Kinds::of(&[Kind::End]),
            tempts: leaves_data,
            forbids: Kinds::of(&[Kind::OwnData]),
            breach: sends_pending,
            ..NEVER
        }),
        ..FULL_CLOSE
    },
    Requirement {
        id: "t12.write-after-peer-close",
        says: "Data that the application writes after the peer's close_notify is not sent.",
        why: "The API reports to the application that bytes were sent to a peer that has closed.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            on: Kinds::of(&[Kind::AppWrite]),
            binds: |step| {
                let now = step.now;
                matches!(step.call(), Some(Call::Write(bytes)) if !bytes.is_empty())
                    && now.told == Told::Clean
                    && now.owed.unsent == 0
                    && Depends::Both.delay(now).is_none()
            },
            by: Kinds::of(&[Kind::OwnData, Kind::Refused]),
            pays: |_, step| match step.kind() {
                Kind::OwnData => Payment::Wrong("sends-app-data"),
                _ => Payment::Paid,
            },
            due: Due::Rest(Depends::Input),
            ..OWES
        }),
        ..FULL_CLOSE
    },
    Requirement {
        id: "t12.level-fatal-close",
        level: Level::Practice,
        sections: &[rfc5246("7.2"), rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A close_notify at level fatal is still a clean end by RFC 5246 7.2.1, although \
               fatal alerts end the connection by 7.2.",
        why: "Whether an answer counts as complete depends on the receiver.",
        codes: &[
            behaves("fails", Axis::EndSignal),
            behaves("ignores", Axis::EndSignal),
        ],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone]),
            on: Kinds::of(&[Kind::PeerClose]),
            binds: |step| closes(step, [Alert::FATAL, 0]),
            by: Kinds::of(&[Kind::End, Kind::Failed]),
            pays: |_, step| match step.event {
                Event::End(End::Clean) => Payment::Paid,
                Event::End(_) => Payment::Nothing,
                _ => Payment::Wrong("fails"),
            },
            missing: |_, _| Some("ignores"),
            after_failure: true,
            ..OWES
        }),
        ..EITHER
    },
    Requirement {
        id: "t12.frag-close-interleaved",
        level: Level::May,
        sections: &[rfc5246("6.2.1")],
        versions: &[Version::Tls12],
        says: "A close_notify between the fragments of a handshake message, which TLS 1.2 does not \
               forbid, may be refused as in TLS 1.3, or accepted as a clean end.",
        why: "It shows whether the two versions share their record layer.",
        codes: &[
            behaves("clean-end", Axis::EndSignal),
            behaves("ignores", Axis::EndSignal),
        ],
        scope: Scope::Safety,
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerUnknown, Kind::PeerHandshake]),
            check: frag_close_interleaved,
        },
        ..EITHER
    },
];

/// Whether this alert arrives on a connection that is sound, and still read.
fn closes(step: &Step<'_, '_>, alert: [u8; 2]) -> bool {
    let (now, record) = (step.now, step.delivered());
    let sound = now.is_sound() && now.blame == Blame::None && now.peer == Half::Open;
    sound && record.is_some_and(|record| *step.c.bytes(record.content) == alert)
}

/// Whether the application learns of the close while the local half is open, and data is waiting to
/// be written.
fn leaves_data(step: &Step<'_, '_>) -> bool {
    let now = step.now;
    matches!(step.event, Event::End(End::Clean))
        && now.peer == Half::Closed
        && now.own == Half::Open
        && now.owed.unsent > 0
        && step.setup().early_written == 0
}

fn sends_pending(step: &Step<'_, '_>) -> Option<&'static str> {
    if step.now.told != Told::Clean || step.now.own == Half::Closed {
        return None;
    }
    let told = step.c.steps_of(Kinds::of(&[Kind::End])).find(leaves_data)?;
    // A record that has been sent in part must be completed.
    let begun = step.c.first_after(told.at, Kind::OwnData);
    (begun != Some(step.at)).then_some("sends-app-data")
}

fn frag_close_interleaved(c: &Connection<'_>) -> Verdict {
    let step = c.steps_of(Kinds::of(&[Kind::PeerUnknown])).next();
    // The record is an ordinary close_notify: its meaning is unknown only because of its position.
    let Some(step) = step.filter(|step| {
        step.delivered()
            .is_some_and(|record| record.header[..3] == [21, 3, 3])
            && closes(step, [Alert::WARNING, 0])
            && step.now.in_message
            && c.setup().habit != Some(HabitKind::Abuse)
    }) else {
        return Verdict::NotExercised;
    };
    match taken(c, step.at) {
        Err(excuse) => Verdict::Excused(excuse),
        Ok(Taken::Refused) => Verdict::Held,
        Ok(Taken::Ended(end)) => Verdict::found("clean-end", end),
        Ok(Taken::Ignored) => Verdict::found("ignores", step.at),
    }
}
