//! The built-in subjects, and shims.

use std::ffi::OsString;
use std::path::Path;

use closure::Expectations;

use crate::exit::{Exit, Failure};

/// An implementation under test.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name in reports.
    pub name: String,
    /// The program and arguments that start it.
    pub command: Vec<OsString>,
    /// The options of this program that select it.
    pub arguments: String,
    /// The source that it was built from, where the version does not identify it.
    pub origin: Option<String>,
    /// Its expectations.
    pub known: Known,
}

/// The text of an expectations file, and a name for it in messages.
#[derive(Clone, Debug)]
pub struct Known {
    /// The name of its source.
    pub source: String,
    /// The text.
    pub text: String,
}

impl Subject {
    /// `arguments`, with words in capitals in place of paths on this machine.
    pub fn portable(&self) -> String {
        // Cannot fail: the arguments are quoted.
        let words = split(&self.arguments).unwrap_or_default();
        let mut last = "";
        let mut line = String::new();
        for word in &words {
            let word = match last {
                "--shim" => "CMD",
                "--expectations" => "FILE",
                "--rustls" if word.contains("file:") || Path::new(word).is_absolute() => "SOURCE",
                _ => word.as_str(),
            };
            line.push(' ');
            line += &match word {
                "CMD" | "FILE" | "SOURCE" => word.to_owned(),
                word => quote(word),
            };
            last = word;
        }
        line
    }
}

/// A built-in subject.
struct BuiltIn {
    name: &'static str,
    expectations: &'static str,
    /// Its name for [`rustls_subject::by_name`].
    interface: &'static str,
}

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "rustls-unbuffered",
        expectations: include_str!("../expectations/rustls-unbuffered.toml"),
        interface: "unbuffered",
    },
    BuiltIn {
        name: "rustls-buffered",
        expectations: include_str!("../expectations/rustls-buffered.toml"),
        interface: "buffered",
    },
];

/// The names of the built-in subjects.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|subject| subject.name)
}

/// The interface of rustls that the built-in subject of this name drives.
pub(crate) fn interface(name: &str) -> Option<&'static str> {
    let subject = BUILT_IN.iter().find(|subject| subject.name == name);
    subject.map(|subject| subject.interface)
}

/// The built-in expectations, by the name of their subject.
pub fn embedded_expectations() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN
        .iter()
        .map(|subject| (subject.name, subject.expectations))
}

/// A built-in subject. The program starts itself to serve it.
///
/// # Errors
///
/// If there is none of that name.
pub fn built_in(name: &str) -> Result<Subject, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::set_up(format!("cannot find this program: {error}")))?;
    #[cfg(feature = "reference")]
    if name == "reference" || name.starts_with("reference:") {
        let mut command = vec![
            program.into_os_string(),
            "subject".into(),
            "reference".into(),
        ];
        if let Some(bug) = name.strip_prefix("reference:") {
            command.extend(["--bug".into(), bug.into()]);
        }
        return Ok(Subject {
            name: name.into(),
            command,
            arguments: format!(" --subject {name}"),
            origin: None,
            known: Known {
                source: "no expectations".into(),
                text: String::new(),
            },
        });
    }
    let subject = find(name)?;
    Ok(Subject {
        name: name.into(),
        command: vec![program.into_os_string(), "subject".into(), name.into()],
        arguments: format!(" --subject {name}"),
        origin: None,
        known: Known {
            source: format!("the expectations of {name}"),
            text: subject.expectations.into(),
        },
    })
}

/// A subject that a command of the user starts.
///
/// # Errors
///
/// If the command cannot be split into words, or the expectations file cannot be read.
pub fn external(command: &str, expectations: Option<&Path>) -> Result<Subject, Failure> {
    let words = split(command).map_err(|problem| Failure::new(Exit::Usage, problem))?;
    let mut arguments = format!(" --shim {}", quote(command));
    let known = match expectations {
        None => Known {
            source: "no expectations".into(),
            text: String::new(),
        },
        Some(path) => {
            arguments += &format!(" --expectations {}", quote(&path.to_string_lossy()));
            Known {
                source: path.display().to_string(),
                text: std::fs::read_to_string(path).map_err(|error| {
                    Failure::set_up(format!("cannot read {}: {error}", path.display()))
                })?,
            }
        }
    };
    Ok(Subject {
        name: "shim".into(),
        command: words.into_iter().map(OsString::from).collect(),
        arguments,
        origin: None,
        known,
    })
}

impl Known {
    /// Parses the expectations, and keeps those for this version of the implementation.
    ///
    /// # Errors
    ///
    /// If they are invalid. The message names the source.
    pub fn parse(&self, version: &str) -> Result<Expectations, Failure> {
        Expectations::parse(&self.text, version).map_err(|error| {
            let text = error.to_string();
            let problem = text.trim_end().replace('\n', "\n  ");
            Failure::set_up(format!("{}: {problem}", self.source))
        })
    }
}

/// Serves the shim protocol for a built-in subject, until the input ends.
///
/// # Errors
///
/// If there is no such subject, or reading or writing fails.
pub fn serve(name: &str, bug: Option<&str>) -> Result<(), Failure> {
    #[cfg(feature = "reference")]
    if name == "reference" {
        return serve_reference(bug);
    }
    if bug.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{name} has no --bug: only the reference subject has"),
        ));
    }
    let subject = rustls_subject::by_name(find(name)?.interface)
        .ok_or_else(|| Failure::new(Exit::Internal, format!("{name} is not in this program")))?;
    rustls_subject::serve(subject).map_err(|error| Failure::new(Exit::Internal, error.to_string()))
}

/// Serves the reference subject. A bug that crashes or hangs unwinds to here, and this function carries
/// it out.
#[cfg(feature = "reference")]
fn serve_reference(bug: Option<&str>) -> Result<(), Failure> {
    let bug = match bug {
        None => None,
        Some(name) => Some(reference::find(name).ok_or_else(|| {
            let known: Vec<_> = reference::bugs().map(|bug| bug.name).collect();
            Failure::new(
                Exit::NothingSelected,
                format!(
                    "no bug is called '{name}'; the {} bugs are {}",
                    known.len(),
                    known.join(", ")
                ),
            )
        })?),
    };
    let served = std::panic::catch_unwind(|| {
        protocol::serve(
            &mut reference::subject(bug),
            std::io::stdin().lock(),
            std::io::stdout().lock(),
        )
    });
    match served {
        Ok(result) => result.map_err(|error| Failure::new(Exit::Internal, error.to_string())),
        Err(stop) => {
            while let Some(reference::Stopped::Hang) = stop.downcast_ref() {
                std::thread::park();
            }
            std::panic::resume_unwind(stop)
        }
    }
}

fn find(name: &str) -> Result<&'static BuiltIn, Failure> {
    BUILT_IN
        .iter()
        .find(|subject| subject.name == name)
        .ok_or_else(|| {
            let known: Vec<_> = names().collect();
            Failure::new(
                Exit::NothingSelected,
                format!(
                    "no built-in subject is called '{name}': use {}, or --shim for another \
                     implementation",
                    known.join(" or ")
                ),
            )
        })
}

/// Splits a command into words. Handles quotes and backslashes as a shell does, and nothing else.
pub(crate) fn split(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => match chars.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err(format!("'{command}' ends in a backslash")),
            },
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("'{command}' has a quote that is not closed"));
    }
    words.extend(word);
    match words.is_empty() {
        true => Err("the command of the shim is empty".into()),
        false => Ok(words),
    }
}

/// A word, quoted for a shell if necessary.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_splits_it() {
        let words = split(r#"sh -c 'echo "hi"' "a b" c\ d ''"#).unwrap();
        assert_eq!(words, ["sh", "-c", r#"echo "hi""#, "a b", "c d", ""]);
    }

    #[test]
    fn quoting_and_splitting_are_inverse() {
        for word in ["plain", "two words", "it's", ""] {
            assert_eq!(split(&quote(word)).unwrap(), [word]);
        }
    }
}
