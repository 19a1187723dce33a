use protocol::{ApiCall, Command, End, ErrorClass, Io, Observation, Presented, Sink};

use super::driver::Driver;
use super::habits::Habit;
use super::input::{Input, Show};
use super::side::Side;
use super::writing::Task;
use crate::subject::{pieces, unsupported, Connection};

impl<S: Side> Connection for Driver<S> {
    fn start(&mut self, sink: &mut dyn Sink) {
        self.run(None, sink);
    }

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        match command {
            Command::Feed { bytes, cuts, io } => {
                self.begin(io, sink);
                self.feed(&bytes, &cuts, sink);
            }
            Command::Eof { io } => self.end_transport(End::Truncated, io, sink),
            Command::Reset { io } => {
                self.output.lose_transport();
                self.end_transport(End::Reset, io, sink);
            }
            Command::Write { bytes, io } => {
                self.begin(io, sink);
                self.carry_out(Task::Write(&bytes), sink);
            }
            Command::CloseWrite { io } => {
                self.begin(io, sink);
                self.carry_out(Task::Close, sink);
            }
            Command::UpdateKeys { io } => {
                self.begin(io, sink);
                self.carry_out(Task::UpdateKeys, sink);
            }
            Command::Settle { presented, io } => {
                self.begin(io, sink);
                match presented {
                    Presented::Same => self.run(None, sink),
                    Presented::Empty => self.run_showing(Show::Nothing, None, sink),
                }
            }
            Command::Export { .. } => unsupported(
                "exporting keying material: the unbuffered API has no call for it".into(),
                sink,
            ),
            Command::Begin(_) | Command::Open(_) | Command::AdvanceClock { .. } | Command::Drop => {
            }
        }
        self.finish(sink);
    }

    fn take(&mut self, bytes: &mut Vec<u8>, sink: &mut dyn Sink) {
        self.begin(Io::default(), sink);
        self.take_in(|input| input.append_whole(bytes), true, sink);
        self.finish(sink);
    }
}

impl<S: Side> Driver<S> {
    /// Presents `bytes` piece by piece, and ends each piece but the last.
    fn feed(&mut self, bytes: &[u8], cuts: &[usize], sink: &mut dyn Sink) {
        for (piece, last) in pieces(bytes, cuts) {
            self.take_in(|input| input.append(piece), last, sink);
            if !last {
                sink.end_piece();
            }
        }
    }

    fn take_in(&mut self, append: impl FnOnce(&mut Input), last: bool, sink: &mut dyn Sink) {
        match self.habit() {
            Habit::EmptyCalls if self.input.left().is_empty() => self.run(None, sink),
            Habit::HideInput => self.run_showing(Show::Nothing, None, sink),
            _ => {}
        }
        append(&mut self.input);
        if self.habit() == Habit::LateRead {
            let budget = self.application.set_budget(Some(0));
            self.run(None, sink);
            self.application.set_budget(budget);
            if !last {
                return;
            }
            self.application.drain(sink);
        }
        self.run(None, sink);
    }

    /// Ends a command.
    fn finish(&mut self, sink: &mut dyn Sink) {
        self.note_transport_end(sink);
        if !self.input.left().is_empty() {
            sink.observe(Observation::Left {
                bytes: self.input.left().into(),
            });
        }
        sink.end_piece();
    }

    fn carry_out(&mut self, task: Task<'_>, sink: &mut dyn Sink) {
        if self.status.closed_by_peer && matches!(task, Task::Write(_)) {
            sink.observe(Observation::Refused {
                call: ApiCall::Write,
                class: ErrorClass::WriteClosed,
                raw: "the driver has closed both halves".into(),
            });
            return self.run(None, sink);
        }
        self.run(Some(task), sink);
    }

    fn end_transport(&mut self, how: End, io: Io, sink: &mut dyn Sink) {
        self.begin(io, sink);
        self.run(None, sink);
        self.status.transport_end.get_or_insert(how);
    }

    /// Reports the end of the transport, which the API has no call for. It does so once the
    /// application has read everything before it, and pending output no longer hides later states.
    fn note_transport_end(&mut self, sink: &mut dyn Sink) {
        if self.application.is_full() || self.output.is_held_up() {
            return;
        }
        let Some(how) = self.status.transport_end else {
            return;
        };
        if std::mem::replace(&mut self.status.transport_end_told, true) {
            return;
        }
        let status = &self.status;
        if status.peer_closed || status.failed {
            return;
        }
        sink.observe(if status.version.is_some() {
            Observation::End { how }
        } else {
            Observation::Failed {
                class: ErrorClass::HandshakeEof,
                alert: None,
                raw: "the transport ended during the handshake".into(),
            }
        });
    }
}
