//! The outputs of commands: standard output, and files.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::exit::Failure;

use super::print;

/// Writes `text` to the file, or to standard output if there is none.
pub(super) fn give(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    match file {
        None => print(text),
        Some(path) => write(path, text),
    }
}

/// Writes a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let result = File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        // Some file systems report a full disk only here.
        file.sync_all().or_else(|error| match file.metadata() {
            // Pipes and devices cannot be synced.
            Ok(metadata) if !metadata.is_file() => Ok(()),
            _ => Err(error),
        })
    });
    result.map_err(|error| unwritable(path, &error))
}

/// Checks that [`write`] can write this file, so that a long run does not end without its output.
/// Leaves the file as it is.
pub(super) fn check_file(path: &Path) -> Result<(), Failure> {
    let result = match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        // Opening a pipe could block, or end it for its reader.
        Ok(_) => writable(path),
        Err(error) if error.kind() == ErrorKind::NotFound => create_and_remove(path),
        Err(error) => Err(error),
    };
    result.map_err(|error| unwritable(path, &error))
}

/// Checks that files can be written below this directory, which need not exist yet.
///
/// # Errors
///
/// The message, which names the part of the path that is in the way.
pub(super) fn check_directory(path: &Path) -> Result<(), String> {
    let absolute = std::path::absolute(path).map_err(|error| unwritable_text(path, &error))?;
    let existing = absolute
        .ancestors()
        .find(|part| part.symlink_metadata().is_ok());
    let existing = existing.map_or_else(|| PathBuf::from("/"), Path::to_owned);
    let result = match existing.is_dir() {
        true => writable(&existing),
        false => Err(ErrorKind::NotADirectory.into()),
    };
    result.map_err(|error| match existing == absolute {
        true => unwritable_text(path, &error),
        false => format!(
            "cannot write {}: {}: {error}",
            path.display(),
            existing.display()
        ),
    })
}

fn writable(path: &Path) -> io::Result<()> {
    Ok(access(path, AccessFlags::W_OK)?)
}

fn create_and_remove(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => std::fs::remove_file(path),
        // A dangling link: writing creates its target.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::set_up(unwritable_text(path, error))
}

fn unwritable_text(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

/// Appends to the summary of a step of a GitHub workflow, if there is one.
///
/// # Errors
///
/// The message, if it cannot be written.
pub(super) fn step_summary(text: impl FnOnce() -> String) -> Result<(), String> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text().as_bytes()))
        .map_err(|error| {
            let path = Path::new(&path).display();
            format!("cannot write the step's summary to {path}: {error}")
        })
}
