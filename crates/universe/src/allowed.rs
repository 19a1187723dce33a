//! Choices that the RFCs leave open: patterns of bugs that no rule has to find.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde::Deserialize;

use crate::enumerate::Bug;
use crate::names;

/// The committed list.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/allowed.toml");

/// All patterns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The patterns in order. The first that covers a bug counts.
    #[serde(default, rename = "pattern")]
    pub patterns: Vec<Pattern>,
}

/// Bugs that are no deviations, and the reason. In each list, `*` matches any text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The name under which its bugs are counted.
    pub name: String,
    /// Situations, as [`names::situation`] writes them.
    pub situations: Vec<String>,
    /// Contexts, as [`names::context`] writes them. The default is all.
    #[serde(default = "everything")]
    pub contexts: Vec<String>,
    /// Reactions of the subject, as [`names::act`] writes them.
    pub reactions: Vec<String>,
    /// Allowed differences. The first difference in each instance must match one of them.
    pub differences: Vec<String>,
    /// The RFC section that leaves it open.
    pub reference: String,
    /// The reason, in our own words.
    pub reason: String,
    /// A bug that it covers, as [`names::bug`] writes it.
    pub witness: String,
}

impl Allowed {
    /// The list of this crate. It is read at run time, so that a change of it needs no rebuild
    /// and no new run.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or parsed.
    pub fn committed() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(COMMITTED).context(COMMITTED)?;
        toml::from_str(&text).context(COMMITTED)
    }

    /// The first pattern that covers the bug.
    pub fn covers(&self, bug: &Bug, differences: &BTreeSet<String>) -> Option<&Pattern> {
        let patterns = self.patterns.iter();
        patterns.into_iter().find(|it| it.covers(bug, differences))
    }
}

impl Pattern {
    /// Whether the pattern covers every difference that the bug shows.
    pub fn covers(&self, bug: &Bug, differences: &BTreeSet<String>) -> bool {
        let any = |globs: &[String], text: &str| globs.iter().any(|glob| is_like(glob, text));
        any(&self.situations, &names::situation(&bug.met))
            && any(&self.contexts, names::context(&bug.met))
            && any(&self.reactions, &names::act(bug.act))
            && differences.iter().all(|it| any(&self.differences, it))
    }
}

fn everything() -> Vec<String> {
    vec!["*".into()]
}

/// Whether `text` matches `glob`, in which `*` matches any text.
fn is_like(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(is_like("Call(*,Open)", "Call(Write,Open)"));
        assert!(is_like("*", ""));
        assert!(is_like("a*b*c", "a-b-b-c"));
        assert!(!is_like("a*b", "a-b-c"));
        assert!(!is_like("Call", "Call(Write,Open)"));
        assert!(!is_like("a*a", "a"));
    }
}
