//! What went wrong, one block each.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::AnsiColor;
use closure::Outcome;

use super::ladder;
use super::report::{BOLD, DIM, coloured};
use super::table::{Cell, Row, Table};
use super::text::{count, width, wrap};
use super::{Live, source};
use crate::lines::Line;
use crate::results::Shown;

/// At most so many blocks, unless all are asked for.
const MOST: usize = 20;

/// A block for everything that fails a gate: regressions by requirement and code, stale
/// expectations, missing capabilities, and instances that could not be judged.
pub(crate) fn blocks(table: &Table<'_>, live: &Live) -> String {
    let mut blocks = Vec::new();
    for column in 0..table.columns.len() {
        blocks.extend(regressions(table, column, live));
    }
    for column in 0..table.columns.len() {
        blocks.extend(stale(table, column, live));
    }
    blocks.extend(unsupported(table));
    blocks.extend(faults(table, live));
    let more = match live.all {
        true => 0,
        false => blocks.len().saturating_sub(MOST),
    };
    blocks.truncate(blocks.len() - more);
    let mut out = blocks.concat();
    if more > 0 {
        let _ = writeln!(
            out,
            "\n  and {} of this kind, with --all",
            count(more, "more block", "more blocks")
        );
    }
    out
}

fn regressions(table: &Table<'_>, column: usize, live: &Live) -> Vec<String> {
    let mut out = Vec::new();
    for (row, cell) in table.column(column) {
        for ((code, outcome), times) in &cell.codes {
            if *outcome == Outcome::Regression {
                out.push(regression(table, column, row, code, *times, live));
            }
        }
    }
    out
}

fn regression(
    table: &Table<'_>,
    column: usize,
    row: &Row<'_>,
    code: &str,
    times: usize,
    live: &Live,
) -> String {
    let red = coloured(AnsiColor::Red).bold();
    let requirement = row.requirement;
    let shown = table
        .shown(column, &requirement.id, code)
        .into_iter()
        .next();
    let instance = shown.map_or("", |shown| shown.instance.as_str());
    let mut out = format!(
        "\n{red}REGRESSION{red:#}  {BOLD}{}{BOLD:#}      {instance}\n\n",
        requirement.id
    );
    let field = |out: &mut String, label: &str, text: &str| {
        let _ = writeln!(out, "  {label:11}  {}", wrap(text, width(), 15));
    };
    field(
        &mut out,
        "required by",
        &source(&requirement.sections, &requirement.level),
    );
    field(&mut out, "why", &requirement.why);
    field(&mut out, "expected", &requirement.says);
    let subject = table.columns[column].subject;
    if let Some(known) = table.results.known(subject, &requirement.id).next() {
        let _ = writeln!(out, "  known        {} ({})", known.code, known.r#where);
    }
    let _ = writeln!(
        out,
        "  observed     {red}{code}{red:#}{}",
        match times {
            1 => String::new(),
            n => format!(" in {}", count(n, "instance", "instances")),
        }
    );
    let Some(shown) = shown else { return out };
    if let Some(said) = &shown.said {
        field(&mut out, "said", said);
    }
    if !shown.lines.is_empty() {
        let _ = write!(out, "\n{}", excerpt(shown));
    }
    if let Some(said) = live.stderr.get(instance) {
        stderr(&mut out, said);
    }
    out.push('\n');
    if let Some(against) = &shown.against {
        let _ = writeln!(out, "  differs from {against}");
    }
    let ids: Vec<&str> = [shown.against.as_deref(), Some(instance)]
        .into_iter()
        .flatten()
        .collect();
    let again = live.reproduce(table.results, column, &ids);
    let _ = writeln!(out, "  reproduce    {again}");
    out
}

/// The lines of a transcript around the place that matters, as a ladder.
pub(crate) fn excerpt(shown: &Shown) -> String {
    ladder::draw(&relevant(shown), 10, 3, 4)
}

/// The lines of a transcript that matter: the states of the API do so only to its own requirements.
pub(crate) fn relevant(shown: &Shown) -> Vec<Line> {
    let states = shown.requirement.starts_with("api.");
    let relevant = |line: &&Line| states || line.here || !line.text.starts_with("state ");
    shown.lines.iter().filter(relevant).cloned().collect()
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
        let line: String = line.chars().take(width() - 15).collect();
        let _ = writeln!(out, "{label}{DIM}{line}{DIM:#}");
    }
}

fn stale(table: &Table<'_>, column: usize, live: &Live) -> Vec<String> {
    let yellow = coloured(AnsiColor::Yellow).bold();
    let subject = table.columns[column].subject;
    let file = live.known(column, subject);
    let mut out = Vec::new();
    for (row, cell) in table.column(column) {
        let Some(times) = cell.outcomes.get(&Outcome::StaleExpectation) else {
            continue;
        };
        let id = &row.requirement.id;
        let mut block = format!("\n{yellow}STALE{yellow:#}  {BOLD}{id}{BOLD:#}\n\n");
        for known in table.results.known(subject, id) {
            let _ = writeln!(block, "  listed       {} ({})", known.code, known.r#where);
        }
        if let Some(instance) = first_stale(cell) {
            let _ = writeln!(
                block,
                "  observed     it conforms in {}, such as\n               {instance}",
                count(*times, "instance", "instances")
            );
        }
        let _ = writeln!(block, "  what to do   narrow or remove the entry in {file}");
        out.push(block);
    }
    for stale in &table.results.stale {
        if stale.subject == subject.name && stale.build == subject.build {
            out.push(format!(
                "\n{yellow}STALE{yellow:#}  {BOLD}{}{BOLD:#}\n\n  observed     {}\n  what to do   \
                 remove the entry in {file}\n",
                stale.entry, stale.problem
            ));
        }
    }
    out
}

fn first_stale<'a>(cell: &Cell<'a>) -> Option<&'a str> {
    let mut notable = cell.notable.iter();
    notable
        .find(|(_, _, outcome)| *outcome == Outcome::StaleExpectation)
        .map(|(instance, _, _)| *instance)
}

fn unsupported(table: &Table<'_>) -> Vec<String> {
    let mut what: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for played in &table.instances {
        if let Some(unsupported) = &played.instance.unsupported
            && unsupported.outcome == Outcome::UndeclaredUnsupported.name()
        {
            what.entry((played.column, &unsupported.what))
                .or_default()
                .push(played.case);
        }
    }
    what.into_iter()
        .map(|((column, what), mut cases)| {
            let red = coloured(AnsiColor::Red).bold();
            let name = &table.columns[column].name;
            let instances = count(cases.len(), "instance", "instances");
            cases.dedup();
            format!(
                "\n{red}UNSUPPORTED{red:#}  {BOLD}{what}{BOLD:#}      {name}\n\n  observed     the \
                 subject cannot do this, and it is not listed: {instances} of {}\n  what to do   \
                 list it under [[missing]] in the expectations, with reason and link\n",
                wrap(&cases.join(", "), width(), 15)
            )
        })
        .collect()
}

fn faults(table: &Table<'_>, live: &Live) -> Vec<String> {
    let mut by: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for played in &table.instances {
        if let Some(fault) = &played.instance.fault {
            by.entry((played.column, fault))
                .or_default()
                .push(&played.instance.id);
        }
    }
    by.into_iter()
        .map(|((column, fault), ids)| {
            let red = coloured(AnsiColor::Red).bold();
            let first = ids.first().copied().unwrap_or_default();
            format!(
                "\n{red}NOT JUDGED{red:#}  {first}{}\n\n  because      {}\n  reproduce    {}\n",
                match ids.len() {
                    1 => String::new(),
                    n => format!(" and {} more", n - 1),
                },
                wrap(fault, width(), 15),
                live.reproduce(table.results, column, &[first])
            )
        })
        .collect()
}
