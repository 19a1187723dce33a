//! A test for each instance, for each comparison of instances, and for each expectation that no longer
//! holds.

use closure::Outcome;

use super::super::table::{Played, Table};
use super::super::{Live, look, role_word, version_word};
use super::{Status, Test, evidence, reason};
use crate::results::Finding;

pub(super) fn tests(table: &Table<'_>, place: usize, live: &Live) -> Vec<Test> {
    let played = table.instances.iter().filter(|p| p.column == place);
    let mut tests: Vec<Test> = played.map(|played| instance(table, played, live)).collect();
    tests.extend(groups(table, place, live));
    let subject = table.columns[place].subject;
    for stale in &table.results.stale {
        if stale.subject == subject.name && stale.build == subject.build {
            let outcome = Outcome::find(&stale.outcome).unwrap_or(Outcome::StaleExpectation);
            tests.push(Test {
                name: stale.entry.clone(),
                class: "expectations".into(),
                requirements: Vec::new(),
                status: failed(outcome, stale.problem.clone()),
            });
        }
    }
    tests
}

fn failed(outcome: Outcome, message: String) -> Status {
    Status::Failed {
        kind: outcome.name(),
        message,
        body: String::new(),
    }
}

fn instance(table: &Table<'_>, played: &Played<'_>, live: &Live) -> Test {
    let instance = played.instance;
    let area = played.case.split_once('/').map_or(played.case, |(a, _)| a);
    // A requirement that the case is not there for is named only if it did not hold.
    let exercised = table.results.case(played.case);
    let exercised = exercised.into_iter().flat_map(|case| &case.exercises);
    let found = instance.found.iter().map(|found| &found.requirement);
    let mut requirements: Vec<String> = exercised
        .chain(found)
        .chain(instance.blocked.keys())
        .cloned()
        .collect();
    requirements.sort_unstable();
    requirements.dedup();
    Test {
        name: instance.id.clone(),
        class: area.into(),
        requirements,
        status: status(table, played, live),
    }
}

fn status(table: &Table<'_>, played: &Played<'_>, live: &Live) -> Status {
    let instance = played.instance;
    if let Some(fault) = &instance.fault {
        return Status::Error {
            kind: "not judged",
            message: fault.clone(),
        };
    }
    if let Some(unsupported) = &instance.unsupported {
        return match unsupported.outcome == Outcome::Unsupported.name() {
            true => Status::Skipped(format!("unsupported: {}", unsupported.what)),
            false => failed(
                Outcome::UndeclaredUnsupported,
                format!("not supported, and not listed: {}", unsupported.what),
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
    let unexpected = with(Outcome::Regression);
    if let Some(first) = unexpected.first() {
        let code = first.code.as_deref().unwrap_or_default();
        let (place, id) = (played.column, Some(instance.id.as_str()));
        return Status::Failed {
            kind: Outcome::Regression.name(),
            message: words(&unexpected),
            body: evidence(table, place, &first.requirement, code, id, live),
        };
    }
    let stale = with(Outcome::StaleExpectation);
    if !stale.is_empty() {
        let message = format!("listed as a deviation, and conforms: {}", words(&stale));
        return failed(Outcome::StaleExpectation, message);
    }
    let known = with(Outcome::KnownDeviation);
    if known.is_empty() {
        return Status::Passed;
    }
    let reasons: Vec<String> = known
        .iter()
        .map(|found| {
            let code = found.code.as_deref().unwrap_or_default();
            let id = &found.requirement;
            format!("{id}: {}", reason(table, played.column, id, code))
        })
        .collect();
    Status::Skipped(format!(
        "{}: {}",
        look(Outcome::KnownDeviation).one,
        reasons.join("; ")
    ))
}

/// The comparisons of instances.
fn groups(table: &Table<'_>, place: usize, live: &Live) -> Vec<Test> {
    let subject = table.columns[place].subject;
    let of = table
        .results
        .groups
        .iter()
        .filter(|group| group.subject == subject.name && group.build == subject.build);
    let tests = of.map(|group| {
        let name = match &group.differs {
            Some(id) => format!("{} in {id}", group.requirement),
            None => format!(
                "{} in all of {}@{},{}",
                group.requirement,
                group.case,
                role_word(group.role),
                version_word(group.version)
            ),
        };
        let code = group.code.as_deref().unwrap_or_default();
        let message = format!("{}: {code}", group.requirement);
        let status = match Outcome::find(&group.outcome) {
            Some(outcome @ Outcome::Regression) => {
                let id = group.differs.as_deref().unwrap_or(&group.case);
                let body = evidence(table, place, &group.requirement, code, Some(id), live);
                Status::Failed {
                    kind: outcome.name(),
                    message,
                    body,
                }
            }
            Some(outcome @ Outcome::StaleExpectation) => failed(
                outcome,
                format!("listed as a deviation, and conforms: {}", group.requirement),
            ),
            Some(Outcome::KnownDeviation) => Status::Skipped(format!("known deviation: {message}")),
            Some(Outcome::NotCompared) => Status::Skipped("nothing to compare with".into()),
            _ => Status::Passed,
        };
        Test {
            name,
            class: "comparisons".into(),
            requirements: vec![group.requirement.clone()],
            status,
        }
    });
    tests.collect()
}
