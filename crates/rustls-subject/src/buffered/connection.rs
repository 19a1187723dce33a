use protocol::{ApiCall, Command, End, ErrorClass, Io, Observation, Presented, Sink};

use super::driver::Driver;
use super::habits::{Calls, Reading};
use super::side::Side;
use crate::errors;
use crate::subject::{pieces, Connection};

/// The label for exported keying material.
const LABEL: &[u8] = b"EXPERIMENTAL lastword";

impl<S: Side> Connection for Driver<S> {
    fn start(&mut self, sink: &mut dyn Sink) {
        if !self.choices.early.is_empty() {
            let early = self.choices.early.clone();
            self.connection.write_early(&early, sink);
        }
        self.run(sink);
    }

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        match command {
            Command::Feed { bytes, cuts, io } => {
                self.begin(io);
                self.feed(&bytes, &cuts, sink);
            }
            Command::Eof { io } => {
                self.begin(io);
                self.transport.end(End::Truncated);
                self.run(sink);
            }
            Command::Reset { io } => {
                self.begin(io);
                self.transport.end(End::Reset);
                self.run(sink);
            }
            Command::Write { bytes, io } => {
                self.begin(io);
                if self.status.closed_by_peer {
                    let said = "the driver has closed both halves".into();
                    self.refuse(ErrorClass::WriteClosed, said, sink);
                } else {
                    self.write(&bytes, sink);
                }
                self.run(sink);
            }
            Command::CloseWrite { io } => {
                self.begin(io);
                self.close(sink);
                self.run(sink);
            }
            Command::UpdateKeys { io } => {
                self.begin(io);
                self.update_keys(sink);
                self.run(sink);
            }
            Command::Settle { presented, io } => {
                self.begin(io);
                self.process(sink);
                match presented {
                    Presented::Same => self.run(sink),
                    Presented::Empty => self.write_out(sink),
                }
            }
            Command::Export { length } => self.export(length, sink),
            Command::Begin(_) | Command::Open(_) | Command::AdvanceClock { .. } | Command::Drop => {
            }
        }
        self.finish(sink);
    }

    fn take(&mut self, bytes: &mut Vec<u8>, sink: &mut dyn Sink) {
        self.begin(Io::default());
        self.transport.arrive_whole(bytes);
        self.run_on_input(sink);
        if self.habit().reading == Reading::Late {
            self.run(sink);
        }
        self.finish(sink);
    }
}

impl<S: Side> Driver<S> {
    /// Ends a command.
    fn finish(&mut self, sink: &mut dyn Sink) {
        // A stream has no `wants_read` and `wants_write`.
        if self.habit().io != Calls::Stream {
            sink.observe(Observation::Wants {
                read: self.connection.wants_read(),
                write: self.connection.wants_write(),
            });
        }
        sink.end_piece();
    }

    /// Delivers `bytes` to the transport piece by piece, and ends each piece but the last.
    fn feed(&mut self, bytes: &[u8], cuts: &[usize], sink: &mut dyn Sink) {
        for (piece, last) in pieces(bytes, cuts) {
            self.take_in(piece, sink);
            if !last {
                sink.end_piece();
            }
        }
        if self.habit().reading == Reading::Late {
            self.run(sink);
        }
    }

    pub(super) fn take_in(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        self.transport.arrive(piece);
        self.run_on_input(sink);
    }

    fn run_on_input(&mut self, sink: &mut dyn Sink) {
        if self.status.failed {
            self.ask_again(sink);
        }
        if self.habit().reading == Reading::Late {
            let budget = self.put_off();
            self.run(sink);
            self.wake(budget);
        } else {
            self.run(sink);
        }
    }

    fn export(&mut self, length: usize, sink: &mut dyn Sink) {
        let room = vec![0; length];
        match self
            .connection
            .export_keying_material(room, LABEL, Some(b""))
        {
            Ok(bytes) => sink.observe(Observation::Exported {
                bytes: bytes.into(),
            }),
            Err(error) => sink.observe(Observation::Refused {
                call: ApiCall::Export,
                class: errors::class(&error),
                raw: error.to_string().into(),
            }),
        }
    }
}
