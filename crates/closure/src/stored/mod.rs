//! Transcripts in files: one JSON object per line.
//!
//! ```text
//! {"format":1,"subject":"rustls-buffered","instance":"half-close/ping-pong@client,1.3,whole,plain",
//!  "capabilities":["export"],"events":[{"opened":{"role":"client","version":"1.3",…}},
//!  {"delivered":{"meaning":"close-notify","content":"0100","header":"1703030013",…}},"sent-fin",…]}
//! ```
//!
//! The line holds everything that a rule can see, so judging it again gives the verdicts of the
//! run. Files can be concatenated, split and filtered line by line. `format` is the version of the
//! format. It changes when a line of the old format can no longer be read.

mod mirror;

use std::io::{self, BufRead};

use protocol::Capability;
use serde::Deserialize;

use crate::{Requirement, Transcript};

/// The newest version of the format, which [`line()`] writes.
pub const FORMAT: u32 = 1;

/// The longest line in bytes. Positions in a transcript's bytes have 32 bits.
const LONGEST: usize = u32::MAX as usize;

/// The first two bytes of a gzip file.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// The source of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The name of the subject.
    pub subject: String,
    /// The id of the instance.
    pub instance: String,
    /// The bug that was planted in the subject.
    pub bug: Option<String>,
    /// The capabilities of the subject. A requirement that needs others does not apply.
    pub capabilities: Vec<Capability>,
}

/// A transcript that was read from a file.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its source.
    pub origin: Origin,
    /// The transcript.
    pub transcript: Transcript,
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct Unreadable {
    /// The name of the file.
    pub file: String,
    /// The number of the line, from 1.
    pub line: usize,
    /// The problem, and the remedy if there is one.
    pub problem: String,
}

impl Origin {
    /// A name that tells it apart: subject, instance and bug.
    pub fn name(&self) -> String {
        let Self {
            subject, instance, ..
        } = self;
        match &self.bug {
            None => format!("{subject} {instance}"),
            Some(bug) => format!("{subject} {instance} {bug}"),
        }
    }

    /// Whether a requirement applies to a subject with these capabilities.
    pub fn has_what_it_needs(&self, requirement: &Requirement) -> bool {
        let mut needs = requirement.needs.iter();
        needs.all(|needed| self.capabilities.contains(needed))
    }
}

/// Formats a transcript as one line, without the line break.
///
/// # Errors
///
/// None is known: all keys are strings, and all numbers are finite.
pub fn line(origin: &Origin, transcript: &Transcript) -> serde_json::Result<String> {
    serde_json::to_string(&mirror::Line::of(origin, transcript))
}

/// Parses the output of [`line()`].
///
/// # Errors
///
/// The problem, and the remedy if there is one.
pub fn parse(line: &str) -> Result<Stored, String> {
    if line.len() > LONGEST {
        return Err("the line is longer than 4 GiB".into());
    }
    match serde_json::from_str::<mirror::Line<'_>>(line) {
        Ok(line) if line.format == FORMAT => Ok(line.store()),
        Ok(line) => Err(other_format(line.format)),
        // A later format may have other fields.
        Err(error) => Err(match serde_json::from_str(line) {
            Ok(Version { format }) if format != FORMAT => other_format(format),
            _ if error.is_eof() => {
                "the line is incomplete, as after a run that was stopped: delete it".into()
            }
            _ => format!("not a stored transcript (`lastword run --transcripts`): {error}"),
        }),
    }
}

/// Reads the transcripts of a file, one at a time. `name` is the file's name in errors. Empty lines
/// are skipped.
pub fn read(name: &str, file: impl BufRead) -> impl Iterator<Item = Result<Stored, Unreadable>> {
    numbered(name, file).map(|numbered| numbered.map(|(_, stored)| stored))
}

/// The same as [`read`], with the number of each line.
pub fn numbered(
    name: &str,
    mut file: impl BufRead,
) -> impl Iterator<Item = Result<(usize, Stored), Unreadable>> {
    let mut number = 0;
    let mut bytes = Vec::new();
    let mut over = false;
    std::iter::from_fn(move || {
        loop {
            if over {
                return None;
            }
            number += 1;
            let unreadable = |problem: String| Unreadable {
                file: name.to_owned(),
                line: number,
                problem,
            };
            match next_line(&mut file, &mut bytes) {
                Ok(0) => return None,
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => return Some(decode(&bytes).map(|it| (number, it)).map_err(unreadable)),
                Err(error) => {
                    over = true;
                    return Some(Err(unreadable(format!("cannot read on: {error}"))));
                }
            }
        }
    })
}

/// Reads up to and including the next line break. Returns the number of bytes.
fn next_line(file: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<usize> {
    bytes.clear();
    file.read_until(b'\n', bytes)
}

fn decode(bytes: &[u8]) -> Result<Stored, String> {
    if bytes.starts_with(GZIP) {
        return Err("the file is compressed: unpack it with `gzip -dc` first".into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "the line is not UTF-8 text".to_owned())?;
    parse(text.trim_ascii())
}

fn other_format(format: u32) -> String {
    format!(
        "the line has format {format}, and this program reads format {FORMAT}: record the \
         transcripts again, or use the program that wrote them"
    )
}

/// The only field that every format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

#[cfg(test)]
mod tests;
