use protocol::{ApiState, End, ErrorClass};
use wire::{AlertDescription, Epoch};

/// What a subject does in a [`Situation`](crate::Situation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// What the situation asks for by its nature: a call is carried out, a message is taken, a record
    /// is sealed properly.
    Proceed,
    /// The record is taken and nothing comes of it; the call is said to be done, and is not.
    Ignore,
    /// The input stays where it is.
    Leave,
    /// The content of a record that must be refused is taken as if nothing were wrong with it.
    Accept,
    /// Application data, or whatever the record holds, goes to the application.
    Deliver,
    /// The call is refused.
    Refuse(ErrorClass),
    /// The application is told of the end of the peer's half. The next reading finds it closed if it
    /// is a clean end.
    End(End),
    /// The application is told that the connection has failed, and a fatal alert says why.
    Fatal(AlertDescription),
    /// The same, with the alert that the handshake's failure names.
    FatalAsNamed,
    /// The same, without an alert.
    FatalSilent(ErrorClass),
    /// The application is told of the alert just received, and nothing is sent any more.
    FailReceived,
    /// The application is told that the connection has failed before.
    Latched,
    /// An alert goes out, and the connection goes on.
    Alert {
        /// Its level byte.
        level: u8,
        /// Its description.
        description: AlertDescription,
    },
    /// A record of this content type and content goes out.
    Say(u8, &'static [u8]),
    /// `close_notify` goes out, and closes the own half.
    SayClose,
    /// `KeyUpdate` goes out.
    SayKeyUpdate {
        /// `update_requested`.
        requested: bool,
    },
    /// A session ticket goes out.
    SayTicket,
    /// The own keys change, and nobody is told.
    SwitchKeys,
    /// The peer's keys are taken to have changed.
    SwitchTheirKeys,
    /// What waits for the transport is thrown away, in so far as no byte of it has left.
    Discard,
    /// The transport is closed for writing.
    Fin,
    /// The state is named, as it is or wrongly.
    Name(ApiState),
    /// The state is named, and a byte more is to be discarded than there is.
    Overdiscard(ApiState),
    /// The sessions are forgotten.
    Forget,
    /// The record is sealed with something wrong about it.
    Seal(Flaw),
    /// The opposite is said of what is so.
    Deny,
    /// The input that was not taken changes where it stands, or the room that was too small is
    /// written to.
    Touch,
    /// The subject dies.
    Panic,
    /// The subject never returns.
    Hang,
    /// The subject names a state again and again.
    Spin(ApiState),
    /// All of these, in order. [`Reaction::Proceed`] may stand last: things then take their ordinary
    /// course.
    All(&'static [Reaction]),
}

/// What is wrong with a record of the subject's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It has this content instead.
    Content(&'static [u8]),
    /// A record for each byte of the content.
    Fragments,
    /// It goes out twice.
    Twice,
    /// Not at all.
    Lost,
    /// It uses up a sequence number more than it should.
    Skips,
    /// Under these keys instead.
    Keys(Epoch),
    /// Under the keys before the current ones.
    OldKeys,
    /// This content type in the header.
    OuterType(u8),
    /// This version in the header.
    Version(u16),
    /// So many bytes of padding.
    Padding(usize),
    /// A bit of its tag flipped.
    Tag,
    /// The nonce of the first record (TLS 1.2 with GCM).
    Nonce,
    /// Behind what is sent next.
    Late,
    /// Another handshake message in the same record.
    Joined(&'static [u8]),
}
