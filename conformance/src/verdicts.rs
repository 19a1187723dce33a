//! The verdicts on stored transcripts, and the difference between two sets of them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use closure::stored::Stored;
use closure::{Judgement, Verdict, judge};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::render::text::one_line;

/// The version of the JSON form.
const FORMAT: u32 = 1;

/// The verdict of a requirement that was exercised and held. All others are codes.
pub const HELD: &str = "held";

/// The verdicts on some transcripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    format: u32,
    /// For each transcript the requirements that were exercised, with [`HELD`] or a code.
    pub transcripts: BTreeMap<String, BTreeMap<String, String>>,
}

/// The differences between two sets of verdicts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The transcripts for which a verdict changed in the same way.
    pub changed: BTreeMap<Change, Vec<String>>,
    /// The transcripts that have verdicts only in the earlier set.
    pub gone: Vec<String>,
    /// The transcripts that have verdicts only in the later set.
    pub new: Vec<String>,
}

/// A change of a verdict. `None` means that the requirement was not exercised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The id of the requirement.
    pub requirement: String,
    /// The earlier verdict.
    pub before: Option<String>,
    /// The later verdict.
    pub now: Option<String>,
}

impl Default for Verdicts {
    fn default() -> Self {
        Self {
            format: FORMAT,
            transcripts: BTreeMap::new(),
        }
    }
}

impl Verdicts {
    /// Judges a transcript, and adds its verdicts.
    ///
    /// # Errors
    ///
    /// If there is a transcript with the same name already, or if a rule panics: rules rely on what
    /// the player guarantees, and a file can hold anything.
    pub fn add(&mut self, stored: &Stored) -> Result<(), Failure> {
        let name = stored.origin.name();
        if self.transcripts.contains_key(&name) {
            return Err(Failure::set_up(format!(
                "a second transcript of {}: judge files from different runs one by one",
                one_line(&name)
            )));
        }
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let mut judgements = Vec::new();
            judge(&stored.transcript, &mut judgements);
            judgements
        }));
        let judgements = judged.map_err(|_| {
            let message = "a rule panicked, with the message above: if no one has edited the file, \
                           report this as a bug of lastword";
            Failure::new(Exit::Internal, message)
        })?;
        let verdicts = judgements
            .iter()
            .filter(|it| stored.origin.has_what_it_needs(it.requirement))
            .filter_map(|it| Some((it.requirement.id.to_owned(), word(it)?.to_owned())))
            .collect();
        self.transcripts.insert(name, verdicts);
        Ok(())
    }

    /// Reads a file that `judge --format json` has written.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not such a file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        const AGAIN: &str = "write a new one with `lastword judge --format json`";
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::set_up(format!("cannot read {shown}: {error}")))?;
        let verdicts: Self = serde_json::from_str(&text).map_err(|error| {
            Failure::set_up(format!("{shown}: it holds no verdicts ({error}); {AGAIN}"))
        })?;
        match verdicts.format {
            FORMAT => Ok(verdicts),
            other => Err(Failure::set_up(format!(
                "{shown}: it has format {other}, and this program reads format {FORMAT}; {AGAIN}"
            ))),
        }
    }

    /// The JSON form.
    ///
    /// # Errors
    ///
    /// None that is known: all keys are strings.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }

    /// The differences between these verdicts and later ones.
    pub fn changes(&self, now: &Self) -> Changes {
        let mut changes = Changes::default();
        for (name, verdicts) in &self.transcripts {
            let Some(later) = now.transcripts.get(name) else {
                changes.gone.push(name.clone());
                continue;
            };
            let new = later.keys().filter(|id| !verdicts.contains_key(*id));
            for requirement in verdicts.keys().chain(new) {
                let (before, now) = (verdicts.get(requirement), later.get(requirement));
                if before != now {
                    let change = Change {
                        requirement: requirement.clone(),
                        before: before.cloned(),
                        now: now.cloned(),
                    };
                    changes
                        .changed
                        .entry(change)
                        .or_default()
                        .push(name.clone());
                }
            }
        }
        let new = now.transcripts.keys();
        changes.new = new
            .filter(|name| !self.transcripts.contains_key(*name))
            .cloned()
            .collect();
        changes
    }
}

fn word(judgement: &Judgement) -> Option<&'static str> {
    match judgement.verdict {
        Verdict::NotExercised => None,
        Verdict::Excused(excuse) => Some(excuse.verdict()),
        Verdict::Held => Some(HELD),
        Verdict::Found { code, .. } => Some(code),
    }
}

impl Changes {
    /// Whether both sets are the same.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |verdict: &Option<String>| match verdict {
            None => "not exercised".to_owned(),
            Some(word) => one_line(word),
        };
        for (change, names) in &self.changed {
            writeln!(
                f,
                "{}: {} -> {}",
                one_line(&change.requirement),
                word(&change.before),
                word(&change.now)
            )?;
            list(f, names)?;
        }
        for (names, what) in [
            (&self.gone, "no such transcript now"),
            (&self.new, "no such transcript before"),
        ] {
            if !names.is_empty() {
                writeln!(f, "{what}:")?;
                list(f, names)?;
            }
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, names: &[String]) -> fmt::Result {
    names
        .iter()
        .try_for_each(|name| writeln!(f, "  {}", one_line(name)))
}
