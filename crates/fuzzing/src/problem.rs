use std::fmt;

/// A finding that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The subject breaks a requirement.
    Deviation {
        /// The requirement's id.
        requirement: &'static str,
        /// The code that its rule finds.
        code: &'static str,
        /// The event of the transcript that shows it. `None` if two transcripts differ.
        at: Option<usize>,
        /// The panic message, if the subject crashed.
        last_words: Option<String>,
    },
    /// This project itself is at fault.
    Fault(String),
}

impl Problem {
    /// A key that problems with one cause share: requirement and code, and for a crash its panic
    /// message and location.
    pub fn bucket(&self) -> String {
        match self {
            Self::Deviation {
                requirement,
                code,
                last_words,
                ..
            } => match last_words {
                None => format!("{requirement}:{code}"),
                Some(words) => format!("{requirement}:{code}:{words}"),
            },
            Self::Fault(_) => "fault".into(),
        }
    }
}

/// The problem in one line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deviation { .. } => f.write_str(&self.bucket()),
            Self::Fault(what) => f.write_str(what),
        }
    }
}
