//! `lastword list`.

use std::fmt::Write;

use closure::{Rule, requirements};
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
    /// Other ids under which it can be found.
    pub aliases: Vec<&'static str>,
    /// The cases that exercise it, by their own account.
    pub cases: Vec<&'static str>,
    /// What its rule can find.
    pub codes: Vec<&'static str>,
    /// Its id.
    pub id: &'static str,
    /// How much it binds.
    pub level: &'static str,
    /// What the subject must be able to do for it to matter.
    pub needs: Vec<protocol::Capability>,
    /// The roles that it binds.
    pub roles: Vec<protocol::Role>,
    /// What it asks for.
    pub says: &'static str,
    /// Where it is written.
    pub sections: Vec<String>,
    /// Why nothing can be observed, if nothing can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untestable: Option<&'static str>,
    /// The versions of TLS that it binds.
    pub versions: Vec<protocol::Version>,
    /// What goes wrong for users where it is broken.
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
    /// What happens and why it matters.
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

/// The cases that exercise a requirement, by their own account.
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
    let mut out = format!("{BOLD}requirements{BOLD:#}\n");
    let wide = |names: &mut dyn Iterator<Item = usize>| names.max().unwrap_or(0);
    let width = wide(&mut catalogue.requirements.iter().map(|r| r.id.len()));
    for requirement in &catalogue.requirements {
        let tested = match (requirement.untestable, requirement.cases.len()) {
            (Some(_), _) => "untestable".into(),
            (None, n) => count(n, "case", "cases"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  {:width$}  {:10}  {DIM}{tested}{DIM:#}",
            requirement.id, requirement.level
        );
    }
    let _ = writeln!(out, "\n{BOLD}cases{BOLD:#}");
    for case in &catalogue.cases {
        let _ = writeln!(out, "  {}", case.name);
    }
    let _ = writeln!(
        out,
        "\n{}, {}; more about one: lastword explain NAME",
        count(catalogue.requirements.len(), "requirement", "requirements"),
        count(catalogue.cases.len(), "case", "cases")
    );
    out
}
