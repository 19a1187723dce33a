//! Maps the errors of rustls to terms that all implementations share.

use protocol::{Alert, Direction, ErrorClass, Observation};
use rustls::{CertificateError, Error, InvalidMessage, PeerMisbehaved as Misbehaved};

/// Reports `error` as the failure of a connection.
pub(crate) fn failed(error: &Error) -> Observation<'static> {
    Observation::Failed {
        class: class(error),
        alert: alert(error),
        raw: error.to_string().into(),
    }
}

/// The class of `error`.
pub(crate) fn class(error: &Error) -> ErrorClass {
    match error {
        Error::AlertReceived(_) => ErrorClass::AlertReceived,
        Error::DecryptError => ErrorClass::DecryptError,
        Error::PeerSentOversizedRecord => ErrorClass::RecordOverflow,
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            ErrorClass::UnexpectedMessage
        }
        Error::InvalidMessage(message) => invalid(*message),
        Error::PeerMisbehaved(how) => misbehaved(how),
        Error::InvalidCertificate(CertificateError::BadSignature) => ErrorClass::BadSignature,
        Error::PeerIncompatible(_)
        | Error::InvalidCertificate(_)
        | Error::NoCertificatesPresented
        | Error::NoApplicationProtocol
        | Error::UnsupportedNameType => ErrorClass::HandshakeFailure,
        Error::HandshakeNotComplete => ErrorClass::NotNow,
        Error::EncryptError
        | Error::General(_)
        | Error::FailedToGetCurrentTime
        | Error::FailedToGetRandomBytes => ErrorClass::Internal,
        _ => ErrorClass::Other,
    }
}

/// Whether the deframer itself raised `error` and keeps nothing of the record in question. The
/// driver may then remove that record from the front of the input, although rustls did not ask to
/// discard it.
#[cfg(feature = "unbuffered")]
pub(crate) fn is_about_record(error: &Error) -> bool {
    matches!(
        error,
        Error::DecryptError
            | Error::PeerSentOversizedRecord
            | Error::PeerMisbehaved(
                Misbehaved::IllegalTlsInnerPlaintext | Misbehaved::TooManyEmptyFragments
            )
    )
}

fn alert(error: &Error) -> Option<Alert> {
    match error {
        Error::AlertReceived(description) => Some(Alert {
            direction: Direction::Received,
            description: u8::from(*description),
        }),
        // For its other errors, rustls sends an alert but does not name it in the error.
        _ => None,
    }
}

fn invalid(message: InvalidMessage) -> ErrorClass {
    match message {
        InvalidMessage::UnexpectedMessage(_) => ErrorClass::UnexpectedMessage,
        InvalidMessage::MessageTooLarge => ErrorClass::RecordOverflow,
        #[cfg(feature = "extension-errors")]
        InvalidMessage::DuplicateExtension(_)
        | InvalidMessage::PreSharedKeyIsNotFinalExtension
        | InvalidMessage::UnknownHelloRetryRequestExtension => ErrorClass::IllegalParameter,
        _ => ErrorClass::DecodeError,
    }
}

fn misbehaved(how: &Misbehaved) -> ErrorClass {
    match how {
        Misbehaved::IncorrectBinder => ErrorClass::BadSignature,
        #[cfg(feature = "floods")]
        Misbehaved::TooManyEmptyFragments
        | Misbehaved::TooManyKeyUpdateRequests
        | Misbehaved::TooManyRenegotiationRequests
        | Misbehaved::TooManyWarningAlertsReceived => ErrorClass::Flood,
        Misbehaved::IllegalMiddleboxChangeCipherSpec
        | Misbehaved::IllegalTlsInnerPlaintext
        | Misbehaved::KeyEpochWithPendingFragment
        | Misbehaved::MessageInterleavedWithHandshakeMessage
        | Misbehaved::RejectedEarlyDataInterleavedWithHandshakeMessage
        | Misbehaved::TooMuchEarlyDataReceived => ErrorClass::UnexpectedMessage,
        _ => ErrorClass::IllegalParameter,
    }
}
