//! Results as a table: a row for each requirement, a column for each subject.

use std::collections::BTreeMap;

use closure::{FAMILIES, Outcome};
use protocol::{Role, Version};

use super::text::{one_line, thousands};
use crate::results::{Instance, RequirementFacts, Results, Shown, SubjectFacts};
use cases::instances;

/// Results, arranged.
pub(crate) struct Table<'a> {
    pub(crate) results: &'a Results,
    /// The subjects, in the order of the run.
    pub(crate) columns: Vec<Column<'a>>,
    /// The requirements that were judged, family by family.
    pub(crate) rows: Vec<Row<'a>>,
    /// The instances with the parts of their ids.
    pub(crate) instances: Vec<Played<'a>>,
}

/// A subject.
pub(crate) struct Column<'a> {
    pub(crate) subject: &'a SubjectFacts,
    /// Its name, where there are several subjects.
    pub(crate) name: String,
    /// Implementation, version and interface, and its name if another subject has the same.
    pub(crate) label: String,
    /// Its name in pictures: the same for all builds, since what they show mostly is.
    pub(crate) pictured: String,
}

/// A requirement and its outcomes.
pub(crate) struct Row<'a> {
    pub(crate) requirement: &'a RequirementFacts,
    /// In the order of the columns.
    pub(crate) cells: Vec<Cell<'a>>,
}

/// The outcomes of a requirement for a subject.
#[derive(Default)]
pub(crate) struct Cell<'a> {
    /// The number of instances and groups with each outcome.
    pub(crate) outcomes: BTreeMap<Outcome, usize>,
    /// The same by code.
    pub(crate) codes: BTreeMap<(&'a str, Outcome), usize>,
    /// The worst outcome in each role and version.
    pub(crate) by: BTreeMap<(Role, Version), Outcome>,
    /// The number of instances with each outcome, by case.
    pub(crate) cases: BTreeMap<&'a str, BTreeMap<Outcome, usize>>,
    /// The number of instances in which something excused the subject, by excuse.
    pub(crate) excused: BTreeMap<&'a str, usize>,
    /// The instances in which it did not simply hold, with the code that was found.
    pub(crate) notable: Vec<(&'a str, Option<&'a str>, Outcome)>,
}

/// An instance and the parts of its id.
pub(crate) struct Played<'a> {
    pub(crate) instance: &'a Instance,
    pub(crate) column: usize,
    pub(crate) case: &'a str,
}

impl<'a> Table<'a> {
    /// Arranges results.
    pub(crate) fn new(results: &'a Results) -> Self {
        let columns = columns(&results.subjects);
        let column = |name: &str, build: &str| {
            let mut subjects = results.subjects.iter();
            subjects.position(|subject| subject.name == name && subject.build == build)
        };
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rows: Vec<Row<'a>> = Vec::new();
        for requirement in ordered(&results.requirements) {
            places.insert(&requirement.id, rows.len());
            rows.push(Row {
                requirement,
                cells: columns.iter().map(|_| Cell::default()).collect(),
            });
        }
        let mut played = Vec::new();
        for instance in &results.instances {
            // Reading results refuses ids that do not parse.
            let Ok((case, axes)) = instances::parse_id(&instance.id) else {
                continue;
            };
            let Some(column) = column(&instance.subject, &axes.build.to_string()) else {
                continue;
            };
            let mut note = |id: &str, code: Option<&'a str>, outcome| {
                if let Some(row) = places.get(id) {
                    let cell = &mut rows[*row].cells[column];
                    cell.note(case, (axes.role, axes.version), code, outcome);
                    if outcome != Outcome::Ok {
                        cell.notable.push((&instance.id, code, outcome));
                    }
                }
            };
            for held in &instance.held {
                if let Some(requirement) = results.requirements.get(*held) {
                    note(&requirement.id, None, Outcome::Ok);
                }
            }
            for found in &instance.found {
                if let Some(outcome) = Outcome::find(&found.outcome) {
                    note(&found.requirement, found.code.as_deref(), outcome);
                }
            }
            for blocked in instance.blocked.keys() {
                note(blocked, None, Outcome::Blocked);
            }
            played.push(Played {
                instance,
                column,
                case,
            });
        }
        for excused in &results.excused {
            let row = places.get(excused.requirement.as_str());
            if let (Some(row), Some(column)) = (row, column(&excused.subject, &excused.build)) {
                let cell = &mut rows[*row].cells[column];
                for (excuse, n) in &excused.by {
                    *cell.excused.entry(excuse).or_default() += n;
                }
            }
        }
        for group in &results.groups {
            let (Some(row), Some(column), Some(outcome)) = (
                places.get(group.requirement.as_str()),
                column(&group.subject, &group.build),
                Outcome::find(&group.outcome),
            ) else {
                continue;
            };
            let cell = &mut rows[*row].cells[column];
            let code = group.code.as_deref();
            cell.note(&group.case, (group.role, group.version), code, outcome);
            if let (true, Some(id)) = (outcome != Outcome::Ok, &group.differs) {
                cell.notable.push((id, code, outcome));
            }
        }
        Self {
            results,
            columns,
            rows,
            instances: played,
        }
    }

    /// The families with anything judged, and their rows.
    pub(crate) fn families(&self) -> Vec<(&'a str, Vec<&Row<'a>>)> {
        let mut families: Vec<(&str, Vec<&Row<'a>>)> = Vec::new();
        for row in &self.rows {
            let name = row.requirement.family();
            match families.last_mut() {
                Some((last, rows)) if *last == name => rows.push(row),
                _ => families.push((name, vec![row])),
            }
        }
        families
    }

    /// All cells of a column that are not empty.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = (&Row<'a>, &Cell<'a>)> {
        self.rows
            .iter()
            .map(move |row| (row, &row.cells[column]))
            .filter(|(_, cell)| !cell.is_empty())
    }

    /// The transcripts that show this code: the worst outcome first, then the plainest instance.
    pub(crate) fn shown(&self, column: usize, requirement: &str, code: &str) -> Vec<&'a Shown> {
        let mut shown: Vec<&Shown> = self
            .shown_of(column, requirement)
            .into_iter()
            .filter(|shown| shown.code == code)
            .collect();
        shown.sort_by_cached_key(|shown| {
            let baseline =
                instances::parse_id(&shown.instance).is_ok_and(|(_, axes)| axes.is_baseline());
            (
                std::cmp::Reverse(self.outcome(column, shown)),
                !baseline,
                shown.lines.len(),
                shown.instance.clone(),
            )
        });
        shown
    }

    /// The outcome of a transcript's finding in its own instance.
    pub(crate) fn outcome(&self, column: usize, shown: &Shown) -> Option<Outcome> {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| row.requirement.id == shown.requirement)?;
        let mut notable = row.cells[column].notable.iter();
        notable
            .find(|(id, code, _)| *id == shown.instance && *code == Some(shown.code.as_str()))
            .map(|(_, _, outcome)| *outcome)
    }

    /// The transcripts that show anything about a requirement.
    pub(crate) fn shown_of(&self, column: usize, requirement: &str) -> Vec<&'a Shown> {
        let subject = self.columns[column].subject;
        let of = |shown: &&Shown| {
            shown.requirement == requirement
                && shown.subject == subject.name
                && instances::parse_id(&shown.instance)
                    .is_ok_and(|(_, axes)| axes.build.to_string() == subject.build)
        };
        self.results.transcripts.iter().filter(of).collect()
    }
}

impl Column<'_> {
    /// Its label, and where it was built from if its version does not say that.
    pub(crate) fn described(&self) -> String {
        match &self.subject.origin {
            Some(origin) => format!("{} ({})", self.label, one_line(origin)),
            None => self.label.clone(),
        }
    }
}

impl<'a> Cell<'a> {
    fn note(
        &mut self,
        case: &'a str,
        of: (Role, Version),
        code: Option<&'a str>,
        outcome: Outcome,
    ) {
        *self.outcomes.entry(outcome).or_default() += 1;
        if let Some(code) = code {
            *self.codes.entry((code, outcome)).or_default() += 1;
        }
        let worst = self.by.entry(of).or_insert(outcome);
        *worst = outcome.max(*worst);
        let cases = self.cases.entry(case).or_default();
        *cases.entry(outcome).or_default() += 1;
    }

    /// Whether nothing was judged.
    pub(crate) fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// The outcome that outweighs the others.
    pub(crate) fn worst(&self) -> Outcome {
        let worst = self.outcomes.last_key_value();
        worst.map_or(Outcome::NotCompared, |(outcome, _)| *outcome)
    }

    /// `excused in 44: blocked 30, tainted 14`. `None` if nothing was.
    pub(crate) fn excuses(&self) -> Option<String> {
        let (all, said) = excuses(self.excused.iter().map(|(excuse, n)| (*excuse, *n)))?;
        Some(format!("excused in {}: {said}", thousands(all)))
    }

    /// The number of instances and groups that were judged.
    pub(crate) fn judged(&self) -> usize {
        self.outcomes.values().sum()
    }
}

/// The sum, and `blocked 30, tainted 14`, the most frequent first. `None` if the sum is zero.
pub(crate) fn excuses<'e>(
    counts: impl Iterator<Item = (&'e str, usize)>,
) -> Option<(usize, String)> {
    let mut counts: Vec<_> = counts.filter(|(_, n)| *n > 0).collect();
    counts.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    let said: Vec<String> = counts
        .iter()
        .map(|(name, n)| format!("{} {}", one_line(name), thousands(*n)))
        .collect();
    (all > 0).then(|| (all, said.join(", ")))
}

/// The columns. A subject has its name, and its build too where two builds share a name.
fn columns(subjects: &[SubjectFacts]) -> Vec<Column<'_>> {
    subjects
        .iter()
        .map(|subject| {
            let same = subjects.iter().filter(|other| other.name == subject.name);
            let name = match same.count() {
                0 | 1 => subject.name.clone(),
                _ => format!("{}, {}", subject.name, subject.build),
            };
            let label = one_line(&subject.label());
            let same = subjects
                .iter()
                .filter(|other| one_line(&other.label()) == label);
            let label = match same.count() {
                0 | 1 => label,
                _ => format!("{label} ({name})"),
            };
            Column {
                subject,
                name,
                label,
                pictured: one_line(&format!(
                    "{} {} {}",
                    subject.implementation, subject.version, subject.api
                )),
            }
        })
        .collect()
}

/// The requirements in the order of the families, and by id within a family. Families that this program
/// does not know come last.
fn ordered(all: &[RequirementFacts]) -> Vec<&RequirementFacts> {
    let mut ordered: Vec<&RequirementFacts> = all.iter().collect();
    ordered.sort_by_key(|requirement| {
        let family = requirement.family();
        let place = FAMILIES.iter().position(|known| known.name == family);
        (place.unwrap_or(FAMILIES.len()), family, &requirement.id)
    });
    ordered
}
