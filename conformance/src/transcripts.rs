//! The file of `run --transcripts`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use closure::Transcript;
use closure::stored::{self, Origin};

use crate::exit::Failure;

/// A file that transcripts are written to, from any thread, in the order in which instances end.
#[derive(Debug)]
pub struct Transcripts {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: BufWriter<File>,
    /// The first error. Nothing is written after it.
    broken: Option<String>,
}

impl Transcripts {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    ///
    /// If that is not possible.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| unwritable(path, &error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                file: BufWriter::new(file),
                broken: None,
            }),
        })
    }

    /// Appends a transcript. [`Self::finish`] returns the error if it cannot be written.
    pub fn keep(&self, origin: &Origin, transcript: &Transcript) {
        let line = stored::line(origin, transcript);
        // Another thread can have panicked, but not while it wrote.
        let mut state = self.state.lock().unwrap_or_else(|it| it.into_inner());
        if state.broken.is_some() {
            return;
        }
        let written = line
            .map_err(|error| error.to_string())
            .and_then(|line| writeln!(state.file, "{line}").map_err(|error| error.to_string()));
        state.broken = written.err();
    }

    /// Completes the file.
    ///
    /// # Errors
    ///
    /// If any transcript could not be written.
    pub fn finish(self) -> Result<(), Failure> {
        let mut state = self.state.into_inner().unwrap_or_else(|it| it.into_inner());
        let flushed = state.file.flush().map_err(|error| error.to_string()).err();
        match state.broken.or(flushed) {
            Some(problem) => Err(unwritable(&self.path, &problem)),
            None => Ok(()),
        }
    }
}

fn unwritable(path: &Path, problem: &str) -> Failure {
    Failure::set_up(format!("cannot write {}: {problem}", path.display()))
}
