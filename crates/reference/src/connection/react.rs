//! Execution of reactions.

use protocol::{Alert, ApiCall, ApiState, Direction, End, ErrorClass, Observation, Sink, Version};
use wire::{AlertDescription, Epoch};

use super::{Connection, refused};
use crate::reaction::Reaction;
use crate::situation::{Own, Situation};
use crate::subject::Stopped;
use crate::table::class_of;

/// How often a spinning subject reports its state: more than a correct one does in a row.
const SPIN: usize = 200;

/// The details of a situation.
#[derive(Clone, Debug, Default)]
pub(super) struct Matter {
    /// The call of the application.
    pub(super) call: Option<ApiCall>,
    /// The content of the record, the message, or the data that the application writes.
    pub(super) content_type: u8,
    pub(super) content: Vec<u8>,
    /// Whether it is 0-RTT data.
    pub(super) early: bool,
    /// Whether the content is a session ticket to send.
    pub(super) ticket: bool,
    /// The received alert.
    pub(super) alert: Option<AlertDescription>,
    /// The alert that goes with a failure.
    pub(super) named: Option<AlertDescription>,
    /// Whether it is about a record in the input.
    pub(super) record: bool,
}

impl Connection {
    pub(super) fn carry_out(&mut self, reaction: Reaction, matter: Matter, sink: &mut dyn Sink) {
        self.carry(reaction, &matter, sink);
    }

    pub(super) fn carry(&mut self, reaction: Reaction, matter: &Matter, sink: &mut dyn Sink) {
        match reaction {
            Reaction::Proceed => {}
            Reaction::Ignore => {
                if matter.call == Some(ApiCall::Write) {
                    sink.observe(Observation::Accepted {
                        bytes: matter.content.len(),
                    });
                }
            }
            Reaction::Leave => {
                self.status.left = true;
                self.input.leave();
            }
            Reaction::Accept => self.content(matter.content_type, &matter.content, sink),
            Reaction::Deliver if matter.early => {
                self.state(ApiState::ReadEarlyData, sink);
                sink.observe(Observation::EarlyData {
                    bytes: matter.content.as_slice().into(),
                });
            }
            Reaction::Deliver => self.deliver(&matter.content, sink),
            Reaction::Refuse(class) => {
                refused(matter.call.unwrap_or(ApiCall::Process), class, sink);
            }
            Reaction::End(how) => self.end(how, sink),
            Reaction::Tell(how) => sink.observe(Observation::End { how }),
            Reaction::Fatal(description) => self.fatal(description, sink),
            Reaction::FatalAsNamed => match matter.named {
                Some(description) => self.fatal(description, sink),
                None => self.fail_silently(ErrorClass::HandshakeFailure, sink),
            },
            Reaction::FatalSilent(class) => self.fail_silently(class, sink),
            Reaction::FailReceived => self.fail_received(matter, sink),
            Reaction::Latched => sink.observe(Observation::Failed {
                class: ErrorClass::AlreadyFailed,
                alert: None,
                raw: "".into(),
            }),
            Reaction::Alert { level, description } => {
                let alert = vec![level, description.0];
                self.queue_own(Own::Warning, 21, alert, None, sink);
            }
            Reaction::Say(kind, content) => {
                self.queue_own(Own::Extra, kind, content.to_vec(), None, sink);
            }
            Reaction::SayClose => self.say_close(sink),
            Reaction::SayKeyUpdate { requested } => {
                self.say_key_update(Own::Answer, requested, sink);
            }
            Reaction::SayTicket => {
                let ticket = self.peer.new_ticket();
                self.queue_own(Own::Ticket, 22, ticket, None, sink);
            }
            Reaction::SwitchKeys => self.peer.update_keys(),
            Reaction::SwitchTheirKeys => {
                // If the engine refuses this now, it would have refused it before.
                let _ = self.peer.take_handshake(&[24, 0, 0, 1, 0]);
            }
            Reaction::Discard => self.output.discard_data(),
            Reaction::Overtake => self.output.overtake(),
            Reaction::Fin => self.say_fin(sink),
            Reaction::Name(name) => self.state(name, sink),
            Reaction::Overdiscard(name) => {
                let (shown, _) = self.input.discard();
                sink.observe(Observation::State {
                    name,
                    shown,
                    discarded: shown + 1,
                });
            }
            Reaction::Forget => self.sessions.clear(),
            // Checked where records are sealed, and where a command ends.
            Reaction::Seal(_) | Reaction::Deny => {}
            Reaction::Touch => self.input.touch(),
            Reaction::Panic => std::panic::resume_unwind(Box::new(Stopped::Crash)),
            Reaction::Hang => std::panic::resume_unwind(Box::new(Stopped::Hang)),
            Reaction::Spin(name) => (0..SPIN).for_each(|_| self.state(name, sink)),
            Reaction::All(all) => all.iter().for_each(|one| self.carry(*one, matter, sink)),
        }
    }

    fn end(&mut self, how: End, sink: &mut dyn Sink) {
        match how {
            End::Clean => {
                self.status.peer_closed = true;
                self.state(ApiState::PeerClosed, sink);
            }
            End::Truncated => self.status.truncated = true,
            End::Reset => self.status.reset = true,
        }
        sink.observe(Observation::End { how });
        let full = self.choices.full_close && self.version == Version::Tls12;
        if full && how == End::Clean {
            let situation = Situation::Tls12FullClose(self.phase());
            self.meet(situation, Matter::default(), sink);
        }
    }

    fn fatal(&mut self, description: AlertDescription, sink: &mut dyn Sink) {
        sink.observe(Observation::Failed {
            class: class_of(description),
            alert: Some(Alert {
                direction: Direction::Sent,
                description: description.0,
            }),
            raw: "".into(),
        });
        self.status.error_sent = true;
        self.status.just_failed = true;
        self.output.discard_data();
        let own = match self.is_handshaking() {
            true => Own::HandshakeError,
            false => Own::Error,
        };
        self.queue_own(own, 21, vec![2, description.0], None, sink);
    }

    fn fail_silently(&mut self, class: ErrorClass, sink: &mut dyn Sink) {
        sink.observe(Observation::Failed {
            class,
            alert: None,
            raw: "".into(),
        });
        self.status.failed = true;
        self.status.just_failed = true;
        self.output.silence();
    }

    fn fail_received(&mut self, matter: &Matter, sink: &mut dyn Sink) {
        sink.observe(Observation::Failed {
            class: ErrorClass::AlertReceived,
            alert: matter.alert.map(|description| Alert {
                direction: Direction::Received,
                description: description.0,
            }),
            raw: "".into(),
        });
        self.status.error_received = true;
        self.status.just_failed = true;
        self.output.silence();
    }

    /// The epoch of the peer's keys. The engine knows it, whatever the table says.
    pub(super) fn their_epoch(&self) -> Epoch {
        self.peer.read_epoch()
    }
}
