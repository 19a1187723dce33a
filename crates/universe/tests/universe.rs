//! A fixed sample of the universe of bugs: it has no new survivors, and every committed survivor
//! in it still survives. Further tests show that these checks can fail.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

use std::sync::{Arc, OnceLock};

use closure::{Judgement, Transcript, Verdict};
use protocol::{End, ErrorClass, Observation, Sink};
use universe::{
    Allowed, Extent, Fate, Judge, Plan, Run, Sampled, Shim, Survivors, World, check, codes,
    faithful, muted, names, run, sample,
};

/// Canaries play every N-th bug of the sample.
const FEW: usize = 20;

const THREADS: usize = 2;

fn plan() -> &'static Arc<Plan> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| Arc::new(Plan::new(Extent::Baselines, THREADS).unwrap()))
}

fn whole_plan() -> &'static Arc<Plan> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| Arc::new(Plan::new(Extent::All, THREADS).unwrap()))
}

fn play(world: &World, bugs: &[usize]) -> Vec<Fate> {
    let all = Run {
        bugs,
        state: None,
        fingerprint: 0,
        threads: THREADS,
    };
    run(world, &all, &|_, _| ()).unwrap()
}

/// The complaints about every `nth` bug of the sample.
fn complaints(judge: Judge, shim: Shim, nth: usize) -> Vec<String> {
    complaints_with(judge, shim, nth, &Allowed::committed().unwrap())
}

fn complaints_with(judge: Judge, shim: Shim, nth: usize, allowed: &Allowed) -> Vec<String> {
    let world = World::new(plan(), judge, shim);
    let survivors = Survivors::committed().unwrap();
    let sample = sample(&world, &survivors, allowed);
    let bugs: Vec<usize> = sample.into_iter().step_by(nth).collect();
    let fates = play(&world, &bugs);
    let played: Vec<Sampled<'_>> = std::iter::zip(&bugs, fates)
        .map(|(at, fate)| (&world.bugs()[*at], fate))
        .collect();
    check(&world, &played, &survivors, allowed, nth == 1)
}

fn some_say(complaints: &[String], what: &str) -> bool {
    complaints
        .iter()
        .any(|complaint| complaint.starts_with(what))
}

#[test]
fn a_sample_survives_as_committed() {
    let complaints = complaints(closure::judge, faithful, 1);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// `conformance/tests/teeth.rs` checks that the list and the named bugs show all codes.
#[test]
fn the_listed_bugs_show_their_codes() {
    let world = World::new(whole_plan(), closure::judge, faithful);
    let codes = codes::committed().unwrap();
    assert!(codes.len() > 200, "only {} codes", codes.len());
    let stale = codes::stale(&world, &codes, THREADS).unwrap();
    assert!(
        stale.is_empty(),
        "run ci/universe --codes:\n{}",
        stale.join("\n")
    );
}

#[test]
fn bugs_have_names_of_their_own() {
    let mut names: Vec<String> = plan().bugs().iter().map(names::bug).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// A pattern also becomes idle once a rule finds all bugs that it covered.
#[test]
fn a_pattern_that_covers_nothing_is_noticed() {
    let mut allowed = Allowed::committed().unwrap();
    let idle = &mut allowed.patterns[0];
    idle.differences = vec!["nothing looks like this".into()];
    let idle = idle.name.clone();
    let complaints = complaints_with(closure::judge, faithful, 1, &allowed);
    let expected = format!("the pattern {idle} does not cover");
    assert!(some_say(&complaints, &expected), "{complaints:?}");
}

fn finds_nothing(_: &Transcript, _: &mut Vec<Judgement>) {}

#[test]
fn a_judge_that_finds_nothing_is_noticed() {
    let complaints = complaints(finds_nothing, faithful, FEW);
    assert!(some_say(&complaints, "a new survivor"), "{complaints:?}");
}

fn excuses_everything(transcript: &Transcript, out: &mut Vec<Judgement>) {
    closure::judge(transcript, out);
    for judgement in out {
        judgement.verdict = Verdict::Held;
    }
}

#[test]
fn a_judge_that_excuses_everything_is_noticed() {
    let complaints = complaints(excuses_everything, faithful, FEW);
    assert!(some_say(&complaints, "a new survivor"), "{complaints:?}");
}

fn always_fails(observation: Observation<'_>, sink: &mut dyn Sink) {
    let done = matches!(observation, Observation::HandshakeDone { .. });
    sink.observe(observation);
    if done {
        sink.observe(Observation::Failed {
            class: ErrorClass::Internal,
            alert: None,
            raw: "".into(),
        });
    }
}

#[test]
fn a_subject_that_always_fails_is_noticed() {
    let complaints = complaints(closure::judge, always_fails, FEW);
    assert!(
        some_say(&complaints, "the reference deviates"),
        "{complaints:?}"
    );
}

/// A subject that lies: it reports no failure, and every end as a clean one.
fn lies(observation: Observation<'_>, sink: &mut dyn Sink) {
    match observation {
        Observation::Failed { .. } => {}
        Observation::End { .. } => sink.observe(Observation::End { how: End::Clean }),
        other => sink.observe(other),
    }
}

#[test]
fn a_shim_that_lies_is_noticed() {
    let complaints = complaints(closure::judge, lies, FEW);
    assert!(
        some_say(&complaints, "the reference deviates"),
        "{complaints:?}"
    );
}

/// Only the subject's output is visible.
fn says_nothing(observation: Observation<'_>, sink: &mut dyn Sink) {
    if let Observation::Sent { .. } = observation {
        sink.observe(observation);
    }
}

#[test]
fn a_shim_that_says_nothing_is_noticed() {
    let complaints = complaints(closure::judge, says_nothing, FEW);
    assert!(some_say(&complaints, "survives no more"), "{complaints:?}");
}

#[test]
fn the_muted_subject_gives_no_reasons() {
    struct Heard(Vec<String>);
    impl Sink for Heard {
        fn observe(&mut self, observation: Observation<'_>) {
            self.0.push(format!("{observation:?}"));
        }
        fn end_piece(&mut self) {}
    }
    let mut heard = Heard(Vec::new());
    let say = |class| Observation::Failed {
        class,
        alert: None,
        raw: "".into(),
    };
    muted(say(ErrorClass::DecryptError), &mut heard);
    muted(say(ErrorClass::WouldBlock), &mut heard);
    muted(
        Observation::Wants {
            read: true,
            write: true,
        },
        &mut heard,
    );
    assert_eq!(heard.0.len(), 2);
    assert!(heard.0[0].contains("Other"), "{}", heard.0[0]);
    assert!(heard.0[1].contains("WouldBlock"), "{}", heard.0[1]);
}
