//! Whether a session can be resumed after its connection has ended.

use protocol::{Role, Version};
use wire::{
    ClientHello, HandshakeType, Message as _, NewSessionTicket12, NewSessionTicket13,
    PreSharedKeyClientHello, SessionTicket,
};

use super::hs::shapes::is_received;
use crate::ledger::{Blame, Failure, Half, Moment, Reading};
use crate::{
    Axis, Code, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Transcript,
    Verdict, behaves, deviates, rfc5246, rfc8446, varies,
};

const NOT_RESUMED: &[Code] = &[behaves("not-resumed", Axis::OwnHalf)];

pub(super) static ALL: &[&[Requirement]] = &[&[
    Requirement {
        id: "resume.after-clean",
        level: Level::May,
        sections: &[rfc8446("4.6.1"), rfc5246("7.2.1")],
        says: "The session of a connection that both sides have closed can be resumed.",
        why: "Every connection costs a full handshake.",
        codes: NOT_RESUMED,
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerClose, Kind::OwnClose]),
            check: |transcript| resumes(transcript, is_clean),
        },
        ..EITHER
    },
    Requirement {
        id: "resume.after-trunc",
        level: Level::May,
        sections: &[rfc5246("7.2.1")],
        versions: &[Version::Tls12],
        says: "A session can still be resumed after its transport ended without close_notify, \
               which TLS 1.0 forbade.",
        why: "Every connection to a peer that never closes properly costs a full handshake.",
        codes: NOT_RESUMED,
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::TransportEnd]),
            check: |transcript| resumes(transcript, is_truncated),
        },
        ..EITHER
    },
    Requirement {
        id: "resume.after-trunc-13",
        level: Level::Practice,
        sections: &[rfc8446("4.6.1")],
        versions: &[Version::Tls13],
        says: "A ticket can still be used after the transport of its connection ended without \
               close_notify: nothing in the RFC forbids it.",
        why: "Every connection to a peer that never closes properly costs a full handshake.",
        codes: NOT_RESUMED,
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::TransportEnd]),
            check: |transcript| resumes(transcript, is_truncated),
        },
        ..EITHER
    },
    Requirement {
        id: "resume.after-fatal-13",
        level: Level::Should,
        sections: &[rfc8446("6")],
        roles: &[Role::Client],
        versions: &[Version::Tls13],
        says: "A client that receives an error alert discards the tickets of that connection, if \
               it can.",
        why: "Whatever broke the connection may also have compromised its secrets.",
        codes: &[varies("offers-ticket", Axis::OwnHalf)],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerError, Kind::Failed]),
            check: |transcript| forgets(transcript, peer_error),
        },
        ..EITHER
    },
    Requirement {
        id: "t12.fatal-then-no-resume",
        aliases: &["resume.after-fatal-12"],
        level: Level::Must,
        sections: &[rfc5246("7.2"), rfc5246("7.2.2")],
        versions: &[Version::Tls12],
        says: "A session whose connection was ended by the peer's fatal alert is not resumed; a \
               stateless server, whose tickets hold the whole session, cannot know about it.",
        why: "Whatever broke the connection may also have compromised its secrets.",
        codes: &[
            deviates("offers-session", Axis::OwnHalf),
            behaves("accepts-session", Axis::OwnHalf),
        ],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerError, Kind::Failed]),
            check: |transcript| forgets(transcript, peer_error),
        },
        ..EITHER
    },
    Requirement {
        id: "resume.after-own-fatal",
        level: Level::Should,
        sections: &[rfc8446("6"), rfc5246("7.2.2")],
        says: "A session whose connection the implementation itself ended with an error alert is \
               not resumed; in TLS 1.2 this is a MUST.",
        why: "A connection that someone has tampered with lives on in the next one.",
        codes: &[
            varies("offers-ticket", Axis::OwnHalf),
            deviates("offers-session", Axis::OwnHalf),
            behaves("accepts-session", Axis::OwnHalf),
        ],
        rule: Rule::Across {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::PeerInvalid, Kind::OwnAlert]),
            check: |transcript| forgets(transcript, own_error),
        },
        ..EITHER
    },
]];

/// Where this connection gave the client a ticket for which `is` holds.
fn gives(c: &Connection<'_>, is: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let version = c.version();
    let ticket = |body| ticket_of(version, body).is_some_and(&is);
    match c.role() {
        Role::Client => c
            .peer_messages(HandshakeType::NEW_SESSION_TICKET)
            .find_map(|(at, body)| ticket(body).then_some(at)),
        Role::Server => c.own_messages().find_map(|message| {
            let given = message.kind == HandshakeType::NEW_SESSION_TICKET;
            (given && message.body.is_some_and(ticket)).then_some(message.at)
        }),
    }
}

fn ticket_of(version: Version, body: &[u8]) -> Option<&[u8]> {
    match version {
        Version::Tls13 => Some(NewSessionTicket13::parse(body).ok()?.ticket),
        Version::Tls12 => Some(NewSessionTicket12::parse(body).ok()?.ticket),
    }
}

/// Where the client of this connection offers a ticket for which `is` holds; `Err` with the
/// position of its `ClientHello` if it offers none.
fn offers(c: &Connection<'_>, is: impl Fn(&[u8]) -> bool) -> Option<Result<usize, usize>> {
    let (at, body) = match c.role() {
        Role::Client => {
            let hello = c.own_message(HandshakeType::CLIENT_HELLO)?;
            (hello.at, hello.body?)
        }
        Role::Server => c.peer_messages(HandshakeType::CLIENT_HELLO).next()?,
    };
    let extensions = ClientHello::parse(body).ok()?.extensions;
    let found = match c.version() {
        Version::Tls13 => extensions
            .get::<PreSharedKeyClientHello<'_>>()
            .ok()?
            .is_some_and(|offer| offer.identities.iter().any(|one| is(one.identity))),
        Version::Tls12 => extensions
            .get::<SessionTicket<'_>>()
            .ok()?
            .is_some_and(|offer| !offer.ticket.is_empty() && is(offer.ticket)),
    };
    Some(if found { Ok(at) } else { Err(at) })
}

fn has_offered(c: &Connection<'_>, is: impl Fn(&[u8]) -> bool) -> bool {
    matches!(offers(c, is), Some(Ok(_)))
}

/// Where the handshake was done, and whether it resumed a session.
fn resumed(c: &Connection<'_>) -> Option<(usize, bool)> {
    let mut done = c.steps_of(Kinds::of(&[Kind::HandshakeDone]));
    done.find_map(|step| match step.event {
        Event::HandshakeDone { resumed, .. } => Some((step.at, *resumed)),
        _ => None,
    })
}

fn is_clean(c: &Connection<'_>) -> bool {
    let last = c.last_moment();
    (last.own, last.peer) == (Half::Closed, Half::Closed) && !has_failed(last)
}

fn is_truncated(c: &Connection<'_>) -> bool {
    let last = c.last_moment();
    last.peer == Half::Ended && last.blame < Blame::Must && !last.has_alerted
}

fn has_failed(last: &Moment) -> bool {
    last.failure != Failure::None || last.blame == Blame::Must
}

/// Whether the session of a connection for which `ended` holds is resumed by the next connection.
fn resumes(transcript: &Transcript, ended: fn(&Connection<'_>) -> bool) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    let pairs = transcript
        .connections()
        .zip(transcript.connections().skip(1));
    for (before, after) in pairs {
        let given = gives(&before, |_| true).is_some();
        if !given || !ended(&before) {
            continue;
        }
        let is_its = |ticket: &[u8]| gives(&before, |given| given == ticket).is_some();
        let offered = after.role() == Role::Client || has_offered(&after, is_its);
        verdict = verdict.and(match resumed(&after) {
            Some((_, true)) => Verdict::Held,
            Some((at, false)) if offered => Verdict::found("not-resumed", at),
            _ => Verdict::NotExercised,
        });
    }
    verdict
}

/// Where the peer's error alert ended the connection, if the subject noticed it.
fn peer_error(c: &Connection<'_>) -> Option<usize> {
    let alert = c.steps_of(Kinds::of(&[Kind::PeerError])).next()?;
    let noticed = c.steps_after(alert.at).any(|step| is_received(&step));
    (noticed && alert.now.reading != Reading::Over && !has_failed(alert.now)).then_some(alert.at)
}

/// Where the subject's own error alert ended the connection.
fn own_error(c: &Connection<'_>) -> Option<usize> {
    let mut alerts = c.steps_of(Kinds::of(&[Kind::OwnAlert]));
    let alert = alerts.find(|step| step.error_alert().is_some())?;
    (alert.now.blame == Blame::Must && c.first(Kind::PeerError).is_none()).then_some(alert.at)
}

/// Whether the sessions of the connections that `failed` are forgotten.
fn forgets(transcript: &Transcript, failed: fn(&Connection<'_>) -> Option<usize>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    for (i, after) in transcript.connections().enumerate() {
        for before in transcript.connections().take(i) {
            let Some(end) = failed(&before) else {
                continue;
            };
            // The sessions of a connection are those that it issued, and the one that it was to
            // resume.
            let used = |ticket: &[u8]| has_offered(&before, |used| used == ticket);
            let given = gives(&before, |_| true).is_some_and(|given| given < end);
            if !given && !has_offered(&before, |_| true) {
                continue;
            }
            let offer = offers(&after, |ticket| {
                used(ticket) || gives(&before, |given| given == ticket).is_some()
            });
            verdict = verdict.and(match (after.role(), after.version(), offer) {
                (_, _, None) | (Role::Server, _, Some(Err(_))) => Verdict::NotExercised,
                (Role::Client, _, Some(Err(_))) => Verdict::Held,
                (Role::Client, Version::Tls13, Some(Ok(at))) => Verdict::found("offers-ticket", at),
                (Role::Client, Version::Tls12, Some(Ok(at))) => {
                    Verdict::found("offers-session", at)
                }
                (Role::Server, _, Some(Ok(_))) => match resumed(&after) {
                    Some((at, true)) => Verdict::found("accepts-session", at),
                    Some((_, false)) => Verdict::Held,
                    None => Verdict::NotExercised,
                },
            });
        }
    }
    verdict
}
