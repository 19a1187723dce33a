//! Invalid command lines and files: each has a clear message and the right exit code.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use support::{Folder, LASTWORD, Scratch, lastword};

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
fn an_unknown_case_selects_nothing_and_the_message_names_the_nearest() {
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
fn an_unknown_requirement_selects_nothing_and_the_message_names_the_nearest() {
    expect(
        &["run", "--requirement", "close-tx.no-data-afterwards"],
        4,
        "nearest: close-tx.no-data-after",
    );
}

#[test]
fn an_unknown_instance_of_a_known_case_has_its_own_message() {
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
fn an_invalid_pattern_is_a_usage_error() {
    expect(&["run", "half-close/[ping"], 2, "is not a valid pattern");
}

#[test]
fn a_requirement_in_place_of_a_case_names_the_option_for_it() {
    expect(
        &["run", "close-tx.no-data-after"],
        4,
        "use --requirement close-tx.no-data-after",
    );
}

#[test]
fn a_misspelt_command_names_the_nearest() {
    let explain = "nearest command: lastword explain";
    expect(&["expalin"], 4, explain);
    expect(&["expalin", "eof/fin"], 4, explain);
    // The parser rejects an option that `run` does not have.
    let report = "a similar subcommand exists: 'report'";
    expect(&["reprot", "x.json", "--format", "html"], 2, report);
    // After `run` a word cannot be a command.
    let ended = lastword(&["run", "expalin"]);
    assert!(!ended.err.contains("nearest command"), "{}", ended.err);
}

#[test]
fn a_number_of_0_is_a_usage_error() {
    expect(&["-j", "0"], 2, "`-j` needs at least 1");
    expect(&["run", "--jobs=0"], 2, "`-j` needs at least 1");
    expect(&["run", "--repeat", "0"], 2, "`--repeat` needs at least 1");
    expect(&["run", "-j", "many"], 2, "`-j` needs a whole number");
}

#[test]
fn an_empty_script_is_not_replayed() {
    expect(&["replay", "/dev/null"], 96, "/dev/null is empty");
    let comment = Scratch::new("comment.script", "# It does nothing.\n");
    expect(&["replay", comment.path()], 96, "the script has no steps");
}

#[test]
fn invalid_options_are_usage_errors() {
    expect(&["run", "--shard", "3/2"], 2, "M/N");
    expect(&["run", "--timeout=-1"], 2, "timeout");
    expect(&["run", "--level", "perhaps"], 2, "must");
    expect(&["run", "--shim", "'open"], 2, "not closed");
    expect(&["run", "--shim", ""], 2, "empty");
}

#[test]
fn invalid_expectations_are_a_broken_set_up() {
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

/// Runs a case with an output that cannot be written, which must stop the run before it starts.
fn unwritable(option: &str, path: &str, words: &str) {
    let ended = lastword(&["run", "half-close/ping-pong", &format!("{option}={path}")]);
    assert_eq!(ended.code, Some(96), "{option} {path}: {}", ended.err);
    assert!(ended.err.contains(words), "{option}: {}", ended.err);
    assert_eq!(ended.out, "", "{option} {path}: the run was started");
}

#[test]
fn an_unwritable_output_is_noticed_before_the_run() {
    let folder = Folder::new("unwritable");
    let file = Scratch::new("unwritable-file", "kept");
    let below = format!("{}/below", file.path());
    for option in ["--results", "--timings", "--transcripts"] {
        for path in ["/no/such/dir/r.json", folder.path(), &below, "/dev/null/x"] {
            unwritable(option, path, &format!("cannot write {path}"));
        }
    }
    for path in [file.path(), &below, "/dev/null"] {
        unwritable("--failures", path, &format!("cannot write {path}"));
        unwritable("--failures", path, "choose another directory");
    }
    assert_eq!(std::fs::read_to_string(&file.0).unwrap(), "kept");
}

#[test]
fn looking_for_unwritable_outputs_leaves_nothing_behind() {
    let folder = Folder::new("no-trace");
    let [results, failures] = ["results.json", "a/b"].map(|name| folder.0.join(name));
    let kept = folder.0.join("kept.json");
    std::fs::write(&kept, "kept").unwrap();
    for path in [&results, &kept] {
        let ended = lastword(&[
            "run",
            "no/such-case",
            "--results",
            path.to_str().unwrap(),
            "--failures",
            failures.to_str().unwrap(),
        ]);
        assert_eq!(ended.code, Some(4), "{}", ended.err);
    }
    assert!(!results.exists() && !folder.0.join("a").exists());
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "kept");
}
