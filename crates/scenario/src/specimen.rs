//! A script in a file, with facts about it. A failure is saved in this format, it can be replayed,
//! and `corpus/regressions` consists of such files.
//!
//! ```text
//! # A corrupted record after the local close fails an assertion.
//! #: instance regression/bad-record-after-own-close@client,1.3,whole,plain
//! #: breaks api.no-panic crashes
//! handshake
//! app close
//! peer write "?" bad-tag
//! ```
//!
//! The file of a failure also has the `seed` and the `profile` of the run, and the command line
//! arguments that selected the `subject`.
//!
//! In a script all lines that begin with `#` are comments, so the file is also a script.

use std::fmt;

use closure::{Axes, Profile, id, parse_id, requirements};

use crate::Script;

/// A script, and the instance of it that was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    /// The description, with the line breaks of the comment. May be empty.
    pub says: String,
    /// The name of the case and the axes, if known.
    pub instance: Option<(String, Axes)>,
    /// The requirement that the instance breaks or broke, and the code, if known.
    pub breaks: Option<(String, String)>,
    /// Whether cuts and habits also apply to the handshake.
    pub cut_handshake: bool,
    /// The run's seed, if known.
    pub seed: Option<u64>,
    /// The run's profile, if known.
    pub profile: Option<Profile>,
    /// The command line arguments that selected the subject, if known. Empty for the defaults.
    pub subject: Option<String>,
    /// The script.
    pub script: Script,
}

const FACT: &str = "#: ";

impl Specimen {
    /// Reads the output of [`Display`](fmt::Display), or a plain script.
    ///
    /// # Errors
    ///
    /// Names the line, what is wrong with it and what is expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let script = Script::parse(text).map_err(|error| error.to_string())?;
        let mut specimen = Self {
            says: String::new(),
            instance: None,
            breaks: None,
            cut_handshake: false,
            seed: None,
            profile: None,
            subject: None,
            script,
        };
        let head = text.lines().take_while(|line| line.starts_with('#'));
        for (i, line) in head.enumerate() {
            let fact = match line.strip_prefix(FACT) {
                Some(fact) => specimen.learn(fact),
                None => {
                    let words = line.trim_start_matches('#').trim();
                    if !specimen.says.is_empty() {
                        specimen.says.push('\n');
                    }
                    specimen.says.push_str(words);
                    Ok(())
                }
            };
            fact.map_err(|problem| format!("line {}: {problem}", i + 1))?;
        }
        let end = specimen.says.trim_end().len();
        specimen.says.truncate(end);
        Ok(specimen)
    }

    fn learn(&mut self, fact: &str) -> Result<(), String> {
        if let Some(subject) = fact.strip_prefix("subject") {
            self.subject = Some(subject.trim().to_owned());
            return Ok(());
        }
        let mut words = fact.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("instance"), Some(name), None, None) => {
                let (case, axes) = parse_id(name)?;
                self.instance = Some((case.to_owned(), axes));
            }
            (Some("breaks"), Some(requirement), Some(code), None) => {
                self.set_breaks(requirement, code)?;
            }
            (Some("cut-handshake"), None, None, None) => self.cut_handshake = true,
            (Some("seed"), Some(seed), None, None) => {
                self.seed = Some(
                    seed.parse()
                        .map_err(|_| format!("'{seed}' is not a seed"))?,
                );
            }
            (Some("profile"), Some(names), None, None) => {
                self.profile = Some(Profile::parse(names)?);
            }
            _ => {
                return Err(format!(
                    "unknown fact '{fact}'; expected one of: instance ID, breaks REQUIREMENT CODE, \
                    cut-handshake, seed N, profile NAMES, subject ARGUMENTS"
                ));
            }
        }
        Ok(())
    }

    /// Sets the requirement that the instance breaks, and the code.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such requirement, or if it has no such code.
    pub fn set_breaks(&mut self, requirement: &str, code: &str) -> Result<(), String> {
        let found = requirements::find(requirement)
            .ok_or_else(|| format!("unknown requirement '{requirement}'"))?;
        if found.code(code).is_none() {
            return Err(format!("{requirement} has no code '{code}'"));
        }
        self.breaks = Some((requirement.to_owned(), code.to_owned()));
        Ok(())
    }
}

impl fmt::Display for Specimen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.says.lines() {
            writeln!(f, "# {line}")?;
        }
        if let Some((case, axes)) = &self.instance {
            writeln!(f, "{FACT}instance {}", id(case, axes))?;
        }
        if let Some((requirement, code)) = &self.breaks {
            writeln!(f, "{FACT}breaks {requirement} {code}")?;
        }
        if self.cut_handshake {
            writeln!(f, "{FACT}cut-handshake")?;
        }
        if let Some(seed) = self.seed {
            writeln!(f, "{FACT}seed {seed}")?;
        }
        if let Some(profile) = self.profile {
            writeln!(f, "{FACT}profile {profile}")?;
        }
        if let Some(subject) = &self.subject {
            writeln!(f, "{}", format!("{FACT}subject {subject}").trim_end())?;
        }
        write!(f, "{}", self.script)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const TEXT: &str = "# What happens,\n\
                        # in two lines.\n\
                        #: instance regression/x@client,1.3,bytewise,plain\n\
                        #: breaks api.no-panic crashes\n\
                        #: cut-handshake\n\
                        #: seed 7\n\
                        #: profile full-close,rfc8446\n\
                        #: subject --rustls 0.23.22\n\
                        handshake\n\
                        app close\n";

    #[test]
    fn a_specimen_round_trips() {
        let specimen = Specimen::parse(TEXT).unwrap();
        assert_eq!(specimen.says, "What happens,\nin two lines.");
        assert!(specimen.cut_handshake);
        assert_eq!(specimen.to_string(), TEXT);
        assert_eq!(Specimen::parse(&specimen.to_string()).unwrap(), specimen);
    }

    #[test]
    fn empty_lines_at_the_end_of_the_description_are_dropped() {
        let specimen = Specimen::parse("#\n# a\n#\n# b\n#\nhandshake\n").unwrap();
        assert_eq!(specimen.says, "a\n\nb");
        assert_eq!(Specimen::parse(&specimen.to_string()).unwrap(), specimen);
    }

    #[test]
    fn a_plain_script_is_a_specimen_without_facts() {
        let specimen = Specimen::parse("handshake\n").unwrap();
        assert_eq!(specimen.instance, None);
        assert_eq!(specimen.breaks, None);
    }

    #[test]
    fn an_error_names_the_malformed_fact() {
        for (line, named) in [
            (
                "#: breaks api.no-such crashes",
                "unknown requirement 'api.no-such'",
            ),
            (
                "#: breaks api.no-panic sings",
                "api.no-panic has no code 'sings'",
            ),
            ("#: instance x", "lacks its '@'"),
            ("#: colour red", "unknown fact 'colour red'"),
            ("#: seed x", "'x' is not a seed"),
            ("#: profile x", "one of half-close"),
            ("handshakes", "line 1"),
        ] {
            let error = Specimen::parse(&format!("{line}\nhandshake\n")).unwrap_err();
            assert!(error.contains(named), "{error}");
            assert!(error.starts_with("line 1"), "{error}");
        }
    }
}
