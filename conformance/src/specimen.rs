//! Specimens in files: the script of a failing instance, a script to replay, and the scripts in
//! `corpus/regressions`.

use std::path::Path;

use scenario::Specimen;

use crate::exit::Failure;

/// The file in the directory of a failing instance that holds the specimen.
pub const SCRIPT_FILE: &str = "script";

/// Reads a file, or the [`SCRIPT_FILE`] in the directory of a failing instance.
///
/// # Errors
///
/// If there is no such file, or it does not hold a script with at least one step.
pub fn read(path: &Path) -> Result<Specimen, Failure> {
    let file = match path.is_dir() {
        true => path.join(SCRIPT_FILE),
        false => path.to_owned(),
    };
    let shown = file.display();
    let bytes = std::fs::read(&file)
        .map_err(|error| Failure::set_up(format!("cannot read {shown}: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::set_up(format!("{shown} is not a script: it is not text")))?;
    if text.trim().is_empty() {
        return Err(Failure::set_up(format!(
            "{shown} is empty: it holds no script"
        )));
    }
    let specimen =
        Specimen::parse(&text).map_err(|problem| Failure::set_up(format!("{shown}: {problem}")))?;
    match specimen.script.steps.is_empty() {
        true => Err(Failure::set_up(format!("{shown}: the script has no steps"))),
        false => Ok(specimen),
    }
}
