//! What a record says to a receiver that follows the RFCs: the vocabulary in which the peer
//! annotates what it sends, and in which rules recognise a stimulus.

use crate::{AlertDescription, HandshakeType};

/// The keys under which a record is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epoch {
    /// No protection: TLS 1.3 before `ServerHello`, TLS 1.2 before `ChangeCipherSpec`.
    Plain,
    /// `client_early_traffic_secret` (RFC 8446 7.1).
    Early,
    /// The handshake traffic secrets (RFC 8446 7.1).
    Handshake,
    /// The application traffic secrets of this generation (RFC 8446 7.2), counted from 0;
    /// TLS 1.2's one set of keys is generation 0.
    Application(u32),
}

/// What a record means to a receiver in the state in which it arrives.
///
/// A record that a receiver must refuse is [`Meaning::Invalid`]; one of which the peer cannot
/// tell what it will do is [`Meaning::Unknown`], and taints what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The last (or only) part of a handshake message that belongs here.
    Handshake(HandshakeType),
    /// Part of a handshake message; more of it follows.
    HandshakePart,
    /// A `change_cipher_spec` that belongs here.
    ChangeCipherSpec,
    /// Application data, perhaps of length zero.
    Data,
    /// 0-RTT application data, which the server may accept or skip.
    EarlyData,
    /// More 0-RTT application data than the ticket allows: what comes of it is as open as with
    /// [`Meaning::Unknown`], for the server need not refuse it (RFC 8446 4.6.1).
    ExcessEarlyData,
    /// `close_notify`, whatever its level byte.
    CloseNotify,
    /// TLS 1.3 `user_canceled`.
    UserCanceled,
    /// TLS 1.2 alert at level warning that lets the connection go on.
    Warning(AlertDescription),
    /// An error alert: the connection is over (RFC 8446 6.2, RFC 5246 7.2.2).
    Error(AlertDescription),
    /// TLS 1.3 `KeyUpdate`.
    KeyUpdate {
        /// `update_requested`: the receiver owes one before its next application data.
        requested: bool,
    },
    /// `NewSessionTicket` after the handshake.
    Ticket,
    /// TLS 1.2 `HelloRequest`, or a `ClientHello` on an open TLS 1.2 connection.
    RenegotiationRequest,
    /// A record that the receiver must not accept.
    Invalid(Reason),
    /// Anything: the peer makes no claim.
    Unknown,
}

/// Why a receiver must not accept a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A bit of the body or the tag was flipped.
    BadTag,
    /// Protected with keys that are not the receiver's current ones, or not protected at all.
    WrongKeys,
    /// Plaintext where protection is in force.
    Unprotected,
    /// Protected by the receiver's own write keys: its own record sent back.
    Reflected,
    /// A replayed, reordered or skipped record: not the next sequence number.
    WrongSequence,
    /// The outer content type of a protected TLS 1.3 record is not `application_data`.
    OuterType,
    /// The header's version bytes are not the ones under the tag.
    HeaderVersion,
    /// Too short to hold a tag.
    Short,
    /// Longer than 2^14 + 256 (TLS 1.2: 2^14 + 2048).
    CiphertextOverflow,
    /// Content longer than 2^14.
    PlaintextOverflow,
    /// Content, type and padding longer than 2^14 + 1.
    InnerOverflow,
    /// Longer than the receiver's `record_size_limit` allows (RFC 8449).
    SizeLimit,
    /// A valid tag over padding alone: no content type.
    AllPadding,
    /// A valid tag over nothing at all.
    EmptyInner,
    /// Inner content type that TLS does not define.
    UnknownInnerType,
    /// Outer content type that TLS does not define.
    UnknownOuterType,
    /// A handshake record without content.
    EmptyHandshake,
    /// An alert record without content.
    EmptyAlert,
    /// One byte of an alert.
    AlertOneByte,
    /// More bytes than one alert.
    AlertTrailing,
    /// Another record between the fragments of a handshake message.
    Interleaved,
    /// `change_cipher_spec` after the handshake.
    LateChangeCipherSpec,
    /// `change_cipher_spec` inside a protected record.
    ProtectedChangeCipherSpec,
    /// `change_cipher_spec` with a body other than the byte 1.
    ChangeCipherSpecValue,
    /// `KeyUpdate` with a value other than 0 and 1.
    KeyUpdateValue,
    /// `KeyUpdate` before the handshake is finished.
    EarlyKeyUpdate,
    /// A handshake message behind another that must end its record.
    Unaligned,
    /// A handshake message that does not belong here.
    UnexpectedMessage(HandshakeType),
    /// A handshake message that cannot be parsed.
    Malformed(HandshakeType),
    /// `Finished` with the wrong verify_data.
    BadFinished,
    /// Application data before it is allowed.
    EarlyApplicationData,
    /// Bytes that are not a record.
    Garbage,
}

/// What a record turned out to hold once its receiver had removed the protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// One or more handshake messages, named by the first that starts or continues here.
    Handshake(HandshakeType),
    /// Part of a handshake message whose end is in a later record.
    HandshakePart,
    /// TLS 1.3 `KeyUpdate`, alone in its record.
    KeyUpdate {
        /// `update_requested`.
        requested: bool,
    },
    /// `change_cipher_spec`.
    ChangeCipherSpec,
    /// Application data, 0-RTT data included.
    Data,
    /// An alert of exactly two bytes.
    Alert {
        /// The level byte.
        level: u8,
        /// The description byte.
        description: AlertDescription,
    },
    /// A record that none of the sender's keys opens at the next sequence number.
    Undecryptable,
    /// A record that opens, but holds something that TLS does not define.
    Malformed {
        /// The content type inside; 0 if there is none.
        content_type: u8,
    },
}
