//! Reports for people and for other programs, all drawn from results.

pub(crate) mod counts;
pub mod diff;
pub mod failure;
pub mod html;
pub mod junit;
pub mod ladder;
pub(crate) mod life;
pub mod markdown;
mod problem;
pub mod report;
mod svg;
pub(crate) mod table;
pub mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use closure::Outcome;

use crate::results::{Results, SubjectFacts};
use crate::run::DEFAULT_SEED;
use crate::subjects::quote;

/// Facts about a run that are shown but are not part of the results.
#[derive(Debug, Default)]
pub struct Live {
    /// The duration of the run.
    pub elapsed: Option<Duration>,
    /// The number of instances that were played at a time.
    pub workers: Option<usize>,
    /// The subjects as the command line named them.
    pub subjects: Vec<Named>,
    /// The end of a subject's standard error, by the id of the instance that it stopped in.
    pub stderr: BTreeMap<String, String>,
    /// The directory that holds those of failing instances.
    pub failures: Option<PathBuf>,
    /// The number of failing instances that have none there.
    pub left_out: usize,
    /// Lists are not shortened.
    pub all: bool,
}

/// A subject as a command line named it.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its part of the command line.
    pub arguments: String,
    /// The source of its expectations.
    pub known: String,
}

impl Live {
    /// The command line that plays these instances of a subject again.
    pub(crate) fn reproduce(&self, results: &Results, column: usize, ids: &[&str]) -> String {
        let arguments = match (self.subjects.get(column), results.subjects.get(column)) {
            (Some(named), _) => &named.arguments,
            (None, Some(subject)) => &subject.arguments,
            (None, None) => "",
        };
        let mut line = format!("lastword run{arguments}");
        if results.seed != DEFAULT_SEED {
            line += &format!(" --seed {}", results.seed);
        }
        if results.profile != closure::Profile::default().to_string() {
            line += &format!(" --profile {}", results.profile);
        }
        for id in ids {
            line += " ";
            line += &quote(id);
        }
        line
    }

    fn known(&self, column: usize, subject: &SubjectFacts) -> String {
        match self.subjects.get(column) {
            Some(named) => named.known.clone(),
            None => format!("the expectations of {}", subject.name),
        }
    }
}

/// The look of an outcome. Colour is never all of it.
pub(crate) struct Look {
    /// One character.
    pub(crate) symbol: char,
    /// One of them.
    pub(crate) one: &'static str,
    /// Several of them.
    pub(crate) many: &'static str,
}

/// The look of an outcome.
pub(crate) fn look(outcome: Outcome) -> Look {
    let (symbol, one, many) = match outcome {
        Outcome::Regression => ('✗', "unexpected", "unexpected"),
        Outcome::UndeclaredUnsupported => (
            '?',
            "not supported, not listed",
            "not supported, not listed",
        ),
        Outcome::StaleExpectation => ('↻', "stale", "stale"),
        Outcome::DeclaredMissingButWorks => {
            ('↻', "listed as missing, works", "listed as missing, work")
        }
        Outcome::KnownDeviation => ('▲', "known deviation", "known deviations"),
        Outcome::Variation => ('~', "variation", "variations"),
        Outcome::Behaviour => ('i', "behaviour noted", "behaviours noted"),
        Outcome::Unsupported => ('–', "unsupported", "unsupported"),
        Outcome::Blocked => ('■', "blocked", "blocked"),
        Outcome::NotCompared => ('·', "not compared", "not compared"),
        Outcome::Ok => ('✓', "conforms", "conform"),
    };
    Look { symbol, one, many }
}

/// `client` or `server`.
pub(crate) fn role_word(role: protocol::Role) -> &'static str {
    match role {
        protocol::Role::Client => "client",
        protocol::Role::Server => "server",
    }
}

/// `1.2` or `1.3`.
pub(crate) fn version_word(version: protocol::Version) -> &'static str {
    match version {
        protocol::Version::Tls12 => "1.2",
        protocol::Version::Tls13 => "1.3",
    }
}

/// The source and the level of a requirement: `RFC 8446 6.1, by definition`.
pub(crate) fn source(sections: &[String], level: &str) -> String {
    let level = match level {
        "contract" => return "the API's own contract".into(),
        "must" => "MUST",
        "definition" => "by definition",
        "should" => "SHOULD",
        "may" => "MAY",
        other => other,
    };
    let mut words = sections.to_vec();
    words.push(level.to_owned());
    words.join(", ")
}
