//! Judges the committed sample of transcripts again. The verdicts are in a file next to it, so that a
//! commit that changes a rule shows what it changes. `LASTWORD_BLESS=1 cargo test --test rejudge`
//! renews that file; `ci/transcripts` renews the sample.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use closure::{Grade, requirements, stored};
use flate2::read::GzDecoder;
use lastword::verdicts::{HELD, Verdicts};
use support::{LASTWORD, Scratch, lastword};

/// A limit on the size of the repository.
const LARGEST: u64 = 2_000_000;

const HEAD: &str = "\
# The verdicts on sample.jsonl.gz. `LASTWORD_BLESS=1 cargo test --test rejudge` writes this file.
#
# Below each requirement: verdict, subject, and the lines of the sample with this verdict. A `!` marks
# a deviation or a variation; each of its lines names instance and bug.
";

fn place(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../corpus/transcripts").join(name)
}

/// The sample's verdicts, and the names of its transcripts in the order of its lines.
fn today() -> (Verdicts, Vec<String>) {
    let path = place("sample.jsonl.gz");
    let file = GzDecoder::new(File::open(&path).unwrap());
    let mut verdicts = Verdicts::default();
    let mut names = Vec::new();
    for stored in stored::read("sample.jsonl", BufReader::new(file)) {
        let stored = stored.unwrap_or_else(|error| panic!("{error}"));
        verdicts.add(&stored).unwrap();
        names.push(stored.origin.name());
    }
    (verdicts, names)
}

/// The verdicts as text, in which the change of one verdict changes few lines.
fn print(verdicts: &Verdicts, names: &[String]) -> String {
    let mut text = HEAD.to_owned();
    for requirement in requirements::all() {
        // By verdict and subject.
        let mut lines: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            if let Some(word) = verdicts.transcripts[name].get(requirement.id) {
                let subject = name.split(' ').next().unwrap();
                lines.entry((word, subject)).or_default().push(at + 1);
            }
        }
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{}", requirement.id);
        }
        for ((word, subject), numbers) in lines {
            let grade = requirement.code(word).map(|code| code.grade);
            if matches!(grade, None | Some(Grade::Behaviour)) {
                let _ = writeln!(text, "  {word} {subject} {}", ranges(&numbers));
                continue;
            }
            for number in numbers {
                let name = names[number - 1].strip_prefix(subject).unwrap();
                let _ = writeln!(text, "! {word} {subject} {number} ={name}");
            }
        }
    }
    text
}

/// `1-3 7`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let ranges = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(" ")
}

/// Reads the output of [`print`].
fn parse(text: &str, names: &[String]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for name in names {
        verdicts
            .transcripts
            .insert(name.clone(), BTreeMap::default());
    }
    let mut requirement = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some(line) = line.strip_prefix("  ").or(line.strip_prefix("! ")) else {
            requirement = line;
            continue;
        };
        let line = line.split(" =").next().unwrap();
        let mut words = line.split(' ');
        let (word, _subject) = (words.next().unwrap(), words.next().unwrap());
        for range in words {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            for number in first..=last {
                let name = names.get(number - 1).unwrap_or_else(|| {
                    panic!("there is no line {number} in the sample: bless the verdicts")
                });
                let of = verdicts.transcripts.get_mut(name).unwrap();
                of.insert(requirement.to_owned(), word.to_owned());
            }
        }
    }
    verdicts
}

#[test]
fn the_verdicts_on_the_sample_are_those_committed() {
    let (now, names) = today();
    let path = place("verdicts.txt");
    let text = print(&now, &names);
    assert_eq!(parse(&text, &names), now, "the text does not read back");
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let changes = parse(&committed, &names).changes(&now);
    assert!(
        changes.is_empty() && committed == text,
        "verdicts on the sample have changed:\n\n{changes}\nIf that is right, run LASTWORD_BLESS=1 \
         cargo test --test rejudge, and commit corpus/transcripts/verdicts.txt with the change"
    );
}

#[test]
fn the_sample_is_small_and_has_all_subjects() {
    let size = place("sample.jsonl.gz").metadata().unwrap().len();
    assert!(size < LARGEST, "{size} bytes");
    let (verdicts, names) = today();
    for subject in ["reference ", "rustls-buffered ", "rustls-unbuffered "] {
        let count = names.iter().filter(|it| it.starts_with(subject)).count();
        assert!(count > 100, "{count} of {subject}");
    }
    let judged = verdicts.transcripts.values().flat_map(|it| it.keys());
    let judged: std::collections::BTreeSet<_> = judged.collect();
    assert!(judged.len() > 150, "{} requirements", judged.len());
}

/// The verdicts of a run and those of its stored transcripts.
#[test]
fn judging_again_gives_the_verdicts_of_the_run() {
    let results = Scratch::new("rejudge-results.json", "");
    let transcripts = Scratch::new("rejudge.jsonl", "");
    let json = Scratch::new("rejudge-verdicts.json", "");
    let ran = lastword(&[
        "run",
        "half-close/ping-pong",
        "api/write-when-dead",
        "--results",
        results.path(),
        "--transcripts",
        transcripts.path(),
    ]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let judged = lastword(&[
        "judge",
        transcripts.path(),
        "--format",
        "json",
        "-o",
        json.path(),
    ]);
    assert_eq!(judged.code, Some(0), "{}", judged.err);
    let run = lastword::results::Results::read(&results.0).unwrap();
    let again = Verdicts::read(&json.0).unwrap();
    assert_eq!(run.instances.len(), again.transcripts.len());
    for instance in &run.instances {
        let subject = &instance.subject;
        let verdicts = &again.transcripts[&format!("{subject} {}", instance.id)];
        let mut of_run: BTreeMap<&str, &str> = BTreeMap::new();
        for held in &instance.held {
            of_run.insert(&run.requirements[*held].id, HELD);
        }
        for found in &instance.found {
            let code = found.code.as_deref().unwrap_or(HELD);
            of_run.insert(&found.requirement, code);
        }
        // Results count excuses by requirement, and not by instance.
        let verdicts: BTreeMap<&str, &str> = verdicts
            .iter()
            .map(|(id, word)| (id.as_str(), word.as_str()))
            .filter(|(_, word)| !word.starts_with("excused:"))
            .collect();
        assert_eq!(of_run, verdicts, "{}", instance.id);
    }
    let same = lastword(&["judge", transcripts.path(), "--against", json.path()]);
    assert_eq!(same.code, Some(0), "{}", same.out);
    assert!(same.out.contains("the verdicts are the same"));
}

fn sample_lines(count: usize) -> String {
    let file = GzDecoder::new(File::open(place("sample.jsonl.gz")).unwrap());
    let lines = std::io::BufRead::lines(BufReader::new(file));
    let lines = lines.take(count).map(|line| line.unwrap() + "\n");
    lines.collect()
}

#[test]
fn a_changed_verdict_is_shown_and_has_its_exit_code() {
    let text = sample_lines(3);
    let transcripts = Scratch::new("changed.jsonl", &text);
    let judged = lastword(&["judge", transcripts.path(), "--format", "json"]);
    let (id, before) = ("\"api.no-panic\": \"held\"", "\"api.no-panic\": \"sings\"");
    assert!(judged.out.contains(id), "{}", judged.out);
    let old = Scratch::new("changed.json", &judged.out.replacen(id, before, 1));
    let changed = lastword(&["judge", transcripts.path(), "--against", old.path()]);
    assert_eq!(changed.code, Some(100), "{}", changed.err);
    let first = "api.no-panic: sings -> held\n  re";
    assert!(changed.out.starts_with(first), "{}", changed.out);
    assert!(
        changed.out.contains("the verdicts on 1 differ"),
        "{}",
        changed.out
    );

    let fewer = Scratch::new("fewer.jsonl", text.split_inclusive('\n').next().unwrap());
    let gone = lastword(&["judge", fewer.path(), "--against", old.path()]);
    assert_eq!(gone.code, Some(100));
    assert!(
        gone.out.contains("no such transcript now:\n  re"),
        "{}",
        gone.out
    );
}

#[test]
fn standard_input_is_a_file() {
    let mut child = std::process::Command::new(LASTWORD)
        .args(["judge", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, sample_lines(2).as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("2 transcripts\n\nrequirement "), "{text}");
}

#[test]
fn files_that_cannot_be_judged_have_clear_messages() {
    let good = sample_lines(1);
    let twice = Scratch::new("twice.jsonl", &format!("{good}{good}"));
    let cut = Scratch::new("cut.jsonl", &format!("{good}{}", &good[..good.len() / 2]));
    let empty = Scratch::new("empty.jsonl", "\n");
    let file = Scratch::new("good.jsonl", &good);
    let gzip = place("sample.jsonl.gz");
    let against = |old| ["judge", file.path(), "--against", old];
    for (arguments, words) in [
        (&["judge", twice.path()][..], ":2: a second transcript of"),
        (&["judge", cut.path()], ":2: the line is incomplete"),
        (&["judge", empty.path()], "holds no transcript"),
        (
            &["judge", gzip.to_str().unwrap()],
            ":1: the file is compressed",
        ),
        (&["judge", "/no/such/file"], "cannot read /no/such/file"),
        (&against("/no/such/file"), "cannot read /no/such/file"),
        (&against(file.path()), "it holds no verdicts"),
    ] {
        let ended = lastword(arguments);
        assert_eq!(ended.code, Some(96), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    }
}
