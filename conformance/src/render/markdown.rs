//! Markdown: a summary for a pull request, and the matrix for a README.

use std::fmt::Write;

use closure::Outcome;

use super::failure::excerpt;
use super::html::sentence;
use super::table::Table;
use super::text::count;
use super::{Live, look, source};
use crate::results::Results;

/// At most so many regressions are told in full, unless all are asked for: a summary of a step may
/// not be longer than a mebibyte.
const MOST: usize = 10;

/// What came of a run: verdicts, families, what went wrong, and what is known.
pub fn summary(results: &Results, live: &Live) -> String {
    let table = Table::new(results);
    // Writing to a string cannot fail.
    let mut out = format!("## lastword {}\n\n", results.version);
    if results.interrupted {
        out += "**Interrupted**: this is what was known by then.\n\n";
    }
    for (place, column) in table.columns.iter().enumerate() {
        let bad = table.standing(
            place,
            &[
                Outcome::Regression,
                Outcome::UndeclaredUnsupported,
                Outcome::StaleExpectation,
            ],
        );
        let mark = if bad > 0 { '✗' } else { '✓' };
        let _ = writeln!(
            out,
            "- {mark} **{}**: {}",
            escape(&column.label),
            sentence(&table, place)
        );
    }
    let _ = writeln!(
        out,
        "\n{}, {}, {}; seed {}, {}{}.\n",
        count(table.rows.len(), "requirement", "requirements"),
        count(table.cases(), "case", "cases"),
        count(results.instances.len(), "instance", "instances"),
        results.seed,
        results.profile,
        match results.narrow {
            true => "; only a part was selected",
            false => "",
        }
    );
    families(&mut out, &table);
    regressions(&mut out, &table, live);
    stale(&mut out, &table);
    faults(&mut out, &table);
    known(&mut out, &table);
    out
}

/// A row for each requirement and a column for each subject.
pub fn matrix(results: &Results) -> String {
    let table = Table::new(results);
    let mut out = String::from("| requirement | level |");
    for column in &table.columns {
        let _ = write!(out, " {} |", escape(&column.label));
    }
    out += "\n|---|---|";
    out += &"---|".repeat(table.columns.len());
    out.push('\n');
    for row in &table.rows {
        let requirement = row.requirement;
        let _ = write!(out, "| `{}` | {} |", requirement.id, requirement.level);
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

fn families(out: &mut String, table: &Table<'_>) {
    *out += "| family |";
    for column in &table.columns {
        let _ = write!(out, " {} |", escape(&column.label));
    }
    *out += "\n|---|";
    *out += &"---|".repeat(table.columns.len());
    out.push('\n');
    for (name, rows) in table.families() {
        let _ = write!(out, "| {name} |");
        for place in 0..table.columns.len() {
            let cells = rows.iter().map(|row| &row.cells[place]);
            let standings: Vec<Outcome> = cells
                .filter(|cell| !cell.is_empty())
                .map(|cell| cell.worst())
                .collect();
            let words: Vec<String> = Outcome::ALL
                .into_iter()
                .rev()
                .filter_map(|outcome| {
                    let n = standings.iter().filter(|one| **one == outcome).count();
                    let look = look(outcome);
                    (n > 0).then(|| format!("{} {}", look.symbol, count(n, look.one, look.many)))
                })
                .collect();
            let _ = write!(out, " {} |", words.join(", "));
        }
        out.push('\n');
    }
}

fn regressions(out: &mut String, table: &Table<'_>, live: &Live) {
    let mut blocks = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        for (row, cell) in table.column(place) {
            for ((code, outcome), times) in &cell.codes {
                if *outcome != Outcome::Regression {
                    continue;
                }
                let requirement = row.requirement;
                let mut block = format!(
                    "### ✗ `{}`: {code} in {}\n\n{} ({}). {}\n\nSeen in {}.\n\n",
                    requirement.id,
                    escape(&column.label),
                    escape(&requirement.says),
                    source(&requirement.sections, &requirement.level),
                    escape(&requirement.why),
                    count(*times, "instance", "instances"),
                );
                if let Some(shown) = table.shown(place, &requirement.id, code).first() {
                    if !shown.lines.is_empty() {
                        let _ = writeln!(block, "```text\n{}```\n", excerpt(shown));
                    }
                    let ids: Vec<&str> = shown
                        .against
                        .as_deref()
                        .into_iter()
                        .chain([shown.instance.as_str()])
                        .collect();
                    let again = live.reproduce(table.results, place, &ids);
                    let _ = writeln!(block, "```sh\n{again}\n```\n");
                }
                blocks.push(block);
            }
        }
    }
    if blocks.is_empty() {
        return;
    }
    let more = match live.all {
        true => 0,
        false => blocks.len().saturating_sub(MOST),
    };
    blocks.truncate(blocks.len() - more);
    let _ = write!(out, "\n{}", blocks.concat());
    if more > 0 {
        let _ = writeln!(
            out,
            "And {}: `lastword report RESULTS --format markdown --all`.\n",
            count(more, "more regression", "more regressions")
        );
    }
}

fn stale(out: &mut String, table: &Table<'_>) {
    let mut lines = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        let subject = column.subject;
        for (row, cell) in table.column(place) {
            if let Some(times) = cell.outcomes.get(&Outcome::StaleExpectation) {
                lines.push(format!(
                    "- `{}` in {}: listed, and conforms in {}\n",
                    row.requirement.id,
                    escape(&column.label),
                    count(*times, "instance", "instances")
                ));
            }
        }
        for stale in &table.results.stale {
            if stale.subject == subject.name && stale.build == subject.build {
                lines.push(format!(
                    "- {} in {}: {}\n",
                    escape(&stale.entry),
                    escape(&column.label),
                    stale.problem
                ));
            }
        }
    }
    if !lines.is_empty() {
        let _ = write!(
            out,
            "\n### Expectations that no longer hold\n\n{}",
            lines.concat()
        );
    }
}

fn faults(out: &mut String, table: &Table<'_>) {
    let faults: Vec<String> = table
        .instances
        .iter()
        .filter_map(|played| {
            let fault = played.instance.fault.as_ref()?;
            Some(format!("- `{}`: {}\n", played.instance.id, escape(fault)))
        })
        .collect();
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(MOST);
        let _ = write!(
            out,
            "\n### Not judged\n\n{}",
            faults[..faults.len() - more].concat()
        );
        if more > 0 {
            let _ = writeln!(out, "- and {more} more");
        }
    }
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
