//! `results.json`: what came of a run, canonical and normalised.
//!
//! Everything is sorted, and nothing is in it that differs between two runs with the same seed:
//! no durations, no lengths of handshake messages, no paths. It is complete: whatever a report
//! says of a run is in it, the sentences of requirements and cases included, so that results can
//! still be read when the program has moved on.

mod layout;
mod merge;
mod read;
mod upgrade;
mod write;

use std::collections::BTreeMap;

use closure::{Axis, Grade, Outcome};
use protocol::{Role, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::lines::Line;

/// The version of this format. What has changed since the older ones is in `upgrade.rs`.
pub const SCHEMA_VERSION: u32 = 2;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// The cases that were played, by name.
    pub cases: Vec<CaseFacts>,
    /// How many instances differ in what their subject was told; absent if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<usize>,
    /// What group rules found in all instances of one case, role and version.
    pub groups: Vec<Group>,
    /// All instances that were played, by subject and id.
    pub instances: Vec<Instance>,
    /// The run was interrupted, so that instances are missing.
    pub interrupted: bool,
    /// The expectations that spoke of something.
    pub known: Vec<Known>,
    /// Only a part of all instances was selected.
    pub narrow: bool,
    /// The choices that held, where the RFCs leave one.
    pub profile: String,
    /// All requirements that were judged, by id; `held` refers to them by place.
    pub requirements: Vec<RequirementFacts>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectFacts {
    /// Which of the implementation's interfaces is driven.
    pub api: String,
    /// How a command line of this program chooses it; words in capitals stand for what only the
    /// user knows, such as the path of a working tree.
    pub arguments: String,
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
    /// The working tree or repository that it was built from, with its commit; absent where the
    /// version says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The roles that it plays.
    pub roles: Vec<Role>,
    /// The implementation's version.
    pub version: String,
    /// The versions of TLS that it knows.
    pub versions: Vec<Version>,
}

/// What a requirement asks for, as it was when the run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementFacts {
    /// All that its rule can find.
    pub codes: Vec<CodeFacts>,
    /// `family.name`.
    pub id: String,
    /// How much it binds: must, definition, contract, should, may or practice.
    pub level: String,
    /// The roles that it binds.
    pub roles: Vec<Role>,
    /// What it asks for, in one sentence.
    pub says: String,
    /// Where it is written.
    pub sections: Vec<String>,
    /// The versions of TLS that it binds.
    pub versions: Vec<Version>,
    /// What goes wrong for users where it is broken, in one sentence.
    pub why: String,
}

/// One thing that a rule can find.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CodeFacts {
    /// What it is about: data, end-signal, own-half or alert.
    pub axis: String,
    /// How much it weighs: deviates, variation or behaviour.
    pub grade: String,
    /// Its name.
    pub name: String,
}

/// A case, as it was when the run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseFacts {
    /// The ids of the requirements that it must exercise.
    pub exercises: Vec<String>,
    /// `area/behaviour`.
    pub name: String,
    /// What happens and why it matters.
    pub says: String,
    /// What happens, step by step.
    pub script: String,
}

/// An entry of the expectations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// With or without the subject's assertions.
    pub build: String,
    /// The code that is expected.
    pub code: String,
    /// Where to read more.
    pub link: String,
    /// Why it is known and accepted.
    pub reason: String,
    /// The requirement's id.
    pub requirement: String,
    /// The subject's name.
    pub subject: String,
    /// The instances that it speaks of, in words.
    pub r#where: String,
}

/// What came of one instance.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// What should have been exercised, and what was in the way: the id of a requirement, or
    /// `crash` or `hang`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocked: BTreeMap<String, String>,
    /// The run itself was at fault here, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
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
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// The subject's name.
    pub subject: String,
}

/// A transcript that shows something.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// The id of the instance from which this one differs, for group rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
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
    /// The implementation's own words for its first error.
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
    /// If they cannot be written as JSON, which would be a mistake of this program.
    pub fn to_json(&self) -> Result<String, Failure> {
        layout::to_string(self)
            .map_err(|error| Failure::new(Exit::Internal, format!("cannot write results: {error}")))
    }

    /// The facts of a case.
    pub fn case(&self, name: &str) -> Option<&CaseFacts> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// The expectations that spoke of a requirement in a subject.
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

    /// How a run with these results ends.
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
    /// What it is, in a few words: `rustls 0.23.46 unbuffered`.
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

    /// What this program's requirement of the same kind asks for.
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
    /// What this program's case says.
    pub fn of(case: &scenario::Case) -> Self {
        Self {
            exercises: case.exercises.iter().map(|id| (*id).to_owned()).collect(),
            name: case.name.into(),
            says: case.says.into(),
            script: case.script.to_string(),
        }
    }
}
