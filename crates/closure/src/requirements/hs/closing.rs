//! Either side closes before the handshake is done.

use protocol::{End, ErrorClass, Role, Version};
use wire::{AlertDescription, Epoch, HandshakeType};

use super::scene::{
    Outcome, answer, clear_alert, early_close, hears_in_handshake, is_first, is_negotiated,
    outcome, outcome_behind_taint,
};
use crate::{
    Axis, Call, Code, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope,
    Transcript, Transport, Verdict, behaves, deviates, rfc5246, rfc8446, varies,
};

/// The codes for a `close_notify` about which the RFCs are silent. They are only reported.
const REPORTED: &[Code] = &[
    behaves("goes-on", Axis::OwnHalf),
    behaves("waits", Axis::EndSignal),
    behaves("clean-end", Axis::EndSignal),
    behaves("answers", Axis::Alert),
];

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "hs.close-before-sh",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        roles: &[Role::Client],
        says: "A server that sends close_notify in place of its ServerHello has ended the \
               handshake: the client fails at once, without an alert.",
        why: "A client that ignores it waits for an answer that will not come.",
        codes: REPORTED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose]),
            check: close_first,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.close-before-ch",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        roles: &[Role::Server],
        says: "A client whose first record is a close_notify has changed its mind: the server ends \
               the connection, without an alert.",
        why: "A server that ignores it holds a connection open for a client that has gone.",
        codes: REPORTED,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose]),
            check: close_first,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.close-after-ch-13",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc8446("A.1")],
        roles: &[Role::Server],
        versions: &[Version::Tls13],
        says: "A client that sends close_notify in plaintext instead of completing the handshake \
               ends it, without an alert in return.",
        why: "Alerts exist to tell a user who changed their mind from a broken client.",
        codes: REPORTED,
        scope: Scope::Safety,
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerUnknown]),
            check: close_after_ch_13,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.close-after-ch-12",
        level: Level::Must,
        sections: &[rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A close_notify in the middle of a TLS 1.2 handshake closes the connection, and is \
               answered with a close_notify.",
        why: "The handshake hangs until a timer ends it, and goes on if the sender does.",
        codes: &[
            deviates("goes-on", Axis::OwnHalf),
            deviates("waits", Axis::EndSignal),
            deviates("clean-end", Axis::EndSignal),
            behaves("no-reply", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose]),
            check: close_after_ch_12,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.close-under-hs-keys",
        level: Level::Definition,
        sections: &[rfc8446("6"), rfc8446("6.1")],
        versions: &[Version::Tls13],
        says: "A close_notify under handshake keys ends the handshake; it does not end application \
               data, because the peer has not proved who it is.",
        why: "Anyone who answers a client first could make it accept an empty, complete answer.",
        codes: &[
            deviates("clean-end", Axis::EndSignal),
            deviates("goes-on", Axis::OwnHalf),
            varies("waits", Axis::EndSignal),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::PeerClose]),
            check: close_under_hs_keys,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.local-close-in-handshake",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "When the application closes before the handshake is done, user_canceled and \
               close_notify are sent.",
        why: "A peer that receives no alert waits, or takes the silence for an attack.",
        codes: &[
            behaves("refused", Axis::OwnHalf),
            behaves("close-alone", Axis::Alert),
            behaves("error-alert", Axis::Alert),
            behaves("silent", Axis::Alert),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppClose]),
            check: local_close,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.close-notify-in-false-start",
        level: Level::Practice,
        sections: &[rfc5246("7.4.9"), rfc5246("7.2.1")],
        roles: &[Role::Client],
        versions: &[Version::Tls12],
        says: "When a client's application closes after the client's own Finished and before the \
               server's has arrived, close_notify is sent.",
        why: "A refused close must be remembered and repeated, by a caller that no longer waits \
              for anything.",
        codes: &[
            behaves("refused", Axis::OwnHalf),
            behaves("silent", Axis::OwnHalf),
        ],
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::AppClose, Kind::OwnHandshake]),
            check: close_in_false_start,
        },
        ..EITHER
    },
    Requirement {
        id: "hs.eof-vs-close",
        level: Level::Practice,
        sections: &[rfc8446("6.1"), rfc5246("7.2.1")],
        says: "During the handshake, too, an application can distinguish a peer that closes from a \
               transport that ends.",
        why: "Whether to try again depends on whether the network failed.",
        codes: &[
            behaves("same-signal", Axis::EndSignal),
            behaves("close-goes-unnoticed", Axis::EndSignal),
        ],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::PeerClose, Kind::TransportEnd]),
            check: eof_vs_close,
        },
        ..EITHER
    },
];

fn reported(c: &Connection<'_>, at: usize, outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Completes(i) => Verdict::found("goes-on", i),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Waits => Verdict::found("waits", at),
        Outcome::Fails(_) => Verdict::held_unless("answers", answer(c, at)),
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn close_first(c: &Connection<'_>) -> Verdict {
    match early_close(c) {
        Some((at, _)) if is_first(c, at) => reported(c, at, outcome(c, at)),
        _ => Verdict::NotExercised,
    }
}

fn close_after_ch_13(c: &Connection<'_>) -> Verdict {
    match clear_alert(c) {
        Some((at, record)) if *c.bytes(record.content) == [1, 0] => {
            reported(c, at, outcome_behind_taint(c, at))
        }
        _ => Verdict::NotExercised,
    }
}

fn close_after_ch_12(c: &Connection<'_>) -> Verdict {
    let Some((at, record)) = early_close(c) else {
        return Verdict::NotExercised;
    };
    let closing = c
        .before(at)
        .any(|(_, event)| event.kind() == Kind::AppClose);
    // After the peer's Finished, close-rx.with-finished applies instead.
    let open = matches!(record.epoch, Epoch::Application(_));
    // RFC 5246 7.2 has a different rule for alerts at level fatal.
    let warns = c.bytes(record.content).first() == Some(&wire::Alert::WARNING);
    if closing || open || !warns || !is_negotiated(c, at) {
        return Verdict::NotExercised;
    }
    match outcome(c, at) {
        Outcome::Completes(i) => Verdict::found("goes-on", i),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Waits => Verdict::found("waits", at),
        Outcome::Fails(_) if c.facts().own_close.is_some_and(|own| own > at) => Verdict::Held,
        Outcome::Fails(i) => Verdict::found("no-reply", i),
        Outcome::Unclear => Verdict::NotExercised,
    }
}

fn close_under_hs_keys(c: &Connection<'_>) -> Verdict {
    let Some((at, _)) = early_close(c).filter(|(_, record)| record.epoch == Epoch::Handshake)
    else {
        return Verdict::NotExercised;
    };
    match outcome(c, at) {
        Outcome::Completes(i) => Verdict::found("goes-on", i),
        Outcome::Ends(i) => Verdict::found("clean-end", i),
        Outcome::Waits => Verdict::found("waits", at),
        Outcome::Fails(_) => Verdict::Held,
        Outcome::Unclear => Verdict::NotExercised,
    }
}

/// Where the application first closed before the handshake was done, whether the call was refused,
/// and where the next call, record or end of the transport follows.
fn closes(c: &Connection<'_>) -> Option<(usize, bool, usize)> {
    let called = |event: &Event| matches!(event, Event::Called(Call::CloseWrite));
    let at = c
        .events()
        .find_map(|(at, event)| called(event).then_some(at))?;
    let until = c
        .after(at)
        .find(|(_, event)| {
            matches!(
                event,
                Event::Called(_) | Event::Delivered(_) | Event::Transport { .. }
            )
        })
        .map_or(usize::MAX, |(until, _)| until);
    let fair =
        hears_in_handshake(c, at) && c.io_at(at).room.is_none() && c.facts().stopped.is_none();
    fair.then(|| (at, c.was_refused(at), until))
}

fn local_close(c: &Connection<'_>) -> Verdict {
    let Some((at, refused, until)) = closes(c) else {
        return Verdict::NotExercised;
    };
    let finished = c.own_message(HandshakeType::FINISHED);
    if finished.is_some_and(|own| own.at < at) {
        return Verdict::NotExercised;
    }
    let mut alerts = c
        .sent_after(at)
        .take_while(|(i, _)| *i < until)
        .filter_map(|(i, record)| Some((i, record.alert()?.1)));
    match (alerts.next(), alerts.next()) {
        _ if refused => Verdict::found("refused", at),
        (None, _) => Verdict::found("silent", at),
        (Some((_, AlertDescription::USER_CANCELED)), Some((_, AlertDescription::CLOSE_NOTIFY))) => {
            Verdict::Held
        }
        (Some((i, AlertDescription::CLOSE_NOTIFY)), _) => Verdict::found("close-alone", i),
        (Some((i, _)), _) => Verdict::found("error-alert", i),
    }
}

fn close_in_false_start(c: &Connection<'_>) -> Verdict {
    let Some((at, refused, until)) = closes(c) else {
        return Verdict::NotExercised;
    };
    let finished = c.own_message(HandshakeType::FINISHED);
    if finished.is_none_or(|own| own.at > at) {
        return Verdict::NotExercised;
    }
    let own = c.facts().own_close;
    match own.is_some_and(|own| own > at && own < until) {
        true => Verdict::Held,
        false if refused => Verdict::found("refused", at),
        false => Verdict::found("silent", at),
    }
}

/// How the API reported to the application that the handshake failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    Nothing(usize),
    Failed(ErrorClass, usize),
    Ended(End, usize),
}

fn signal(c: &Connection<'_>, at: usize) -> Signal {
    let told = c
        .after(at)
        .take_while(|(_, event)| !matches!(event, Event::Transport { .. }))
        .find_map(|(i, event)| match event {
            Event::Failed { class, .. } => Some(Signal::Failed(*class, i)),
            Event::End(end) => Some(Signal::Ended(*end, i)),
            _ => None,
        });
    told.unwrap_or(Signal::Nothing(at))
}

fn eof_vs_close(transcript: &Transcript) -> Verdict {
    let mut cut = None;
    let mut closed = None;
    for c in transcript.connections() {
        let facts = c.facts();
        if facts.handshake_done.is_some() || facts.stopped.is_some() || c.is_paused() {
            continue;
        }
        if let Some((at, _)) = early_close(&c) {
            closed.get_or_insert(signal(&c, at));
            continue;
        }
        let end = facts.transport_end.filter(|at| hears_in_handshake(&c, *at));
        let in_order = |at: &usize| {
            c.between(*at, at + 1).any(|(_, event)| {
                matches!(
                    event,
                    Event::Transport {
                        how: Transport::Fin,
                        partial: 0
                    }
                )
            })
        };
        if let Some(at) = end.filter(in_order) {
            cut.get_or_insert(signal(&c, at));
        }
    }
    match (cut, closed) {
        (None | Some(Signal::Nothing(_)), _) | (_, None) => Verdict::NotExercised,
        (_, Some(Signal::Nothing(at))) => Verdict::found("close-goes-unnoticed", at),
        (Some(Signal::Failed(one, _)), Some(Signal::Failed(other, at))) if one == other => {
            Verdict::found("same-signal", at)
        }
        (Some(Signal::Ended(one, _)), Some(Signal::Ended(other, at))) if one == other => {
            Verdict::found("same-signal", at)
        }
        _ => Verdict::Held,
    }
}
