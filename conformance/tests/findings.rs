//! The pages on findings match the current results.
//!
//! Parts of a page are generated. A comment above a code block names its content:
//!
//! * `<!-- script: CASE -->`: the script of the case;
//! * `<!-- transcript: SUBJECT INSTANCE REQUIREMENT -->`: the transcript in which the built-in subject
//!   violates the requirement. Builds with assertions check the instances that end in `assertions`.
//!   Builds without them check `transcript in release` (`cargo test --release --test findings`).
//!
//! Run with `LASTWORD_BLESS=1` to update the pages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use closure::Expectations;
use lastword::subjects;
use support::{LASTWORD, Scratch, lastword};

/// The implementation that the findings are about.
const VERSION: &str = "0.23.46";

/// The end of the id of an instance of a build with assertions.
const ASSERTIONS: &str = ",assertions";

#[test]
fn what_is_generated_is_current() {
    let mut old = Vec::new();
    let mut generated = 0;
    for (name, path) in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let fresh = renew(&name, &text, &mut generated);
        if fresh == text {
            continue;
        }
        if std::env::var_os("LASTWORD_BLESS").is_some() {
            fs::write(&path, fresh).unwrap();
        } else {
            old.push(name);
        }
    }
    assert!(generated > 0, "no page has a generated part");
    assert!(old.is_empty(), "run with LASTWORD_BLESS=1: {old:?}");
}

#[test]
fn every_page_is_in_the_index_and_has_what_a_maintainer_needs() {
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    for (name, path) in pages().filter(|(name, _)| name != "README.md") {
        assert!(index.contains(&format!("({name})")), "{name} is not listed");
        let text = fs::read_to_string(&path).unwrap();
        for part in [
            "What happens.",
            "What it breaks.",
            "## Script",
            "## Transcript",
            "## Severity",
            "## Workaround",
            "## Where it comes from",
            "## Versions",
        ] {
            assert!(text.contains(part), "{name} has no part '{part}'");
        }
    }
}

#[test]
fn every_deviation_is_on_the_page_that_it_links_to() {
    let mut linked = BTreeSet::new();
    for (subject, toml) in subjects::embedded_expectations() {
        let known = Expectations::parse(toml, VERSION).unwrap();
        for entry in &known.deviations {
            let Some(page) = entry.link.strip_prefix("docs/findings/") else {
                assert!(
                    entry.link.starts_with("https://"),
                    "{subject}: {}",
                    entry.link
                );
                continue;
            };
            let text = fs::read_to_string(folder().join(page));
            let text = text.unwrap_or_else(|e| panic!("{subject}: {page}: {e}"));
            for word in [&entry.requirement, &entry.code] {
                let quoted = format!("`{word}`");
                assert!(
                    text.contains(&quoted),
                    "{subject}: {quoted} is not on {page}"
                );
            }
            linked.insert(page.to_owned());
        }
    }
    assert!(!linked.is_empty(), "no deviation links to a page");
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/findings"))
}

fn pages() -> impl Iterator<Item = (String, PathBuf)> {
    let mut pages: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    pages.sort();
    pages.into_iter()
}

/// The page with new content in the generated blocks.
fn renew(page: &str, text: &str, generated: &mut usize) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(content) = content(page, line) else {
            continue;
        };
        *generated += 1;
        for line in lines.by_ref() {
            if line.starts_with("```") {
                break;
            }
            assert!(line.is_empty(), "{page}: no block of code below '{line}'");
        }
        let closed = lines.by_ref().any(|line| line == "```");
        assert!(closed, "{page}: a block of code does not end");
        out.push_str("\n```\n");
        out.push_str(content.trim_end());
        out.push_str("\n```\n");
    }
    out
}

fn content(page: &str, line: &str) -> Option<String> {
    let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (what, of) = comment.split_once(": ")?;
    match what {
        "script" => {
            let case = cases::find(of).unwrap_or_else(|| panic!("{page}: no case {of}"));
            Some(case.script.to_string())
        }
        "transcript" if cfg!(debug_assertions) || !of.contains(ASSERTIONS) => {
            Some(transcript(page, of))
        }
        "transcript in release" if cfg!(not(debug_assertions)) => Some(transcript(page, of)),
        _ => None,
    }
}

/// The ladder of a deviation, as the program draws it without expectations.
fn transcript(page: &str, of: &str) -> String {
    let [subject, instance, requirement] = of.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{page}: '{of}' is not a subject, an instance and a requirement");
    };
    let mut instance = instance.to_owned();
    if cfg!(debug_assertions) && !instance.ends_with(ASSERTIONS) {
        instance += ASSERTIONS;
    }
    let shim = format!("{LASTWORD} subject {subject}");
    let nothing = Scratch::new(&format!("nothing-{page}"), "");
    let ended = lastword(&[
        "run",
        "--shim",
        &shim,
        "--expectations",
        nothing.path(),
        &instance,
    ]);
    let block = format!("UNEXPECTED  {requirement} ");
    let shown: Vec<&str> = ended
        .out
        .lines()
        .skip_while(|line| !line.contains(&block))
        .skip_while(|line| !line.trim_start().starts_with("app  "))
        .take_while(|line| !line.trim().is_empty())
        .collect();
    assert!(
        !shown.is_empty(),
        "{page}: {requirement} is not broken in {instance}:\n{}{}",
        ended.out,
        ended.err
    );
    let margin = shown
        .iter()
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines = shown.iter().map(|line| line[margin..].trim_end());
    lines.collect::<Vec<_>>().join("\n")
}
