//! Keeps phrases that read as translated out of the source tree. `wording.txt` lists them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The list, relative to the root of the source tree.
const LIST: &str = "conformance/tests/wording.txt";

/// An entry of the list.
struct Phrase {
    text: String,
    /// What to write instead.
    instead: String,
    /// The number of lines that may contain it.
    ceiling: usize,
}

/// A line with a phrase.
struct Hit {
    file: String,
    line: usize,
    text: String,
}

#[test]
fn the_worst_phrases_stay_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Some(files) = tracked(&root) else {
        println!("skipped: this is no git checkout");
        return;
    };
    assert!(files.len() > 100, "only {} files are scanned", files.len());
    let list = std::fs::read_to_string(root.join(LIST)).unwrap();
    let phrases: Vec<Phrase> = list.lines().filter_map(read).collect();
    assert!(!phrases.is_empty(), "{LIST} is empty");
    let found = search(&root, &files, &phrases);
    let mut problems = Vec::new();
    for (phrase, hits) in phrases.iter().zip(&found) {
        let (text, ceiling) = (&phrase.text, phrase.ceiling);
        if hits.len() > ceiling {
            let lines = hits
                .iter()
                .map(|hit| format!("\n  {}:{}: {}", hit.file, hit.line, hit.text));
            problems.push(format!(
                "'{text}' is on {} lines, and {ceiling} are allowed; write {}{}",
                hits.len(),
                phrase.instead,
                lines.collect::<String>()
            ));
        } else if hits.len() < ceiling {
            problems.push(format!(
                "'{text}' is on {} lines: lower its number in {LIST}, or run with LASTWORD_BLESS=1",
                hits.len()
            ));
        }
    }
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        std::fs::write(root.join(LIST), lowered(&list, &found)).unwrap();
    } else {
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }
}

/// Reads a line of the list. None for comments and empty lines.
fn read(line: &str) -> Option<Phrase> {
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let mut parts = line.splitn(3, " | ");
    let mut next = || {
        parts
            .next()
            .unwrap_or_else(|| panic!("'{line}' has no 3 parts"))
    };
    Some(Phrase {
        ceiling: next().trim().parse().unwrap(),
        text: next().to_owned(),
        instead: next().to_owned(),
    })
}

/// The list with lower numbers where there are fewer lines.
fn lowered(list: &str, found: &[Vec<Hit>]) -> String {
    let mut found = found.iter();
    let mut text = String::new();
    for line in list.lines() {
        match (read(line), line.split_once(" | ")) {
            (Some(phrase), Some((_, rest))) => {
                let lines = found.next().map_or(0, Vec::len);
                text += &format!("{:4} | {rest}\n", lines.min(phrase.ceiling));
            }
            _ => text += &format!("{line}\n"),
        }
    }
    text
}

#[test]
fn phrases_match_whole_words_in_any_case() {
    let matches = |phrase, line| matcher(phrase)(line);
    assert!(matches("red fox", "    // A Red fox, seen."));
    assert!(matches("fox", "the fox-hunt"));
    assert!(!matches("fox", "foxes, firefox"));
    assert!(matches("^// How", "    // How it is sent."));
    assert!(!matches("^// How", "    /// How it is sent."));
    assert!(!matches("^// How", "let x = 1; // How it is sent."));
    assert!(!matches("^// How", "// However it is sent."));
    assert!(matches("Fox", "pub struct Fox {"));
    assert!(!matches("Fox", "a fox"));
    assert!(!matches("Fox", "FoxHole"));
}

/// The lines with each phrase.
fn search(root: &Path, files: &[PathBuf], phrases: &[Phrase]) -> Vec<Vec<Hit>> {
    let matchers: Vec<_> = phrases.iter().map(|phrase| matcher(&phrase.text)).collect();
    let mut hits: Vec<Vec<Hit>> = phrases.iter().map(|_| Vec::new()).collect();
    for file in files {
        // A file may be deleted and not yet committed.
        let Ok(text) = std::fs::read_to_string(root.join(file)) else {
            continue;
        };
        for (i, line) in text.lines().enumerate() {
            for (matches, hits) in matchers.iter().zip(&mut hits) {
                if matches(line) {
                    hits.push(Hit {
                        file: file.display().to_string(),
                        line: i + 1,
                        text: line.trim().to_owned(),
                    });
                }
            }
        }
    }
    hits
}

/// Whether a line contains a phrase.
fn matcher(phrase: &str) -> impl Fn(&str) -> bool + use<> {
    let (start, words) = match phrase.strip_prefix('^') {
        Some(words) => (true, words),
        None => (false, phrase),
    };
    let exact = !start && words.contains(|c: char| c.is_ascii_uppercase());
    let words = match exact {
        true => words.to_owned(),
        false => words.to_ascii_lowercase(),
    };
    move |line| {
        let line = match exact {
            true => line.trim_start().to_owned(),
            false => line.trim_start().to_ascii_lowercase(),
        };
        let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        line.match_indices(&words).any(|(at, found)| {
            let before = line[..at].chars().next_back();
            let after = line[at + found.len()..].chars().next();
            (!start || at == 0)
                && !before.is_some_and(part_of_word)
                && !after.is_some_and(part_of_word)
        })
    }
}

/// The files with prose that git tracks or would add, relative to `root`. None if this is no checkout.
fn tracked(root: &Path) -> Option<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .args(["--cached", "--others", "--exclude-standard", "--"])
        .args(["*.md", "*.rs", "*.toml", "*.trycmd", "ci"])
        .current_dir(root)
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8(output.stdout).unwrap();
            let mut files: Vec<_> = names.split_terminator('\0').map(PathBuf::from).collect();
            files.sort();
            files.dedup();
            Some(files)
        }
        other => {
            assert!(std::env::var_os("CI").is_none(), "git ls-files: {other:?}");
            None
        }
    }
}
