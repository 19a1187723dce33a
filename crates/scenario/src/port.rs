use protocol::{Command, Sink, Subject};

use crate::Stop;

/// The way to a subject, wherever it runs.
pub trait Port {
    /// Has the subject carry out `command`; see [`Subject::command`].
    ///
    /// # Errors
    ///
    /// If the subject dies, does not answer in time, or answers nonsense.
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop>;

    /// A recorded handshake has been repeated, and what is new begins.
    fn repeated(&mut self) {}
}

/// A subject in this process.
#[derive(Debug)]
pub struct InProcess<S>(pub S);

impl<S: Subject> Port for InProcess<S> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.0.command(command, sink);
        Ok(())
    }
}
