//! `lastword list`.

use std::fmt::Write;

use closure::{FAMILIES, Rule, requirements};
use serde::Serialize;

use crate::cli::{ListArgs, ListFormat};
use crate::exit::{Exit, Failure};
use crate::render::report::{BOLD, DIM};
use crate::render::text::count;

use super::print;

/// All requirements and cases.
#[derive(Debug, Serialize)]
pub struct Catalogue {
    /// All cases.
    pub cases: Vec<CaseEntry>,
    /// All requirements.
    pub requirements: Vec<RequirementEntry>,
}

/// A requirement.
#[derive(Debug, Serialize)]
pub struct RequirementEntry {
    /// Other ids of it.
    pub aliases: Vec<&'static str>,
    /// The cases that list it as exercised.
    pub cases: Vec<&'static str>,
    /// The codes of its rule.
    pub codes: Vec<&'static str>,
    /// Its id.
    pub id: &'static str,
    /// Its level, such as `must`.
    pub level: &'static str,
    /// The capabilities that a subject needs for it to apply.
    pub needs: Vec<protocol::Capability>,
    /// The roles that it applies to.
    pub roles: Vec<protocol::Role>,
    /// The requirement, in one sentence.
    pub says: &'static str,
    /// Its sources.
    pub sections: Vec<String>,
    /// The reason why nothing can be observed, if it is untestable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untestable: Option<&'static str>,
    /// The versions of TLS that it applies to.
    pub versions: Vec<protocol::Version>,
    /// The harm to users where it is not met.
    pub why: &'static str,
}

/// A case.
#[derive(Debug, Serialize)]
pub struct CaseEntry {
    /// The requirements that it exercises.
    pub exercises: Vec<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// The roles that the subject plays in it.
    pub roles: Vec<protocol::Role>,
    /// The course of events, and why it matters.
    pub says: &'static str,
    /// Its script, as text.
    pub script: String,
    /// The versions of TLS that it is played in.
    pub versions: Vec<protocol::Version>,
}

/// All requirements and cases.
pub fn catalogue() -> Catalogue {
    Catalogue {
        cases: cases::all()
            .iter()
            .map(|case| CaseEntry {
                exercises: case.exercises.to_vec(),
                name: case.name,
                roles: case.roles.to_vec(),
                says: case.says,
                script: case.script.to_string(),
                versions: case.versions.to_vec(),
            })
            .collect(),
        requirements: requirements::all()
            .map(|requirement| RequirementEntry {
                aliases: requirement.aliases.to_vec(),
                cases: exercising(requirement.id),
                codes: requirement.codes.iter().map(|code| code.name).collect(),
                id: requirement.id,
                level: requirement.level.name(),
                needs: requirement.needs.to_vec(),
                roles: requirement.roles.to_vec(),
                says: requirement.says,
                sections: requirement
                    .sections
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                untestable: match requirement.rule {
                    Rule::Untestable(why) => Some(why),
                    _ => None,
                },
                versions: requirement.versions.to_vec(),
                why: requirement.why,
            })
            .collect(),
    }
}

/// The cases that list a requirement as exercised.
pub(super) fn exercising(id: &str) -> Vec<&'static str> {
    cases::all()
        .iter()
        .filter(|case| case.exercises.contains(&id))
        .map(|case| case.name)
        .collect()
}

pub(super) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let catalogue = catalogue();
    let text = match args.format {
        ListFormat::Json => serde_json::to_string_pretty(&catalogue)
            .map(|json| json + "\n")
            .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?,
        ListFormat::Human => human(&catalogue),
    };
    print(&text).map(|()| Exit::Ok)
}

fn human(catalogue: &Catalogue) -> String {
    let requirements = count(catalogue.requirements.len(), "requirement", "requirements");
    let cases = count(catalogue.cases.len(), "case", "cases");
    let mut out = format!("{BOLD}{requirements}{BOLD:#}\n");
    let ids = catalogue.requirements.iter().map(|r| r.id.len()).max();
    let width = ids.unwrap_or(0);
    for family in FAMILIES {
        let of = |entry: &&RequirementEntry| {
            let name = entry.id.split_once('.').map_or(entry.id, |(name, _)| name);
            name == family.name
        };
        let entries: Vec<_> = catalogue.requirements.iter().filter(of).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "\n  {}: {}  {DIM}{}{DIM:#}",
            family.name,
            family.title,
            entries.len()
        );
        for requirement in entries {
            let tested = match (requirement.untestable, requirement.cases.len()) {
                (Some(_), _) => "untestable".into(),
                (None, n) => count(n, "case", "cases"),
            };
            let _ = writeln!(
                out,
                "    {:width$}  {:10}  {DIM}{tested}{DIM:#}",
                requirement.id, requirement.level
            );
        }
    }
    let _ = writeln!(out, "\n{BOLD}{cases}{BOLD:#}\n");
    for case in &catalogue.cases {
        let _ = writeln!(out, "  {}", case.name);
    }
    let _ = writeln!(
        out,
        "\n{requirements}, {cases}; more about one: lastword explain NAME"
    );
    out
}
