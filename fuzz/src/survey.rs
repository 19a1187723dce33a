//! A survey continues after a new deviation, and keeps one script of each bucket.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use fuzzing::{Engine, Problem, specimen};

use crate::statistics::cpu;

/// The environment variable with the directory for the scripts. Unless it is set, the first problem
/// ends the fuzzer.
const INTO: &str = "LASTWORD_FUZZ_SURVEY";

/// The problems that have been found so far.
pub struct Survey {
    into: PathBuf,
    buckets: BTreeSet<String>,
    /// The start of the survey in processor time, plus the time spent on shrinking since.
    started: Duration,
}

impl Survey {
    /// Creates a survey, if the environment asks for one.
    pub fn wanted() -> Option<Self> {
        Some(Self {
            into: std::env::var_os(INTO)?.into(),
            buckets: BTreeSet::new(),
            started: cpu(),
        })
    }

    /// Keeps a shrunk script for the problem, if it is the first of its bucket.
    pub fn note(&mut self, engine: &mut Engine, bytes: &[u8], problem: &Problem) {
        let bucket = class(&problem.bucket());
        if !self.buckets.insert(bucket.clone()) {
            return;
        }
        let found = engine.read(bytes);
        let now = cpu();
        let seconds = now.saturating_sub(self.started).as_secs_f64();
        eprintln!("survey: {seconds:.1} s {bucket}");
        let small = engine.shrink(&found, problem, crate::BUDGET);
        self.started += cpu().saturating_sub(now);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let name: String = bucket
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .take(100)
            .collect();
        let mut text = specimen(engine.target(), &small, Some(problem)).to_string();
        if let Problem::Fault(what) = problem {
            text = what
                .lines()
                .map(|line| format!("# {line}\n"))
                .collect::<String>()
                + &text;
        }
        let path = self.into.join(format!("{name}.script"));
        let written =
            std::fs::create_dir_all(&self.into).and_then(|()| std::fs::write(&path, text));
        let again = engine.play(&mut small.clone()).err();
        let again = again.as_ref().unwrap_or(problem);
        let told = fuzzing::report(engine.target(), &small, Some(again), engine.transcript());
        let _ = std::fs::write(path.with_extension("txt"), told);
        if let Err(error) = written {
            crate::give_up(&format!("cannot write {}: {error}", path.display()));
        }
    }
}

/// The bucket without what differs between crashes of one cause: the location, and numbers in the
/// message.
fn class(bucket: &str) -> String {
    let mut class = String::new();
    for c in bucket.split(", at ").next().unwrap_or_default().chars() {
        match c.is_ascii_digit() && bucket.contains(":crashes:") {
            false => class.push(c),
            true if class.ends_with('N') => {}
            true => class.push('N'),
        }
    }
    class
}
