//! One page that needs nothing but itself.

mod front;
mod section;

use std::collections::BTreeMap;

use askama::Template;
use closure::{Family as Known, Outcome};

use self::front::{Block, Failing, Lacking, Subject, Sum};
use self::section::Section;
use super::table::Table;
use super::text::count;
use super::{Live, look, problem};
use crate::exit::{Exit, Failure};
use crate::results::Results;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    version: &'a str,
    date: &'a str,
    seed: u64,
    profile: &'a str,
    interrupted: bool,
    narrow: bool,
    totals: Vec<Sum>,
    comparisons: Option<Sum>,
    subjects: Vec<Subject>,
    failing: Vec<Failing<'a>>,
    failures: usize,
    failures_sum: String,
    blocks: Vec<Block<'a>>,
    lacking: Vec<Lacking<'a>>,
    legend: Vec<Mark>,
    levels: Vec<&'a str>,
    columns: Vec<Column>,
    families: Vec<Family<'a>>,
    cases: Vec<Case<'a>>,
    outcomes: String,
    css: &'static str,
    js: &'static str,
}

/// The head of a column of the matrix.
struct Column {
    label: String,
    origin: String,
}

/// The look of an outcome.
#[derive(serde::Serialize)]
struct Mark {
    name: &'static str,
    class: &'static str,
    symbol: char,
    word: &'static str,
}

struct Family<'a> {
    name: &'a str,
    title: &'static str,
    rows: Vec<Section<'a>>,
}

struct Case<'a> {
    name: &'a str,
    says: &'a str,
    script: &'a str,
    instances: String,
}

/// The page. `date` is that of the run or of the page, and may be empty.
///
/// # Errors
///
/// If the page cannot be made, which would be a mistake of this program.
pub fn page(results: &Results, live: &Live, date: &str) -> Result<String, Failure> {
    let table = Table::new(results);
    let problems = problem::all(&table);
    let labels: Vec<String> = table.columns.iter().map(|c| c.label.clone()).collect();
    let mut families = Vec::new();
    for (name, rows) in table.families() {
        let rows: Result<Vec<_>, _> = rows
            .into_iter()
            .map(|row| section::section(&table, row, &labels, live))
            .collect();
        families.push(Family {
            name,
            title: Known::find(name).map_or("", |family| family.title),
            rows: rows?,
        });
    }
    let mut levels: Vec<&str> = Vec::new();
    for requirement in &results.requirements {
        if !levels.contains(&requirement.level.as_str()) {
            levels.push(&requirement.level);
        }
    }
    let strange = |problem: String| Failure::new(Exit::Internal, problem);
    let marks: Vec<Mark> = Outcome::ALL.into_iter().map(mark).collect();
    // Within a script element a slash may not follow a less-than sign.
    let outcomes = serde_json::to_string(&marks)
        .map_err(|error| strange(error.to_string()))?
        .replace('<', "\\u003c");
    let seen = |outcome: &Outcome| {
        let mut cells = table.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.by.values().any(|worst| worst == outcome))
    };
    let page = Page {
        title: title(&table, problems.len()),
        version: &results.version,
        date,
        seed: results.seed,
        profile: &results.profile,
        interrupted: results.interrupted,
        narrow: results.narrow,
        totals: front::totals(&table),
        comparisons: front::comparisons(&table),
        subjects: (0..table.columns.len())
            .map(|column| front::subject(&table, column, &problems))
            .collect(),
        failing: front::failing(&table, &problems),
        failures: problems.len(),
        failures_sum: problem::sum(&problems),
        blocks: front::blocks(&table, &problems, live),
        lacking: front::lacking(&table),
        legend: Outcome::ALL
            .into_iter()
            .rev()
            .filter(seen)
            .map(mark)
            .collect(),
        levels,
        columns: table
            .columns
            .iter()
            .map(|column| Column {
                label: column.label.clone(),
                origin: column.subject.origin.clone().unwrap_or_default(),
            })
            .collect(),
        families,
        cases: cases(&table),
        outcomes,
        css: include_str!("../../../templates/report.css"),
        js: include_str!("../../../templates/report.js"),
    };
    page.render()
        .map_err(|error| strange(format!("cannot make the page: {error}")))
}

/// The subjects, and the number of failures.
fn title(table: &Table<'_>, failures: usize) -> String {
    let subjects: Vec<String> = table.columns.iter().map(|c| c.described()).collect();
    let failed = match failures {
        0 => "no failures".into(),
        n => count(n, "failure", "failures"),
    };
    format!("lastword: {}: {failed}", subjects.join(", "))
}

fn cases<'a>(table: &Table<'a>) -> Vec<Case<'a>> {
    let mut instances: BTreeMap<&str, usize> = BTreeMap::new();
    for played in &table.instances {
        *instances.entry(played.case).or_default() += 1;
    }
    let cases = table.results.cases.iter().map(|case| Case {
        name: &case.name,
        says: &case.says,
        script: &case.script,
        instances: count(
            instances.get(case.name.as_str()).copied().unwrap_or(0),
            "instance",
            "instances",
        ),
    });
    cases.collect()
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Regression
        | Outcome::UndeclaredUnsupported
        | Outcome::StaleExpectation
        | Outcome::DeclaredMissingButWorks => "bad",
        Outcome::KnownDeviation => "known",
        Outcome::Variation => "vary",
        Outcome::Behaviour => "note",
        Outcome::Unsupported | Outcome::Blocked | Outcome::NotCompared => "none",
    }
}

fn mark(outcome: Outcome) -> Mark {
    let look = look(outcome);
    Mark {
        name: outcome.name(),
        class: class(outcome),
        symbol: look.symbol,
        word: look.one,
    }
}
