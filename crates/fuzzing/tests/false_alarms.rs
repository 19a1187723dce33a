//! Scripts that fuzzers reported by mistake, where a rule required more than the RFCs do. That the
//! rules still find real faults is tested with the faulty subjects of `cargo test --test teeth`.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::fs;
use std::path::Path;

use fuzzing::{Engine, target_of};
use scenario::Specimen;

#[test]
fn false_alarms_stay_silent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/false-alarms");
    let mut problems = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let specimen = Specimen::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        let target = target_of(&specimen).unwrap();
        let mut engine = Engine::new(target).unwrap();
        if let Some(text) = support::replay(&mut engine, specimen) {
            problems.push(format!("{}:\n{text}", file.display()));
        }
        count += 1;
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(count > 10, "only {count} scripts");
}
