//! Runs a subject in this process that may crash.

use std::panic::{AssertUnwindSafe, catch_unwind};

use protocol::{Command, Sink, Subject};
use reference::Stopped;
use scenario::{Port, Stop};

/// Turns the panic payload of the subject into the way it stopped.
pub struct Guarded<S>(pub S);

impl<S: Subject> Port for Guarded<S> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let subject = &mut self.0;
        catch_unwind(AssertUnwindSafe(|| subject.command(command, sink))).map_err(|payload| {
            match payload.downcast_ref() {
                Some(Stopped::Hang) => Stop::Hang("told to".into()),
                Some(Stopped::Crash) => Stop::Crash("told to".into()),
                None => Stop::Crash("by itself".into()),
            }
        })
    }
}
