//! The output on a terminal, and into a pipe.
//!
//! The terminal is a real one: `script` makes it, and passes on what is typed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Folder, LASTWORD, tool};

/// What is drawn of a bar that is not full.
const BAR: &str = "▒";

/// How long anything may take here, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the program in a terminal. `folder` is where its failures go, and marks its processes.
fn terminal(arguments: &str, folder: &Folder, variables: &[(&str, &str)]) -> Option<Child> {
    tool("script", "--version")?;
    let line = format!("exec {LASTWORD} {arguments}");
    let child = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("LASTWORD_FAILURES", folder.path())
        .env_remove("NO_COLOR")
        .env_remove("GITHUB_STEP_SUMMARY")
        .envs(variables.iter().copied())
        .spawn();
    Some(child.unwrap())
}

/// Everything that is left to be shown, and how the program ends.
fn rest(mut child: Child, mut shown: Vec<u8>) -> (Option<i32>, String) {
    // At the end of its input `script` would type an end of file.
    let _open = child.stdin.take();
    let mut out = child.stdout.take().unwrap();
    out.read_to_end(&mut shown).unwrap();
    let code = child.wait().unwrap().code();
    (code, String::from_utf8_lossy(&shown).into_owned())
}

/// The processes that were started with this folder in their environment.
fn processes(folder: &Folder) -> Vec<String> {
    let mark = format!("LASTWORD_FAILURES={}", folder.path());
    let of = |path: &Path| {
        let environment = fs::read(path.join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        variables
            .any(|variable| variable == mark.as_bytes())
            .then(|| {
                let line = fs::read(path.join("cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&line).replace('\0', " ")
            })
    };
    let all = fs::read_dir("/proc").unwrap();
    all.filter_map(|entry| of(&entry.unwrap().path())).collect()
}

/// Whether a colour is chosen, or any other look of letters.
fn coloured(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|sequence| {
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';');
        end.is_some_and(|end| sequence[end..].starts_with('m'))
    })
}

#[test]
fn a_terminal_shows_a_bar_and_colours() {
    let folder = Folder::new("terminal-bar");
    let Some(child) = terminal("run half-close/*", &folder, &[]) else {
        return;
    };
    let (code, shown) = rest(child, Vec::new());
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("half-close/"), "{shown}");
    assert!(shown.contains(BAR), "{shown}");
    assert!(coloured(&shown), "{shown}");
}

#[test]
fn who_wants_no_colour_gets_none_and_still_a_bar() {
    let folder = Folder::new("terminal-no-color");
    let Some(child) = terminal("run half-close/*", &folder, &[("NO_COLOR", "1")]) else {
        return;
    };
    let (code, shown) = rest(child, Vec::new());
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(BAR), "{shown}");
    assert!(!coloured(&shown), "{shown:?}");
}

#[test]
fn a_pipe_gets_plain_lines() {
    let ended = support::lastword(&["run", "half-close/*"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(!ended.out.contains('\u{1b}'), "{}", ended.out);
    assert!(!ended.err.contains('\u{1b}'), "{}", ended.err);
    let long = ended.out.lines().find(|line| line.chars().count() > 100);
    assert_eq!(long, None);
}

#[test]
fn what_is_typed_interrupts_and_leaves_what_is_known_and_nobody_behind() {
    let folder = Folder::new("terminal-interrupt");
    let results = folder.0.join("results.json");
    let arguments = format!("run --results {}", results.display());
    let Some(mut child) = terminal(&arguments, &folder, &[]) else {
        return;
    };
    let mut shown = Vec::new();
    let mut some = [0; 4096];
    let started = Instant::now();
    while !String::from_utf8_lossy(&shown).contains(BAR) {
        assert!(started.elapsed() < PATIENCE, "no bar");
        let n = child.stdout.as_mut().unwrap().read(&mut some).unwrap();
        assert!(n > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend(&some[..n]);
    }
    let subjects = |all: &[String]| all.iter().filter(|line| line.contains(" subject ")).count();
    // The bar may be there before they are.
    while subjects(&processes(&folder)) == 0 {
        assert!(started.elapsed() < PATIENCE, "{:?}", processes(&folder));
        std::thread::sleep(Duration::from_millis(5));
    }

    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    let (code, shown) = rest(child, shown);
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains("interrupted"), "{shown}");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&results).unwrap()).unwrap();
    assert_eq!(json["interrupted"], true);
    let behind = processes(&folder);
    assert!(behind.is_empty(), "{behind:?}");
}

#[test]
fn what_explain_tells_of_anything_fits_into_a_hundred_columns() {
    let listed = Command::new(LASTWORD)
        .args(["list", "--format", "json"])
        .output()
        .unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let names = |of: &str, key: &str| -> Vec<String> {
        let all = listed[of].as_array().unwrap().iter();
        all.map(|item| item[key].as_str().unwrap().to_owned())
            .collect()
    };
    let mut names: Vec<String> = names("cases", "name")
        .into_iter()
        .chain(names("requirements", "id"))
        .collect();
    // The longest names, the cases with the longest scripts, and a sample of the rest.
    let longest_script = |count: usize| {
        let mut cases: Vec<_> = listed["cases"].as_array().unwrap().iter().collect();
        cases.sort_by_key(|case| std::cmp::Reverse(case["script"].as_str().unwrap().len()));
        let names = cases.into_iter().take(count);
        names
            .map(|case| case["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut shown = longest_script(4);
    // A case of another profile is shown in that profile.
    let foreign = |case: &&serde_json::Value| {
        let script = case["script"].as_str().unwrap();
        script.contains("set tls12-close") || script.contains("set edition")
    };
    let cases = listed["cases"].as_array().unwrap();
    let foreign: Vec<_> = cases.iter().filter(foreign).collect();
    assert!(!foreign.is_empty());
    shown.extend(
        foreign
            .iter()
            .map(|case| case["name"].as_str().unwrap().to_owned()),
    );
    shown.push("close-tx.level-bis".to_owned());
    shown.extend(["close-tx", "resume", "ph"].map(str::to_owned));
    shown.extend(names.iter().take(8).cloned());
    shown.extend(names.iter().step_by(25).cloned());
    for name in shown {
        let told = Command::new(LASTWORD)
            .args(["explain", &name])
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        assert!(told.status.success(), "{name}");
        let text = String::from_utf8(told.stdout).unwrap();
        // A link is of use whole only.
        let wide = text
            .lines()
            .find(|line| line.chars().count() > 100 && !line.contains("https://"));
        assert_eq!(wide, None, "{name}");
    }
}

fn explain(id: &str) -> String {
    let told = support::lastword(&["explain", id]);
    assert_eq!(told.code, Some(0), "{id}: {}", told.err);
    told.out
}

#[test]
fn explain_draws_each_difference_once_and_repeats_nothing() {
    for id in ["close-tx.no-data-after", "api.wants-read-when-dead"] {
        let text = explain(id);
        let pictures = text.matches("\n     app ").count();
        let headings: Vec<&str> = text
            .lines()
            .filter(|line| line.contains(" in rustls ") && !line.contains("today"))
            .collect();
        assert!(pictures > 0, "{text}");
        assert_eq!(pictures, headings.len(), "{text}");
        let mut reasons: Vec<&str> = text.split("\n  known ").skip(1).collect();
        let all = reasons.len();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), all, "{text}");
    }
    // Both subjects show the same.
    assert_eq!(
        explain("close-tx.no-data-after")
            .matches("\n     app ")
            .count(),
        1
    );
}

#[test]
fn explain_shows_a_family_with_the_outcomes_of_today() {
    let text = explain("ph");
    assert!(
        text.starts_with("ph      post-handshake messages\n"),
        "{text}"
    );
    let listed = support::lastword(&["list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    let family = listed["requirements"].as_array().unwrap().iter();
    let family: Vec<&str> = family
        .map(|requirement| requirement["id"].as_str().unwrap())
        .filter(|id| id.starts_with("ph."))
        .collect();
    assert!(!family.is_empty());
    for id in family {
        let mut lines = text.lines().map(str::trim);
        let line = lines
            .find(|line| line.split(' ').next() == Some(id))
            .unwrap();
        assert!(line.len() > id.len() + 2, "no outcome: {line}");
    }
}
