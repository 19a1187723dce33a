//! The directory of a failing instance, with everything that is needed to study and repeat it.
//!
//! ```text
//! target/lastword/failures/rustls-unbuffered/half-close/ping-pong@client,1.3,whole,plain/
//!   script        the script, with the instance and the settings of the run: see `specimen`
//!   transcript    all events, drawn as in a report
//!   wire.pcapng   the traffic, with the keys that decrypt it
//!   stderr        the standard error of the subject, if it is not empty
//!   reproduce     the command line that plays the instance again
//! ```

mod capture;
mod pcapng;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cases::instances;
use closure::{Axes, Transcript};
use peer::LoggedSecret;

use crate::lines;
use crate::render::ladder;
use crate::specimen::SCRIPT_FILE;
use scenario::Specimen;
use shim::Wire;

pub use capture::pcapng;

/// The file of the transcript.
pub const TRANSCRIPT_FILE: &str = "transcript";
/// The file of the capture.
pub const WIRE_FILE: &str = "wire.pcapng";
/// The file of the subject's standard error.
pub const STDERR_FILE: &str = "stderr";
/// The file of the command line.
pub const REPRODUCE_FILE: &str = "reproduce";

const FILES: [&str; 5] = [
    SCRIPT_FILE,
    TRANSCRIPT_FILE,
    WIRE_FILE,
    STDERR_FILE,
    REPRODUCE_FILE,
];

/// The maximum number of directories in one run without `--all`. Where everything fails, more do not
/// help.
pub const MOST: usize = 200;

/// The directories of failing instances.
#[derive(Debug)]
pub struct Failures {
    root: PathBuf,
    most: usize,
    /// Whether an earlier run may have left directories.
    existed: bool,
    kept: AtomicUsize,
    left_out: AtomicUsize,
    broken: Mutex<Option<String>>,
}

/// The facts of a failing instance.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The subject's name.
    pub subject: &'a str,
    /// The instance's id.
    pub instance: &'a str,
    /// The script and its settings.
    pub specimen: &'a Specimen,
    /// The transcript.
    pub transcript: &'a Transcript,
    /// The event that violates the requirement, if it is one event.
    pub at: Option<usize>,
    /// The traffic.
    pub wire: &'a Wire,
    /// The keys of the connections.
    pub secrets: &'a [LoggedSecret],
    /// The subject's standard error.
    pub stderr: &'a str,
    /// The command line that plays the instance again.
    pub reproduce: &'a str,
}

impl Failures {
    /// Directories below `root`, `most` of them at most. `root` is created when it is needed.
    pub fn new(root: PathBuf, most: usize) -> Self {
        Self {
            existed: root.exists(),
            root,
            most,
            kept: AtomicUsize::new(0),
            left_out: AtomicUsize::new(0),
            broken: Mutex::new(None),
        }
    }

    /// The directory of an instance.
    pub fn directory(&self, subject: &str, instance: &str) -> PathBuf {
        self.root.join(safe(subject)).join(safe(instance))
    }

    /// Writes the directory of a failing instance, unless there are enough already.
    pub fn keep(&self, evidence: &Evidence<'_>) {
        if self.kept.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let directory = self.directory(evidence.subject, evidence.instance);
        if let Err(problem) = write(&directory, evidence)
            && let Ok(mut broken) = self.broken.lock()
        {
            broken.get_or_insert(problem);
        }
    }

    /// Removes the directory of an instance that failed in an earlier run and passes now.
    pub fn forget(&self, subject: &str, case: &str, axes: &Axes) {
        if !self.existed {
            return;
        }
        let directory = self.directory(subject, &instances::id(case, axes));
        if !directory.join(SCRIPT_FILE).is_file() {
            return;
        }
        for name in FILES {
            // A file that cannot be removed does no harm: the script names the instance.
            let _ = fs::remove_file(directory.join(name));
        }
        let _ = fs::remove_dir(directory);
    }

    /// The directory above all of them.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether any instance has failed.
    pub fn any(&self) -> bool {
        self.kept.load(Ordering::Relaxed) > 0
    }

    /// The number of failing instances without a directory.
    pub fn left_out(&self) -> usize {
        self.left_out.load(Ordering::Relaxed)
    }

    /// The message for the first file that could not be written.
    pub fn broken(&self) -> Option<String> {
        self.broken.lock().ok().and_then(|broken| broken.clone())
    }
}

fn write(directory: &Path, evidence: &Evidence<'_>) -> Result<(), String> {
    let fault = |what: &Path, error: io::Error| format!("cannot write {}: {error}", what.display());
    fs::create_dir_all(directory).map_err(|error| fault(directory, error))?;
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.join(name);
        fs::write(&path, bytes).map_err(|error| fault(&path, error))
    };
    let lines = lines::all(evidence.transcript, evidence.at);
    file(SCRIPT_FILE, evidence.specimen.to_string().as_bytes())?;
    file(
        TRANSCRIPT_FILE,
        ladder::draw_all(&lines, evidence.subject).as_bytes(),
    )?;
    file(WIRE_FILE, &pcapng(evidence.wire, evidence.secrets.iter()))?;
    file(
        REPRODUCE_FILE,
        format!("{}\n", evidence.reproduce).as_bytes(),
    )?;
    match evidence.stderr.is_empty() {
        false => file(STDERR_FILE, evidence.stderr.as_bytes()),
        true => {
            // An earlier failure may have left one.
            let _ = fs::remove_file(directory.join(STDERR_FILE));
            Ok(())
        }
    }
}

/// A relative path for a name or an id. Replaces all other characters, because names come from shims.
fn safe(name: &str) -> PathBuf {
    name.split('/')
        .map(|part| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,@:+".contains(c);
            let part: String = part
                .chars()
                .map(|c| if plain(c) { c } else { '_' })
                .collect();
            match part.trim_matches('.').is_empty() {
                true => "_".into(),
                false => part,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test may stop at once")]
    fn there_are_no_more_directories_than_requested() {
        let root = std::env::temp_dir().join(format!("lastword-most-{}", std::process::id()));
        let failures = Failures::new(root.clone(), 1);
        for instance in ["one", "two", "three"] {
            failures.keep(&Evidence {
                subject: "shim",
                instance,
                specimen: &Specimen::parse("handshake\n").unwrap(),
                transcript: &Transcript::new(),
                at: None,
                wire: &Wire::default(),
                secrets: &[],
                stderr: "",
                reproduce: "",
            });
        }
        assert_eq!(failures.broken(), None);
        assert_eq!(failures.left_out(), 2);
        assert!(failures.directory("shim", "one").is_dir());
        assert!(!failures.directory("shim", "two").exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        assert_eq!(safe("../../etc/a b"), Path::new("_/_/etc/a_b"));
        assert_eq!(safe("/etc"), Path::new("_/etc"));
        let id = "half-close/ping-pong@client,1.3,random-1,plain";
        assert_eq!(safe(id), Path::new(id));
    }
}
