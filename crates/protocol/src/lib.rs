//! The shim protocol: the commands to a subject and the observations that it reports.
//!
//! A *subject* is a TLS implementation that is driven through [`Subject`]. It takes one
//! [`Command`] at a time and reports what it saw and did as an ordered list of [`Observation`]s.
//! It never judges. Within a process both types borrow their bytes and allocate nothing. Between
//! processes the same types are sent as JSON lines ([`serve`]), with bytes as lower-case hex.
//!
//! The protocol is lockstep: one line in, one line out. TLS bytes are part of the lines. There are
//! no sockets, no sleeps and no races, and silence is observable.

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

/// The oldest protocol version that this crate supports.
pub const OLDEST: u32 = 1;
/// The newest protocol version that this crate supports.
pub const NEWEST: u32 = 1;

/// A TLS implementation that carries out commands.
pub trait Subject {
    /// Describes the subject. The result never changes.
    fn hello(&self) -> Hello;

    /// Carries out `command` and reports all its effects.
    ///
    /// A subject that cannot carry out a command reports [`Observation::Unsupported`]. It calls
    /// [`Sink::end_piece`] after each piece of a [`Command::Feed`], and once after any other
    /// command.
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink);

    /// Does the same as [`Command::Feed`] with `bytes` as one piece, and leaves `bytes` empty.
    ///
    /// A subject that can use the buffer itself avoids a copy.
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

/// Receives a subject's observations, in order.
pub trait Sink {
    /// Receives an observation.
    fn observe(&mut self, observation: Observation<'_>);
    /// Marks the end of the observations for the current piece of input, or for the command.
    fn end_piece(&mut self);
}
