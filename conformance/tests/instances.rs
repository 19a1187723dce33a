//! The number of instances.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use protocol::Subject;
use support::{Scratch, lastword};

/// Plays a seventh of the cases, which takes less than a minute. If these are enough, all are.
#[test]
fn there_are_thousands_of_distinct_instances() {
    let ended = lastword(&["run", "--exhaustive", "--shard", "1/7"]);
    let words: Vec<&str> = ended.out.split_whitespace().collect();
    let place = words
        .windows(3)
        .position(|w| w == ["of", "them", "distinct,"]);
    let number = |word: &str| word.replace(',', "").parse::<usize>().unwrap();
    let distinct = number(words[place.unwrap() - 1]);
    let all = number(words[place.unwrap() - 3]);
    assert!(distinct >= 3000, "{distinct} of {all}");
    assert!(distinct <= all, "{distinct} of {all}");
}

#[test]
fn a_case_of_another_profile_names_the_option_for_it() {
    let ended = lastword(&["run", "close/first-thing-bis"]);
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("--profile"), "{}", ended.err);
    let ended = lastword(&["run", "close/first-thing-bis", "--profile", "rfc8446bis"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn an_instance_with_nothing_to_compare_is_reported() {
    let ended = lastword(&[
        "run",
        "api/there-and-back",
        "--subject",
        "rustls-unbuffered",
    ]);
    assert!(ended.out.contains("1 not compared"), "{}", ended.out);
}

#[test]
fn every_habit_of_both_subjects_is_played() {
    let file = Scratch::new("habits.json", "");
    let ended = lastword(&["run", "half-close/ping-pong", "--results", file.path()]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let results = std::fs::read_to_string(file.path()).unwrap();
    for subject in [rustls_subject::unbuffered(), rustls_subject::buffered()] {
        for habit in subject.hello().habits {
            let name = format!(",whole,{}", habit.name);
            let played = results.split(&name).skip(1);
            let played = played.filter(|rest| rest.starts_with(['"', ','])).count();
            // At least a habit of servers only, in both versions.
            assert!(played >= 2, "{}: {played}", habit.name);
        }
    }
}
