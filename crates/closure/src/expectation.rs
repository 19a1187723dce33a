use protocol::{Capability, PLAIN_HABIT, Role, Version};
use serde::Deserialize;

use crate::instance::{role_name, version_name};
use crate::{Axes, Choice, Cut, Grade, Profile, Requirement, Verdict, requirements};

/// The known deviations of one implementation, and the capabilities it lacks.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// Known deviations, in the order of the file.
    pub deviations: Vec<Deviation>,
    /// Capabilities that the implementation is known to lack.
    pub missing: Vec<Missing>,
}

/// A known deviation: every instance in `select` that exercises the requirement shows this code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deviation {
    /// The requirement's id.
    pub requirement: String,
    /// The code that its rule finds.
    pub code: String,
    /// The instances that show it; all instances by default.
    #[serde(default, rename = "where")]
    pub select: Select,
    /// The versions of the implementation that show it; all versions by default.
    #[serde(default)]
    pub versions: Option<semver::VersionReq>,
    /// A part of the crash output, such as its message or location. Fuzzers play no cases, so this
    /// alone tells their crashes apart.
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

/// A selection of instances. An axis may list several values, and an omitted axis means all of
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Select {
    /// Case names.
    #[serde(default)]
    pub case: OneOrMany<String>,
    /// Roles.
    #[serde(default)]
    pub role: OneOrMany<Role>,
    /// TLS versions.
    #[serde(default)]
    pub version: OneOrMany<Version>,
    /// Cuts.
    #[serde(default)]
    pub cut: OneOrMany<String>,
    /// Habits.
    #[serde(default)]
    pub habit: OneOrMany<String>,
    /// Cipher suites, for instances that choose one.
    #[serde(default)]
    pub suite: OneOrMany<String>,
    /// Builds.
    #[serde(default)]
    pub build: OneOrMany<String>,
    /// Profile choices. Each narrows the selection for one version of TLS, and does not affect the
    /// other.
    #[serde(default)]
    pub profile: OneOrMany<Choice>,
}

/// One value or a list of values. An empty list means any value.
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
    /// Whether the selection includes this instance of this case.
    pub fn matches(&self, case: &str, axes: &Axes, profile: Profile) -> bool {
        self.case.allows(|c| c == case) && self.matches_axes(axes, profile)
    }

    /// Whether the selection includes an instance of any case with these axes.
    pub fn matches_axes(&self, axes: &Axes, profile: Profile) -> bool {
        self.role.allows(|r| *r == axes.role)
            && self.speaks_of(profile.of(axes.version))
            && self.cut.allows(|c| *c == axes.cut.to_string())
            && self.habit.allows(|h| *h == axes.habit)
            && self
                .suite
                .allows(|s| axes.suite.is_some_and(|suite| *s == suite.to_string()))
            && self.build.allows(|b| *b == axes.build.to_string())
    }

    /// Whether the selection can include an instance under this profile.
    pub fn is_in(&self, profile: Profile) -> bool {
        let versions = [Version::Tls12, Version::Tls13];
        versions.into_iter().any(|v| self.speaks_of(profile.of(v)))
    }

    /// Whether the selection includes the version of TLS that this choice concerns, and does not
    /// require a different choice for it.
    fn speaks_of(&self, answer: Choice) -> bool {
        let version = answer.version();
        let mut named = self.profile.0.iter().filter(|it| it.version() == version);
        let any = named.clone().next().is_none();
        self.version.allows(|v| *v == version) && (any || named.any(|it| *it == answer))
    }

    /// Whether the selection includes only instances that vary more than one axis. These are played
    /// only if all axes are crossed.
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
            && Choice::ALL
                .into_iter()
                .any(|answer| self.speaks_of(answer) && other.speaks_of(answer))
            && common(&self.cut, &other.cut)
            && common(&self.habit, &other.habit)
            && common(&self.suite, &other.suite)
            && common(&self.build, &other.build)
    }
}

/// An error in an expectations file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationsError {
    /// The file is not TOML, or has unknown or missing fields.
    #[error("{0}")]
    Syntax(String),
    /// An entry is invalid.
    #[error("entry {entry} ({requirement}: {code}): {problem}")]
    Entry {
        /// Its index among the deviations, counted from 1.
        entry: usize,
        /// The requirement that it names.
        requirement: String,
        /// The code that it names.
        code: String,
        /// The reason why it is invalid.
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
    /// Parses an expectations file, and keeps the entries that apply to this version of the
    /// implementation. A version that is not a semantic version matches every entry.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a valid expectations file. An entry is invalid if it
    /// names an unknown requirement or code, lists a code that is not a deviation, lacks a reason
    /// or a link, or overlaps another entry.
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

    /// The index of the entry for this requirement in this instance.
    pub fn find(
        &self,
        requirement: &str,
        case: &str,
        axes: &Axes,
        profile: Profile,
    ) -> Option<usize> {
        self.deviations
            .iter()
            .position(|d| d.requirement == requirement && d.select.matches(case, axes, profile))
    }

    /// The index of the entry for a generated script, which belongs to no case. An entry matches if
    /// its code and its other axes match. If the subject crashed with output `last_words`, the
    /// entry's [`Deviation::last_words`] must be part of it.
    pub fn find_in_any_case(
        &self,
        requirement: &str,
        code: &str,
        axes: &Axes,
        profile: Profile,
        last_words: Option<&str>,
    ) -> Option<usize> {
        self.deviations.iter().position(|entry| {
            entry.requirement == requirement
                && entry.code == code
                && entry.select.matches_axes(axes, profile)
                && last_words.is_none_or(|words| {
                    let known = entry.last_words.as_deref();
                    known.is_some_and(|known| words.contains(known))
                })
        })
    }
}

fn check(entry: &Deviation, earlier: &[Deviation]) -> Result<(), String> {
    let requirement = requirements::find(&entry.requirement)
        .ok_or_else(|| "no requirement has this id; `lastword list` shows all ids".to_owned())?;
    if requirement.id != entry.requirement {
        return Err(format!("this id is an alias of {}", requirement.id));
    }
    let code = requirement.code(&entry.code).ok_or_else(|| {
        let codes: Vec<_> = requirement.codes.iter().map(|c| c.name).collect();
        format!("this requirement's codes are {}", codes.join(", "))
    })?;
    if code.grade != Grade::Deviates {
        return Err("this code is not a deviation and needs no entry".into());
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

/// The result of comparing a verdict with the expectations, in ascending order of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A group rule had nothing to compare.
    NotCompared,
    /// Not judged, because of an earlier crash or hang.
    Blocked,
    /// The requirement holds, or was not exercised.
    Ok,
    /// A choice that is only reported.
    Behaviour,
    /// Allowed, but not recommended.
    Variation,
    /// The subject lacks a capability, as listed.
    Unsupported,
    /// A deviation that is listed.
    KnownDeviation,
    /// A capability is listed as missing, but the subject has it.
    DeclaredMissingButWorks,
    /// A listed deviation that no longer shows.
    StaleExpectation,
    /// The subject lacks a capability that is not listed as missing.
    UndeclaredUnsupported,
    /// A deviation that is not listed, or is listed with a different code.
    Regression,
}

impl Outcome {
    /// All outcomes, in ascending order of importance.
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

    /// The outcome with this [`Self::name`].
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

/// The outcome of an exercised requirement, given the entry for this instance.
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
        (Verdict::Held | Verdict::Excused(_) | Verdict::NotExercised, _) => Outcome::Ok,
    }
}

/// The values that a selection names, such as `client, 1.3`, for messages.
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
        words.extend(self.profile.0.iter().map(|it| it.name().to_owned()));
        match words.is_empty() {
            true => f.write_str("everywhere"),
            false => f.write_str(&words.join(", ")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;
    use crate::Build;

    fn known(choices: &[&str]) -> Result<Expectations, ExpectationsError> {
        let entry = |choice: &&str| {
            format!(
                "[[deviation]]\nrequirement = \"close-tx.no-data-after\"\ncode = \"sends-app-data\"\n\
                 where = {{ {choice} }}\nreason = \"r\"\nlink = \"l\"\n"
            )
        };
        let text: String = choices.iter().map(entry).collect();
        Expectations::parse(&text, "1.0.0")
    }

    fn speaks(known: &Expectations, version: Version, profile: &str) -> bool {
        let axes = Axes::baseline(Role::Client, version, Build::Plain);
        let profile = Profile::parse(profile).unwrap();
        let found = known.find("close-tx.no-data-after", "any/case", &axes, profile);
        found.is_some()
    }

    #[test]
    fn a_profile_choice_narrows_an_entry_only_for_its_own_tls_version() {
        let known = known(&["profile = \"full-close\""]).unwrap();
        for (version, profile, expected) in [
            (Version::Tls12, "half-close", false),
            (Version::Tls12, "full-close", true),
            (Version::Tls13, "half-close", true),
            (Version::Tls13, "rfc8446bis", true),
        ] {
            assert_eq!(
                speaks(&known, version, profile),
                expected,
                "{version:?} {profile}"
            );
        }
    }

    #[test]
    fn an_entry_is_outside_a_profile_only_if_no_version_remains() {
        let is_in = |choice, profile| {
            let known = known(&[choice]).unwrap();
            known.deviations[0]
                .select
                .is_in(Profile::parse(profile).unwrap())
        };
        assert!(is_in("profile = \"full-close\"", "half-close"));
        let both = "profile = \"full-close\", version = \"1.2\"";
        assert!(!is_in(both, "half-close"));
        assert!(is_in(both, "full-close"));
    }

    #[test]
    fn entries_for_different_profile_choices_do_not_overlap() {
        let half = "version = \"1.2\", profile = \"half-close\"";
        let full = "version = \"1.2\", profile = \"full-close\"";
        assert!(known(&[half, full]).is_ok());
        for other in [
            half,
            "version = \"1.2\"",
            "profile = [\"full-close\", \"half-close\"]",
        ] {
            assert!(known(&[half, other]).is_err(), "{other}");
        }
        assert!(known(&["profile = \"soft-close\""]).is_err());
    }
}
