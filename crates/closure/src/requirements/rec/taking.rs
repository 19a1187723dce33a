//! Records without effect that a receiver must accept.

use protocol::Version;
use wire::{HandshakeType, Meaning};

use crate::requirements::close_rx::ignores_ccs;
use crate::requirements::flood::{TOLERATED, bears};
use crate::requirements::reading::{READS_ON, reads_on};
use crate::{
    Axis, Connection, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc5246, rfc8446,
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerData]),
            check: zero_appdata,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerChangeCipherSpec]),
            check: ccs_in_handshake,
        },
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
        rule: Rule::One {
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose]),
            check: ignores_ccs,
        },
        ..EITHER
    },
];

fn is_empty_data(record: &Delivered) -> bool {
    record.meaning == Meaning::Data && record.content.is_empty()
}

fn zero_appdata(c: &Connection<'_>) -> Verdict {
    match c.delivered().find(|(_, record)| is_empty_data(record)) {
        Some((at, _)) => reads_on(c, at),
        None => Verdict::NotExercised,
    }
}

fn ccs_in_handshake(c: &Connection<'_>) -> Verdict {
    /// One for each ClientHello. Some receivers treat more as a flood.
    const FEW: usize = 2;
    let facts = c.facts();
    let stop = [
        facts.fatal,
        facts.peer_close,
        facts.own_error,
        facts.transport_end,
        facts.stopped,
        c.dropped(),
        c.first(Kind::PeerCancel),
        c.first(Kind::PeerWarning),
    ];
    let stop = stop.into_iter().flatten().min().unwrap_or(usize::MAX);
    let mut first = None;
    let mut count = 0;
    let mut finished = None;
    for (at, record) in c.delivered().take_while(|(at, _)| *at < stop) {
        match record.meaning {
            Meaning::ChangeCipherSpec => {
                first.get_or_insert(at);
                count += 1;
            }
            Meaning::Handshake(HandshakeType::FINISHED) => {
                finished.get_or_insert(at);
            }
            _ => {}
        }
    }
    let Some(first) = first.filter(|_| count <= FEW) else {
        return Verdict::NotExercised;
    };
    if facts.failed.is_some_and(|failed| failed < first) {
        return Verdict::NotExercised;
    }
    let failed = facts.failed.filter(|failed| *failed < stop);
    let done = facts.handshake_done;
    match (failed, done, finished) {
        (_, Some(_), _) => Verdict::Held,
        // A subject that closes during the handshake need not complete it.
        _ if facts.kinds.has(Kind::AppClose) => Verdict::NotExercised,
        (Some(at), None, _) => Verdict::found("fails", at),
        (None, None, Some(at)) if stop == usize::MAX && !c.is_blocked() && !c.is_paused() => {
            Verdict::found("no-handshake", at)
        }
        _ => Verdict::NotExercised,
    }
}
