//! What went wrong, one block each.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::AnsiColor;
use closure::{Level, Outcome, Requirement, requirements};

use crate::instances;
use crate::run::{Exhibit, ExhibitKey, Ready, Summary};
use crate::subjects::quote;

use super::ladder;
use super::report::{BOLD, DIM, WIDTH, coloured};
use super::text::{count, wrap};

/// At most so many blocks: what follows is counted, and is in the results.
const MOST: usize = 20;

/// A block for everything that fails a gate: regressions by requirement and code, stale
/// expectations, missing capabilities, and instances that could not be judged.
pub fn blocks(summary: &Summary, subjects: &[Ready]) -> String {
    let mut blocks = regressions(summary, subjects);
    blocks.extend(stale(summary, subjects));
    blocks.extend(unsupported(summary, subjects));
    blocks.extend(faults(summary, subjects));
    let more = blocks.len().saturating_sub(MOST);
    blocks.truncate(MOST);
    let mut out = blocks.concat();
    if more > 0 {
        let _ = writeln!(
            out,
            "\n  and {} of this kind; --results FILE has them all",
            count(more, "more block", "more blocks")
        );
    }
    out
}

fn regressions(summary: &Summary, subjects: &[Ready]) -> Vec<String> {
    let mut out = Vec::new();
    for ((subject, id), standing) in &summary.standings {
        let (Some(ready), Some(requirement)) = (subjects.get(*subject), requirements::find(id))
        else {
            continue;
        };
        for ((code, outcome), times) in &standing.codes {
            if *outcome == Outcome::Regression {
                let exhibit = smallest(&summary.exhibits, *subject, id, code);
                out.push(regression(ready, requirement, code, *times, exhibit));
            }
        }
    }
    out
}

fn smallest<'a>(
    exhibits: &'a BTreeMap<ExhibitKey, Exhibit>,
    subject: usize,
    requirement: &str,
    code: &str,
) -> Option<&'a Exhibit> {
    exhibits
        .iter()
        .filter(|(key, _)| {
            key.subject == subject && key.requirement == requirement && key.code == code
        })
        .map(|(_, exhibit)| exhibit)
        .min_by(|a, b| a.size().cmp(&b.size()))
}

fn regression(
    ready: &Ready,
    requirement: &Requirement,
    code: &str,
    times: usize,
    exhibit: Option<&Exhibit>,
) -> String {
    let red = coloured(AnsiColor::Red).bold();
    let instance = exhibit.map_or("", |exhibit| exhibit.instance.as_str());
    let mut out = format!(
        "\n{red}REGRESSION{red:#}  {BOLD}{}{BOLD:#}      {instance}\n\n",
        requirement.id
    );
    let _ = writeln!(out, "  required by  {}", source(requirement));
    let _ = writeln!(out, "  why          {}", wrap(requirement.why, WIDTH, 15));
    let _ = writeln!(out, "  expected     {}", wrap(requirement.says, WIDTH, 15));
    let listed = ready
        .known
        .deviations
        .iter()
        .find(|entry| entry.requirement == requirement.id);
    if let Some(entry) = listed {
        let _ = writeln!(out, "  known        {} ({})", entry.code, entry.select);
    }
    let _ = writeln!(
        out,
        "  observed     {red}{code}{red:#}{}",
        match times {
            1 => String::new(),
            n => format!(" in {}", count(n, "instance", "instances")),
        }
    );
    let Some(exhibit) = exhibit else { return out };
    if let Some(raw) = exhibit.raw.as_deref().filter(|raw| !raw.is_empty()) {
        let _ = writeln!(out, "  said         {}", wrap(raw, WIDTH, 15));
    }
    if !exhibit.lines.is_empty() {
        let states = requirement.family() == "api";
        let lines: Vec<_> = exhibit
            .lines
            .iter()
            .filter(|line| states || line.here || !line.text.starts_with("state "))
            .cloned()
            .collect();
        let _ = write!(out, "\n{}", ladder::draw(&lines, 10, 3, 4));
    }
    stderr(&mut out, &exhibit.said);
    out.push('\n');
    if let Some(against) = &exhibit.against {
        let _ = writeln!(out, "  differs from {against}");
    }
    let both = match &exhibit.against {
        Some(against) => format!("{} ", quote(against)),
        None => String::new(),
    };
    let _ = writeln!(
        out,
        "  reproduce    lastword run{} {both}{}",
        ready.subject.arguments,
        quote(&exhibit.instance)
    );
    out
}

fn stderr(out: &mut String, said: &str) {
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(6);
    for (i, line) in lines[from..].iter().enumerate() {
        let label = if i == 0 {
            "\n  stderr       "
        } else {
            "               "
        };
        let line: String = line.chars().take(WIDTH - 15).collect();
        let _ = writeln!(out, "{label}{DIM}{line}{DIM:#}");
    }
}

/// Where a requirement is written, and how much it binds: `RFC 8446 6.1, by definition`.
pub fn source(requirement: &Requirement) -> String {
    let places: Vec<String> = requirement
        .sections
        .iter()
        .map(ToString::to_string)
        .collect();
    if requirement.level == Level::Contract {
        return "the API's own contract".into();
    }
    let level = match requirement.level {
        Level::Must => "MUST",
        Level::Definition => "by definition",
        Level::Should => "SHOULD",
        Level::May => "MAY",
        Level::Practice => "practice",
        Level::Contract => "contract",
    };
    format!("{}, {level}", places.join(", "))
}

fn stale(summary: &Summary, subjects: &[Ready]) -> Vec<String> {
    let yellow = coloured(AnsiColor::Yellow).bold();
    let mut out = Vec::new();
    for ((subject, id), standing) in &summary.standings {
        let Some(times) = standing.outcomes.get(&Outcome::StaleExpectation) else {
            continue;
        };
        let Some(ready) = subjects.get(*subject) else {
            continue;
        };
        let shown = summary
            .instances
            .iter()
            .filter(|instance| instance.subject == *subject)
            .find_map(|instance| {
                let found = instance.found.iter().find(|found| {
                    found.requirement.id == *id && found.outcome == Outcome::StaleExpectation
                })?;
                let entry = ready.known.deviations.get(found.entry?)?;
                Some((instances::id(instance.case, &instance.axes), entry))
            });
        let mut block = format!("\n{yellow}STALE{yellow:#}  {BOLD}{id}{BOLD:#}\n\n");
        if let Some((instance, entry)) = shown {
            let _ = writeln!(block, "  listed       {} ({})", entry.code, entry.select);
            let _ = writeln!(
                block,
                "  observed     it conforms in {}, such as\n               {instance}",
                count(*times, "instance", "instances")
            );
        }
        let _ = writeln!(
            block,
            "  what to do   narrow or remove the entry in {}",
            ready.subject.known.source
        );
        out.push(block);
    }
    for stale in &summary.stale {
        let source = subjects
            .get(stale.subject)
            .map_or("", |ready| ready.subject.known.source.as_str());
        out.push(format!(
            "\n{yellow}STALE{yellow:#}  {BOLD}{}{BOLD:#}\n\n  observed     {}\n  what to do   remove \
             the entry in {source}\n",
            stale.entry, stale.problem
        ));
    }
    out
}

fn unsupported(summary: &Summary, subjects: &[Ready]) -> Vec<String> {
    let mut what: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for instance in &summary.instances {
        if let Some(unsupported) = &instance.unsupported
            && unsupported.outcome == Outcome::UndeclaredUnsupported
        {
            what.entry((instance.subject, &unsupported.what))
                .or_default()
                .push(instance.case);
        }
    }
    what.into_iter()
        .map(|((subject, what), mut cases)| {
            let red = coloured(AnsiColor::Red).bold();
            let name = subjects
                .get(subject)
                .map_or("", |ready| ready.subject.name.as_str());
            let instances = count(cases.len(), "instance", "instances");
            cases.dedup();
            format!(
                "\n{red}UNSUPPORTED{red:#}  {BOLD}{what}{BOLD:#}      {name}\n\n  observed     the \
                 subject cannot do this, and it is not listed: {instances} of {}\n  what to do   \
                 list it under [[missing]] in the expectations, with reason and link\n",
                wrap(&cases.join(", "), WIDTH, 15)
            )
        })
        .collect()
}

fn faults(summary: &Summary, subjects: &[Ready]) -> Vec<String> {
    let mut by: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
    for (instance, fault) in summary.faults() {
        by.entry((instance.subject, fault))
            .or_default()
            .push(instances::id(instance.case, &instance.axes));
    }
    by.into_iter()
        .map(|((subject, fault), ids)| {
            let red = coloured(AnsiColor::Red).bold();
            let first = ids.first().map_or("", String::as_str);
            let ready = subjects.get(subject);
            format!(
                "\n{red}NOT JUDGED{red:#}  {first}{}\n\n  because      {}\n  reproduce    lastword \
                 run{} {}\n",
                match ids.len() {
                    1 => String::new(),
                    n => format!(" and {} more", n - 1),
                },
                wrap(fault, WIDTH, 15),
                ready.map_or("", |ready| ready.subject.arguments.as_str()),
                quote(first)
            )
        })
        .collect()
}
