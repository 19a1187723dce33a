//! JUnit's XML, as Jenkins and most others read it.
//!
//! A suite for each subject, a test for each instance, for each comparison of instances and for
//! each expectation that no longer holds. A known deviation is a skipped test with its reason, since
//! it is neither a success nor news. What cannot be judged is an error, what fails the gate a
//! failure.

use closure::Outcome;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::table::{Played, Table};
use super::{Live, failure, ladder, look};
use crate::exit::{Exit, Failure};
use crate::results::{Finding, Results};

/// The document.
///
/// # Errors
///
/// If it cannot be written, which would be a mistake of this program.
pub fn document(results: &Results, live: &Live) -> Result<String, Failure> {
    let table = Table::new(results);
    let mut report = Report::new("lastword");
    for (place, column) in table.columns.iter().enumerate() {
        let mut suite = TestSuite::new(column.label.clone());
        for (name, value) in [
            ("subject", column.subject.name.as_str()),
            ("crypto", &column.subject.crypto),
            ("profile", &results.profile),
            ("lastword", &results.version),
        ] {
            suite.add_property(Property::new(name, value));
        }
        suite.add_property(Property::new("seed", results.seed.to_string()));
        for played in table.instances.iter().filter(|p| p.column == place) {
            suite.add_test_case(instance(&table, played, live));
        }
        groups(&mut suite, &table, place, live);
        stale(&mut suite, &table, place);
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot write JUnit: {error}")))
}

fn case(name: &str, class: &str, status: TestCaseStatus, requirements: &[&str]) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    for id in requirements {
        case.add_property(Property::new("requirement", *id));
    }
    case
}

fn instance(table: &Table<'_>, played: &Played<'_>, live: &Live) -> TestCase {
    let instance = played.instance;
    let area = played.case.split_once('/').map_or(played.case, |(a, _)| a);
    // Some CI systems refuse files of 30 MB: what a case is not there for is named only if it did not
    // hold. All that was judged is in the results.
    let exercised = table.results.case(played.case);
    let exercised = exercised.into_iter().flat_map(|case| &case.exercises);
    let found = instance.found.iter().map(|found| &found.requirement);
    let mut requirements: Vec<&str> = exercised
        .chain(found)
        .chain(instance.blocked.keys())
        .map(String::as_str)
        .collect();
    requirements.sort_unstable();
    requirements.dedup();
    let status = status(table, played, live);
    case(&instance.id, area, status, &requirements)
}

fn status(table: &Table<'_>, played: &Played<'_>, live: &Live) -> TestCaseStatus {
    let instance = played.instance;
    if let Some(fault) = &instance.fault {
        return broken(NonSuccessKind::Error, "not judged", fault, "");
    }
    if let Some(unsupported) = &instance.unsupported {
        return match unsupported.outcome == Outcome::Unsupported.name() {
            true => skipped(&format!("unsupported: {}", unsupported.what)),
            false => broken(
                NonSuccessKind::Failure,
                Outcome::UndeclaredUnsupported.name(),
                &format!(
                    "the subject cannot do this, and it is not listed: {}",
                    unsupported.what
                ),
                "",
            ),
        };
    }
    let with = |outcome: Outcome| -> Vec<&Finding> {
        let found = instance.found.iter();
        found
            .filter(|found| found.outcome == outcome.name())
            .collect()
    };
    let words = |found: &[&Finding]| -> String {
        let words = found.iter().map(|found| match &found.code {
            Some(code) => format!("{}: {code}", found.requirement),
            None => found.requirement.clone(),
        });
        words.collect::<Vec<_>>().join("; ")
    };
    let regressions = with(Outcome::Regression);
    if let Some(first) = regressions.first() {
        let code = first.code.as_deref().unwrap_or_default();
        let body = evidence(
            table,
            played.column,
            &first.requirement,
            code,
            &instance.id,
            live,
        );
        let message = words(&regressions);
        return broken(NonSuccessKind::Failure, "regression", &message, &body);
    }
    let stale = with(Outcome::StaleExpectation);
    if !stale.is_empty() {
        let message = format!("listed as a deviation, and conforms: {}", words(&stale));
        return broken(
            NonSuccessKind::Failure,
            Outcome::StaleExpectation.name(),
            &message,
            "",
        );
    }
    let known = with(Outcome::KnownDeviation);
    if known.is_empty() {
        return TestCaseStatus::success();
    }
    let subject = table.columns[played.column].subject;
    let reasons: Vec<String> = known
        .iter()
        .map(|found| {
            let code = found.code.as_deref().unwrap_or_default();
            let mut entries = table.results.known(subject, &found.requirement);
            match entries.find(|entry| entry.code == code) {
                Some(entry) => {
                    format!(
                        "{}: {code}: {} ({})",
                        found.requirement, entry.reason, entry.link
                    )
                }
                None => format!("{}: {code}", found.requirement),
            }
        })
        .collect();
    skipped(&format!(
        "{}: {}",
        look(Outcome::KnownDeviation).one,
        reasons.join("; ")
    ))
}

/// The transcript, if it is that of this instance, and the command line.
fn evidence(
    table: &Table<'_>,
    column: usize,
    requirement: &str,
    code: &str,
    id: &str,
    live: &Live,
) -> String {
    let all = table.shown(column, requirement, code);
    let own = all.iter().find(|shown| shown.instance == id);
    let drawn = match own.or(all.first()) {
        Some(shown) if !shown.lines.is_empty() => {
            format!(
                "{}\n\n{}\n",
                shown.instance,
                ladder::draw(&failure::relevant(shown), 10, 3, 0)
            )
        }
        _ => String::new(),
    };
    format!(
        "\n{drawn}{}\n",
        live.reproduce(table.results, column, &[id])
    )
}

fn broken(kind: NonSuccessKind, of: &str, message: &str, body: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(of).set_message(message);
    if !body.is_empty() {
        status.set_description(body);
    }
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

/// The comparisons of instances.
fn groups(suite: &mut TestSuite, table: &Table<'_>, place: usize, live: &Live) {
    let subject = table.columns[place].subject;
    for group in &table.results.groups {
        if group.subject != subject.name || group.build != subject.build {
            continue;
        }
        let name = match &group.differs {
            Some(id) => format!("{} in {id}", group.requirement),
            None => format!(
                "{} in all of {}@{},{}",
                group.requirement,
                group.case,
                super::role_word(group.role),
                super::version_word(group.version)
            ),
        };
        let code = group.code.as_deref().unwrap_or_default();
        let message = format!("{}: {code}", group.requirement);
        let status = match Outcome::find(&group.outcome) {
            Some(Outcome::Regression) => {
                let id = group.differs.as_deref().unwrap_or(&group.case);
                let body = evidence(table, place, &group.requirement, code, id, live);
                broken(NonSuccessKind::Failure, "regression", &message, &body)
            }
            Some(Outcome::StaleExpectation) => broken(
                NonSuccessKind::Failure,
                Outcome::StaleExpectation.name(),
                &format!("listed as a deviation, and conforms: {}", group.requirement),
                "",
            ),
            Some(Outcome::KnownDeviation) => skipped(&format!("known deviation: {message}")),
            Some(Outcome::NotCompared) => skipped("nothing to compare with"),
            _ => TestCaseStatus::success(),
        };
        suite.add_test_case(case(&name, "comparisons", status, &[&group.requirement]));
    }
}

/// The expectations of which nothing was seen.
fn stale(suite: &mut TestSuite, table: &Table<'_>, place: usize) {
    let subject = table.columns[place].subject;
    for stale in &table.results.stale {
        if stale.subject == subject.name && stale.build == subject.build {
            let status = broken(NonSuccessKind::Failure, &stale.outcome, &stale.problem, "");
            suite.add_test_case(case(&stale.entry, "expectations", status, &[]));
        }
    }
}
