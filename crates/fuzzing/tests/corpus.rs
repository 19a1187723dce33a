//! Plays the committed corpora of the fuzzers again, on stable and without a fuzzer. Nothing new is
//! found, every known deviation shows except those listed here, and the corpora still reach what
//! they should.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use closure::Kinds;
use fuzzing::{Engine, Kind, Known, TARGETS, Target, report};
use scenario::Specimen;

/// The fewest inputs in the corpus of a target.
const FLOOR: usize = 20;

/// The API states that all corpora together reach.
const STATES: [closure::Kind; 8] = [
    closure::Kind::BlockedHandshake,
    closure::Kind::EncodeTlsData,
    closure::Kind::TransmitTlsData,
    closure::Kind::ReadEarlyData,
    closure::Kind::ReadTraffic,
    closure::Kind::WriteTraffic,
    closure::Kind::PeerClosed,
    closure::Kind::Closed,
];

/// Habits of the regressions that only the buffered interface has.
const BUFFERED: [&str; 1] = ["complete-io"];

/// Known deviations that no input here shows. Every other known deviation is shown by some input.
const ELSEWHERE: [(&str, &str); 16] = [
    // Tests are built with debug assertions, and an assertion fails first.
    ("api.bounded-answer", "amplifies"),
    ("api.cross-api-equal", "alerts-differently"),
    ("fatal-tx.one-alert", "alerts-again"),
    // After a crash or a mask, runs are not compared.
    ("api.cross-api-equal", "connects-differently"),
    ("api.cross-api-equal", "stops"),
    ("api.cross-api-equal", "writes-differently"),
    ("api.habit-invariance", "stops"),
    ("api.segmentation-invariance", "stops"),
    // No committed input has the habit of the buffered interface that this needs.
    ("api.habit-invariance", "delivers-differently"),
    ("api.habit-invariance", "fails-differently"),
    ("api.habit-invariance", "writes-differently"),
    ("api.read-not-starved", "starves"),
    ("api.segmentation-invariance", "delivers-differently"),
    // No committed input reaches it.
    ("conn.once", "sends-after-peers-alert"),
    ("early.rejected-budget", "fails"),
    ("hs.close-after-ch-12", "goes-on"),
];

/// The kinds of step that the corpora use.
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

/// What the inputs of a corpus reach together.
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
            let facts = connection.marks();
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
            let text = report(target, &input, Some(&problem), engine.transcript());
            problems.push(format!("{}:\n{text}", file.display()));
        }
    }
    engine
}

/// The known deviations by requirement and code, and whether an input has shown each.
#[derive(Default)]
struct Shown(BTreeMap<(String, String), bool>);

impl Shown {
    fn note(&mut self, engine: &mut Engine) {
        self.add(engine.known());
        if let Some(known) = engine.known_of_buffered() {
            self.add(known);
        }
    }

    fn add(&mut self, known: &Known) {
        for (requirement, code, seen) in known.seen() {
            let key = (requirement.to_owned(), code.to_owned());
            *self.0.entry(key).or_default() |= seen;
        }
    }
}

#[test]
fn corpora_find_nothing_new_and_reach_what_they_should() {
    let mut problems = Vec::new();
    let mut reached = Reached::default();
    let mut shown = Shown::default();
    for target in TARGETS {
        shown.note(&mut replay(target, &mut reached, &mut problems));
    }
    regressions(&mut shown, &mut problems);
    let gone = shown.0.iter().filter(|(_, seen)| !**seen);
    for ((requirement, code), _) in gone {
        if !ELSEWHERE.contains(&(requirement, code)) {
            problems.push(format!("no input shows {requirement}:{code} any more"));
        }
    }
    let listed = ELSEWHERE.iter().filter(|_| cfg!(debug_assertions));
    for &(requirement, code) in listed {
        let key = (requirement.to_owned(), code.to_owned());
        if shown.0.get(&key) != Some(&false) {
            problems.push(format!(
                "{requirement}:{code} is listed, but an input shows it, or it is no longer known"
            ));
        }
    }
    let states = STATES.iter().filter(|state| !reached.kinds.has(**state));
    problems.extend(states.map(|state| format!("no input reaches {state:?}")));
    let steps = STEPS.iter().filter(|step| !reached.steps.contains(**step));
    problems.extend(steps.map(|step| format!("no input has the step '{step}'")));
    for (what, count) in [
        ("the local half first", reached.own_half_first),
        ("the peer's half first", reached.peer_half_first),
        ("both halves", reached.both),
    ] {
        if count < 10 {
            problems.push(format!("only {count} inputs close {what}"));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// The cases play regressions one by one. For the fuzzers, the expectations cover them.
fn regressions(shown: &mut Shown, problems: &mut Vec<String>) {
    for file in files(&corpus().join("regressions")) {
        let specimen = Specimen::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        let (_, axes) = specimen.instance.clone().unwrap();
        // The other targets start after a whole handshake.
        let from_start = specimen.cut_handshake
            || !matches!(
                specimen.script.steps.first(),
                Some(scenario::Step::Handshake { until: None })
            );
        let plays = |target: &&'static Target| {
            target.roles.contains(&axes.role)
                && target.versions.contains(&axes.version)
                && match target.kind {
                    Kind::Handshake => from_start,
                    Kind::Differential => !from_start || BUFFERED.contains(&&*axes.habit),
                    Kind::Recorded => !from_start,
                    Kind::Honest | Kind::Raw | Kind::Codec => false,
                }
        };
        for target in TARGETS.iter().filter(plays) {
            let mut engine = Engine::new(target).unwrap();
            if let Some(text) = support::replay(&mut engine, specimen.clone()) {
                problems.push(format!("{}:\n{text}", file.display()));
            }
            shown.note(&mut engine);
        }
    }
}
