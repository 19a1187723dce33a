use std::fmt;

/// Something that nobody knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The subject breaks a requirement.
    Deviation {
        /// The requirement's id.
        requirement: &'static str,
        /// The code that its rule finds.
        code: &'static str,
        /// The event of the transcript that shows it; none if two transcripts differ.
        at: Option<usize>,
        /// What a subject that crashed said.
        last_words: Option<String>,
    },
    /// This project is at fault.
    Fault(String),
}

impl Problem {
    /// What problems with one cause have in common: requirement and code, and where a crash is.
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

/// What it is, in a line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deviation { .. } => f.write_str(&self.bucket()),
            Self::Fault(what) => f.write_str(what),
        }
    }
}
