//! The summary of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use closure::{Excuse, Outcome, Profile};
use protocol::{Role, Version};

use crate::lines::Line;
use cases::instances;

use super::{Found, GroupReport, InstanceReport, JobReport, Ready, Time};

/// The summary of a run. It is sorted, and does not depend on the number of workers.
#[derive(Debug)]
pub struct Summary {
    /// All instances, in the order of the plan.
    pub instances: Vec<InstanceReport>,
    /// The verdicts of all group rules.
    pub groups: Vec<GroupReport>,
    /// The shortest transcript of each finding.
    pub exhibits: BTreeMap<ExhibitKey, Exhibit>,
    /// The standing of each requirement, by the index of the subject and the id.
    pub standings: BTreeMap<(usize, &'static str), Standing>,
    /// Expectations that matched nothing.
    pub stale: Vec<Stale>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The time that it took.
    pub elapsed: Duration,
}

/// The extent of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A selection of instances.
    Selected,
    /// All cases, varying one axis at a time.
    OneAtATime,
    /// All cases, with all combinations of axes.
    Crossed,
}

/// The finding that a transcript shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExhibitKey {
    /// The index of the subject.
    pub subject: usize,
    /// The requirement's id.
    pub requirement: &'static str,
    /// The code.
    pub code: &'static str,
    /// The role.
    pub role: Role,
    /// The version.
    pub version: Version,
}

/// A transcript that shows a finding.
#[derive(Clone, Debug)]
pub struct Exhibit {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether its instance is a baseline.
    pub baseline: bool,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The id of its instance.
    pub instance: String,
    /// The id of the instance that it is compared with, for group rules.
    pub against: Option<String>,
    /// The implementation's own message for its first error.
    pub raw: Option<String>,
    /// The end of the subject's standard error, if it stopped.
    pub said: String,
}

/// The outcomes of a requirement for a subject, over all instances.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The number of instances and groups with each outcome.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// The number of instances and groups with each code and outcome.
    pub codes: BTreeMap<(&'static str, Outcome), usize>,
    /// The number of instances in which each excuse applied.
    pub excused: BTreeMap<Excuse, usize>,
    /// The indices of the expectations that matched.
    pub entries: BTreeSet<usize>,
}

impl Standing {
    /// The most serious outcome.
    pub fn worst(&self) -> Outcome {
        let worst = self.outcomes.last_key_value();
        worst.map_or(Outcome::Ok, |(outcome, _)| *outcome)
    }

    fn note(&mut self, outcome: Outcome, code: Option<&'static str>, entry: Option<usize>) {
        *self.outcomes.entry(outcome).or_default() += 1;
        if let Some(code) = code {
            *self.codes.entry((code, outcome)).or_default() += 1;
        }
        self.entries.extend(entry);
    }
}

/// An expectation that matched nothing.
#[derive(Clone, Debug)]
pub struct Stale {
    /// The index of the subject.
    pub subject: usize,
    /// The entry, in a few words.
    pub entry: String,
    /// The reason why it is stale.
    pub problem: &'static str,
    /// The outcome.
    pub outcome: Outcome,
}

impl Summary {
    /// Combines the reports of the jobs. An expectation that matched nothing is stale if the run should
    /// have played the instances that it covers.
    pub fn new(
        reports: Vec<JobReport>,
        subjects: &[Ready],
        extent: Extent,
        interrupted: bool,
        profile: Profile,
        elapsed: Duration,
    ) -> Self {
        let mut summary = Self {
            instances: Vec::new(),
            groups: Vec::new(),
            exhibits: BTreeMap::new(),
            standings: BTreeMap::new(),
            stale: Vec::new(),
            interrupted,
            elapsed,
        };
        let mut cut_short = false;
        for report in reports {
            cut_short |= report.cut_short;
            summary.instances.extend(report.instances);
            summary.groups.extend(report.groups);
            for (key, exhibit) in report.exhibits {
                match summary.exhibits.get_mut(&key) {
                    None => _ = summary.exhibits.insert(key, exhibit),
                    Some(kept) if exhibit.is_better_than(kept) => *kept = exhibit,
                    Some(_) => {}
                }
            }
        }
        summary.stand();
        summary.missing(subjects);
        if extent != Extent::Selected && !cut_short && !interrupted {
            summary.unseen(subjects, profile, extent);
        }
        summary
    }

    fn stand(&mut self) {
        for instance in &self.instances {
            let standings = &mut self.standings;
            let mut note = |id, outcome, code, entry| {
                let standing = standings.entry((instance.subject, id)).or_default();
                standing.note(outcome, code, entry);
            };
            for id in &instance.held {
                note(*id, Outcome::Ok, None, None);
            }
            for found in &instance.found {
                note(found.requirement.id, found.outcome, found.code, found.entry);
            }
            for blocked in &instance.blocked {
                note(blocked.requirement, Outcome::Blocked, None, None);
            }
            for (id, excuse) in &instance.excused {
                let standing = standings.entry((instance.subject, *id)).or_default();
                *standing.excused.entry(*excuse).or_default() += 1;
            }
        }
        for group in &self.groups {
            let Found {
                requirement,
                code,
                outcome,
                entry,
            } = group.found;
            self.standings
                .entry((group.subject, requirement.id))
                .or_default()
                .note(outcome, code, entry);
        }
    }

    fn missing(&mut self, subjects: &[Ready]) {
        for (subject, ready) in subjects.iter().enumerate() {
            for missing in &ready.known.missing {
                if ready.hello.capabilities.contains(&missing.capability) {
                    self.stale.push(Stale {
                        subject,
                        entry: format!("missing {:?}", missing.capability),
                        problem: "the subject has this capability",
                        outcome: Outcome::DeclaredMissingButWorks,
                    });
                }
            }
        }
    }

    fn unseen(&mut self, subjects: &[Ready], profile: Profile, extent: Extent) {
        for (subject, ready) in subjects.iter().enumerate() {
            let build = instances::build_of(&ready.hello).to_string();
            for (place, entry) in ready.known.deviations.iter().enumerate() {
                let Some(requirement) = closure::requirements::find(&entry.requirement) else {
                    continue;
                };
                let standing = self.standings.get(&(subject, requirement.id));
                let seen = standing.is_some_and(|standing| standing.entries.contains(&place));
                // An entry is not stale if it is for another build or profile, if it needs
                // combinations of axes and the run varies one at a time, or if its rule had nothing
                // to compare in this run.
                let builds = &entry.select.build.0;
                let asked = (builds.is_empty() || builds.contains(&build))
                    && requirement.is_in(profile)
                    && entry.select.is_in(profile)
                    && (extent == Extent::Crossed || !entry.select.is_of_crossed_axes())
                    && standing.is_none_or(|standing| standing.worst() != Outcome::NotCompared);
                if !seen && asked {
                    self.stale.push(Stale {
                        subject,
                        entry: format!("{}: {} ({})", entry.requirement, entry.code, entry.select),
                        problem: "no instance exercises it",
                        outcome: Outcome::StaleExpectation,
                    });
                }
            }
        }
    }

    /// The number of instances with different stimuli.
    pub fn distinct(&self) -> usize {
        let told = self.instances.iter().filter_map(|instance| {
            let axes = &instance.axes;
            let of = (instance.subject, instance.case, axes.role, axes.version);
            Some((of, instance.stimulus?))
        });
        told.collect::<BTreeSet<_>>().len()
    }

    /// The time of all instances, longest first.
    pub fn times(&self) -> Vec<(&InstanceReport, Time)> {
        let mut times: Vec<_> = self.instances.iter().map(|i| (i, i.time)).collect();
        times.sort_by_key(|(_, time)| std::cmp::Reverse(time.cpu));
        times
    }
}
