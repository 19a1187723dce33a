//! Asking the table: what is proper, what the fault makes of it, and what of that is still to come.

use protocol::{ApiCall, Sink};

use super::{Connection, Matter};
use crate::fault::{Act, Context, DEPTH, Fault, Met, Reading};
use crate::reaction::Reaction;
use crate::situation::{Own, Situation};
use crate::subject::Meeting;
use crate::table::conforming;

/// The fault of a connection, and how far it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Faulty {
    fault: Option<Fault>,
    /// How often its row was met.
    times: u32,
    /// How deep inside its own reaction the connection is.
    depth: u8,
    /// To be done once the ordinary course of what is under way is over.
    after: Vec<(Reaction, Matter)>,
    /// To be done under the next command.
    late: Vec<(Reaction, Matter)>,
    /// The ordinary course is to be taken twice.
    twice: bool,
}

/// What a subject does in a situation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    /// What is to be done at once, or late.
    pub(super) reaction: Reaction,
    /// How the fault goes about it, if it fires.
    act: Option<Act>,
}

impl Decision {
    /// It is to be done under the next command.
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

    /// What the fault does here, if this is its place and time.
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

    /// What the table says, and what the fault makes of it.
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

    /// The same, where nothing can be added to a reaction and it cannot be put off.
    pub(super) fn reaction(&mut self, situation: Situation) -> Reaction {
        self.decide(situation).reaction
    }

    /// Asks the table and does what it says, without an ordinary course. Returns what it said.
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

    /// Asks the table. `true` if things are to take their ordinary course; otherwise all that was
    /// to be done has been done.
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
            // Something more than the ordinary, and then the ordinary.
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
                // The caller is told that it is done.
                self.carry(Reaction::Ignore, &matter, sink);
                self.faulty.late.push((reaction, matter));
                false
            }
        }
    }

    /// Does what was decided, and what the fault adds to it.
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

    /// How often the ordinary course is to be taken.
    pub(super) fn rounds(&mut self) -> usize {
        match std::mem::take(&mut self.faulty.twice) {
            true => 2,
            false => 1,
        }
    }

    /// What follows the ordinary course.
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

    /// What the command before this one left to be done.
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

    /// What holds around whatever happens now.
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

/// Notes that a row was asked for.
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
