//! The report at the end of a run, for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use closure::Outcome;

use super::counts::{self, family_title, said, sentence, tally};
use super::problem::{self, Problem};
use super::table::{Row, Table};
use super::text::{bar, count, one_line, thousands, width, wrap};
use super::{Live, failure, version_word};
use crate::results::{Results, SubjectFacts};
use crate::run::{Summary, Time};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

pub(crate) const fn coloured(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// At most so many known deviations are listed, unless all are asked for.
const KNOWN: usize = 6;

/// The subjects, and the settings of the run.
pub fn head(
    subjects: &[SubjectFacts],
    version: &str,
    seed: u64,
    profile: &str,
    workers: Option<usize>,
) -> String {
    let mut out = format!("{BOLD}lastword {version}{BOLD:#}   seed {seed}");
    if let Some(workers) = workers {
        out += &format!("   {}", count(workers, "worker", "workers"));
    }
    if profile != closure::Profile::default().to_string() {
        out += &format!("   profile {profile}");
    }
    out.push('\n');
    for subject in subjects {
        let versions: Vec<&str> = subject.versions.iter().map(|v| version_word(*v)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  {} {} {}   {}, TLS {}, assertions {}{}",
            one_line(&subject.implementation),
            one_line(&subject.version),
            one_line(&subject.api),
            one_line(&subject.crypto),
            versions.join(" + "),
            match subject.build == closure::Build::Assertions.to_string() {
                true => "on",
                false => "off",
            },
            match &subject.origin {
                Some(origin) => format!("\n    {}", one_line(origin)),
                None => String::new(),
            }
        );
    }
    out
}

/// The failures first, then everything else.
pub fn summary(results: &Results, live: &Live) -> String {
    let table = Table::new(results);
    let problems = problem::all(&table);
    let mut out = String::from("\n");
    out.push_str(&failure::lines(&table, &problems, live));
    out.push_str(&failure::blocks(&table, &problems, live));
    families(&mut out, &table);
    let _ = writeln!(out, "  {DIM}{}{DIM:#}", "-".repeat(width() - 4));
    totals(&mut out, &table, live);
    known(&mut out, &table, live);
    closing(&mut out, results, &problems, live);
    out
}

/// The width of the columns of the table of families that come before the remarks.
const BEFORE_REMARKS: usize = 67;

/// A row for each family, of all subjects together.
fn families(out: &mut String, table: &Table<'_>) {
    let families = table.families();
    let counts = exercised(table, &families);
    let titles: Vec<String> = families
        .iter()
        .map(|(name, _)| family_title(name))
        .collect();
    let wide = titles.iter().map(String::len).max().unwrap_or(0).max(21);
    let _ = writeln!(out, "  {:>1$}  instances", "requirements", wide + 6);
    for (((_, rows), title), exercised) in families.iter().zip(&titles).zip(counts) {
        let cells = rows.iter().flat_map(|row| &row.cells);
        let standings = tally(cells);
        let asked = rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let asked = asked.count();
        if asked == 0 {
            continue;
        }
        let of = |wanted: &[Outcome]| -> usize {
            let counted = standings.iter().filter(|(o, _)| wanted.contains(o));
            counted.map(|(_, n)| n).sum()
        };
        let fine = of(&[Outcome::Ok, Outcome::Behaviour]);
        let all = of(&Outcome::ALL);
        let remarks = remarks(&standings);
        let _ = writeln!(
            out,
            "  {title:wide$}  {asked:>4}  {:>9}  {}{}",
            thousands(exercised),
            bar(fine, all, 10),
            match remarks.is_empty() {
                true => String::new(),
                false => format!("  {remarks}"),
            }
        );
    }
}

/// The number of instances that exercise a requirement of each family, in the order of the families.
fn exercised(table: &Table<'_>, families: &[(&str, Vec<&Row<'_>>)]) -> Vec<usize> {
    let place_of = |requirement: &str| {
        let name = requirement.split_once('.').map_or("", |(name, _)| name);
        families.iter().position(|(family, _)| *family == name)
    };
    let all = table.results.requirements.iter();
    let places: Vec<_> = all.map(|requirement| place_of(&requirement.id)).collect();
    // The number of instances, and the last of them.
    let mut counts = vec![(0, usize::MAX); families.len()];
    for (number, played) in table.instances.iter().enumerate() {
        let held = played.instance.held.iter();
        let held = held.filter_map(|place| places.get(*place).copied().flatten());
        let found = played.instance.found.iter();
        let found = found.filter_map(|found| place_of(&found.requirement));
        for place in held.chain(found) {
            let (count, last) = &mut counts[place];
            if *last != number {
                *count += 1;
                *last = number;
            }
        }
    }
    counts.into_iter().map(|(count, _)| count).collect()
}

/// The outcomes that are worth a word in the table, with their numbers, in lines that fit.
fn remarks(standings: &[(Outcome, usize)]) -> String {
    let room = width().saturating_sub(BEFORE_REMARKS).max(20);
    let mut out = String::new();
    let mut column = 0;
    let worth =
        |(outcome, _): &&(Outcome, usize)| !matches!(outcome, Outcome::Ok | Outcome::Behaviour);
    for (outcome, n) in standings.iter().filter(worth) {
        let style = match outcome {
            Outcome::Regression => coloured(AnsiColor::Red),
            Outcome::StaleExpectation => coloured(AnsiColor::Yellow),
            _ => Style::new(),
        };
        let word = said((*outcome, *n));
        if column > 0 && column + 2 + word.len() > room {
            out += &format!(",\n{}", " ".repeat(BEFORE_REMARKS));
            column = 0;
        } else if column > 0 {
            out += ", ";
            column += 2;
        }
        column += word.len();
        out += &format!("{style}{word}{style:#}");
    }
    out
}

fn totals(out: &mut String, table: &Table<'_>, live: &Live) {
    let said: Vec<String> = counts::totals(table).into_iter().map(|(_, s)| s).collect();
    let _ = write!(out, "  {}", said.join(", "));
    if let Some(elapsed) = live.elapsed {
        let _ = write!(out, ", in {:.1} s", elapsed.as_secs_f64());
    }
    out.push('\n');
    if let Some(comparisons) = counts::comparisons(table) {
        let _ = writeln!(out, "  {comparisons}");
    }
    let wide = table.columns.iter().map(|column| column.name.len()).max();
    let wide = wide.unwrap_or(0);
    for (place, column) in table.columns.iter().enumerate() {
        let sentence = sentence(table, place);
        let _ = match table.columns.len() {
            1 => writeln!(out, "  {}", wrap(&sentence, width(), 2)),
            _ => writeln!(
                out,
                "  {:wide$}  {}",
                column.name,
                wrap(&sentence, width(), wide + 4)
            ),
        };
        if let Some(excuses) = counts::excuses(table, place) {
            let indent = match table.columns.len() {
                1 => 2,
                _ => wide + 4,
            };
            let _ = writeln!(out, "{:indent$}{}", "", wrap(&excuses, width(), indent));
        }
    }
}

/// The known deviations, compactly.
fn known(out: &mut String, table: &Table<'_>, live: &Live) {
    let mut lines = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        for (row, cell) in table.column(place) {
            for ((code, outcome), times) in &cell.codes {
                if *outcome != Outcome::KnownDeviation {
                    continue;
                }
                let name = match table.columns.len() {
                    1 => String::new(),
                    _ => format!("{}  ", column.name),
                };
                lines.push(format!(
                    "    {name}{:38}  {code:17} {DIM}{}{DIM:#}\n",
                    row.requirement.id,
                    count(*times, "instance", "instances"),
                ));
            }
        }
    }
    if lines.is_empty() {
        return;
    }
    let all = count(lines.len(), "known deviation", "known deviations");
    let more = match live.all {
        true => 0,
        false => lines.len().saturating_sub(KNOWN),
    };
    lines.truncate(lines.len() - more);
    let _ = write!(
        out,
        "\n  {BOLD}{all}{BOLD:#}; for reason and link: lastword explain REQUIREMENT\n{}",
        lines.concat()
    );
    if more > 0 {
        let _ = writeln!(out, "    and {more} more, with --all");
    }
}

fn closing(out: &mut String, results: &Results, problems: &[Problem<'_>], live: &Live) {
    out.push('\n');
    if results.interrupted {
        let yellow = coloured(AnsiColor::Yellow);
        let _ = writeln!(
            out,
            "  {yellow}interrupted{yellow:#}: the counts are those up to the interruption"
        );
    }
    match problems.len() {
        0 => {
            let green = coloured(AnsiColor::Green);
            let _ = writeln!(out, "  {green}no unexpected deviations{green:#}");
        }
        n => {
            let red = coloured(AnsiColor::Red);
            let place = match n {
                1 => "its block is above",
                _ => "their blocks are above",
            };
            let _ = writeln!(out, "  {red}{}{red:#}; {place}", problem::sum(problems));
        }
    }
    if let Some(failures) = &live.failures {
        let more = match live.left_out {
            0 => String::new(),
            n => format!("; {} more with --all", thousands(n)),
        };
        let _ = writeln!(
            out,
            "  {DIM}scripts, transcripts and captures of failing instances are in {}{more}{DIM:#}",
            failures.display()
        );
    }
    if results.narrow {
        // Everything that matched was run, but an expectation elsewhere may be stale.
        let _ = writeln!(
            out,
            "  {DIM}only a part of the instances was selected{DIM:#}"
        );
    }
}

/// The time that instances took.
pub fn timings(summary: &Summary) -> String {
    let times = summary.times();
    let Some((_, slowest)) = times.first() else {
        return String::new();
    };
    let sum = |of: fn(&Time) -> std::time::Duration| -> std::time::Duration {
        times.iter().map(|(_, time)| of(time)).sum()
    };
    let (total, wall) = (sum(|time| time.cpu), sum(|time| time.wall));
    let n = times.len();
    let ms = |duration: std::time::Duration| duration.as_secs_f64() * 1000.0;
    let p99 = times.get(n / 100).map_or(*slowest, |(_, time)| *time);
    let mut out = format!(
        "\n  time          CPU          wall\n  total   {:>9.1} ms  {:>9.1} ms\n  mean    {:>9.2} ms  \
         {:>9.2} ms\n  p99     {:>9.2} ms  {:>9.2} ms\n  slowest by CPU\n",
        ms(total),
        ms(wall),
        ms(total) / n as f64,
        ms(wall) / n as f64,
        ms(p99.cpu),
        ms(p99.wall),
    );
    for (instance, time) in times.iter().take(5) {
        let _ = writeln!(
            out,
            "          {:>9.2} ms  {:>9.2} ms  {}",
            ms(time.cpu),
            ms(time.wall),
            cases::instances::id(instance.case, &instance.axes)
        );
    }
    out
}
