//! All that is committed of the fuzzers' corpora is played again, on stable and without a fuzzer:
//! nothing new is found, nothing known has gone, and the corpora still reach what they reached.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use closure::{Kind, Kinds};
use fuzzing::{Engine, TARGETS, Target, report};
use scenario::Specimen;

/// The least number of inputs that each target's corpus has.
const FLOOR: usize = 20;

/// The states of the API that the corpora reach together.
const STATES: [Kind; 8] = [
    Kind::BlockedHandshake,
    Kind::EncodeTlsData,
    Kind::TransmitTlsData,
    Kind::ReadEarlyData,
    Kind::ReadTraffic,
    Kind::WriteTraffic,
    Kind::PeerClosed,
    Kind::Closed,
];

/// The kinds of step that the corpora are made of.
const STEPS: [&str; 39] = [
    "connect",
    "handshake",
    "edit",
    "peer write",
    "peer close",
    "peer alert",
    "peer key-update",
    "peer ticket",
    "peer renegotiate",
    "peer ccs",
    "peer handshake",
    "peer record",
    "peer raw",
    "peer replay",
    "peer reflect",
    "app write",
    "app close",
    "app update-keys",
    "app pause",
    "app read",
    "app resume",
    "app settle",
    "app export",
    "app drop",
    "transport hold",
    "transport release",
    "transport fin",
    "transport reset",
    "transport block",
    "transport room",
    "transport unblock",
    "transport clock",
    "set tickets",
    "set early-data",
    "set half-rtt",
    "set key-limit",
    "set fragment-size",
    "set client-auth",
    "set hello-retry",
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What the inputs of a corpus come to together.
#[derive(Default)]
struct Reached {
    kinds: Kinds,
    steps: BTreeSet<String>,
    own_half_first: usize,
    peer_half_first: usize,
    both: usize,
}

impl Reached {
    fn note(&mut self, engine: &Engine, script: &str) {
        for connection in engine.transcript().connections() {
            let facts = connection.facts();
            self.kinds = self.kinds.union(facts.all_kinds);
            match (facts.own_close, facts.peer_close) {
                (Some(own), Some(peer)) if own < peer => self.own_half_first += 1,
                (Some(_), Some(_)) => self.peer_half_first += 1,
                _ => {}
            }
            self.both += usize::from(facts.own_close.is_some() && facts.peer_close.is_some());
        }
        for line in script.lines() {
            let mut words = line.split(' ');
            let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            self.steps.insert(match first {
                "peer" | "app" | "transport" | "set" => format!("{first} {second}"),
                _ => first.to_owned(),
            });
        }
    }
}

fn replay(target: &'static Target, reached: &mut Reached, problems: &mut Vec<String>) -> Engine {
    let mut engine = Engine::new(target).unwrap();
    let files = files(&corpus().join(target.name));
    if files.len() < FLOOR {
        problems.push(format!("{} has only {} inputs", target.name, files.len()));
    }
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let result = engine.run(&bytes);
        let input = engine.read(&bytes);
        reached.note(&engine, &input.script.to_string());
        if let Err(problem) = result {
            let text = report(target, &input, &problem, engine.transcript());
            problems.push(format!("{}:\n{text}", file.display()));
        }
    }
    engine
}

#[test]
fn corpora_find_nothing_new_and_reach_what_they_should() {
    let mut problems = Vec::new();
    let mut reached = Reached::default();
    let mut known: Vec<(String, String, bool)> = Vec::new();
    for target in TARGETS {
        let mut engine = replay(target, &mut reached, &mut problems);
        for (place, (requirement, code, seen)) in engine.known().seen().enumerate() {
            match known.get_mut(place) {
                Some((.., before)) => *before |= seen,
                None => known.push((requirement.to_owned(), code.to_owned(), seen)),
            }
        }
    }
    let states = STATES.iter().filter(|state| !reached.kinds.has(**state));
    problems.extend(states.map(|state| format!("no input reaches {state:?}")));
    let steps = STEPS.iter().filter(|step| !reached.steps.contains(**step));
    problems.extend(steps.map(|step| format!("no input has the step '{step}'")));
    for (what, count) in [
        ("the own half first", reached.own_half_first),
        ("the peer's half first", reached.peer_half_first),
        ("both halves", reached.both),
    ] {
        if count < 10 {
            problems.push(format!("only {count} inputs close {what}"));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let gone: Vec<_> = known.iter().filter(|(.., seen)| !seen).collect();
    println!("known, and not shown by any input: {gone:#?}");
}

/// The cases play regressions one by one; the fuzzers know them by their expectations.
#[test]
fn regressions_are_nothing_new_to_the_fuzzers() {
    let mut problems = Vec::new();
    for file in files(&corpus().join("regressions")) {
        let specimen = Specimen::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        let (_, axes) = specimen.instance.clone().unwrap();
        // The others start behind a whole handshake.
        let from_start = specimen.cut_handshake
            || !matches!(
                specimen.script.steps.first(),
                Some(scenario::Step::Handshake { until: None })
            );
        let plays = |target: &&&Target| {
            target.roles.contains(&axes.role)
                && target.versions.contains(&axes.version)
                && (target.kind == fuzzing::Kind::Handshake) == from_start
        };
        let target: &'static Target = TARGETS.iter().find(|target| plays(&target)).unwrap();
        if let Some(text) = support::replay(target, specimen) {
            problems.push(format!("{}:\n{text}", file.display()));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
