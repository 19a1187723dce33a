use protocol::{Capability, PLAIN_HABIT, Role, Version};
use serde::Deserialize;

use crate::instance::{role_name, version_name};
use crate::{Axes, Cut, Grade, Requirement, Verdict, requirements};

/// What is known of one implementation: its deviations, and what it cannot do.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// Known deviations, in the order of the file.
    pub deviations: Vec<Deviation>,
    /// Capabilities that the implementation is known to lack.
    pub missing: Vec<Missing>,
}

/// A known deviation: every exercised instance inside `select` shows this code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deviation {
    /// The requirement's id.
    pub requirement: String,
    /// The code that its rule finds.
    pub code: String,
    /// The instances it is found in; all of them if nothing is said.
    #[serde(default, rename = "where")]
    pub select: Select,
    /// The versions of the implementation; all of them if nothing is said.
    #[serde(default)]
    pub versions: Option<semver::VersionReq>,
    /// What a crash says, or where it is: part of its last words. Fuzzers play no cases, and tell
    /// crashes apart by this alone.
    #[serde(default)]
    pub last_words: Option<String>,
    /// Why this is known and accepted.
    pub reason: String,
    /// Where to read more.
    pub link: String,
}

/// A capability that an implementation is known to lack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Missing {
    /// The capability.
    pub capability: Capability,
    /// Why this is known and accepted.
    pub reason: String,
    /// Where to read more.
    pub link: String,
}

/// A choice of instances: an axis that is left out means all of its values, and an axis may
/// list several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Select {
    /// Names of cases.
    #[serde(default)]
    pub case: OneOrMany<String>,
    /// Roles.
    #[serde(default)]
    pub role: OneOrMany<Role>,
    /// Versions of TLS.
    #[serde(default)]
    pub version: OneOrMany<Version>,
    /// Cuts.
    #[serde(default)]
    pub cut: OneOrMany<String>,
    /// Habits.
    #[serde(default)]
    pub habit: OneOrMany<String>,
    /// Suites, where one is chosen.
    #[serde(default)]
    pub suite: OneOrMany<String>,
    /// Builds.
    #[serde(default)]
    pub build: OneOrMany<String>,
}

/// A value, or a list of them; none at all means any.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrManyInput<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct OneOrMany<T>(pub Vec<T>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrManyInput<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> From<OneOrManyInput<T>> for OneOrMany<T> {
    fn from(input: OneOrManyInput<T>) -> Self {
        Self(match input {
            OneOrManyInput::One(value) => vec![value],
            OneOrManyInput::Many(values) => values,
        })
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn allows(&self, is: impl Fn(&T) -> bool) -> bool {
        self.0.is_empty() || self.0.iter().any(is)
    }
}

impl Select {
    /// Whether this instance of this case is among them.
    pub fn matches(&self, case: &str, axes: &Axes) -> bool {
        self.case.allows(|c| c == case) && self.matches_axes(axes)
    }

    /// Whether an instance with these axes is among them, whatever its case.
    pub fn matches_axes(&self, axes: &Axes) -> bool {
        self.role.allows(|r| *r == axes.role)
            && self.version.allows(|v| *v == axes.version)
            && self.cut.allows(|c| *c == axes.cut.to_string())
            && self.habit.allows(|h| *h == axes.habit)
            && self
                .suite
                .allows(|s| axes.suite.is_some_and(|suite| *s == suite.to_string()))
            && self.build.allows(|b| *b == axes.build.to_string())
    }

    /// Whether it speaks only of instances in which more than one axis is varied, which are played
    /// only where all axes are crossed.
    pub fn is_of_crossed_axes(&self) -> bool {
        let varied = [
            !self.cut.allows(|cut| *cut == Cut::Whole.to_string()),
            !self.habit.allows(|habit| *habit == PLAIN_HABIT),
            !self.suite.0.is_empty(),
        ];
        varied.into_iter().filter(|varied| *varied).count() > 1
    }

    fn overlaps(&self, other: &Self) -> bool {
        fn common<T: PartialEq>(a: &OneOrMany<T>, b: &OneOrMany<T>) -> bool {
            a.0.is_empty() || b.allows(|value| a.0.contains(value))
        }
        common(&self.case, &other.case)
            && common(&self.role, &other.role)
            && common(&self.version, &other.version)
            && common(&self.cut, &other.cut)
            && common(&self.habit, &other.habit)
            && common(&self.suite, &other.suite)
            && common(&self.build, &other.build)
    }
}

/// Why a file of expectations cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationsError {
    /// It is not TOML, or not of this form.
    #[error("{0}")]
    Syntax(String),
    /// An entry names something that does not exist or may not be listed.
    #[error("entry {entry} ({requirement}: {code}): {problem}")]
    Entry {
        /// Its place among the deviations, from 1.
        entry: usize,
        /// Its requirement.
        requirement: String,
        /// Its code.
        code: String,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    deviation: Vec<Deviation>,
    #[serde(default)]
    missing: Vec<Missing>,
}

impl Expectations {
    /// Reads a file of expectations, and keeps the entries that speak of this version of the
    /// implementation. A version that is not a semantic version matches every entry.
    ///
    /// # Errors
    ///
    /// If the text is not of the form; or an entry names an unknown requirement or code, lists
    /// what is not a deviation, lacks a reason or a link, or overlaps another entry.
    pub fn parse(text: &str, version: &str) -> Result<Self, ExpectationsError> {
        let file: File =
            toml::from_str(text).map_err(|e| ExpectationsError::Syntax(e.to_string()))?;
        for (i, entry) in file.deviation.iter().enumerate() {
            check(entry, &file.deviation[..i]).map_err(|problem| ExpectationsError::Entry {
                entry: i + 1,
                requirement: entry.requirement.clone(),
                code: entry.code.clone(),
                problem,
            })?;
        }
        let version = semver::Version::parse(version).ok();
        let deviations = file
            .deviation
            .into_iter()
            .filter(|entry| match (&entry.versions, &version) {
                (Some(required), Some(version)) => required.matches(version),
                _ => true,
            })
            .collect();
        Ok(Self {
            deviations,
            missing: file.missing,
        })
    }

    /// The entry that speaks of this requirement in this instance, by its place in the list.
    pub fn find(&self, requirement: &str, case: &str, axes: &Axes) -> Option<usize> {
        self.deviations
            .iter()
            .position(|d| d.requirement == requirement && d.select.matches(case, axes))
    }

    /// The same where there is no case, because nobody wrote the script: an entry speaks of this
    /// code of the requirement wherever its other axes match. If the subject crashed, only one that
    /// knows its last words does.
    pub fn find_in_any_case(
        &self,
        requirement: &str,
        code: &str,
        axes: &Axes,
        last_words: Option<&str>,
    ) -> Option<usize> {
        self.deviations.iter().position(|entry| {
            entry.requirement == requirement
                && entry.code == code
                && entry.select.matches_axes(axes)
                && last_words.is_none_or(|words| {
                    let known = entry.last_words.as_deref();
                    known.is_some_and(|known| words.contains(known))
                })
        })
    }
}

fn check(entry: &Deviation, earlier: &[Deviation]) -> Result<(), String> {
    let requirement = requirements::find(&entry.requirement)
        .ok_or_else(|| "no requirement has this id; `lastword list` shows them all".to_owned())?;
    if requirement.id != entry.requirement {
        return Err(format!("this is another name of {}", requirement.id));
    }
    let code = requirement.code(&entry.code).ok_or_else(|| {
        let codes: Vec<_> = requirement.codes.iter().map(|c| c.name).collect();
        format!("this requirement's codes are {}", codes.join(", "))
    })?;
    if code.grade != Grade::Deviates {
        return Err("this code is not a deviation, and needs no entry".into());
    }
    for (what, text) in [("reason", &entry.reason), ("link", &entry.link)] {
        if text.trim().is_empty() || text.trim().starts_with("TODO") {
            return Err(format!("it needs a {what}"));
        }
    }
    if let Some(twin) = earlier
        .iter()
        .position(|e| e.requirement == entry.requirement && e.select.overlaps(&entry.select))
    {
        let versions = |d: &Deviation| d.versions.as_ref().map(ToString::to_string);
        if versions(&earlier[twin]) == versions(entry) {
            return Err(format!("it overlaps entry {}", twin + 1));
        }
    }
    Ok(())
}

/// What a verdict amounts to, given what is known. What matters more comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A group rule had nothing to compare with.
    NotCompared,
    /// Not judged, because a crash or hang came first.
    Blocked,
    /// As it should be.
    Ok,
    /// A choice, noted.
    Behaviour,
    /// Allowed, but not what is recommended.
    Variation,
    /// The subject lacks a capability, and that is listed.
    Unsupported,
    /// A deviation that is listed.
    KnownDeviation,
    /// A capability is listed as missing, and the subject has it.
    DeclaredMissingButWorks,
    /// A listed deviation that is no longer there.
    StaleExpectation,
    /// The subject lacks a capability, and that is not listed.
    UndeclaredUnsupported,
    /// A deviation that is not listed, or not with this code.
    Regression,
}

impl Outcome {
    /// All of them, what matters less first.
    pub const ALL: [Self; 11] = [
        Self::NotCompared,
        Self::Blocked,
        Self::Ok,
        Self::Behaviour,
        Self::Variation,
        Self::Unsupported,
        Self::KnownDeviation,
        Self::DeclaredMissingButWorks,
        Self::StaleExpectation,
        Self::UndeclaredUnsupported,
        Self::Regression,
    ];

    /// The outcome of this [`Self::name`].
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// The name used on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotCompared => "not-compared",
            Self::Ok => "ok",
            Self::Behaviour => "behaviour",
            Self::Variation => "variation",
            Self::KnownDeviation => "known-deviation",
            Self::Blocked => "blocked",
            Self::Regression => "regression",
            Self::StaleExpectation => "stale-expectation",
            Self::Unsupported => "unsupported",
            Self::UndeclaredUnsupported => "undeclared-unsupported",
            Self::DeclaredMissingButWorks => "declared-missing-but-works",
        }
    }
}

/// The outcome of an exercised requirement, given the entry that speaks of this instance.
pub fn outcome_of(
    requirement: &Requirement,
    verdict: Verdict,
    entry: Option<&Deviation>,
) -> Outcome {
    match (verdict, entry) {
        (Verdict::Found { code, .. }, Some(entry)) if entry.code == code => Outcome::KnownDeviation,
        (Verdict::Found { code, .. }, entry) => {
            match (requirement.code(code).map(|c| c.grade), entry) {
                (Some(Grade::Variation | Grade::Behaviour), Some(_)) => Outcome::StaleExpectation,
                (Some(Grade::Variation), None) => Outcome::Variation,
                (Some(Grade::Behaviour), None) => Outcome::Behaviour,
                _ => Outcome::Regression,
            }
        }
        (Verdict::Held, Some(_)) => Outcome::StaleExpectation,
        (Verdict::Held | Verdict::NotExercised, _) => Outcome::Ok,
    }
}

/// `client, 1.3`, for messages: the axes that a choice names.
impl std::fmt::Display for Select {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words: Vec<String> = self.case.0.clone();
        words.extend(self.role.0.iter().map(|r| role_name(*r).to_owned()));
        words.extend(self.version.0.iter().map(|v| version_name(*v).to_owned()));
        words.extend(
            [&self.cut.0, &self.habit.0, &self.suite.0, &self.build.0]
                .into_iter()
                .flatten()
                .cloned(),
        );
        match words.is_empty() {
            true => f.write_str("everywhere"),
            false => f.write_str(&words.join(", ")),
        }
    }
}
