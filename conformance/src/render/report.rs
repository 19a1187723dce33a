//! The report at the end of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use closure::{Outcome, requirements};

use crate::instances;
use crate::run::{Ready, Settings, Summary};

use super::failure;
use super::text::{bar, count, thousands};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

pub(crate) const fn coloured(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// How wide a report may be.
pub(crate) const WIDTH: usize = 100;

/// Who is examined, and how.
pub fn head(subjects: &[Ready], settings: Settings) -> String {
    let mut out = format!(
        "{BOLD}lastword {}{BOLD:#}   seed {}   {}{}\n",
        env!("CARGO_PKG_VERSION"),
        settings.seed,
        count(settings.workers, "worker", "workers"),
        match settings.profile == closure::Profile::default() {
            true => String::new(),
            false => format!("   profile {}", settings.profile),
        }
    );
    for ready in subjects {
        let hello = &ready.hello;
        let versions: Vec<&str> = hello
            .versions
            .iter()
            .map(|version| match version {
                protocol::Version::Tls12 => "1.2",
                protocol::Version::Tls13 => "1.3",
            })
            .collect();
        let one_line = |text: &str| crate::shim::one_line(text);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  {} {} {}   {}, TLS {}, assertions {}",
            one_line(&hello.implementation),
            one_line(&hello.version),
            one_line(&hello.api),
            one_line(&hello.crypto),
            versions.join(" + "),
            match hello.build.debug_assertions {
                true => "on",
                false => "off",
            }
        );
    }
    out
}

/// The table, what went wrong, and what is known to be wrong. `narrow`: only a part was selected.
pub fn summary(summary: &Summary, subjects: &[Ready], narrow: bool) -> String {
    let mut out = String::new();
    for subject in 0..subjects.len() {
        if let (true, Some(ready)) = (subjects.len() > 1, subjects.get(subject)) {
            let _ = write!(out, "\n  {BOLD}{}{BOLD:#}\n", named(ready, subjects));
        } else {
            out.push('\n');
        }
        table(&mut out, summary, subject);
    }
    let _ = writeln!(out, "  {DIM}{}{DIM:#}", "-".repeat(WIDTH - 4));
    totals(&mut out, summary);
    known(&mut out, summary, subjects);
    out.push_str(&failure::blocks(summary, subjects));
    closing(&mut out, summary, narrow);
    out
}

/// The subject's name, and its build where another one differs in nothing else.
pub(crate) fn named(ready: &Ready, subjects: &[Ready]) -> String {
    let name = &ready.subject.name;
    let same = |other: &&Ready| other.subject.name == *name;
    match subjects.iter().filter(same).count() {
        0 | 1 => name.clone(),
        _ => format!("{name}, {}", instances::build_of(&ready.hello)),
    }
}

/// A row for each family with anything judged.
fn table(out: &mut String, summary: &Summary, subject: usize) {
    let mut order: Vec<&str> = Vec::new();
    for requirement in requirements::all() {
        if !order.contains(&requirement.family()) {
            order.push(requirement.family());
        }
    }
    let mut touched: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in summary.instances.iter().filter(|i| i.subject == subject) {
        let ids = instance.held.iter().copied();
        let ids = ids.chain(instance.found.iter().map(|found| found.requirement.id));
        let families: BTreeSet<&str> = ids.map(family).collect();
        for family in families {
            *touched.entry(family).or_default() += 1;
        }
    }
    let wide = order.iter().map(|family| family.len()).max().unwrap_or(0);
    for name in order {
        let standings: Vec<Outcome> = summary
            .standings
            .iter()
            .filter(|((of, id), _)| *of == subject && family(id) == name)
            .map(|(_, standing)| standing.worst())
            .collect();
        if standings.is_empty() {
            continue;
        }
        let fine = standings
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Ok | Outcome::Behaviour))
            .count();
        let remarks = remarks(&standings);
        let _ = writeln!(
            out,
            "  {name:wide$}  {:>4} {:14} {:>6} {:9}  {}{}",
            standings.len(),
            if standings.len() == 1 {
                "requirement"
            } else {
                "requirements"
            },
            thousands(touched.get(name).copied().unwrap_or(0)),
            "instances",
            bar(fine, standings.len(), 20),
            match remarks.is_empty() {
                true => String::new(),
                false => format!("  {remarks}"),
            }
        );
    }
}

/// The outcomes that are worth a word in the table, with their numbers.
fn remarks(standings: &[Outcome]) -> String {
    const SHOWN: [(Outcome, &str, &str); 7] = [
        (Outcome::Regression, "regression", "regressions"),
        (Outcome::StaleExpectation, "stale", "stale"),
        (
            Outcome::KnownDeviation,
            "known deviation",
            "known deviations",
        ),
        (Outcome::Variation, "variation", "variations"),
        (Outcome::Blocked, "blocked", "blocked"),
        (Outcome::NotCompared, "not compared", "not compared"),
        (Outcome::Behaviour, "behaviour noted", "behaviours noted"),
    ];
    let words: Vec<String> = SHOWN
        .iter()
        .filter_map(|(outcome, one, many)| {
            let n = standings
                .iter()
                .filter(|standing| *standing == outcome)
                .count();
            let style = match outcome {
                Outcome::Regression => coloured(AnsiColor::Red),
                Outcome::StaleExpectation => coloured(AnsiColor::Yellow),
                _ => Style::new(),
            };
            (n > 0).then(|| format!("{style}{}{style:#}", count(n, one, many)))
        })
        .collect();
    words.join(", ")
}

fn family(id: &str) -> &str {
    id.split_once('.').map_or(id, |(family, _)| family)
}

fn totals(out: &mut String, summary: &Summary) {
    let ids: BTreeSet<&str> = summary.standings.keys().map(|(_, id)| *id).collect();
    let cases: BTreeSet<&str> = summary.instances.iter().map(|i| i.case).collect();
    let _ = writeln!(
        out,
        "  {}, {}, {}, {} of them distinct, in {:.1} s",
        count(ids.len(), "requirement", "requirements"),
        count(cases.len(), "case", "cases"),
        count(summary.instances.len(), "instance", "instances"),
        thousands(summary.distinct()),
        summary.elapsed.as_secs_f64(),
    );
    let of = |wanted: &[Outcome]| {
        summary
            .standings
            .values()
            .filter(|standing| wanted.contains(&standing.worst()))
            .count()
    };
    let unsupported = summary
        .instances
        .iter()
        .filter(|instance| instance.unsupported.is_some())
        .count();
    let _ = writeln!(
        out,
        "  {} conform, {}, {}, {} noted, {} unsupported",
        thousands(of(&[Outcome::Ok])),
        count(
            of(&[Outcome::KnownDeviation]),
            "known deviation",
            "known deviations"
        ),
        count(of(&[Outcome::Variation]), "variation", "variations"),
        count(of(&[Outcome::Behaviour]), "behaviour", "behaviours"),
        count(unsupported, "instance", "instances"),
    );
}

/// The known deviations, compactly.
fn known(out: &mut String, summary: &Summary, subjects: &[Ready]) {
    let mut lines = Vec::new();
    for ((subject, id), standing) in &summary.standings {
        let Some(ready) = subjects.get(*subject) else {
            continue;
        };
        for ((code, outcome), times) in &standing.codes {
            if *outcome != Outcome::KnownDeviation {
                continue;
            }
            let name = match subjects.len() {
                1 => String::new(),
                _ => format!("{}  ", named(ready, subjects)),
            };
            lines.push(format!(
                "    {name}{id:38}  {code:17} {DIM}{}{DIM:#}\n",
                count(*times, "instance", "instances"),
            ));
        }
    }
    if !lines.is_empty() {
        let _ = write!(
            out,
            "\n  {BOLD}known deviations{BOLD:#}, with reason and link: lastword explain REQUIREMENT\n{}",
            lines.concat()
        );
    }
}

fn closing(out: &mut String, summary: &Summary, narrow: bool) {
    let regressions = summary
        .standings
        .values()
        .filter(|standing| standing.outcomes.contains_key(&Outcome::Regression))
        .count();
    out.push('\n');
    if summary.interrupted {
        let yellow = coloured(AnsiColor::Yellow);
        let _ = writeln!(
            out,
            "  {yellow}interrupted{yellow:#}: this is what was known by then"
        );
    }
    let faults = summary.faults().count();
    if faults > 0 {
        let red = coloured(AnsiColor::Red);
        let said = count(faults, "instance", "instances");
        let _ = writeln!(out, "  {red}{said} could not be judged{red:#}");
    }
    match regressions {
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
    if narrow {
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
    let total: std::time::Duration = times.iter().map(|(_, time)| time.cpu).sum();
    let wall: std::time::Duration = times.iter().map(|(_, time)| time.wall).sum();
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
            instances::id(instance.case, &instance.axes)
        );
    }
    out
}
