//! Runs instances against subjects: what is to be done, by whom, and what came of it.

mod assess;
mod plan;
mod schedule;
mod selection;
mod stimulus;
mod summary;
mod watch;
mod worker;

use std::cmp::Reverse;
use std::time::Duration;

use closure::{Axes, Build, Outcome, Profile, Requirement};
use protocol::{Hello, Role, Version};

use crate::lines::Line;
use crate::shim::Launch;
use crate::subjects::{Subject, quote};

pub use plan::{Job, Planned, plan};
pub use schedule::{Progress, run};
pub use selection::{Selection, Selector, Shard, nearest, unknown};
pub use summary::{Exhibit, ExhibitKey, Extent, Stale, Standing, Summary};
pub use watch::watch;

/// A subject that has introduced itself.
#[derive(Debug)]
pub struct Ready {
    /// What it is.
    pub subject: Subject,
    /// What it said of itself.
    pub hello: Hello,
    /// What is known of it.
    pub known: closure::Expectations,
    /// How to start it again.
    pub launch: Launch,
}

/// The seed of a run that is not told another one.
pub const DEFAULT_SEED: u64 = 1;

/// What holds for all instances.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where all that is random comes from.
    pub seed: u64,
    /// How many instances are played at a time.
    pub workers: usize,
    /// The choices where the RFCs leave one.
    pub profile: Profile,
}

/// What came of one instance.
#[derive(Clone, Debug)]
pub struct InstanceReport {
    /// The subject's place in the list of subjects.
    pub subject: usize,
    /// The case's name.
    pub case: &'static str,
    /// What was varied.
    pub axes: Axes,
    /// What the subject was told, in so far as it does not differ from run to run: instances of a
    /// case with the same number here are the same. None if it was not played.
    pub stimulus: Option<u64>,
    /// What was exercised, and held.
    pub held: Vec<&'static str>,
    /// What was found, and what held although it is listed as a deviation.
    pub found: Vec<Found>,
    /// What should have been exercised, and why it was not.
    pub blocked: Vec<Blocked>,
    /// What the subject cannot do, so that nothing was judged.
    pub unsupported: Option<Unsupported>,
    /// How it took its end, if the subject crashed, hung or answered nonsense.
    pub stopped: Option<String>,
    /// The run is at fault here, and how.
    pub fault: Option<String>,
    /// How long it took.
    pub time: Time,
}

/// The time that an instance took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// By the clock on the wall.
    pub wall: Duration,
    /// By the processors, in this process and in the subject's.
    pub cpu: Duration,
}

/// A requirement with something to say about it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which.
    pub requirement: &'static Requirement,
    /// What its rule found; nothing if it held.
    pub code: Option<&'static str>,
    /// What that amounts to.
    pub outcome: Outcome,
    /// The expectation that speaks of it, by its place.
    pub entry: Option<usize>,
}

/// A requirement that could not be judged.
#[derive(Clone, Copy, Debug)]
pub struct Blocked {
    /// Its id.
    pub requirement: &'static str,
    /// The id of the broken requirement that was in the way, or `crash` or `hang`.
    pub by: &'static str,
}

/// What a subject cannot do.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// In words.
    pub what: String,
    /// Whether that is listed.
    pub outcome: Outcome,
}

/// What a group rule says of a subject's instances of one case, role and version: one report for
/// each that differs, or one for all.
#[derive(Clone, Debug)]
pub struct GroupReport {
    /// The subject's place in the list of subjects.
    pub subject: usize,
    /// The case's name.
    pub case: &'static str,
    /// The role.
    pub role: Role,
    /// The version.
    pub version: Version,
    /// How the subject was built.
    pub build: Build,
    /// The requirement and what was found.
    pub found: Found,
    /// The instance that differs from the baseline, if one does.
    pub differs: Option<Axes>,
}

/// What came of a job.
#[derive(Clone, Debug, Default)]
pub struct JobReport {
    /// Its instances, in the order of the plan.
    pub instances: Vec<InstanceReport>,
    /// Its group rules.
    pub groups: Vec<GroupReport>,
    /// The smallest transcripts that show what was found.
    pub exhibits: Vec<(ExhibitKey, Exhibit)>,
    /// It was left early, because the run was interrupted or the subject given up.
    pub cut_short: bool,
}

impl Ready {
    /// The command line that plays these instances of it again.
    pub fn command_line(&self, settings: Settings, ids: &[&str]) -> String {
        let mut line = format!("lastword run{}", self.subject.arguments);
        if settings.seed != DEFAULT_SEED {
            line += &format!(" --seed {}", settings.seed);
        }
        if settings.profile != Profile::default() {
            line += &format!(" --profile {}", settings.profile);
        }
        for id in ids {
            line += " ";
            line += &quote(id);
        }
        line
    }
}

impl InstanceReport {
    /// Whether it fails a gate by itself, in a way that playing it again can show.
    pub fn fails(&self) -> bool {
        let regressed = |found: &Found| found.outcome == Outcome::Regression;
        self.fault.is_some() || self.found.iter().any(regressed)
    }
}

impl Exhibit {
    /// Whether this one shows the same better than `other`: what is known elsewhere hides no
    /// regression, and a baseline is plainer than anything else.
    pub fn is_better_than(&self, other: &Self) -> bool {
        self.rank() < other.rank()
    }

    fn rank(&self) -> (Reverse<Outcome>, bool, usize, &str) {
        let plain = !self.baseline;
        (
            Reverse(self.outcome),
            plain,
            self.lines.len(),
            &self.instance,
        )
    }
}

impl ExhibitKey {
    /// The key for what was found in an instance.
    pub fn new(subject: usize, found: &Found, axes: &Axes) -> Option<Self> {
        Some(Self {
            subject,
            requirement: found.requirement.id,
            code: found.code?,
            role: axes.role,
            version: axes.version,
        })
    }
}

/// Lines of an exhibit that no transcript stands behind.
pub(crate) const NO_LINES: Vec<Line> = Vec::new();
