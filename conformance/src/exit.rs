//! The exit codes. Each has one meaning, and none is a count. 101 is not among them: Rust panics and
//! cargo use it.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// No unlisted deviation.
    Ok,
    /// The program itself is at fault, a subject answered nonsense, or a case did not exercise
    /// a requirement that it lists.
    Internal,
    /// The command line is wrong.
    Usage,
    /// The selection is empty, or names something that does not exist.
    NothingSelected,
    /// Something that a run needs is missing or broken: a file, a shim, a place for outputs.
    SetUp,
    /// A deviation, or a missing capability, that is not listed.
    Regression,
    /// A benchmark is slower than before.
    PerformanceRegression,
    /// Nothing but expectations that no longer hold.
    StaleExpectation,
    /// The run was interrupted. The results so far are reported.
    Interrupted,
}

impl Exit {
    /// All of them, by code.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::NothingSelected,
        Self::SetUp,
        Self::Regression,
        Self::PerformanceRegression,
        Self::StaleExpectation,
        Self::Interrupted,
    ];

    /// The exit code of the process.
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

/// An error that the user can act on, with its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// The problem, and a way out of it where there is one.
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

    /// A failure of the set-up: something that a run needs is missing or broken.
    pub fn set_up(message: impl Into<String>) -> Self {
        Self::new(Exit::SetUp, message)
    }

    /// A command line that is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }
}
