//! Failures: a line for each, and a block that the line leads to.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::ladder;
use super::problem::{Kind, Problem};
use super::report::{BOLD, DIM, coloured};
use super::table::{Row, Table};
use super::text::{count, width, wrap};
use super::{Live, source};
use crate::lines::Line;
use crate::results::Shown;

/// At most so many failures are shown, unless all are asked for.
const MOST: usize = 20;

/// The number of failures that are shown, and the number of the others.
fn shown(problems: &[Problem<'_>], live: &Live) -> (usize, usize) {
    let shown = match live.all {
        true => problems.len(),
        false => problems.len().min(MOST),
    };
    (shown, problems.len() - shown)
}

/// A line for each failure with the number of its block, subject by subject.
pub(crate) fn lines(table: &Table<'_>, problems: &[Problem<'_>], live: &Live) -> String {
    let mut out = String::new();
    if problems.is_empty() {
        return out;
    }
    let red = coloured(AnsiColor::Red).bold();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "  {red}{}{red:#}",
        count(problems.len(), "failure", "failures")
    );
    let (most, more) = shown(problems, live);
    let listed = &problems[..most];
    let wide = listed.iter().map(|p| p.name().chars().count()).max();
    let wide = wide.unwrap_or(0).min(40);
    let digits = most.to_string().len() + 2;
    let mut column = None;
    for (number, problem) in listed.iter().enumerate() {
        if column != Some(problem.column) && table.columns.len() > 1 {
            let _ = writeln!(out, "  {}", table.columns[problem.column].label);
        }
        column = Some(problem.column);
        let number = format!("[{}]", number + 1);
        let line = format!(
            "    {number:>digits$} {} {:wide$}  {}",
            problem.symbol(),
            problem.name(),
            problem.detail()
        );
        out += &clip(&line, width());
        out.push('\n');
    }
    if more > 0 {
        let _ = writeln!(out, "    and {more} more, with --all");
    }
    out
}

fn clip(line: &str, width: usize) -> String {
    match line.chars().count() <= width {
        true => line.to_owned(),
        false => line.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// A block for each failure, under the number of its line.
pub(crate) fn blocks(table: &Table<'_>, problems: &[Problem<'_>], live: &Live) -> String {
    let (most, _) = shown(problems, live);
    let mut out = String::new();
    for (number, problem) in problems[..most].iter().enumerate() {
        out += &block(table, number + 1, problem, live);
    }
    if most > 0 {
        out.push('\n');
    }
    out
}

fn block(table: &Table<'_>, number: usize, problem: &Problem<'_>, live: &Live) -> String {
    let column = problem.column;
    match &problem.kind {
        Kind::Unexpected { row, code, times } => {
            unexpected(table, number, problem, (row, code, *times), live)
        }
        Kind::Stale { row, instance, .. } => {
            let mut out = head(table, number, problem, "");
            let subject = table.columns[column].subject;
            for known in table.results.known(subject, &row.requirement.id) {
                let _ = writeln!(out, "  listed       {} ({})", known.code, known.r#where);
            }
            field(&mut out, "observed", &problem.detail());
            let _ = writeln!(out, "               such as {instance}");
            field(
                &mut out,
                "what to do",
                &format!(
                    "narrow or remove the entry in {}",
                    known(table, column, live)
                ),
            );
            out
        }
        Kind::Unseen(_) => {
            let mut out = head(table, number, problem, "");
            field(&mut out, "observed", &problem.detail());
            field(
                &mut out,
                "what to do",
                &format!("remove the entry in {}", known(table, column, live)),
            );
            out
        }
        Kind::Unsupported { cases, .. } => {
            let mut names = cases.clone();
            names.dedup();
            let mut out = head(table, number, problem, "");
            field(&mut out, "observed", &problem.detail());
            field(&mut out, "in cases", &names.join(", "));
            field(
                &mut out,
                "what to do",
                "list it under [[missing]] in the expectations, with reason and link",
            );
            out
        }
        Kind::NotJudged { fault, instances } => {
            let mut out = head(table, number, problem, "");
            field(&mut out, "because", fault);
            if instances.len() > 1 {
                let more = format!("{} more instances", instances.len() - 1);
                field(&mut out, "also in", &more);
            }
            let again = live.reproduce(table.results, column, &[problem.name()]);
            let _ = writeln!(out, "  reproduce    {again}");
            out
        }
    }
}

/// The first line of a block, and its subject.
fn head(table: &Table<'_>, number: usize, problem: &Problem<'_>, instance: &str) -> String {
    let style: Style = match problem.kind {
        Kind::Stale { .. } | Kind::Unseen(_) => coloured(AnsiColor::Yellow),
        _ => coloured(AnsiColor::Red),
    }
    .bold();
    let instance = match instance {
        "" => String::new(),
        instance => format!("      {instance}"),
    };
    format!(
        "\n[{number}] {style}{}{style:#}  {BOLD}{}{BOLD:#}{instance}\n\n  subject      {}\n",
        problem.headline(),
        problem.name(),
        table.columns[problem.column].label
    )
}

fn field(out: &mut String, label: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {label:11}  {}", wrap(text, width(), 15));
}

fn known(table: &Table<'_>, column: usize, live: &Live) -> String {
    live.known(column, table.columns[column].subject)
}

fn unexpected(
    table: &Table<'_>,
    number: usize,
    problem: &Problem<'_>,
    (row, code, times): (&Row<'_>, &str, usize),
    live: &Live,
) -> String {
    let red = coloured(AnsiColor::Red);
    let requirement = row.requirement;
    let column = problem.column;
    let all = table.shown(column, &requirement.id, code);
    let shown = all.first();
    let instance = shown.map_or("", |shown| shown.instance.as_str());
    let mut out = head(table, number, problem, instance);
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
        "  observed     {red}{code}{red:#} in {}",
        count(times, "instance", "instances")
    );
    let Some(shown) = shown else { return out };
    if let Some(said) = &shown.said {
        field(&mut out, "said", said);
    }
    if !shown.lines.is_empty() {
        let _ = write!(out, "\n{}", excerpt(shown, &table.columns[column].pictured));
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
pub(crate) fn excerpt(shown: &Shown, subject: &str) -> String {
    ladder::draw(&relevant(shown), subject, 10, 3, 4)
}

/// The lines of a transcript without the states of the API, which only requirements on the API need.
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
