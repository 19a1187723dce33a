//! Where what a verb makes goes.

use std::io::Write;
use std::path::Path;

use crate::exit::Failure;

use super::print;

/// Writes `text` to the file, or to standard output if there is none. A file is whole or it is not
/// there.
pub(super) fn give(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    match file {
        None => print(text),
        Some(path) => write(path, text),
    }
}

/// Writes a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let result = std::fs::File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        // A full disk may show only here.
        file.sync_all().or_else(|error| match file.metadata() {
            // A pipe or a device has nothing to sync.
            Ok(metadata) if !metadata.is_file() => Ok(()),
            _ => Err(error),
        })
    });
    result.map_err(|error| Failure::set_up(format!("cannot write {}: {error}", path.display())))
}

/// Adds to the summary of a step of a GitHub workflow, where there is one.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn step_summary(text: &str) -> Result<(), String> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            let path = Path::new(&path).display();
            format!("cannot write the step's summary to {path}: {error}")
        })
}
