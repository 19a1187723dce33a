//! The page's first screen: the failures and the counts.

use std::collections::BTreeMap;

use closure::Outcome;

use super::super::counts::{self, Total, said, tally};
use super::super::problem::{Kind, Problem};
use super::super::table::Table;
use super::super::text::count;
use super::super::{Live, version_word};
use super::{class, section};

/// A count, and where it leads.
pub(super) struct Sum {
    pub(super) words: String,
    /// Empty if there is nothing more to show.
    pub(super) href: String,
}

/// A subject and its counts.
pub(super) struct Subject {
    pub(super) label: String,
    pub(super) origin: String,
    pub(super) all: Sum,
    pub(super) counts: Vec<Sum>,
    pub(super) share: Vec<(&'static str, usize)>,
    pub(super) facts: String,
    pub(super) bad: bool,
}

/// A line on a failure.
pub(super) struct Failing<'a> {
    pub(super) href: String,
    pub(super) symbol: char,
    pub(super) name: &'a str,
    pub(super) detail: String,
    pub(super) label: &'a str,
    pub(super) says: &'a str,
}

/// A failure that is about no requirement.
pub(super) struct Block<'a> {
    pub(super) id: String,
    pub(super) symbol: char,
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) detail: String,
    pub(super) listed: Vec<&'a str>,
    pub(super) advice: &'static str,
    pub(super) reproduce: String,
}

/// A capability that a subject lacks.
pub(super) struct Lacking<'a> {
    pub(super) label: &'a str,
    pub(super) what: &'a str,
    pub(super) instances: String,
    pub(super) cases: Vec<&'a str>,
}

/// The counts of the whole run.
pub(super) fn totals(table: &Table<'_>) -> Vec<Sum> {
    let place = |total: Total| match total {
        Total::Requirements => "#matrix",
        Total::Cases | Total::Instances => "#cases",
        Total::Unsupported => "#unsupported",
        Total::Distinct => "",
    };
    counts::totals(table)
        .into_iter()
        .map(|(total, words)| Sum {
            words,
            href: place(total).to_owned(),
        })
        .collect()
}

/// The comparisons of group rules, with a link to a requirement that has the worst outcome.
pub(super) fn comparisons(table: &Table<'_>) -> Option<Sum> {
    let words = counts::comparisons(table)?;
    let worst = table.results.groups.iter().max_by_key(|group| {
        let outcome = Outcome::find(&group.outcome);
        (outcome, std::cmp::Reverse(&group.requirement))
    });
    let href = worst.map_or_else(String::new, |group| format!("#{}", group.requirement));
    Some(Sum { words, href })
}

/// A subject and its counts. Each count leads to the rows of the matrix that it counts.
pub(super) fn subject(table: &Table<'_>, place: usize, problems: &[Problem<'_>]) -> Subject {
    let column = &table.columns[place];
    let tally = tally(table.column(place).map(|(_, cell)| cell));
    let mut share: Vec<(&'static str, usize)> = Vec::new();
    for (outcome, n) in tally.iter().rev() {
        match share.iter_mut().find(|(name, _)| *name == class(*outcome)) {
            Some((_, sum)) => *sum += n,
            None => share.push((class(*outcome), *n)),
        }
    }
    let order = ["ok", "note", "vary", "none", "known", "bad"];
    share.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
    let filter = |outcome: Option<Outcome>| {
        let mut parts = Vec::new();
        if table.columns.len() > 1 {
            parts.push(format!("subject={}", place + 1));
        }
        parts.extend(outcome.map(|outcome| format!("outcome={}", outcome.name())));
        format!("?{}#matrix", parts.join("&"))
    };
    let all = tally.iter().map(|(_, n)| n).sum();
    let versions = column.subject.versions.iter();
    let versions: Vec<_> = versions.map(|v| version_word(*v)).collect();
    Subject {
        label: column.label.clone(),
        origin: column.subject.origin.clone().unwrap_or_default(),
        all: Sum {
            words: count(all, "requirement", "requirements"),
            href: filter(None),
        },
        counts: tally
            .iter()
            .map(|of| Sum {
                words: said(*of),
                href: filter(Some(of.0)),
            })
            .collect(),
        share,
        facts: format!("{}, TLS {}", column.subject.crypto, versions.join(" and ")),
        bad: problems.iter().any(|problem| problem.column == place),
    }
}

/// A line for each failure.
pub(super) fn failing<'a>(table: &'a Table<'a>, problems: &[Problem<'a>]) -> Vec<Failing<'a>> {
    let lines = problems.iter().enumerate().map(|(number, problem)| {
        let column = problem.column;
        let href = match &problem.kind {
            Kind::Unexpected { row, code, .. } => {
                let id = &row.requirement.id;
                match table.shown(column, id, code).is_empty() {
                    true => format!("#{id}"),
                    false => format!("#{}", section::anchor(column, id, code)),
                }
            }
            Kind::Stale { row, .. } => format!("#{}", row.requirement.id),
            _ => format!("#failure-{}", number + 1),
        };
        Failing {
            href,
            symbol: problem.symbol(),
            name: problem.name(),
            detail: problem.detail(),
            label: &table.columns[column].label,
            says: problem.row().map_or("", |row| &row.requirement.says),
        }
    });
    lines.collect()
}

/// The failures that no section on a requirement shows.
pub(super) fn blocks<'a>(
    table: &'a Table<'a>,
    problems: &[Problem<'a>],
    live: &Live,
) -> Vec<Block<'a>> {
    let blocks = problems.iter().enumerate().filter_map(|(number, problem)| {
        let (mut listed, advice) = match &problem.kind {
            Kind::Unexpected { .. } | Kind::Stale { .. } => return None,
            Kind::Unseen(_) => (Vec::new(), "Remove the entry."),
            Kind::Unsupported { cases, .. } => (
                cases.clone(),
                "List it under [[missing]] in the expectations, with reason and link.",
            ),
            Kind::NotJudged { instances, .. } => (instances.clone(), ""),
        };
        listed.dedup();
        let reproduce = match &problem.kind {
            Kind::NotJudged { .. } => {
                live.reproduce(table.results, problem.column, &[problem.name()])
            }
            _ => String::new(),
        };
        Some(Block {
            id: format!("failure-{}", number + 1),
            symbol: problem.symbol(),
            name: problem.name(),
            label: &table.columns[problem.column].label,
            detail: problem.detail(),
            listed,
            advice,
            reproduce,
        })
    });
    blocks.collect()
}

/// The capabilities that subjects lack, listed or not.
pub(super) fn lacking<'a>(table: &'a Table<'a>) -> Vec<Lacking<'a>> {
    let mut by: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for played in &table.instances {
        if let Some(unsupported) = &played.instance.unsupported {
            let of = (played.column, unsupported.what.as_str());
            by.entry(of).or_default().push(played.case);
        }
    }
    by.into_iter()
        .map(|((column, what), mut cases)| {
            let instances = count(cases.len(), "instance", "instances");
            cases.dedup();
            Lacking {
                label: &table.columns[column].label,
                what,
                instances,
                cases,
            }
        })
        .collect()
}
