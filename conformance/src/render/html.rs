//! One page that needs nothing but itself.

use std::collections::BTreeMap;

use askama::Template;
use closure::Outcome;

use super::failure::relevant;
use super::table::{Cell, Row, Table};
use super::text::count;
use super::{Live, look, role_word, source, svg, version_word};
use crate::exit::{Exit, Failure};
use crate::results::{CaseFacts, Results, Shown, SubjectFacts};

/// At most so many instances are named for one outcome of a requirement.
const NAMED: usize = 12;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    version: &'a str,
    date: &'a str,
    seed: u64,
    profile: &'a str,
    interrupted: bool,
    narrow: bool,
    requirements: String,
    cases_count: String,
    instances: String,
    verdicts: Vec<Verdict>,
    legend: Vec<Mark>,
    levels: Vec<&'a str>,
    columns: Vec<String>,
    families: Vec<Family<'a>>,
    cases: &'a [CaseFacts],
    outcomes: String,
    css: &'static str,
    js: &'static str,
}

/// A sentence on a subject.
struct Verdict {
    label: String,
    sentence: String,
    share: Vec<(&'static str, usize)>,
    facts: String,
    bad: bool,
}

/// How an outcome looks.
#[derive(serde::Serialize)]
struct Mark {
    name: &'static str,
    class: &'static str,
    symbol: char,
    word: &'static str,
}

struct Family<'a> {
    name: &'a str,
    rows: Vec<Section<'a>>,
}

/// All about a requirement.
struct Section<'a> {
    id: &'a str,
    level: &'a str,
    says: &'a str,
    why: &'a str,
    sections: Vec<(&'a str, String)>,
    binding: String,
    applies: String,
    codes: Vec<(&'a str, &'a str)>,
    cells: Vec<Standing<'a>>,
    cases_count: String,
    cases: Vec<(&'a str, Vec<String>)>,
    notable: Vec<Notable<'a>>,
    shown: Vec<Exhibit<'a>>,
}

/// How it stands with a subject.
struct Standing<'a> {
    column: String,
    class: &'static str,
    symbol: char,
    word: &'static str,
    /// How many instances of how many.
    detail: String,
    sentence: String,
    /// `client,1.3:2` for each role and version: the place of the worst outcome in its order.
    by: String,
    known: Vec<Known<'a>>,
}

struct Known<'a> {
    code: &'a str,
    where_: &'a str,
    reason: &'a str,
    link: &'a str,
    /// Where it leads, if that is known.
    target: Option<String>,
}

/// Instances in which something was found.
struct Notable<'a> {
    summary: String,
    instances: Vec<&'a str>,
    more: usize,
}

/// A transcript.
struct Exhibit<'a> {
    open: bool,
    class: &'static str,
    symbol: char,
    code: &'a str,
    column: &'a str,
    instance: &'a str,
    against: &'a str,
    said: &'a str,
    svg: String,
    reproduce: String,
}

/// The page. `date` is that of the run or of the page, and may be empty.
///
/// # Errors
///
/// If the page cannot be made, which would be a mistake of this program.
pub fn page(results: &Results, live: &Live, date: &str) -> Result<String, Failure> {
    let table = Table::new(results);
    let columns: Vec<String> = table.columns.iter().map(|c| c.label.clone()).collect();
    let mut families = Vec::new();
    for (name, rows) in table.families() {
        let rows: Result<Vec<_>, _> = rows
            .into_iter()
            .map(|row| section(&table, row, &columns, live))
            .collect();
        families.push(Family { name, rows: rows? });
    }
    let mut levels: Vec<&str> = Vec::new();
    for requirement in &results.requirements {
        if !levels.contains(&requirement.level.as_str()) {
            levels.push(&requirement.level);
        }
    }
    let strange = |problem: String| Failure::new(Exit::Internal, problem);
    let marks: Vec<Mark> = Outcome::ALL.into_iter().map(mark).collect();
    // Within a script element a slash may not follow a less-than sign.
    let outcomes = serde_json::to_string(&marks)
        .map_err(|error| strange(error.to_string()))?
        .replace('<', "\\u003c");
    let seen = |outcome: &Outcome| {
        let mut cells = table.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.by.values().any(|worst| worst == outcome))
    };
    let page = Page {
        title: format!("lastword: {}", columns.join(", ")),
        version: &results.version,
        date,
        seed: results.seed,
        profile: &results.profile,
        interrupted: results.interrupted,
        narrow: results.narrow,
        requirements: count(table.rows.len(), "requirement", "requirements"),
        cases_count: count(results.cases.len(), "case", "cases"),
        instances: count(results.instances.len(), "instance", "instances"),
        verdicts: (0..table.columns.len())
            .map(|column| verdict(&table, column))
            .collect(),
        legend: Outcome::ALL
            .into_iter()
            .rev()
            .filter(seen)
            .map(mark)
            .collect(),
        levels,
        columns,
        families,
        cases: &results.cases,
        outcomes,
        css: include_str!("../../templates/report.css"),
        js: include_str!("../../templates/report.js"),
    };
    page.render()
        .map_err(|error| strange(format!("cannot make the page: {error}")))
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Regression
        | Outcome::UndeclaredUnsupported
        | Outcome::StaleExpectation
        | Outcome::DeclaredMissingButWorks => "bad",
        Outcome::KnownDeviation => "known",
        Outcome::Variation => "vary",
        Outcome::Behaviour => "note",
        Outcome::Unsupported | Outcome::Blocked | Outcome::NotCompared => "none",
    }
}

fn mark(outcome: Outcome) -> Mark {
    let look = look(outcome);
    Mark {
        name: outcome.name(),
        class: class(outcome),
        symbol: look.symbol,
        word: look.one,
    }
}

/// How a subject stands, in a sentence: what matters most first.
pub(super) fn sentence(table: &Table<'_>, column: usize) -> String {
    let all = table.column(column).count();
    let fine = table.standing(column, &[Outcome::Ok, Outcome::Behaviour]);
    let mut parts = Vec::new();
    for outcome in Outcome::ALL.into_iter().rev() {
        let n = table.standing(column, &[outcome]);
        if n > 0 && !matches!(outcome, Outcome::Ok | Outcome::Behaviour) {
            let look = look(outcome);
            parts.push(count(n, look.one, look.many));
        }
    }
    let regressed = table.standing(column, &[Outcome::Regression]);
    if regressed == 0 {
        parts.insert(0, "no regressions".into());
    }
    format!(
        "{fine} of {} hold; {}.",
        count(all, "requirement", "requirements"),
        parts.join(", ")
    )
}

fn verdict(table: &Table<'_>, column: usize) -> Verdict {
    let subject = table.columns[column].subject;
    let mut share: Vec<(&'static str, usize)> = Vec::new();
    for outcome in Outcome::ALL {
        let n = table.standing(column, &[outcome]);
        let class = class(outcome);
        match share.iter_mut().find(|(name, _)| *name == class) {
            Some((_, sum)) => *sum += n,
            None => share.push((class, n)),
        }
    }
    share.retain(|(_, n)| *n > 0);
    let order = ["ok", "note", "vary", "none", "known", "bad"];
    share.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
    let versions: Vec<_> = subject.versions.iter().map(|v| version_word(*v)).collect();
    Verdict {
        label: table.columns[column].label.clone(),
        sentence: sentence(table, column),
        bad: share.iter().any(|(name, _)| *name == "bad"),
        share,
        facts: format!("{}, TLS {}", subject.crypto, versions.join(" and ")),
    }
}

fn section<'a>(
    table: &'a Table<'a>,
    row: &'a Row<'a>,
    columns: &[String],
    live: &Live,
) -> Result<Section<'a>, Failure> {
    let requirement = row.requirement;
    let mut cases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (place, cell) in row.cells.iter().enumerate() {
        for (case, outcomes) in &cell.cases {
            let of = cases
                .entry(case)
                .or_insert_with(|| vec![String::new(); row.cells.len()]);
            of[place] = outcomes
                .iter()
                .rev()
                .map(|(outcome, n)| format!("{} {} {n}", look(*outcome).symbol, look(*outcome).one))
                .collect::<Vec<_>>()
                .join(", ");
        }
    }
    let mut shown = Vec::new();
    let mut notable = Vec::new();
    for (place, cell) in row.cells.iter().enumerate() {
        notable.extend(remarkable(cell, &table.columns[place].name));
        let mut exhibits = Vec::new();
        for (code, outcome) in cell.codes.keys() {
            for one in table.shown(place, &requirement.id, code) {
                exhibits.push((*outcome, one));
            }
        }
        exhibits.sort_by_key(|(outcome, _)| std::cmp::Reverse(*outcome));
        exhibits.dedup_by_key(|(_, one)| std::ptr::from_ref::<Shown>(*one));
        for (i, (outcome, one)) in exhibits.into_iter().enumerate() {
            let deviates = outcome >= Outcome::KnownDeviation;
            shown.push(exhibit(
                table,
                place,
                outcome,
                one,
                i == 0 && deviates,
                live,
            )?);
        }
    }
    let applies = match (&requirement.roles[..], &requirement.versions[..]) {
        ([], _) | (_, []) => String::new(),
        (roles, versions) => format!(
            "{} in TLS {}",
            joined(roles.iter().map(|role| role_word(*role))),
            joined(versions.iter().map(|version| version_word(*version)))
        ),
    };
    Ok(Section {
        id: &requirement.id,
        level: &requirement.level,
        says: &requirement.says,
        why: &requirement.why,
        sections: requirement
            .sections
            .iter()
            .map(|section| (section.as_str(), link(section)))
            .collect(),
        binding: source(&[], &requirement.level),
        applies,
        codes: requirement
            .codes
            .iter()
            .map(|code| {
                let weight = match code.grade.as_str() {
                    "deviates" => "a deviation",
                    "variation" => "a variation",
                    _ => "noted",
                };
                (code.name.as_str(), weight)
            })
            .collect(),
        cells: row
            .cells
            .iter()
            .enumerate()
            .map(|(place, cell)| standing(table, row, place, cell, &columns[place]))
            .collect(),
        cases_count: count(cases.len(), "case", "cases"),
        cases: cases.into_iter().collect(),
        notable,
        shown,
    })
}

fn standing<'a>(
    table: &'a Table<'a>,
    row: &'a Row<'a>,
    place: usize,
    cell: &Cell<'a>,
    column: &str,
) -> Standing<'a> {
    let worst = cell.worst();
    let look = look(worst);
    let worse = cell.outcomes.get(&worst).copied().unwrap_or(0);
    let place_of = |outcome: &Outcome| {
        let place = Outcome::ALL.iter().position(|known| known == outcome);
        place.unwrap_or_default()
    };
    let by: Vec<String> = cell
        .by
        .iter()
        .map(|((role, version), outcome)| {
            format!(
                "{},{}:{}",
                role_word(*role),
                version_word(*version),
                place_of(outcome)
            )
        })
        .collect();
    let codes: Vec<String> = cell
        .codes
        .iter()
        .map(|((code, _), n)| format!("{code} in {n}"))
        .collect();
    let judged = count(cell.judged(), "instance", "instances");
    Standing {
        column: column.to_owned(),
        class: class(worst),
        symbol: look.symbol,
        word: look.one,
        detail: match worse == cell.judged() {
            true => worse.to_string(),
            false => format!("{worse} of {}", cell.judged()),
        },
        sentence: match codes.is_empty() {
            true => format!("in {judged}"),
            false => format!("{} of {judged}", codes.join(", ")),
        },
        by: by.join(" "),
        known: table
            .results
            .known(table.columns[place].subject, &row.requirement.id)
            .map(|known| Known {
                code: &known.code,
                where_: &known.r#where,
                reason: &known.reason,
                link: &known.link,
                target: target(table.columns[place].subject, &known.link),
            })
            .collect(),
    }
}

/// What is not simply as it should be, by what was found.
fn remarkable<'a>(cell: &Cell<'a>, column: &str) -> Vec<Notable<'a>> {
    let mut by: BTreeMap<(Outcome, Option<&str>), Vec<&'a str>> = BTreeMap::new();
    for (instance, code, outcome) in &cell.notable {
        by.entry((*outcome, *code)).or_default().push(instance);
    }
    by.into_iter()
        .rev()
        .map(|((outcome, code), mut instances)| {
            let n = instances.len();
            instances.truncate(NAMED);
            Notable {
                summary: format!(
                    "{column}: {}{} in {}",
                    look(outcome).one,
                    code.map_or_else(String::new, |code| format!(", {code},")),
                    count(n, "instance", "instances")
                ),
                more: n - instances.len(),
                instances,
            }
        })
        .collect()
}

fn exhibit<'a>(
    table: &'a Table<'a>,
    place: usize,
    outcome: Outcome,
    shown: &'a Shown,
    open: bool,
    live: &Live,
) -> Result<Exhibit<'a>, Failure> {
    let ids: Vec<&str> = shown
        .against
        .as_deref()
        .into_iter()
        .chain([shown.instance.as_str()])
        .collect();
    let label = format!("{} in {}", shown.code, shown.instance);
    Ok(Exhibit {
        open,
        class: class(outcome),
        symbol: look(outcome).symbol,
        code: &shown.code,
        column: &table.columns[place].name,
        instance: &shown.instance,
        against: shown.against.as_deref().unwrap_or_default(),
        said: shown.said.as_deref().unwrap_or_default(),
        svg: match shown.lines.is_empty() {
            true => String::new(),
            false => svg::draw(&relevant(shown), &label)?,
        },
        reproduce: live.reproduce(table.results, place, &ids),
    })
}

/// Where the link of an expectation leads. The expectations of the subjects that are part of this
/// program name pages of its repository; what the path in a file of somebody else's is relative to,
/// nobody but its author knows.
fn target(subject: &SubjectFacts, link: &str) -> Option<String> {
    let ours = !["--shim", "--expectations"]
        .iter()
        .any(|option| subject.arguments.contains(option));
    match link {
        _ if link.starts_with("https://") => Some(link.to_owned()),
        _ if ours && link.starts_with("docs/") => {
            let repository = env!("CARGO_PKG_REPOSITORY");
            Some(format!("{repository}/blob/main/{link}"))
        }
        _ => None,
    }
}

/// Where a section can be read: `RFC 8446 6.1` is in the RFC Editor's text.
fn link(section: &str) -> String {
    let mut words = section.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some("RFC"), Some(number), Some(section))
            if number.chars().all(|c| c.is_ascii_digit()) =>
        {
            let kind = match section.starts_with(|c: char| c.is_ascii_digit()) {
                true => "section",
                false => "appendix",
            };
            format!("https://www.rfc-editor.org/rfc/rfc{number}#{kind}-{section}")
        }
        _ => String::new(),
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" and ")
}
