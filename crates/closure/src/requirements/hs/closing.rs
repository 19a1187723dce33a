//! Either side closes before the handshake is done.

use protocol::{ApiCall, End, ErrorClass, Role, Version};
use wire::{Alert, AlertDescription, Epoch};

use super::shapes::{ENDS, QUIET, is_clear_alert, is_open};
use crate::ledger::{Half, Stage};
use crate::rule::{Depends, Due, OWES, Owes, Payment, Step};
use crate::{
    Axis, Code, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Scope, Transcript, Transport,
    Verdict, behaves, deviates, rfc5246, rfc8446, varies,
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
        rule: CLOSES_FIRST,
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
        rule: CLOSES_FIRST,
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerUnknown]),
                binds: closes_in_clear,
                ..ENDS
            }),
            Rule::Owes(Owes {
                on: Kinds::of(&[Kind::PeerUnknown]),
                binds: closes_in_clear,
                ..QUIET
            }),
        ]),
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
        rule: Rule::All(&[
            Rule::Owes(Owes {
                binds: closes_in_the_middle,
                ..ENDS
            }),
            Rule::Owes(Owes {
                binds: closes_in_the_middle,
                by: Kinds::of(&[Kind::OwnClose]),
                pays: |_, _| Payment::Paid,
                missing: |_, _| Some("no-reply"),
                ..ENDS
            }),
        ]),
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
        rule: Rule::Owes(Owes {
            binds: |step| {
                is_open(step)
                    && step
                        .delivered()
                        .is_some_and(|it| it.epoch == Epoch::Handshake)
            },
            ..ENDS
        }),
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
        rule: Rule::Owes(Owes {
            binds: |step| may_close(step) && !step.now.own_finished,
            by: Kinds::of(&[Kind::OwnClose, Kind::OwnAlert, Kind::Refused]),
            pays: cancels,
            ..CLOSES
        }),
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
        rule: Rule::Owes(Owes {
            binds: |step| may_close(step) && step.now.own_finished,
            by: Kinds::of(&[Kind::OwnClose, Kind::Refused]),
            pays: |_, step| match step.event {
                Event::Refused { .. } => refuses(step),
                _ => Payment::Paid,
            },
            ..CLOSES
        }),
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

/// A `close_notify` in place of the first record.
const CLOSES_FIRST: Rule = Rule::All(&[
    Rule::Owes(Owes {
        binds: is_first,
        ..ENDS
    }),
    Rule::Owes(Owes {
        binds: is_first,
        ..QUIET
    }),
]);

/// The application closes in the handshake.
const CLOSES: Owes = Owes {
    on: Kinds::of(&[Kind::AppClose]),
    due: Due::Rest(Depends::Output),
    missing: |_, _| Some("silent"),
    after_failure: true,
    ..OWES
};

fn is_first(step: &Step<'_, '_>) -> bool {
    let mut before = step.c.before(step.at);
    is_open(step) && before.all(|(_, event)| !matches!(event, Event::Delivered(_)))
}

fn closes_in_clear(step: &Step<'_, '_>) -> bool {
    is_clear_alert(step, |content| content == [Alert::WARNING, 0])
}

fn closes_in_the_middle(step: &Step<'_, '_>) -> bool {
    let Some(record) = step.delivered() else {
        return false;
    };
    is_open(step)
        && step.now.own == Half::Open
        && step.now.is_negotiated
        // After the peer's Finished, close-rx.with-finished applies instead.
        && !matches!(record.epoch, Epoch::Application(_))
        // RFC 5246 7.2 has a different rule for alerts at level fatal.
        && step.c.bytes(record.content).first() == Some(&Alert::WARNING)
}

fn may_close(step: &Step<'_, '_>) -> bool {
    is_open(step) && step.now.own == Half::Open
}

fn refuses(step: &Step<'_, '_>) -> Payment {
    match step.event {
        Event::Refused {
            call: ApiCall::CloseWrite,
            ..
        } => Payment::Wrong("refused"),
        _ => Payment::Nothing,
    }
}

fn cancels(call: &Step<'_, '_>, step: &Step<'_, '_>) -> Payment {
    let Some((_, description)) = step.sent().and_then(crate::Sent::alert) else {
        return refuses(step);
    };
    let alerts = Kinds::of(&[Kind::OwnAlert]);
    let canceled = step.c.steps_from(call.at, alerts).any(|it| it.at < step.at);
    match description {
        AlertDescription::USER_CANCELED => Payment::Nothing,
        AlertDescription::CLOSE_NOTIFY if canceled => Payment::Paid,
        AlertDescription::CLOSE_NOTIFY => Payment::Wrong("close-alone"),
        _ => Payment::Wrong("error-alert"),
    }
}

/// How the API reported to the application that the handshake failed, before the transport ended.
fn signal(step: &Step<'_, '_>) -> Option<Result<End, ErrorClass>> {
    let mut after = step.c.steps_after(step.at).map(|step| step.event);
    after.find_map(|event| match event {
        Event::Failed { class, .. } => Some(Some(Err(*class))),
        Event::End(end) => Some(Some(Ok(*end))),
        Event::Transport { .. } => Some(None),
        _ => None,
    })?
}

fn eof_vs_close(transcript: &Transcript) -> Verdict {
    let ends = Kinds::of(&[Kind::PeerClose, Kind::TransportEnd]);
    let fin = Event::Transport {
        how: Transport::Fin,
        partial: 0,
    };
    let (mut cut, mut closed) = (None, None);
    for c in transcript.connections() {
        let last = c.last_moment();
        if last.stage == Stage::Done || c.has_stopped() || Depends::Input.delay(last).is_some() {
            continue;
        }
        match c.steps_of(ends).next().filter(is_open) {
            Some(step) if step.kind() == Kind::PeerClose => {
                closed.get_or_insert((step.at, signal(&step)));
            }
            Some(step) if *step.event == fin => {
                cut = cut.or(signal(&step));
            }
            _ => {}
        }
    }
    match (cut, closed) {
        (None, _) | (_, None) => Verdict::NotExercised,
        (_, Some((at, None))) => Verdict::found("close-goes-unnoticed", at),
        (_, Some((at, signal))) if cut == signal => Verdict::found("same-signal", at),
        _ => Verdict::Held,
    }
}
