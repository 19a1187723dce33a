use serde::{Deserialize, Serialize};

use crate::{Bytes, Version};

/// Something that a subject saw or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Observation<'a> {
    /// The transport accepted bytes from the subject.
    Sent {
        /// The bytes. They need not begin or end at record boundaries.
        bytes: Bytes<'a>,
    },
    /// The implementation accepted a write, in whole or in part.
    Accepted {
        /// The number of accepted bytes.
        bytes: usize,
    },
    /// The handshake is complete: both sides may write.
    HandshakeDone {
        /// The negotiated version.
        version: Version,
        /// The IANA number of the cipher suite.
        suite: u16,
        /// Whether a session was resumed.
        resumed: bool,
        /// The fate of the 0-RTT data.
        early: EarlyData,
    },
    /// 0-RTT data was delivered to the application.
    EarlyData {
        /// The data.
        bytes: Bytes<'a>,
    },
    /// Application data was delivered to the application.
    Data {
        /// The data.
        bytes: Bytes<'a>,
    },
    /// The API reported the end of the peer's half to the application.
    End {
        /// How the half ended.
        how: End,
    },
    /// The subject closed the transport for writing.
    Fin,
    /// The implementation reported that the connection failed.
    Failed {
        /// The kind of error.
        class: ErrorClass,
        /// The alert that the implementation's error names, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<Alert>,
        /// The implementation's error text. It is for people and never matched on.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        raw: std::borrow::Cow<'a, str>,
    },
    /// The implementation refused a call. The connection is unchanged.
    Refused {
        /// The refused call.
        call: ApiCall,
        /// The reason.
        class: ErrorClass,
        /// The implementation's error text. It is for people and never matched on.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        raw: std::borrow::Cow<'a, str>,
    },
    /// A call to the implementation's API returned a state.
    State {
        /// The state.
        name: ApiState,
        /// The number of input bytes presented to the call.
        shown: usize,
        /// The number of those bytes that the implementation then asked to discard.
        discarded: usize,
    },
    /// The implementation reported that its output buffer is too small.
    TooSmall {
        /// The call that needs the buffer.
        call: ApiCall,
        /// The size of the buffer in bytes.
        room: usize,
        /// The size that the implementation asked for, in bytes.
        needed: usize,
        /// Whether the implementation wrote to the buffer nevertheless.
        touched: bool,
    },
    /// The I/O that the API asks for once a command can make no more progress. Reported at the end
    /// of every command if the API has such a call.
    Wants {
        /// The API asks for a read from the transport.
        read: bool,
        /// The API asks for a write to the transport.
        write: bool,
    },
    /// A call that does I/O itself returned without an error. Reported after the other observations
    /// of the call.
    Helped {
        /// The number of bytes that the call reports.
        said: Moved,
        /// The number of bytes that the transport moved during the call.
        moved: Moved,
        /// Whether the transport answered at least once that it would block, and never that it
        /// ended.
        blocked: bool,
    },
    /// The unconsumed input in its current form. Reported at the end of a command unless empty.
    Left {
        /// The bytes.
        bytes: Bytes<'a>,
    },
    /// Keying material was exported.
    Exported {
        /// The keying material.
        bytes: Bytes<'a>,
    },
    /// The subject cannot carry out the command.
    Unsupported {
        /// The missing feature.
        what: std::borrow::Cow<'a, str>,
    },
}

impl Observation<'_> {
    /// Converts to an observation that owns its bytes.
    pub fn into_owned(self) -> Observation<'static> {
        use Observation as O;
        match self {
            O::Sent { bytes } => O::Sent {
                bytes: bytes.into_owned(),
            },
            O::EarlyData { bytes } => O::EarlyData {
                bytes: bytes.into_owned(),
            },
            O::Data { bytes } => O::Data {
                bytes: bytes.into_owned(),
            },
            O::Left { bytes } => O::Left {
                bytes: bytes.into_owned(),
            },
            O::Exported { bytes } => O::Exported {
                bytes: bytes.into_owned(),
            },
            O::Failed { class, alert, raw } => O::Failed {
                class,
                alert,
                raw: raw.into_owned().into(),
            },
            O::Refused { call, class, raw } => O::Refused {
                call,
                class,
                raw: raw.into_owned().into(),
            },
            O::Unsupported { what } => O::Unsupported {
                what: what.into_owned().into(),
            },
            O::Accepted { bytes } => O::Accepted { bytes },
            O::Wants { read, write } => O::Wants { read, write },
            O::Helped {
                said,
                moved,
                blocked,
            } => O::Helped {
                said,
                moved,
                blocked,
            },
            O::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            } => O::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            },
            O::End { how } => O::End { how },
            O::Fin => O::Fin,
            O::State {
                name,
                shown,
                discarded,
            } => O::State {
                name,
                shown,
                discarded,
            },
            O::TooSmall {
                call,
                room,
                needed,
                touched,
            } => O::TooSmall {
                call,
                room,
                needed,
                touched,
            },
        }
    }
}

/// The number of bytes moved between an implementation and its transport, in each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moved {
    /// The number of bytes read from the transport.
    pub read: usize,
    /// The number of bytes written to the transport.
    pub written: usize,
}

/// The end of the peer's half, as the API reports it to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The peer sent `close_notify`. No data is missing.
    Clean,
    /// The transport ended without `close_notify`. Data may be missing.
    Truncated,
    /// The transport was reset.
    Reset,
}

/// The fate of the 0-RTT data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EarlyData {
    /// The client offered none.
    None,
    /// The server accepted it.
    Accepted,
    /// The server skipped it.
    Rejected,
    /// The implementation does not report it.
    Unknown,
}

/// The alert that an error names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Alert {
    /// The sender.
    pub direction: Direction,
    /// The description byte (RFC 8446 6, RFC 5246 7.2).
    pub description: u8,
}

/// The sender of an alert, from the subject's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The subject sent it.
    Sent,
    /// The peer sent it.
    Received,
}

/// A call that an application can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApiCall {
    /// Process input.
    Process,
    /// Encode a handshake message, an alert or any other record without application data.
    Encode,
    /// Write application data.
    Write,
    /// Close the write half.
    CloseWrite,
    /// Request new keys.
    UpdateKeys,
    /// Export keying material.
    Export,
}

/// A state of an unbuffered API. The names are those of rustls 0.23. A shim for an implementation
/// with other states maps them or reports none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApiState {
    /// Application data is available.
    ReadTraffic,
    /// 0-RTT data is available.
    ReadEarlyData,
    /// The peer's half ended cleanly.
    PeerClosed,
    /// Both halves ended.
    Closed,
    /// A record without application data is ready to be encoded.
    EncodeTlsData,
    /// Encoded records are ready to be sent.
    TransmitTlsData,
    /// The handshake needs input.
    BlockedHandshake,
    /// The application may write.
    WriteTraffic,
}

/// The kind of an error, in terms that all implementations share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// The peer sent an alert.
    AlertReceived,
    /// A record failed to decrypt.
    DecryptError,
    /// A record or its content is too long.
    RecordOverflow,
    /// A message or record is not allowed in this state.
    UnexpectedMessage,
    /// Bytes do not parse.
    DecodeError,
    /// A message parses, but has a value that is not allowed.
    IllegalParameter,
    /// The sides did not agree on parameters, or a certificate is missing or invalid.
    HandshakeFailure,
    /// A signature, a `Finished` or a binder is wrong.
    BadSignature,
    /// The peer sent too many records or messages that have no effect.
    Flood,
    /// The transport ended before the handshake was complete.
    HandshakeEof,
    /// The transport ended, or was reset, without `close_notify`.
    Truncated,
    /// The write half is closed.
    WriteClosed,
    /// The connection failed earlier.
    AlreadyFailed,
    /// The call is not possible in this state: the handshake is not complete, or the API offers no
    /// such call.
    NotNow,
    /// The key has protected the maximum number of records.
    KeyExhausted,
    /// The transport would block, and the implementation does not buffer the bytes.
    WouldBlock,
    /// The implementation reports an internal error.
    Internal,
    /// Any other error; see the raw text.
    Other,
}
