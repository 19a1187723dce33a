//! From verdicts and expectations to outcomes and exit codes.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::io::Read;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{LASTWORD, Scratch, lastword};

const CASE: &str = "half-close/write-after-own-close";

fn with(name: &str, toml: &str, selectors: &[&str]) -> support::Ended {
    let file = Scratch::new(name, toml);
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    let mut arguments = vec!["run", "--shim", &shim, "--expectations", file.path()];
    arguments.extend(selectors);
    lastword(&arguments)
}

fn entry(requirement: &str, code: &str, select: &str) -> String {
    format!(
        "[[deviation]]\nrequirement = \"{requirement}\"\ncode = \"{code}\"\n{select}\n\
         reason = \"seen\"\nlink = \"here\"\n"
    )
}

#[test]
fn a_deviation_that_is_not_listed_is_a_regression() {
    let ended = with(
        "none",
        "",
        &[CASE, "--requirement", "close-tx.no-data-after"],
    );
    assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);
    assert!(
        ended.out.contains("UNEXPECTED  close-tx.no-data-after"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("reproduce    lastword run --shim"),
        "{}",
        ended.out
    );
}

#[test]
fn a_deviation_that_is_listed_is_known() {
    let toml = entry("close-tx.no-data-after", "sends-app-data", "");
    let ended = with(
        "listed",
        &toml,
        &[CASE, "--requirement", "close-tx.no-data-after"],
    );
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("known deviation"), "{}", ended.out);
}

#[test]
fn a_deviation_outside_the_selection_of_its_entry_is_a_regression() {
    let toml = entry(
        "close-tx.no-data-after",
        "sends-app-data",
        "where = { role = \"client\" }",
    );
    let ended = with(
        "outside",
        &toml,
        &[CASE, "--requirement", "close-tx.no-data-after"],
    );
    assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);
    let mut lines = ended.out.lines();
    let shown = lines.find(|line| line.contains("] UNEXPECTED  ")).unwrap();
    assert!(shown.contains("@server"), "{shown}");
}

#[test]
fn a_known_instance_is_not_shown_for_a_regression() {
    let toml = entry(
        "close-tx.no-data-after",
        "sends-app-data",
        "where = { cut = \"whole\", habit = \"plain\" }",
    );
    let ended = with(
        "shown",
        &toml,
        &[CASE, "--requirement", "close-tx.no-data-after"],
    );
    assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);
    let shown = ended
        .out
        .lines()
        .find(|line| line.contains("] UNEXPECTED  "))
        .unwrap();
    assert!(!shown.contains("whole,plain"), "{shown}");
}

#[test]
fn an_instance_selected_by_its_id_may_vary_several_axes() {
    // The built-in subject has the same build as this test.
    let build = match cfg!(debug_assertions) {
        true => ",assertions",
        false => "",
    };
    let id = format!("half-close/ping-pong@client,1.3,bytewise,small-output{build}");
    let ended = lastword(&["run", &id, "--subject", "rustls-unbuffered"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("1 case, 1 instance,"), "{}", ended.out);
}

#[test]
fn an_expectation_that_does_not_hold_is_stale() {
    let toml = entry(
        "close-rx.signal-eof",
        "no-end-12",
        "where = { version = \"1.2\" }",
    );
    let arguments = [
        "half-close/ping-pong",
        "--requirement",
        "close-rx.signal-eof",
    ];
    let ended = with("stale", &toml, &arguments);
    assert_eq!(ended.code, Some(103), "{}{}", ended.out, ended.err);
    assert!(
        ended.out.contains("STALE  close-rx.signal-eof"),
        "{}",
        ended.out
    );
}

#[test]
fn a_capability_that_exists_and_is_listed_as_missing_is_stale() {
    let toml = "[[missing]]\ncapability = \"tickets\"\nreason = \"r\"\nlink = \"l\"\n";
    let ended = with("missing", toml, &["half-close/ping-pong"]);
    assert_eq!(ended.code, Some(103), "{}{}", ended.out, ended.err);
}

#[test]
fn equal_seeds_give_equal_results_whatever_the_number_of_workers() {
    let files = ["-j1", "-j2", "-j5"].map(|jobs| {
        let file = Scratch::new(&format!("equal{jobs}"), "");
        lastword(&[
            "run",
            "half-close/*",
            jobs,
            "--seed",
            "9",
            "--results",
            file.path(),
        ]);
        std::fs::read_to_string(&file.0).unwrap()
    });
    assert!(files[0].len() > 1000);
    assert!(files[0] == files[1] && files[1] == files[2]);
}

#[test]
fn the_keys_of_the_results_are_sorted() {
    let file = Scratch::new("sorted", "");
    lastword(&["run", "half-close/*", "--results", file.path()]);
    let text = std::fs::read_to_string(&file.0).unwrap();
    let sorted: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).unwrap();
    // Each item of a list is one line. Line breaks within strings are escaped.
    let text: String = text.lines().map(str::trim_start).collect();
    let again = serde_json::to_string(&sorted).unwrap();
    assert!(text == again, "a key is out of order");
}

#[test]
fn an_interrupted_run_says_so_and_writes_its_results() {
    let file = Scratch::new("interrupted", "");
    // A run of everything takes seconds, so that it can be interrupted.
    let mut child = Command::new(LASTWORD)
        .args(["run", "--exhaustive", "-j1", "--results", file.path()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The program handles signals before it prints anything.
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(file.json()["interrupted"], true);
}

#[test]
fn repetitions_of_a_run_give_the_same_results() {
    let ended = lastword(&["run", "half-close/ping-pong", "--repeat", "3"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}
