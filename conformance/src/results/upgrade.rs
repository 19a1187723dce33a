//! Upgrades results in older versions of the format to the newest.
//!
//! | version | changes |
//! |---|---|
//! | 1 | |
//! | 2 | sentences of requirements and cases, expectations with reason and link, faults in words, what a transcript differs from, header and plaintext of records, how a command line chooses a subject |

use std::collections::BTreeSet;

use closure::requirements;
use serde_json::{Map, Value, json};

use super::{CaseFacts, RequirementFacts, SCHEMA_VERSION};

/// Takes what version 1 does not contain from this program, as far as it has it.
pub(super) fn from_1(mut value: Value) -> Result<Value, String> {
    let strange = |error: serde_json::Error| error.to_string();
    let ids: Vec<String> = strings(&value["requirements"]);
    let facts: Vec<RequirementFacts> = ids.iter().map(|id| requirement(id)).collect();
    value["requirements"] = serde_json::to_value(facts).map_err(strange)?;

    let mut played = BTreeSet::new();
    for instance in elements(&mut value["instances"]) {
        let id = text(instance, "id");
        let case = id.split_once('@').map_or(id, |(case, _)| case);
        played.insert(case.to_owned());
        if let Some(Value::Bool(true)) = instance.remove("fault") {
            instance.insert(
                "fault".into(),
                "version 1 of the format did not keep the reason".into(),
            );
        }
    }
    let facts: Vec<CaseFacts> = played.iter().map(|name| case(name)).collect();
    value["cases"] = serde_json::to_value(facts).map_err(strange)?;

    for subject in elements(&mut value["subjects"]) {
        let arguments = match text(subject, "name") {
            "shim" => " --shim CMD".to_owned(),
            name => format!(" --subject {name}"),
        };
        subject.insert("arguments".into(), arguments.into());
    }
    value["known"] = json!([]);
    value["narrow"] = json!(false);
    value["schema_version"] = json!(SCHEMA_VERSION);
    Ok(value)
}

/// The objects in a list. Reading the results reports items that are not objects.
fn elements(value: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let all = value.as_array_mut().into_iter().flatten();
    all.filter_map(Value::as_object_mut)
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn strings(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn requirement(id: &str) -> RequirementFacts {
    match requirements::find(id) {
        Some(requirement) => RequirementFacts::of(requirement),
        None => RequirementFacts {
            codes: Vec::new(),
            id: id.into(),
            level: "practice".into(),
            roles: Vec::new(),
            says: "This version of lastword does not have this requirement.".into(),
            sections: Vec::new(),
            versions: Vec::new(),
            why: String::new(),
        },
    }
}

fn case(name: &str) -> CaseFacts {
    match cases::find(name) {
        Some(case) => CaseFacts::of(case),
        None => CaseFacts {
            exercises: Vec::new(),
            name: name.into(),
            says: "This version of lastword does not have this case.".into(),
            script: String::new(),
        },
    }
}
