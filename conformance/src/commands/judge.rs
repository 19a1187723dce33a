//! `lastword judge`: judges stored transcripts again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use closure::{Rule, requirements, stored};

use crate::cli::{JudgeArgs, JudgeFormat};
use crate::exit::{Exit, Failure};
use crate::render::text::count;
use crate::verdicts::{HELD, Verdicts};

use super::output::give;

/// Prints the verdicts, or what differs from earlier ones.
pub(super) fn judge(args: &JudgeArgs) -> Result<Exit, Failure> {
    // Comes first, because judging may take long.
    let before = args.against.as_deref().map(Verdicts::read).transpose()?;
    let mut verdicts = Verdicts::default();
    for path in &args.files {
        judge_file(path, &mut verdicts)?;
    }
    let output = args.output.as_deref();
    let Some(before) = before else {
        let text = match args.format {
            JudgeFormat::Text => table(&verdicts),
            JudgeFormat::Json => verdicts.to_json().map_err(|error| {
                Failure::new(Exit::Internal, format!("cannot format verdicts: {error}"))
            })?,
        };
        return give(&text, output).map(|()| Exit::Ok);
    };
    let changes = before.changes(&verdicts);
    let all = transcripts(&verdicts);
    if changes.is_empty() {
        return give(&format!("{all}: the verdicts are the same\n"), output).map(|()| Exit::Ok);
    }
    let mut differ: Vec<&String> = changes.changed.values().flatten().collect();
    differ.sort_unstable();
    differ.dedup();
    let text = format!(
        "{changes}\n{all}: the verdicts on {} differ\n",
        differ.len()
    );
    give(&text, output).map(|()| Exit::Regression)
}

fn judge_file(path: &Path, verdicts: &mut Verdicts) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let before = verdicts.transcripts.len();
    let file: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(path).map_err(|error| {
            Failure::set_up(format!("cannot read {shown}: {error}"))
        })?)),
    };
    for stored in stored::numbered(&shown, file) {
        let (line, stored) = stored.map_err(|error| Failure::set_up(error.to_string()))?;
        verdicts
            .add(&stored)
            .map_err(|failure| Failure::new(failure.exit, format!("{shown}:{line}: {failure}")))?;
    }
    match verdicts.transcripts.len() == before {
        true => Err(Failure::set_up(format!(
            "{shown} holds no transcript: `lastword run --transcripts FILE` writes some"
        ))),
        false => Ok(()),
    }
}

/// A row for each requirement, and below it the codes that were found.
fn table(verdicts: &Verdicts) -> String {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (requirement, word) in verdicts.transcripts.values().flatten() {
        *counts
            .entry(requirement)
            .or_default()
            .entry(word)
            .or_default() += 1;
    }
    let all = verdicts.transcripts.len();
    let mut text = format!("{}\n\n", transcripts(verdicts));
    let wide = requirements::all().map(|it| it.id.len()).max().unwrap_or(0);
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{:wide$}  {:>7}  {:>7}  not exercised",
        "requirement", "held", "found"
    );
    for requirement in requirements::all() {
        if matches!(requirement.rule, Rule::Group { .. } | Rule::Untestable(_)) {
            continue;
        }
        let words = counts.remove(requirement.id).unwrap_or_default();
        let held = words.get(HELD).copied().unwrap_or(0);
        let judged: usize = words.values().sum();
        let _ = writeln!(
            text,
            "{:wide$}  {held:>7}  {:>7}  {:>13}",
            requirement.id,
            judged - held,
            all - judged
        );
        for (code, found) in words.iter().filter(|(word, _)| **word != HELD) {
            let _ = writeln!(text, "  {code:wide$}        {found:>7}");
        }
    }
    text
}

fn transcripts(verdicts: &Verdicts) -> String {
    count(verdicts.transcripts.len(), "transcript", "transcripts")
}
