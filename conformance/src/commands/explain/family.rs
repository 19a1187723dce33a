//! `lastword explain FAMILY`.

use std::fmt::Write;

use closure::{Family, Profile, Requirement, Rule, requirements};

use super::{label, settings, title, today};
use crate::cli::ExplainArgs;
use crate::exit::Failure;
use crate::render::look;
use crate::render::report::{BOLD, DIM};
use crate::render::text::{count, width, wrap};
use crate::run::{Selection, Summary};

/// The width of a column of outcomes.
const COLUMN: usize = 20;

/// The title of a family and its requirements, with the outcome of each today.
pub(super) fn about(args: &ExplainArgs, family: &Family) -> Result<String, Failure> {
    let of: Vec<&'static Requirement> = requirements::all()
        .filter(|requirement| requirement.family() == family.name)
        .collect();
    let settings = settings(args);
    let testable = |requirement: &&&'static Requirement| {
        !matches!(requirement.rule, Rule::Untestable(_)) && requirement.is_in(settings.profile)
    };
    let selection = Selection {
        requirements: of.iter().filter(testable).copied().collect(),
        ..Selection::default()
    };
    let (subjects, summary) = today(args, &selection, settings)?;
    let names: Vec<&str> = subjects.iter().map(|r| r.subject.name.as_str()).collect();
    let mut out = title(family.name, family.title);
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "  {}, {} today",
        count(of.len(), "requirement", "requirements"),
        count(summary.instances.len(), "instance", "instances")
    );
    for ready in &subjects {
        let _ = writeln!(out, "  {}: {}", ready.subject.name, label(ready));
    }
    let ids = of.iter().map(|requirement| requirement.id.len()).max();
    let ids = ids.unwrap_or(0);
    // Where columns do not fit, each subject gets a line.
    let beside = 4 + ids + (COLUMN + 2) * names.len() <= width() + 2;
    if beside {
        let heads: Vec<String> = names.iter().map(|name| format!("{name:COLUMN$}")).collect();
        let _ = writeln!(out, "\n  {:ids$}  {}", "", heads.join("  ").trim_end());
    }
    for requirement in of {
        let outcomes: Vec<String> = (0..names.len())
            .map(|place| outcome(&summary, place, requirement, settings.profile))
            .collect();
        if beside {
            let cells: Vec<String> = outcomes
                .iter()
                .map(|outcome| format!("{outcome:COLUMN$}"))
                .collect();
            let line = format!(
                "  {BOLD}{:ids$}{BOLD:#}  {}",
                requirement.id,
                cells.join("  ")
            );
            let _ = writeln!(out, "{}", line.trim_end());
        } else {
            let _ = writeln!(out, "  {BOLD}{}{BOLD:#}", requirement.id);
            for (name, outcome) in names.iter().zip(&outcomes) {
                let _ = writeln!(out, "      {outcome:COLUMN$}  {name}");
            }
        }
        let says = wrap(requirement.says, width(), 6);
        let _ = writeln!(out, "      {DIM}{says}{DIM:#}");
    }
    let _ = writeln!(out, "\n  more about one: lastword explain REQUIREMENT");
    Ok(out)
}

/// The worst outcome of a requirement in a subject.
fn outcome(summary: &Summary, place: usize, of: &Requirement, profile: Profile) -> String {
    match (of.rule, summary.standings.get(&(place, of.id))) {
        (Rule::Untestable(_), _) => "  untestable".into(),
        (_, Some(standing)) => {
            let look = look(standing.worst());
            format!("{} {}", look.symbol, look.one)
        }
        (_, None) if !of.is_in(profile) => "  other profile".into(),
        (_, None) => "  not judged".into(),
    }
}
