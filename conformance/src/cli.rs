//! The command line.

mod examples;
mod reading;
mod verbs;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use closure::{Level, Profile};
use protocol::{Role, Version};

use crate::builder::{Assertions, Source};
use crate::run::{DEFAULT_SEED, Shard};
use cases::instances::{parse_role, parse_version};

pub use reading::{
    AcceptArgs, DiffArgs, DiffFormat, JudgeArgs, JudgeFormat, MatrixArgs, MatrixFormat, ReportArgs,
    ReportFormat,
};
pub use verbs::{parse, verbs};

/// Where failing instances leave their directories by default.
pub const DEFAULT_FAILURES: &str = "target/lastword/failures";

/// Does a TLS implementation say goodbye correctly?
#[derive(Debug, Parser)]
#[command(
    name = "lastword",
    version,
    args_conflicts_with_subcommands = true,
    after_help = examples::TOP
)]
pub struct Cli {
    /// The command; `run` if there is none.
    #[command(subcommand)]
    pub command: Option<Verb>,
    /// The arguments of `run`, which need no command.
    #[command(flatten)]
    pub run: RunArgs,
    /// When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Only on a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Test implementations: play the selected cases and judge what happens
    #[command(after_help = examples::RUN)]
    Run(Box<RunArgs>),
    /// List requirements and cases
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Explain a requirement, a case or an instance
    #[command(after_help = examples::EXPLAIN)]
    Explain(ExplainArgs),
    /// Show saved results as text, Markdown, JUnit or an HTML page
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),
    /// Compare two results files
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Judge stored transcripts again, and compare the verdicts with earlier ones
    #[command(after_help = examples::JUDGE)]
    Judge(JudgeArgs),
    /// Show several results files side by side, as a matrix
    #[command(after_help = examples::MATRIX)]
    Matrix(MatrixArgs),
    /// Add the deviations of a run to an expectations file, with reasons to fill in
    #[command(after_help = examples::ACCEPT)]
    Accept(AcceptArgs),
    /// Keep a script as a regression test: it is a case from the next build on
    #[command(after_help = examples::PROMOTE)]
    Promote(PromoteArgs),
    /// Replay a script, a failure directory or the input of a fuzz target
    #[command(after_help = examples::REPLAY)]
    Replay(ReplayArgs),
    /// Write every case as seed inputs for the fuzz targets
    #[command(after_help = examples::SEEDS)]
    Seeds(SeedsArgs),
    /// Check that a shim speaks the protocol
    Shim {
        /// The command for the shim.
        #[command(subcommand)]
        command: ShimVerb,
    },
    /// Print a JSON Schema
    #[command(after_help = examples::SCHEMA)]
    Schema(SchemaArgs),
    /// Serve the shim protocol for a built-in subject
    #[command(hide = true)]
    Subject(SubjectArgs),
}

/// The arguments of `promote`.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// A script, or the directory that a failing instance left
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The name of the new case: lower-case words joined by hyphens
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// One sentence about the case; by default the comment in the file
    #[arg(long, value_name = "SENTENCE")]
    pub says: Option<String>,
    /// The requirement and code that the script shows; by default those in the file
    #[arg(long, value_name = "REQUIREMENT:CODE")]
    pub breaks: Option<String>,
    /// The instance that shows them, as role,version,cut,habit; by default the one in the file
    #[arg(long, value_name = "AXES")]
    pub axes: Option<String>,
    /// The directory to write the script to
    #[arg(long, value_name = "DIR", default_value = "corpus/regressions")]
    pub into: PathBuf,
}

/// The arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Scripts, directories of failing instances, or inputs of fuzz targets
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The fuzz target that the inputs belong to; by default the name of their folder
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// The instance to play, as role,version,cut,habit; by default the one in the script
    #[arg(long, value_name = "AXES")]
    pub axes: Option<String>,
    /// Also find and show a smaller input with the same effect; only for inputs of fuzz targets
    #[arg(long)]
    pub shrink: bool,
    /// The seed of all randomness; by default the one in the file
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The reading of the RFCs; by default the one in the file.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// The subjects to play scripts against.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// The arguments of `seeds`.
#[derive(Debug, Args)]
pub struct SeedsArgs {
    /// The directory that holds one corpus directory for each target
    #[arg(long, value_name = "DIR", default_value = "corpus")]
    pub into: PathBuf,
}

/// The commands for shims.
#[derive(Debug, Subcommand)]
pub enum ShimVerb {
    /// Check that a shim speaks the protocol, one line for each check
    #[command(after_help = examples::SHIM_CHECK)]
    Check(ShimCheckArgs),
}

/// The arguments of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Names of cases, ids of instances or parts of them, patterns with *; everything by default
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// Play this case; needs its exact name
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    pub case: Vec<String>,
    /// Play the cases that exercise this requirement, and judge only it
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub requirement: Vec<String>,
    /// Play the cases that exercise requirements of this level, and judge only those: must,
    /// definition, should, may, practice or contract
    #[arg(long, value_name = "LEVEL", value_parser = parse_level, help_heading = "Selection")]
    pub level: Vec<Level>,
    /// Play only instances in which the subject has this role: client or server
    #[arg(long, value_name = "ROLE", value_parser = parse_role, help_heading = "Selection")]
    pub role: Vec<Role>,
    /// Play only instances of this version of TLS: 1.2 or 1.3
    #[arg(
        long = "tls",
        visible_alias = "tls-version",
        value_name = "VERSION",
        value_parser = parse_version,
        help_heading = "Selection"
    )]
    pub versions: Vec<Version>,
    /// Play one of N parts of the cases, to split a run between machines; M counts from 1
    #[arg(long, value_name = "M/N", help_heading = "Selection")]
    pub shard: Option<Shard>,
    /// Play all combinations of cuts, habits and suites instead of varying one at a time
    #[arg(long, help_heading = "Selection")]
    pub exhaustive: bool,
    /// The reading of the RFCs.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// The subjects to run.
    #[command(flatten)]
    pub subjects: SubjectChoice,
    /// The number of instances to play in parallel; by default the number of processors
    #[arg(
        short,
        long,
        value_name = "N",
        value_parser = |text: &str| parse_count(text, "-j"),
        help_heading = "Running"
    )]
    pub jobs: Option<NonZeroUsize>,
    /// The seed of all randomness: equal seeds give equal results
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Running")]
    pub seed: u64,
    /// Run N times, and fail if the results differ
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_parser = |text: &str| parse_count(text, "--repeat"),
        help_heading = "Running"
    )]
    pub repeat: NonZeroUsize,
    /// Write the results to this file as JSON, for `report`, `diff`, `matrix` and `accept`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub results: Option<PathBuf>,
    /// Write the transcript of every instance to this file, one JSON object per line, for `judge`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub transcripts: Option<PathBuf>,
    /// The directory for the script, transcript, capture and standard error of failing instances
    #[arg(
        long,
        value_name = "DIR",
        env = "LASTWORD_FAILURES",
        hide_env_values = true,
        default_value = DEFAULT_FAILURES,
        help_heading = "Output"
    )]
    pub failures: PathBuf,
    /// Show the slowest instances, or write all times to a file as JSON
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        help_heading = "Output"
    )]
    pub timings: Option<Option<PathBuf>>,
    /// Do not shorten lists, and write the directory of every failing instance
    #[arg(long, help_heading = "Output")]
    pub all: bool,
}

/// A reading of the RFCs, where they allow several.
#[derive(Clone, Debug, Args)]
pub struct ProfileChoice {
    /// The reading of the RFCs: half-close (default) or full-close, where close_notify ends both
    /// directions of TLS 1.2; rfc8446 (default) or rfc8446bis for TLS 1.3
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
    /// The profile. Where options contradict each other, the last one wins.
    pub fn chosen(&self) -> Profile {
        let mut profile = Profile::default();
        for name in &self.profile {
            // Cannot fail: the parser accepts only names that exist.
            let _ = profile.choose(name);
        }
        profile
    }
}

/// A choice of subjects.
#[derive(Clone, Debug, Args)]
pub struct SubjectChoice {
    /// Built-in subjects: rustls-unbuffered, rustls-buffered; both by default
    #[arg(
        long = "subject",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Subjects"
    )]
    pub subjects: Vec<String>,
    /// Test another implementation: a command that speaks the shim protocol (docs/protocol.md)
    #[arg(long, value_name = "CMD ARGS", help_heading = "Subjects")]
    pub shim: Option<String>,
    /// The known deviations of the shim, as TOML
    #[arg(
        long,
        value_name = "FILE",
        requires = "shim",
        help_heading = "Subjects"
    )]
    pub expectations: Option<PathBuf>,
    /// Build and test another rustls: a release such as 0.23.22, a working tree, or URL#REVISION
    #[arg(long, value_name = "WHICH", help_heading = "Subjects")]
    pub rustls: Option<Source>,
    /// Build rustls with or without debug assertions
    #[arg(long, value_enum, value_name = "WHICH", help_heading = "Subjects")]
    pub assertions: Option<Assertions>,
    /// The time a subject has for each answer, in seconds; a twentieth of it in processor time
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
    /// Parses the words of a command line that choose subjects.
    ///
    /// # Errors
    ///
    /// The message of the parser.
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

/// The arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The output format
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

/// The output formats of `list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Text.
    Human,
    /// One JSON object.
    Json,
}

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a requirement or an instance, or the name of a case or a family
    pub id: String,
    /// The reading of the RFCs.
    #[command(flatten)]
    pub profile: ProfileChoice,
    /// The subjects to try it on.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// The arguments of `shim check`.
#[derive(Debug, Args)]
pub struct ShimCheckArgs {
    /// The subjects to check.
    #[command(flatten)]
    pub subjects: SubjectChoice,
}

/// The arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The format to describe
    #[arg(value_enum, default_value_t = SchemaOf::Results)]
    pub of: SchemaOf,
}

/// The formats that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The shim protocol.
    Protocol,
    /// The file that `run --results` writes.
    Results,
}

/// The arguments of `subject`.
#[derive(Debug, Args)]
pub struct SubjectArgs {
    /// The name of the subject.
    pub name: String,
    /// The bug that the reference subject has.
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
        format!("expected one of {}", names.join(", "))
    })
}

/// A whole number for `option`, 1 or more.
fn parse_count(text: &str, option: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text
        .parse()
        .map_err(|_| format!("`{option}` needs a whole number, at least 1"))?;
    NonZeroUsize::new(number).ok_or_else(|| format!("`{option}` needs at least 1"))
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    match seconds > 0.0 && seconds <= 3600.0 {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("expected more than 0 and at most 3600 seconds".into()),
    }
}
