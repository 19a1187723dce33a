//! What a failing instance leaves behind is enough to see it again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lastword::specimen;
use support::{Ended, Folder, LASTWORD, lastword};

/// An instance in which rustls breaks `close-tx.no-data-after`.
fn instance(of: &str) -> String {
    let build = match cfg!(debug_assertions) {
        true => ",assertions",
        false => "",
    };
    format!("half-close/write-after-own-close@{of},whole,plain{build}")
}

/// Runs the instance with nothing known of the subject, so that it fails, and gives its directory.
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
fn a_failing_instance_leaves_what_it_takes_to_see_it_again() {
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
        // What it was played against last is not what it has to be played against.
        let subject = ["--subject", "rustls-unbuffered"];
        let known = lastword(&[&["replay", directory.to_str().unwrap()], &subject[..]].concat());
        assert_eq!(known.code, Some(0), "{}{}", known.out, known.err);
    }
}

#[test]
fn what_no_longer_fails_leaves_nothing() {
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
fn a_place_that_cannot_be_written_is_named_and_hides_no_regression() {
    let file = support::Scratch::new("failures-nowhere", "");
    let shim = format!("{LASTWORD} subject rustls-unbuffered");
    let ended = lastword(&[
        "run",
        "--shim",
        &shim,
        "--failures",
        file.path(),
        &instance("client,1.3"),
    ]);
    assert_eq!(ended.code, Some(100));
    assert!(ended.out.contains("UNEXPECTED"), "{}", ended.out);
    let warning = format!("warning: cannot write {}", file.path());
    assert!(ended.err.contains(&warning), "{}", ended.err);
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
        // Without the keys it would know none of these.
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
