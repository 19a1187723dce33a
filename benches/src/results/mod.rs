//! `bench.json`: all measurements and their circumstances. All other formats are rendered from it.

mod criterion;
mod environment;
mod gungraun;
mod rounds;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::criterion::measurements;
pub use self::environment::rustc;
pub use self::gungraun::counts;

/// The version of the format that is written.
pub const SCHEMA: u32 = 1;

/// The results of one run of the benches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bench {
    /// The version of this format.
    pub schema: u32,
    /// The machine, the tools, and the version of rustls.
    pub environment: Environment,
    /// How many rounds were timed.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rounds: usize,
    /// The timed operations, by id.
    pub measurements: Vec<Measurement>,
    /// The instruction counts, by id. Empty if nothing ran under valgrind.
    pub counts: Vec<Count>,
    /// The allocations and copies, by id. Empty if they were not counted.
    pub allocations: Vec<Allocation>,
}

/// The circumstances of the measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Environment {
    /// The version of rustls.
    pub rustls: String,
    /// The commit of this suite, with the suffix `-dirty` if the tree differed from it.
    pub commit: String,
    /// The version string of the compiler.
    pub rustc: String,
    /// The model of the processor.
    pub cpu: String,
    /// The number of processors.
    pub cores: usize,
    /// The operating system.
    pub system: String,
    /// The load average when the results were collected.
    pub load: String,
}

/// A timed operation, in nanoseconds of processor time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Measurement {
    /// `operation/api/crypto/suite/size`, or a variant in place of the size.
    pub id: String,
    /// Bytes of content that one operation moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The median. With several rounds, the median of their medians.
    pub median: f64,
    /// The lower end of its confidence interval (95 %). With several rounds, the least of their
    /// medians.
    pub low: f64,
    /// The upper end of its confidence interval. With several rounds, the greatest of their
    /// medians.
    pub high: f64,
    /// The median as a multiple of the floor in the same round. With several rounds, the median of
    /// these. Absent for the floor itself, and for operations without a floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// The least multiple of several rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_low: Option<f64>,
    /// The greatest multiple of several rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_high: Option<f64>,
}

/// An operation whose instructions were counted under valgrind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// `operation/api/size`.
    pub id: String,
    /// Instructions.
    pub instructions: u64,
}

/// The allocations and copies of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Allocation {
    /// `operation/api/size`.
    pub id: String,
    /// Bytes of content that one operation delivers.
    pub delivered: u64,
    /// The number of allocations per operation.
    pub allocations: f64,
    /// The bytes of these allocations.
    pub allocated: f64,
    /// Bytes that calls of `memcpy` and similar functions copy. Absent if valgrind was not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<f64>,
}

/// The parts of a measurement's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The interface.
    pub api: &'a str,
    /// The cryptography library.
    pub crypto: &'a str,
    /// The cipher suite.
    pub suite: &'a str,
    /// The size, or the variant.
    pub what: &'a str,
}

impl<'a> Id<'a> {
    /// Splits an id into its parts.
    pub fn parse(id: &'a str) -> Option<Self> {
        let mut parts = id.split('/');
        let id = Self {
            operation: parts.next()?,
            api: parts.next()?,
            crypto: parts.next()?,
            suite: parts.next()?,
            what: parts.next()?,
        };
        parts.next().is_none().then_some(id)
    }

    /// The size in bytes, if there is one.
    pub fn size(&self) -> Option<f64> {
        self.what.parse().ok()
    }
}

/// Why results cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// The error.
        source: std::io::Error,
    },
    /// A file does not have the expected content.
    #[error("{} is not usable: {problem}", .path.display())]
    Content {
        /// The path.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
}

impl Bench {
    /// Combines the results: the timed rounds, the instruction counts, and the allocations.
    pub fn new(
        rustls: String,
        rounds: Vec<Vec<Measurement>>,
        counts: Vec<Count>,
        allocations: Vec<Allocation>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            environment: Environment::of_this_machine(rustls),
            rounds: rounds.len(),
            measurements: rounds::middle(rounds),
            counts,
            allocations,
        }
    }

    /// Reads a `bench.json`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has another format or version.
    pub fn read(path: &std::path::Path) -> Result<Self, Unusable> {
        let bench: Self = json(path)?;
        if bench.schema != SCHEMA {
            return Err(Unusable::Content {
                path: path.into(),
                problem: format!("schema {} instead of {SCHEMA}", bench.schema),
            });
        }
        Ok(bench)
    }

    /// The measurements of this operation, library and suite.
    pub fn timed<'a>(
        &'a self,
        operation: &'a str,
        crypto: &'a str,
        suite: &'a str,
    ) -> impl Iterator<Item = (Id<'a>, &'a Measurement)> {
        self.measurements.iter().filter_map(move |measurement| {
            let id = Id::parse(&measurement.id)?;
            let wanted = (operation, crypto, suite);
            ((id.operation, id.crypto, id.suite) == wanted).then_some((id, measurement))
        })
    }

    /// The count with this id.
    pub fn count(&self, id: &str) -> Option<&Count> {
        self.counts.iter().find(|count| count.id == id)
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> Result<T, Unusable> {
    let text = std::fs::read(path).map_err(|source| Unusable::Read {
        path: path.into(),
        source,
    })?;
    serde_json::from_slice(&text).map_err(|error| Unusable::Content {
        path: path.into(),
        problem: error.to_string(),
    })
}

fn one() -> usize {
    1
}

fn is_one(rounds: &usize) -> bool {
    *rounds == 1
}

/// All files with this name below `folder`, in order.
fn files(folder: &std::path::Path, name: &str) -> Result<Vec<PathBuf>, Unusable> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| Unusable::Read {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|own| own == name) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
