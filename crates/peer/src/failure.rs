//! Why a handshake cannot go on.

use thiserror::Error;
use wire::{Alert, AlertDescription, ContentType, HandshakeType};

/// Why a handshake cannot go on, for want of something that the subject should have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Failure {
    /// The subject sent an alert, `close_notify` included.
    #[error("alert {} at level {}", .0.description, .0.level)]
    Alert(Alert),
    /// An alert that is not two bytes long, a record that opens but holds nothing known, and so on.
    #[error("a malformed record")]
    MalformedRecord,
    /// A record of this type does not belong here.
    #[error("unexpected record of type {0}")]
    UnexpectedRecord(ContentType),
    /// A record that none of the subject's keys opens.
    #[error("an undecryptable record")]
    Undecryptable,
    /// A handshake message that does not belong here.
    #[error("unexpected {0}")]
    UnexpectedMessage(HandshakeType),
    /// A handshake message is not what its name says.
    #[error("malformed {kind}: {error}")]
    Malformed {
        /// The message.
        kind: HandshakeType,
        /// What is wrong with it.
        error: wire::Error,
    },
    /// A field of a handshake message has a value that was not to be chosen.
    #[error("{what} of {kind} is not acceptable")]
    IllegalParameter {
        /// The message.
        kind: HandshakeType,
        /// The field, as the RFC calls it.
        what: &'static str,
    },
    /// A handshake message lacks an extension.
    #[error("{kind} lacks {what}")]
    MissingExtension {
        /// The message.
        kind: HandshakeType,
        /// The extension.
        what: &'static str,
    },
    /// Nothing in common: suite, group, signature or version.
    #[error("no {0} in common")]
    NothingInCommon(&'static str),
    /// The key share is not a public key of its group.
    #[error("an invalid key share")]
    BadKeyShare,
    /// The signature was not made by the subject's key over the transcript.
    #[error("a wrong signature")]
    BadSignature,
    /// `verify_data` of the subject's `Finished` is wrong.
    #[error("a wrong Finished")]
    BadFinished,
    /// The PSK binder is wrong.
    #[error("a wrong PSK binder")]
    BadBinder,
    /// A handshake message that changes keys does not end its record (RFC 8446 5.1).
    #[error("{0} does not end its record")]
    Unaligned(HandshakeType),
    /// More early data than the peer takes.
    #[error("too much early data")]
    TooMuchEarlyData,
    /// What [`Config`](crate::Config) asks for cannot be done.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
}

impl Failure {
    /// The alert that RFC 8446 6.2 (RFC 5246 7.2.2) has for it; `None` where the subject sent one.
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
