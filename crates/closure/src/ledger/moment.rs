use crate::{Kinds, Setup};

/// The state of a connection in which an event happened.
///
/// All fields describe the state before the event. They follow from what the peer sent, from what
/// left, and from the calls of the application; not from what the implementation reports about
/// itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The progress of the handshake.
    pub stage: Stage,
    /// The local write half.
    pub own: Half,
    /// The application has closed the local write half. The subject may close it by itself.
    pub has_closed: bool,
    /// It asked for that before the handshake was done, so that the `close_notify` may be unprotected.
    pub closed_early: bool,
    /// The peer's write half.
    pub peer: Half,
    /// The last record that has arrived after the peer's `close_notify`, which is to be ignored. Not
    /// set if something else lets the subject give up.
    pub trailing: Option<u32>,
    /// Whether the local side still reads.
    pub reading: Reading,
    /// Whether the application reads.
    pub application: Application,
    /// The application has paused at some time.
    pub has_paused: bool,
    /// The transport from the subject to the peer.
    pub output: Way,
    /// The transport from the peer to the subject.
    pub input: Way,
    /// The strongest cause for a failure that has arrived and may still take effect.
    pub blame: Blame,
    /// Whether the connection has failed.
    pub failure: Failure,
    /// The API has reported a failure. Errors about the end of the transport do not count: the
    /// driver may have raised them.
    pub error_told: bool,
    /// The end of the peer's half, as reported to the application.
    pub told: Told,
    /// An error alert of the subject's has left.
    pub has_alerted: bool,
    /// An error alert from the peer has arrived, on a connection that had no other reason to fail.
    pub peer_alerted: bool,
    /// An error alert from the peer has arrived, and the subject has come to rest since, with room
    /// for output and an application that reads.
    pub peer_gave_up: bool,
    /// The last record that the subject sent is `user_canceled`.
    pub has_canceled: bool,
    /// The peer's `user_canceled` has arrived.
    pub peer_canceled: bool,
    /// The peer has sent a part of a handshake message, and not the rest.
    pub in_message: bool,
    /// A record that must be refused has arrived at a side that reads.
    pub has_bad_record: bool,
    /// The connection has failed, and the subject has come to rest since, with room for output:
    /// any later output began to leave after the failure.
    pub is_dead: bool,
    /// The application has asked to close after an error alert from the peer that the subject had
    /// looked at.
    pub is_closing_late: bool,
    /// The application has written, or application data or a `KeyUpdate` has arrived.
    pub is_used: bool,
    /// The kinds of event that have happened before on this connection.
    pub before: Kinds,
    /// The subject's obligations.
    pub owed: Owed,
    /// The number of `KeyUpdate` messages that the subject has sent.
    pub own_keys: u32,
    /// The number of the peer's `KeyUpdate` messages that have arrived.
    pub peer_keys: u32,
    /// Who asked last for a change of the subject's keys that has not left.
    pub keys_asked: Asked,
    /// The subject has asked the peer for a change of keys, and none has arrived since.
    pub awaits_keys: bool,
    /// One of the subject's keys has protected, or is about to protect, nearly all the records that
    /// its caller allows.
    pub key_used_up: bool,
    /// A call of the application is being carried out that asked for the current
    /// [`Half::Closing`].
    pub is_closing_now: bool,
    /// The subject has come to rest under the current limits: whatever could be done has been done.
    /// Only set for an event that starts or ends a command.
    pub at_rest: bool,
    /// A record of unknown meaning has arrived: from here on only the limits, the subject's own
    /// handshake messages, and whether the connection has failed, are known.
    pub is_tainted: bool,
    /// A `ServerHello` that is no `HelloRetryRequest` has left or has arrived.
    pub is_negotiated: bool,
    /// The subject's `Finished` has left.
    pub own_finished: bool,
    /// A record has arrived under keys that only a peer has that knows the `ServerHello`.
    pub peer_has_keys: bool,
    /// The fate of the client's 0-RTT data.
    pub early: Early,
    /// How much 0-RTT data has arrived that was not accepted.
    pub skipped: Skipped,
}

/// The stream of 0-RTT data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Early {
    /// The client has not offered any.
    #[default]
    None,
    /// The client has offered it.
    Offered,
    /// The server has accepted it.
    Accepted,
    /// The server has accepted it, and the client has sent `EndOfEarlyData`.
    Ended,
    /// The server has rejected it with a `HelloRetryRequest`, which the client has not answered.
    Retry,
    /// The server has rejected it.
    Rejected,
}

impl Early {
    /// Whether the server has accepted it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Ended)
    }

    /// Whether the server has rejected it.
    pub fn is_rejected(self) -> bool {
        matches!(self, Self::Retry | Self::Rejected)
    }
}

/// The amount of 0-RTT data that a server has to skip, compared with the limit of the ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// It is within the limit.
    #[default]
    Within,
    /// It is beyond the limit if the bytes that protection adds are counted too.
    Arguable,
    /// It is beyond the limit: the server may give up.
    Beyond,
}

/// The progress of the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The peer's `Finished` has not arrived.
    #[default]
    Handshake,
    /// The peer's `Finished` has arrived, and the subject has not reported that the handshake is
    /// done.
    Finished,
    /// The subject has reported that the handshake is done.
    Done,
}

/// The write half of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Half {
    /// Open.
    #[default]
    Open,
    /// The application has asked to close it, and its `close_notify` has not left.
    Closing,
    /// Its `close_notify` has left, or has arrived.
    Closed,
    /// The transport ended before any `close_notify`.
    Ended,
    /// The connection failed before any `close_notify`.
    Failed,
}

/// Whether the local side reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// It does.
    #[default]
    Open,
    /// It has closed its write half, and may stop reading (RFC 5246 7.2.1).
    MayStop,
    /// The peer's half is over, the connection has failed, or the application has dropped it.
    Over,
}

/// Whether the application reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Application {
    /// It takes whatever there is.
    #[default]
    Reads,
    /// It takes no plaintext, or a limited number of bytes.
    Paused,
    /// It has dropped the connection.
    Dropped,
}

/// One direction of the transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// It takes whatever is offered.
    #[default]
    Free,
    /// It takes nothing, and has taken whole records only.
    Blocked,
    /// It takes nothing or a limited number of bytes, and a part of a record may have left.
    PartlyLeft,
    /// It has ended in an orderly way.
    Ended,
    /// It was reset.
    Reset,
}

/// A cause for the connection to fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blame {
    /// None.
    #[default]
    None,
    /// Failing and continuing both conform.
    Leave,
    /// The connection has to fail.
    Must,
}

/// The failure of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Failure {
    /// It has not failed.
    #[default]
    None,
    /// It has failed after a cause.
    Caused,
    /// It has failed, and there was no cause.
    Uncaused,
}

/// A report of the end of the peer's half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// None.
    #[default]
    Nothing,
    /// A clean end.
    Clean,
    /// A truncation or a reset.
    Cut,
}

/// Who asked for something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nobody.
    #[default]
    Nobody,
    /// The application.
    Application,
    /// The peer.
    Peer,
}

/// The obligations of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// An alert about the peer's error.
    pub alert: bool,
    /// Its `close_notify`.
    pub close: bool,
    /// A report that the peer's half has ended cleanly.
    pub end: bool,
    /// A `KeyUpdate` in answer to the peer's, before the next application data.
    pub key_update: bool,
    /// The answer was owed when the application called last, and could have been sent at once.
    pub key_update_is_due: bool,
    /// The number of bytes accepted from the application, before it closed, that have not left.
    pub unsent: u32,
    /// The number of bytes of application data that have arrived, and have not reached the
    /// application.
    pub untold: u32,
    /// The same for 0-RTT data that was accepted.
    pub early: u32,
}

impl Moment {
    /// Whether the handshake is done, and the connection has neither failed nor has to.
    pub fn is_sound(&self) -> bool {
        self.stage == Stage::Done
            && self.failure == Failure::None
            && self.blame < Blame::Must
            && self.application != Application::Dropped
            && self.output != Way::Reset
            && !self.is_tainted
    }

    /// Whether neither the transport nor the application delays the subject.
    pub fn is_free(&self) -> bool {
        self.output == Way::Free && self.application == Application::Reads
    }

    /// Whether the subject has come to rest with room for output and an application that reads:
    /// whatever is owed now is overdue.
    pub fn is_settled(&self) -> bool {
        self.at_rest && self.is_free()
    }

    /// Whether the subject owes data, `close_notify`, or the answer to a `KeyUpdate`.
    pub fn owes_output(&self) -> bool {
        self.owed.unsent > 0 || self.owed.close || self.owed.key_update_is_due
    }

    /// Whether TLS 1.2 lets the subject discard its pending writes, because the peer has closed
    /// (RFC 5246 7.2.1).
    pub fn may_discard(&self, setup: &Setup) -> bool {
        setup.version == protocol::Version::Tls12
            && setup.profile.tls12_close == protocol::Tls12Close::Full
            && self.peer != Half::Open
            && self.stage == Stage::Done
    }
}
