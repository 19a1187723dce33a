//! The score: the number of bugs that are found, overall and in each context.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use reference::{Flow, Reading};

use crate::allowed::Allowed;
use crate::enumerate::Bug;
use crate::names;
use crate::survivors::Survivors;
use crate::world::{Fate, Outcome};

/// The class of a bug in the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not observable, or nothing but a panic, a hang or a failed handshake.
    None,
    /// A rule finds it.
    Found,
    /// Only rules of grade behaviour find it.
    Noted,
    /// The pattern of this name allows it.
    Allowed(String),
    /// No rule finds it.
    Survives,
}

impl Standing {
    /// The class of a fate.
    pub fn of(bug: &Bug, outcome: &Outcome, allowed: &Allowed) -> Self {
        match outcome {
            Outcome::Unobservable | Outcome::Outside => Self::None,
            Outcome::Found(_) => Self::Found,
            Outcome::Noted(_) => Self::Noted,
            Outcome::Silent(differences) => match allowed.covers(bug, differences) {
                Some(pattern) => Self::Allowed(pattern.name.clone()),
                None => Self::Survives,
            },
        }
    }
}

/// One line of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Bugs that a rule finds.
    pub found: usize,
    /// Bugs that only rules of grade behaviour find.
    pub noted: usize,
    /// Bugs that a pattern allows.
    pub allowed: usize,
    /// Bugs that no rule finds.
    pub survive: usize,
}

impl Line {
    /// All observable bugs.
    pub fn observable(&self) -> usize {
        self.found + self.noted + self.allowed + self.survive
    }

    /// The percentage of bugs found, among those that should be found.
    pub fn percent(&self) -> f64 {
        let of = (self.found + self.survive).max(1);
        100.0 * self.found as f64 / of as f64
    }

    fn count(&mut self, standing: &Standing) {
        match standing {
            Standing::None => {}
            Standing::Found => self.found += 1,
            Standing::Noted => self.noted += 1,
            Standing::Allowed(_) => self.allowed += 1,
            Standing::Survives => self.survive += 1,
        }
    }
}

/// The counts for one kind of subject.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// All bugs.
    pub all: Line,
    /// The bugs in each context, in the order of display.
    pub contexts: BTreeMap<(u8, String), Line>,
    /// The number of bugs that each pattern covers.
    pub patterns: BTreeMap<String, usize>,
    /// The names of all survivors, including those with the same transcripts, which count once.
    pub survivors: Survivors,
    /// Bugs that cause only panics, hangs and failed handshakes.
    pub outside: usize,
    /// The number of survivors for each situation and reaction, over all contexts and times.
    pub groups: BTreeMap<(String, String), usize>,
}

impl Tally {
    /// Counts bugs. Bugs with the same transcripts count once.
    pub fn new<'a>(
        fates: impl IntoIterator<Item = (&'a Bug, &'a Fate)>,
        allowed: &Allowed,
    ) -> Self {
        let mut tally = Self::default();
        let mut seen = HashSet::new();
        for pattern in &allowed.patterns {
            tally.patterns.insert(pattern.name.clone(), 0);
        }
        for (bug, fate) in fates {
            let standing = Standing::of(bug, &fate.outcome, allowed);
            tally.outside += usize::from(fate.outcome == Outcome::Outside);
            if standing == Standing::Survives {
                tally.survivors.0.insert(names::bug(bug));
            }
            if standing == Standing::None || !seen.insert(fate.hash) {
                continue;
            }
            tally.all.count(&standing);
            for context in contexts(bug) {
                tally.contexts.entry(context).or_default().count(&standing);
            }
            match standing {
                Standing::Allowed(name) => *tally.patterns.entry(name).or_default() += 1,
                Standing::Survives => {
                    let group = (names::kind(&bug.met), names::sort(bug.act));
                    *tally.groups.entry(group).or_default() += 1;
                }
                _ => {}
            }
        }
        tally
    }
}

/// The lines, besides the first, in which a bug counts.
fn contexts(bug: &Bug) -> Vec<(u8, String)> {
    let mut lines = Vec::new();
    if bug.met.situation.has_context() {
        let (order, output) = match bug.met.context.output {
            Flow::Free => (0, "output free"),
            Flow::Blocked => (1, "output blocked"),
            Flow::Partly => (2, "output partly left"),
        };
        lines.push((order, output.into()));
        let (order, reading) = match bug.met.context.reading {
            Reading::Reading => (3, "application reading"),
            Reading::Paused => (4, "application paused"),
        };
        lines.push((order, reading.into()));
    }
    if let Some(phase) = bug.met.situation.phase() {
        // In the order in which connections reach them.
        lines.push((5 + phase as u8, format!("phase {}", names::compact(&phase))));
    }
    lines
}

/// Both kinds of subject.
#[derive(Clone, Debug)]
pub struct Score {
    /// The subject that reports all it can.
    pub full: Tally,
    /// The muted subject, unless it was left out.
    pub muted: Option<Tally>,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let muted = |pick: &dyn Fn(&Tally) -> Option<Line>| match self.muted.as_ref().and_then(pick)
        {
            Some(line) => format!("{:.1} %", line.percent()),
            None => "-".into(),
        };
        write_line(
            f,
            "universe",
            &self.full.all,
            &muted(&|tally| Some(tally.all)),
        )?;
        for (context, line) in &self.full.contexts {
            let muted = muted(&|tally| tally.contexts.get(context).copied());
            write_line(f, &context.1, line, &muted)?;
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, name: &str, line: &Line, muted: &str) -> fmt::Result {
    writeln!(
        f,
        "{name}: {} of {} observable bugs found ({:.1} %), muted {muted}; {} noted, {} allowed, \
         {} survive",
        line.found,
        line.observable(),
        line.percent(),
        line.noted,
        line.allowed,
        line.survive
    )
}
