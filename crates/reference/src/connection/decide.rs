//! Table lookups: the proper reaction, the change that a fault makes to it, and reactions that are
//! still pending.

use protocol::{ApiCall, Sink};

use super::{Connection, Matter};
use crate::fault::{Act, Context, DEPTH, Fault, Met, Reading};
use crate::reaction::Reaction;
use crate::situation::{Own, Situation};
use crate::subject::Meeting;
use crate::table::conforming;

/// The fault of a connection, and its progress.
#[derive(Clone, Debug, Default)]
pub(super) struct Faulty {
    fault: Option<Fault>,
    /// The number of times that its row was looked up.
    times: u32,
    /// The depth to which the fault's reaction is nested in itself.
    depth: u8,
    /// Reactions to perform after the current ordinary course.
    after: Vec<(Reaction, Matter)>,
    /// Reactions to perform under the next command.
    late: Vec<(Reaction, Matter)>,
    /// The ordinary course must be taken twice.
    twice: bool,
}

/// A subject's decision in a situation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    /// The reaction, at once or late.
    pub(super) reaction: Reaction,
    /// The change that the fault makes, if it fires.
    act: Option<Act>,
}

impl Decision {
    /// Whether the reaction is delayed until the next command.
    pub(super) fn is_late(&self) -> bool {
        self.act == Some(Act::Late)
    }
}

impl Faulty {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self {
            fault,
            ..Self::default()
        }
    }

    /// Whether a client that has a session resumes it.
    pub(super) fn resumes(&mut self, met: &mut Vec<Meeting>) -> Reaction {
        note(met, Situation::Resumes, Context::FREE);
        let act = self.act(Situation::Resumes, Context::FREE);
        match act {
            Some(Act::Instead(reaction)) => reaction,
            _ => Reaction::Proceed,
        }
    }

    /// The change that the fault makes here, if it fires here and now.
    fn act(&mut self, situation: Situation, context: Context) -> Option<Act> {
        let fault = self.fault.filter(|it| it.is_at(situation, context))?;
        self.times = self.times.saturating_add(1);
        let fires = fault.fires(self.times) && self.depth < DEPTH;
        fires.then_some(fault.act)
    }
}

impl Connection {
    /// Puts a fault into a connection that is under way.
    pub(crate) fn set_fault(&mut self, fault: Option<Fault>) {
        self.faulty = Faulty::new(fault);
    }

    /// Looks up the reaction in the table, and applies the fault to it.
    pub(super) fn decide(&mut self, situation: Situation) -> Decision {
        let context = self.context();
        note(&mut self.met, situation, context);
        let proper = || conforming(situation, self.version);
        match self.faulty.act(situation, context) {
            Some(act @ Act::Instead(reaction)) => Decision {
                reaction,
                act: Some(act),
            },
            act => Decision {
                reaction: proper(),
                act,
            },
        }
    }

    /// The same, where nothing can be added to a reaction and it cannot be delayed.
    pub(super) fn reaction(&mut self, situation: Situation) -> Reaction {
        self.decide(situation).reaction
    }

    /// Looks up the reaction and performs it, without an ordinary course. Returns the reaction.
    pub(super) fn follow(
        &mut self,
        situation: Situation,
        matter: Matter,
        sink: &mut dyn Sink,
    ) -> Reaction {
        let decision = self.decide(situation);
        self.perform(decision, matter, sink);
        match decision.is_late() {
            true => Reaction::Ignore,
            false => decision.reaction,
        }
    }

    /// Looks up the reaction. Returns `true` if the ordinary course follows. Otherwise the reaction
    /// has been performed.
    pub(super) fn meet(
        &mut self,
        situation: Situation,
        matter: Matter,
        sink: &mut dyn Sink,
    ) -> bool {
        let decision = self.decide(situation);
        let reaction = decision.reaction;
        if matter.record && !leaves(reaction) {
            self.input.take();
        }
        if reaction != Reaction::Proceed {
            self.perform(decision, matter, sink);
            // An extra reaction first, and then the ordinary course.
            return matches!(reaction, Reaction::All(all) if all.last() == Some(&Reaction::Proceed));
        }
        match decision.act {
            None | Some(Act::Instead(_)) => true,
            Some(Act::Then(more)) => {
                self.faulty.after.push((more, matter));
                true
            }
            Some(Act::Twice) => {
                self.faulty.twice = true;
                true
            }
            Some(Act::Late) => {
                // The API reports to the caller that the call succeeded.
                self.carry(Reaction::Ignore, &matter, sink);
                self.faulty.late.push((reaction, matter));
                false
            }
        }
    }

    /// Performs the decision, and the reaction that the fault adds.
    pub(super) fn perform(&mut self, decision: Decision, matter: Matter, sink: &mut dyn Sink) {
        let reaction = decision.reaction;
        let Some(act) = decision.act else {
            return self.carry_out(reaction, matter, sink);
        };
        self.faulty.depth += 1;
        match act {
            Act::Instead(_) => self.carry(reaction, &matter, sink),
            Act::Then(more) => {
                self.carry(reaction, &matter, sink);
                self.carry(more, &matter, sink);
            }
            Act::Twice => {
                self.carry(reaction, &matter, sink);
                self.carry(reaction, &matter, sink);
            }
            Act::Late => self.faulty.late.push((reaction, matter)),
        }
        self.faulty.depth -= 1;
    }

    /// The number of times to take the ordinary course.
    pub(super) fn rounds(&mut self) -> usize {
        match std::mem::take(&mut self.faulty.twice) {
            true => 2,
            false => 1,
        }
    }

    /// Performs the reactions that follow the ordinary course.
    pub(super) fn afterwards(&mut self, sink: &mut dyn Sink) {
        self.faulty.twice = false;
        if self.faulty.after.is_empty() {
            return;
        }
        self.faulty.depth += 1;
        for (reaction, matter) in std::mem::take(&mut self.faulty.after) {
            self.carry(reaction, &matter, sink);
        }
        self.faulty.depth -= 1;
    }

    /// Performs the reactions that the previous command delayed.
    pub(super) fn catch_up(&mut self, sink: &mut dyn Sink) {
        if self.faulty.late.is_empty() {
            return;
        }
        self.faulty.depth += 1;
        for (reaction, matter) in std::mem::take(&mut self.faulty.late) {
            match (reaction, matter.call) {
                (Reaction::Proceed, Some(ApiCall::Write)) => {
                    for piece in matter.content.chunks(self.max_content()) {
                        self.queue(Own::Data, 23, piece.to_vec(), None);
                    }
                }
                (Reaction::Proceed, Some(ApiCall::CloseWrite)) => self.say_close(sink),
                (Reaction::Proceed, Some(ApiCall::UpdateKeys)) => {
                    self.say_key_update(Own::KeyUpdate, true, sink);
                }
                (Reaction::Proceed, None) if matter.ticket => {
                    self.say_ticket(&matter.content, sink);
                }
                (reaction, _) => self.carry(reaction, &matter, sink),
            }
        }
        self.faulty.depth -= 1;
        self.flush(sink);
    }

    /// The current context.
    fn context(&self) -> Context {
        let paused = self.budget == Some(0) || !self.unread.is_empty();
        Context {
            output: self.output.flow(),
            reading: match paused {
                true => Reading::Paused,
                false => Reading::Reading,
            },
        }
    }
}

/// The record is not taken.
fn leaves(reaction: Reaction) -> bool {
    match reaction {
        Reaction::Leave => true,
        Reaction::All(all) => all.contains(&Reaction::Leave),
        _ => false,
    }
}

/// Notes that a row was looked up.
fn note(all: &mut Vec<Meeting>, situation: Situation, context: Context) {
    let met = Met::new(situation, context);
    let known = all
        .iter_mut()
        .find(|known| known.situation == situation && known.met == met);
    match known {
        Some(known) => known.times = known.times.saturating_add(1),
        None => all.push(Meeting {
            situation,
            met,
            times: 1,
        }),
    }
}
