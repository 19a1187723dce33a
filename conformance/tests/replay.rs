//! `lastword replay` plays scripts, directories of failing instances and inputs of fuzz targets.
//! `lastword seeds` writes such inputs.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::fs;

use support::{Folder, Scratch, lastword};

#[test]
fn a_script_is_played_as_a_case_is() {
    let script = Scratch::new("replay-script", "handshake\npeer close\napp close\n");
    let subject = ["--subject", "rustls-unbuffered"];
    let ended = lastword(&[&["replay", script.path()], &subject[..]].concat());
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(
        ended.out.contains("no unexpected deviations"),
        "{}",
        ended.out
    );
}

#[test]
fn a_script_from_a_fuzzer_is_played_as_the_fuzzer_plays_it() {
    let text = "#: instance fuzz/hostile_peer_client_13@client,1.3,whole,plain\n\
                handshake\napp close\napp write \"x\"\n";
    let script = Scratch::new("replay-fuzz", text);
    let ended = lastword(&["replay", script.path()]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("nothing new"), "{}", ended.out);
    // The transcript is shown.
    assert!(ended.out.contains("subject Alert"), "{}", ended.out);
}

#[test]
fn seeds_are_inputs_that_replay_reads() {
    let folder = Folder::new("replay-seeds");
    let into = folder.0.to_str().unwrap();
    let ended = lastword(&["seeds", "--into", into]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let target = folder.0.join("hostile_peer_server_13");
    let seed = target.join("half-close-ping-pong@server-1.3");
    let ended = lastword(&["replay", seed.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("peer close"), "{}", ended.out);
    // Outside of its folder the target of the input is unknown.
    let moved = folder.0.join("seed");
    fs::rename(seed, &moved).unwrap();
    let moved = moved.to_str().unwrap();
    let ended = lastword(&["replay", moved]);
    assert_eq!(ended.code, Some(96));
    assert!(ended.err.contains("--target"), "{}", ended.err);
    let ended = lastword(&["replay", "--target", "hostile_peer_server_13", moved]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let ended = lastword(&["replay", "--target", "nobody", moved]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.err.contains("hostile_peer_12"), "{}", ended.err);
}
