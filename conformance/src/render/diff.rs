//! The differences between two results.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use closure::Outcome;

use super::report::{BOLD, DIM, coloured};
use super::text::count;
use crate::exit::Exit;
use crate::results::{Results, SubjectFacts};
use cases::instances;

/// At most so many changes of a kind are listed, unless all are asked for.
const MOST: usize = 20;

/// The change of a requirement in the instances that both results have judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// It held, and now it is broken, listed or not; or it is broken in another way.
    Worse,
    /// It was broken, and now it holds.
    Better,
    /// Another code was found, and neither is a deviation.
    Other,
    /// It is judged only in the newer ones.
    Appeared,
    /// It was judged only in the older ones.
    Gone,
}

/// A change of a requirement in a subject, with the instances that show it.
struct Changed<'a> {
    subject: String,
    requirement: &'a str,
    before: String,
    after: String,
    instances: Vec<&'a str>,
}

/// The differences between two results.
pub struct Diff<'a> {
    changes: BTreeMap<Change, Vec<Changed<'a>>>,
    /// Subjects that are in one of the two only.
    alone: Vec<(&'static str, String)>,
    compared: usize,
}

type Verdicts<'a> = BTreeMap<(&'a str, &'a str), (&'static str, Outcome, Option<&'a str>)>;

/// A subject with its name, which tells apart subjects of the same implementation.
fn named(subject: &SubjectFacts) -> String {
    format!("{} ({})", subject.label(), subject.name)
}

impl<'a> Diff<'a> {
    /// Compares results, subject by subject (by name and build), instance by instance, requirement
    /// by requirement.
    pub fn new(old: &'a Results, new: &'a Results) -> Self {
        let mut diff = Self {
            changes: BTreeMap::new(),
            alone: Vec::new(),
            compared: 0,
        };
        let key = |subject: &SubjectFacts| (subject.name.clone(), subject.build.clone());
        for before in &old.subjects {
            match new.subjects.iter().find(|after| key(after) == key(before)) {
                Some(after) => diff.subject(old, before, new, after),
                None => diff.alone.push(("gone", named(before))),
            }
        }
        for after in &new.subjects {
            if !old.subjects.iter().any(|before| key(before) == key(after)) {
                diff.alone.push(("new", named(after)));
            }
        }
        diff
    }

    fn subject(
        &mut self,
        old: &'a Results,
        before: &'a SubjectFacts,
        new: &'a Results,
        after: &'a SubjectFacts,
    ) {
        let name = match before.version == after.version {
            true => after.label(),
            false => format!("{} → {}", before.label(), after.version),
        };
        let older = verdicts(old, before);
        let newer = verdicts(new, after);
        let mut by: BTreeMap<(Change, &'a str, String, String), Vec<&'a str>> = BTreeMap::new();
        let keys: BTreeSet<_> = older.keys().chain(newer.keys()).copied().collect();
        for (requirement, instance) in keys {
            let (was, is) = (
                older.get(&(requirement, instance)),
                newer.get(&(requirement, instance)),
            );
            self.compared += usize::from(was.is_some() && is.is_some());
            let change = match (was, is) {
                (Some(was), Some(is)) if was.0 == is.0 && was.2 == is.2 => continue,
                (Some(was), Some(is)) => change(was.1, is.1),
                (None, Some(is)) if deviates(is.1) => Change::Worse,
                (None, _) => Change::Appeared,
                (_, None) => Change::Gone,
            };
            let words = |verdict: Option<&(&'static str, Outcome, Option<&str>)>| match verdict {
                None => "not judged".to_owned(),
                Some((_, _, Some(code))) => (*code).to_owned(),
                Some((word, _, None)) => (*word).to_owned(),
            };
            by.entry((change, requirement, words(was), words(is)))
                .or_default()
                .push(instance);
        }
        for ((change, requirement, before, after), instances) in by {
            self.changes.entry(change).or_default().push(Changed {
                subject: name.clone(),
                requirement,
                before,
                after,
                instances,
            });
        }
    }

    /// The exit code: a regression if anything is worse. A comparison of nothing must not look like a
    /// success.
    pub fn exit(&self) -> Exit {
        if self.changes.contains_key(&Change::Worse) {
            Exit::Regression
        } else if self.compared == 0 {
            Exit::NothingSelected
        } else {
            Exit::Ok
        }
    }

    /// For a terminal.
    pub fn text(&self, all: bool) -> String {
        let mut out = String::new();
        for (what, label) in &self.alone {
            let _ = writeln!(out, "  {what:8}  {BOLD}{label}{BOLD:#}");
        }
        for (change, changed) in &self.changes {
            let (title, style) = title(*change);
            let _ = writeln!(out, "\n{style}{title}{style:#}");
            let more = cut(changed.len(), all);
            for one in &changed[..changed.len() - more] {
                let _ = writeln!(
                    out,
                    "  {BOLD}{:38}{BOLD:#}  {} → {}\n      {DIM}{}, {}, such as {}{DIM:#}",
                    one.requirement,
                    one.before,
                    one.after,
                    one.subject,
                    count(one.instances.len(), "instance", "instances"),
                    one.instances[0],
                );
            }
            if more > 0 {
                let _ = writeln!(out, "  and {more} more, with --all");
            }
        }
        if self.compared == 0 {
            let _ = writeln!(
                out,
                "\nnothing to compare: no subject and instance is in both"
            );
        } else if self.changes.is_empty() && self.alone.is_empty() {
            let _ = writeln!(out, "no verdict differs");
        }
        let _ = writeln!(out, "\n{}", self.closing());
        out
    }

    /// For a pull request.
    pub fn markdown(&self, all: bool) -> String {
        let mut out = format!("## What has changed\n\n{}\n", self.closing());
        for (what, label) in &self.alone {
            let _ = writeln!(out, "\n- {what}: {}", super::markdown::escape(label));
        }
        for (change, changed) in &self.changes {
            let _ = write!(
                out,
                "\n### {}\n\n| requirement | before | after | subject | instances | such as |\n\
                 |---|---|---|---|---|---|\n",
                title(*change).0
            );
            let more = cut(changed.len(), all);
            for one in &changed[..changed.len() - more] {
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {} | `{}` |",
                    one.requirement,
                    one.before,
                    one.after,
                    super::markdown::escape(&one.subject),
                    one.instances.len(),
                    one.instances[0]
                );
            }
            if more > 0 {
                let _ = writeln!(out, "\nAnd {more} more, with `--all`.");
            }
        }
        out
    }

    fn closing(&self) -> String {
        let of = |change| self.changes.get(&change).map_or(0, Vec::len);
        format!(
            "{} compared: {} worse, {} better, {} different, {} new, {} gone",
            count(self.compared, "verdict", "verdicts"),
            of(Change::Worse),
            of(Change::Better),
            of(Change::Other),
            of(Change::Appeared),
            of(Change::Gone),
        )
    }
}

fn cut(all: usize, whole: bool) -> usize {
    match whole {
        true => 0,
        false => all.saturating_sub(MOST),
    }
}

fn title(change: Change) -> (&'static str, Style) {
    match change {
        Change::Worse => ("worse", coloured(AnsiColor::Red).bold()),
        Change::Better => ("better", coloured(AnsiColor::Green).bold()),
        Change::Other => ("different", Style::new().bold()),
        Change::Appeared => ("new", Style::new().bold()),
        Change::Gone => ("gone", Style::new().bold()),
    }
}

fn deviates(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Regression | Outcome::KnownDeviation)
}

fn change(was: Outcome, is: Outcome) -> Change {
    match (deviates(was), deviates(is)) {
        (_, true) => Change::Worse,
        (true, false) if matches!(is, Outcome::Blocked | Outcome::NotCompared) => Change::Other,
        (true, false) => Change::Better,
        (false, false) => Change::Other,
    }
}

/// The verdict on each requirement in each instance of a subject, whether it is listed or not.
fn verdicts<'a>(results: &'a Results, subject: &SubjectFacts) -> Verdicts<'a> {
    let mut verdicts = BTreeMap::new();
    for instance in &results.instances {
        let build = instances::parse_id(&instance.id).map(|(_, axes)| axes.build.to_string());
        if instance.subject != subject.name || build.as_ref() != Ok(&subject.build) {
            continue;
        }
        for held in &instance.held {
            if let Some(requirement) = results.requirements.get(*held) {
                let verdict = ("held", Outcome::Ok, None);
                verdicts.insert((requirement.id.as_str(), instance.id.as_str()), verdict);
            }
        }
        for found in &instance.found {
            let verdict = match (&found.code, Outcome::find(&found.outcome)) {
                (Some(code), Some(outcome)) => ("found", outcome, Some(code.as_str())),
                // A listed deviation that is no longer there.
                _ => ("held", Outcome::Ok, None),
            };
            verdicts.insert((found.requirement.as_str(), instance.id.as_str()), verdict);
        }
        for blocked in instance.blocked.keys() {
            let verdict = ("blocked", Outcome::Blocked, None);
            verdicts.insert((blocked.as_str(), instance.id.as_str()), verdict);
        }
    }
    for group in &results.groups {
        if group.subject != subject.name || group.build != subject.build {
            continue;
        }
        let of = group.differs.as_deref().unwrap_or(&group.case);
        let verdict = match (&group.code, Outcome::find(&group.outcome)) {
            (Some(code), Some(outcome)) => ("found", outcome, Some(code.as_str())),
            (None, Some(Outcome::NotCompared)) => ("not compared", Outcome::NotCompared, None),
            _ => ("held", Outcome::Ok, None),
        };
        verdicts.insert((group.requirement.as_str(), of), verdict);
    }
    verdicts
}
