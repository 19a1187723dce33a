//! `lastword promote` keeps a script, and rejects what cannot be a case.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::fs;

use scenario::Specimen;
use support::{Ended, Folder, Scratch, lastword};

const SCRIPT: &str = "handshake\napp close\npeer write \"?\" bad-tag\n";

fn promote(file: &str, folder: &Folder, more: &[&str]) -> Ended {
    let into = folder.0.to_str().unwrap();
    lastword(&[&["promote", file, "--into", into], more].concat())
}

const ALL: &[&str] = &[
    "--name",
    "kept",
    "--says",
    "What it is about.",
    "--breaks",
    "api.no-panic:crashes",
    "--axes",
    "client,1.3,bytewise,plain",
];

#[test]
fn a_script_is_kept_once_with_its_facts() {
    let script = Scratch::new("promote-once", SCRIPT);
    let folder = Folder::new("promote-once-into");
    let ended = promote(script.path(), &folder, ALL);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let kept = fs::read_to_string(folder.0.join("kept.script")).unwrap();
    let specimen = Specimen::parse(&kept).unwrap();
    assert_eq!(specimen.says, "What it is about.");
    assert_eq!(specimen.breaks.unwrap().0, "api.no-panic");
    assert_eq!(specimen.instance.unwrap().0, "regression/kept");
    assert!(kept.ends_with(SCRIPT), "{kept}");

    let ended = promote(script.path(), &folder, ALL);
    assert_eq!(ended.code, Some(96));
    assert!(ended.err.contains("exists already"), "{}", ended.err);
}

#[test]
fn the_facts_in_a_kept_script_need_not_be_given_again() {
    let folder = Folder::new("promote-again");
    let script = Scratch::new("promote-again-script", SCRIPT);
    assert_eq!(promote(script.path(), &folder, ALL).code, Some(0));
    let kept = folder.0.join("kept.script");
    let other = Folder::new("promote-again-into");
    let ended = promote(kept.to_str().unwrap(), &other, &["--name", "again"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[test]
fn a_script_is_not_promoted_into_its_own_directory() {
    let folder = Folder::new("promote-own");
    let script = folder.0.join("kept.script");
    fs::write(&script, SCRIPT).unwrap();
    // The same directory by another path.
    let dotted = folder.0.join(".").join("kept.script");
    for file in [&script, &dotted, &folder.0] {
        for name in ["kept", "another"] {
            let arguments = [&["--name", name], &ALL[2..]].concat();
            fs::write(folder.0.join("script"), SCRIPT).unwrap();
            let ended = promote(file.to_str().unwrap(), &folder, &arguments);
            assert_eq!(ended.code, Some(2), "{}", ended.err);
            assert!(
                ended.err.contains("already: nothing was written"),
                "{}",
                ended.err
            );
        }
    }
    assert_eq!(fs::read_to_string(&script).unwrap(), SCRIPT);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
}

#[test]
fn a_script_that_cannot_be_a_case_is_rejected() {
    let script = Scratch::new("promote-rejected", SCRIPT);
    let broken = Scratch::new("promote-broken", "handshakes\n");
    let folder = Folder::new("promote-rejected-into");
    let says = ["--says", "x"];
    let breaks = ["--breaks", "api.no-panic:crashes"];
    let axes = ["--axes", "client,1.3,whole,plain"];
    let name = ["--name", "a"];
    for (file, arguments, code, named) in [
        (
            script.path(),
            [&["--name", "A b"][..], &says, &breaks, &axes],
            2,
            "cannot be the name",
        ),
        (script.path(), [&name, &[], &breaks, &axes], 2, "--says"),
        (script.path(), [&name, &says, &[], &axes], 2, "--breaks"),
        (
            script.path(),
            [&name, &says, &["--breaks", "x:y"], &axes],
            2,
            "'x'",
        ),
        (
            script.path(),
            [&name, &says, &["--breaks", "x"], &axes],
            2,
            "REQUIREMENT:CODE",
        ),
        (script.path(), [&name, &says, &breaks, &[]], 2, "--axes"),
        (
            script.path(),
            [&name, &says, &breaks, &["--axes", "x"]],
            2,
            "role,version",
        ),
        (broken.path(), [&name, &says, &breaks, &axes], 96, "line 1"),
        ("/nowhere", [&name, &says, &breaks, &axes], 96, "/nowhere"),
    ] {
        let ended = promote(file, &folder, &arguments.concat());
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(named), "{named}: {}", ended.err);
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn a_missing_directory_is_named() {
    let script = Scratch::new("promote-nowhere", SCRIPT);
    let ended = lastword(&[&["promote", script.path(), "--into", "/nowhere"], ALL].concat());
    assert_eq!(ended.code, Some(96));
    assert!(ended.err.contains("no directory /nowhere"), "{}", ended.err);
}
