//! The command line.

mod examples;
mod reading;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use closure::{Level, Profile};
use protocol::{Role, Version};

use crate::builder::{Assertions, Source};
use crate::instances::{parse_role, parse_version};
use crate::run::{DEFAULT_SEED, Shard};

pub use reading::{
    AcceptArgs, DiffArgs, DiffFormat, MatrixArgs, MatrixFormat, ReportArgs, ReportFormat,
};

/// Does a TLS implementation say goodbye correctly?
#[derive(Debug, Parser)]
#[command(
    name = "lastword",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `run` is meant; `lastword run --help` has examples.\n\nExit codes: 0 all fine, 1 internal error, \
                  2 usage, 4 nothing selected, 96 set-up,\n100 regression, 103 only stale \
                  expectations, 130 interrupted"
)]
pub struct Cli {
    /// What to do; `run` unless given.
    #[command(subcommand)]
    pub command: Option<Verb>,
    /// What `run` takes.
    #[command(flatten)]
    pub run: RunArgs,
    /// When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Play instances against subjects, and judge them
    #[command(after_help = examples::RUN)]
    Run(Box<RunArgs>),
    /// List requirements and cases
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Tell all about a case, a requirement or an instance
    #[command(after_help = examples::EXPLAIN)]
    Explain(ExplainArgs),
    /// Show results again: on the terminal, in a pull request, in a CI system, in a browser
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),
    /// Tell what differs between two results
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Show many results as one matrix
    #[command(after_help = examples::MATRIX)]
    Matrix(MatrixArgs),
    /// Add what a run has found to a file of expectations, for a person to give the reasons
    #[command(after_help = examples::ACCEPT)]
    Accept(AcceptArgs),
    /// Keep a script as a regression: a case of its own from the next build on
    #[command(after_help = examples::PROMOTE)]
    Promote(PromoteArgs),
    /// Play again what a fuzzer or a run has left behind
    #[command(
        after_help = "Exit code 100 means that it still breaks something that is not known.\n\n\
                      Examples:\n  lastword replay corpus/regressions/error-behind-own-close.script\n  \
                      lastword replay --shrink fuzz/artifacts/hostile_peer_client_13/crash-*\n  \
                      lastword replay --target raw_bytes FILE"
    )]
    Replay(ReplayArgs),
    /// Write every case in the byte form, for fuzzers to start from
    Seeds(SeedsArgs),
    /// Check that a shim speaks the protocol
    Shim {
        /// What to do with a shim.
        #[command(subcommand)]
        command: ShimVerb,
    },
    /// Print a JSON Schema
    #[command(after_help = examples::SCHEMA)]
    Schema(SchemaArgs),
    /// Be the shim of a subject that is part of the program
    #[command(hide = true)]
    Subject(SubjectArgs),
}

/// What `promote` takes.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// A script, or the directory of a failure
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to call it: lower-case words with hyphens between them
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// What it is about, in a sentence; what the file says of itself unless given
    #[arg(long, value_name = "SENTENCE")]
    pub says: Option<String>,
    /// The requirement and the code that it breaks, as REQUIREMENT:CODE; what the file says unless given
    #[arg(long, value_name = "REQUIREMENT:CODE")]
    pub breaks: Option<String>,
    /// The instance that breaks it, as role,version,cut,habit; what the file says unless given
    #[arg(long, value_name = "AXES")]
    pub axes: Option<String>,
    /// The directory of regressions
    #[arg(long, value_name = "DIR", default_value = "corpus/regressions")]
    pub into: PathBuf,
}

/// What `replay` takes.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Inputs of fuzz targets, scripts, or the directories of failures
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The target whose inputs they are; the name of the folder that they are in unless given
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// The instance of a script that does not say, as role,version,cut,habit
    #[arg(long, value_name = "AXES")]
    pub axes: Option<String>,
    /// Show also the smallest input that breaks the same; for inputs of fuzz targets
    #[arg(long)]
    pub shrink: bool,
    /// Where all that is random comes from; what the file says unless given
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Which reading of the RFCs; what the file says unless given.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// What subjects to play scripts against.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// What `seeds` takes.
#[derive(Debug, Args)]
pub struct SeedsArgs {
    /// The directory in which each target has its own
    #[arg(long, value_name = "DIR", default_value = "corpus")]
    pub into: PathBuf,
}

/// What to do with a shim.
#[derive(Debug, Subcommand)]
pub enum ShimVerb {
    /// Check that it speaks the protocol
    #[command(after_help = examples::SHIM_CHECK)]
    Check(ShimCheckArgs),
}

/// What `run` takes.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Cases, instances, patterns with *, or parts of an instance's id; everything unless given
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// A case, by its exact name
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub case: Vec<String>,
    /// Cases that exercise this requirement; judge only it
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub requirement: Vec<String>,
    /// Cases that exercise requirements of this level; judge only them
    #[arg(long, value_name = "LEVEL", value_parser = parse_level, help_heading = "Selection")]
    pub level: Vec<Level>,
    /// The subject's role: client or server
    #[arg(long, value_name = "ROLE", value_parser = parse_role, help_heading = "Selection")]
    pub role: Vec<Role>,
    /// The version of TLS: 1.2 or 1.3
    #[arg(
        long = "tls",
        visible_alias = "tls-version",
        value_name = "VERSION",
        value_parser = parse_version,
        help_heading = "Selection"
    )]
    pub versions: Vec<Version>,
    /// The Mth of N parts of the cases
    #[arg(long, value_name = "M/N", help_heading = "Selection")]
    pub shard: Option<Shard>,
    /// Cross all axes instead of varying one at a time
    #[arg(long, help_heading = "Selection")]
    pub exhaustive: bool,
    /// Which reading of the RFCs.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// What subjects to run.
    #[command(flatten)]
    pub subjects: SubjectChoice,
    /// How many instances to play at a time; as many as there are processors unless given
    #[arg(short, long, value_name = "N", help_heading = "Running")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Where all that is random comes from
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Running")]
    pub seed: u64,
    /// Run so many times, and fail unless the results are the same each time
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Running")]
    pub repeat: std::num::NonZeroUsize,
    /// Write results to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub results: Option<PathBuf>,
    /// Where a failing instance leaves its script, transcript, capture and standard error
    #[arg(
        long,
        value_name = "DIR",
        env = "LASTWORD_FAILURES",
        hide_env_values = true,
        default_value = "target/lastword/failures",
        help_heading = "Output"
    )]
    pub failures: PathBuf,
    /// Tell how long instances took, or write it to a file of its own, as JSON
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        help_heading = "Output"
    )]
    pub timings: Option<Option<PathBuf>>,
    /// Show lists whole, however long, and let every failing instance leave its directory
    #[arg(long, help_heading = "Output")]
    pub all: bool,
}

/// Which reading of the RFCs, where there are several.
#[derive(Clone, Debug, Args)]
pub struct ProfileChoice {
    /// half-close (default) or full-close: whether close_notify ends both halves in TLS 1.2;
    /// rfc8446 (default) or rfc8446bis: whose words count for TLS 1.3
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = clap::builder::PossibleValuesParser::new(closure::Choice::ALL.map(closure::Choice::name)),
        hide_possible_values = true,
        help_heading = "Selection"
    )]
    pub profile: Vec<String>,
}

impl ProfileChoice {
    /// The profile; the last word on each choice counts.
    pub fn chosen(&self) -> Profile {
        let mut profile = Profile::default();
        for name in &self.profile {
            // Only names that exist get past the parser.
            let _ = profile.choose(name);
        }
        profile
    }
}

/// Which subjects.
#[derive(Clone, Debug, Args)]
pub struct SubjectChoice {
    /// Subjects that are part of the program
    #[arg(
        long = "subject",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Subjects"
    )]
    pub subjects: Vec<String>,
    /// A subject behind this command, which speaks the shim protocol
    #[arg(long, value_name = "CMD ARGS", help_heading = "Subjects")]
    pub shim: Option<String>,
    /// What is known of the shim, as TOML
    #[arg(
        long,
        value_name = "FILE",
        requires = "shim",
        help_heading = "Subjects"
    )]
    pub expectations: Option<PathBuf>,
    /// Build and take another rustls: a release such as 0.23.22, a working tree, or URL#REVISION
    #[arg(long, value_name = "WHICH", help_heading = "Subjects")]
    pub rustls: Option<Source>,
    /// Take rustls with or without its assertions, built where this program is not built so
    #[arg(long, value_enum, value_name = "WHICH", help_heading = "Subjects")]
    pub assertions: Option<Assertions>,
    /// How many seconds a subject may take to answer, and a twentieth of that in processor time
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "10",
        value_parser = parse_seconds,
        help_heading = "Subjects"
    )]
    pub timeout: Duration,
}

impl SubjectChoice {
    /// Reads what a command line said of subjects.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse_from_words(words: Vec<String>) -> Result<Self, String> {
        #[derive(Parser)]
        #[command(no_binary_name = true)]
        struct Alone {
            #[command(flatten)]
            subjects: SubjectChoice,
        }
        let alone = Alone::try_parse_from(words).map_err(|error| error.to_string())?;
        Ok(alone.subjects)
    }
}

/// What `list` takes.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// For people, or as one JSON object
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Human,
    /// As one JSON object.
    Json,
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A case, a requirement, a family of requirements or an instance
    pub id: String,
    /// Which reading of the RFCs.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// Against which subjects it stands today.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// What `shim check` takes.
#[derive(Debug, Args)]
pub struct ShimCheckArgs {
    /// What to check.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, default_value_t = SchemaOf::Results)]
    pub of: SchemaOf,
}

/// Of what to print a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The shim protocol.
    Protocol,
    /// The file that `run --results` writes.
    Results,
}

/// What `subject` takes.
#[derive(Debug, Args)]
pub struct SubjectArgs {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    #[arg(long)]
    pub bug: Option<String>,
}

fn parse_level(text: &str) -> Result<Level, String> {
    const ALL: [Level; 6] = [
        Level::Must,
        Level::Definition,
        Level::Should,
        Level::May,
        Level::Practice,
        Level::Contract,
    ];
    let found = ALL.into_iter().find(|level| level.name() == text);
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|level| level.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    match seconds > 0.0 && seconds <= 3600.0 {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("more than 0 and at most 3600 seconds".into()),
    }
}
