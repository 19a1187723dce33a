//! A script in a file, with what is known of it: what a failure leaves behind, what is replayed,
//! and what `corpus/regressions` keeps.
//!
//! ```text
//! # A bad record behind the own close fails an assertion.
//! #: instance regression/bad-record-after-own-close@client,1.3,whole,plain
//! #: breaks api.no-panic crashes
//! handshake
//! app close
//! peer write "?" bad-tag
//! ```
//!
//! A failure also says with which `seed` and `profile` it was seen, and how the command line named
//! its `subject`.
//!
//! To a reader of scripts all lines that begin with `#` are comments, so the file is a script too.

use std::fmt;

use closure::{Axes, Profile, id, parse_id, requirements};

use crate::Script;

/// A script, and the instance of it in which something was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    /// What it is about, a line for each line; may be empty.
    pub says: String,
    /// What the case is called, and the axes, if known.
    pub instance: Option<(String, Axes)>,
    /// The requirement that it breaks or broke, and the code, if known.
    pub breaks: Option<(String, String)>,
    /// Cuts and habits apply to the handshake too.
    pub cut_handshake: bool,
    /// The run's seed, if known.
    pub seed: Option<u64>,
    /// The choices that held for the run, if known.
    pub profile: Option<Profile>,
    /// How the command line named the subject, if known; empty for the default ones.
    pub subject: Option<String>,
    /// What happens.
    pub script: Script,
}

const FACT: &str = "#: ";

impl Specimen {
    /// Reads what [`Display`](fmt::Display) writes, or a plain script.
    ///
    /// # Errors
    ///
    /// Names the line, what is wrong with it, and what could stand there.
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
                self.seed = Some(seed.parse().map_err(|_| format!("'{seed}' is no seed"))?);
            }
            (Some("profile"), Some(names), None, None) => {
                self.profile = Some(Profile::parse(names)?);
            }
            _ => {
                return Err(format!(
                    "'{fact}' is none of: instance ID, breaks REQUIREMENT CODE, cut-handshake, seed N, \
                     profile NAMES, subject ARGUMENTS"
                ));
            }
        }
        Ok(())
    }

    /// Notes what it breaks.
    ///
    /// # Errors
    ///
    /// If there is no such requirement, or it has no such code.
    pub fn set_breaks(&mut self, requirement: &str, code: &str) -> Result<(), String> {
        let found = requirements::find(requirement)
            .ok_or_else(|| format!("no requirement is called '{requirement}'"))?;
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
    #![allow(clippy::unwrap_used, reason = "a test may stop at once")]

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
    fn what_is_written_reads_back() {
        let specimen = Specimen::parse(TEXT).unwrap();
        assert_eq!(specimen.says, "What happens,\nin two lines.");
        assert!(specimen.cut_handshake);
        assert_eq!(specimen.to_string(), TEXT);
        assert_eq!(Specimen::parse(&specimen.to_string()).unwrap(), specimen);
    }

    #[test]
    fn empty_lines_at_the_end_of_what_it_says_do_not_count() {
        let specimen = Specimen::parse("#\n# a\n#\n# b\n#\nhandshake\n").unwrap();
        assert_eq!(specimen.says, "a\n\nb");
        assert_eq!(Specimen::parse(&specimen.to_string()).unwrap(), specimen);
    }

    #[test]
    fn a_plain_script_is_a_specimen_of_which_nothing_is_known() {
        let specimen = Specimen::parse("handshake\n").unwrap();
        assert_eq!(specimen.instance, None);
        assert_eq!(specimen.breaks, None);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            (
                "#: breaks api.no-such crashes",
                "no requirement is called 'api.no-such'",
            ),
            (
                "#: breaks api.no-panic sings",
                "api.no-panic has no code 'sings'",
            ),
            ("#: instance x", "lacks its '@'"),
            ("#: colour red", "'colour red' is none of"),
            ("#: seed x", "'x' is no seed"),
            ("#: profile x", "one of half-close"),
            ("handshakes", "line 1"),
        ] {
            let error = Specimen::parse(&format!("{line}\nhandshake\n")).unwrap_err();
            assert!(error.contains(named), "{error}");
            assert!(error.starts_with("line 1"), "{error}");
        }
    }
}
