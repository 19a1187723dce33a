//! The arguments of the commands that read results.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A file that `run --results` has written
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Do not shorten lists
    #[arg(long)]
    pub all: bool,
    /// JUnit only: write a test case for each instance instead of one for each requirement
    #[arg(long)]
    pub junit_instances: bool,
}

/// The output formats of `report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// The text that `run` prints.
    Text,
    /// A summary and the matrix, for a pull request.
    Markdown,
    /// XML for CI systems.
    Junit,
    /// One self-contained page.
    Html,
}

/// The arguments of `matrix`.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// Files that `run --results` has written
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = MatrixFormat::Markdown)]
    pub format: MatrixFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The output formats of `matrix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// A table, for a README.
    Markdown,
    /// One self-contained page.
    Html,
}

/// The arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The older results
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The newer results
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Do not shorten lists
    #[arg(long)]
    pub all: bool,
}

/// The output formats of `diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// Text for a terminal.
    Text,
    /// Markdown for a pull request.
    Markdown,
}

/// The arguments of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Files that `run --transcripts` has written; - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = JudgeFormat::Text)]
    pub format: JudgeFormat,
    /// Show what differs from these verdicts, which `judge --format json` has written
    #[arg(long, value_name = "VERDICTS", conflicts_with = "format")]
    pub against: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The output formats of `judge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum JudgeFormat {
    /// A table with a row for each requirement.
    Text,
    /// The verdicts of each transcript, for `--against`.
    Json,
}

/// The arguments of `accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// A file that `run --results` has written
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The subject to take, where the results have several
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// The expectations file to add to; by default conformance/expectations/SUBJECT.toml
    #[arg(long, value_name = "FILE")]
    pub expectations: Option<PathBuf>,
}
