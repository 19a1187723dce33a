//! Commands in the README print the output that it shows.
//!
//! A `console` block holds commands after `$ ` and their output. A line `...` matches any number of
//! lines. Numbers and the lengths of bars may differ, so that the README need not change with every
//! case. `LASTWORD_BLESS=1 cargo test --release --test readme` updates them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Folder, LASTWORD};

const BEGIN: &str = "```console\n";
const END: &str = "```";

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")
}

#[test]
fn commands_in_the_readme_print_what_it_says() {
    let text = fs::read_to_string(readme()).unwrap();
    let folder = Folder::new("readme");
    // Commands write their files here, where later commands can read them.
    fs::write(Path::new(folder.path()).join("nothing.toml"), "").unwrap();
    let mut fresh = String::new();
    let mut rest = text.as_str();
    let mut commands = 0;
    while let Some(at) = rest.find(BEGIN) {
        let (before, block) = rest.split_at(at + BEGIN.len());
        let (block, behind) = block.split_at(block.find(END).unwrap());
        fresh += before;
        for part in block
            .split_inclusive('\n')
            .collect::<Vec<_>>()
            .chunk_by(|_, b| !b.starts_with("$ "))
        {
            fresh += &renew(part, &folder);
            commands += 1;
        }
        rest = behind;
    }
    fresh += rest;
    assert!(commands > 3, "{commands} commands");
    if std::env::var_os("LASTWORD_BLESS").is_some() && !cfg!(debug_assertions) {
        fs::write(readme(), fresh).unwrap();
    }
}

/// The lines of a command and its output, the output as it is today.
fn renew(part: &[&str], folder: &Folder) -> String {
    let commands = part
        .iter()
        .take_while(|line| line.starts_with("$ ") || line.starts_with("    --"));
    let head = commands.count();
    let command: String = part[..head].concat();
    let line = command.trim_start_matches("$ ").replace("\\\n", " ");
    // A user has the program in the path, or starts it as the README says first. A debug build is too
    // slow for all of it: a part prints the same lines, and ci/gate runs the whole.
    let all = match cfg!(debug_assertions) {
        true => "lastword run --shard 1/12",
        false => "lastword",
    };
    let line = line.replace("cargo run --release", all);
    let path = format!(
        "{}:{}",
        Path::new(LASTWORD).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("sh")
        .args(["-c", &line])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("LASTWORD_FAILURES", folder.path())
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let actual: Vec<&str> = out.lines().collect();
    let said: Vec<&str> = part[head..]
        .iter()
        .map(|line| line.trim_end_matches('\n'))
        .collect();
    let Some(same) = follow(&said, &actual) else {
        panic!(
            "README.md: {line}\nprints\n{out}{}\nand it says\n{}",
            String::from_utf8_lossy(&output.stderr),
            said.join("\n")
        );
    };
    command
        + &same
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
}

/// What is said, in the words of what is printed; none if that is something else.
fn follow<'a>(said: &[&'a str], printed: &[&'a str]) -> Option<Vec<&'a str>> {
    match (said, printed) {
        ([], []) => Some(Vec::new()),
        // An empty line at the end of a block goes unseen.
        ([], [""]) => Some(Vec::new()),
        (["..."], _) => Some(vec!["..."]),
        (["...", rest @ ..], _) => (0..printed.len()).find_map(|skip| {
            let same = follow(rest, &printed[skip..])?;
            Some([vec!["..."], same].concat())
        }),
        ([first, rest @ ..], [line, behind @ ..]) if shape(first) == shape(line) => {
            let same = follow(rest, behind)?;
            Some([vec![*line], same].concat())
        }
        _ => None,
    }
}

/// A line without what may differ from day to day and from build to build.
fn shape(line: &str) -> String {
    let line = line
        .replace(",assertions", "")
        .replace("unbuffered, assertions on", "unbuffered")
        .replace("assertions on", "assertions off");
    // Not every part has something with nothing to compare it with.
    let line = match line.split_once("; ") {
        Some((made, _)) if made.contains("comparisons of instances") => made.to_owned(),
        _ => line,
    };
    // A bar is followed by numbers of outcomes, which may differ.
    let line = line.split(['█', '▒']).next().unwrap_or_default();
    let mut shape = String::new();
    for c in line.chars() {
        match c {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            // 1,234 and 2.6 are one number each, however wide.
            ',' | '.' if shape.ends_with('0') => {}
            ' ' if shape.ends_with(' ') => {}
            c => shape.push(c),
        }
    }
    // One requirement, or several of them.
    let shape = shape.replace("s ", " ").replace("s,", ",");
    shape.trim_end().trim_end_matches('s').to_owned()
}
