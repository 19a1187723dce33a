use crate::requirements;
use crate::{Connection, Event, Requirement, Rule, Scope, Transcript, Verdict};

/// A requirement and what its rule says.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The verdict on it; never [`Verdict::NotExercised`].
    pub verdict: Verdict,
}

/// Asks every rule about one transcript. Adds what was exercised to `out`, in the order of
/// [`requirements::all`].
pub fn judge(transcript: &Transcript, out: &mut Vec<Judgement>) {
    for requirement in requirements::all() {
        let verdict = verdict_of(requirement, transcript);
        if verdict != Verdict::NotExercised {
            out.push(Judgement {
                requirement,
                verdict,
            });
        }
    }
}

/// The same, but what a rule says of each connection by itself.
pub fn judge_each(transcript: &Transcript, out: &mut Vec<Judgement>) {
    for requirement in requirements::all() {
        ask(requirement, transcript, |verdict| {
            if verdict != Verdict::NotExercised {
                out.push(Judgement {
                    requirement,
                    verdict,
                });
            }
        });
    }
}

fn verdict_of(requirement: &'static Requirement, transcript: &Transcript) -> Verdict {
    let mut all = Verdict::NotExercised;
    ask(requirement, transcript, |verdict| all = all.and(verdict));
    all
}

/// Has `hear` told what the rule says, of one connection after the other.
fn ask(requirement: &'static Requirement, transcript: &Transcript, mut hear: impl FnMut(Verdict)) {
    match requirement.rule {
        Rule::One { trigger, check } => {
            for connection in transcript.connections() {
                if !requirement.binds(connection.setup()) {
                    continue;
                }
                let facts = connection.facts();
                let (kinds, view): (_, Connection<'_>) = match requirement.scope {
                    Scope::Exact => (facts.kinds, connection.untainted()),
                    Scope::Safety => (facts.all_kinds, connection),
                };
                if kinds.contains(trigger) {
                    hear(check(&view));
                }
            }
        }
        Rule::Across { trigger, check } => {
            let bound = transcript
                .connections()
                .all(|c| requirement.binds(c.setup()));
            let exact = transcript.connections().all(|c| c.facts().taint.is_none());
            if bound
                && (exact || requirement.scope == Scope::Safety)
                && transcript.kinds().contains(trigger)
            {
                hear(check(transcript));
            }
        }
        Rule::Group { .. } | Rule::Untestable(_) => {}
    }
}

impl Transcript {
    /// Whether the subject said that it cannot do what the script asks.
    pub fn is_unsupported(&self) -> bool {
        self.events()
            .iter()
            .any(|event| matches!(event, Event::Unsupported))
    }
}
