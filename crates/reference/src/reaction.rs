use protocol::{ApiState, End, ErrorClass};
use wire::{AlertDescription, Epoch};

/// The reaction of a subject in a [`Situation`](crate::Situation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Takes the ordinary course: executes a call, accepts a message, seals a record properly.
    Proceed,
    /// Accepts the record without any effect, or reports a call as done without doing it.
    Ignore,
    /// Leaves the input in place.
    Leave,
    /// Accepts the content of a record that must be refused.
    Accept,
    /// Delivers application data, or the content of the record, to the application.
    Deliver,
    /// Refuses the call.
    Refuse(ErrorClass),
    /// Reports the end of the peer's half to the application. After a clean end the next read finds
    /// it closed.
    End(End),
    /// Reports the end of the peer's half to the application, and goes on as if it had not.
    Tell(End),
    /// Reports a failure to the application, and sends a fatal alert with the reason.
    Fatal(AlertDescription),
    /// As [`Reaction::Fatal`], with the alert that goes with the failure of the handshake.
    FatalAsNamed,
    /// As [`Reaction::Fatal`], without an alert.
    FatalSilent(ErrorClass),
    /// Reports the received alert to the application, and sends nothing any more.
    FailReceived,
    /// Reports to the application that the connection has failed before.
    Latched,
    /// Sends an alert, and goes on.
    Alert {
        /// The level byte.
        level: u8,
        /// The description.
        description: AlertDescription,
    },
    /// Sends a record with this content type and content.
    Say(u8, &'static [u8]),
    /// Sends `close_notify`, and closes the write half.
    SayClose,
    /// Sends `KeyUpdate`.
    SayKeyUpdate {
        /// `update_requested`.
        requested: bool,
    },
    /// Sends a session ticket.
    SayTicket,
    /// Changes the write keys without a `KeyUpdate`.
    SwitchKeys,
    /// Behaves as if the peer's keys had changed.
    SwitchTheirKeys,
    /// Discards data that waits for the transport, as far as no byte of it was sent.
    Discard,
    /// Moves the record that waits last to the front.
    Overtake,
    /// Closes the transport for writing.
    Fin,
    /// Reports this state, whether it is right or wrong.
    Name(ApiState),
    /// Reports this state, and discards one byte more than there is.
    Overdiscard(ApiState),
    /// Discards the sessions.
    Forget,
    /// Seals the record with a flaw.
    Seal(Flaw),
    /// Reports the opposite of the truth. Of room that is too small: asks for no more than there is.
    Deny,
    /// Alters the input that was not taken, or writes to the room that was too small.
    Touch,
    /// Crashes.
    Panic,
    /// Never returns.
    Hang,
    /// Reports a state endlessly.
    Spin(ApiState),
    /// All of these, in order. If [`Reaction::Proceed`] is the last one, the ordinary course
    /// follows.
    All(&'static [Reaction]),
}

/// The flaw of a record that the subject sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It has this content instead.
    Content(&'static [u8]),
    /// It is split into a record for each byte of the content.
    Fragments,
    /// It is sent twice.
    Twice,
    /// It is not sent.
    Lost,
    /// It uses an extra sequence number.
    Skips,
    /// It is protected with these keys instead.
    Keys(Epoch),
    /// It is protected with the keys before the current ones.
    OldKeys,
    /// It has this content type in the header.
    OuterType(u8),
    /// It has this version in the header.
    Version(u16),
    /// It has this many bytes of padding.
    Padding(usize),
    /// A bit of its tag is flipped.
    Tag,
    /// It has the nonce of the first record (TLS 1.2 with GCM).
    Nonce,
    /// It is sent after the next record.
    Late,
    /// Another handshake message shares the record.
    Joined(&'static [u8]),
}
