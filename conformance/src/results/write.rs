//! Makes results from the summary of a run.

use std::collections::{BTreeMap, BTreeSet};

use closure::requirements;

use super::{
    CaseFacts, Excused, Finding, Group, Instance, Known, RequirementFacts, Results, SCHEMA_VERSION,
    Shown, StaleEntry, SubjectFacts, Unsupported,
};
use crate::run::{Found, Ready, Settings, Summary};
use cases::instances;

impl Results {
    /// The results of a run. `narrow`: only some instances were selected.
    pub fn new(summary: &Summary, subjects: &[Ready], settings: Settings, narrow: bool) -> Self {
        let judged: BTreeSet<&str> = summary.standings.keys().map(|(_, id)| *id).collect();
        let places: BTreeMap<&str, usize> = judged
            .iter()
            .enumerate()
            .map(|(place, id)| (*id, place))
            .collect();
        let played: BTreeSet<&str> = summary.instances.iter().map(|i| i.case).collect();
        Self {
            cases: played
                .into_iter()
                .filter_map(cases::find)
                .map(CaseFacts::of)
                .collect(),
            distinct: Some(summary.distinct()),
            excused: excused(summary, subjects),
            groups: groups(summary, subjects),
            instances: all_instances(summary, subjects, &places),
            interrupted: summary.interrupted,
            known: known(summary, subjects),
            narrow,
            requirements: judged
                .iter()
                .filter_map(|id| requirements::find(id))
                .map(RequirementFacts::of)
                .collect(),
            profile: settings.profile.to_string(),
            schema_version: SCHEMA_VERSION,
            seed: settings.seed,
            stale: summary
                .stale
                .iter()
                .map(|stale| StaleEntry {
                    build: build(subjects, stale.subject),
                    entry: stale.entry.clone(),
                    outcome: stale.outcome.name().into(),
                    problem: stale.problem.into(),
                    subject: name(subjects, stale.subject),
                })
                .collect(),
            subjects: subjects.iter().map(SubjectFacts::of).collect(),
            transcripts: summary
                .exhibits
                .iter()
                .map(|(key, exhibit)| Shown {
                    against: exhibit.against.clone(),
                    code: key.code.into(),
                    instance: exhibit.instance.clone(),
                    lines: exhibit.lines.clone(),
                    requirement: key.requirement.into(),
                    role: key.role,
                    said: exhibit.raw.clone().filter(|raw| !raw.is_empty()),
                    subject: name(subjects, key.subject),
                    version: key.version,
                })
                .collect(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

impl SubjectFacts {
    /// The facts in the hello of a subject.
    pub fn of(ready: &Ready) -> Self {
        let hello = &ready.hello;
        let mut facts = Self {
            api: hello.api.clone(),
            arguments: ready.subject.portable(),
            build: instances::build_of(hello).to_string(),
            capabilities: hello.capabilities.clone(),
            crypto: hello.crypto.clone(),
            habits: hello
                .habits
                .iter()
                .map(|habit| habit.name.clone())
                .collect(),
            implementation: hello.implementation.clone(),
            name: ready.subject.name.clone(),
            origin: ready.subject.origin.clone(),
            roles: hello.roles.clone(),
            version: hello.version.clone(),
            versions: hello.versions.clone(),
        };
        facts.capabilities.sort_unstable();
        facts.habits.sort_unstable();
        facts.roles.sort_unstable();
        facts.versions.sort_unstable();
        facts
    }
}

fn name(subjects: &[Ready], subject: usize) -> String {
    subjects
        .get(subject)
        .map(|ready| ready.subject.name.clone())
        .unwrap_or_default()
}

fn build(subjects: &[Ready], subject: usize) -> String {
    subjects.get(subject).map_or_else(String::new, |ready| {
        instances::build_of(&ready.hello).to_string()
    })
}

fn all_instances(
    summary: &Summary,
    subjects: &[Ready],
    places: &BTreeMap<&str, usize>,
) -> Vec<Instance> {
    let mut all: Vec<Instance> = summary
        .instances
        .iter()
        .map(|instance| {
            let mut held: Vec<usize> = instance
                .held
                .iter()
                .filter_map(|id| places.get(id).copied())
                .collect();
            held.sort_unstable();
            let mut found: Vec<Finding> = instance.found.iter().map(finding).collect();
            found.sort_by(|a, b| a.requirement.cmp(&b.requirement));
            Instance {
                blocked: instance
                    .blocked
                    .iter()
                    .map(|blocked| (blocked.requirement.into(), blocked.by.into()))
                    .collect(),
                fault: instance.fault.clone(),
                found,
                held,
                id: instances::id(instance.case, &instance.axes),
                stopped: instance.stopped.clone(),
                subject: name(subjects, instance.subject),
                unsupported: instance
                    .unsupported
                    .as_ref()
                    .map(|unsupported| Unsupported {
                        outcome: unsupported.outcome.name().into(),
                        what: unsupported.what.clone(),
                    }),
            }
        })
        .collect();
    all.sort_by(|a, b| (&a.subject, &a.id).cmp(&(&b.subject, &b.id)));
    all
}

fn excused(summary: &Summary, subjects: &[Ready]) -> Vec<Excused> {
    let standings = summary.standings.iter();
    let excused = standings.filter(|(_, standing)| !standing.excused.is_empty());
    excused
        .map(|((subject, id), standing)| Excused {
            build: build(subjects, *subject),
            by: standing
                .excused
                .iter()
                .map(|(excuse, n)| (excuse.name().into(), *n))
                .collect(),
            requirement: (*id).into(),
            subject: name(subjects, *subject),
        })
        .collect()
}

fn groups(summary: &Summary, subjects: &[Ready]) -> Vec<Group> {
    let mut groups: Vec<Group> = summary
        .groups
        .iter()
        .map(|group| Group {
            build: group.build.to_string(),
            case: group.case.into(),
            code: group.found.code.map(str::to_owned),
            differs: group
                .differs
                .as_ref()
                .map(|axes| instances::id(group.case, axes)),
            outcome: group.found.outcome.name().into(),
            requirement: group.found.requirement.id.into(),
            role: group.role,
            subject: name(subjects, group.subject),
            version: group.version,
        })
        .collect();
    groups.sort_by_cached_key(|group| {
        let requirement = group.requirement.clone();
        (
            group.subject.clone(),
            group.build.clone(),
            group.case.clone(),
            group.role,
            group.version,
            requirement,
            group.differs.clone(),
        )
    });
    groups
}

/// The entries that matched a verdict, in the order of the subjects, requirements and entries.
fn known(summary: &Summary, subjects: &[Ready]) -> Vec<Known> {
    let mut known = Vec::new();
    for ((subject, id), standing) in &summary.standings {
        let Some(ready) = subjects.get(*subject) else {
            continue;
        };
        for entry in &standing.entries {
            if let Some(entry) = ready.known.deviations.get(*entry) {
                known.push(Known {
                    build: build(subjects, *subject),
                    code: entry.code.clone(),
                    link: entry.link.clone(),
                    reason: entry.reason.clone(),
                    requirement: (*id).into(),
                    subject: name(subjects, *subject),
                    r#where: entry.select.to_string(),
                });
            }
        }
    }
    known
}

fn finding(found: &Found) -> Finding {
    Finding {
        code: found.code.map(str::to_owned),
        outcome: found.outcome.name().into(),
        requirement: found.requirement.id.into(),
    }
}
