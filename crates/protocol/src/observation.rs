use serde::{Deserialize, Serialize};

use crate::{Bytes, Version};

/// Something that a subject saw or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Observation<'a> {
    /// Bytes that the subject gave to the transport and the transport accepted.
    Sent {
        /// The bytes; record boundaries mean nothing here.
        bytes: Bytes<'a>,
    },
    /// A write was taken, in whole or in part.
    Accepted {
        /// How many bytes of it.
        bytes: usize,
    },
    /// The handshake is done: both sides may write.
    HandshakeDone {
        /// The version negotiated.
        version: Version,
        /// The cipher suite, by its IANA number.
        suite: u16,
        /// A session was resumed.
        resumed: bool,
        /// What became of 0-RTT data.
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
    /// The peer's half has ended, and the application was told.
    End {
        /// How.
        how: End,
    },
    /// The subject closed the transport for writing.
    Fin,
    /// The implementation reported that the connection has failed.
    Failed {
        /// What went wrong.
        class: ErrorClass,
        /// The alert that says so, if the implementation's error names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<Alert>,
        /// The implementation's own words: for people, never matched on.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        raw: std::borrow::Cow<'a, str>,
    },
    /// A call was refused, and the connection goes on as it was.
    Refused {
        /// Which call.
        call: ApiCall,
        /// Why.
        class: ErrorClass,
        /// The implementation's own words: for people, never matched on.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        raw: std::borrow::Cow<'a, str>,
    },
    /// The implementation's API was called and named its state.
    State {
        /// The state.
        name: ApiState,
        /// How many bytes of input the call was shown.
        shown: usize,
        /// How many of them the implementation then said to discard.
        discarded: usize,
    },
    /// The implementation said that the room for its output was too small.
    TooSmall {
        /// Which call.
        call: ApiCall,
        /// How many bytes of room it was given.
        room: usize,
        /// How many it asked for.
        needed: usize,
        /// It wrote to that room all the same.
        touched: bool,
    },
    /// What the API says that it waits for, once nothing more can be done under a command: that the
    /// transport be read, that it be written to. Reported at the end of every command if the
    /// implementation says it.
    Wants {
        /// It is to be fed.
        read: bool,
        /// It has bytes for the transport.
        write: bool,
    },
    /// A call that does I/O by itself has returned, and not with an error. Reported behind what came of
    /// the call.
    Helped {
        /// What it says that it moved.
        said: Moved,
        /// What the transport moved for it.
        moved: Moved,
        /// The transport answered it that it would block, and never that it has ended.
        blocked: bool,
    },
    /// Input that was not taken, as it now stands. Reported at the end of a command if there is
    /// any.
    Left {
        /// The bytes.
        bytes: Bytes<'a>,
    },
    /// Keying material.
    Exported {
        /// The bytes.
        bytes: Bytes<'a>,
    },
    /// The subject cannot do what it was told.
    Unsupported {
        /// What it cannot do.
        what: std::borrow::Cow<'a, str>,
    },
}

impl Observation<'_> {
    /// The same, owning its bytes.
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

/// How many bytes went which way between an implementation and its transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moved {
    /// From the transport, in bytes.
    pub read: usize,
    /// To the transport, in bytes.
    pub written: usize,
}

/// How the peer's half ended, as told to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The peer said `close_notify`: nothing is missing.
    Clean,
    /// The transport ended first: something may be missing.
    Truncated,
    /// The transport was reset.
    Reset,
}

/// What became of 0-RTT data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EarlyData {
    /// None was offered.
    None,
    /// The server took it.
    Accepted,
    /// The server skipped it.
    Rejected,
    /// The implementation does not say.
    Unknown,
}

/// The alert that an error names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Alert {
    /// Who sent it.
    pub direction: Direction,
    /// Its description byte (RFC 8446 6, RFC 5246 7.2).
    pub description: u8,
}

/// Who sent an alert, from the subject's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The subject.
    Sent,
    /// Its peer.
    Received,
}

/// A call that an application can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApiCall {
    /// Processing input.
    Process,
    /// Producing a handshake message, an alert or another record of the implementation's own.
    Encode,
    /// Writing application data.
    Write,
    /// Closing the own half.
    CloseWrite,
    /// Asking for fresh keys.
    UpdateKeys,
    /// Exporting keying material.
    Export,
}

/// A state of an unbuffered API. The names are those of rustls 0.23; an implementation with
/// other states maps them or reports none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApiState {
    /// Application data is there to be read.
    ReadTraffic,
    /// 0-RTT data is there to be read.
    ReadEarlyData,
    /// The peer's half has ended cleanly.
    PeerClosed,
    /// Both halves have ended.
    Closed,
    /// A record of the implementation's own is there to be encoded.
    EncodeTlsData,
    /// What was encoded is there to be sent.
    TransmitTlsData,
    /// The handshake needs input.
    BlockedHandshake,
    /// The application may write.
    WriteTraffic,
}

/// What went wrong, in terms that all implementations share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// The peer sent an alert.
    AlertReceived,
    /// A record did not decrypt.
    DecryptError,
    /// A record or its content was too long.
    RecordOverflow,
    /// A message or record that does not belong here.
    UnexpectedMessage,
    /// Bytes that do not parse.
    DecodeError,
    /// Bytes that parse, but say something that is not allowed.
    IllegalParameter,
    /// The handshake failed for want of agreement or of a valid certificate.
    HandshakeFailure,
    /// A signature, a `Finished` or a binder was wrong.
    BadSignature,
    /// Too many records or messages that do nothing.
    Flood,
    /// The transport ended before the handshake was done.
    HandshakeEof,
    /// The transport ended, or was reset, without `close_notify`.
    Truncated,
    /// The own half is closed.
    WriteClosed,
    /// The connection has failed before.
    AlreadyFailed,
    /// Not now: the handshake is not done, or the API offers no way to do this in this state.
    NotNow,
    /// The key has protected as many records as it may.
    KeyExhausted,
    /// The transport would block, and the implementation would not hold the bytes for later.
    WouldBlock,
    /// The implementation says that this is its own fault.
    Internal,
    /// Something else; see the raw text.
    Other,
}
