//! A shim between a subject and the player that can drop the subject's reports.

use std::panic::{AssertUnwindSafe, catch_unwind};

use protocol::{Command, ErrorClass, Observation, Sink, Subject};
use reference::{Reference, Stopped};
use scenario::{Port, Stop};

/// The observations that pass.
pub type Shim = fn(Observation<'_>, &mut dyn Sink);

/// Everything passes.
pub fn faithful(observation: Observation<'_>, sink: &mut dyn Sink) {
    sink.observe(observation);
}

/// A library that reports little: no states, no wants, no counts, no remaining input, and no reason
/// for an error except that the transport would block.
pub fn muted(observation: Observation<'_>, sink: &mut dyn Sink) {
    use Observation as O;
    let mute = |class| match class {
        ErrorClass::WouldBlock => class,
        _ => ErrorClass::Other,
    };
    match observation {
        O::State { .. } | O::Wants { .. } | O::Left { .. } | O::Helped { .. } => {}
        O::Failed { class, alert, raw } => sink.observe(O::Failed {
            class: mute(class),
            alert,
            raw,
        }),
        O::Refused { call, class, raw } => sink.observe(O::Refused {
            call,
            class: mute(class),
            raw,
        }),
        other => sink.observe(other),
    }
}

/// The reference behind a shim, in this process. Its panics are reported.
pub(crate) struct Stand {
    pub(crate) subject: Reference,
    pub(crate) shim: Shim,
}

impl Port for Stand {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let Self { subject, shim } = self;
        let mut filter = Filter { sink, shim: *shim };
        let result = catch_unwind(AssertUnwindSafe(|| subject.command(command, &mut filter)));
        result.map_err(|payload| match payload.downcast_ref() {
            Some(Stopped::Hang) => Stop::Hang("told to".into()),
            Some(Stopped::Crash) => Stop::Crash("told to".into()),
            None => Stop::Crash("by itself".into()),
        })
    }
}

struct Filter<'a> {
    sink: &'a mut dyn Sink,
    shim: Shim,
}

impl Sink for Filter<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        (self.shim)(observation, self.sink);
    }

    fn end_piece(&mut self) {
        self.sink.end_piece();
    }
}

/// Notes what a subject sends on its way to the sink.
pub(crate) struct Tap<'a> {
    pub(crate) stand: &'a mut Stand,
    pub(crate) wire: Vec<u8>,
}

impl Port for Tap<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let mut noting = Noting {
            sink,
            wire: &mut self.wire,
        };
        self.stand.command(command, &mut noting)
    }
}

struct Noting<'a> {
    sink: &'a mut dyn Sink,
    wire: &'a mut Vec<u8>,
}

impl Sink for Noting<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        if let Observation::Sent { bytes } = &observation {
            self.wire.extend_from_slice(bytes);
        }
        self.sink.observe(observation);
    }

    fn end_piece(&mut self) {
        self.sink.end_piece();
    }
}

/// Replaces the subject while a recorded handshake is repeated: reports at once the events of the
/// handshake, and then hands over to a copy of the subject as it was after the handshake.
pub(crate) struct Repeat<'a> {
    pub(crate) stand: Stand,
    pub(crate) wire: &'a [u8],
    pub(crate) repeating: bool,
}

impl Port for Repeat<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        if !self.repeating {
            return self.stand.command(command, sink);
        }
        if let Command::Open(_) = command {
            sink.observe(Observation::Sent {
                bytes: self.wire.into(),
            });
        }
        sink.end_piece();
        Ok(())
    }

    fn repeated(&mut self) {
        self.repeating = false;
    }
}
