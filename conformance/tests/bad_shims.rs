//! Misbehaving shims: each has a clear message and the right exit code, and earlier results are kept.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::time::{Duration, Instant};

use support::{Ended, LASTWORD, Scratch, lastword};

const HELLO: &str = r#"{"hello":{"protocol":1,"implementation":"fake","version":"1.0.0","api":"none","crypto":"none","roles":["client","server"],"versions":["1.3"],"capabilities":[],"habits":[],"build":{"debug-assertions":false,"overflow-checks":false}}}"#;

/// A shim that answers hello and then runs `rest`, a shell script.
fn fake(rest: &str) -> String {
    format!("sh -c 'read -r l; printf \"%s\\n\" \"$0\"; {rest}' '{HELLO}'")
}

fn run(shim: &str) -> (Ended, serde_json::Value) {
    let results = Scratch::new(&format!("results-{:x}", hash(shim)), "{}");
    let ended = lastword(&[
        "run",
        "half-close/ping-pong",
        "--timeout",
        "0.5",
        "--shim",
        shim,
        "--results",
        results.path(),
    ]);
    let json = results.json();
    (ended, json)
}

fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(7, |hash, byte| hash * 31 % 0xffff_fffb + u64::from(byte))
}

fn expect(ended: &Ended, code: i32, words: &str) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    let said = format!("{}{}", ended.out, ended.err);
    let joined: Vec<&str> = said.split_whitespace().collect();
    assert!(
        joined.join(" ").contains(words),
        "'{words}' is not in:\n{said}"
    );
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_shim_that_exits_at_once_is_a_broken_set_up() {
    expect(
        &run("sh -c 'exit 3'").0,
        96,
        "the subject died: exit status 3",
    );
}

#[test]
fn a_shim_that_does_not_exist_is_a_broken_set_up() {
    expect(&run("/no/such/shim").0, 96, "cannot start '/no/such/shim'");
}

#[test]
fn a_shim_that_never_says_hello_is_a_broken_set_up() {
    expect(&run("sleep 60").0, 96, "no answer within 0.5 s");
}

#[test]
fn the_standard_error_of_a_shim_that_dies_is_shown() {
    expect(
        &run("sh -c 'echo sorry >&2; exit 3'").0,
        96,
        "stderr: sorry",
    );
}

#[test]
fn an_older_protocol_is_a_broken_set_up() {
    let shim = format!(
        "sh -c 'read -r l; echo \"$0\"; cat' '{}'",
        HELLO.replace(":1,", ":0,")
    );
    expect(&run(&shim).0, 96, "it speaks protocol 0");
}

#[test]
fn an_unknown_field_in_hello_is_a_broken_set_up() {
    let hello = HELLO.replace(r#""api""#, r#""colour":"red","api""#);
    let shim = format!("sh -c 'read -r l; echo \"$0\"; cat' '{hello}'");
    expect(&run(&shim).0, 96, "unknown field `colour`");
}

#[test]
fn a_shim_that_dies_in_a_case_is_judged_and_the_results_are_written() {
    let (ended, json) = run(&fake("read -r l; exit 7"));
    assert!(
        matches!(ended.code, Some(1 | 100)),
        "{}{}",
        ended.out,
        ended.err
    );
    assert_eq!(json["instances"][0]["stopped"], "crash");
}

#[test]
fn a_shim_that_hangs_in_a_case_is_judged_and_dropped_after_a_while() {
    let (ended, json) = run(&fake("sleep 60"));
    assert!(
        matches!(ended.code, Some(1 | 100)),
        "{}{}",
        ended.out,
        ended.err
    );
    assert_eq!(json["instances"][0]["stopped"], "hang");
}

#[test]
fn a_shim_that_spins_is_stopped_by_its_processor_time() {
    let results = Scratch::new("results-spins", "{}");
    let shim = fake("while :; do :; done");
    let begun = Instant::now();
    // By the clock alone this would take a minute for each instance.
    let ended = lastword(&[
        "run",
        "half-close/ping-pong@client,1.3,whole,plain",
        "--timeout",
        "60",
        "--shim",
        &shim,
        "--results",
        results.path(),
    ]);
    assert!(
        matches!(ended.code, Some(1 | 100)),
        "{}{}",
        ended.out,
        ended.err
    );
    assert_eq!(results.json()["instances"][0]["stopped"], "hang");
    assert!(
        begun.elapsed() < Duration::from_secs(50),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_line_without_end_is_a_hang() {
    let (ended, json) = run(&fake("read -r l; tr \"\\0\" x < /dev/zero"));
    assert!(
        matches!(ended.code, Some(1 | 100)),
        "{}{}",
        ended.out,
        ended.err
    );
    assert_eq!(json["instances"][0]["stopped"], "hang");
}

#[test]
fn lines_without_end_are_invalid() {
    let (ended, json) = run(&fake("yes"));
    expect(&ended, 1, "the subject sent an invalid answer");
    assert!(json["instances"][0]["fault"].is_string());
}

#[test]
fn a_reply_that_is_not_json_is_an_invalid_answer() {
    let (ended, json) = run(&fake("while read -r l; do echo no; done"));
    expect(&ended, 1, "'no' is not a reply");
    assert!(json["instances"][0]["fault"].is_string());
}

#[test]
fn a_reply_with_an_unknown_field_is_an_invalid_answer() {
    let rest =
        "while read -r l; do echo \"{\\\"done\\\":{\\\"pieces\\\":[[]],\\\"mood\\\":1}}\"; done";
    let shim = format!(
        "sh -c {} '{HELLO}'",
        single(&format!("read -r l; echo \"$0\"; {rest}"))
    );
    expect(&run(&shim).0, 1, "unknown field `mood`");
}

#[test]
fn a_reply_of_the_wrong_shape_is_an_invalid_answer() {
    let rest = "while read -r l; do echo \"{\\\"done\\\":{\\\"pieces\\\":[[],[]]}}\"; done";
    let shim = format!(
        "sh -c {} '{HELLO}'",
        single(&format!("read -r l; echo \"$0\"; {rest}"))
    );
    expect(&run(&shim).0, 1, "2 lists of observations instead of 1");
}

fn single(text: &str) -> String {
    format!("'{text}'")
}

#[test]
fn an_error_in_answer_to_a_command_is_an_invalid_answer() {
    let rest =
        "while read -r l; do echo \"{\\\"error\\\":{\\\"message\\\":\\\"no idea\\\"}}\"; done";
    let shim = format!(
        "sh -c {} '{HELLO}'",
        single(&format!("read -r l; echo \"$0\"; {rest}"))
    );
    expect(&run(&shim).0, 1, "no idea");
}

#[test]
fn standard_error_may_be_flooded() {
    let shim =
        format!("sh -c 'head -c 1000000 /dev/zero >&2; exec {LASTWORD} subject rustls-unbuffered'");
    let ended = lastword(&["run", "half-close/ping-pong", "--shim", &shim]);
    expect(&ended, 0, "no unexpected deviations");
}

#[test]
fn a_new_process_is_started_after_a_crash() {
    let shim = format!("sh -c 'sed -u 20q | {LASTWORD} subject rustls-unbuffered'");
    let results = Scratch::new("fresh", "{}");
    lastword(&[
        "run",
        "half-close/ping-pong",
        "-j1",
        "--shim",
        &shim,
        "--results",
        results.path(),
    ]);
    let json = results.json();
    let instances = json["instances"].as_array().unwrap();
    let stopped = instances.iter().filter(|i| i["stopped"] == "crash").count();
    assert!(stopped > 2, "{stopped}");
    assert!(
        instances.len() > 2 * stopped,
        "{stopped} of {}",
        instances.len()
    );
}

#[test]
fn a_shim_that_does_not_speak_the_protocol_fails_its_check() {
    let ended = lastword(&["shim", "check", "--timeout", "0.5", "--shim", "cat"]);
    expect(&ended, 96, "FAIL answers hello");
}

#[test]
fn the_built_in_subject_passes_its_check() {
    let ended = lastword(&["shim", "check"]);
    expect(&ended, 0, "the shim speaks the protocol");
}
