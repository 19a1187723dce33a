use protocol::ApiCall;
use wire::{HandshakeType, Reason};

/// Something that can happen to a subject, in terms that requirements distinguish.
///
/// Several can apply to one event. The driver looks each of them up in turn, from the most specific
/// to the most general, and continues to the next one as long as the reaction is
/// [`Reaction::Proceed`](crate::Reaction::Proceed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Situation {
    /// The application makes a call.
    Call(Call, Phase),
    /// The application closes while its own bytes wait for the transport.
    CloseBlocked(Phase),
    /// The application writes (or closes) before a requested `KeyUpdate` was answered.
    AnswerOwed(Call),
    /// A complete record has arrived in this manner. Looked up before its content.
    Arrived(Arrival, Phase),
    /// A `close_notify` has arrived in more than one piece. Looked up before its content.
    CloseInPieces(Phase),
    /// A decrypted record has padding. Looked up before its content.
    Padded(Phase),
    /// A `close_notify` has arrived before the handshake is done. Looked up before its content.
    CloseInHandshake(Stage),
    /// The next record in the input, or a handshake message in it, is of this kind.
    Record(What, Phase),
    /// The n-th `user_canceled` of the connection arrives, if it is not the first.
    CanceledInAll(u16),
    /// The n-th record of this kind in a row arrives, if it is not the first.
    InARow(Again, u16),
    /// The n-th warning of the connection arrives, if it is not the first (TLS 1.2).
    WarnedInAll(u16),
    /// A record is next while the subject's own bytes wait for the transport.
    InputBlocked(Phase),
    /// The peer's half ends cleanly while the application still has plaintext to read.
    Unread(Phase),
    /// The handshake cannot continue, for a reason that is not a [`What::Invalid`].
    HandshakeFails,
    /// The handshake is complete, which is reported to the application.
    HandshakeDone,
    /// The transport has reached EOF.
    Eof(Cut, Phase),
    /// The transport was reset.
    Reset(Phase),
    /// A server has session tickets to send.
    TicketDue(Phase),
    /// A client's `Finished` is next, and the server has rejected its 0-RTT data.
    EarlyDataRejected,
    /// A client opens a connection, and has a session from a connection that ended well.
    Resumes,
    /// The connection failed for this reason, and has sessions.
    SessionsOfFailed(Cause),
    /// A connection that was to resume a session failed for this reason.
    ResumedFailed(Cause),
    /// The peer closed its half of a TLS 1.2 connection, and the profile is that of RFC 5246 7.2.1.
    Tls12FullClose(Phase),
    /// A key has protected one record less than its limit.
    KeyLimit(Phase),
    /// A record of the subject is about to be sealed.
    Sending(Own),
    /// The write half is closed, and all of its output was sent.
    OwnHalfOver,
    /// The implementation has nothing to do, and reports its state.
    Idle(Phase),
    /// Room for output was too small for a record.
    TooSmall(ApiCall),
    /// The caller dropped a state that offered a record to send.
    StateDropped,
    /// The caller dropped a state that offered plaintext.
    ReadDropped,
    /// A command is complete, and the implementation reports whether it waits for this.
    Wants(Want, Phase),
    /// A command is complete, and bytes were moved.
    Helped(Phase),
    /// A command is complete, bytes are waiting, and the transport has accepted none.
    HelpedNot(Phase),
    /// The remaining input is about to be reported.
    InputLeft(Phase),
}

impl Situation {
    /// The count that represents itself and all higher ones.
    pub const MANY: u16 = 3;

    /// The same with its count, if it has one, lowered to [`Situation::MANY`].
    pub fn class(self) -> Self {
        let few = |nth: u16| nth.min(Self::MANY);
        match self {
            Self::Record(what, phase) => Self::Record(what.class(), phase),
            Self::CanceledInAll(nth) => Self::CanceledInAll(few(nth)),
            Self::InARow(again, nth) => Self::InARow(again, few(nth)),
            Self::WarnedInAll(nth) => Self::WarnedInAll(few(nth)),
            other => other,
        }
    }

    /// Whether faults in it are distinguished by [`Context`](crate::Context): calls, records, ends,
    /// tickets and limits are.
    pub fn has_context(self) -> bool {
        match self {
            Self::Call(..)
            | Self::CloseBlocked(_)
            | Self::AnswerOwed(_)
            | Self::CloseInHandshake(_)
            | Self::Record(..)
            | Self::CanceledInAll(_)
            | Self::InARow(..)
            | Self::WarnedInAll(_)
            | Self::InputBlocked(_)
            | Self::Unread(_)
            | Self::HandshakeFails
            | Self::Eof(..)
            | Self::Reset(_)
            | Self::TicketDue(_)
            | Self::Tls12FullClose(_)
            | Self::KeyLimit(_) => true,
            Self::Arrived(..)
            | Self::CloseInPieces(_)
            | Self::Padded(_)
            | Self::HandshakeDone
            | Self::EarlyDataRejected
            | Self::Resumes
            | Self::SessionsOfFailed(_)
            | Self::ResumedFailed(_)
            | Self::Sending(_)
            | Self::OwnHalfOver
            | Self::Idle(_)
            | Self::TooSmall(_)
            | Self::StateDropped
            | Self::ReadDropped
            | Self::Wants(..)
            | Self::Helped(_)
            | Self::HelpedNot(_)
            | Self::InputLeft(_) => false,
        }
    }

    /// The phase of the connection, if the situation has one.
    pub fn phase(self) -> Option<Phase> {
        match self {
            Self::Call(_, phase)
            | Self::CloseBlocked(phase)
            | Self::Arrived(_, phase)
            | Self::CloseInPieces(phase)
            | Self::Padded(phase)
            | Self::Record(_, phase)
            | Self::InputBlocked(phase)
            | Self::Unread(phase)
            | Self::Eof(_, phase)
            | Self::Reset(phase)
            | Self::TicketDue(phase)
            | Self::Tls12FullClose(phase)
            | Self::KeyLimit(phase)
            | Self::Idle(phase)
            | Self::Wants(_, phase)
            | Self::Helped(phase)
            | Self::HelpedNot(phase)
            | Self::InputLeft(phase) => Some(phase),
            Self::CloseInHandshake(_) | Self::HandshakeFails => Some(Phase::Handshake),
            Self::AnswerOwed(_)
            | Self::CanceledInAll(_)
            | Self::InARow(..)
            | Self::WarnedInAll(_)
            | Self::HandshakeDone
            | Self::EarlyDataRejected
            | Self::Resumes
            | Self::SessionsOfFailed(_)
            | Self::ResumedFailed(_)
            | Self::Sending(_)
            | Self::OwnHalfOver
            | Self::TooSmall(_)
            | Self::StateDropped
            | Self::ReadDropped => None,
        }
    }
}

impl What {
    /// The same with its count, if it has one, lowered to [`Situation::MANY`].
    fn class(self) -> Self {
        let few = |nth: u16| nth.min(Situation::MANY);
        match self {
            Self::EmptyData(nth) => Self::EmptyData(few(nth)),
            Self::UserCanceled(level, nth) => Self::UserCanceled(level, few(nth)),
            Self::Warning(kind, nth) => Self::Warning(kind, few(nth)),
            Self::KeyUpdate { requested, nth } => Self::KeyUpdate {
                requested,
                nth: few(nth),
            },
            Self::Renegotiation(nth) => Self::Renegotiation(few(nth)),
            other => other,
        }
    }
}

/// An event that an implementation may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// Input, while no plaintext waits for the application.
    Input,
    /// Input, while plaintext waits for the application.
    MoreInput,
    /// The transport, while no bytes wait for it.
    Nothing,
    /// The transport, while bytes wait for it.
    Output,
}

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The handshake is not complete.
    Handshake,
    /// The handshake is not complete, but a server may already write.
    HalfRtt,
    /// Both halves are open.
    Open,
    /// A server that may write before the handshake is complete has closed its write half, and the
    /// handshake is still not complete.
    OwnClosedEarly,
    /// The write half is closed, and the peer's half is open.
    OwnClosed,
    /// The peer's half is closed, and the write half is open.
    PeerClosed,
    /// Both are closed.
    BothClosed,
    /// The transport ended without `close_notify`, and the write half is open.
    Truncated,
    /// The transport ended without `close_notify`, after the write half was closed.
    OwnClosedTruncated,
    /// The transport was reset.
    Reset,
    /// The subject sent an error alert.
    ErrorSent,
    /// The peer sent an error alert.
    ErrorReceived,
    /// The connection failed without an alert.
    FailedSilently,
}

impl Phase {
    /// Whether the connection has failed.
    pub fn has_failed(self) -> bool {
        matches!(
            self,
            Self::ErrorSent | Self::ErrorReceived | Self::FailedSilently
        )
    }
}

/// A kind of record that has no effect, or none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Again {
    /// Part of a handshake message.
    Part,
    /// `NewSessionTicket`.
    Ticket,
    /// `change_cipher_spec` in its proper place.
    ChangeCipherSpec,
}

/// A call of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Write some bytes.
    Write,
    /// Write no bytes.
    WriteNothing,
    /// Close the write half.
    Close,
    /// Request new keys.
    UpdateKeys,
    /// Export keying material.
    Export,
    /// Process the input as it is.
    Same,
    /// Process no input.
    Empty,
}

/// The stage of the handshake, and the keys of the close that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The close is the first message of the peer.
    First,
    /// In TLS 1.2.
    Tls12,
    /// In TLS 1.3, in plaintext.
    Clear,
    /// In TLS 1.3, under the keys of 0-RTT data.
    EarlyKeys,
    /// In TLS 1.3, under handshake keys.
    HandshakeKeys,
}

/// The reason why a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The peer's error alert.
    Theirs,
    /// An error that the subject itself found.
    Own,
}

/// How a record was split on arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// A piece ended inside its header.
    SplitHeader,
    /// It arrived in more than one piece, with a cut in its body.
    SplitBody,
    /// It arrived in one piece, after another record.
    Behind,
}

/// The kind of a record, or of a handshake message in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A handshake message.
    Handshake(HandshakeType),
    /// Part of a handshake message.
    Part,
    /// `change_cipher_spec` in its proper place.
    ChangeCipherSpec,
    /// Application data.
    Data,
    /// Application data of length zero, the n-th in a row.
    EmptyData(u16),
    /// 0-RTT data that the server accepts.
    EarlyData,
    /// More 0-RTT data than the server accepts.
    EarlyDataTooMuch,
    /// 0-RTT data that the server has rejected.
    EarlyDataRejected,
    /// `close_notify`.
    CloseNotify(AlertLevel),
    /// `user_canceled`, the n-th in a row.
    UserCanceled(AlertLevel, u16),
    /// A TLS 1.2 warning, the n-th in a row.
    Warning(AlertKind, u16),
    /// An error alert.
    Error(AlertLevel, AlertKind),
    /// `KeyUpdate`, the n-th in a row.
    KeyUpdate {
        /// `update_requested`.
        requested: bool,
        /// The position in a row without application data in between.
        nth: u16,
    },
    /// `NewSessionTicket`.
    Ticket,
    /// `HelloRequest`, or `ClientHello` on an open TLS 1.2 connection; the n-th.
    Renegotiation(u16),
    /// A record that must be refused.
    Invalid(Reason),
}

/// The level byte of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertLevel {
    /// 1.
    Warning,
    /// 2.
    Fatal,
    /// Neither.
    Undefined,
}

/// The description byte of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// Defined by the version of TLS in use.
    Defined,
    /// Defined by an older version.
    Reserved,
    /// Defined by no version.
    Undefined,
}

/// The input that was there when the transport ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Only complete records.
    Boundary,
    /// Part of a record header.
    Header,
    /// A record header, with an incomplete body.
    Body,
    /// All but the last byte of a record.
    LastByte,
    /// Complete records, but an incomplete handshake message.
    Message,
}

/// A record that the subject sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Own {
    /// A handshake message.
    Handshake,
    /// `EndOfEarlyData`.
    EndOfEarlyData,
    /// `change_cipher_spec`.
    ChangeCipherSpec,
    /// Application data.
    Data,
    /// 0-RTT data.
    EarlyData,
    /// `close_notify`.
    Close,
    /// An error alert.
    Error,
    /// An error alert before the handshake is done.
    HandshakeError,
    /// Another alert.
    Warning,
    /// `KeyUpdate` that answers a request.
    Answer,
    /// `KeyUpdate` that the application requested, or that a limit requires.
    KeyUpdate,
    /// `NewSessionTicket`.
    Ticket,
    /// A record that a bug adds.
    Extra,
}
