//! Invalid results files and unwritable outputs: a clear message, the right exit code, no panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use lastword::results::SCHEMA_VERSION;
use support::{Folder, LASTWORD, Scratch, lastword};

fn good() -> String {
    let name = format!("tests/data/results-{SCHEMA_VERSION}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_command_that_reads_results_rejects_invalid_files() {
    let whole = fs::read_to_string(good()).unwrap();
    let newer = whole.replace(
        &format!("\"schema_version\": {SCHEMA_VERSION}"),
        "\"schema_version\": 999",
    );
    let with = |old: &str, new: &str| {
        assert!(whole.contains(old), "{old}");
        whole.replacen(old, new, 1)
    };
    let cases = [
        ("empty", String::new(), "it is empty"),
        (
            "truncated",
            whole[..whole.len() / 2].to_owned(),
            "it is incomplete",
        ),
        (
            "foreign",
            "{\"numFailedTests\": 3}".into(),
            "it is not a results file: `schema_version` is missing",
        ),
        ("text", "lastword 0.1.0".into(), "it is not JSON"),
        ("list", "[1, 2]".into(), "it is not a results file"),
        ("newer", newer, "use a newer lastword"),
        (
            "older",
            "{\"schema_version\": 1, \"version\": \"0.1.0\", \"instances\": [3]}".into(),
            "invalid type",
        ),
        (
            "hollow",
            format!("{{\"schema_version\": {SCHEMA_VERSION}, \"version\": \"x\"}}"),
            "missing field",
        ),
        (
            "outcome",
            with("\"outcome\": \"regression\"", "\"outcome\": \"sings\""),
            "no outcome is called 'sings'",
        ),
        (
            "subject",
            with("\"subject\": \"shim\"", "\"subject\": \"nobody\""),
            "no subject is called 'nobody'",
        ),
        (
            "instance",
            with(",whole,plain", ",sideways,plain"),
            "no cut is called 'sideways'",
        ),
        (
            "place",
            with("\"held\": [\n", "\"held\": [99999,\n"),
            "a requirement that is not listed",
        ),
    ];
    for (name, text, problem) in cases {
        let file = Scratch::new(&format!("bad-{name}.json"), &text);
        let good = good();
        for arguments in [
            vec!["report", file.path()],
            vec!["report", file.path(), "--format", "html"],
            vec!["matrix", &good, file.path()],
            vec!["diff", &good, file.path()],
            vec!["diff", file.path(), &good],
            vec!["accept", file.path(), "--expectations", "/dev/null"],
        ] {
            let ended = lastword(&arguments);
            assert_eq!(ended.code, Some(96), "{arguments:?}: {}", ended.err);
            assert!(ended.err.contains(problem), "{name}: {}", ended.err);
            assert!(ended.err.contains(file.path()), "{name}: {}", ended.err);
            assert!(ended.out.is_empty(), "{name}: {}", ended.out);
        }
    }
}

#[test]
fn a_missing_results_file_is_named() {
    let folder = Folder::new("bad-results-folder");
    for path in ["/nowhere.json", folder.path()] {
        let ended = lastword(&["report", path]);
        assert_eq!(ended.code, Some(96));
        assert!(
            ended.err.contains(&format!("cannot read {path}")),
            "{}",
            ended.err
        );
    }
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    for path in ["/dev/full", "/nowhere/report.html", "/dev/null/report.html"] {
        for format in ["text", "markdown", "junit", "html"] {
            let ended = lastword(&["report", &good(), "--format", format, "-o", path]);
            assert_eq!(ended.code, Some(96), "{path}: {}", ended.err);
            assert!(
                ended.err.contains(&format!("cannot write {path}")),
                "{}",
                ended.err
            );
        }
    }
    for file in ["--results", "--timings"] {
        let ended = lastword(&["run", "half-close/ping-pong", &format!("{file}=/dev/full")]);
        assert_eq!(ended.code, Some(96), "{}", ended.err);
        assert!(
            ended.err.contains("cannot write /dev/full"),
            "{}",
            ended.err
        );
        assert!(
            ended.out.contains("no unexpected deviations"),
            "the report is shown: {}",
            ended.out
        );
    }
}

#[test]
fn a_full_disk_at_standard_output_is_reported() {
    for arguments in [
        vec!["report", &good()],
        vec!["list"],
        vec!["run", "half-close/ping-pong"],
    ] {
        let output = Command::new(LASTWORD)
            .args(&arguments)
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(96), "{arguments:?}: {err}");
        assert!(err.contains("cannot write to standard output"), "{err}");
    }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let good = good();
    for arguments in [
        vec!["report", &good, "--format", "html"],
        vec!["list"],
        vec!["run", "half-close/ping-pong"],
        vec!["diff", &good, &good],
    ] {
        let mut child = Command::new(LASTWORD)
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            Some(0),
            "{arguments:?}: {err}"
        );
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn contradictory_expectations_are_rejected() {
    let entry = |code: &str, select: &str| {
        format!(
            "[[deviation]]\nrequirement = \"close-tx.no-data-after\"\ncode = \"{code}\"\n{select}\n\
             reason = \"seen\"\nlink = \"here\"\n"
        )
    };
    let all = entry("sends-app-data", "");
    let some = entry("sends-app-data", "where = { role = \"client\" }");
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    for text in [format!("{all}{some}"), format!("{some}{all}")] {
        let file = Scratch::new("conflict.toml", &text);
        let arguments = [
            "run",
            "half-close/ping-pong",
            "--shim",
            &shim,
            "--expectations",
        ];
        for arguments in [
            [&arguments[..], &[file.path()]].concat(),
            vec!["accept", &good(), "--expectations", file.path()],
        ] {
            let ended = lastword(&arguments);
            assert_eq!(ended.code, Some(96), "{}", ended.err);
            assert!(ended.err.contains("it overlaps entry 1"), "{}", ended.err);
            assert!(ended.err.contains(file.path()), "{}", ended.err);
        }
    }
}

#[test]
fn a_workflow_step_gets_a_summary() {
    let folder = Folder::new("step-summary");
    let summary = Path::new(folder.path()).join("summary.md");
    for _ in 0..2 {
        let output = Command::new(LASTWORD)
            .args(["run", "half-close/ping-pong"])
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
    }
    let text = fs::read_to_string(&summary).unwrap();
    assert_eq!(
        text.matches("## lastword").count(),
        2,
        "the second run appends to it: {text}"
    );
    let output = Command::new(LASTWORD)
        .args(["run", "half-close/ping-pong"])
        .env("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "a missing summary is only a warning"
    );
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.contains("warning: cannot write the step's summary"),
        "{err}"
    );
}
