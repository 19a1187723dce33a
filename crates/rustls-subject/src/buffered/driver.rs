use std::io::{self, ErrorKind, IoSlice, Read, Write};

use protocol::{ApiCall, End, ErrorClass, Io, Moved, Observation, Sink, Version};
use rustls::{Error, Stream};

use super::habits::{Calls, Habit, Reading};
use super::side::Side;
use super::transport::Transport;
use crate::subject::record_content;
#[cfg(not(feature = "key-refresh"))]
use crate::subject::unsupported;
use crate::{errors, handshake};

/// The size of the application's read buffer.
const AMPLE: usize = 1 << 14;
const FEW: usize = 3;

/// A connection, with what an application keeps around it.
pub(super) struct Driver<S: Side> {
    pub(super) connection: S,
    pub(super) transport: Transport,
    pub(super) choices: Choices,
    pub(super) status: Status,
    /// How many bytes of plaintext the application still takes in this command.
    budget: Option<usize>,
    buffer: Vec<u8>,
}

/// The settings of a connection.
pub(super) struct Choices {
    pub(super) habit: Habit,
    /// The habit to switch to after the handshake.
    pub(super) later: Option<Habit>,
    /// 0-RTT data to write.
    pub(super) early: Vec<u8>,
    pub(super) fragment_size: Option<usize>,
    /// Whether a peer's `close_notify` closes both halves in TLS 1.2.
    pub(super) full_close: bool,
}

/// The state of the connection, as seen by the driver.
#[derive(Default)]
pub(super) struct Status {
    pub(super) version: Option<Version>,
    pub(super) failed: bool,
    /// Whether the transport has reported its end.
    over: bool,
    /// The end of the peer's half, as reported to the application.
    end: Option<End>,
    /// Whether the application has closed its write half.
    closed: bool,
    /// Whether the peer's close has closed the write half too.
    pub(super) closed_by_peer: bool,
}

/// The outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Something happened, and there may be more.
    Progress,
    /// Nothing happened: it waits for the transport, or for the application.
    Quiet,
    /// No more calls are needed.
    Over,
}

impl<S: Side> Driver<S> {
    pub(super) fn new(connection: S, choices: Choices) -> Self {
        let transport = Transport::new(choices.habit.transport);
        Self::over(connection, transport, choices)
    }

    /// Creates a driver over a transport that has been read before.
    pub(super) fn over(connection: S, transport: Transport, choices: Choices) -> Self {
        let mut driver = Self {
            connection,
            transport,
            choices,
            status: Status::default(),
            budget: None,
            buffer: vec![0; AMPLE],
        };
        driver.limit(true);
        driver
    }

    /// Sets the buffer limit of the habit, if it has one. While the transport does not flow, how
    /// much a write accepts would depend on the limit, so there is none then.
    fn limit(&mut self, flows: bool) {
        if self.choices.habit.buffer_limit.is_some() {
            let limit = self.choices.habit.buffer_limit.filter(|_| flows);
            self.connection.set_buffer_limit(limit);
        }
    }

    /// Sets what the application and the transport allow from here on.
    pub(super) fn begin(&mut self, io: Io) {
        self.transport.set_room(io.room);
        self.budget = io.read;
        self.limit(io.room.is_none());
    }

    /// Stops the application from reading until [`Self::wake`] restores its budget. Returns that
    /// budget.
    pub(super) fn put_off(&mut self) -> Option<usize> {
        self.budget.replace(0)
    }

    pub(super) fn wake(&mut self, budget: Option<usize>) {
        self.budget = budget;
    }

    pub(super) fn habit(&self) -> &Habit {
        &self.choices.habit
    }

    /// Calls a connection that has failed once more. By the documentation, each call fails as the
    /// first did.
    pub(super) fn ask_again(&mut self, sink: &mut dyn Sink) {
        let error = match self.habit().io {
            Calls::Single => return self.process(sink),
            Calls::CompleteIo => self.connection.complete_io(&mut self.transport).err(),
            Calls::Stream => {
                let mut stream = Stream::new(&mut self.connection, &mut self.transport);
                match stream.read(&mut self.buffer) {
                    Ok(count) => {
                        self.take(count, sink);
                        None
                    }
                    Err(error) => Some(error),
                }
            }
        };
        if let Some(error) = error {
            self.trouble(&error, sink);
        }
    }

    /// Does all I/O that is possible.
    pub(super) fn run(&mut self, sink: &mut dyn Sink) {
        loop {
            let outcome = match self.habit().io {
                Calls::Single => self.call(sink),
                Calls::CompleteIo => self.complete_io(sink),
                Calls::Stream => self.read_stream(sink),
            };
            self.transport.report(sink);
            self.note_handshake(sink);
            if outcome != Outcome::Progress {
                break;
            }
        }
        if self.habit().repeats {
            self.process(sink);
            let _ = self.connection.write_tls(&mut self.transport);
            self.transport.report(sink);
        }
    }

    /// One round of single calls: write pending output, read what has arrived, process it.
    fn call(&mut self, sink: &mut dyn Sink) -> Outcome {
        self.write_out(sink);
        self.note_handshake(sink);
        self.read_out(sink);
        let mut fed = false;
        while self.wants_input() && self.transport.is_readable() {
            match self.connection.read_tls(&mut self.transport) {
                Ok(0) => self.status.over = true,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    self.status.over = true;
                    self.end(End::Reset, sink);
                }
                // Backpressure: the input must be processed, or the plaintext read.
                Err(_) if fed || self.habit().reads_ahead => break,
                Err(error) => {
                    self.fail(ErrorClass::Other, error.to_string(), sink);
                    return Outcome::Over;
                }
            }
            fed = true;
            if !self.habit().hoards {
                break;
            }
        }
        if !fed {
            return Outcome::Quiet;
        }
        self.process(sink);
        self.write_out(sink);
        self.note_handshake(sink);
        self.read_out(sink);
        Outcome::Progress
    }

    fn wants_input(&self) -> bool {
        if self.status.over || self.status.failed && !self.habit().ignores_errors {
            return false;
        }
        self.connection.wants_read() || self.habit().reads_ahead
    }

    /// Has the implementation process the input that was read.
    pub(super) fn process(&mut self, sink: &mut dyn Sink) {
        let result = self.connection.process_new_packets();
        self.connection.read_early(sink);
        if let Err(error) = result {
            self.failed(&error, sink);
        }
    }

    /// Writes pending output, as far as the transport accepts it.
    pub(super) fn write_out(&mut self, sink: &mut dyn Sink) {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut self.transport) {
                Ok(1..) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
        }
        self.transport.report(sink);
    }

    fn complete_io(&mut self, sink: &mut dyn Sink) -> Outcome {
        if self.wants_nothing() {
            // Reading the plaintext makes room for more.
            return match self.read_out(sink) {
                true => Outcome::Progress,
                false => Outcome::Quiet,
            };
        }
        self.transport.begin_call();
        let result = self.connection.complete_io(&mut self.transport);
        self.transport.report(sink);
        if let Ok((read, written)) = result {
            sink.observe(self.transport.helped(Moved { read, written }));
        }
        self.connection.read_early(sink);
        self.note_handshake(sink);
        let outcome = match result {
            Ok((0, 0)) => Outcome::Quiet,
            Ok(_) => Outcome::Progress,
            Err(error) => self.trouble(&error, sink),
        };
        if outcome == Outcome::Over {
            // For the alert, `complete_io` has made only one call to write.
            self.write_out(sink);
        }
        match self.read_out(sink) {
            true => Outcome::Progress,
            false => outcome,
        }
    }

    /// Whether there is nothing for `complete_io` to do, or it has failed for good.
    fn wants_nothing(&self) -> bool {
        let connection = &self.connection;
        let failed = self.status.failed && !self.habit().ignores_errors;
        !connection.wants_write() && (failed || self.status.over || !connection.wants_read())
    }

    /// Reads once through a stream, which is all that drives a stream.
    fn read_stream(&mut self, sink: &mut dyn Sink) -> Outcome {
        if self.status.failed && !self.habit().ignores_errors {
            self.flush_stream(sink);
            return Outcome::Over;
        }
        let room = self.budget.unwrap_or(AMPLE).min(AMPLE);
        if room == 0 || self.status.end.is_some() {
            self.flush_stream(sink);
            return Outcome::Quiet;
        }
        let mut stream = Stream::new(&mut self.connection, &mut self.transport);
        let result = stream.read(&mut self.buffer[..room]);
        self.transport.report(sink);
        self.connection.read_early(sink);
        self.note_handshake(sink);
        let outcome = match result {
            Ok(count) => self.take(count, sink),
            Err(error) => self.trouble(&error, sink),
        };
        if outcome == Outcome::Over || self.status.end.is_some() {
            // The next read would send pending output, but no other read follows.
            self.flush_stream(sink);
        }
        outcome
    }

    fn flush_stream(&mut self, sink: &mut dyn Sink) {
        let mut stream = Stream::new(&mut self.connection, &mut self.transport);
        while matches!(stream.flush(), Err(error) if error.kind() == ErrorKind::Interrupted) {}
        self.transport.report(sink);
    }

    /// Reads the plaintext that the application takes now. Returns whether there was any.
    fn read_out(&mut self, sink: &mut dyn Sink) -> bool {
        let most = match self.habit().reading {
            Reading::Few => FEW,
            Reading::Ample | Reading::Late => AMPLE,
        };
        let mut any = false;
        loop {
            let room = self.budget.unwrap_or(most).min(most);
            if room == 0 {
                return any;
            }
            let result = self.connection.reader().read(&mut self.buffer[..room]);
            let outcome = match result {
                Ok(count) => self.take(count, sink),
                Err(error) => self.trouble(&error, sink),
            };
            if outcome != Outcome::Progress {
                return any;
            }
            any = true;
        }
    }

    /// Handles `count` bytes of plaintext in the buffer.
    fn take(&mut self, count: usize, sink: &mut dyn Sink) -> Outcome {
        if count == 0 {
            self.end(End::Clean, sink);
            return Outcome::Quiet;
        }
        self.budget = self.budget.map(|budget| budget - count);
        sink.observe(Observation::Data {
            bytes: self.buffer[..count].into(),
        });
        Outcome::Progress
    }

    /// Handles an error of the implementation or of the transport.
    fn trouble(&mut self, error: &io::Error, sink: &mut dyn Sink) -> Outcome {
        if let Some(error) = tls_error(error) {
            self.failed(error, sink);
            return Outcome::Over;
        }
        match error.kind() {
            ErrorKind::WouldBlock => Outcome::Quiet,
            ErrorKind::Interrupted => Outcome::Progress,
            ErrorKind::UnexpectedEof => {
                self.status.over = true;
                self.end(End::Truncated, sink);
                Outcome::Over
            }
            ErrorKind::ConnectionReset => {
                self.status.over = true;
                self.end(End::Reset, sink);
                Outcome::Over
            }
            _ => {
                self.fail(ErrorClass::Other, error.to_string(), sink);
                Outcome::Over
            }
        }
    }

    fn failed(&mut self, error: &Error, sink: &mut dyn Sink) {
        self.status.failed = true;
        sink.observe(errors::failed(error));
    }

    fn fail(&mut self, class: ErrorClass, raw: String, sink: &mut dyn Sink) {
        self.status.failed = true;
        sink.observe(Observation::Failed {
            class,
            alert: None,
            raw: raw.into(),
        });
    }

    /// Reports the end of the peer's half to the application.
    fn end(&mut self, how: End, sink: &mut dyn Sink) {
        if self.status.end.is_some() || self.status.failed {
            return;
        }
        if self.status.version.is_none() && how != End::Clean {
            let said = "the transport ended during the handshake";
            return self.fail(ErrorClass::HandshakeEof, said.into(), sink);
        }
        self.status.end = Some(how);
        sink.observe(Observation::End { how });
        if self.closes_fully() && how == End::Clean {
            self.status.closed_by_peer = true;
            if !self.status.closed {
                self.close(sink);
            }
        }
    }

    /// Whether the peer's `close_notify` closes both halves: the application answers it at once,
    /// and discards what it has not written yet.
    fn closes_fully(&self) -> bool {
        self.choices.full_close && self.status.version == Some(Version::Tls12)
    }

    /// Reports the end of the handshake, once.
    fn note_handshake(&mut self, sink: &mut dyn Sink) {
        if self.status.version.is_some() || self.connection.is_handshaking() {
            return;
        }
        let early = self.connection.early(!self.choices.early.is_empty());
        let (version, done) = handshake::done(&self.connection, |_| early);
        self.status.version = Some(version);
        sink.observe(done);
        if let Some(habit) = self.choices.later.take() {
            self.transport.set_manner(habit.transport);
            self.choices.habit = habit;
            self.limit(self.transport.flows());
        }
    }

    pub(super) fn close(&mut self, sink: &mut dyn Sink) {
        self.status.closed = true;
        self.connection.send_close_notify();
        match self.habit().io {
            Calls::Stream => self.flush_stream(sink),
            Calls::Single | Calls::CompleteIo => self.write_out(sink),
        }
    }

    #[cfg(not(feature = "key-refresh"))]
    pub(super) fn update_keys(&mut self, sink: &mut dyn Sink) {
        unsupported("a call to refresh the keys".into(), sink);
    }

    #[cfg(feature = "key-refresh")]
    pub(super) fn update_keys(&mut self, sink: &mut dyn Sink) {
        if let Err(error) = self.connection.refresh_traffic_keys() {
            sink.observe(Observation::Refused {
                call: ApiCall::UpdateKeys,
                class: errors::class(&error),
                raw: error.to_string().into(),
            });
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        // The connection cannot return what it has accepted. To be able to discard pending data,
        // the driver hands over one record at a time.
        let sparing = self.closes_fully();
        let most = match sparing {
            true => record_content(self.choices.fragment_size),
            false => bytes.len(),
        };
        let mut written = 0;
        loop {
            if sparing && self.connection.wants_write() {
                let said = "the previous record has not been sent".into();
                return self.refuse(ErrorClass::WouldBlock, said, sink);
            }
            let end = bytes.len().min(written + most);
            let result = self.write_some(&bytes[written..end]);
            if let Ok(bytes) = result {
                sink.observe(Observation::Accepted { bytes });
            }
            match self.habit().io {
                Calls::Stream => self.flush_stream(sink),
                Calls::Single | Calls::CompleteIo => self.write_out(sink),
            }
            match result {
                Ok(count) if written + count == bytes.len() => return,
                Ok(count @ 1..) => written += count,
                Ok(0) => return self.refuse(ErrorClass::WouldBlock, String::new(), sink),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.refuse_for(&error, sink),
            }
        }
    }

    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let third = bytes.len() / 3;
        let slices = [
            IoSlice::new(&bytes[..third]),
            IoSlice::new(&[]),
            IoSlice::new(&bytes[third..]),
        ];
        let vectored = self.habit().vectored_writes;
        match self.habit().io {
            Calls::Stream => {
                let mut stream = Stream::new(&mut self.connection, &mut self.transport);
                stream.write(bytes)
            }
            _ if vectored => self.connection.writer().write_vectored(&slices),
            _ => self.connection.writer().write(bytes),
        }
    }

    fn refuse_for(&mut self, error: &io::Error, sink: &mut dyn Sink) {
        let class = match (tls_error(error), error.kind()) {
            (Some(error), _) if !self.status.failed => {
                // A stream does all outstanding I/O before it writes.
                let error = error.clone();
                self.failed(&error, sink);
                ErrorClass::AlreadyFailed
            }
            (Some(_), _) => ErrorClass::AlreadyFailed,
            (None, ErrorKind::WouldBlock) => ErrorClass::WouldBlock,
            (None, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => ErrorClass::Truncated,
            (None, _) => ErrorClass::Other,
        };
        self.refuse(class, error.to_string(), sink);
    }

    pub(super) fn refuse(&self, class: ErrorClass, raw: String, sink: &mut dyn Sink) {
        sink.observe(Observation::Refused {
            call: ApiCall::Write,
            class,
            raw: raw.into(),
        });
    }
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
