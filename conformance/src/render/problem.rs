//! Everything that fails a gate: one list for the text, the page and Markdown.

use std::collections::BTreeMap;

use closure::Outcome;

use super::look;
use super::table::{Row, Table};
use super::text::count;
use crate::results::StaleEntry;

/// Something that fails a gate.
pub(crate) struct Problem<'a> {
    /// The place of its subject.
    pub(crate) column: usize,
    pub(crate) kind: Kind<'a>,
}

/// The kinds of problems.
pub(crate) enum Kind<'a> {
    /// A deviation that the expectations do not list.
    Unexpected {
        row: &'a Row<'a>,
        code: &'a str,
        times: usize,
    },
    /// A listed deviation that an instance no longer shows.
    Stale {
        row: &'a Row<'a>,
        times: usize,
        /// One of those instances.
        instance: &'a str,
    },
    /// An expectation that nothing in the run confirms.
    Unseen(&'a StaleEntry),
    /// A capability that is missing, and not listed as missing.
    Unsupported { what: &'a str, cases: Vec<&'a str> },
    /// Instances that could not be judged.
    NotJudged {
        fault: &'a str,
        instances: Vec<&'a str>,
    },
}

/// All problems, subject by subject; within a subject in the order of [`Kind`].
pub(crate) fn all<'a>(table: &'a Table<'a>) -> Vec<Problem<'a>> {
    let mut problems = Vec::new();
    for column in 0..table.columns.len() {
        let kinds = unexpected(table, column)
            .into_iter()
            .chain(stale(table, column))
            .chain(unsupported(table, column))
            .chain(not_judged(table, column));
        problems.extend(kinds.map(|kind| Problem { column, kind }));
    }
    problems
}

fn unexpected<'a>(table: &'a Table<'a>, column: usize) -> Vec<Kind<'a>> {
    let mut found = Vec::new();
    for (row, cell) in table.column(column) {
        for ((code, outcome), times) in &cell.codes {
            if *outcome == Outcome::Regression {
                let times = *times;
                found.push(Kind::Unexpected { row, code, times });
            }
        }
    }
    found
}

fn stale<'a>(table: &'a Table<'a>, column: usize) -> Vec<Kind<'a>> {
    let mut found = Vec::new();
    for (row, cell) in table.column(column) {
        let mut notable = cell.notable.iter();
        let first = notable.find(|(_, _, outcome)| *outcome == Outcome::StaleExpectation);
        if let Some(times) = cell.outcomes.get(&Outcome::StaleExpectation) {
            found.push(Kind::Stale {
                row,
                times: *times,
                instance: first.map_or("", |(instance, _, _)| *instance),
            });
        }
    }
    let subject = table.columns[column].subject;
    let entries = table.results.stale.iter();
    let of = |stale: &&StaleEntry| stale.subject == subject.name && stale.build == subject.build;
    found.extend(entries.filter(of).map(Kind::Unseen));
    found
}

fn unsupported<'a>(table: &'a Table<'a>, column: usize) -> Vec<Kind<'a>> {
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for played in table.instances.iter().filter(|p| p.column == column) {
        if let Some(unsupported) = &played.instance.unsupported
            && unsupported.outcome == Outcome::UndeclaredUnsupported.name()
        {
            by.entry(&unsupported.what).or_default().push(played.case);
        }
    }
    by.into_iter()
        .map(|(what, cases)| Kind::Unsupported { what, cases })
        .collect()
}

fn not_judged<'a>(table: &'a Table<'a>, column: usize) -> Vec<Kind<'a>> {
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for played in table.instances.iter().filter(|p| p.column == column) {
        if let Some(fault) = &played.instance.fault {
            by.entry(fault).or_default().push(&played.instance.id);
        }
    }
    by.into_iter()
        .map(|(fault, instances)| Kind::NotJudged { fault, instances })
        .collect()
}

impl<'a> Problem<'a> {
    /// The thing that it is about: a requirement, an entry, a capability or an instance.
    pub(crate) fn name(&self) -> &'a str {
        match &self.kind {
            Kind::Unexpected { row, .. } | Kind::Stale { row, .. } => &row.requirement.id,
            Kind::Unseen(entry) => &entry.entry,
            Kind::Unsupported { what, .. } => what,
            Kind::NotJudged { instances, .. } => instances.first().copied().unwrap_or_default(),
        }
    }

    /// The requirement that it is about, if it is about one.
    pub(crate) fn row(&self) -> Option<&'a Row<'a>> {
        match self.kind {
            Kind::Unexpected { row, .. } | Kind::Stale { row, .. } => Some(row),
            _ => None,
        }
    }

    /// The word above its block.
    pub(crate) fn headline(&self) -> &'static str {
        match self.kind {
            Kind::Unexpected { .. } => "UNEXPECTED",
            Kind::Stale { .. } | Kind::Unseen(_) => "STALE",
            Kind::Unsupported { .. } => "UNSUPPORTED",
            Kind::NotJudged { .. } => "NOT JUDGED",
        }
    }

    /// The symbol beside its line.
    pub(crate) fn symbol(&self) -> char {
        look(match self.kind {
            Kind::Stale { .. } | Kind::Unseen(_) => Outcome::StaleExpectation,
            Kind::Unsupported { .. } => Outcome::UndeclaredUnsupported,
            Kind::Unexpected { .. } | Kind::NotJudged { .. } => Outcome::Regression,
        })
        .symbol
    }

    /// What happened, in a few words.
    pub(crate) fn detail(&self) -> String {
        let instances = |n: usize| count(n, "instance", "instances");
        match &self.kind {
            Kind::Unexpected { code, times, .. } => format!("{code} in {}", instances(*times)),
            Kind::Stale { times, .. } => {
                format!("listed, but conforms in {}", instances(*times))
            }
            Kind::Unseen(entry) if entry.problem.is_empty() => "no longer holds".into(),
            Kind::Unseen(entry) => entry.problem.clone(),
            Kind::Unsupported { cases, .. } => {
                format!("not supported, and not listed: {}", instances(cases.len()))
            }
            Kind::NotJudged { fault, instances } => match instances.len() {
                1 => (*fault).to_owned(),
                n => format!("{fault}; {} more like it", n - 1),
            },
        }
    }
}

/// `3 failures: 2 unexpected deviations, 1 stale expectation`.
pub(crate) fn sum(problems: &[Problem<'_>]) -> String {
    let words = [
        (
            "UNEXPECTED",
            "unexpected deviation",
            "unexpected deviations",
        ),
        ("STALE", "stale expectation", "stale expectations"),
        ("UNSUPPORTED", "missing capability", "missing capabilities"),
        ("NOT JUDGED", "reason not to judge", "reasons not to judge"),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .filter_map(|(headline, one, many)| {
            let of = problems.iter().filter(|p| p.headline() == headline);
            let n = of.count();
            (n > 0).then(|| count(n, one, many))
        })
        .collect();
    let all = count(problems.len(), "failure", "failures");
    format!("{all}: {}", parts.join(", "))
}
