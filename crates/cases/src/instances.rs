//! The instances of a case.

use std::borrow::Cow;

use closure::{Axes, Build, Cut, Suite};
pub use closure::{id, parse_id, parse_role, parse_version};
use protocol::{Habit, HabitKind, Hello, PLAIN_HABIT, Role, Version};
use scenario::{Case, Payload, Say, Script, Step, Transport};

/// All cuts. The first is that of the baseline.
pub const CUTS: [Cut; 5] = [
    Cut::Whole,
    Cut::PerRecord,
    Cut::Bytewise,
    Cut::Random(1),
    Cut::Random(2),
];

/// The build of a subject, as an axis.
pub fn build_of(hello: &Hello) -> Build {
    match hello.build.debug_assertions {
        true => Build::Assertions,
        false => Build::Plain,
    }
}

/// The kind of a habit of this subject. None for the plain habit.
pub fn habit_kind(hello: &Hello, habit: &str) -> Option<HabitKind> {
    let found = hello.habits.iter().find(|known| known.name == habit);
    found.map(|known| known.kind)
}

/// The instances of `case` for one role and version of a subject, the baseline first. They vary one
/// axis at a time or, if `exhaustive`, combine all axes.
///
/// Leaves out instances whose stimulus is certain to equal that of another one. Empty if the
/// subject does not support the role or the version, or has none of the habits that the case needs.
pub fn expand(
    case: &Case,
    hello: &Hello,
    role: Role,
    version: Version,
    exhaustive: bool,
) -> Vec<Axes> {
    if !hello.roles.contains(&role) || !hello.versions.contains(&version) {
        return Vec::new();
    }
    let habits = habits(case, hello, role);
    let cuts = cuts(case, role);
    let suites: Vec<Option<Suite>> = [None]
        .into_iter()
        .chain(case.suites.iter().copied().map(Some))
        .collect();
    let (Some(first_habit), Some(first_cut)) = (habits.first(), cuts.first()) else {
        return Vec::new();
    };
    let axes = |suite: Option<Suite>, cut: Cut, habit: &str| Axes {
        role,
        version,
        cut,
        habit: Cow::Owned(habit.to_owned()),
        suite,
        build: build_of(hello),
    };
    if exhaustive {
        let mut all = Vec::new();
        for suite in &suites {
            for habit in &habits {
                all.extend(cuts.iter().map(|cut| axes(*suite, *cut, habit)));
            }
        }
        return all;
    }
    let by_cut = cuts.iter().map(|cut| axes(None, *cut, first_habit));
    let by_habit = habits[1..]
        .iter()
        .map(|habit| axes(None, *first_cut, habit));
    let by_suite = suites[1..]
        .iter()
        .map(|suite| axes(*suite, *first_cut, first_habit));
    by_cut.chain(by_habit).chain(by_suite).collect()
}

fn habits<'a>(case: &'a Case, hello: &'a Hello, role: Role) -> Vec<&'a str> {
    let in_role = |habit: &&Habit| habit.roles.is_empty() || habit.roles.contains(&role);
    let offered = hello.habits.iter().filter(in_role);
    let offered = offered.map(|habit| habit.name.as_str());
    if !case.habits.is_empty() {
        let wanted = case.habits.iter().copied();
        return wanted
            .filter(|habit| *habit == PLAIN_HABIT || offered.clone().any(|name| name == *habit))
            .collect();
    }
    let mut habits = vec![PLAIN_HABIT];
    if case.plain_only.is_none() {
        habits.extend(offered.filter(|name| *name != PLAIN_HABIT));
    }
    habits
}

fn cuts(case: &Case, role: Role) -> Vec<Cut> {
    let wanted = case.cuts.map_or(&CUTS[..], |(cuts, _)| cuts);
    let traffic = Traffic::of(case, role);
    let differs = |cut: &Cut| match cut {
        Cut::Whole => true,
        Cut::PerRecord => traffic == Traffic::Trains,
        Cut::Bytewise | Cut::Random(_) => traffic != Traffic::Nothing,
    };
    let mut cuts: Vec<Cut> = wanted.iter().copied().filter(differs).collect();
    // If a case excludes the whole cut, its baseline has the first of the others.
    cuts.sort_by_key(|cut| *cut != Cut::Whole);
    cuts
}

/// The effect that cuts have on a script.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Traffic {
    /// The script sends nothing.
    Nothing,
    /// It never sends two records at once.
    SingleRecords,
    /// It sends several records at once, which can be cut between records.
    Trains,
}

impl Traffic {
    fn of(case: &Case, role: Role) -> Self {
        let script = &case.script;
        let tickets = script.settings.tickets > 0 && role == Role::Client;
        if case.cut_handshake || tickets {
            return Self::Trains;
        }
        script
            .steps
            .iter()
            .map(|step| Self::of_step(step, script))
            .max()
            .unwrap_or(Self::Nothing)
    }

    fn of_step(step: &Step, script: &Script) -> Self {
        match step {
            Step::Peer { say, shape } => {
                let long = match say {
                    Say::Write(payload) => payload.len() > wire::MAX_PLAINTEXT,
                    Say::Raw(Payload::Empty) => return Self::Nothing,
                    Say::Raw(_) => true,
                    _ => false,
                };
                match long || shape.split.is_some() || shape.late {
                    true => Self::Trains,
                    false => Self::SingleRecords,
                }
            }
            Step::Transport(Transport::Hold) => Self::Trains,
            // The rest of the handshake may send anything.
            Step::Handshake { until: Some(_) } | Step::Edit { .. } => Self::Trains,
            Step::Connect if script.steps.first() != Some(step) => Self::SingleRecords,
            _ => Self::Nothing,
        }
    }
}
