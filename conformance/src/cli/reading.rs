//! What the verbs take that read results.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `report` takes.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What `run --results` has written
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show lists whole, however long
    #[arg(long)]
    pub all: bool,
    /// JUnit only: write a test case for each instance instead of one for each requirement
    #[arg(long)]
    pub junit_instances: bool,
}

/// How to show results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// As `run` does.
    Text,
    /// A summary for a pull request, and the matrix.
    Markdown,
    /// XML for CI systems.
    Junit,
    /// One page that needs nothing but itself.
    Html,
}

/// What `matrix` takes.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// What `run --results` has written, once or more
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = MatrixFormat::Markdown)]
    pub format: MatrixFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How to show a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// A table, for a README.
    Markdown,
    /// One page that needs nothing but itself.
    Html,
}

/// What `diff` takes.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The older results
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The newer results
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show lists whole, however long
    #[arg(long)]
    pub all: bool,
}

/// How to show differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a terminal.
    Text,
    /// For a pull request.
    Markdown,
}

/// What `accept` takes.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// What `run --results` has written
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The subject, where the results are of several
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// The file of expectations to add to; conformance/expectations/SUBJECT.toml unless given
    #[arg(long, value_name = "FILE")]
    pub expectations: Option<PathBuf>,
}
