//! Which codes of the grade *deviates* the bugs show. The score counts a bug as found at the first
//! rule that finds it, so it does not tell whether every code can be found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context as _;

use crate::names;
use crate::parallel;
use crate::world::{Finding, Scratch, World};

/// A bug for each code, by requirement and code.
pub type Codes = BTreeMap<(String, String), String>;

const HEAD: &str = "\
# A bug of the universe for each code of the grade `deviates` that one shows: requirement, code, bug.
# `ci/universe --codes` writes this file. Codes that only named bugs show are not listed.
";

/// Plays all bugs in all their instances, and returns the first bug that shows each code.
///
/// # Errors
///
/// If the player fails.
pub fn codes(world: &World, threads: usize) -> anyhow::Result<Codes> {
    let play = |scratch: &mut Scratch, at: usize| {
        let bug = world.bugs().get(at).context("no such bug")?;
        Ok(world.deviations(bug, scratch)?)
    };
    let all = parallel::map(threads, world.bugs().len(), play)?;
    let mut codes = Codes::new();
    for (bug, findings) in std::iter::zip(world.bugs(), all) {
        for (requirement, code) in findings {
            let key = (requirement.to_owned(), code.to_owned());
            codes.entry(key).or_insert_with(|| names::bug(bug));
        }
    }
    Ok(codes)
}

/// The committed list.
///
/// # Errors
///
/// If a line is not of the form `REQUIREMENT CODE BUG`.
pub fn committed() -> anyhow::Result<Codes> {
    let lines = include_str!("../codes.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().map(str::to_owned);
            let (requirement, code, bug) = (word(), word(), word());
            let key = requirement.zip(code);
            key.zip(bug)
                .with_context(|| format!("codes.txt: `{line}` is not `REQUIREMENT CODE BUG`"))
        })
        .collect()
}

/// The text of the committed list.
pub fn print(codes: &Codes) -> String {
    let mut text = HEAD.to_owned();
    for ((requirement, code), bug) in codes {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{requirement} {code} {bug}");
    }
    text
}

/// The entries of the list whose bug does not show the code.
///
/// # Errors
///
/// If the player fails.
pub fn stale(world: &World, codes: &Codes, threads: usize) -> anyhow::Result<Vec<String>> {
    let mut by: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for ((requirement, code), bug) in codes {
        by.entry(bug).or_default().push((requirement, code));
    }
    let bugs = world.bugs().iter();
    let known: BTreeMap<String, _> = bugs.map(|bug| (names::bug(bug), bug)).collect();
    let by: Vec<_> = by.into_iter().collect();
    let stale = parallel::map(threads, by.len(), |scratch: &mut Scratch, at: usize| {
        let (name, codes) = &by[at];
        let shown: Vec<Finding> = match known.get(*name) {
            Some(bug) => world.deviations(bug, scratch)?,
            None => Vec::new(),
        };
        let lacks = codes.iter().filter(|code| !shown.contains(code));
        let lacks = lacks.map(|(requirement, code)| format!("{requirement} {code}: {name}"));
        Ok(lacks.collect::<Vec<_>>())
    })?;
    Ok(stale.into_iter().flatten().collect())
}
