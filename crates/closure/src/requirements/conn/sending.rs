//! Output after the end.

use protocol::Version;
use wire::AlertDescription;

use super::{is_stimulus, moments};
use crate::ledger::{Blame, Half, Stage};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Sent, Verdict,
    deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "conn.silence-after-close",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A side that has sent close_notify sends nothing more, whatever happens. One alert \
               about an error of the peer's may follow.",
        why: "The peer ignores what follows or takes it for an error, and the sender believes that \
              it arrived.",
        codes: &[deviates("sends", Axis::OwnHalf)],
        rule: Rule::Universal {
            check: silence_after_close,
        },
        ..EITHER
    },
    Requirement {
        id: "conn.once",
        level: Level::Must,
        sections: &[rfc8446("6.1"), rfc8446("6.2"), rfc5246("7.2.2")],
        says: "A side sends one close_notify and one error alert at most. Nothing follows an error \
               alert, whether it was sent or received.",
        why: "A failed connection goes on sending, or the peer sees the same end twice.",
        codes: &[
            deviates("closes-twice", Axis::OwnHalf),
            deviates("sends-after-alert", Axis::OwnHalf),
            deviates("sends-after-peers-alert", Axis::OwnHalf),
        ],
        rule: Rule::Universal { check: once },
        ..EITHER
    },
    Requirement {
        id: "conn.keys",
        level: Level::Must,
        sections: &[rfc8446("4.6.3"), rfc8446("7.2")],
        versions: &[Version::Tls13],
        says: "Every record that a side sends after the handshake is under the keys that it has \
               announced: each KeyUpdate, and nothing else, changes them.",
        why: "The peer cannot read the record and has to give up the connection.",
        codes: &[deviates("unannounced-keys", Axis::OwnHalf)],
        rule: Rule::Universal { check: keys },
        ..EITHER
    },
];

fn is_error(c: &Connection<'_>, record: &Sent) -> bool {
    match record.alert() {
        Some((_, AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED)) | None => false,
        Some((level, _)) => c.version() == Version::Tls13 || level != wire::Alert::WARNING,
    }
}

fn is_close(record: &Sent) -> bool {
    matches!(record.alert(), Some((_, AlertDescription::CLOSE_NOTIFY)))
}

fn silence_after_close(c: &Connection<'_>) -> Verdict {
    let mut tempted = false;
    if !c.facts().kinds.has(Kind::OwnClose) {
        return Verdict::NotExercised;
    }
    for (at, event, moment) in moments(c) {
        if moment.own != Half::Closed {
            continue;
        }
        tempted |= is_stimulus(event);
        let Event::Sent(record) = event else {
            continue;
        };
        // conn.once covers a second close, and output after an alert.
        if is_close(record) || moment.has_alerted {
            continue;
        }
        // An error in a handshake need not be within one record.
        let blamed = moment.blame > Blame::None || moment.stage < Stage::Done;
        if !(is_error(c, record) && blamed) {
            return Verdict::found("sends", at);
        }
    }
    held_if(tempted)
}

fn once(c: &Connection<'_>) -> Verdict {
    let mut tempted = false;
    let ends = Kinds::of(&[Kind::OwnClose, Kind::OwnAlert, Kind::PeerError]);
    if !c.facts().kinds.intersects(ends) {
        return Verdict::NotExercised;
    }
    for (at, event, moment) in moments(c) {
        let closed = moment.own == Half::Closed;
        if !(closed || moment.has_alerted || moment.peer_gave_up) {
            continue;
        }
        tempted |= is_stimulus(event);
        let Event::Sent(record) = event else {
            continue;
        };
        if moment.has_alerted {
            return Verdict::found("sends-after-alert", at);
        }
        if closed && is_close(record) {
            return Verdict::found("closes-twice", at);
        }
        if moment.peer_gave_up {
            return Verdict::found("sends-after-peers-alert", at);
        }
    }
    held_if(tempted)
}

fn keys(c: &Connection<'_>) -> Verdict {
    let unannounced = c.ledger().unannounced_keys();
    if let Some(at) = unannounced.filter(|at| *at < c.end()) {
        return Verdict::found("unannounced-keys", at);
    }
    let protected = Kinds::of(&[
        Kind::OwnData,
        Kind::OwnClose,
        Kind::OwnAlert,
        Kind::OwnKeyUpdate,
    ]);
    let kinds = c.facts().kinds;
    held_if(kinds.has(Kind::HandshakeDone) && kinds.intersects(protected))
}

pub(super) fn held_if(tempted: bool) -> Verdict {
    match tempted {
        true => Verdict::Held,
        false => Verdict::NotExercised,
    }
}
