//! Scripts that fuzzers reported by mistake, where a rule required more than the RFCs do. Each must
//! stay silent, and its verdicts must be those in `false-alarms/verdicts.txt`: a rule that looks away
//! altogether is silent too. `LASTWORD_BLESS=1 cargo test -p fuzzing --test false_alarms` renews that
//! file. That the rules still find real faults is tested with the faulty subjects of
//! `cargo test --test teeth`.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use closure::{Grade, Judgement, Transcript, Verdict, judge};
use fuzzing::{Engine, target_of};
use scenario::Specimen;

const HEAD: &str = "\
# The verdicts on the scripts next to this file. Behaviours are left out.
";

#[test]
fn false_alarms_stay_silent_and_have_their_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/false-alarms");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "script"))
        .collect();
    scripts.sort();
    assert!(scripts.len() > 180, "only {} scripts", scripts.len());
    let mut problems = Vec::new();
    let mut text = HEAD.to_owned();
    for file in &scripts {
        let specimen = Specimen::parse(&fs::read_to_string(file).unwrap()).unwrap();
        let target = target_of(&specimen).unwrap();
        let mut engine = Engine::new(target).unwrap();
        if let Some(text) = support::replay(&mut engine, specimen) {
            problems.push(format!("{}:\n{text}", file.display()));
        }
        let name = file.file_stem().unwrap().to_string_lossy();
        text += &format!("\n{name}\n{}", verdicts(engine.transcript()));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let path = folder.join("verdicts.txt");
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let changed = text
        .lines()
        .zip(kept.lines())
        .find(|(now, kept)| now != kept);
    assert!(
        text == kept,
        "the verdicts differ: run with LASTWORD_BLESS=1, and look at the diff. The first: {changed:?}"
    );
}

/// The requirements with each verdict.
fn verdicts(transcript: &Transcript) -> String {
    let mut judgements: Vec<Judgement> = Vec::new();
    judge(transcript, &mut judgements);
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Judgement {
        requirement,
        verdict,
    } in judgements
    {
        let word = match verdict {
            Verdict::NotExercised => continue,
            Verdict::Excused(excuse) => excuse.verdict(),
            Verdict::Held => "held",
            Verdict::Found { code, .. } => match requirement.code(code).map(|code| code.grade) {
                Some(Grade::Behaviour) | None => continue,
                // Known, or a consequence of what is known.
                Some(Grade::Deviates | Grade::Variation) => code,
            },
        };
        by.entry(word).or_default().push(requirement.id);
    }
    let mut text = String::new();
    for (word, ids) in by {
        let _ = writeln!(text, "  {word}: {}", ids.join(" "));
    }
    text
}
