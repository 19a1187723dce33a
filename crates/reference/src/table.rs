use protocol::{ApiState, End, ErrorClass, Version};
use wire::{AlertDescription as A, Reason as R};

use crate::reaction::Reaction::{self, *};
use crate::situation::{Call, Phase as P, Situation, Stage, What};

/// The reaction of a subject that follows the RFCs.
pub fn conforming(situation: Situation, version: Version) -> Reaction {
    use Situation as S;
    match situation {
        S::Call(call, phase) => calls(call, phase),
        // 6.1: pending data, and the alert after it, are sent as soon as possible.
        S::CloseBlocked(_) => Proceed,
        // 4.6.3: an answer is due before the next application data, and only then.
        S::AnswerOwed(Call::Write) => SayKeyUpdate { requested: false },
        S::AnswerOwed(_) => Proceed,
        // TLS runs over a stream, so the segmentation does not matter.
        S::Arrived(..) => Proceed,
        // 5.4: padding does not matter.
        S::Padded(_) | S::CloseInPieces(_) => Proceed,
        // 5246 7.2.1: respond with close_notify, and close down.
        S::CloseInHandshake(Stage::Tls12) => All(&[SayClose, FailReceived]),
        S::CloseInHandshake(_) => Proceed,
        S::Record(what, phase) => record(what, phase, version),
        S::CanceledInAll(_) | S::WarnedInAll(_) | S::InARow(..) => Proceed,
        // Neither half waits for the other.
        S::InputBlocked(_) => Proceed,
        // The end follows the data.
        S::Unread(_) => Leave,
        // 6.2: a side that finds an error sends the alert for it.
        S::HandshakeFails => FatalAsNamed,
        S::HandshakeDone => Proceed,
        S::Eof(_, phase) => eof(phase),
        S::Reset(phase) => reset(phase),
        // 6.1: nothing follows the local close_notify.
        S::TicketDue(P::Open | P::PeerClosed) => Proceed,
        S::TicketDue(_) => Ignore,
        S::EarlyDataRejected | S::Resumes => Proceed,
        // 8446 6, 5246 7.2.2: sessions of a failed connection are not resumed.
        S::SessionsOfFailed(_) | S::ResumedFailed(_) => Forget,
        // 5246 7.2.1: respond with close_notify, discard what is pending.
        S::Tls12FullClose(P::Open | P::PeerClosed) => All(&[Discard, SayClose]),
        S::Tls12FullClose(_) => Ignore,
        // 5.5: new keys, or the end. TLS 1.2 has no new keys.
        S::KeyLimit(_) => match version {
            Version::Tls13 => SayKeyUpdate { requested: false },
            Version::Tls12 => SayClose,
        },
        S::Sending(..) => Proceed,
        S::OwnHalfOver => Fin,
        S::Idle(phase) => idle(phase),
        // A record that did not fit is still due.
        S::TooSmall(_) | S::StateDropped | S::ReadDropped => Proceed,
        // Callers rely on these reports.
        S::Wants(..) => Proceed,
        // An error reports that the transport would block, without a count.
        S::Helped(_) => Proceed,
        S::HelpedNot(_) => Ignore,
        // Input that is not taken belongs to the caller.
        S::InputLeft(_) => Proceed,
    }
}

fn calls(call: Call, phase: P) -> Reaction {
    match (call, phase) {
        (Call::Same | Call::Empty, _) => Proceed,
        // 6: the secrets of a failed connection are deleted.
        (Call::Export, P::ErrorSent | P::ErrorReceived | P::FailedSilently) => {
            Refuse(ErrorClass::AlreadyFailed)
        }
        (Call::Export, P::Handshake | P::HalfRtt | P::OwnClosedEarly) => Refuse(ErrorClass::NotNow),
        (Call::Export, _) => Proceed,
        // 6.1: a side that closes before the handshake is done sends user_canceled first.
        (Call::Close, P::Handshake) => All(&[
            Alert {
                level: wire::Alert::WARNING,
                description: A::USER_CANCELED,
            },
            SayClose,
            FatalSilent(ErrorClass::HandshakeFailure),
        ]),
        (_, P::Handshake) => Refuse(ErrorClass::NotNow),
        (Call::UpdateKeys, P::HalfRtt) => Refuse(ErrorClass::NotNow),
        // 6, 6.1: only one direction ends.
        (_, P::HalfRtt | P::Open | P::PeerClosed | P::Truncated) => Proceed,
        // 6.1: closing twice is closing once.
        (Call::Close, P::OwnClosedEarly | P::OwnClosed | P::BothClosed | P::OwnClosedTruncated) => {
            Ignore
        }
        // 6.1: nothing follows the local close_notify.
        (_, P::OwnClosedEarly | P::OwnClosed | P::BothClosed | P::OwnClosedTruncated) => {
            Refuse(ErrorClass::WriteClosed)
        }
        (_, P::Reset) => Refuse(ErrorClass::Truncated),
        // 6.2: nothing is sent after an error alert, sent or received.
        (_, P::ErrorSent | P::ErrorReceived | P::FailedSilently) => {
            Refuse(ErrorClass::AlreadyFailed)
        }
    }
}

fn record(what: What, phase: P, version: Version) -> Reaction {
    use What as W;
    match (what, phase) {
        // 6.1: whatever follows the peer's close_notify is ignored, and does not belong to this
        // connection.
        (_, P::PeerClosed | P::BothClosed) => Leave,
        // 6.2: a failed connection receives nothing more.
        (_, P::ErrorSent | P::ErrorReceived | P::FailedSilently | P::Reset) => Leave,
        (_, P::Truncated | P::OwnClosedTruncated) => Leave,
        // 6.1: nothing follows the local close_notify, so errors cause no alert.
        (W::Invalid(reason), P::OwnClosedEarly | P::OwnClosed) => {
            FatalSilent(class_of(alert_of(reason, version)))
        }
        (W::EarlyDataTooMuch, P::OwnClosedEarly) => FatalSilent(ErrorClass::UnexpectedMessage),
        // 6.2, and the section for each reason.
        (W::Invalid(reason), _) => Fatal(alert_of(reason, version)),
        // 4.6.1.
        (W::EarlyDataTooMuch, _) => Fatal(A::UNEXPECTED_MESSAGE),
        (W::Handshake(_) | W::Part | W::ChangeCipherSpec, _) => Proceed,
        (W::Data | W::EarlyData, _) => Deliver,
        // 5.1: may be used against traffic analysis, and has no meaning.
        (W::EmptyData(_), _) => Ignore,
        // 4.2.10.
        (W::EarlyDataRejected, _) => Ignore,
        // The peer does not continue the handshake.
        (W::CloseNotify(_), P::Handshake | P::HalfRtt | P::OwnClosedEarly) => FailReceived,
        // 6.1, at any level (6).
        (W::CloseNotify(_), _) => End(End::Clean),
        // 6.1: close_notify should follow.
        (W::UserCanceled(..), _) => Ignore,
        // 5246 7.2.2: the connection continues.
        (W::Warning(..), _) => Ignore,
        // 6, 6.2: at any level, and unknown alerts too.
        (W::Error(..), _) => FailReceived,
        // 4.6.3: the peer's keys change; an answer may be owed.
        (W::KeyUpdate { .. }, _) => Proceed,
        // 4.6.1.
        (W::Ticket, _) => Proceed,
        // 5246 7.2.1: nothing follows the local close_notify.
        (W::Renegotiation(_), P::OwnClosed) => Ignore,
        // 5246 7.4.1.1.
        (W::Renegotiation(_), _) => Alert {
            level: wire::Alert::WARNING,
            description: A::NO_RENEGOTIATION,
        },
    }
}

/// The alert for each reason.
fn alert_of(reason: R, version: Version) -> A {
    match reason {
        // 5.2; 5246 6.2.3.3, 7.2.2.
        R::BadTag
        | R::WrongKeys
        | R::Reflected
        | R::WrongSequence
        | R::HeaderVersion
        | R::Short => A::BAD_RECORD_MAC,
        // 5: a record that is not application_data is not protected; 5246 6.2.3.3: it has no MAC.
        R::Unprotected => match version {
            Version::Tls13 => A::UNEXPECTED_MESSAGE,
            Version::Tls12 => A::BAD_RECORD_MAC,
        },
        // 5.1, 5.2; 5246 7.2.2; 8449 4.
        R::CiphertextOverflow | R::PlaintextOverflow | R::InnerOverflow | R::SizeLimit => {
            A::RECORD_OVERFLOW
        }
        // 6: syntax.
        R::AlertOneByte | R::AlertTrailing | R::Malformed(_) => A::DECODE_ERROR,
        // 4.6.3.
        R::KeyUpdateValue => A::ILLEGAL_PARAMETER,
        // 4.4.4; 5246 7.4.9.
        R::BadFinished => A::DECRYPT_ERROR,
        // 5, 5.1, 5.4 and 4.
        _ => A::UNEXPECTED_MESSAGE,
    }
}

/// The error class that goes with an alert.
pub fn class_of(alert: A) -> ErrorClass {
    match alert {
        A::UNEXPECTED_MESSAGE => ErrorClass::UnexpectedMessage,
        A::BAD_RECORD_MAC => ErrorClass::DecryptError,
        A::RECORD_OVERFLOW => ErrorClass::RecordOverflow,
        A::DECODE_ERROR => ErrorClass::DecodeError,
        A::ILLEGAL_PARAMETER | A::MISSING_EXTENSION | A::UNSUPPORTED_EXTENSION => {
            ErrorClass::IllegalParameter
        }
        A::DECRYPT_ERROR => ErrorClass::BadSignature,
        A::HANDSHAKE_FAILURE | A::BAD_CERTIFICATE | A::CERTIFICATE_REQUIRED => {
            ErrorClass::HandshakeFailure
        }
        A::INTERNAL_ERROR => ErrorClass::Internal,
        _ => ErrorClass::Other,
    }
}

fn eof(phase: P) -> Reaction {
    match phase {
        P::Handshake | P::HalfRtt | P::OwnClosedEarly => FatalSilent(ErrorClass::HandshakeEof),
        // 6.1: without close_notify, data may be missing.
        P::Open | P::OwnClosed => End(End::Truncated),
        // 6: the end was already reported.
        _ => Ignore,
    }
}

fn reset(phase: P) -> Reaction {
    match phase {
        P::Handshake | P::HalfRtt | P::OwnClosedEarly => FatalSilent(ErrorClass::HandshakeEof),
        P::Open | P::OwnClosed => End(End::Reset),
        _ => Ignore,
    }
}

fn idle(phase: P) -> Reaction {
    match phase {
        P::Handshake => Name(ApiState::BlockedHandshake),
        P::HalfRtt | P::Open | P::PeerClosed | P::Truncated => Name(ApiState::WriteTraffic),
        P::BothClosed => Name(ApiState::Closed),
        // There is nothing to write, and nothing to report.
        P::OwnClosedEarly | P::OwnClosed | P::OwnClosedTruncated | P::Reset => Ignore,
        P::ErrorSent | P::ErrorReceived | P::FailedSilently => Latched,
    }
}
