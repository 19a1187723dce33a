//! The meaning of a record to a receiver that follows the RFCs. The peer annotates each record that
//! it sends with a [`Meaning`], and rules recognise stimuli by it.

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
    /// The application traffic secrets of this generation (RFC 8446 7.2), counted from 0.
    /// The only set of keys in TLS 1.2 is generation 0.
    Application(u32),
}

/// The meaning of a record to a receiver in its current state.
///
/// A record that the receiver must reject is [`Meaning::Invalid`]. A record that it may reject or
/// take is [`Meaning::Refusable`]. A record whose effect the peer cannot know is
/// [`Meaning::Unknown`]. The last two taint what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The last or only part of a handshake message that is allowed here.
    Handshake(HandshakeType),
    /// Part of a handshake message that continues in a later record.
    HandshakePart,
    /// A `change_cipher_spec` that is allowed here.
    ChangeCipherSpec,
    /// Application data, possibly empty.
    Data,
    /// 0-RTT application data, which the server may accept or skip.
    EarlyData,
    /// More 0-RTT application data than the ticket allows. The effect is unknown, as with
    /// [`Meaning::Unknown`], because the server need not reject it (RFC 8446 4.6.1).
    ExcessEarlyData,
    /// `close_notify` with any level byte.
    CloseNotify,
    /// TLS 1.3 `user_canceled`.
    UserCanceled,
    /// TLS 1.2 alert at level warning that does not end the connection.
    Warning(AlertDescription),
    /// An error alert. It ends the connection (RFC 8446 6.2, RFC 5246 7.2.2).
    Error(AlertDescription),
    /// TLS 1.3 `KeyUpdate`.
    KeyUpdate {
        /// `update_requested`: the receiver must send a `KeyUpdate` before its next application
        /// data.
        requested: bool,
    },
    /// `NewSessionTicket` after the handshake.
    Ticket,
    /// TLS 1.2 `HelloRequest`, or a `ClientHello` on an open TLS 1.2 connection.
    RenegotiationRequest,
    /// A record that the receiver must not accept.
    Invalid(Reason),
    /// A record that the receiver may refuse for this reason, and may as well take: no document
    /// obliges it to do either. The effect is unknown, as with [`Meaning::Unknown`].
    Refusable(Reason),
    /// Any record. The peer makes no claim about its meaning.
    Unknown,
}

/// The reason why a receiver must not accept a record, or need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A bit of the body or the tag was flipped.
    BadTag,
    /// Protected with keys other than the receiver's current read keys, or unprotected.
    WrongKeys,
    /// Plaintext where protection is required.
    Unprotected,
    /// Protected by the receiver's own write keys: one of its own records, sent back.
    Reflected,
    /// A replayed or reordered record, or one after a skipped record: the sequence number is not
    /// the next.
    WrongSequence,
    /// The outer content type of a protected TLS 1.3 record is not `application_data`.
    OuterType,
    /// The header's version bytes are not those that the tag authenticates.
    HeaderVersion,
    /// Too short to contain a tag.
    Short,
    /// Longer than 2^14 + 256 (TLS 1.2: 2^14 + 2048).
    CiphertextOverflow,
    /// Content longer than 2^14.
    PlaintextOverflow,
    /// Content, type and padding longer than 2^14 + 1, and the content alone not too long. The
    /// limit binds the sender only (RFC 8446 5.4).
    InnerOverflow,
    /// Longer than the receiver's `record_size_limit` allows (RFC 8449).
    SizeLimit,
    /// A valid tag over padding only: no content type.
    AllPadding,
    /// A valid tag over an empty plaintext.
    EmptyInner,
    /// An inner content type that TLS does not define.
    UnknownInnerType,
    /// An outer content type that TLS does not define.
    UnknownOuterType,
    /// A handshake record without content.
    EmptyHandshake,
    /// An alert record without content.
    EmptyAlert,
    /// An alert of one byte.
    AlertOneByte,
    /// An alert followed by further bytes.
    AlertTrailing,
    /// An error alert at level warning before a version is negotiated. By TLS 1.3 it ends the
    /// connection, and by TLS 1.2 the receiver may ignore it.
    BeforeVersion,
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
    /// `KeyUpdate` before the handshake is complete.
    EarlyKeyUpdate,
    /// A handshake message that follows, in the same record, one that must end its record.
    Unaligned,
    /// A handshake message that is not allowed here.
    UnexpectedMessage(HandshakeType),
    /// A handshake message that does not parse.
    Malformed(HandshakeType),
    /// `Finished` with a wrong `verify_data`.
    BadFinished,
    /// Application data before it is allowed.
    EarlyApplicationData,
    /// Bytes that are not a record.
    Garbage,
}

/// The content of a received record after decryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// One or more handshake messages. The type is that of the first message that starts or
    /// continues here.
    Handshake(HandshakeType),
    /// Part of a handshake message that ends in a later record.
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
    /// A record that none of the sender's keys decrypts at the next sequence number.
    Undecryptable,
    /// A record that decrypts to something that TLS does not define.
    Malformed {
        /// The inner content type. 0 if there is none.
        content_type: u8,
    },
}
