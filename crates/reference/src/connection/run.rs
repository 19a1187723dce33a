//! The processing of input until nothing is left to do.

use protocol::{ApiState, Observation, Sink};

use super::{Connection, Matter};
use crate::habit::Habit;
use crate::reaction::Reaction;
use crate::situation::{Cause, Phase, Situation};

impl Connection {
    /// Processes input until there is no more, or until the application has to read first.
    pub(super) fn run(&mut self, sink: &mut dyn Sink) {
        loop {
            self.pump(sink);
            self.note_handshake(sink);
            self.pump(sink);
            if !self.unread.is_empty()
                && !self.meet(Situation::Unread(self.phase()), Matter::default(), sink)
            {
                break;
            }
            if !self.output.is_empty()
                && !self.meet(
                    Situation::InputBlocked(self.phase()),
                    Matter::default(),
                    sink,
                )
            {
                break;
            }
            let Some((record, arrivals)) = self.input.next() else {
                break;
            };
            self.status.left = false;
            self.status.in_pieces = matches!(arrivals, [Some(_), ..] | [_, Some(_), _]);
            let proceed = arrivals.into_iter().flatten().all(|arrival| {
                let situation = Situation::Arrived(arrival, self.phase());
                self.meet(situation, Matter::default(), sink)
            });
            if proceed {
                self.record(&record, sink);
            } else if !self.status.left {
                self.input.take();
            }
            self.afterwards(sink);
        }
        self.keep_sessions(sink);
        if self.unread.is_empty() {
            self.end_transport(sink);
        }
        self.idle(sink);
    }

    fn end_transport(&mut self, sink: &mut dyn Sink) {
        if std::mem::take(&mut self.status.eof_due) {
            let eof = Situation::Eof(self.input.cut(), self.phase());
            let matter = Matter {
                content: self.input.left().to_vec(),
                ..Matter::default()
            };
            self.meet(eof, matter, sink);
        }
        if std::mem::take(&mut self.status.reset_due) {
            let reset = Situation::Reset(self.phase());
            self.meet(reset, Matter::default(), sink);
            self.status.reset = true;
        }
    }

    pub(super) fn idle(&mut self, sink: &mut dyn Sink) {
        let situation = Situation::Idle(self.phase());
        if self.status.just_failed && self.phase().has_failed() {
            return;
        }
        self.follow(situation, Matter::default(), sink);
    }

    /// As `idle`, for a call without input.
    pub(super) fn idle_showing_nothing(&mut self, sink: &mut dyn Sink) {
        let decision = self.decide(Situation::Idle(self.phase()));
        match decision.reaction {
            Reaction::Name(name) => sink.observe(Observation::State {
                name,
                shown: 0,
                discarded: 0,
            }),
            _ => self.perform(decision, Matter::default(), sink),
        }
    }

    /// Delivers plaintext to the application. It reads as much as its budget allows, and the rest
    /// waits.
    pub(super) fn deliver(&mut self, content: &[u8], sink: &mut dyn Sink) {
        self.state(ApiState::ReadTraffic, sink);
        if self.habit() == Habit::DropState && !self.status.dropped {
            self.status.dropped = true;
            if !self.meet(Situation::ReadDropped, Matter::default(), sink) {
                return;
            }
            self.state(ApiState::ReadTraffic, sink);
        }
        self.unread.extend(content);
        self.read(sink);
    }

    pub(super) fn read(&mut self, sink: &mut dyn Sink) {
        let waiting = self.unread.len();
        let count = self.budget.map_or(waiting, |budget| budget.min(waiting));
        if count == 0 {
            return;
        }
        self.budget = self.budget.map(|budget| budget - count);
        let bytes: Vec<u8> = self.unread.drain(..count).collect();
        sink.observe(Observation::Data {
            bytes: bytes.into(),
        });
    }

    /// Keeps the sessions from the engine, unless the connection failed.
    fn keep_sessions(&mut self, sink: &mut dyn Sink) {
        self.sessions.append(&mut self.peer.take_sessions());
        if !self.phase().has_failed() {
            return;
        }
        let cause = match self.status.error_received {
            true => Cause::Theirs,
            false => Cause::Own,
        };
        if !self.sessions.is_empty() {
            self.meet(Situation::SessionsOfFailed(cause), Matter::default(), sink);
        }
        let resumes = self.resumes.is_some();
        if resumes && !self.meet(Situation::ResumedFailed(cause), Matter::default(), sink) {
            self.resumes = None;
        }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        !self.status.handshake_done
    }

    /// Whether the peer's half is open in this phase.
    pub(super) fn reads(&self) -> bool {
        matches!(
            self.phase(),
            Phase::Handshake
                | Phase::HalfRtt
                | Phase::OwnClosedEarly
                | Phase::OwnClosed
                | Phase::Open
        )
    }
}
