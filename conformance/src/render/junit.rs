//! JUnit's XML, as Jenkins and most others read it.
//!
//! There is a suite for each subject, with a test for each requirement, or optionally for each instance,
//! which makes files that some CI systems refuse. Further tests stand for expectations that no longer
//! hold, missing capabilities, and instances that could not be judged. A known deviation is a skipped test with its reason, since it is neither a success
//! nor news.

mod instances;

use askama::Template;
use closure::Outcome;

use super::problem::{self, Kind, Problem};
use super::table::{Cell, Row, Table};
use super::{Live, failure, ladder, look};
use crate::exit::{Exit, Failure};
use crate::results::Results;

#[derive(Template)]
#[template(path = "junit.xml")]
struct Document {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    suites: Vec<Suite>,
}

/// The tests of a subject.
struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    tests: Vec<Test>,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// A test case.
struct Test {
    name: String,
    class: String,
    /// The requirements that it is about, where its name is not one.
    requirements: Vec<String>,
    status: Status,
}

impl Test {
    /// There is nothing to say but its name.
    fn is_bare(&self) -> bool {
        self.requirements.is_empty() && matches!(self.status, Status::Passed)
    }
}

enum Status {
    Passed,
    Skipped(String),
    Failed {
        kind: &'static str,
        message: String,
        body: String,
    },
    Error {
        kind: &'static str,
        message: String,
    },
}

/// The document: a test for each requirement, or for each instance.
///
/// # Errors
///
/// If it cannot be written, which would be a mistake of this program.
pub fn document(results: &Results, live: &Live, all_instances: bool) -> Result<String, Failure> {
    let table = Table::new(results);
    let problems = problem::all(&table);
    let suites: Vec<Suite> = (0..table.columns.len())
        .map(|place| {
            let of = problems.iter().filter(|problem| problem.column == place);
            let tests = match all_instances {
                true => instances::tests(&table, place, live),
                false => {
                    let mut tests: Vec<Test> = table
                        .column(place)
                        .map(|(row, cell)| requirement(&table, place, row, cell, live))
                        .collect();
                    tests.extend(of.clone().filter_map(|of| other(&table, of, live)));
                    tests
                }
            };
            suite(&table, place, tests)
        })
        .collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum();
    let document = Document {
        tests: sum(|suite| suite.tests.len()),
        failures: sum(|suite| suite.failures),
        errors: sum(|suite| suite.errors),
        skipped: sum(|suite| suite.skipped),
        suites,
    };
    document
        .render()
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot write JUnit: {error}")))
}

fn suite(table: &Table<'_>, place: usize, mut tests: Vec<Test>) -> Suite {
    let column = &table.columns[place];
    let results = table.results;
    let mut properties = vec![
        ("subject", column.subject.name.clone()),
        ("crypto", column.subject.crypto.clone()),
        ("profile", results.profile.clone()),
        ("lastword", results.version.clone()),
        ("seed", results.seed.to_string()),
    ];
    properties.extend(column.subject.origin.clone().map(|from| ("origin", from)));
    for (_, value) in &mut properties {
        *value = allowed(value);
    }
    for test in &mut tests {
        test.name = allowed(&test.name);
        match &mut test.status {
            Status::Passed => {}
            Status::Skipped(message) | Status::Error { message, .. } => *message = allowed(message),
            Status::Failed { message, body, .. } => {
                *message = allowed(message);
                *body = allowed(body);
            }
        }
    }
    let count = |of: fn(&Status) -> bool| tests.iter().filter(|test| of(&test.status)).count();
    Suite {
        name: allowed(&column.label),
        failures: count(|status| matches!(status, Status::Failed { .. })),
        errors: count(|status| matches!(status, Status::Error { .. })),
        skipped: count(|status| matches!(status, Status::Skipped(_))),
        properties,
        tests,
    }
}

/// Text without the characters that XML does not allow, however they are written.
fn allowed(text: &str) -> String {
    let fine = |c: &char| {
        matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars().filter(fine).collect()
}

/// The test of a requirement: as its worst instance.
fn requirement(
    table: &Table<'_>,
    place: usize,
    row: &Row<'_>,
    cell: &Cell<'_>,
    live: &Live,
) -> Test {
    let id = row.requirement.id.as_str();
    let codes = |outcome: Outcome| {
        let all = cell.codes.iter();
        all.filter(move |((_, of), _)| *of == outcome)
            .map(|((code, _), times)| (*code, *times))
    };
    let status = match cell.worst() {
        outcome @ Outcome::Regression => {
            let mut body = format!("\n{}\n", row.requirement.says);
            for (code, _) in codes(outcome) {
                body += &evidence(table, place, id, code, None, live);
            }
            let said: Vec<String> = codes(outcome)
                .map(|(code, times)| format!("{code} in {times}"))
                .collect();
            Status::Failed {
                kind: outcome.name(),
                message: format!("{} of {} instances", said.join(", "), cell.judged()),
                body,
            }
        }
        outcome @ Outcome::StaleExpectation => Status::Failed {
            kind: outcome.name(),
            message: "listed as a deviation, and conforms".into(),
            body: String::new(),
        },
        outcome @ Outcome::KnownDeviation => {
            let said = codes(outcome).map(|(code, _)| reason(table, place, id, code));
            let said: Vec<String> = said.collect();
            Status::Skipped(format!("{}: {}", look(outcome).one, said.join("; ")))
        }
        Outcome::NotCompared => Status::Skipped("nothing to compare with".into()),
        Outcome::Blocked => Status::Skipped("blocked by another failure".into()),
        _ => Status::Passed,
    };
    Test {
        name: id.into(),
        class: row.requirement.family().into(),
        requirements: Vec::new(),
        status,
    }
}

/// The test of a failure that no requirement shows.
fn other(table: &Table<'_>, problem: &Problem<'_>, live: &Live) -> Option<Test> {
    let failed = |kind: Outcome| Status::Failed {
        kind: kind.name(),
        message: problem.detail(),
        body: String::new(),
    };
    let (class, status) = match &problem.kind {
        Kind::Unexpected { .. } | Kind::Stale { .. } => return None,
        Kind::Unseen(entry) => {
            let outcome = Outcome::find(&entry.outcome);
            (
                "expectations",
                failed(outcome.unwrap_or(Outcome::StaleExpectation)),
            )
        }
        Kind::Unsupported { .. } => ("capabilities", failed(Outcome::UndeclaredUnsupported)),
        Kind::NotJudged { .. } => {
            let again = live.reproduce(table.results, problem.column, &[problem.name()]);
            let status = Status::Error {
                kind: "not judged",
                message: format!("{}: {again}", problem.detail()),
            };
            ("not-judged", status)
        }
    };
    Some(Test {
        name: problem.name().into(),
        class: class.into(),
        requirements: Vec::new(),
        status,
    })
}

/// The reason why a deviation is known.
fn reason(table: &Table<'_>, place: usize, requirement: &str, code: &str) -> String {
    let subject = table.columns[place].subject;
    let mut entries = table.results.known(subject, requirement);
    match entries.find(|entry| entry.code == code) {
        Some(entry) => format!("{code}: {} ({})", entry.reason, entry.link),
        None => code.into(),
    }
}

/// The transcript that shows a code, of this instance if there is one, and the command line.
fn evidence(
    table: &Table<'_>,
    place: usize,
    requirement: &str,
    code: &str,
    id: Option<&str>,
    live: &Live,
) -> String {
    let all = table.shown(place, requirement, code);
    let same = all.iter().find(|shown| Some(shown.instance.as_str()) == id);
    let shown = same.or(all.first());
    let drawn = match shown {
        Some(shown) if !shown.lines.is_empty() => {
            let label = &table.columns[place].pictured;
            let lines = failure::relevant(shown);
            format!(
                "{code} in {}\n\n{}\n",
                shown.instance,
                ladder::draw(&lines, label, 10, 3, 0)
            )
        }
        _ => String::new(),
    };
    let against = shown.and_then(|shown| shown.against.as_deref());
    let id = id.or(shown.map(|shown| shown.instance.as_str()));
    let ids: Vec<&str> = against.into_iter().chain(id).collect();
    format!("\n{drawn}{}\n", live.reproduce(table.results, place, &ids))
}
