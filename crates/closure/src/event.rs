use protocol::{
    Alert, ApiCall, ApiState, EarlyData, End, ErrorClass, HabitKind, Io, Moved, Presented, Role,
    Version,
};
use wire::{AlertDescription, Content, Epoch, Meaning, RecordHeader};

use crate::Profile;

/// A range of bytes in a [`crate::Transcript`]'s store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// The number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range is empty.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// An event of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A connection was opened. The following events belong to it, until the next one is opened.
    Opened(Setup),
    /// The limits that the application and the transport set from here on.
    Limited(Io),
    /// The application made a call.
    Called(Call),
    /// The last byte of one of the peer's records reached the subject.
    Delivered(Delivered),
    /// The subject's read side of the transport ended.
    Transport {
        /// By FIN or by reset.
        how: Transport,
        /// The number of bytes of an incomplete record that came before.
        partial: u32,
    },
    /// The subject put a record on the wire.
    Sent(Sent),
    /// The subject closed the transport for writing.
    SentFin,
    /// The subject accepted bytes of a write.
    Accepted {
        /// The number of bytes.
        bytes: u32,
    },
    /// The subject reported the end of the handshake.
    HandshakeDone {
        /// The version negotiated.
        version: Version,
        /// The cipher suite's IANA number.
        suite: u16,
        /// A session was resumed.
        resumed: bool,
        /// How 0-RTT data was handled.
        early: EarlyData,
    },
    /// 0-RTT data reached the application.
    EarlyData(Span),
    /// Application data reached the application.
    Data(Span),
    /// The API reported the end of the peer's half.
    End(End),
    /// The API reported that the connection has failed.
    Failed {
        /// The class of the error.
        class: ErrorClass,
        /// The alert that the error names.
        alert: Option<Alert>,
    },
    /// A call was refused, without failing the connection.
    Refused {
        /// The call.
        call: ApiCall,
        /// The reason.
        class: ErrorClass,
    },
    /// The API reported its state.
    State {
        /// The state.
        name: ApiState,
        /// The number of input bytes shown to the API.
        shown: u32,
        /// The number of input bytes that the API asks to discard.
        discarded: u32,
    },
    /// The API reported that the output buffer was too small.
    TooSmall {
        /// The call.
        call: ApiCall,
        /// The size of the buffer in bytes.
        room: u32,
        /// The number of bytes that the API asked for.
        needed: u32,
        /// The API wrote into the buffer nevertheless.
        touched: bool,
    },
    /// The I/O that the API waits for, at the end of a command.
    Wants {
        /// It wants to read from the transport.
        read: bool,
        /// It wants to write to the transport.
        write: bool,
    },
    /// A call that performs I/O itself returned without an error.
    Helped {
        /// The bytes that the call reports as moved.
        said: Moved,
        /// The bytes that the transport moved.
        moved: Moved,
        /// The transport would have blocked, and has not ended.
        blocked: bool,
    },
    /// Input that was not consumed, at the end of a command.
    Left(Span),
    /// Exported keying material.
    Exported(Span),
    /// The subject does not support a step of the script.
    Unsupported,
    /// The subject's process died.
    Crash,
    /// The subject did not answer in time, or never stopped answering.
    Hang,
}

/// How a connection was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The subject's role.
    pub role: Role,
    /// The version that both sides are set to negotiate.
    pub version: Version,
    /// The kind of the habit in use; `None` for the plain habit.
    pub habit: Option<HabitKind>,
    /// Whether the peer's records may be split across segments.
    pub pieces: bool,
    /// The profile of the run.
    pub profile: Profile,
    /// The number of bytes of 0-RTT data that a client subject was given to write.
    pub early_written: u32,
    /// The `record_size_limit` that each side is configured to send.
    pub record_size_limit: Option<u16>,
    /// The number of records that one of the subject's keys may protect, if configured.
    pub key_limit: Option<u64>,
    /// The maximum length of the subject's records in bytes, including the header, if configured.
    pub fragment_size: Option<usize>,
    /// The number of bytes of 0-RTT data that a server subject is configured to accept. Its tickets
    /// allow the same number.
    pub early_limit: u32,
}

/// A call made by the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Write these bytes.
    Write(Span),
    /// Close the write half.
    CloseWrite,
    /// Request fresh keys.
    UpdateKeys,
    /// Call the implementation once more.
    Settle(Presented),
    /// Export keying material.
    Export,
    /// Drop the connection.
    Drop,
}

/// How the transport ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Orderly (FIN).
    Fin,
    /// Reset (RST).
    Reset,
}

/// A record from the peer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivered {
    /// Its meaning to a receiver that follows the RFCs.
    pub meaning: Meaning,
    /// Its content before protection.
    pub content: Span,
    /// The five header bytes as sent. They are zeros after an incomplete record, where there is no
    /// header.
    pub header: [u8; 5],
    /// Its length on the wire in bytes, including the header.
    pub length: u32,
    /// The keys that protect it.
    pub epoch: Epoch,
    /// Its sequence number.
    pub sequence: u64,
}

impl Delivered {
    /// Whether the header announces more bytes than arrived. A receiver may wait for the rest before
    /// it refuses the record.
    pub(crate) fn is_awaited(&self) -> bool {
        let [.., high, low] = self.header;
        let told = u32::from(u16::from_be_bytes([high, low])) + RecordHeader::LEN as u32;
        told > self.length
    }
}

/// A record from the subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    /// The kind of its content.
    pub content: Content,
    /// Its decrypted content, or its bytes on the wire if it cannot be decrypted.
    pub bytes: Span,
    /// The five header bytes.
    pub header: [u8; 5],
    /// Its length on the wire in bytes, including the header.
    pub length: u32,
    /// The keys that decrypt it; `None` if no keys do.
    pub epoch: Option<Epoch>,
    /// Its sequence number, if it can be decrypted.
    pub sequence: u64,
    /// Its explicit nonce (RFC 5288 3), if it has one and can be decrypted.
    pub explicit_nonce: Option<u64>,
}

impl Sent {
    /// The level and description, if this record is an alert.
    pub fn alert(&self) -> Option<(u8, AlertDescription)> {
        match self.content {
            Content::Alert { level, description } => Some((level, description)),
            _ => None,
        }
    }
}

/// The kinds of event that can trigger rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// [`Event::HandshakeDone`].
    HandshakeDone,
    /// The peer's handshake message during the handshake.
    PeerHandshake,
    /// The peer's application data.
    PeerData,
    /// The peer's 0-RTT data.
    PeerEarlyData,
    /// The peer's `close_notify`.
    PeerClose,
    /// The peer's `user_canceled`.
    PeerCancel,
    /// A TLS 1.2 warning alert from the peer.
    PeerWarning,
    /// The peer's error alert.
    PeerError,
    /// The peer's `KeyUpdate`.
    PeerKeyUpdate,
    /// The peer's session ticket after the handshake.
    PeerTicket,
    /// The peer's renegotiation request.
    PeerRenegotiation,
    /// The peer's `change_cipher_spec`.
    PeerChangeCipherSpec,
    /// A record from the peer that must be refused.
    PeerInvalid,
    /// A record from the peer whose meaning is unknown.
    PeerUnknown,
    /// The transport ended.
    TransportEnd,
    /// The subject's handshake message.
    OwnHandshake,
    /// The subject's application data.
    OwnData,
    /// The subject's `close_notify`.
    OwnClose,
    /// Any other alert from the subject.
    OwnAlert,
    /// The subject's `KeyUpdate`.
    OwnKeyUpdate,
    /// The subject's `change_cipher_spec`.
    OwnChangeCipherSpec,
    /// A record from the subject that cannot be decrypted, or whose content TLS does not define.
    OwnBroken,
    /// The application writes.
    AppWrite,
    /// The application closes.
    AppClose,
    /// The application requests fresh keys.
    AppUpdateKeys,
    /// The application calls the implementation once more.
    AppSettle,
    /// The application exports keying material.
    AppExport,
    /// [`Event::Limited`], or any other [`Event::Called`].
    AppOther,
    /// [`Event::EarlyData`].
    EarlyData,
    /// [`Event::Data`].
    Data,
    /// [`Event::End`].
    End,
    /// [`Event::Failed`].
    Failed,
    /// [`Event::Refused`].
    Refused,
    /// [`Event::Accepted`].
    Accepted,
    /// [`Event::State`] `read-traffic`.
    ReadTraffic,
    /// [`Event::State`] `read-early-data`.
    ReadEarlyData,
    /// [`Event::State`] `peer-closed`.
    PeerClosed,
    /// [`Event::State`] `closed`.
    Closed,
    /// [`Event::State`] `encode-tls-data`.
    EncodeTlsData,
    /// [`Event::State`] `transmit-tls-data`.
    TransmitTlsData,
    /// [`Event::State`] `blocked-handshake`.
    BlockedHandshake,
    /// [`Event::State`] `write-traffic`.
    WriteTraffic,
    /// [`Event::TooSmall`].
    TooSmall,
    /// [`Event::Wants`].
    Wants,
    /// [`Event::Helped`].
    Helped,
    /// [`Event::Left`].
    Left,
    /// [`Event::Exported`].
    Exported,
    /// [`Event::Unsupported`].
    Unsupported,
    /// [`Event::SentFin`].
    SentFin,
    /// [`Event::Crash`].
    Crash,
    /// [`Event::Hang`].
    Hang,
    /// [`Event::Opened`].
    Opened,
}

/// A set of [`Kind`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub(crate) u64);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// All kinds.
    pub const ALL: Self = Self(u64::MAX);

    /// The subject's records, which show only if there is room for output.
    pub const OUTPUT: Self = Self::of(&[
        Kind::OwnHandshake,
        Kind::OwnData,
        Kind::OwnClose,
        Kind::OwnAlert,
        Kind::OwnKeyUpdate,
        Kind::OwnChangeCipherSpec,
        Kind::OwnBroken,
    ]);

    /// The set of these kinds.
    pub const fn of(kinds: &[Kind]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u64;
            i += 1;
        }
        Self(bits)
    }

    /// The kinds that are in both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The union of both sets.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds one kind.
    pub fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u64;
    }

    /// Whether the set contains all of `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set contains any of `other`.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set contains `kind`.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u64) != 0
    }
}

impl Event {
    /// The kind of this event.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Opened(_) => Kind::Opened,
            Self::Limited(_) => Kind::AppOther,
            Self::Called(call) => match call {
                Call::Write(_) => Kind::AppWrite,
                Call::CloseWrite => Kind::AppClose,
                Call::UpdateKeys => Kind::AppUpdateKeys,
                Call::Settle(_) => Kind::AppSettle,
                Call::Export => Kind::AppExport,
                Call::Drop => Kind::AppOther,
            },
            Self::Delivered(record) => match record.meaning {
                Meaning::Handshake(_) | Meaning::HandshakePart => Kind::PeerHandshake,
                Meaning::ChangeCipherSpec => Kind::PeerChangeCipherSpec,
                Meaning::Data => Kind::PeerData,
                Meaning::EarlyData => Kind::PeerEarlyData,
                Meaning::CloseNotify => Kind::PeerClose,
                Meaning::UserCanceled => Kind::PeerCancel,
                Meaning::Warning(_) => Kind::PeerWarning,
                Meaning::Error(_) => Kind::PeerError,
                Meaning::KeyUpdate { .. } => Kind::PeerKeyUpdate,
                Meaning::Ticket => Kind::PeerTicket,
                Meaning::RenegotiationRequest => Kind::PeerRenegotiation,
                Meaning::Invalid(_) => Kind::PeerInvalid,
                Meaning::ExcessEarlyData | Meaning::Refusable(_) | Meaning::Unknown => {
                    Kind::PeerUnknown
                }
            },
            Self::Transport { .. } => Kind::TransportEnd,
            Self::Sent(record) => match record.content {
                Content::Handshake(_) | Content::HandshakePart => Kind::OwnHandshake,
                Content::KeyUpdate { .. } => Kind::OwnKeyUpdate,
                Content::ChangeCipherSpec => Kind::OwnChangeCipherSpec,
                Content::Data => Kind::OwnData,
                Content::Alert {
                    description: AlertDescription(0),
                    ..
                } => Kind::OwnClose,
                Content::Alert { .. } => Kind::OwnAlert,
                Content::Undecryptable | Content::Malformed { .. } => Kind::OwnBroken,
            },
            Self::SentFin => Kind::SentFin,
            Self::Accepted { .. } => Kind::Accepted,
            Self::HandshakeDone { .. } => Kind::HandshakeDone,
            Self::EarlyData(_) => Kind::EarlyData,
            Self::Data(_) => Kind::Data,
            Self::End(_) => Kind::End,
            Self::Failed { .. } => Kind::Failed,
            Self::Refused { .. } => Kind::Refused,
            Self::State { name, .. } => match name {
                ApiState::ReadTraffic => Kind::ReadTraffic,
                ApiState::ReadEarlyData => Kind::ReadEarlyData,
                ApiState::PeerClosed => Kind::PeerClosed,
                ApiState::Closed => Kind::Closed,
                ApiState::EncodeTlsData => Kind::EncodeTlsData,
                ApiState::TransmitTlsData => Kind::TransmitTlsData,
                ApiState::BlockedHandshake => Kind::BlockedHandshake,
                ApiState::WriteTraffic => Kind::WriteTraffic,
            },
            Self::TooSmall { .. } => Kind::TooSmall,
            Self::Wants { .. } => Kind::Wants,
            Self::Helped { .. } => Kind::Helped,
            Self::Left(_) => Kind::Left,
            Self::Exported(_) => Kind::Exported,
            Self::Unsupported => Kind::Unsupported,
            Self::Crash => Kind::Crash,
            Self::Hang => Kind::Hang,
        }
    }
}
