//! The peer closes, and RFC 5246 7.2.1 is applied to the letter.

use protocol::{Tls12Close, Version};
use wire::{Content, Meaning};

use super::super::close_rx::scene::{
    can_receive, close, is_conclusive, pending, record, was_cut_off,
};
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: reply_close,
        },
        ..FULL_CLOSE
    },
    Requirement {
        id: "t12.discard-pending",
        says: "Data that is still waiting to be written when the peer closes is discarded.",
        why: "The close_notify that the peer waits for queues after data that the peer will not \
              read.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::AppWrite]),
            check: discard_pending,
        },
        ..FULL_CLOSE
    },
    Requirement {
        id: "t12.write-after-peer-close",
        says: "Data that the application writes after the peer's close_notify is not sent.",
        why: "The API reports to the application that bytes were sent to a peer that has closed.",
        codes: &[deviates("sends-app-data", Axis::OwnHalf)],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::AppWrite]),
            check: write_after_peer_close,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: level_fatal_close,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerUnknown, Kind::PeerHandshake]),
            check: frag_close_interleaved,
        },
        ..EITHER
    },
];

/// The peer's `close_notify` while the local half is open.
fn peer_closes(c: &Connection<'_>) -> Option<usize> {
    let at = close(c)?;
    let closing = c
        .before(at)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    let own = c.facts().own_close.is_some_and(|own| own < at);
    (!closing && !own).then_some(at)
}

fn reply_close(c: &Connection<'_>) -> Verdict {
    let Some(at) = peer_closes(c) else {
        return Verdict::NotExercised;
    };
    let asked = c.first_after(at, Kind::AppClose).unwrap_or(usize::MAX);
    match c.facts().own_close {
        Some(own) if own < asked => Verdict::Held,
        // The reply may have waited for room, or the peer's close for an application that did not
        // read.
        Some(_) if !c.io_at(asked).is_free() => Verdict::NotExercised,
        Some(_) => Verdict::found("no-reply", asked),
        None if is_conclusive(c) && !was_cut_off(c) => Verdict::found("no-reply", at),
        None => Verdict::NotExercised,
    }
}

fn discard_pending(c: &Connection<'_>) -> Verdict {
    let Some(at) = peer_closes(c) else {
        return Verdict::NotExercised;
    };
    let told = c.clean_end_after(at);
    if told.is_none() || pending(c, at) == 0 || c.setup().early_written > 0 {
        return Verdict::NotExercised;
    }
    // A record that has been sent in part must be completed.
    let begun = 1;
    let data = c
        .sent_after(at)
        .filter(|(_, record)| record.content == Content::Data);
    let late = data.map(|(i, _)| i).nth(begun);
    match late {
        Some(late) => Verdict::found("sends-app-data", late),
        None if is_conclusive(c) && !was_cut_off(c) => Verdict::Held,
        None => Verdict::NotExercised,
    }
}

fn write_after_peer_close(c: &Connection<'_>) -> Verdict {
    let Some(at) = peer_closes(c).filter(|at| pending(c, *at) == 0) else {
        return Verdict::NotExercised;
    };
    let Some(told) = c.clean_end_after(at) else {
        return Verdict::NotExercised;
    };
    let asked = c.writes().find(|(i, bytes)| *i > told && !bytes.is_empty());
    match asked {
        Some((asked, _)) if c.io_at(asked).is_free() => {
            Verdict::held_unless("sends-app-data", c.first_after(asked, Kind::OwnData))
        }
        _ => Verdict::NotExercised,
    }
}

fn level_fatal_close(c: &Connection<'_>) -> Verdict {
    let (Some(at), Some(done)) = (c.facts().peer_close, c.facts().handshake_done) else {
        return Verdict::NotExercised;
    };
    let fatal = record(c, at).is_some_and(|r| *c.bytes(r.content) == [wire::Alert::FATAL, 0]);
    if !fatal || done > at || !can_receive(c, at) {
        return Verdict::NotExercised;
    }
    match (c.clean_end_after(at), c.facts().failed) {
        (Some(_), _) => Verdict::Held,
        (None, Some(failed)) => Verdict::found("fails", failed),
        (None, None) if is_conclusive(c) => Verdict::found("ignores", at),
        (None, None) => Verdict::NotExercised,
    }
}

fn frag_close_interleaved(c: &Connection<'_>) -> Verdict {
    let (Some(at), Some(done)) = (c.facts().taint, c.facts().handshake_done) else {
        return Verdict::NotExercised;
    };
    let Some(record) = record(c, at) else {
        return Verdict::NotExercised;
    };
    // The record is an ordinary close_notify: its meaning is unknown only because of its position.
    let before = c.last_delivered(at).map(|record| record.meaning);
    let is_close = record.header[..3] == [21, 3, 3] && *c.bytes(record.content) == [1, 0];
    let sound = done < at
        && c.setup().habit != Some(protocol::HabitKind::Abuse)
        && before == Some(Meaning::HandshakePart)
        && can_receive(c, at);
    if !is_close || !sound {
        return Verdict::NotExercised;
    }
    let told = c.after(at).find_map(|(i, event)| match event {
        Event::End(protocol::End::Clean) => Some(Verdict::found("clean-end", i)),
        Event::Failed { .. } => Some(Verdict::Held),
        Event::Delivered(_) | Event::Transport { .. } | Event::Limited(_) => {
            Some(Verdict::NotExercised)
        }
        _ => None,
    });
    match told {
        Some(verdict) => verdict,
        None if c.io_at(at).is_free() => Verdict::found("ignores", at),
        None => Verdict::NotExercised,
    }
}
