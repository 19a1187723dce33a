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

/// What only the process that made a run knows of it: it is shown, but is not part of the results.
#[derive(Debug, Default)]
pub struct Live {
    /// How long the run took.
    pub elapsed: Option<Duration>,
    /// How many instances were played at a time.
    pub workers: Option<usize>,
    /// For each subject, how the command line named it, and where its expectations are.
    pub subjects: Vec<Named>,
    /// The end of a subject's standard error, by the id of the instance that it stopped in.
    pub stderr: BTreeMap<String, String>,
    /// Where failing instances have left their directories.
    pub failures: Option<PathBuf>,
    /// How many more there would have been.
    pub left_out: usize,
    /// Lists are shown whole, however long.
    pub all: bool,
}

/// How a command line named a subject.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its part of the command line.
    pub arguments: String,
    /// Where its expectations are.
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

/// How an outcome is shown: never by colour alone.
pub(crate) struct Look {
    /// One character.
    pub(crate) symbol: char,
    /// One of them.
    pub(crate) one: &'static str,
    /// Several of them.
    pub(crate) many: &'static str,
}

/// How an outcome is shown.
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

/// Where a requirement is written, and how much it binds: `RFC 8446 6.1, by definition`.
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
