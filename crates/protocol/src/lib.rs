//! The shim protocol: what a subject is told and what it answers.
//!
//! A *subject* is a TLS implementation behind [`Subject`]: it takes one [`Command`] at a time
//! and reports what it saw and did as an ordered list of [`Observation`]s. It never judges.
//! In one process the two types borrow their bytes and nothing is allocated; across processes
//! the same types travel as JSON lines ([`serve`]), with bytes as lower-case hex.
//!
//! The protocol is lockstep: one line in, one line out. TLS bytes travel inside the lines, so
//! there are no sockets, no sleeps and no races, and silence is observable.

mod bytes;
mod command;
mod hello;
mod observation;
mod serve;

pub use bytes::Bytes;
pub use command::{
    Begin, Command, Io, Open, Pki, Presented, Profile, Tls12Close, DEFAULT_CLOCK, PLAIN_HABIT,
};
pub use hello::{Build, Capability, Habit, HabitKind, Hello, Role, Version};
pub use observation::{
    Alert, ApiCall, ApiState, Direction, EarlyData, End, ErrorClass, Moved, Observation,
};
pub use serve::{serve, Reply, Request};

/// The oldest version of the protocol that this crate speaks.
pub const OLDEST: u32 = 1;
/// The newest version of the protocol that this crate speaks.
pub const NEWEST: u32 = 1;

/// A TLS implementation that can be told what to do.
pub trait Subject {
    /// Who this is and what it can do. Constant for the life of the subject.
    fn hello(&self) -> Hello;

    /// Carries out `command` and reports everything that happened because of it.
    ///
    /// A subject that cannot do what it is told reports [`Observation::Unsupported`]. After each
    /// piece of a [`Command::Feed`] it calls [`Sink::end_piece`]; after any other command, once.
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink);

    /// Does the same as [`Command::Feed`] with all of `bytes` in one piece, and leaves `bytes`
    /// empty: a subject that can take over the buffer need not copy what is in it.
    fn take(&mut self, bytes: &mut Vec<u8>, sink: &mut dyn Sink) {
        self.command(
            Command::Feed {
                bytes: bytes.as_slice().into(),
                cuts: std::borrow::Cow::Borrowed(&[]),
                io: Io::default(),
            },
            sink,
        );
        bytes.clear();
    }
}

/// Takes a subject's observations, in order.
pub trait Sink {
    /// Something that the subject saw or did.
    fn observe(&mut self, observation: Observation<'_>);
    /// All that the current piece of input (or the command) caused has been reported.
    fn end_piece(&mut self);
}
