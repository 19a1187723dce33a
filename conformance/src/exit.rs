//! Exit codes: one meaning each, never a count, and never 101, which belongs to Rust panics and
//! to cargo.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every outcome is fine.
    Ok,
    /// The program itself is at fault, or a subject answered nonsense, or a case did not exercise
    /// what it says.
    Internal,
    /// The command line cannot be understood.
    Usage,
    /// The selection chooses nothing, or names something that does not exist.
    NothingSelected,
    /// Something that a run needs is missing or broken: a file, a shim.
    SetUp,
    /// A deviation, or a missing capability, that is not listed.
    Regression,
    /// A benchmark is slower than it was.
    PerformanceRegression,
    /// Nothing but expectations that no longer hold.
    StaleExpectation,
    /// Interrupted; what was known by then is reported.
    Interrupted,
}

impl Exit {
    /// The number that the program exits with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::NothingSelected => 4,
            Self::SetUp => 96,
            Self::Regression => 100,
            Self::PerformanceRegression => 102,
            Self::StaleExpectation => 103,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A failure that a person can act on, and the exit code that it means.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the program exits with.
    pub exit: Exit,
    /// What is wrong, and what could be done about it.
    pub message: String,
}

impl Failure {
    /// A failure with this message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// Something that a run needs is missing or broken.
    pub fn set_up(message: impl Into<String>) -> Self {
        Self::new(Exit::SetUp, message)
    }
}
