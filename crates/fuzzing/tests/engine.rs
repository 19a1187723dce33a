//! The engine finds known deviations, reports them as scripts that can be parsed again, and is
//! deterministic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use closure::{Axes, Build};
use fuzzing::{Engine, Input, Kind, Problem, TARGETS, Target, report, specimen, target_of};
use protocol::{PLAIN_HABIT, Role, Version};
use scenario::{Script, Specimen};

fn engine(name: &str) -> Engine {
    Engine::new(Target::find(name).unwrap()).unwrap()
}

fn input(engine: &Engine, role: Role, version: Version, script: &str) -> Input {
    Input {
        axes: Axes::baseline(role, version, engine.build()),
        script: Script::parse(script).unwrap(),
    }
}

/// Bytes that look random, and are always the same for a seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| byte()).collect()
}

const WRITE_BEHIND_CLOSE: &str = "handshake\n\
                                  peer write \"before\"\n\
                                  transport hold\n\
                                  transport release\n\
                                  app close\n\
                                  app write \"x\"\n\
                                  peer key-update\n";

#[test]
fn a_known_deviation_is_no_problem_until_it_is_forgotten() {
    let mut engine = engine("hostile_peer_client_13");
    let mut input = input(&engine, Role::Client, Version::Tls13, WRITE_BEHIND_CLOSE);
    assert_eq!(engine.play(&mut input), Ok(()));
    engine.known().forget("close-tx.no-data-after", None);
    let problem = engine.play(&mut input).unwrap_err();
    assert_eq!(problem.bucket(), "close-tx.no-data-after:sends-app-data");
    let small = engine.shrink(&input, &problem, 1_000);
    let least = Script::parse("handshake\napp close\napp write \"x\"\n").unwrap();
    assert_eq!(small.script, least, "{}", small.script);
}

#[test]
fn a_problem_is_reported_with_a_script_that_parses_again() {
    let mut engine = engine("hostile_peer_client_13");
    engine.known().forget("close-tx.no-data-after", None);
    let mut input = input(&engine, Role::Client, Version::Tls13, WRITE_BEHIND_CLOSE);
    let problem = engine.play(&mut input).unwrap_err();
    let text = report(engine.target(), &input, Some(&problem), engine.transcript());
    assert!(
        text.starts_with("BROKEN close-tx.no-data-after (sends-app-data)\n"),
        "{text}"
    );
    assert!(text.contains("-> "), "{text}");
    let specimen = specimen(engine.target(), &input, Some(&problem));
    assert!(text.contains(&specimen.to_string()), "{text}");
    let again = Specimen::parse(&specimen.to_string()).unwrap();
    assert_eq!(again, specimen);
    assert_eq!(
        target_of(&again).map(|t| t.name),
        Some("hostile_peer_client_13")
    );
}

#[test]
fn a_crash_is_known_only_by_its_panic_message() {
    let mut engine = engine("hostile_peer_client_13");
    // This fails in every build: a call with an empty slice inside a message.
    let script = "handshake\npeer key-update part 3\napp settle empty\n";
    let mut input = input(&engine, Role::Client, Version::Tls13, script);
    assert_eq!(engine.play(&mut input), Ok(()));
    engine.known().forget("api.no-panic", None);
    let problem = engine.play(&mut input).unwrap_err();
    let Problem::Deviation { last_words, .. } = &problem else {
        panic!("{problem:?}");
    };
    let words = last_words.as_deref().unwrap();
    assert!(
        words.contains("out of range for slice of length 0"),
        "{words}"
    );
    // The subject is replaced, and works again.
    let fine = "handshake\npeer write \"x\"\npeer close\napp close\n";
    let mut fine = Input {
        script: Script::parse(fine).unwrap(),
        ..input
    };
    assert_eq!(engine.play(&mut fine), Ok(()));
    assert!(engine.half_closed());
}

/// Each known crash needs its panic message, or the fuzzers report it again.
#[test]
fn known_crashes_list_their_panic_message() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../conformance/expectations"
    );
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let known = closure::Expectations::parse(&text, rustls_subject::version()).unwrap();
        for entry in known
            .deviations
            .iter()
            .filter(|entry| entry.code == "crashes")
        {
            assert!(
                entry.last_words.is_some(),
                "{}: {}",
                path.display(),
                entry.link
            );
        }
    }
}

/// The subject loops inside a call, where it reports no state.
#[test]
fn a_call_that_never_returns_is_a_hang() {
    let mut engine = engine("differential");
    let script = "set half-rtt\nhandshake\nconnect\ntransport block\nhandshake\n";
    let mut input = input(&engine, Role::Server, Version::Tls13, script);
    input.axes.cut = closure::Cut::PerRecord;
    assert_eq!(engine.play(&mut input), Ok(()));
    input.axes.habit = "complete-io".into();
    assert_eq!(engine.play(&mut input), Ok(()));
    let known = engine.known_of_buffered().unwrap();
    known.forget("api.no-busy-loop", None);
    let problem = engine.play(&mut input).unwrap_err();
    assert_eq!(problem.bucket(), "api.no-busy-loop:hangs");
    // An input can express it.
    let bytes = engine.target().write(&input).unwrap();
    assert_eq!(engine.run(&bytes), Err(problem));
}

/// Sixteen kilobytes of padding for each byte of a message, many times.
#[test]
fn padding_does_not_add_up() {
    let mut engine = engine("hostile_peer_server_13");
    let mut script = "handshake\n".to_owned();
    script.push_str(&"peer key-update pad 16640 split 1\n".repeat(60));
    let input = input(&engine, Role::Server, Version::Tls13, &script);
    let bytes = &engine.target().write(&input).unwrap()[..];
    let text = engine.read(bytes).script.to_string();
    assert!(text.contains("peer key-update pad 64 split 1"), "{text}");
    assert_eq!(engine.run(bytes), Ok(()));
}

#[test]
fn the_same_input_gives_the_same_transcript() {
    for target in TARGETS.iter().filter(|target| target.kind != Kind::Codec) {
        let (mut one, mut other) = (engine(target.name), engine(target.name));
        for seed in 0..40 {
            let bytes = noise(seed, 60);
            let results = (one.run(&bytes), other.run(&bytes));
            assert_eq!(results.0, results.1, "{} {seed}", target.name);
            let (a, b) = (one.transcript(), other.transcript());
            assert_eq!(a.events(), b.events(), "{} {seed}", target.name);
            // Earlier runs in the same memory make no difference either.
            let mut third = engine(target.name);
            let _ = third.run(&bytes);
            assert_eq!(
                a.events(),
                third.transcript().events(),
                "{} {seed}",
                target.name
            );
        }
    }
}

#[test]
fn every_target_can_close_both_halves() {
    for target in TARGETS
        .iter()
        .filter(|t| !matches!(t.kind, Kind::Codec | Kind::Raw))
    {
        let mut engine = engine(target.name);
        for role in target.roles {
            for version in target.versions {
                let script = "handshake\npeer write 40\npeer close\napp write \"y\"\napp close\n";
                let mut input = input(&engine, *role, *version, script);
                assert_eq!(engine.play(&mut input), Ok(()), "{}", target.name);
                let facts = engine.transcript().connections().next().unwrap().marks();
                let both = facts.own_close.is_some() && facts.peer_close.is_some();
                assert!(both, "{} {role:?} {version:?}", target.name);
            }
        }
    }
}

#[test]
fn a_target_reads_what_it_writes() {
    for target in TARGETS {
        for (role, version) in [
            (Role::Client, Version::Tls13),
            (Role::Server, Version::Tls12),
        ] {
            let mut input = Input {
                axes: Axes::baseline(role, version, Build::Plain),
                script: Script::parse("handshake\napp close\npeer close\ntransport fin\n").unwrap(),
            };
            if target.kind != Kind::Differential {
                input.axes.habit = "peek".into();
            }
            let Some(bytes) = target.write(&input) else {
                continue;
            };
            let read = target.read(&bytes, Build::Plain, |_| true);
            assert_eq!(read.axes, input.axes, "{}", target.name);
            if target.kind != Kind::Honest {
                assert_eq!(read.script, input.script, "{}", target.name);
            }
            let unknown = target.read(&bytes, Build::Plain, |_| false);
            assert_eq!(unknown.axes.habit, PLAIN_HABIT);
        }
    }
}

#[test]
fn conversations_of_raw_bytes_complete() {
    let target = Target::find("raw_bytes").unwrap();
    let mut engine = engine("raw_bytes");
    let mut closed = 0;
    for (name, bytes) in fuzzing::conversations(target) {
        assert_eq!(engine.run(&bytes), Ok(()), "{name}");
        let kinds = engine.transcript().kinds();
        let all = engine
            .transcript()
            .connections()
            .next()
            .unwrap()
            .marks()
            .all_kinds;
        assert!(!kinds.has(closure::Kind::Crash));
        closed += usize::from(all.has(closure::Kind::PeerClosed));
    }
    assert!(closed >= 8, "only {closed} conversations are closed");
}
