use protocol::{
    Alert, ApiCall, ApiState, EarlyData, End, ErrorClass, HabitKind, Io, Moved, Presented, Role,
    Version,
};
use wire::{AlertDescription, Content, Epoch, Meaning};

use crate::Profile;

/// Bytes of a [`crate::Transcript`]'s store, by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// How many bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// None at all.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A connection was made. What follows belongs to it, until the next one is made.
    Opened(Setup),
    /// From here on the application and the transport allow only this much.
    Limited(Io),
    /// The application called.
    Called(Call),
    /// The last byte of one of the peer's records reached the subject.
    Delivered(Delivered),
    /// The transport ended for the subject's reading.
    Transport {
        /// In order or not.
        how: Transport,
        /// How many bytes of an incomplete record came before.
        partial: u32,
    },
    /// The subject put a record on the wire.
    Sent(Sent),
    /// The subject closed the transport for writing.
    SentFin,
    /// The subject took this many bytes of a write.
    Accepted {
        /// How many.
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
        /// What became of 0-RTT data.
        early: EarlyData,
    },
    /// 0-RTT data reached the application.
    EarlyData(Span),
    /// Application data reached the application.
    Data(Span),
    /// The application was told that the peer's half has ended.
    End(End),
    /// The application was told that the connection has failed.
    Failed {
        /// What went wrong.
        class: ErrorClass,
        /// The alert that the error names.
        alert: Option<Alert>,
    },
    /// A call was refused, and the connection goes on.
    Refused {
        /// Which.
        call: ApiCall,
        /// Why.
        class: ErrorClass,
    },
    /// The API named its state.
    State {
        /// The state.
        name: ApiState,
        /// Bytes of input shown.
        shown: u32,
        /// Bytes of input to discard.
        discarded: u32,
    },
    /// The API found the room for its output too small.
    TooSmall {
        /// Which call.
        call: ApiCall,
        /// Bytes of room given.
        room: u32,
        /// Bytes asked for.
        needed: u32,
        /// It wrote there all the same.
        touched: bool,
    },
    /// What the API says that it waits for, at the end of a command.
    Wants {
        /// The transport is to be read.
        read: bool,
        /// The transport is to be written to.
        write: bool,
    },
    /// A call that does I/O by itself has returned, and not with an error.
    Helped {
        /// What it says that it moved.
        said: Moved,
        /// What the transport moved for it.
        moved: Moved,
        /// The transport would have blocked, and has not ended.
        blocked: bool,
    },
    /// Input that was not taken, at the end of a command.
    Left(Span),
    /// Keying material.
    Exported(Span),
    /// The subject cannot do what the script asks.
    Unsupported,
    /// The subject's process died.
    Crash,
    /// The subject did not answer in time, or answered without end.
    Hang,
}

/// How a connection was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The subject's role.
    pub role: Role,
    /// The version that both sides are set to negotiate.
    pub version: Version,
    /// The kind of the habit in force; none for the plain one.
    pub habit: Option<HabitKind>,
    /// The peer's records may arrive in pieces.
    pub pieces: bool,
    /// The choices that hold for the run.
    pub profile: Profile,
    /// How many bytes of 0-RTT data the subject, as a client, was given to write.
    pub early_written: u32,
    /// The `record_size_limit` that each side was set to tell the other.
    pub record_size_limit: Option<u16>,
    /// How many records one of the subject's keys may protect, if that was set.
    pub key_limit: Option<u64>,
    /// How long the subject's records are to be at most, header included, if that was set.
    pub fragment_size: Option<usize>,
    /// How many bytes of 0-RTT data the subject, as a server, was set to take; that is also what
    /// its tickets allow.
    pub early_limit: u32,
}

/// A call of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Write these bytes.
    Write(Span),
    /// Close the own half.
    CloseWrite,
    /// Ask for fresh keys.
    UpdateKeys,
    /// Call the implementation once more.
    Settle(Presented),
    /// Export keying material.
    Export,
    /// Forget the connection.
    Drop,
}

/// How the transport ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In order (FIN).
    Fin,
    /// Reset (RST).
    Reset,
}

/// A record of the peer's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivered {
    /// What it says to a receiver that follows the RFCs.
    pub meaning: Meaning,
    /// Its content before protection.
    pub content: Span,
    /// The five header bytes as sent; zeros behind a record that was not whole, where they are none.
    pub header: [u8; 5],
    /// All its bytes on the wire.
    pub length: u32,
    /// The keys that protect it.
    pub epoch: Epoch,
    /// Its sequence number.
    pub sequence: u64,
}

/// A record of the subject's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    /// What it holds.
    pub content: Content,
    /// What it holds, deprotected; as it is on the wire if that failed.
    pub bytes: Span,
    /// The five header bytes.
    pub header: [u8; 5],
    /// All its bytes on the wire.
    pub length: u32,
    /// The keys that open it; none if no keys do.
    pub epoch: Option<Epoch>,
    /// Its sequence number, if it opens.
    pub sequence: u64,
    /// The part of its nonce that travels with it (RFC 5288 3), if there is one and it opens.
    pub explicit_nonce: Option<u64>,
}

impl Sent {
    /// The alert that this record is, if it is one.
    pub fn alert(&self) -> Option<(u8, AlertDescription)> {
        match self.content {
            Content::Alert { level, description } => Some((level, description)),
            _ => None,
        }
    }
}

/// The kinds of event on which rules can be triggered.
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
    /// A TLS 1.2 warning of the peer's.
    PeerWarning,
    /// The peer's error alert.
    PeerError,
    /// The peer's `KeyUpdate`.
    PeerKeyUpdate,
    /// The peer's session ticket after the handshake.
    PeerTicket,
    /// The peer asks for renegotiation.
    PeerRenegotiation,
    /// The peer's `change_cipher_spec`.
    PeerChangeCipherSpec,
    /// A record that must be refused.
    PeerInvalid,
    /// A record of which nothing is claimed.
    PeerUnknown,
    /// The transport ended.
    TransportEnd,
    /// The subject's handshake message.
    OwnHandshake,
    /// The subject's application data.
    OwnData,
    /// The subject's `close_notify`.
    OwnClose,
    /// Any other alert of the subject's.
    OwnAlert,
    /// The subject's `KeyUpdate`.
    OwnKeyUpdate,
    /// The subject's `change_cipher_spec`.
    OwnChangeCipherSpec,
    /// A record of the subject's that does not open, or holds nothing that TLS defines.
    OwnBroken,
    /// The application writes.
    AppWrite,
    /// The application closes.
    AppClose,
    /// The application asks for fresh keys.
    AppUpdateKeys,
    /// The application calls once more.
    AppSettle,
    /// The application exports keying material.
    AppExport,
    /// [`Event::Limited`], [`Event::Called`] otherwise.
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
pub struct Kinds(u64);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// These kinds.
    pub const fn of(kinds: &[Kind]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u64;
            i += 1;
        }
        Self(bits)
    }

    /// These and `other`.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds one kind.
    pub fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u64;
    }

    /// Whether all of `other` are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is among these.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether `kind` is among these.
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
                Meaning::ExcessEarlyData | Meaning::Unknown => Kind::PeerUnknown,
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
