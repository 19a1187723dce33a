//! Reads results from a file, and checks them.

use std::collections::BTreeSet;
use std::path::Path;

use closure::Outcome;
use serde_json::Value;

use super::{Results, SCHEMA_VERSION, upgrade};
use crate::exit::Failure;
use cases::instances;

impl Results {
    /// Reads a file that `run --results` has written, in this version of the format or an older one.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not such a file, is incomplete, or has a newer format.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::set_up(format!("cannot read {shown}: {error}")))?;
        Self::parse(&bytes).map_err(|problem| Failure::set_up(format!("{shown}: {problem}")))
    }

    /// Reads the content of such a file.
    ///
    /// # Errors
    ///
    /// The problem, and a way out of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        const AGAIN: &str = "write a new one with `lastword run --results FILE`";
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(format!("it is empty; {AGAIN}"));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|error| match error.is_eof() {
            true => format!("it is incomplete ({error}); {AGAIN}"),
            false => format!("it is not JSON ({error}); {AGAIN}"),
        })?;
        let version = value.get("schema_version").and_then(Value::as_u64);
        let program = value.get("version").and_then(Value::as_str);
        let (Some(version), Some(program)) = (version, program) else {
            let missing = match version {
                None => "schema_version",
                Some(_) => "version",
            };
            return Err(format!(
                "it is not a results file: `{missing}` is missing; {AGAIN}"
            ));
        };
        let value = match version {
            1 => upgrade::from_1(value)?,
            _ if version == u64::from(SCHEMA_VERSION) => value,
            _ => {
                return Err(format!(
                    "lastword {program} wrote it in version {version} of the format, and this program, \
                     lastword {}, reads versions 1 to {SCHEMA_VERSION}: use a newer lastword",
                    env!("CARGO_PKG_VERSION")
                ));
            }
        };
        let results: Self =
            serde_json::from_value(value).map_err(|error| format!("{error}; {AGAIN}"))?;
        results.check().map(|()| results)
    }

    /// Checks that all references within the results are valid.
    fn check(&self) -> Result<(), String> {
        let subjects: BTreeSet<(&str, &str)> = self
            .subjects
            .iter()
            .map(|subject| (subject.name.as_str(), subject.build.as_str()))
            .collect();
        if subjects.len() != self.subjects.len() {
            return Err("two subjects have the same name and build".into());
        }
        let requirements: BTreeSet<&str> = self
            .requirements
            .iter()
            .map(|requirement| requirement.id.as_str())
            .collect();
        let requirement = |id: &str| match requirements.contains(id) {
            true => Ok(()),
            false => Err(format!("no requirement is called '{id}'")),
        };
        let outcome = |name: &str| match Outcome::find(name) {
            Some(_) => Ok(()),
            None => Err(format!("no outcome is called '{name}'")),
        };
        let subject = |name: &str, build: &str| match subjects.contains(&(name, build)) {
            true => Ok(()),
            false => Err(format!("no subject is called '{name}' ({build})")),
        };
        for instance in &self.instances {
            let id = &instance.id;
            let check = || {
                let (_, axes) = instances::parse_id(id)?;
                subject(&instance.subject, &axes.build.to_string())?;
                if instance
                    .held
                    .iter()
                    .any(|held| *held >= self.requirements.len())
                {
                    return Err("`held` names a requirement that is not listed".into());
                }
                for found in &instance.found {
                    requirement(&found.requirement)?;
                    outcome(&found.outcome)?;
                }
                for blocked in instance.blocked.keys() {
                    requirement(blocked)?;
                }
                match &instance.unsupported {
                    Some(unsupported) => outcome(&unsupported.outcome),
                    None => Ok(()),
                }
            };
            check().map_err(|problem: String| format!("instance {id}: {problem}"))?;
        }
        for excused in &self.excused {
            subject(&excused.subject, &excused.build)
                .and_then(|()| requirement(&excused.requirement))
                .map_err(|problem| format!("`excused`: {problem}"))?;
        }
        for group in &self.groups {
            subject(&group.subject, &group.build)
                .and_then(|()| requirement(&group.requirement))
                .and_then(|()| outcome(&group.outcome))
                .map_err(|problem| format!("the group of {}: {problem}", group.case))?;
        }
        for shown in &self.transcripts {
            instances::parse_id(&shown.instance)
                .and_then(|(_, axes)| subject(&shown.subject, &axes.build.to_string()))
                .and_then(|()| requirement(&shown.requirement))
                .map_err(|problem| format!("the transcript of {}: {problem}", shown.instance))?;
        }
        for stale in &self.stale {
            subject(&stale.subject, &stale.build).and_then(|()| outcome(&stale.outcome))?;
        }
        Ok(())
    }
}
