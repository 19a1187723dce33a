//! Every requirement is judged at least once for each role and version that it applies to, with the
//! built-in subjects or the reference. `unjudged.toml` lists the exceptions, with the reason of each.
//! `ci/judged` plays the runs.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cases::instances;
use closure::{Rule, parse_role, parse_version, requirements, role_name, version_name};
use lastword::results::Results;
use protocol::{Role, Version};
use serde::Deserialize;
use support::{Folder, lastword};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    unjudged: Vec<Entry>,
}

/// A requirement that is not judged for some roles and versions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    requirement: String,
    roles: Vec<String>,
    versions: Vec<String>,
    reason: String,
}

type Judged = (String, Role, Version);

fn listed() -> BTreeSet<Judged> {
    let list: List = toml::from_str(include_str!("../unjudged.toml")).unwrap();
    let mut listed = BTreeSet::new();
    for entry in &list.unjudged {
        assert!(entry.reason.len() > 20, "{}: a reason", entry.requirement);
        for role in &entry.roles {
            for version in &entry.versions {
                let role = parse_role(role).unwrap();
                let version = parse_version(version).unwrap();
                let new = listed.insert((entry.requirement.clone(), role, version));
                assert!(new, "{} is listed twice", entry.requirement);
            }
        }
    }
    listed
}

/// All that there is to judge.
fn wanted() -> BTreeSet<Judged> {
    let testable = requirements::all().filter(|it| !matches!(it.rule, Rule::Untestable(_)));
    let all = testable.flat_map(|requirement| {
        requirement.roles.iter().flat_map(move |role| {
            let versions = requirement.versions.iter();
            versions.map(move |version| (requirement.id.to_owned(), *role, *version))
        })
    });
    all.collect()
}

#[test]
fn the_list_names_what_exists() {
    let wanted = wanted();
    for (id, role, version) in listed() {
        assert!(
            wanted.contains(&(id.clone(), role, version)),
            "{id} does not apply to a {} with TLS {}",
            role_name(role),
            version_name(version)
        );
    }
}

#[test]
#[ignore = "it needs several whole runs: see ci/judged"]
fn every_requirement_is_judged_for_each_role_and_version() {
    let folder = Folder::new("judged");
    let mut judged = BTreeSet::new();
    for profile in ["rfc8446", "full-close", "rfc8446bis"] {
        let path = folder.0.join(format!("{profile}.json"));
        let subjects = ["rustls-unbuffered", "rustls-buffered", "reference"];
        let mut arguments = vec!["run", "--results", path.to_str().unwrap()];
        arguments.extend(["--profile", profile]);
        arguments.extend(subjects.iter().flat_map(|subject| ["--subject", subject]));
        let ended = lastword(&arguments);
        assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
        judged.extend(judged_in(&Results::read(&path).unwrap()));
    }
    let (wanted, listed) = (wanted(), listed());
    let mut text = String::new();
    for (id, role, version) in &wanted {
        let key = (id.clone(), *role, *version);
        let problem = match (judged.contains(&key), listed.contains(&key)) {
            (false, false) => "is never judged, and not listed",
            (true, true) => "is judged, and listed as if it were not",
            _ => continue,
        };
        let (role, version) = (role_name(*role), version_name(*version));
        let _ = writeln!(text, "{id} {problem}: {role}, {version}");
    }
    assert!(text.is_empty(), "\n{text}");
}

fn judged_in(results: &Results) -> BTreeSet<Judged> {
    let mut judged = BTreeSet::new();
    for instance in &results.instances {
        let (_, axes) = instances::parse_id(&instance.id).unwrap();
        let held = instance.held.iter();
        let held = held.map(|place| &results.requirements[*place].id);
        let found = instance.found.iter().map(|found| &found.requirement);
        judged.extend(
            held.chain(found)
                .map(|id| (id.clone(), axes.role, axes.version)),
        );
    }
    let groups = results.groups.iter();
    let compared = groups.filter(|group| group.outcome != "not-compared");
    judged.extend(compared.map(|group| (group.requirement.clone(), group.role, group.version)));
    judged
}
