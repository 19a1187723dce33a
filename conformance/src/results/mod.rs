//! `results.json`: the results of a run, canonical and normalised.
//!
//! Everything is sorted, and nothing differs between two runs with the same seed: there are no
//! durations, no lengths of handshake messages and no paths. The file is complete: it holds all that
//! a report shows, including the sentences of requirements and cases, so that later versions of the
//! program show the same.

mod layout;
mod merge;
mod read;
mod upgrade;
mod write;

use std::collections::BTreeMap;

use closure::{Axis, Grade, Outcome};
use protocol::{Role, Version};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::lines::Line;

/// The version of this format. `upgrade.rs` lists the changes since the older ones.
pub const SCHEMA_VERSION: u32 = 2;

/// The results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Results {
    /// The cases that were played, by name.
    pub cases: Vec<CaseFacts>,
    /// The number of instances with different stimuli; absent if it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<usize>,
    /// The number of verdicts that an excuse replaced, by subject and requirement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excused: Vec<Excused>,
    /// The verdicts of group rules, which compare the instances of one case, role and version.
    pub groups: Vec<Group>,
    /// All instances that were played, by subject and id.
    pub instances: Vec<Instance>,
    /// Whether the run was interrupted, so that instances are missing.
    pub interrupted: bool,
    /// The expectations that matched a verdict.
    pub known: Vec<Known>,
    /// Whether only some instances were selected.
    pub narrow: bool,
    /// The reading of the RFCs, where they allow several.
    pub profile: String,
    /// All requirements that were judged, by id; `held` refers to them by index.
    pub requirements: Vec<RequirementFacts>,
    /// The version of this format.
    pub schema_version: u32,
    /// The seed of all randomness.
    pub seed: u64,
    /// Expectations that matched nothing.
    pub stale: Vec<StaleEntry>,
    /// The subjects.
    pub subjects: Vec<SubjectFacts>,
    /// The shortest transcript for each subject, requirement, code, role and version.
    pub transcripts: Vec<Shown>,
    /// The version of this program.
    pub version: String,
}

/// The facts of a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectFacts {
    /// The interface of the implementation that is driven.
    pub api: String,
    /// The options of this program that select it, with words in capitals in place of values that
    /// only the user knows, such as the path of a working tree.
    pub arguments: String,
    /// The build of the implementation: with or without assertions.
    pub build: String,
    /// Its capabilities.
    pub capabilities: Vec<protocol::Capability>,
    /// The provider of its cryptography.
    pub crypto: String,
    /// The names of its habits.
    pub habits: Vec<String>,
    /// The implementation's name.
    pub implementation: String,
    /// The name in reports.
    pub name: String,
    /// The working tree or repository that it was built from, with its commit; absent where the
    /// version says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The roles that it supports.
    pub roles: Vec<Role>,
    /// The implementation's version.
    pub version: String,
    /// The versions of TLS that it supports.
    pub versions: Vec<Version>,
}

/// A requirement, as it was at the time of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequirementFacts {
    /// The codes of its rule.
    pub codes: Vec<CodeFacts>,
    /// `family.name`.
    pub id: String,
    /// Its level: must, definition, contract, should, may or practice.
    pub level: String,
    /// The roles that it applies to.
    pub roles: Vec<Role>,
    /// The requirement, in one sentence.
    pub says: String,
    /// The sections of the RFCs that contain it.
    pub sections: Vec<String>,
    /// The versions of TLS that it applies to.
    pub versions: Vec<Version>,
    /// The harm to users where it is violated, in one sentence.
    pub why: String,
}

/// A code of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeFacts {
    /// The axis: data, end-signal, own-half or alert.
    pub axis: String,
    /// The grade: deviates, variation or behaviour.
    pub grade: String,
    /// Its name.
    pub name: String,
}

/// A case, as it was at the time of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseFacts {
    /// The ids of the requirements that it must exercise.
    pub exercises: Vec<String>,
    /// `area/behaviour`.
    pub name: String,
    /// The description of the case.
    pub says: String,
    /// The script.
    pub script: String,
}

/// A known deviation: an entry of the expectations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Known {
    /// The subject's build: with or without assertions.
    pub build: String,
    /// The code that is expected.
    pub code: String,
    /// A link to more about it.
    pub link: String,
    /// The reason why it is accepted.
    pub reason: String,
    /// The requirement's id.
    pub requirement: String,
    /// The subject's name.
    pub subject: String,
    /// The instances that it covers, in words.
    pub r#where: String,
}

/// The results of one instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    /// The requirements that could not be exercised, and the cause of each: the id of a requirement, or
    /// `crash` or `hang`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocked: BTreeMap<String, String>,
    /// The error of the run itself, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The codes that were found, and the requirements that held although a deviation is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Finding>,
    /// The requirements that were exercised and held: indices in `requirements`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<usize>,
    /// `case@role,version,cut,habit`, with `,assertions` for a build with assertions.
    pub id: String,
    /// `crash`, `hang` or `nonsense`, if the subject stopped in one of these ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The subject's name.
    pub subject: String,
    /// The missing capability, if the subject could not be judged for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Unsupported>,
}

/// A capability that a subject does not have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unsupported {
    /// `unsupported` or `undeclared-unsupported`.
    pub outcome: String,
    /// Its name or description.
    pub what: String,
}

/// The instances in which something excused a subject from a requirement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Excused {
    /// The subject's build: with or without assertions.
    pub build: String,
    /// The number of instances by excuse.
    pub by: BTreeMap<String, usize>,
    /// The requirement's id.
    pub requirement: String,
    /// The subject's name.
    pub subject: String,
}

/// The outcome of a requirement in an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The code that its rule found; absent if it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// The requirement's id.
    pub requirement: String,
}

/// The verdict of a group rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// The subject's build: with or without assertions.
    pub build: String,
    /// The case's name.
    pub case: String,
    /// The code that was found; absent if the requirement held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The instance that differs from the baseline, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
    /// The outcome.
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

/// An expectation that matched nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaleEntry {
    /// The subject's build: with or without assertions.
    pub build: String,
    /// The entry, in a few words.
    pub entry: String,
    /// The outcome.
    pub outcome: String,
    /// The reason why it is stale.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// The subject's name.
    pub subject: String,
}

/// A transcript that shows a finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shown {
    /// The id of the instance that this one is compared with, for group rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// The code that was found.
    pub code: String,
    /// The id of the instance.
    pub instance: String,
    /// The events, in order. Empty for group rules.
    pub lines: Vec<Line>,
    /// The requirement's id.
    pub requirement: String,
    /// The role.
    pub role: Role,
    /// The implementation's own message for its first error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The subject's name.
    pub subject: String,
    /// The version of TLS.
    pub version: Version,
}

impl Results {
    /// The text of the file: equal results give equal bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be written as JSON, which would be a bug in this program.
    pub fn to_json(&self) -> Result<String, Failure> {
        layout::to_string(self)
            .map_err(|error| Failure::new(Exit::Internal, format!("cannot write results: {error}")))
    }

    /// The case of this name.
    pub fn case(&self, name: &str) -> Option<&CaseFacts> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// The expectations that matched a verdict about a requirement and a subject.
    pub fn known<'a>(
        &'a self,
        subject: &'a SubjectFacts,
        requirement: &'a str,
    ) -> impl Iterator<Item = &'a Known> {
        self.known.iter().filter(move |known| {
            known.requirement == requirement
                && known.subject == subject.name
                && known.build == subject.build
        })
    }

    /// Whether any instance, group or expectation has this outcome.
    pub fn has(&self, outcome: Outcome) -> bool {
        let name = outcome.name();
        self.instances.iter().any(|instance| {
            instance.found.iter().any(|found| found.outcome == name)
                || instance
                    .unsupported
                    .as_ref()
                    .is_some_and(|unsupported| unsupported.outcome == name)
        }) || self.groups.iter().any(|group| group.outcome == name)
            || self.stale.iter().any(|stale| stale.outcome == name)
    }

    /// The exit code of a run with these results.
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.instances.iter().any(|i| i.fault.is_some()) {
            Exit::Internal
        } else if self.has(Outcome::Regression) || self.has(Outcome::UndeclaredUnsupported) {
            Exit::Regression
        } else if self.has(Outcome::StaleExpectation) || self.has(Outcome::DeclaredMissingButWorks)
        {
            Exit::StaleExpectation
        } else {
            Exit::Ok
        }
    }
}

impl SubjectFacts {
    /// A short description: `rustls 0.23.46 unbuffered`.
    pub fn label(&self) -> String {
        let assertions = match self.build == closure::Build::Assertions.to_string() {
            true => ", assertions on",
            false => "",
        };
        format!(
            "{} {} {}{assertions}",
            self.implementation, self.version, self.api
        )
    }
}

impl RequirementFacts {
    /// The part of the id before the dot.
    pub fn family(&self) -> &str {
        self.id
            .split_once('.')
            .map_or(&self.id, |(family, _)| family)
    }

    /// The facts of a requirement of this program.
    pub fn of(requirement: &closure::Requirement) -> Self {
        Self {
            codes: requirement
                .codes
                .iter()
                .map(|code| CodeFacts {
                    axis: match code.axis {
                        Axis::Data => "data",
                        Axis::EndSignal => "end-signal",
                        Axis::OwnHalf => "own-half",
                        Axis::Alert => "alert",
                    }
                    .into(),
                    grade: match code.grade {
                        Grade::Deviates => "deviates",
                        Grade::Variation => "variation",
                        Grade::Behaviour => "behaviour",
                    }
                    .into(),
                    name: code.name.into(),
                })
                .collect(),
            id: requirement.id.into(),
            level: requirement.level.name().into(),
            roles: requirement.roles.to_vec(),
            says: requirement.says.into(),
            sections: requirement
                .sections
                .iter()
                .map(ToString::to_string)
                .collect(),
            versions: requirement.versions.to_vec(),
            why: requirement.why.into(),
        }
    }
}

impl CaseFacts {
    /// The facts of a case of this program.
    pub fn of(case: &scenario::Case) -> Self {
        Self {
            exercises: case.exercises.iter().map(|id| (*id).to_owned()).collect(),
            name: case.name.into(),
            says: case.says.into(),
            script: case.script.to_string(),
        }
    }
}
