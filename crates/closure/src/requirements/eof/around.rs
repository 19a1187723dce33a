//! Ends of the transport after a close, resets, and their effects.

use protocol::{Capability, End, ErrorClass};
use wire::AlertDescription;

use super::super::close_rx::scene::{close, dropped, is_conclusive};
use super::scene::{FIN, cut, delivers_all, is_truncation, open_cut};
use crate::{
    Axis, Call, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Transport,
    Verdict, behaves, deviates, rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "eof.after-close",
        level: Level::Definition,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "If the transport ends after close_notify, by FIN or by reset, the end is still \
               clean.",
        why: "A complete answer becomes an error.",
        codes: &[
            deviates("wrong-end", Axis::EndSignal),
            deviates("fails", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::TransportEnd]),
            check: after_close,
        },
        ..EITHER
    },
    Requirement {
        id: "eof.after-own-close",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "A peer that answers close_notify by ending the transport has not closed cleanly, \
               although TLS 1.2 lets protocols with nothing more to send omit the answer.",
        why: "An application that cannot tell the two apart does not know whether the answer was \
              cut short.",
        codes: &[
            behaves("clean-end", Axis::EndSignal),
            behaves("no-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnClose, Kind::TransportEnd]),
            check: after_own_close,
        },
        ..EITHER
    },
    Requirement {
        id: "eof.rst",
        level: Level::Practice,
        sections: &[],
        says: "A transport reset is a truncation, reported after all the data that arrived before \
               it.",
        why: "The last data from a peer that broke down often says why it did.",
        codes: &[
            behaves("clean-end", Axis::EndSignal),
            behaves("no-end", Axis::EndSignal),
            behaves("loses-data", Axis::Data),
        ],
        rule: Rule::One {
            trigger: FIN,
            check: rst,
        },
        ..EITHER
    },
    Requirement {
        id: "eof.no-alert-on-eof",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "Nothing need be sent when the transport ends: the application may still close its \
               write half itself.",
        why: "An alert to a peer that has gone may be answered with a reset.",
        codes: &[
            behaves("sends-alert", Axis::Alert),
            behaves("closes-by-itself", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::TransportEnd]),
            check: no_alert_on_eof,
        },
        ..EITHER
    },
    Requirement {
        id: "eof.then-bytes",
        level: Level::Practice,
        sections: &[],
        needs: &[Capability::NativeEof],
        says: "No bytes can follow the end of the transport. An implementation that is given some \
               delivers none of them.",
        why: "No application expects data after an end that the API has reported.",
        codes: &[
            behaves("delivers-data", Axis::Data),
            behaves("clean-end", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: FIN,
            check: then_bytes,
        },
        ..EITHER
    },
];

fn after_close(c: &Connection<'_>) -> Verdict {
    let over = c.facts().transport_end;
    let Some(over) = close(c).and(over) else {
        return Verdict::NotExercised;
    };
    let clean = c
        .before(over)
        .any(|(_, event)| matches!(event, Event::End(End::Clean)));
    if c.io_at(over).room.is_some() {
        // Pending output may keep a caller from seeing a close that has arrived.
        return Verdict::NotExercised;
    }
    let told = c.after(over).find_map(|(at, event)| match event {
        Event::Delivered(_) => Some(Verdict::NotExercised),
        Event::End(End::Clean) => Some(Verdict::Held),
        // The application had not read up to the close, and a reset discards unread data.
        Event::End(End::Reset) if [over, at].iter().any(|at| c.io_at(*at).read.is_some()) => {
            Some(Verdict::NotExercised)
        }
        Event::End(_) => Some(Verdict::found("wrong-end", at)),
        Event::Failed { class, .. } if *class != ErrorClass::AlreadyFailed => {
            Some(Verdict::found("fails", at))
        }
        _ => None,
    });
    let ended = c.before(over).any(|(_, e)| e.kind() == Kind::Failed);
    match told {
        // The connection failed earlier, on something between the close and the transport EOF.
        _ if ended || c.facts().stopped.is_some() => Verdict::NotExercised,
        Some(verdict) => verdict,
        None if clean => Verdict::Held,
        None => Verdict::NotExercised,
    }
}

fn after_own_close(c: &Connection<'_>) -> Verdict {
    match (open_cut(c), c.facts().own_close) {
        (Some(cut), Some(own)) if own < cut.at && cut.partial == 0 => is_truncation(c, cut),
        _ => Verdict::NotExercised,
    }
}

fn rst(c: &Connection<'_>) -> Verdict {
    let done = c.facts().handshake_done;
    let Some(cut) = cut(c).filter(|cut| {
        cut.how == Transport::Reset && cut.partial == 0 && done.is_some_and(|done| done < cut.at)
    }) else {
        return Verdict::NotExercised;
    };
    match is_truncation(c, cut) {
        Verdict::Held => delivers_all(c, cut),
        other => other,
    }
}

fn no_alert_on_eof(c: &Connection<'_>) -> Verdict {
    let Some(cut) = cut(c).filter(|cut| cut.how == Transport::Fin) else {
        return Verdict::NotExercised;
    };
    let closes = c
        .before(cut.at)
        .any(|(_, event)| matches!(event, Event::Called(Call::CloseWrite)));
    if closes || c.is_blocked() || dropped(c).is_some() {
        return Verdict::NotExercised;
    }
    let sent = c
        .after(cut.at)
        .take_while(|(_, event)| {
            !matches!(event, Event::Called(Call::CloseWrite) | Event::Delivered(_))
        })
        .find_map(|(at, event)| match event {
            Event::Sent(record) => record.alert().map(|(_, description)| (at, description)),
            _ => None,
        });
    match sent {
        Some((at, AlertDescription::CLOSE_NOTIFY)) => Verdict::found("closes-by-itself", at),
        Some((at, _)) => Verdict::found("sends-alert", at),
        None if c.facts().stopped.is_some() => Verdict::NotExercised,
        None => Verdict::Held,
    }
}

fn then_bytes(c: &Connection<'_>) -> Verdict {
    let Some(cut) = open_cut(c).filter(|cut| cut.partial == 0) else {
        return Verdict::NotExercised;
    };
    let Some((bytes, _)) = c.delivered_after(cut.at).next() else {
        return Verdict::NotExercised;
    };
    if !is_conclusive(c) {
        return Verdict::NotExercised;
    }
    match (c.data_until(cut.at).beyond, c.clean_end_after(bytes)) {
        (Some(at), _) => Verdict::found("delivers-data", at),
        (None, Some(at)) => Verdict::found("clean-end", at),
        (None, None) => Verdict::Held,
    }
}
