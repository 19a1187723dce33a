//! `bench.json`: everything that was measured, and under what circumstances. All other forms are
//! rendered from it.

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

/// The version of the format that this writes.
pub const SCHEMA: u32 = 1;

/// The results of one run of the benches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bench {
    /// The version of this format.
    pub schema: u32,
    /// Where, and of what.
    pub environment: Environment,
    /// How often everything was timed.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rounds: usize,
    /// What was timed, by id.
    pub measurements: Vec<Measurement>,
    /// What was counted under valgrind, by id; empty if nothing was.
    pub counts: Vec<Count>,
    /// What was allocated and copied, by id; empty if that was not counted.
    pub allocations: Vec<Allocation>,
}

/// Where something was measured, and of what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Environment {
    /// The version of rustls.
    pub rustls: String,
    /// The commit of this suite, and `-dirty` behind it if the tree differed from it.
    pub commit: String,
    /// The compiler, in its own words.
    pub rustc: String,
    /// The processor.
    pub cpu: String,
    /// How many of them.
    pub cores: usize,
    /// The operating system.
    pub system: String,
    /// How many processes wanted a processor when the results were collected, on average.
    pub load: String,
}

/// Something that was timed, in nanoseconds of processor time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Measurement {
    /// `operation/api/crypto/suite/size`, or a variant in place of the size.
    pub id: String,
    /// How many bytes of content one operation moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The median; of several rounds, that of their medians.
    pub median: f64,
    /// The lower end of its confidence interval (95 %); of several rounds, the least of their
    /// medians.
    pub low: f64,
    /// The upper end; of several rounds, the greatest of their medians.
    pub high: f64,
    /// How many times the floor of the same round that is, of several rounds the median; absent for
    /// the floor and for what has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// The least of several rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_low: Option<f64>,
    /// The greatest of several rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_high: Option<f64>,
}

/// Something that was counted under valgrind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// `operation/api/size`.
    pub id: String,
    /// Instructions.
    pub instructions: u64,
}

/// What one operation allocates, and copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Allocation {
    /// `operation/api/size`.
    pub id: String,
    /// How many bytes of content one operation delivers.
    pub delivered: u64,
    /// How many allocations it makes.
    pub allocations: f64,
    /// How many bytes they are.
    pub allocated: f64,
    /// How many bytes calls of `memcpy` and its like copy; absent if valgrind was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<f64>,
}

/// The parts of a measurement's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id<'a> {
    /// What was done.
    pub operation: &'a str,
    /// By which interface.
    pub api: &'a str,
    /// Over which library.
    pub crypto: &'a str,
    /// With which suite.
    pub suite: &'a str,
    /// How much at a time, or what kind.
    pub what: &'a str,
}

impl<'a> Id<'a> {
    /// Takes an id apart.
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

    /// How much at a time, in bytes.
    pub fn size(&self) -> Option<f64> {
        self.what.parse().ok()
    }
}

/// Why results cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} is not what it should be: {problem}", .path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
}

impl Bench {
    /// Puts together what was found: what was timed in one round or several, what was counted, and
    /// what was allocated.
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

    /// Reads one.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it is of another kind or version.
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

    /// What was timed and has an id of this operation, library and suite.
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

    /// What was counted under that id.
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

/// All files of that name below `folder`, in order.
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
