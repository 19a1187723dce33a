use protocol::ApiCall;
use wire::{HandshakeType, Reason};

/// Something that can happen to a subject, in terms that requirements tell apart.
///
/// Several can apply to one event. The driver then asks for each in turn, from the most special to
/// the most general, and goes on to the next as long as the reaction is
/// [`Reaction::Proceed`](crate::Reaction::Proceed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Situation {
    /// The application calls.
    Call(Call, Phase),
    /// The application closes while bytes of its own wait for the transport.
    CloseBlocked(Phase),
    /// The application writes (or closes) although a requested `KeyUpdate` was not yet answered.
    AnswerOwed(Call),
    /// A whole record has arrived in this manner. Asked before it is looked into.
    Arrived(Arrival, Phase),
    /// A `close_notify` has arrived in more than one piece. Asked before it is looked into.
    CloseInPieces(Phase),
    /// A record that opens holds padding. Asked before its content is looked into.
    Padded(Phase),
    /// A `close_notify` has arrived before the handshake is done. Asked before it is looked into.
    CloseInHandshake(Stage),
    /// A record, or a handshake message in it, of this kind is next in the input.
    Record(What, Phase),
    /// The n-th `user_canceled` of the connection, if it is not the first, arrives.
    CanceledInAll(u16),
    /// The n-th record of this kind in a row, if it is not the first, arrives.
    InARow(Again, u16),
    /// The n-th warning of the connection, if it is not the first, arrives (TLS 1.2).
    WarnedInAll(u16),
    /// A record is next while bytes of the subject's own wait for the transport.
    InputBlocked(Phase),
    /// The peer's half ends in order while the application has plaintext to read.
    Unread(Phase),
    /// The handshake cannot go on, for a reason that is not a [`What::Invalid`].
    HandshakeFails,
    /// The handshake is complete: the application is told.
    HandshakeDone,
    /// The transport ended in order.
    Eof(Cut, Phase),
    /// The transport was reset.
    Reset(Phase),
    /// A server has session tickets to send.
    TicketDue(Phase),
    /// A client opens a connection, and has a session from a connection that ended well.
    Resumes,
    /// The connection failed for this reason, and sessions came from it.
    SessionsOfFailed(Cause),
    /// The connection that was to resume a session failed for this reason.
    ResumedFailed(Cause),
    /// The peer closed its half of a TLS 1.2 connection, and the profile is that of RFC 5246 7.2.1.
    Tls12FullClose(Phase),
    /// A key has protected all but one of the records that it may.
    KeyLimit(Phase),
    /// A record of the subject's own is about to be sealed.
    Sending(Own),
    /// The own half is over, and all of it has left.
    OwnHalfOver,
    /// The implementation has nothing to do, and names its state.
    Idle(Phase),
    /// Room for output was too small for a record.
    TooSmall(ApiCall),
    /// The caller dropped the state that offered a record of the subject's own.
    StateDropped,
    /// The caller dropped the state that offered plaintext.
    ReadDropped,
    /// A command is over, and the implementation says whether it waits for this.
    Wants(Want, Phase),
    /// A command is over, and bytes have moved.
    Helped(Phase),
    /// A command is over, bytes wait, and the transport has taken none.
    HelpedNot(Phase),
    /// What was not taken is about to be reported.
    InputLeft(Phase),
}

impl Situation {
    /// The count that stands for itself and all higher ones.
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

    /// Whether a fault in it is told apart by [`Context`](crate::Context): calls, records, ends,
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

    /// How far the connection has come, if the situation says.
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

/// What an implementation may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// Input, where no plaintext waits for the application.
    Input,
    /// Input, where plaintext waits.
    MoreInput,
    /// The transport, where no bytes wait for it.
    Nothing,
    /// The transport, where bytes wait.
    Output,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The handshake is not complete.
    Handshake,
    /// So it is, but a server may write already.
    HalfRtt,
    /// Both halves are open.
    Open,
    /// The own half was closed by a server that may write before the handshake is complete, and it
    /// is not.
    OwnClosedEarly,
    /// The own half is closed, the peer's is open.
    OwnClosed,
    /// The peer's half is closed, the own is open.
    PeerClosed,
    /// Both are closed.
    BothClosed,
    /// The transport ended without `close_notify`; the own half is open.
    Truncated,
    /// The transport ended without `close_notify` after the own half was closed.
    OwnClosedTruncated,
    /// The transport was reset.
    Reset,
    /// The subject sent an error alert.
    ErrorSent,
    /// The peer sent an error alert.
    ErrorReceived,
    /// The connection failed and no alert was sent.
    FailedSilently,
}

impl Phase {
    /// The connection failed.
    pub fn has_failed(self) -> bool {
        matches!(
            self,
            Self::ErrorSent | Self::ErrorReceived | Self::FailedSilently
        )
    }
}

/// A kind of record that does nothing, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Again {
    /// Part of a handshake message.
    Part,
    /// `NewSessionTicket`.
    Ticket,
    /// `change_cipher_spec` where it belongs.
    ChangeCipherSpec,
}

/// A call of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Write some bytes.
    Write,
    /// Write no bytes.
    WriteNothing,
    /// Close the own half.
    Close,
    /// Ask for fresh keys.
    UpdateKeys,
    /// Export keying material.
    Export,
    /// Process the input as it stands.
    Same,
    /// Process no input.
    Empty,
}

/// How far the handshake has come, and under which keys its end was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The peer has said nothing else.
    First,
    /// In TLS 1.2.
    Tls12,
    /// In TLS 1.3, in clear.
    Clear,
    /// In TLS 1.3, under the keys of 0-RTT data.
    EarlyKeys,
    /// In TLS 1.3, under handshake keys.
    HandshakeKeys,
}

/// What a connection has failed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The peer's error alert.
    Theirs,
    /// An error of the subject's own finding.
    Own,
}

/// In which pieces a record came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// A piece ended inside its header.
    SplitHeader,
    /// It came in more than one piece, and the cut is in its body.
    SplitBody,
    /// It came in one piece, behind another record.
    Behind,
}

/// What a record, or a handshake message in it, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A message of the handshake.
    Handshake(HandshakeType),
    /// Part of a handshake message.
    Part,
    /// `change_cipher_spec` where it belongs.
    ChangeCipherSpec,
    /// Application data.
    Data,
    /// Application data of length zero, the n-th in a row.
    EmptyData(u16),
    /// 0-RTT data that the server takes.
    EarlyData,
    /// More 0-RTT data than the server takes.
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
        /// Which in a row without application data in between.
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

/// What the input held when the transport ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Whole records only.
    Boundary,
    /// Part of a record header.
    Header,
    /// A record header, and less than all of its body.
    Body,
    /// All but the last byte of a record.
    LastByte,
    /// Whole records, but part of a handshake message.
    Message,
}

/// A record of the subject's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Own {
    /// A message of the handshake.
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
    /// `KeyUpdate` that the application asked for, or a limit.
    KeyUpdate,
    /// `NewSessionTicket`.
    Ticket,
    /// What a bug adds.
    Extra,
}
