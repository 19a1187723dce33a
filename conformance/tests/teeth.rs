//! The rules find nothing in the reference, and they find every bug that is added to it.
//!
//! `docs/teeth.md` lists the bug for each requirement. Run with `LASTWORD_BLESS=1` to update it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

#[path = "../../crates/reference/tests/guard/mod.rs"]
mod guard;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use cases::instances;
use closure::{
    Along, Axes, Comparison, Grade, Judgement, Member, Profile, Requirement, Rule, Transcript,
    Verdict, View, judge, judge_group, requirements,
};
use guard::Guarded;
use protocol::{HabitKind, Hello, Role, Subject, Version};
use reference::{Bug, Situation};
use scenario::{Case, Play, play};

const SEED: u64 = 1;

/// The number of groups of instances to play with each bug.
const GROUPS: usize = 16;

/// All instances of one case, role and version.
struct Group {
    case: &'static Case,
    instances: Vec<Axes>,
}

/// The findings in one instance, or in the comparison of a group: requirement and code.
type Findings = BTreeSet<(&'static str, &'static str)>;

/// The result of one instance.
struct Run {
    judgements: Vec<Judgement>,
    view: View,
    met: Vec<Situation>,
    peer: Option<String>,
}

/// The comparisons of a group rule.
type Compared = (&'static Requirement, Comparison);

/// The result of a group without any bug.
struct Control {
    group: Group,
    runs: Vec<Run>,
    compared: Vec<Compared>,
}

fn hello() -> &'static Hello {
    static HELLO: OnceLock<Hello> = OnceLock::new();
    HELLO.get_or_init(|| reference::subject(None).hello())
}

fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    for case in cases::all() {
        for (role, version) in case
            .roles
            .iter()
            .flat_map(|role| case.versions.iter().map(|version| (*role, *version)))
        {
            let instances = instances::expand(case, hello(), role, version, false);
            groups.push(Group { case, instances });
        }
    }
    groups
}

fn run(case: &Case, axes: &Axes, bug: Option<&'static Bug>) -> Run {
    let how = Play {
        script: &case.script,
        axes,
        habit: instances::habit_kind(hello(), &axes.habit),
        profile: Profile::default(),
        handshake_too: case.cut_handshake,
        seed: SEED,
    };
    let mut transcript = Transcript::new();
    let mut port = Guarded(reference::subject(bug));
    let played = play(&how, &mut port, &mut transcript).unwrap();
    let mut judgements = Vec::new();
    judge(&transcript, &mut judgements);
    Run {
        judgements,
        view: View::of(&transcript),
        met: port.0.met().collect(),
        peer: match played.peer_failure {
            None | Some(peer::Failure::Alert(_)) => None,
            Some(failure) => Some(failure.to_string()),
        },
    }
}

/// The members of a group. Group rules do not cover forbidden habits. One more member is the baseline
/// of another interface of the same implementation, without any bug.
fn compare(group: &Group, runs: &[Run], sound: &[Run]) -> Vec<Compared> {
    let here = group.instances.iter().zip(runs);
    let mut members: Vec<Member<'_>> = here
        .filter(|(axes, _)| instances::habit_kind(hello(), &axes.habit) != Some(HabitKind::Abuse))
        .map(|(axes, run)| member(axes, run, 0, "second"))
        .collect();
    let there = group.instances.iter().zip(sound).take(1);
    members.extend(there.map(|(axes, run)| member(axes, run, 1, "first")));
    judge_group(&members)
}

fn member<'a>(axes: &'a Axes, run: &'a Run, subject: usize, api: &'a str) -> Member<'a> {
    Member {
        axes,
        subject,
        implementation: ("reference", "1"),
        api,
        view: &run.view,
    }
}

fn findings(judgements: &[Judgement]) -> Findings {
    judgements
        .iter()
        .filter_map(|judgement| match judgement.verdict {
            Verdict::Found { code, .. } => Some((judgement.requirement.id, code)),
            _ => None,
        })
        .collect()
}

fn group_findings(compared: &[Compared]) -> Findings {
    let found = compared.iter();
    found
        .filter_map(|(requirement, comparison)| Some((requirement.id, comparison.code?)))
        .collect()
}

fn deviates(id: &str, code: &str) -> bool {
    grade(id, code) == Grade::Deviates
}

fn grade(id: &str, code: &str) -> Grade {
    let requirement = requirements::find(id).unwrap();
    requirement.code(code).unwrap().grade
}

/// Calls `work` for all `items`, in parallel.
fn parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let items: Vec<Mutex<Option<T>>> = items
        .into_iter()
        .map(|item| Mutex::new(Some(item)))
        .collect();
    let results: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    let item = item.lock().unwrap().take().unwrap();
                    *results[i].lock().unwrap() = Some(work(item));
                }
            });
        }
    });
    results
        .into_iter()
        .map(|result| result.into_inner().unwrap().unwrap())
        .collect()
}

/// All instances of all cases without any bug, played once for all tests.
fn controls() -> &'static [Control] {
    static CONTROLS: OnceLock<Vec<Control>> = OnceLock::new();
    CONTROLS.get_or_init(|| {
        parallel(groups(), |group| {
            let runs: Vec<Run> = group
                .instances
                .iter()
                .map(|axes| run(group.case, axes, None))
                .collect();
            let compared = compare(&group, &runs, &runs);
            Control {
                group,
                runs,
                compared,
            }
        })
    })
}

fn complain(what: &str, complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{} {what}:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn nothing_deviates_in_the_reference() {
    let mut complaints = Vec::new();
    for control in controls() {
        let case = control.group.case;
        for (axes, run) in control.group.instances.iter().zip(&control.runs) {
            for (id, code) in findings(&run.judgements) {
                if deviates(id, code) {
                    complaints.push(format!("{}: {id} {code}", instances::id(case.name, axes)));
                }
            }
            if run.view.stopped {
                complaints.push(format!("{}: stopped", instances::id(case.name, axes)));
            }
            if let Some(failure) = &run.peer {
                complaints.push(format!(
                    "{}: peer: {failure}",
                    instances::id(case.name, axes)
                ));
            }
        }
        for (requirement, comparison) in &control.compared {
            let Some(code) = comparison
                .code
                .filter(|code| deviates(requirement.id, code))
            else {
                continue;
            };
            let member = comparison.member;
            let name = instances::id(case.name, &control.group.instances[0]);
            complaints.push(format!(
                "{name} and member {member}: {} {code}",
                requirement.id
            ));
        }
    }
    complain("things are wrong with the reference", &complaints);
}

#[test]
fn every_case_exercises_what_it_says() {
    let mut complaints = Vec::new();
    for control in controls() {
        let case = control.group.case;
        let (Some(axes), Some(run)) = (control.group.instances.first(), control.runs.first())
        else {
            complaints.push(format!("{}: has no instance", case.name));
            continue;
        };
        for id in case.exercises {
            let Some(requirement) = requirements::find(id) else {
                complaints.push(format!("{}: there is no {id}", case.name));
                continue;
            };
            let profile = case.script.settings.profile(Profile::default());
            let binds = requirement.applies(axes.role, axes.version, profile);
            let judged = match requirement.rule {
                Rule::Group { .. } => control.compared.iter().any(|(other, _)| other.id == *id),
                _ => run
                    .judgements
                    .iter()
                    .any(|judgement| judgement.requirement.id == *id),
            };
            if binds && !judged {
                complaints.push(format!("{}: {id}", instances::id(case.name, axes)));
            }
        }
    }
    complain("requirements are not exercised", &complaints);
}

/// Findings, and an instance that shows each.
type Damage = BTreeMap<(&'static str, &'static str), String>;

/// The findings that a bug causes.
fn damage(bug: &'static Bug) -> Damage {
    let along = match requirements::find(bug.breaks).map(|requirement| requirement.rule) {
        Some(Rule::Group { along, .. }) => Some(along),
        _ => None,
    };
    let mut concerned: Vec<&Control> = controls()
        .iter()
        .filter(|control| {
            control
                .runs
                .iter()
                .any(|run| run.met.contains(&bug.situation))
        })
        .collect();
    // Cases about the requirement, and then as many different ones as possible.
    let mut seen = BTreeMap::new();
    concerned.sort_by_cached_key(|control| {
        let case = control.group.case;
        let nth = seen.entry(case.name).or_insert(0);
        *nth += 1;
        (!case.exercises.contains(&bug.breaks), *nth)
    });
    let mut damage = BTreeMap::new();
    for control in concerned.into_iter().take(GROUPS) {
        let case = control.group.case;
        let mut runs = Vec::new();
        for (axes, before) in control.group.instances.iter().zip(&control.runs) {
            if along.is_none() && !before.met.contains(&bug.situation) {
                continue;
            }
            let after = run(case, axes, Some(bug));
            let known = findings(&before.judgements);
            for found in findings(&after.judgements).difference(&known) {
                damage
                    .entry(*found)
                    .or_insert_with(|| instances::id(case.name, axes));
            }
            runs.push(after);
        }
        if let Some(along) = along {
            // Any bug makes a difference to the correct interface, but only one is for that requirement.
            let compared = compare(&control.group, &runs, &control.runs);
            let among = compared.into_iter().filter(|(requirement, _)| {
                let api = matches!(
                    requirement.rule,
                    Rule::Group {
                        along: Along::Api,
                        ..
                    }
                );
                !api || along == Along::Api
            });
            for found in group_findings(&among.collect::<Vec<_>>()) {
                damage
                    .entry(found)
                    .or_insert_with(|| instances::id(case.name, &control.group.instances[0]));
            }
        }
    }
    damage
}

/// Variations and behaviours may follow from any bug. A universal rule states an effect, which many
/// bugs have.
fn weighs(id: &str, code: &str) -> bool {
    let universal = requirements::find(id)
        .is_some_and(|requirement| matches!(requirement.rule, Rule::Universal { .. }));
    grade(id, code) != Grade::Behaviour && !universal
}

/// The findings that each bug causes, in the order of the bugs.
fn damages() -> &'static [Damage] {
    static DAMAGES: OnceLock<Vec<Damage>> = OnceLock::new();
    DAMAGES.get_or_init(|| {
        controls();
        parallel(reference::bugs().collect(), damage)
    })
}

/// Enumerated bugs show the codes in crates/universe/codes.txt, which `cargo test -p universe` checks.
#[test]
fn every_code_that_deviates_is_shown_by_a_bug() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/universe");
    let listed = std::fs::read_to_string(directory.join("codes.txt")).unwrap();
    let mut shown: BTreeSet<(&str, &str)> = damages()
        .iter()
        .flat_map(|damage| damage.keys().copied())
        .collect();
    shown.extend(listed.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?))
    }));
    let mut complaints = Vec::new();
    for requirement in testable() {
        for code in requirement.codes {
            let shows = shown.contains(&(requirement.id, code.name));
            if code.grade == Grade::Deviates && !shows {
                complaints.push(format!("{} {}", requirement.id, code.name));
            }
        }
    }
    complain("codes are shown by no bug", &complaints);
}

#[test]
fn every_bug_is_found_and_no_other() {
    let bugs: Vec<&'static Bug> = reference::bugs().collect();
    let mut complaints = Vec::new();
    for (bug, damage) in bugs.iter().zip(damages()) {
        if requirements::find(bug.breaks).is_none() {
            complaints.push(format!("{}: there is no {}", bug.name, bug.breaks));
            continue;
        }
        if !damage.keys().any(|(id, _)| *id == bug.breaks) {
            complaints.push(format!("{}: {} is not found", bug.name, bug.breaks));
        }
        for ((id, code), instance) in damage {
            if *id != bug.breaks && weighs(id, code) && !bug.also.contains(id) {
                complaints.push(format!("{}: {id} {code} in {instance}", bug.name));
            }
        }
    }
    complain("things are wrong with the bugs", &complaints);
}

/// Requirements with a rule.
fn testable() -> impl Iterator<Item = &'static Requirement> {
    requirements::all().filter(|requirement| !matches!(requirement.rule, Rule::Untestable(_)))
}

#[test]
fn every_requirement_has_a_bug() {
    let broken: BTreeSet<&str> = reference::bugs().map(|bug| bug.breaks).collect();
    let complaints: Vec<String> = testable()
        .filter(|requirement| !broken.contains(requirement.id))
        .map(|requirement| requirement.id.to_owned())
        .collect();
    complain("requirements have no bug", &complaints);
}

#[test]
fn every_requirement_holds_somewhere() {
    let mut held = BTreeSet::new();
    for control in controls() {
        for run in &control.runs {
            held.extend(
                run.judgements
                    .iter()
                    .filter(|judgement| judgement.verdict == Verdict::Held)
                    .map(|judgement| judgement.requirement.id),
            );
        }
        held.extend(
            control
                .compared
                .iter()
                .filter(|(_, comparison)| comparison.code.is_none())
                .map(|(requirement, _)| requirement.id),
        );
    }
    let complaints: Vec<String> = testable()
        .filter(|requirement| !held.contains(requirement.id))
        .map(|requirement| requirement.id.to_owned())
        .collect();
    complain("requirements hold in no instance", &complaints);
}

#[test]
fn names_of_bugs_are_distinct() {
    let mut seen = BTreeSet::new();
    for bug in reference::bugs() {
        assert!(seen.insert(bug.name), "{} is there twice", bug.name);
    }
}

/// The score that `ci/universe --bless` has written, for the end of the table.
fn universe() -> String {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/universe");
    let read = |name| std::fs::read_to_string(directory.join(name)).unwrap();
    format!(
        "\n## The universe of bugs\n\n\
         The table above shows bugs that were written by hand, each for one requirement. \
         `ci/universe` enumerates the others: every reaction from a closed list, in every situation \
         and context that some instance meets ([design.md](design.md#the-universe-of-bugs)). \
         `ci/universe --bless` writes this score.\n\n\
         ```text\n{}```\n\n\
         The first score, taken by the same command before any rule was changed for it:\n\n\
         ```text\n{}```\n",
        read("score.txt"),
        read("first-score.txt"),
    )
}

#[test]
fn the_table_of_teeth_is_current() {
    let mut text = String::from(
        "# Teeth\n\n\
         For each requirement, the bugs that were put into the conforming reference to prove that \
         its rule finds them.\nWritten by `conformance/tests/teeth.rs`.\n\n\
         | requirement | bugs |\n|---|---|\n",
    );
    for requirement in requirements::all() {
        let bugs: Vec<String> = reference::bugs()
            .filter(|bug| bug.breaks == requirement.id)
            .map(|bug| format!("`{}`", bug.name))
            .collect();
        let bugs = match (requirement.rule, bugs.is_empty()) {
            (Rule::Untestable(why), true) => format!("cannot be tested: {why}"),
            _ => bugs.join(", "),
        };
        writeln!(text, "| `{}` | {bugs} |", requirement.id).unwrap();
    }
    text += &universe();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/teeth.md");
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/teeth.md is not current: run with LASTWORD_BLESS=1"
    );
}

/// Cases name the roles and versions. This uses the imports where there is none.
#[test]
fn the_reference_plays_all_roles_and_versions() {
    assert_eq!(hello().roles, [Role::Client, Role::Server]);
    assert_eq!(hello().versions, [Version::Tls12, Version::Tls13]);
}
