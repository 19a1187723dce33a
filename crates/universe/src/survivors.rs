//! The committed survivors: bugs that no rule finds, grouped by situation and reaction.
//!
//! ```text
//! Call(Write,Open)
//!   refuse(Internal) refuse(Other): free/reading free/reading:first blocked/reading
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Context as _;

use crate::enumerate::Bug;
use crate::names;

/// The committed list.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/survivors.txt");

/// Names of bugs, as [`names::bug`] writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survivors(pub BTreeSet<String>);

impl Survivors {
    /// The list of this crate.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or parsed.
    pub fn committed() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(COMMITTED).context(COMMITTED)?;
        Self::parse(&text).context(COMMITTED)
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// Names the line that is malformed.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut names = BTreeSet::new();
        let mut situation = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some(line) = line.strip_prefix("  ") else {
                situation = line;
                continue;
            };
            let (acts, contexts) = line
                .split_once(": ")
                .with_context(|| format!("no contexts in: {line}"))?;
            for act in acts.split(' ') {
                let contexts = contexts.split(' ');
                names.extend(contexts.map(|context| format!("{situation} {act} {context}")));
            }
        }
        Ok(Self(names))
    }

    /// Writes it over the list of this crate.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn bless(&self) -> anyhow::Result<()> {
        std::fs::write(COMMITTED, self.print()).context(COMMITTED)
    }

    /// Whether the list contains the bug.
    pub fn contains(&self, bug: &Bug) -> bool {
        self.0.contains(&names::bug(bug))
    }

    /// The text of a list.
    pub fn print(&self) -> String {
        let mut situations: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for name in &self.0 {
            let mut words = name.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let (situation, act, context) = (word(), word(), word());
            let acts = situations.entry(situation).or_default();
            acts.entry(act).or_default().push(context);
        }
        let mut text = String::from(
            "# Bugs that no rule finds. Written by `ci/universe --bless`; may only become shorter.\n",
        );
        for (situation, acts) in situations {
            let mut lines: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
            for (act, contexts) in acts {
                lines.entry(contexts).or_default().push(act);
            }
            text += situation;
            text += "\n";
            let mut lines: Vec<_> = lines.into_iter().map(|(to, of)| (of, to)).collect();
            lines.sort();
            for (acts, contexts) in lines {
                // Writing to a string does not fail.
                let _ = writeln!(text, "  {}: {}", acts.join(" "), contexts.join(" "));
            }
        }
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what is wrong")]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_back() {
        let names = [
            "Call(Write,Open) refuse(Other) free/reading",
            "Call(Write,Open) refuse(Other) free/paused:first",
            "Call(Write,Open) fin free/reading",
            "Idle(Open) late -",
        ];
        let list = Survivors(names.map(String::from).into());
        assert_eq!(Survivors::parse(&list.print()).unwrap(), list);
    }

    #[test]
    fn reactions_in_the_same_contexts_share_a_line() {
        let names = ["A x c", "A y c"];
        let text = Survivors(names.map(String::from).into()).print();
        assert!(text.ends_with("A\n  x y: c\n"));
    }
}
