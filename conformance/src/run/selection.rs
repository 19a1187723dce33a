//! The selection of instances on a command line.

use closure::{Axes, Level, Profile, Requirement, requirements};
use glob::Pattern;
use protocol::{Role, Version};
use scenario::Case;

use crate::exit::{Exit, Failure};
use cases::instances;

/// A choice of instances. The default selects everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Instances that match any of these.
    pub selectors: Vec<Selector>,
    /// Cases that exercise any of these, and these alone are judged.
    pub requirements: Vec<&'static Requirement>,
    /// Cases that exercise a requirement of any of these levels, and these alone are judged.
    pub levels: Vec<Level>,
    /// The subject's roles.
    pub roles: Vec<Role>,
    /// Versions of TLS.
    pub versions: Vec<Version>,
    /// One of several parts of the cases.
    pub shard: Option<Shard>,
    /// Names of commands, where the first selector may be a misspelt command: `lastword expalin`.
    pub verbs: Vec<String>,
}

/// One of several parts of the cases, of about the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part, from 1.
    pub part: u64,
    /// The number of parts.
    pub parts: u64,
}

/// A name, part of one, or a pattern.
#[derive(Clone, Debug)]
pub struct Selector {
    text: String,
    means: Means,
}

#[derive(Clone, Debug)]
enum Means {
    Case(&'static str),
    Instance,
    Glob(Pattern),
    Part,
}

impl Selector {
    /// Reads a selector: the name of a case, the id of an instance, a pattern with `*`, `?` or
    /// `[]`, or otherwise a part of an instance's id.
    ///
    /// # Errors
    ///
    /// If it is an ill-formed pattern.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let means = if let Some(case) = cases::find(text) {
            Means::Case(case.name)
        } else if instances::parse_id(text).is_ok() {
            Means::Instance
        } else if text.contains(['*', '?', '[']) {
            let glob = Pattern::new(text).map_err(|error| {
                Failure::usage(format!("'{text}' is not a valid pattern: {error}"))
            })?;
            Means::Glob(glob)
        } else {
            Means::Part
        };
        Ok(Self {
            text: text.to_owned(),
            means,
        })
    }

    /// A selector for the case of exactly this name.
    ///
    /// # Errors
    ///
    /// If there is no such case. The message names the nearest.
    pub fn case(name: &str) -> Result<Self, Failure> {
        match cases::find(name) {
            Some(case) => Ok(Self {
                text: name.to_owned(),
                means: Means::Case(case.name),
            }),
            None => Err(unknown(name)),
        }
    }

    fn matches(&self, case: &Case, id: &str) -> bool {
        match &self.means {
            Means::Case(name) => case.name == *name,
            Means::Instance => id == self.text,
            Means::Glob(glob) => glob.matches(case.name) || glob.matches(id),
            Means::Part => id.contains(&self.text),
        }
    }
}

impl Selection {
    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        self.selectors.is_empty()
            && self.requirements.is_empty()
            && self.levels.is_empty()
            && self.roles.is_empty()
            && self.versions.is_empty()
            && self.shard.is_none()
    }

    /// Whether to judge this requirement.
    pub fn judges(&self, requirement: &Requirement) -> bool {
        (self.requirements.is_empty()
            || self
                .requirements
                .iter()
                .any(|wanted| wanted.id == requirement.id))
            && (self.levels.is_empty() || self.levels.contains(&requirement.level))
    }

    /// Whether instances of this case may be selected.
    pub fn takes_case(&self, case: &Case) -> bool {
        self.shard.is_none_or(|shard| shard.holds(case.name))
            && (self.requirements.is_empty() && self.levels.is_empty()
                || case
                    .exercises
                    .iter()
                    .filter_map(|id| requirements::find(id))
                    .any(|requirement| self.judges(requirement)))
    }

    /// Whether this instance is selected. Marks the selectors that match it in `matched`.
    pub fn takes(&self, case: &Case, axes: &Axes, matched: &mut [bool]) -> bool {
        let id = instances::id(case.name, axes);
        let mut any = self.selectors.is_empty();
        for (selector, matched) in self.selectors.iter().zip(matched) {
            if selector.matches(case, &id) {
                *matched = true;
                any = true;
            }
        }
        any && (self.roles.is_empty() || self.roles.contains(&axes.role))
            && (self.versions.is_empty() || self.versions.contains(&axes.version))
    }

    /// Whether a selector is the id of this instance.
    pub fn names(&self, case: &Case, axes: &Axes) -> bool {
        let exact = |selector: &&Selector| matches!(selector.means, Means::Instance);
        let mut exact = self.selectors.iter().filter(exact).peekable();
        exact.peek().is_some() && {
            let id = instances::id(case.name, axes);
            exact.any(|selector| selector.text == id)
        }
    }

    /// The failure of the selector at this place, which selects nothing.
    pub fn unmatched(&self, place: usize, profile: Profile) -> Failure {
        match self.selectors.get(place) {
            Some(selector) => {
                let name = selector.text.split('@').next().unwrap_or_default();
                match cases::find(name).filter(|case| !case.is_in(profile)) {
                    Some(case) => {
                        let other = case.script.settings.profile(profile);
                        let message = format!(
                            "'{name}' is a case of the profile {other}: use --profile {other}"
                        );
                        Failure::new(Exit::NothingSelected, message)
                    }
                    None if place == 0 => unknown_or_verb(&selector.text, &self.verbs),
                    None => unknown(&selector.text),
                }
            }
            None => Failure::new(
                Exit::NothingSelected,
                "no instance matches all options of the selection",
            ),
        }
    }
}

/// How many near names a message lists.
const NEAREST: usize = 3;

/// The failure for a name that does not exist. The message names the nearest.
pub fn unknown(name: &str) -> Failure {
    unknown_or_verb(name, &[])
}

/// As [`unknown`], for a word that may also be meant for one of these commands.
fn unknown_or_verb(name: &str, verbs: &[String]) -> Failure {
    let (case, axes) = name.split_once('@').unwrap_or((name, ""));
    let message = match instances::parse_id(name) {
        Err(problem) if cases::find(case).is_some() => {
            format!("nothing is called '{name}'\n  {problem}")
        }
        Ok(_) if cases::find(case).is_some() => {
            format!(
                "'{case}' has no instance '{axes}'\n  all its instances: lastword explain {case}"
            )
        }
        _ if requirements::find(case).is_some() => {
            format!("'{case}' is a requirement, not a case: use --requirement {case}")
        }
        _ => {
            let names = cases::all().iter().map(|case| case.name);
            let names = names.chain(requirements::all().map(|requirement| requirement.id));
            let mut message = format!("nothing is called '{name}'");
            if let Some(verb) = nearest(name, verbs.iter().map(String::as_str)).first() {
                message += &format!("\n  nearest command: lastword {verb}");
            }
            let near = nearest(case, names);
            if !near.is_empty() {
                message += &format!(
                    "\n  nearest: {}",
                    near[..near.len().min(NEAREST)].join(", ")
                );
            }
            if near.len() > NEAREST {
                message += &format!(" and {} more", near.len() - NEAREST);
            }
            format!(
                "{message}\n  all {} cases and {} requirements: lastword list",
                cases::all().len(),
                requirements::all().count()
            )
        }
    };
    Failure::new(Exit::NothingSelected, message)
}

/// The names that are nearly as like `name` as the one most like it, the nearest first. None if all
/// are very different.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(f64, &str)> = names
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let best = near.first().map_or(0.0, |(likeness, _)| *likeness);
    near.into_iter()
        .filter(|(likeness, _)| *likeness > best - 0.1)
        .map(|(_, name)| name)
        .collect()
}

impl Shard {
    /// Whether the case of this name is in this part.
    pub fn holds(self, name: &str) -> bool {
        fnv(name) % self.parts == self.part - 1
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shard = text.split_once('/').and_then(|(part, parts)| {
            Some(Self {
                part: part.parse().ok()?,
                parts: parts.parse().ok()?,
            })
        });
        match shard {
            Some(shard) if shard.part >= 1 && shard.part <= shard.parts => Ok(shard),
            _ => Err("expected M/N, with M from 1 to N".into()),
        }
    }
}

/// FNV-1a, which is the same on every machine and in every release.
pub(crate) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_in_exactly_one_shard() {
        for case in cases::all() {
            let parts = (1..=3).filter(|part| {
                Shard {
                    part: *part,
                    parts: 3,
                }
                .holds(case.name)
            });
            assert_eq!(parts.count(), 1);
        }
    }

    #[test]
    fn the_nearest_name_is_found_for_a_near_miss() {
        let names = ["half-close/ping-pong", "eof/fin"];
        assert_eq!(
            nearest("half-closed/ping-pong", names.into_iter()),
            ["half-close/ping-pong"]
        );
        assert!(nearest("zzz", names.into_iter()).is_empty());
    }
}
