//! The help and messages of the program, word for word. `TRYCMD=overwrite cargo test --test cli`
//! updates the files.

#![allow(clippy::panic, reason = "a test may stop at once")]

mod support;

use std::collections::BTreeSet;

use lastword::exit::Exit;

#[test]
fn the_output_is_as_recorded() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}

#[test]
fn the_help_and_the_readme_list_every_exit_code() {
    let help = support::lastword(&["--help"]).out;
    let readme = include_str!("../../README.md");
    for (name, text) in [("--help", help.as_str()), ("README.md", readme)] {
        let (_, list) = text
            .split_once("Exit codes")
            .unwrap_or_else(|| panic!("{name} has no exit codes"));
        let list = list.split("\n#").next().unwrap_or(list);
        let listed: BTreeSet<&str> = list.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        for exit in Exit::ALL {
            // Only benchmarks end with it.
            if exit == Exit::PerformanceRegression {
                continue;
            }
            let code = exit.code().to_string();
            assert!(listed.contains(&*code), "{name} lacks {code}, {exit:?}");
        }
    }
}
