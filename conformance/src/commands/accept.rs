//! `lastword accept`: adds the deviations of a run to an expectations file.
//!
//! It never changes an entry. New entries have the reason `TODO`, which every run rejects: a person
//! must fill in why a deviation is known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use closure::{Axes, Choice, Expectations, Outcome, Profile};
use toml::{Table, Value};

use crate::cli::AcceptArgs;
use crate::exit::{Exit, Failure};
use crate::render::text::count;
use crate::results::{Results, SubjectFacts};
use cases::instances;

use super::{output, print};

/// The placeholder for a reason and a link.
const TODO: &str = "TODO";

/// Adds an entry for each unlisted deviation, and for each unlisted missing capability.
pub(super) fn accept(args: &AcceptArgs) -> Result<Exit, Failure> {
    let results = Results::read(&args.results)?;
    let subject = choose(&results, args.subject.as_deref())?;
    let path = match &args.expectations {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("conformance/expectations/{}.toml", subject.name)),
    };
    let shown = path.display();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && args.expectations.is_some() =>
        {
            String::new()
        }
        Err(error) => {
            return Err(Failure::set_up(format!(
                "cannot read {shown}: {error}; name the file with --expectations"
            )));
        }
    };
    // Refuses to add to a file that a run would reject.
    let known = Expectations::parse(&text, &subject.version).map_err(|error| {
        let problem = error.to_string();
        Failure::set_up(format!(
            "{shown}: {}",
            problem.trim_end().replace('\n', "\n  ")
        ))
    })?;
    let mut text = text;

    let profile = Profile::parse(&results.profile).map_err(|_| {
        Failure::set_up(format!(
            "the results have several profiles ({}): run `accept` on the results of each",
            results.profile
        ))
    })?;
    let mut said = Vec::new();
    let mut conflicts = Vec::new();
    for mut entry in entries(&results, subject) {
        entry.narrow_to(profile);
        let clash = known.deviations.iter().find(|listed| {
            let mut instances = entry.instances.iter();
            listed.requirement == entry.requirement
                && instances.any(|(case, axes)| listed.select.matches(case, axes, profile))
        });
        let words = format!(
            "{}: {} ({})",
            entry.requirement,
            entry.code,
            entry.describe()
        );
        match clash {
            Some(listed) => conflicts.push(format!(
                "  {words}\n    another entry lists {} ({}) for some of these instances: edit it by \
                 hand",
                listed.code, listed.select
            )),
            None => {
                add(&mut text, &entry.text());
                said.push(format!("  {words}"));
            }
        }
    }
    for capability in missing(&results, subject) {
        add(
            &mut text,
            &format!("[[missing]]\ncapability = {}\n", quoted(&capability)),
        );
        said.push(format!("  missing: {capability}"));
    }
    if said.is_empty() && conflicts.is_empty() {
        print("nothing to accept: all deviations and missing capabilities are listed\n")?;
        return Ok(Exit::Ok);
    }
    if !said.is_empty() {
        writable(&text).map_err(|problem| Failure::set_up(format!("{shown}: {problem}")))?;
        output::write(&path, &text)?;
        print(&format!(
            "{shown}: added {}; fill in `reason` and `link`: a run rejects a file that still says \
             {TODO}\n{}\n",
            entries_text(said.len()),
            said.join("\n")
        ))?;
    }
    match conflicts.is_empty() {
        true => Ok(Exit::Ok),
        false => Err(Failure::set_up(format!(
            "{shown}: {} not added\n{}",
            entries_text(conflicts.len()),
            conflicts.join("\n")
        ))),
    }
}

fn entries_text(n: usize) -> String {
    count(n, "entry", "entries")
}

fn choose<'a>(results: &'a Results, name: Option<&str>) -> Result<&'a SubjectFacts, Failure> {
    let names: Vec<&str> = results.subjects.iter().map(|s| s.name.as_str()).collect();
    let mut chosen = results
        .subjects
        .iter()
        .filter(|subject| name.is_none_or(|name| subject.name == name));
    match (chosen.next(), chosen.next(), name) {
        (Some(subject), None, _) => Ok(subject),
        (None, _, Some(name)) => Err(Failure::new(
            Exit::NothingSelected,
            format!("no subject is called '{name}': use {}", names.join(" or ")),
        )),
        (None, _, None) => Err(Failure::set_up("the results have no subject")),
        (Some(_), Some(_), _) => Err(Failure::new(
            Exit::Usage,
            format!(
                "the results have {} subjects: choose one with --subject: {}",
                names.len(),
                names.join(", ")
            ),
        )),
    }
}

/// A new entry. Every exercised instance in `select` shows the code.
struct Entry<'a> {
    requirement: &'a str,
    code: &'a str,
    select: Vec<(&'static str, Vec<String>)>,
    instances: Vec<(&'a str, Axes)>,
}

impl Entry<'_> {
    /// Limits the entry to the profile of the run, unless it is the default.
    fn narrow_to(&mut self, profile: Profile) {
        let answers = |profile: Profile| -> BTreeSet<Choice> {
            let versions = self.instances.iter().map(|(_, axes)| axes.version);
            versions.map(|version| profile.of(version)).collect()
        };
        let (chosen, usual) = (answers(profile), answers(Profile::default()));
        let names: Vec<String> = chosen
            .difference(&usual)
            .map(|it| it.name().into())
            .collect();
        if !names.is_empty() {
            self.select.push(("profile", names));
        }
    }

    fn describe(&self) -> String {
        let values: Vec<&str> = self
            .select
            .iter()
            .flat_map(|(_, values)| values)
            .map(String::as_str)
            .collect();
        match values.is_empty() {
            true => "everywhere".into(),
            false => values.join(", "),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "[[deviation]]\nrequirement = {}\ncode = {}\n",
            quoted(self.requirement),
            quoted(self.code)
        );
        let select: Vec<String> = self
            .select
            .iter()
            .map(|(axis, values)| {
                let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
                match &values[..] {
                    [one] => format!("{axis} = {one}"),
                    several => format!("{axis} = [{}]", several.join(", ")),
                }
            })
            .collect();
        if !select.is_empty() {
            text += &format!("where = {{ {} }}\n", select.join(", "));
        }
        text
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Appends an entry that still lacks its reason and link.
fn add(text: &mut String, entry: &str) {
    if !text.is_empty() {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push('\n');
    }
    text.push_str(entry);
    text.push_str(&format!("reason = \"{TODO}\"\nlink = \"{TODO}\"\n"));
}

/// Entries can be appended only where lists are written as `[[deviation]]` and `[[missing]]`.
fn writable(text: &str) -> Result<(), String> {
    match text.parse::<Table>() {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "entries cannot be appended: write lists as [[deviation]] and [[missing]]\n{error}"
        )),
    }
}

/// An exercised instance: its case, its axes, and the code found that is not listed.
type Exercised<'a> = (&'a str, Axes, Option<&'a str>);

fn entries<'a>(results: &'a Results, subject: &SubjectFacts) -> Vec<Entry<'a>> {
    let mut by: BTreeMap<&str, Vec<Exercised<'a>>> = BTreeMap::new();
    for instance in results
        .instances
        .iter()
        .filter(|i| i.subject == subject.name)
    {
        let Ok((case, axes)) = instances::parse_id(&instance.id) else {
            continue;
        };
        if axes.build.to_string() != subject.build {
            continue;
        }
        for held in &instance.held {
            if let Some(requirement) = results.requirements.get(*held) {
                by.entry(&requirement.id)
                    .or_default()
                    .push((case, axes.clone(), None));
            }
        }
        for found in &instance.found {
            let regressed = found.outcome == Outcome::Regression.name();
            let code = found.code.as_deref().filter(|_| regressed);
            by.entry(&found.requirement)
                .or_default()
                .push((case, axes.clone(), code));
        }
    }
    let mut all = Vec::new();
    for group in &results.groups {
        let of = group.subject == subject.name && group.build == subject.build;
        let regressed = of && group.outcome == Outcome::Regression.name();
        let differs = group.differs.as_deref().map(instances::parse_id);
        // Results do not contain the comparisons that held, so that a wider entry might be wrong.
        if let (true, Some(Ok((case, axes))), Some(code)) = (regressed, differs, &group.code) {
            let mut select = vec![("case", vec![case.to_owned()])];
            select.extend(
                AXES.iter()
                    .filter_map(|axis| Some((*axis, vec![on(axis, &axes)?]))),
            );
            all.push(Entry {
                requirement: &group.requirement,
                code,
                select,
                instances: vec![(case, axes)],
            });
        }
    }
    for (requirement, exercised) in by {
        let codes: BTreeSet<&str> = exercised.iter().filter_map(|(_, _, code)| *code).collect();
        for code in codes {
            all.extend(
                selections(&exercised, code)
                    .into_iter()
                    .map(|(select, instances)| Entry {
                        requirement,
                        code,
                        select,
                        instances,
                    }),
            );
        }
    }
    all
}

type Selection<'a> = (Vec<(&'static str, Vec<String>)>, Vec<(&'a str, Axes)>);

/// The widest selections in which every exercised instance shows `code`: everywhere, some cases, or
/// some cases narrowed by as few axes as possible.
fn selections<'a>(exercised: &[Exercised<'a>], code: &str) -> Vec<Selection<'a>> {
    let shows = |(_, _, found): &&Exercised<'a>| *found == Some(code);
    let instances = |of: &[&Exercised<'a>]| -> Vec<(&'a str, Axes)> {
        of.iter()
            .map(|(case, axes, _)| (*case, axes.clone()))
            .collect()
    };
    let all: Vec<&Exercised<'_>> = exercised.iter().filter(shows).collect();
    if all.len() == exercised.len() {
        return vec![(Vec::new(), instances(&all))];
    }
    let mut wholly = Vec::new();
    let mut narrowed: BTreeMap<Vec<(&'static str, Vec<String>)>, Vec<&str>> = BTreeMap::new();
    let cases: BTreeSet<&str> = all.iter().map(|(case, _, _)| *case).collect();
    for case in cases {
        let of: Vec<&Exercised<'_>> = exercised.iter().filter(|e| e.0 == case).collect();
        match of.iter().all(|e| e.2 == Some(code)) {
            true => wholly.push(case),
            false => {
                for select in narrow(&of, code) {
                    narrowed.entry(select).or_default().push(case);
                }
            }
        }
    }
    let mut choices = Vec::new();
    if !wholly.is_empty() {
        choices.push((wholly, Vec::new()));
    }
    choices.extend(narrowed.into_iter().map(|(select, cases)| (cases, select)));
    choices
        .into_iter()
        .map(|(cases, axes)| {
            let inside: Vec<&Exercised<'_>> = all
                .iter()
                .copied()
                .filter(|e| cases.contains(&e.0) && chosen(&axes, &e.1))
                .collect();
            let cases = cases.into_iter().map(str::to_owned).collect();
            let mut select = vec![("case", cases)];
            select.extend(axes);
            (select, instances(&inside))
        })
        .collect()
}

/// The axes that narrow a selection, in order of preference.
const AXES: [&str; 5] = ["role", "version", "habit", "cut", "suite"];

fn on(axis: &str, axes: &Axes) -> Option<String> {
    match axis {
        "role" => Some(crate::render::role_word(axes.role).to_owned()),
        "version" => Some(crate::render::version_word(axes.version).to_owned()),
        "habit" => Some(axes.habit.to_string()),
        "cut" => Some(axes.cut.to_string()),
        _ => axes.suite.map(|suite| suite.to_string()),
    }
}

fn chosen(select: &[(&'static str, Vec<String>)], axes: &Axes) -> bool {
    select
        .iter()
        .all(|(axis, values)| on(axis, axes).is_some_and(|value| values.contains(&value)))
}

/// Selections by axes within one case: a single one if it fits, or else one for each instance.
fn narrow(of: &[&Exercised<'_>], code: &str) -> Vec<Vec<(&'static str, Vec<String>)>> {
    let values = |axis: &'static str| -> Option<(&'static str, Vec<String>)> {
        let shows = of.iter().filter(|e| e.2 == Some(code));
        let values: Option<BTreeSet<String>> = shows.map(|e| on(axis, &e.1)).collect();
        Some((axis, values?.into_iter().collect()))
    };
    for n in 1..=AXES.len() {
        // Every set of n axes, in order of preference.
        for mask in 1u32..1 << AXES.len() {
            if mask.count_ones() as usize != n {
                continue;
            }
            let axes = AXES.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1);
            let select: Option<Vec<_>> = axes.map(|(_, axis)| values(axis)).collect();
            let Some(select) = select else { continue };
            if of
                .iter()
                .all(|e| e.2 == Some(code) || !chosen(&select, &e.1))
            {
                return vec![select];
            }
        }
    }
    of.iter()
        .filter(|e| e.2 == Some(code))
        .map(|e| {
            let axes = AXES.iter();
            axes.filter_map(|axis| Some((*axis, vec![on(axis, &e.1)?])))
                .collect()
        })
        .collect()
}

fn missing(results: &Results, subject: &SubjectFacts) -> BTreeSet<String> {
    results
        .instances
        .iter()
        .filter(|instance| instance.subject == subject.name)
        .filter_map(|instance| instance.unsupported.as_ref())
        .filter(|unsupported| unsupported.outcome == Outcome::UndeclaredUnsupported.name())
        .flat_map(|unsupported| unsupported.what.split(", "))
        // A shim may report something in words. Only names of capabilities can be listed.
        .filter(|what| serde_json::from_value::<protocol::Capability>((*what).into()).is_ok())
        .map(str::to_owned)
        .collect()
}
