//! The report at the end of a run, for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use closure::Outcome;

use super::table::Table;
use super::text::{bar, count, thousands, width};
use super::{Live, failure, look, version_word};
use crate::results::{Results, SubjectFacts};
use crate::run::{Summary, Time};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

pub(crate) const fn coloured(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// At most so many known deviations are listed, unless all are asked for.
const KNOWN: usize = 6;

/// Who is examined, and how.
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
        let one_line = |text: &str| crate::shim::one_line(text);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  {} {} {}   {}, TLS {}, assertions {}",
            one_line(&subject.implementation),
            one_line(&subject.version),
            one_line(&subject.api),
            one_line(&subject.crypto),
            versions.join(" + "),
            match subject.build == closure::Build::Assertions.to_string() {
                true => "on",
                false => "off",
            }
        );
    }
    out
}

/// The table, what is known to be wrong, and what went wrong.
pub fn summary(results: &Results, live: &Live) -> String {
    let table = Table::new(results);
    let mut out = String::from("\n");
    families(&mut out, &table);
    let _ = writeln!(out, "  {DIM}{}{DIM:#}", "-".repeat(width() - 4));
    totals(&mut out, &table, live);
    known(&mut out, &table, live);
    out.push_str(&failure::blocks(&table, live));
    closing(&mut out, &table, live);
    out
}

/// A row for each family with anything judged, of all subjects together: which of them stands how
/// is told below, and by the matrix.
fn families(out: &mut String, table: &Table<'_>) {
    let all = table.families();
    let wide = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let _ = writeln!(out, "  {:wide$}  requirements  instances", "");
    for (name, rows) in all {
        let asked = rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let asked = asked.count();
        if asked == 0 {
            continue;
        }
        let standings: Vec<Outcome> = rows
            .iter()
            .flat_map(|row| &row.cells)
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.worst())
            .collect();
        let fine = standings
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Ok | Outcome::Behaviour))
            .count();
        let judges = |id: &str| id.split_once('.').is_some_and(|(family, _)| family == name);
        let touched = table
            .instances
            .iter()
            .filter(|played| {
                let held = played.instance.held.iter();
                let held = held.filter_map(|place| table.results.requirements.get(*place));
                let mut ids = held
                    .map(|requirement| requirement.id.as_str())
                    .chain(played.instance.found.iter().map(|f| f.requirement.as_str()));
                ids.any(judges)
            })
            .count();
        let remarks = remarks(&standings);
        let _ = writeln!(
            out,
            "  {name:wide$}  {asked:>12}  {:>9}  {}{}",
            thousands(touched),
            bar(fine, standings.len(), 20),
            match remarks.is_empty() {
                true => String::new(),
                false => format!("  {remarks}"),
            }
        );
    }
}

/// The outcomes that are worth a word in the table, with their numbers: what is only noted is not.
fn remarks(standings: &[Outcome]) -> String {
    let words: Vec<String> = Outcome::ALL
        .into_iter()
        .rev()
        .filter(|outcome| !matches!(outcome, Outcome::Ok | Outcome::Behaviour))
        .filter_map(|outcome| {
            let of = standings.iter().filter(|standing| **standing == outcome);
            let n = of.count();
            let style = match outcome {
                Outcome::Regression => coloured(AnsiColor::Red),
                Outcome::StaleExpectation => coloured(AnsiColor::Yellow),
                _ => Style::new(),
            };
            let look = look(outcome);
            (n > 0).then(|| format!("{style}{}{style:#}", count(n, look.one, look.many)))
        })
        .collect();
    words.join(", ")
}

fn totals(out: &mut String, table: &Table<'_>, live: &Live) {
    let results = table.results;
    let _ = write!(
        out,
        "  {}, {}, {}",
        count(table.rows.len(), "requirement", "requirements"),
        count(table.cases(), "case", "cases"),
        count(results.instances.len(), "instance", "instances"),
    );
    if let Some(distinct) = results.distinct {
        let _ = write!(out, ", {} of them distinct", thousands(distinct));
    }
    let unsupported = results.instances.iter().filter(|i| i.unsupported.is_some());
    match unsupported.count() {
        0 => {}
        n => _ = write!(out, ", {} unsupported", thousands(n)),
    }
    if let Some(elapsed) = live.elapsed {
        let _ = write!(out, ", in {:.1} s", elapsed.as_secs_f64());
    }
    out.push('\n');
    comparisons(out, table);
    let wide = table.columns.iter().map(|column| column.name.len()).max();
    for (place, column) in table.columns.iter().enumerate() {
        let of = |wanted: Outcome| table.standing(place, &[wanted]);
        let name = match table.columns.len() {
            1 => String::new(),
            _ => format!("{:1$}  ", column.name, wide.unwrap_or(0)),
        };
        let _ = writeln!(
            out,
            "  {name}{} conform, {}, {}, {} noted",
            thousands(of(Outcome::Ok)),
            count(
                of(Outcome::KnownDeviation),
                "known deviation",
                "known deviations"
            ),
            count(of(Outcome::Variation), "variation", "variations"),
            count(of(Outcome::Behaviour), "behaviour", "behaviours"),
        );
    }
}

/// What group rules have compared: instances of a case that must not differ in what they show.
fn comparisons(out: &mut String, table: &Table<'_>) {
    let mut worst: BTreeMap<_, Outcome> = BTreeMap::new();
    for group in &table.results.groups {
        let Some(outcome) = Outcome::find(&group.outcome) else {
            continue;
        };
        // One that differs in several instances is there several times.
        let of = (
            (&group.subject, &group.build, &group.requirement),
            (&group.case, group.role, group.version),
        );
        let kept = worst.entry(of).or_insert(outcome);
        *kept = outcome.max(*kept);
    }
    let of = |wanted: Outcome| worst.values().filter(|outcome| **outcome == wanted).count();
    let (alike, alone) = (of(Outcome::Ok), of(Outcome::NotCompared));
    let made = worst.len() - alone;
    if made == 0 {
        return;
    }
    let mut said = format!("{} alike", thousands(alike));
    if alike < made {
        said += &format!(", {} different", thousands(made - alike));
    }
    if alone > 0 {
        said += &format!("; {} more with nothing to compare", thousands(alone));
    }
    let _ = writeln!(
        out,
        "  {}: {said}",
        count(made, "comparison of instances", "comparisons of instances"),
    );
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
    let more = match live.all {
        true => 0,
        false => lines.len().saturating_sub(KNOWN),
    };
    lines.truncate(lines.len() - more);
    let _ = write!(
        out,
        "\n  {BOLD}known deviations{BOLD:#}, with reason and link: lastword explain REQUIREMENT\n{}",
        lines.concat()
    );
    if more > 0 {
        let _ = writeln!(out, "    and {more} more, with --all");
    }
}

fn closing(out: &mut String, table: &Table<'_>, live: &Live) {
    let results = table.results;
    out.push('\n');
    if results.interrupted {
        let yellow = coloured(AnsiColor::Yellow);
        let _ = writeln!(
            out,
            "  {yellow}interrupted{yellow:#}: this is what was known by then"
        );
    }
    let faults = results.instances.iter().filter(|i| i.fault.is_some());
    let faults = faults.count();
    if faults > 0 {
        let red = coloured(AnsiColor::Red);
        let said = count(faults, "instance", "instances");
        let _ = writeln!(out, "  {red}{said} could not be judged{red:#}");
    }
    match table.regressed() {
        0 => {
            let green = coloured(AnsiColor::Green);
            let _ = writeln!(out, "  {green}no regressions{green:#}");
        }
        n => {
            let red = coloured(AnsiColor::Red);
            let said = count(
                n,
                "requirement has regressed",
                "requirements have regressed",
            );
            let _ = writeln!(out, "  {red}{said}{red:#}");
        }
    }
    if let Some(failures) = &live.failures {
        let more = match live.left_out {
            0 => String::new(),
            n => format!("; {} more with --all", thousands(n)),
        };
        let _ = writeln!(
            out,
            "  {DIM}scripts, transcripts and captures of what failed are in {}{more}{DIM:#}",
            failures.display()
        );
    }
    if results.narrow {
        // Everything that matched was run, but an expectation elsewhere may be stale.
        let _ = writeln!(out, "  {DIM}only a part was selected{DIM:#}");
    }
}

/// How long instances took.
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
