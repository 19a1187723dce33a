//! Cases and requirements are consistent.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use std::collections::BTreeSet;

use closure::{Expectations, Rule, requirements};
use lastword::subjects;
use scenario::Script;
use scenario::Specimen;

#[test]
fn the_names_of_cases_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for case in cases::all() {
        assert!(seen.insert(case.name), "{} is there twice", case.name);
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
        assert!(case.name.chars().all(fine), "{}", case.name);
        assert_eq!(case.name.matches('/').count(), 1, "{}", case.name);
        assert!(!case.says.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_script_has_steps_and_reads_back() {
    for case in cases::all() {
        assert!(!case.script.steps.is_empty(), "{}", case.name);
        let again = Script::parse(&case.script.to_string()).unwrap();
        assert_eq!(again, case.script, "{}", case.name);
    }
}

#[test]
fn every_case_exercises_requirements_that_exist_and_can_be_tested() {
    for case in cases::all() {
        assert!(
            !case.exercises.is_empty(),
            "{} exercises nothing",
            case.name
        );
        for id in case.exercises {
            let requirement = requirements::find(id);
            let requirement = requirement.unwrap_or_else(|| panic!("{}: no {id}", case.name));
            assert_eq!(requirement.id, *id, "{}: that is an alias", case.name);
            let untestable = matches!(requirement.rule, Rule::Untestable(_));
            assert!(!untestable, "{}: {id} is untestable", case.name);
            let role = case
                .roles
                .iter()
                .any(|role| requirement.roles.contains(role));
            let version = case
                .versions
                .iter()
                .any(|v| requirement.versions.contains(v));
            assert!(role && version, "{}: {id} never applies", case.name);
        }
    }
}

#[test]
fn every_regression_says_what_it_is_about_and_what_it_breaks() {
    let mut kept = 0;
    for (name, text) in cases::regressions::texts() {
        let specimen = Specimen::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(!specimen.says.is_empty(), "{name}");
        assert!(specimen.breaks.is_some(), "{name}");
        let (case, _) = specimen
            .instance
            .unwrap_or_else(|| panic!("{name}: no instance"));
        assert!(cases::find(&case).is_some(), "{name}: {case}");
        kept += 1;
    }
    assert!(kept > 0, "corpus/regressions is empty");
}

#[test]
fn every_testable_requirement_has_a_case() {
    let exercised: BTreeSet<&str> = cases::all()
        .iter()
        .flat_map(|case| case.exercises.iter().copied())
        .collect();
    let without: Vec<&str> = requirements::all()
        .filter(|requirement| !matches!(requirement.rule, Rule::Untestable(_)))
        .map(|requirement| requirement.id)
        .filter(|id| !exercised.contains(id))
        .collect();
    assert!(without.is_empty(), "no case exercises {without:?}");
}

#[test]
fn every_name_of_a_requirement_is_unique() {
    let mut seen = BTreeSet::new();
    for requirement in requirements::all() {
        for name in [requirement.id].iter().chain(requirement.aliases) {
            assert!(seen.insert(*name), "{name} is there twice");
            assert_eq!(requirements::find(name).map(|r| r.id), Some(requirement.id));
        }
    }
}

#[test]
fn the_built_in_expectations_are_valid() {
    for (name, text) in subjects::embedded_expectations() {
        if let Err(error) = Expectations::parse(text, "0.23.46") {
            panic!("{name}: {error}");
        }
    }
}
