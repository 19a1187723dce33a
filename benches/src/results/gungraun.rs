use std::path::Path;

use serde_json::Value;

use super::{Count, Unusable, files, json};
use crate::growth;

/// Reads the summaries that gungraun has saved in `folder`.
///
/// # Errors
///
/// If they cannot be read, or a summary lacks a count.
pub fn counts(folder: &Path) -> Result<Vec<Count>, Unusable> {
    let mut counts = Vec::new();
    for path in files(folder, "summary.json")? {
        let summary: Value = json(&path)?;
        let lacks = |what: &str| Unusable::Content {
            path: path.clone(),
            problem: format!("{what} is missing"),
        };
        let text = |name: &str| summary[name].as_str().ok_or_else(|| lacks(name));
        counts.push(Count {
            id: id(text("function_name")?, text("id")?),
            instructions: metric(&summary, "Ir").ok_or_else(|| lacks("instructions"))?,
        });
    }
    counts.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(counts)
}

/// Builds `operation/api/size` from the names that a Rust function and a benchmark may have.
fn id(function: &str, id: &str) -> String {
    let Some((api, what)) = id.rsplit_once('_') else {
        return format!("{function}/{id}");
    };
    let point = what.parse().ok().and_then(|n| growth::points().nth(n));
    match point.filter(|_| function == "growth") {
        Some((curve, size)) => format!("{}/{api}/{size}", curve.name),
        None => format!("{function}/{api}/{what}"),
    }
}

/// The newest value of the metric, wherever the tool that counted it has put it.
fn metric(value: &Value, name: &str) -> Option<u64> {
    match value {
        Value::Object(fields) => match fields.get(name) {
            Some(found) => number(&found["values"]["new"]),
            None => fields.values().find_map(|value| metric(value, name)),
        },
        Value::Array(values) => values.iter().find_map(|value| metric(value, name)),
        _ => None,
    }
}

/// A number, with or without its kind around it.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value["Int"].as_u64())
}
