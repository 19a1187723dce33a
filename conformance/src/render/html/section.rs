//! The page's section on a requirement.

use std::collections::{BTreeMap, BTreeSet};

use closure::Outcome;

use super::super::failure::relevant;
use super::super::table::{Cell, Row, Table};
use super::super::text::count;
use super::super::{Live, look, role_word, source, svg, version_word};
use super::class;
use crate::exit::Failure;
use crate::results::{Shown, SubjectFacts};

/// At most so many instances are named for one outcome of a requirement.
const NAMED: usize = 12;

/// All about a requirement.
pub(super) struct Section<'a> {
    pub(super) id: &'a str,
    pub(super) level: &'a str,
    pub(super) says: &'a str,
    pub(super) why: &'a str,
    pub(super) sections: Vec<(&'a str, String)>,
    pub(super) binding: String,
    pub(super) applies: String,
    pub(super) codes: Vec<(&'a str, &'a str)>,
    pub(super) cells: Vec<Standing<'a>>,
    pub(super) cases_count: String,
    pub(super) cases: Vec<(&'a str, Vec<String>)>,
    pub(super) notable: Vec<Notable<'a>>,
    pub(super) shown: Vec<Exhibit<'a>>,
}

/// Its outcome for a subject.
pub(super) struct Standing<'a> {
    pub(super) column: String,
    pub(super) class: &'static str,
    pub(super) symbol: char,
    pub(super) word: &'static str,
    /// The number of instances with this outcome, of all.
    pub(super) detail: String,
    pub(super) sentence: String,
    /// The excuses that replaced a verdict, counted.
    pub(super) excuses: String,
    /// `client,1.3:2` for each role and version: the place of the worst outcome in its order.
    pub(super) by: String,
    pub(super) known: Vec<Known<'a>>,
}

pub(super) struct Known<'a> {
    pub(super) code: &'a str,
    pub(super) where_: &'a str,
    pub(super) reason: &'a str,
    pub(super) link: &'a str,
    /// Where it leads, if that is known.
    pub(super) target: Option<String>,
}

/// Instances in which something was found.
pub(super) struct Notable<'a> {
    pub(super) summary: String,
    pub(super) instances: Vec<&'a str>,
    pub(super) more: usize,
}

/// A transcript.
pub(super) struct Exhibit<'a> {
    /// The id for links.
    pub(super) anchor: String,
    pub(super) open: bool,
    pub(super) class: &'static str,
    pub(super) symbol: char,
    pub(super) code: &'a str,
    pub(super) label: &'a str,
    pub(super) instance: &'a str,
    pub(super) against: &'a str,
    pub(super) said: &'a str,
    pub(super) svg: String,
    pub(super) reproduce: String,
}

/// Puts together all about a requirement.
pub(super) fn section<'a>(
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
        notable.extend(remarkable(cell, &table.columns[place].label));
        let codes: BTreeSet<&str> = cell.codes.keys().map(|(code, _)| *code).collect();
        let mut exhibits: Vec<(Outcome, &Shown)> = codes
            .iter()
            .flat_map(|code| table.shown(place, &requirement.id, code))
            .map(|one| (table.outcome(place, one).unwrap_or(Outcome::Ok), one))
            .collect();
        exhibits.sort_by_key(|(outcome, _)| std::cmp::Reverse(*outcome));
        let mut seen = BTreeSet::new();
        for (i, (outcome, one)) in exhibits.into_iter().enumerate() {
            // A link to a code leads to the first of its pictures.
            let first = seen.insert(one.code.as_str());
            let open = match outcome {
                Outcome::Regression => first,
                outcome => i == 0 && outcome >= Outcome::KnownDeviation,
            };
            let anchor = match first {
                true => anchor(place, &requirement.id, &one.code),
                false => String::new(),
            };
            shown.push(exhibit(table, place, (outcome, one), open, anchor, live)?);
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
        excuses: cell.excuses().unwrap_or_default(),
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

/// The instances in which the requirement did not simply hold, by code.
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

/// The id of the first picture that shows a code in a subject.
pub(super) fn anchor(place: usize, requirement: &str, code: &str) -> String {
    format!("{requirement}.{code}.{}", place + 1)
}

fn exhibit<'a>(
    table: &'a Table<'a>,
    place: usize,
    (outcome, shown): (Outcome, &'a Shown),
    open: bool,
    anchor: String,
    live: &Live,
) -> Result<Exhibit<'a>, Failure> {
    let ids: Vec<&str> = shown
        .against
        .as_deref()
        .into_iter()
        .chain([shown.instance.as_str()])
        .collect();
    let subject = table.columns[place].label.as_str();
    let label = format!("{subject}: {} in {}", shown.code, shown.instance);
    Ok(Exhibit {
        anchor,
        open,
        class: class(outcome),
        symbol: look(outcome).symbol,
        code: &shown.code,
        label: subject,
        instance: &shown.instance,
        against: shown.against.as_deref().unwrap_or_default(),
        said: shown.said.as_deref().unwrap_or_default(),
        svg: match shown.lines.is_empty() {
            true => String::new(),
            false => svg::draw(&relevant(shown), &table.columns[place].pictured, &label)?,
        },
        reproduce: live.reproduce(table.results, place, &ids),
    })
}

/// Where the link of an expectation leads. The expectations of the built-in subjects name pages of this
/// repository; a path in any other file is relative to a place that is not known here.
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
