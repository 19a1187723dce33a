use protocol::{Command, Sink, Subject};

use crate::Stop;

/// A connection to a subject, in this process or in another.
pub trait Port {
    /// Sends `command` to the subject; see [`Subject::command`].
    ///
    /// # Errors
    ///
    /// Returns an error if the subject dies, does not answer in time or sends an invalid answer.
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop>;

    /// Called when a recorded handshake has been repeated and the new steps begin.
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
