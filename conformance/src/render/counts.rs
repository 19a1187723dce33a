//! The counts of a run, in the same words wherever they are shown.

use std::collections::{BTreeMap, BTreeSet};

use closure::{Family, Outcome};

use super::look;
use super::table::{self, Cell, Table};
use super::text::{count, thousands};

/// A count of the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Total {
    /// Requirements that were judged.
    Requirements,
    /// Cases that were played.
    Cases,
    /// Instances that were played.
    Instances,
    /// Instances whose subject was given something different.
    Distinct,
    /// Instances that their subject cannot take part in.
    Unsupported,
}

/// `232 requirements`, `538 cases` and so on.
pub(crate) fn totals(table: &Table<'_>) -> Vec<(Total, String)> {
    let results = table.results;
    let cases: BTreeSet<&str> = table.instances.iter().map(|played| played.case).collect();
    let mut totals = vec![
        (
            Total::Requirements,
            count(table.rows.len(), "requirement", "requirements"),
        ),
        (Total::Cases, count(cases.len(), "case", "cases")),
        (
            Total::Instances,
            count(results.instances.len(), "instance", "instances"),
        ),
    ];
    if let Some(distinct) = results.distinct {
        let said = format!("{} of them distinct", thousands(distinct));
        totals.push((Total::Distinct, said));
    }
    let unsupported = results.instances.iter().filter(|i| i.unsupported.is_some());
    match unsupported.count() {
        0 => {}
        n => totals.push((Total::Unsupported, format!("{} unsupported", thousands(n)))),
    }
    totals
}

/// The outcomes of these cells with their numbers, the worst first.
pub(crate) fn tally<'c>(cells: impl Iterator<Item = &'c Cell<'c>>) -> Vec<(Outcome, usize)> {
    let mut tally: BTreeMap<Outcome, usize> = BTreeMap::new();
    for cell in cells.filter(|cell| !cell.is_empty()) {
        *tally.entry(cell.worst()).or_default() += 1;
    }
    tally.into_iter().rev().collect()
}

/// `12 known deviations`.
pub(crate) fn said((outcome, n): (Outcome, usize)) -> String {
    let look = look(outcome);
    count(n, look.one, look.many)
}

/// A subject's requirements by outcome: `222 requirements: 46 known deviations, 176 conform`.
pub(crate) fn sentence(table: &Table<'_>, column: usize) -> String {
    let tally = tally(table.column(column).map(|(_, cell)| cell));
    let all = tally.iter().map(|(_, n)| n).sum();
    let words: Vec<String> = tally.into_iter().map(said).collect();
    match words.is_empty() {
        true => "no requirement was judged".into(),
        false => format!(
            "{}: {}",
            count(all, "requirement", "requirements"),
            words.join(", ")
        ),
    }
}

/// The verdicts that an excuse replaced: `1,204 verdicts excused: blocked 900, paused 304`. `None` if
/// there are none.
pub(crate) fn excuses(table: &Table<'_>, column: usize) -> Option<String> {
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &table.rows {
        for (excuse, n) in &row.cells[column].excused {
            *all.entry(excuse).or_default() += n;
        }
    }
    let (all, said) = table::excuses(all.into_iter())?;
    Some(format!(
        "{} excused: {said}",
        count(all, "verdict", "verdicts")
    ))
}

/// The comparisons of group rules: instances of a case that must show the same.
pub(crate) fn comparisons(table: &Table<'_>) -> Option<String> {
    let mut worst: BTreeMap<_, Outcome> = BTreeMap::new();
    for group in &table.results.groups {
        let Some(outcome) = Outcome::find(&group.outcome) else {
            continue;
        };
        // One that differs in several instances is there several times.
        let of = (
            (&group.subject, &group.build, &group.requirement),
            (&group.case, group.role, group.version),
        );
        let kept = worst.entry(of).or_insert(outcome);
        *kept = outcome.max(*kept);
    }
    let of = |wanted: Outcome| worst.values().filter(|outcome| **outcome == wanted).count();
    let (alike, alone) = (of(Outcome::Ok), of(Outcome::NotCompared));
    let made = worst.len() - alone;
    if made == 0 {
        return None;
    }
    let mut said = format!(
        "{}: {} alike",
        count(made, "comparison of instances", "comparisons of instances"),
        thousands(alike)
    );
    if alike < made {
        said += &format!(", {} different", thousands(made - alike));
    }
    if alone > 0 {
        said += &format!("; {} more with nothing to compare", thousands(alone));
    }
    Some(said)
}

/// `close-tx: sending close_notify`; the name alone if this program does not know the family.
pub(crate) fn family_title(name: &str) -> String {
    match Family::find(name) {
        Some(family) => format!("{name}: {}", family.title),
        None => name.to_owned(),
    }
}
