//! The reasons why a handshake cannot continue.

use thiserror::Error;
use wire::{Alert, AlertDescription, ContentType, HandshakeType};

/// The reason why a handshake cannot continue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Failure {
    /// The subject sent an alert, `close_notify` included.
    #[error("alert {} at level {}", .0.description, .0.level)]
    Alert(Alert),
    /// A record that decrypts to undefined content, an alert that is not two bytes long, and so on.
    #[error("malformed record")]
    MalformedRecord,
    /// A record of this type is not allowed here.
    #[error("unexpected record of type {0}")]
    UnexpectedRecord(ContentType),
    /// A record that none of the subject's keys decrypts.
    #[error("undecryptable record")]
    Undecryptable,
    /// A handshake message that is not allowed here.
    #[error("unexpected {0}")]
    UnexpectedMessage(HandshakeType),
    /// A handshake message does not parse.
    #[error("malformed {kind}: {error}")]
    Malformed {
        /// The message.
        kind: HandshakeType,
        /// The parse error.
        error: wire::Error,
    },
    /// A field of a handshake message has a value that is not allowed.
    #[error("invalid {kind}: {what}")]
    IllegalParameter {
        /// The message.
        kind: HandshakeType,
        /// The RFC's name for the field, or a description of the fault.
        what: &'static str,
    },
    /// A handshake message lacks a required extension.
    #[error("{kind} has no {what}")]
    MissingExtension {
        /// The message.
        kind: HandshakeType,
        /// The extension.
        what: &'static str,
    },
    /// The sides have no cipher suite, group, signature scheme or version in common.
    #[error("no {0} in common")]
    NothingInCommon(&'static str),
    /// The key share is not a public key of its group.
    #[error("invalid key share")]
    BadKeyShare,
    /// The signature is not that of the subject's key over the transcript.
    #[error("wrong signature")]
    BadSignature,
    /// `verify_data` of the subject's `Finished` is wrong.
    #[error("wrong verify_data in finished")]
    BadFinished,
    /// The PSK binder is wrong.
    #[error("wrong PSK binder")]
    BadBinder,
    /// A handshake message that changes keys does not end its record (RFC 8446 5.1).
    #[error("{0} does not end its record")]
    Unaligned(HandshakeType),
    /// More 0-RTT data than the peer accepts.
    #[error("too much early data")]
    TooMuchEarlyData,
    /// The peer does not support what [`Config`](crate::Config) requests.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
}

impl Failure {
    /// Returns the alert for the failure under RFC 8446 6.2 (RFC 5246 7.2.2), or `None` if the
    /// subject sent an alert.
    #[must_use]
    pub const fn alert(self) -> Option<AlertDescription> {
        Some(match self {
            Self::Alert(_) => return None,
            Self::MalformedRecord
            | Self::UnexpectedRecord(_)
            | Self::UnexpectedMessage(_)
            | Self::Unaligned(_)
            | Self::TooMuchEarlyData => AlertDescription::UNEXPECTED_MESSAGE,
            Self::Undecryptable => AlertDescription::BAD_RECORD_MAC,
            Self::Malformed { .. } => AlertDescription::DECODE_ERROR,
            Self::IllegalParameter { .. } | Self::BadKeyShare => {
                AlertDescription::ILLEGAL_PARAMETER
            }
            Self::MissingExtension { .. } => AlertDescription::MISSING_EXTENSION,
            Self::NothingInCommon(_) => AlertDescription::HANDSHAKE_FAILURE,
            Self::BadSignature | Self::BadFinished | Self::BadBinder => {
                AlertDescription::DECRYPT_ERROR
            }
            Self::Unsupported(_) => AlertDescription::INTERNAL_ERROR,
        })
    }
}
