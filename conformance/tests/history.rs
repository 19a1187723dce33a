//! The suite finds defects of past releases of rustls: on a release that has the defect, and not on
//! one that does not. `history.toml` lists them and `docs/history.md` shows them. `ci/history` plays
//! them, and not a plain `cargo test`, because that needs builds of other releases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use closure::requirements;

use lastword::results::Results;
use serde::Deserialize;
use support::{Folder, lastword};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    defect: Vec<Defect>,
}

/// A defect of a release, and the finding that shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defect {
    what: String,
    /// `unbuffered` or `buffered`.
    api: String,
    case: String,
    requirement: String,
    code: String,
    /// A release that has it.
    bad: String,
    /// A release without it.
    good: String,
    /// The description by rustls, if there is one.
    link: Option<String>,
}

/// The line above the generated part of the page, which goes on to the end.
const BEGIN: &str = "<!-- generated from conformance/history.toml -->\n";

fn history() -> Vec<Defect> {
    let history: History = toml::from_str(include_str!("../history.toml")).unwrap();
    assert!(!history.defect.is_empty(), "nothing is listed");
    history.defect
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/history.md")
}

#[test]
fn listed_requirements_and_cases_exist_and_the_page_is_up_to_date() {
    let history = history();
    for defect in &history {
        let requirement = requirements::find(&defect.requirement)
            .unwrap_or_else(|| panic!("no requirement is called {}", defect.requirement));
        let codes: Vec<_> = requirement.codes.iter().map(|code| code.name).collect();
        assert!(
            codes.contains(&defect.code.as_str()),
            "{} has {codes:?}, not {}",
            defect.requirement,
            defect.code
        );
        assert!(
            cases::find(&defect.case).is_some(),
            "no case is called {}",
            defect.case
        );
    }
    let text = fs::read_to_string(page()).unwrap();
    let (before, shown) = text.split_once(BEGIN).unwrap();
    let fresh = format!("\n{}", table(&history));
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        fs::write(page(), format!("{before}{BEGIN}{fresh}")).unwrap();
    } else {
        assert_eq!(shown, fresh, "run with LASTWORD_BLESS=1");
    }
}

#[test]
#[ignore = "it builds other releases of rustls: see ci/history"]
fn defects_show_on_releases_that_have_them_and_only_there() {
    let mut history = history();
    // `ci/history` passes the interface and the earlier release of the rows that it plays.
    if let Ok(rows) = std::env::var("LASTWORD_HISTORY") {
        history.retain(|defect| rows == format!("{} {}", defect.api, defect.bad));
        assert!(!history.is_empty(), "no row has `{rows}`");
    }
    // Each release is built and played once for all its defects.
    let mut wanted: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for defect in &history {
        for release in [&defect.bad, &defect.good] {
            let of = wanted.entry((release, &defect.api)).or_default();
            of.insert(&defect.case);
        }
    }
    let folder = Folder::new("history");
    let played: BTreeMap<_, _> = wanted
        .into_iter()
        .map(|(of, cases)| (of, play(&folder, of, &cases)))
        .collect();
    let mut wrong = Vec::new();
    for defect in &history {
        let seen = |release: &str| seen(&played[&(release, defect.api.as_str())], defect);
        let (bad, good) = (seen(&defect.bad), seen(&defect.good));
        let (bad_line, good_line) = (said(&bad), said(&good));
        println!(
            "{:10} {:8} {bad_line:14} {:8} {good_line:14} {}: {}",
            defect.api, defect.bad, defect.good, defect.requirement, defect.code
        );
        if bad.found == 0 || good.found > 0 || good.held == 0 {
            wrong.push(format!(
                "{}: {} {bad_line}, {} {good_line}",
                defect.what, defect.bad, defect.good
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn play(folder: &Folder, (release, api): (&str, &str), cases: &BTreeSet<&str>) -> Results {
    let path = folder.0.join(format!("{release}-{api}.json"));
    let subject = format!("rustls-{api}");
    let mut arguments = vec!["run", "--rustls", release, "--subject", &subject];
    arguments.extend(["--timeout", "1", "--results", path.to_str().unwrap()]);
    // Other cuts do not matter here, and a hang takes the whole timeout under every cut.
    let instances: Vec<_> = cases
        .iter()
        .map(|case| format!("{case}@*,whole,*"))
        .collect();
    arguments.extend(instances.iter().map(String::as_str));
    let ended = lastword(&arguments);
    assert!(
        path.is_file(),
        "rustls {release} was not played:\n{}{}",
        ended.out,
        ended.err
    );
    Results::read(&path).unwrap()
}

/// The number of instances and groups of its case in which a defect shows, and the number of others.
struct Seen {
    found: usize,
    held: usize,
}

fn seen(results: &Results, defect: &Defect) -> Seen {
    let mut seen = Seen { found: 0, held: 0 };
    let mut note = |code: Option<&str>| match code {
        None => seen.held += 1,
        Some(code) if code == defect.code => seen.found += 1,
        Some(_) => {}
    };
    for instance in &results.instances {
        if instance.id.split_once('@').map(|(case, _)| case) != Some(&defect.case) {
            continue;
        }
        for place in &instance.held {
            if results.requirements[*place].id == defect.requirement {
                note(None);
            }
        }
        for found in &instance.found {
            if found.requirement == defect.requirement {
                note(found.code.as_deref());
            }
        }
    }
    for group in &results.groups {
        if group.case == defect.case && group.requirement == defect.requirement {
            note(group.code.as_deref());
        }
    }
    seen
}

fn said(seen: &Seen) -> String {
    match seen.found {
        0 => format!("held in {}", seen.held),
        n => format!("found in {n}"),
    }
}

fn table(history: &[Defect]) -> String {
    let mut out = String::from(
        "| defect | interface | shown on | not on | requirement: code | case |\n|---|---|---|---|---|---|\n",
    );
    for defect in history {
        let what = match &defect.link {
            Some(link) => format!("{} ([more]({link}))", defect.what),
            None => defect.what.clone(),
        };
        out += &format!(
            "| {what} | {} | {} | {} | `{}`: `{}` | `{}` |\n",
            defect.api, defect.bad, defect.good, defect.requirement, defect.code, defect.case
        );
    }
    out
}
