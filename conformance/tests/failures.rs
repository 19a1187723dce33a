//! The directory of a failing instance is enough to repeat the failure.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lastword::specimen;
use support::{Ended, Folder, LASTWORD, lastword};

/// An instance in which rustls violates `close-tx.no-data-after`.
fn instance(of: &str) -> String {
    let build = match cfg!(debug_assertions) {
        true => ",assertions",
        false => "",
    };
    format!("half-close/write-after-own-close@{of},whole,plain{build}")
}

/// Runs the instance without expectations, so that it fails. Returns its directory.
fn fail(folder: &Folder, instance: &str, more: &[&str]) -> (Ended, PathBuf) {
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    let arguments = [
        "run",
        "--shim",
        &shim,
        "--failures",
        folder.path(),
        instance,
    ];
    let ended = lastword(&[&arguments, more].concat());
    (ended, Path::new(folder.path()).join("shim").join(instance))
}

fn read(directory: &Path, name: &str) -> String {
    let path = directory.join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_failing_instance_leaves_all_that_is_needed_to_repeat_it() {
    let folder = Folder::new("failures-complete");
    let (ended, directory) = fail(&folder, &instance("client,1.3"), &["--seed", "7"]);
    assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);

    let specimen = specimen::read(&directory).unwrap();
    assert_eq!(specimen.seed, Some(7));
    let (requirement, code) = specimen.breaks.unwrap();
    assert_eq!(requirement, "close-tx.no-data-after");
    assert_eq!(code, "sends-app-data");
    let transcript = read(&directory, "transcript");
    assert!(transcript.contains("client_hello"), "{transcript}");
    assert!(transcript.contains("close_notify"), "{transcript}");
    assert!(transcript.contains('✗'), "{transcript}");
    assert!(!directory.join("stderr").exists());

    let line = read(&directory, "reproduce");
    assert!(line.contains("--seed 7"), "{line}");
    let path = format!(
        "{}:{}",
        Path::new(LASTWORD).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let again = Command::new("sh")
        .args(["-c", &line])
        .env("PATH", path)
        .env("LASTWORD_FAILURES", folder.path())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(100));
    let shown = String::from_utf8(again.stdout).unwrap();
    assert!(
        shown.contains("UNEXPECTED  close-tx.no-data-after"),
        "{shown}"
    );
}

/// The block of the first regression, without the command line that follows it.
fn block(shown: &str) -> &str {
    let from = shown
        .find("UNEXPECTED")
        .unwrap_or_else(|| panic!("{shown}"));
    let shown = &shown[from..];
    &shown[..shown.find("  reproduce").unwrap_or(shown.len())]
}

#[test]
fn a_directory_is_replayed_and_shows_the_same() {
    for of in ["client,1.3", "server,1.2"] {
        let folder = Folder::new("failures-replay");
        let only = ["--requirement", "close-tx.no-data-after", "--seed", "7"];
        let (ended, directory) = fail(&folder, &instance(of), &only);
        assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);
        let again = lastword(&["replay", directory.to_str().unwrap()]);
        assert_eq!(again.code, Some(100), "{}{}", again.out, again.err);
        assert_eq!(block(&again.out), block(&ended.out));
        // The command line can name another subject than the one in the directory.
        let subject = ["--subject", "rustls-unbuffered"];
        let known = lastword(&[&["replay", directory.to_str().unwrap()], &subject[..]].concat());
        assert_eq!(known.code, Some(0), "{}{}", known.out, known.err);
    }
}

#[test]
fn the_directory_of_an_instance_that_passes_again_is_removed() {
    let folder = Folder::new("failures-fixed");
    let (_, directory) = fail(&folder, &instance("client,1.3"), &[]);
    assert!(directory.is_dir());
    let known = support::Scratch::new(
        "failures-fixed.toml",
        "[[deviation]]\nrequirement = \"close-tx.no-data-after\"\ncode = \"sends-app-data\"\n\
         reason = \"seen\"\nlink = \"here\"\n",
    );
    let only = ["--requirement", "close-tx.no-data-after"];
    let more = [&["--expectations", known.path()][..], &only].concat();
    let (ended, _) = fail(&folder, &instance("client,1.3"), &more);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(!directory.exists());
}

#[test]
fn an_unwritable_default_directory_is_a_warning_and_suppresses_no_report() {
    let folder = Folder::new("failures-unwritable");
    // The default is below `target`, which is a file here.
    fs::write(folder.0.join("target"), "").unwrap();
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    let output = Command::new(LASTWORD)
        .args(["run", "--shim", &shim, &instance("client,1.3")])
        .env_remove("LASTWORD_FAILURES")
        .env_remove("GITHUB_STEP_SUMMARY")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.code(), Some(100), "{err}");
    assert!(out.contains("close-tx.no-data-after"), "{out}");
    assert!(err.contains("warning: cannot write target/"), "{err}");
}

#[test]
fn tshark_decrypts_the_capture() {
    let Some(version) = support::tool("tshark", "--version") else {
        return;
    };
    for of in ["client,1.3", "server,1.2"] {
        let folder = Folder::new("failures-tshark");
        let (ended, directory) = fail(&folder, &instance(of), &[]);
        assert_eq!(ended.code, Some(100), "{}{}", ended.out, ended.err);
        let output = Command::new("tshark")
            .args(["-N", "n", "-V", "-r"])
            .arg(directory.join("wire.pcapng"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{version}: {text}");
        // Without the keys it could show none of these.
        for word in [
            "Close Notify",
            "Handshake Protocol: Finished",
            "subject",
            "peer",
        ] {
            assert!(text.contains(word), "{of}: no '{word}' in\n{text}");
        }
        assert!(!text.contains("Malformed"), "{of}:\n{text}");
    }
}
