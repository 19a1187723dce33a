//! `results.json`: what came of a run, canonical and normalised.
//!
//! Everything is sorted, and nothing is in it that differs between two runs with the same seed:
//! no durations, no lengths of handshake messages, no paths.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Role, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::instances;
use crate::lines::Line;
use crate::run::{Found, Ready, Settings, Summary};

/// The version of this format.
pub const SCHEMA_VERSION: u32 = 1;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// What group rules found in all instances of one case, role and version.
    pub groups: Vec<Group>,
    /// All instances that were played, by subject and id.
    pub instances: Vec<Instance>,
    /// The run was interrupted, so that instances are missing.
    pub interrupted: bool,
    /// The choices that held, where the RFCs leave one.
    pub profile: String,
    /// The ids of all requirements that were judged; `held` refers to them by place.
    pub requirements: Vec<String>,
    /// The version of this format.
    pub schema_version: u32,
    /// Where all that is random came from.
    pub seed: u64,
    /// Expectations that no longer hold although nothing contradicts them.
    pub stale: Vec<StaleEntry>,
    /// The subjects.
    pub subjects: Vec<SubjectFacts>,
    /// For each subject, requirement, code, role and version the smallest transcript that shows
    /// it.
    pub transcripts: Vec<Shown>,
    /// The version of this program.
    pub version: String,
}

/// What a subject is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SubjectFacts {
    /// Which of the implementation's interfaces is driven.
    pub api: String,
    /// With or without the implementation's own assertions.
    pub build: String,
    /// What it can do, by name.
    pub capabilities: Vec<protocol::Capability>,
    /// What does the cryptography.
    pub crypto: String,
    /// The names of its habits.
    pub habits: Vec<String>,
    /// The implementation's name.
    pub implementation: String,
    /// The name under which it is reported.
    pub name: String,
    /// The roles that it plays.
    pub roles: Vec<Role>,
    /// The implementation's version.
    pub version: String,
    /// The versions of TLS that it knows.
    pub versions: Vec<Version>,
}

/// What came of one instance.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// What should have been exercised, and what was in the way: the id of a requirement, or
    /// `crash` or `hang`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocked: BTreeMap<String, String>,
    /// The run itself was at fault here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fault: bool,
    /// What was found, and what held although it is listed as a deviation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Finding>,
    /// What was exercised and held: places in `requirements`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<usize>,
    /// `case@role,version,cut,habit`, and `assertions` where the build has them.
    pub id: String,
    /// The subject crashed, hung or answered nonsense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The subject's name.
    pub subject: String,
    /// What the subject cannot do, so that nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Unsupported>,
}

/// What a subject cannot do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Unsupported {
    /// `unsupported` or `undeclared-unsupported`.
    pub outcome: String,
    /// In words.
    pub what: String,
}

/// A requirement with something to say about it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What its rule found; absent if it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What that amounts to.
    pub outcome: String,
    /// The requirement's id.
    pub requirement: String,
}

/// What a group rule says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// With or without the subject's assertions.
    pub build: String,
    /// The case's name.
    pub case: String,
    /// What was found; absent if it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The instance that differs from the baseline, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
    /// What that amounts to.
    pub outcome: String,
    /// The requirement's id.
    pub requirement: String,
    /// The role.
    pub role: Role,
    /// The subject's name.
    pub subject: String,
    /// The version of TLS.
    pub version: Version,
}

/// An expectation that no longer holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StaleEntry {
    /// With or without the subject's assertions.
    pub build: String,
    /// What it says, in a few words.
    pub entry: String,
    /// What that amounts to.
    pub outcome: String,
    /// The subject's name.
    pub subject: String,
}

/// A transcript that shows something.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// What was found.
    pub code: String,
    /// The id of the instance.
    pub instance: String,
    /// What happened, in order. None for group rules.
    pub lines: Vec<Line>,
    /// The requirement's id.
    pub requirement: String,
    /// The role.
    pub role: Role,
    /// The subject's name.
    pub subject: String,
    /// The version of TLS.
    pub version: Version,
}

impl Results {
    /// The results of a run.
    pub fn new(summary: &Summary, subjects: &[Ready], settings: Settings) -> Self {
        let name = |subject: usize| -> String {
            subjects
                .get(subject)
                .map(|ready| ready.subject.name.clone())
                .unwrap_or_default()
        };
        let judged: BTreeSet<&str> = summary.standings.keys().map(|(_, id)| *id).collect();
        let places: BTreeMap<&str, usize> = judged
            .iter()
            .enumerate()
            .map(|(place, id)| (*id, place))
            .collect();
        let mut instances: Vec<Instance> = summary
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
                    fault: instance.fault.is_some(),
                    found,
                    held,
                    id: instances::id(instance.case, &instance.axes),
                    stopped: instance.stopped.clone(),
                    subject: name(instance.subject),
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
        instances.sort_by(|a, b| (&a.subject, &a.id).cmp(&(&b.subject, &b.id)));
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
                subject: name(group.subject),
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
        Self {
            groups,
            instances,
            interrupted: summary.interrupted,
            requirements: judged.into_iter().map(str::to_owned).collect(),
            profile: settings.profile.to_string(),
            schema_version: SCHEMA_VERSION,
            seed: settings.seed,
            stale: summary
                .stale
                .iter()
                .map(|stale| StaleEntry {
                    build: subjects
                        .get(stale.subject)
                        .map_or_else(String::new, |ready| {
                            instances::build_of(&ready.hello).to_string()
                        }),
                    entry: stale.entry.clone(),
                    outcome: stale.outcome.name().into(),
                    subject: name(stale.subject),
                })
                .collect(),
            subjects: subjects.iter().map(SubjectFacts::of).collect(),
            transcripts: summary
                .exhibits
                .iter()
                .map(|(key, exhibit)| Shown {
                    code: key.code.into(),
                    instance: exhibit.instance.clone(),
                    lines: exhibit.lines.clone(),
                    requirement: key.requirement.into(),
                    role: key.role,
                    subject: name(key.subject),
                    version: key.version,
                })
                .collect(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// The text of the file: equal results give equal bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be written as JSON, which would be a mistake of this program.
    pub fn to_json(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self)
            .map(|json| json + "\n")
            .map_err(|error| Failure::new(Exit::Internal, format!("cannot write results: {error}")))
    }
}

impl SubjectFacts {
    fn of(ready: &Ready) -> Self {
        let hello = &ready.hello;
        let mut facts = Self {
            api: hello.api.clone(),
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

fn finding(found: &Found) -> Finding {
    Finding {
        code: found.code.map(str::to_owned),
        outcome: found.outcome.name().into(),
        requirement: found.requirement.id.into(),
    }
}
