//! The closed list of wrong reactions to a situation.

use protocol::{ApiState, End, ErrorClass, Version};
use reference::{
    Act, Call, Flaw, Met, Own, Phase,
    Reaction::{self, *},
    Situation as S, What, When, conforming,
};
use wire::{AlertDescription as A, Epoch};

/// One enumerated bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bug {
    /// The situation and context in which it fires.
    pub met: Met,
    /// The wrong reaction.
    pub act: Act,
    /// Whether it fires each time, only the first time, or each time but the first.
    pub when: When,
}

/// All bugs in one place. `again`: some instance reaches the place more than once.
pub fn bugs(met: Met, again: bool) -> Vec<Bug> {
    let mut bugs = Vec::new();
    for act in acts(met.situation) {
        let times: &[When] = match (act, again) {
            (Act::Instead(_) | Act::Then(_), true) => &[When::Always, When::First, When::Later],
            _ => &[When::Always],
        };
        bugs.extend(times.iter().map(|when| Bug {
            met,
            act,
            when: *when,
        }));
    }
    bugs
}

/// Every class of error.
const CLASSES: &[ErrorClass] = &[
    ErrorClass::AlertReceived,
    ErrorClass::DecryptError,
    ErrorClass::RecordOverflow,
    ErrorClass::UnexpectedMessage,
    ErrorClass::DecodeError,
    ErrorClass::IllegalParameter,
    ErrorClass::HandshakeFailure,
    ErrorClass::BadSignature,
    ErrorClass::Flood,
    ErrorClass::HandshakeEof,
    ErrorClass::Truncated,
    ErrorClass::WriteClosed,
    ErrorClass::AlreadyFailed,
    ErrorClass::NotNow,
    ErrorClass::KeyExhausted,
    ErrorClass::WouldBlock,
    ErrorClass::Internal,
    ErrorClass::Other,
];

/// Refusals that are not a response to a particular call.
const REFUSALS: &[Reaction] = &[Refuse(ErrorClass::WouldBlock), Refuse(ErrorClass::Internal)];

const ENDS: &[Reaction] = &[End(End::Clean), End(End::Truncated), End(End::Reset)];

const FATALS: &[Reaction] = &[
    Fatal(A::UNEXPECTED_MESSAGE),
    Fatal(A::BAD_RECORD_MAC),
    Fatal(A::DECODE_ERROR),
    Fatal(A::DECRYPT_ERROR),
    Fatal(A::ILLEGAL_PARAMETER),
    Fatal(A::INTERNAL_ERROR),
];

const SILENCES: &[Reaction] = &[
    FatalSilent(ErrorClass::Internal),
    FatalSilent(ErrorClass::UnexpectedMessage),
    Latched,
];

/// Reactions that are possible in any situation.
const THROWN: &[Reaction] = &[
    Alert {
        level: wire::Alert::WARNING,
        description: A::USER_CANCELED,
    },
    Alert {
        level: wire::Alert::WARNING,
        description: A::NO_RENEGOTIATION,
    },
    Say(23, b"stray"),
    Say(23, b""),
    SayClose,
    SayKeyUpdate { requested: false },
    SayKeyUpdate { requested: true },
    SayTicket,
    SwitchKeys,
    SwitchTheirKeys,
    Discard,
    Fin,
];

const FLAWS: &[Flaw] = &[
    Flaw::Content(b""),
    Flaw::Fragments,
    Flaw::Twice,
    Flaw::Lost,
    Flaw::Skips,
    Flaw::Keys(Epoch::Plain),
    Flaw::Keys(Epoch::Handshake),
    Flaw::OldKeys,
    Flaw::OuterType(21),
    Flaw::OuterType(22),
    Flaw::Version(0x0300),
    Flaw::Padding(16),
    Flaw::Tag,
    Flaw::Nonce,
    Flaw::Late,
    Flaw::Joined(&[24, 0, 0, 1, 0]),
];

const STATES: &[ApiState] = &[
    ApiState::ReadTraffic,
    ApiState::ReadEarlyData,
    ApiState::PeerClosed,
    ApiState::Closed,
    ApiState::EncodeTlsData,
    ApiState::TransmitTlsData,
    ApiState::BlockedHandshake,
    ApiState::WriteTraffic,
];

/// Every reaction except the proper one.
fn acts(situation: S) -> Vec<Act> {
    let proper = [Version::Tls12, Version::Tls13].map(|version| conforming(situation, version));
    let mut acts: Vec<Act> = instead(situation)
        .into_iter()
        .filter(|reaction| proper.iter().any(|proper| proper != reaction))
        .map(Act::Instead)
        .collect();
    acts.extend(then(situation).into_iter().map(Act::Then));
    // Doing nothing twice or late is doing nothing.
    let nothing = matches!(proper[1], Ignore | Leave);
    let ordinary = proper[1] == Proceed;
    if !nothing && (!ordinary || may_be_repeated(situation)) && !is_own_record(situation) {
        acts.push(Act::Twice);
    }
    if is_own_record(situation) || !nothing && (!ordinary || may_be_put_off(situation)) {
        acts.push(Act::Late);
    }
    if matches!(situation, S::Wants(..) | S::Helped(_) | S::HelpedNot(_)) {
        acts = vec![Act::Instead(Deny)];
    }
    acts
}

/// Not for the subject's own records, which have flaws instead.
fn is_own_record(situation: S) -> bool {
    matches!(situation, S::Sending(_))
}

/// The ordinary course can be taken twice.
fn may_be_repeated(situation: S) -> bool {
    matches!(situation, S::Call(..) | S::TicketDue(_) | S::HandshakeDone)
}

/// The ordinary course can be taken under the next command.
fn may_be_put_off(situation: S) -> bool {
    matches!(
        situation,
        S::Call(Call::Write | Call::Close | Call::UpdateKeys, _)
            | S::CloseBlocked(_)
            | S::TicketDue(_)
    )
}

fn instead(situation: S) -> Vec<Reaction> {
    let mut all = Vec::new();
    match situation {
        S::Call(..) | S::CloseBlocked(_) => {
            all.extend([Proceed, Ignore]);
            match situation {
                // These calls only process input. They have no reason of their own to be refused.
                S::Call(Call::Same | Call::Empty, _) => all.extend(REFUSALS),
                _ => all.extend(CLASSES.iter().map(|class| Refuse(*class))),
            }
            for list in [ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::Record(what, phase) => {
            all.extend([Ignore, Leave, Deliver]);
            if matches!(what, What::Invalid(_)) {
                all.push(Accept);
            }
            if matches!(
                what,
                What::CloseNotify(_) | What::UserCanceled(..) | What::Warning(..) | What::Error(..)
            ) {
                all.push(FailReceived);
            }
            if let (What::Invalid(_), Fatal(alert)) = (what, conforming(situation, Version::Tls13))
            {
                let silent = FatalSilent(reference::class_of(alert));
                all.extend((!SILENCES.contains(&silent)).then_some(silent));
            }
            if reads(phase) && ordinary(what) {
                all.push(Proceed);
            }
            for list in [REFUSALS, ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::Arrived(..)
        | S::CloseInPieces(_)
        | S::Padded(_)
        | S::CloseInHandshake(_)
        | S::CanceledInAll(_)
        | S::InARow(..)
        | S::WarnedInAll(_)
        | S::InputBlocked(_) => {
            all.extend([Ignore, Leave]);
            for list in [REFUSALS, ENDS, FATALS, SILENCES] {
                all.extend(list);
            }
            if matches!(situation, S::CloseInHandshake(_)) {
                all.extend([Proceed, FailReceived]);
                all.extend(THROWN);
            }
        }
        S::Unread(_) => {
            all.push(Proceed);
            for list in [REFUSALS, ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::HandshakeFails | S::Eof(..) | S::Reset(_) | S::Tls12FullClose(_) => {
            all.push(Ignore);
            for list in [REFUSALS, ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::AnswerOwed(_) | S::KeyLimit(_) | S::OwnHalfOver => {
            all.push(Ignore);
            for list in [REFUSALS, ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::Idle(_) => {
            all.push(Ignore);
            all.extend(STATES.iter().map(|name| Name(*name)));
            for list in [REFUSALS, ENDS, FATALS, SILENCES] {
                all.extend(list);
            }
        }
        S::TicketDue(_) => {
            all.extend([Proceed, Ignore]);
            for list in [FATALS, SILENCES] {
                all.extend(list);
            }
        }
        S::HandshakeDone | S::StateDropped | S::ReadDropped => {
            all.push(Ignore);
            for list in [ENDS, FATALS, SILENCES] {
                all.extend(list);
            }
        }
        S::TooSmall(_) => {
            all.extend([Touch, Ignore]);
            for list in [ENDS, FATALS, SILENCES, THROWN] {
                all.extend(list);
            }
        }
        S::Resumes => all.push(Ignore),
        S::SessionsOfFailed(_) | S::ResumedFailed(_) => all.push(Proceed),
        S::Sending(own) => all.extend(
            FLAWS
                .iter()
                .filter(|flaw| fits(own, **flaw))
                .map(|flaw| Seal(*flaw)),
        ),
        S::InputLeft(_) => all.push(Touch),
        S::EarlyDataRejected | S::Wants(..) | S::Helped(_) | S::HelpedNot(_) => {}
    }
    all
}

/// Reactions that are added after the proper one.
fn then(situation: S) -> Vec<Reaction> {
    let mut all: Vec<Reaction> = Vec::new();
    match situation {
        S::Sending(_)
        | S::Wants(..)
        | S::Helped(_)
        | S::HelpedNot(_)
        | S::InputLeft(_)
        | S::Resumes
        | S::SessionsOfFailed(_)
        | S::ResumedFailed(_)
        | S::TooSmall(_)
        | S::StateDropped
        | S::ReadDropped => return all,
        _ => {}
    }
    // If the proper reaction is to do nothing, this equals replacing it.
    let proper = conforming(situation, Version::Tls13);
    if matches!(proper, Ignore | Leave) && instead(situation).contains(&SayClose) {
        return all;
    }
    for list in [ENDS, FATALS, SILENCES, THROWN] {
        all.extend(list);
    }
    if matches!(situation, S::Call(..) | S::CloseBlocked(_)) {
        all.extend(REFUSALS);
    }
    all
}

/// The peer's half is open there.
fn reads(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::Handshake | Phase::HalfRtt | Phase::Open | Phase::OwnClosedEarly | Phase::OwnClosed
    )
}

/// A record that the reference processes with code of its own.
fn ordinary(what: What) -> bool {
    matches!(
        what,
        What::Handshake(_)
            | What::Part
            | What::ChangeCipherSpec
            | What::KeyUpdate { .. }
            | What::Ticket
    )
}

/// A flaw that makes a difference to such a record.
fn fits(own: Own, flaw: Flaw) -> bool {
    match flaw {
        Flaw::Joined(_) => !matches!(own, Own::ChangeCipherSpec),
        _ => true,
    }
}
