//! Runs instances against subjects: the plan, the workers, and the summary.

mod assess;
mod plan;
mod schedule;
mod selection;
mod summary;
mod watch;
mod worker;

use std::cmp::Reverse;
use std::time::Duration;

use closure::{Axes, Build, Excuse, Outcome, Profile, Requirement};
use protocol::{Hello, Role, Version};
use shim::Launch;

use crate::lines::Line;
use crate::subjects::{Subject, quote};

pub use plan::{Job, Planned, plan};
pub use schedule::{Progress, Records, run};
pub use selection::{Selection, Selector, Shard, nearest, unknown};
pub use summary::{Exhibit, ExhibitKey, Extent, Stale, Standing, Summary};
pub use watch::watch;

/// A subject that has answered hello.
#[derive(Debug)]
pub struct Ready {
    /// The subject.
    pub subject: Subject,
    /// Its hello.
    pub hello: Hello,
    /// Its expectations.
    pub known: closure::Expectations,
    /// The way to start it.
    pub launch: Launch,
}

/// The seed of a run without `--seed`.
pub const DEFAULT_SEED: u64 = 1;

/// The settings of a run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The seed of all randomness.
    pub seed: u64,
    /// The number of instances to play in parallel.
    pub workers: usize,
    /// The reading of the RFCs, where they allow several.
    pub profile: Profile,
}

/// The report of one instance.
#[derive(Clone, Debug)]
pub struct InstanceReport {
    /// The index of the subject.
    pub subject: usize,
    /// The case's name.
    pub case: &'static str,
    /// Its axes.
    pub axes: Axes,
    /// A hash of the commands to the subject, as far as they are the same in all runs. Instances of a
    /// case with the same hash are the same. None if the instance was not played.
    pub stimulus: Option<u64>,
    /// The requirements that were exercised and held.
    pub held: Vec<&'static str>,
    /// The codes that were found, and the requirements that held although a deviation is listed.
    pub found: Vec<Found>,
    /// The requirements for which something excused the subject.
    pub excused: Vec<(&'static str, Excuse)>,
    /// The requirements that could not be exercised.
    pub blocked: Vec<Blocked>,
    /// The missing capability, if the subject could not be judged for that.
    pub unsupported: Option<Unsupported>,
    /// `crash`, `hang` or `nonsense`, if the subject stopped in one of these ways.
    pub stopped: Option<String>,
    /// The error of the run itself, if there was one.
    pub fault: Option<String>,
    /// The time that it took.
    pub time: Time,
}

/// The time of an instance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// Wall time.
    pub wall: Duration,
    /// Processor time of this process and the subject.
    pub cpu: Duration,
}

/// The outcome of a requirement in an instance.
#[derive(Clone, Debug)]
pub struct Found {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The code that its rule found. None if it held.
    pub code: Option<&'static str>,
    /// The outcome.
    pub outcome: Outcome,
    /// The index of the expectation that covers it.
    pub entry: Option<usize>,
}

/// A requirement that could not be exercised.
#[derive(Clone, Copy, Debug)]
pub struct Blocked {
    /// Its id.
    pub requirement: &'static str,
    /// The cause: the id of a requirement that is violated, or `crash` or `hang`.
    pub by: &'static str,
}

/// A capability that a subject does not have.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// Its name or description.
    pub what: String,
    /// The outcome, which depends on whether it is listed.
    pub outcome: Outcome,
}

/// The verdict of a group rule on a subject's instances of one case, role and version: one report
/// for each instance that differs, or one for all.
#[derive(Clone, Debug)]
pub struct GroupReport {
    /// The index of the subject.
    pub subject: usize,
    /// The case's name.
    pub case: &'static str,
    /// The role.
    pub role: Role,
    /// The version.
    pub version: Version,
    /// The subject's build.
    pub build: Build,
    /// The outcome of the requirement.
    pub found: Found,
    /// The instance that differs from the baseline, if one does.
    pub differs: Option<Axes>,
}

/// The report of a job.
#[derive(Clone, Debug, Default)]
pub struct JobReport {
    /// Its instances, in the order of the plan.
    pub instances: Vec<InstanceReport>,
    /// The verdicts of group rules.
    pub groups: Vec<GroupReport>,
    /// The shortest transcripts of each finding.
    pub exhibits: Vec<(ExhibitKey, Exhibit)>,
    /// Whether it ended early, because the run was interrupted or the subject hangs too often.
    pub cut_short: bool,
}

impl Ready {
    /// The command line that plays these instances again.
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
    /// Whether it fails a gate by itself, so that playing it again shows the failure.
    pub fn fails(&self) -> bool {
        let regressed = |found: &Found| found.outcome == Outcome::Regression;
        self.fault.is_some() || self.found.iter().any(regressed)
    }
}

impl Exhibit {
    /// Whether to show this one rather than `other`: regressions come before known deviations, baselines
    /// before other instances, and short transcripts before long ones.
    pub fn is_better_than(&self, other: &Self) -> bool {
        self.rank() < other.rank()
    }

    /// Whether to show this one rather than one with this outcome, whatever its lines.
    pub fn comes_before(&self, outcome: Outcome, baseline: bool) -> bool {
        self.class() < (Reverse(outcome), !baseline)
    }

    fn rank(&self) -> ((Reverse<Outcome>, bool), usize, &str) {
        (self.class(), self.lines.len(), &self.instance)
    }

    fn class(&self) -> (Reverse<Outcome>, bool) {
        (Reverse(self.outcome), !self.baseline)
    }
}

impl ExhibitKey {
    /// The key of a finding. None if the requirement held.
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

/// The lines of an exhibit without a transcript.
pub(crate) const NO_LINES: Vec<Line> = Vec::new();
