//! Markdown: a summary for a pull request, and the matrix for a README.

use std::fmt::Write;

use closure::Outcome;

use super::counts::{self, family_title, said, sentence, tally};
use super::failure::excerpt;
use super::problem::{self, Kind, Problem};
use super::table::{Row, Table};
use super::text::count;
use super::{Live, look, source};
use crate::results::Results;

/// At most so many failures are shown in full, unless all are asked for: the summary of a step may
/// not be longer than a mebibyte.
const MOST: usize = 10;

/// At most so many failures are listed in a line each.
const LISTED: usize = 100;

/// The failures first, then everything else.
pub fn summary(results: &Results, live: &Live) -> String {
    let table = Table::new(results);
    let problems = problem::all(&table);
    // Writing to a string cannot fail.
    let mut out = format!("## lastword {}: {}\n\n", results.version, title(&table));
    if results.interrupted {
        out += "**Interrupted**: the counts are those up to the interruption.\n\n";
    }
    for (place, column) in table.columns.iter().enumerate() {
        let failed = problems.iter().any(|problem| problem.column == place);
        let mark = if failed { '✗' } else { '✓' };
        let _ = writeln!(
            out,
            "- {mark} **{}**: {}",
            escape(&column.described()),
            sentence(&table, place)
        );
    }
    failures(&mut out, &table, &problems, live);
    totals(&mut out, &table);
    families(&mut out, &table);
    blocks(&mut out, &table, &problems, live);
    known(&mut out, &table);
    out
}

/// The subjects, each with its version.
fn title(table: &Table<'_>) -> String {
    let labels = table.columns.iter().map(|column| escape(&column.label));
    labels.collect::<Vec<_>>().join(", ")
}

/// A row for each requirement and a column for each subject. A single subject leaves room for the
/// sentences of the requirements.
pub fn matrix(results: &Results) -> String {
    let table = Table::new(results);
    let alone = table.columns.len() == 1;
    let mut out = String::from(match alone {
        true => "| requirement | what it requires | level |",
        false => "| requirement | level |",
    });
    for column in &table.columns {
        let _ = write!(out, " {} |", escape(&column.described()));
    }
    out += if alone {
        "\n|---|---|---|"
    } else {
        "\n|---|---|"
    };
    out += &"---|".repeat(table.columns.len());
    out.push('\n');
    for row in &table.rows {
        let requirement = row.requirement;
        let _ = write!(out, "| `{}` |", requirement.id);
        if alone {
            let _ = write!(out, " {} |", escape(&requirement.says));
        }
        let _ = write!(out, " {} |", requirement.level);
        for cell in &row.cells {
            match cell.is_empty() {
                true => out += " |",
                false => {
                    let look = look(cell.worst());
                    let _ = write!(out, " {} {} |", look.symbol, look.one);
                }
            }
        }
        out.push('\n');
    }
    out
}

/// A line for each failure that leads to its block.
fn failures(out: &mut String, table: &Table<'_>, problems: &[Problem<'_>], live: &Live) {
    if problems.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}\n", problem::sum(problems));
    let told = told(problems, live);
    let listed = match live.all {
        true => problems.len(),
        false => problems.len().min(LISTED),
    };
    for (number, problem) in problems[..listed].iter().enumerate() {
        let name = match number < told {
            true => format!("[`{}`](#failure-{})", problem.name(), number + 1),
            false => format!("`{}`", problem.name()),
        };
        let _ = writeln!(
            out,
            "{}. {} {name} in {}: {}",
            number + 1,
            problem.symbol(),
            escape(&table.columns[problem.column].label),
            escape(&problem.detail())
        );
    }
    if listed < problems.len() {
        let _ = writeln!(out, "\nAnd {} more.", problems.len() - listed);
    }
}

/// The number of failures that are shown in full.
fn told(problems: &[Problem<'_>], live: &Live) -> usize {
    match live.all {
        true => problems.len(),
        false => problems.len().min(MOST),
    }
}

fn totals(out: &mut String, table: &Table<'_>) {
    let results = table.results;
    let said: Vec<String> = counts::totals(table).into_iter().map(|(_, s)| s).collect();
    let _ = write!(
        out,
        "\n{}; seed {}, profile {}{}.\n",
        said.join(", "),
        results.seed,
        results.profile,
        match results.narrow {
            true => "; only a part of the instances was selected",
            false => "",
        }
    );
    if let Some(comparisons) = counts::comparisons(table) {
        let _ = writeln!(out, "{comparisons}.");
    }
}

fn families(out: &mut String, table: &Table<'_>) {
    *out += "\n| family | requirements |";
    for column in &table.columns {
        let _ = write!(out, " {} |", escape(&column.label));
    }
    *out += "\n|---|---|";
    *out += &"---|".repeat(table.columns.len());
    out.push('\n');
    for (name, rows) in table.families() {
        let _ = write!(out, "| {} | {} |", escape(&family_title(name)), rows.len());
        for place in 0..table.columns.len() {
            let words: Vec<String> = tally(rows.iter().map(|row| &row.cells[place]))
                .into_iter()
                .map(|of| format!("{} {}", look(of.0).symbol, said(of)))
                .collect();
            let _ = write!(out, " {} |", words.join(", "));
        }
        out.push('\n');
    }
}

/// A block for each failure.
fn blocks(out: &mut String, table: &Table<'_>, problems: &[Problem<'_>], live: &Live) {
    let told = told(problems, live);
    for (number, problem) in problems[..told].iter().enumerate() {
        let column = &table.columns[problem.column];
        let _ = write!(
            out,
            "\n### <a id=\"failure-{}\"></a>{} `{}` in {}\n\n{}.\n",
            number + 1,
            problem.symbol(),
            problem.name(),
            escape(&column.label),
            escape(&problem.detail())
        );
        match &problem.kind {
            Kind::Unexpected { row, code, .. } => {
                unexpected(out, table, problem.column, (row, code), live);
            }
            Kind::Stale { row, instance, .. } => {
                for known in table.results.known(column.subject, &row.requirement.id) {
                    let _ = writeln!(
                        out,
                        "\nListed: {} ({}).",
                        escape(&known.code),
                        escape(&known.r#where)
                    );
                }
                let _ = writeln!(
                    out,
                    "It conforms in `{instance}`: narrow or remove the entry."
                );
            }
            Kind::Unseen(_) => *out += "\nRemove the entry.\n",
            Kind::Unsupported { cases, .. } => {
                let mut names = cases.clone();
                names.dedup();
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(
                    out,
                    "\nIn {}. List it under `[[missing]]` in the expectations.",
                    names.join(", ")
                );
            }
            Kind::NotJudged { .. } => {
                let again = live.reproduce(table.results, problem.column, &[problem.name()]);
                let _ = writeln!(out, "\n```sh\n{again}\n```");
            }
        }
    }
    if told < problems.len() {
        let _ = writeln!(
            out,
            "\nAnd {}: `lastword report RESULTS --format markdown --all`.",
            count(problems.len() - told, "more block", "more blocks")
        );
    }
}

fn unexpected(
    out: &mut String,
    table: &Table<'_>,
    place: usize,
    (row, code): (&Row<'_>, &str),
    live: &Live,
) {
    let requirement = row.requirement;
    let _ = writeln!(
        out,
        "\n{} ({}) {}",
        escape(&requirement.says),
        source(&requirement.sections, &requirement.level),
        escape(&requirement.why)
    );
    let all = table.shown(place, &requirement.id, code);
    let Some(shown) = all.first() else { return };
    if !shown.lines.is_empty() {
        // Within a block of code nothing can be escaped.
        let label = table.columns[place].pictured.replace(['<', '>', '`'], "?");
        let _ = write!(out, "\n```text\n{}```\n", excerpt(shown, &label));
    }
    let ids: Vec<&str> = shown
        .against
        .as_deref()
        .into_iter()
        .chain([shown.instance.as_str()])
        .collect();
    let again = live.reproduce(table.results, place, &ids);
    let _ = writeln!(out, "\n```sh\n{again}\n```");
}

fn known(out: &mut String, table: &Table<'_>) {
    let mut rows = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        let subject = column.subject;
        for (row, cell) in table.column(place) {
            for ((code, outcome), times) in &cell.codes {
                if *outcome != Outcome::KnownDeviation {
                    continue;
                }
                let id = &row.requirement.id;
                let reason = table.results.known(subject, id).find(|k| k.code == *code);
                rows.push(format!(
                    "| `{id}` | {code} | {} | {times} | {} |\n",
                    escape(&column.label),
                    reason.map_or_else(String::new, |known| escape(&known.reason)),
                ));
            }
        }
    }
    if !rows.is_empty() {
        let _ = write!(
            out,
            "\n<details><summary>{}</summary>\n\n| requirement | code | subject | instances | \
             reason |\n|---|---|---|---|---|\n{}\n</details>\n",
            count(rows.len(), "known deviation", "known deviations"),
            rows.concat()
        );
    }
}

/// Foreign text, so that it stays text and in its cell.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
