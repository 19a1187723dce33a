//! Command lines and files that make no sense.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use support::{LASTWORD, Scratch, lastword};

fn expect(arguments: &[&str], code: i32, words: &str) {
    let ended = lastword(arguments);
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    assert!(
        ended.err.contains(words),
        "'{words}' is not in:\n{}",
        ended.err
    );
}

fn expectations(name: &str, toml: &str, code: i32, words: &str) {
    let file = Scratch::new(name, toml);
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    expect(
        &[
            "run",
            "half-close/ping-pong",
            "--shim",
            &shim,
            "--expectations",
            file.path(),
        ],
        code,
        words,
    );
}

#[test]
fn an_unknown_case_selects_nothing_and_the_nearest_is_named() {
    expect(
        &["run", "half-closed/ping-pong"],
        4,
        "nearest: half-close/ping-pong",
    );
    expect(
        &["half-closed/ping-pong"],
        4,
        "nearest: half-close/ping-pong",
    );
    expect(
        &["run", "--case", "half-close/pingpong"],
        4,
        "nearest: half-close/ping-pong",
    );
    expect(
        &["explain", "half-close/pingpong"],
        4,
        "nearest: half-close/ping-pong",
    );
}

#[test]
fn an_unknown_requirement_selects_nothing_and_the_nearest_is_named() {
    expect(
        &["run", "--requirement", "close-tx.no-data-afterwards"],
        4,
        "nearest: close-tx.no-data-after",
    );
}

#[test]
fn an_unknown_instance_of_a_known_case_is_told_apart() {
    expect(
        &["run", "half-close/ping-pong@client,1.3,sideways,plain"],
        4,
        "no cut is called",
    );
    expect(
        &["run", "half-close/ping-pong@client,1.3,whole,odd"],
        4,
        "has no instance",
    );
    expect(&["run", "half-close/ping-pong@client"], 0, "");
}

#[test]
fn an_unknown_subject_selects_nothing() {
    expect(&["run", "--subject", "openssl"], 4, "rustls-unbuffered");
}

#[test]
fn a_pattern_that_is_none_is_misuse() {
    expect(&["run", "half-close/[ping"], 2, "is not a pattern");
}

#[test]
fn misuse_of_options_is_misuse() {
    expect(&["run", "--shard", "3/2"], 2, "M/N");
    expect(&["run", "--timeout=-1"], 2, "timeout");
    expect(&["run", "--level", "perhaps"], 2, "must");
    expect(&["run", "--shim", "'open"], 2, "not closed");
    expect(&["run", "--shim", ""], 2, "empty");
}

#[test]
fn expectations_that_cannot_be_used_are_a_broken_set_up() {
    expectations("toml", "[[deviation", 96, "TOML parse error");
    expectations(
        "reasonless",
        "[[deviation]]\nrequirement = \"close-tx.no-data-after\"\ncode = \"sends-app-data\"\n\
         reason = \"\"\nlink = \"x\"\n",
        96,
        "it needs a reason",
    );
    expectations(
        "requirement",
        "[[deviation]]\nrequirement = \"close-tx.nothing\"\ncode = \"x\"\nreason = \"r\"\n\
         link = \"l\"\n",
        96,
        "no requirement has this id",
    );
    expectations(
        "code",
        "[[deviation]]\nrequirement = \"close-tx.no-data-after\"\ncode = \"sings\"\n\
         reason = \"r\"\nlink = \"l\"\n",
        96,
        "this requirement's codes are",
    );
    expectations("field", "[[deviations]]\n", 96, "unknown field");
    expect(
        &["run", "--shim", "x", "--expectations", "/no/such/file"],
        96,
        "cannot read /no/such/file",
    );
}

#[test]
fn results_that_cannot_be_written_are_a_broken_set_up_and_the_report_is_shown() {
    let ended = lastword(&[
        "run",
        "half-close/ping-pong",
        "--results",
        "/no/such/dir/r.json",
    ]);
    assert_eq!(ended.code, Some(96), "{}", ended.err);
    assert!(ended.out.contains("no unexpected deviations"), "{}", ended.out);
}
