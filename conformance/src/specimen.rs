//! Specimens in files: what a failure leaves behind, what is replayed, and what
//! `corpus/regressions` keeps.

use std::path::Path;

use scenario::Specimen;

use crate::exit::Failure;

/// The file of a failure directory that holds the specimen.
pub const SCRIPT_FILE: &str = "script";

/// Reads a file, or the [`SCRIPT_FILE`] of the failure directory of this name.
///
/// # Errors
///
/// If there is no such file, or it is not what it should be.
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
    Specimen::parse(&text).map_err(|problem| Failure::set_up(format!("{shown}: {problem}")))
}
