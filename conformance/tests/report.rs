//! Reports, word for word. `INSTA_UPDATE=always cargo test --test report` updates the snapshots.
//!
//! `tests/data` keeps results of each version of the format. The snapshots show the newest. Reports of
//! older results must contain no less than those results did.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use lastword::results::{Results, SCHEMA_VERSION};
use serde_json::Value;
use support::{Ended, Scratch, lastword};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn newest() -> String {
    let path = data(&format!("results-{SCHEMA_VERSION}.json"));
    path.to_str().unwrap().to_owned()
}

fn report(format: &str) -> String {
    let ended = lastword(&["report", &newest(), "--format", format]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.out
}

/// The newest results, changed.
fn changed(name: &str, change: impl Fn(&mut Value)) -> Scratch {
    let mut value: Value = serde_json::from_slice(&fs::read(newest()).unwrap()).unwrap();
    change(&mut value);
    Scratch::new(name, &value.to_string())
}

/// Every instance of the case holds what it broke.
fn fixed(value: &mut Value, case: &str) {
    let ids: Vec<String> = value["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|requirement| requirement["id"].as_str().unwrap().to_owned())
        .collect();
    for instance in value["instances"].as_array_mut().unwrap() {
        if !instance["id"].as_str().unwrap().starts_with(case) {
            continue;
        }
        let Some(found) = instance.as_object_mut().unwrap().remove("found") else {
            continue;
        };
        for found in found.as_array().unwrap() {
            let place = ids
                .iter()
                .position(|id| found["requirement"] == *id)
                .unwrap();
            instance["held"].as_array_mut().unwrap().push(place.into());
        }
    }
}

#[test]
fn the_text_is_what_the_run_said() {
    insta::assert_snapshot!(report("text"));
}

#[test]
fn the_markdown_is_a_summary_and_the_matrix() {
    insta::assert_snapshot!(report("markdown"));
}

#[test]
fn junit_has_a_test_for_each_requirement() {
    let xml = report("junit");
    insta::assert_snapshot!(xml);
    let results = Results::read(Path::new(&newest())).unwrap();
    let ids: Vec<&str> = xml
        .split("<testcase name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    for requirement in &results.requirements {
        let id = requirement.id.as_str();
        assert_eq!(ids.iter().filter(|one| **one == id).count(), 1, "{id}");
    }
    assert!(xml.contains("<skipped message=\"known deviation: sends-key-update"));
    well_formed(&xml);
}

#[test]
fn junit_has_a_test_for_each_instance_if_that_is_asked_for() {
    let arguments = [
        "report",
        &newest(),
        "--format",
        "junit",
        "--junit-instances",
    ];
    let ended = lastword(&arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let xml = ended.out;
    let results = Results::read(Path::new(&newest())).unwrap();
    let count = |what: &str| xml.matches(what).count();
    assert!(count("<testcase ") >= results.instances.len());
    assert!(count("<property name=\"requirement\"") > results.instances.len());
    assert!(count("<failure ") > 0 && count("<skipped ") > 0);
    assert!(xml.contains("<skipped message=\"known deviation: close-tx.no-keyupdate-after"));
    well_formed(&xml);
}

#[test]
fn junit_keeps_foreign_text_apart_from_its_own() {
    let hostile = changed("junit-hostile", |value| {
        value["requirements"][0]["says"] = "</failure>\u{1b}[31m & \u{0} \"".into();
        value["subjects"][0]["version"] = "\"><testcase".into();
    });
    for more in [&[][..], &["--junit-instances"]] {
        let arguments = [&["report", hostile.path(), "--format", "junit"], more].concat();
        let ended = lastword(&arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        well_formed(&ended.out);
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!ended.out.contains(control), "{}", ended.out);
    }
}

/// Elements are closed in order, and the counts of the suites are those of the tests.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        .unwrap();
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        assert!(!text.contains('>'), "{text}");
        let end = tag.find('>').unwrap();
        let inside = &tag[1..end];
        let name = inside.split([' ', '/', '\n']).find(|word| !word.is_empty());
        match (inside.starts_with('/'), inside.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), name, "{tag}"),
            (false, true) => {}
            (false, false) => open.push(name.unwrap()),
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
    for (attribute, element) in [
        ("tests", "<testcase "),
        ("failures", "<failure "),
        ("errors", "<error "),
        ("skipped", "<skipped "),
    ] {
        let head = format!(" {attribute}=\"");
        let said = xml.split(&head).nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(
            said,
            xml.matches(element).count().to_string(),
            "{attribute}"
        );
    }
}

/// A page as text: without tags, and with the entities that the page uses resolved.
fn stripped(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap();
    let mut text = String::new();
    for part in body.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
    }
    text.replace("&#38;", "&")
}

/// All numbers followed by this word, each once.
fn counts_of(text: &str, word: &str) -> Vec<String> {
    let mut counts: Vec<String> = text
        .match_indices(word)
        .filter_map(|(at, _)| {
            let number = text[..at].strip_suffix(' ')?;
            let digits = number.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
            let number = number[digits.len()..].trim_start_matches(',');
            (!number.is_empty()).then(|| number.to_owned())
        })
        .collect();
    counts.dedup();
    counts
}

#[test]
fn every_count_is_the_same_in_text_page_and_markdown() {
    let both = changed("counts", |value| {
        let mut second: Value = value.clone();
        fixed(&mut second, "half-close/write-after-own-close");
        // Two subjects, of which one has fewer failures, and one cannot do everything.
        for of in ["instances", "groups", "known", "transcripts"] {
            for one in second[of].as_array_mut().unwrap() {
                one["subject"] = "second".into();
            }
            let more = second[of].as_array().unwrap().clone();
            value[of].as_array_mut().unwrap().extend(more);
        }
        let mut subject = value["subjects"][0].clone();
        subject["name"] = "second".into();
        value["subjects"].as_array_mut().unwrap().push(subject);
        let last = value["instances"].as_array_mut().unwrap().last_mut();
        last.unwrap()["unsupported"] =
            serde_json::json!({ "outcome": "undeclared-unsupported", "what": "ticket" });
    });
    let [text, markdown, page] = ["text", "markdown", "html"].map(|format| {
        let ended = lastword(&["report", both.path(), "--format", format, "--all"]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    });
    let page = stripped(&page);
    // The counts of the run, of each subject, of the comparisons and of the failures.
    let sentences: Vec<&str> = text
        .lines()
        .map(|line| line.trim().trim_end_matches("; their blocks are above"))
        .filter(|line| {
            [" cases, ", "comparisons of", " failures: "]
                .iter()
                .any(|part| line.contains(part))
        })
        .collect();
    assert_eq!(sentences.len(), 3, "{text}");
    for sentence in sentences {
        assert!(markdown.contains(sentence), "{sentence}\n{markdown}");
        assert!(page.contains(sentence), "{sentence}\n{page}");
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let subjects: Vec<String> = words(&text)
        .split("requirements: ")
        .skip(1)
        .map(|rest| rest.split(" conform").next().unwrap().to_owned())
        .collect();
    assert_eq!(subjects.len(), 2, "{text}");
    assert_ne!(subjects[0], subjects[1]);
    for subject in &subjects {
        assert!(
            words(&markdown).contains(subject.as_str()),
            "{subject}\n{markdown}"
        );
        assert!(words(&page).contains(subject.as_str()), "{subject}\n{page}");
    }
    // The requirements of each family.
    for family in ["close-tx", "close-rx", "api"] {
        let title = text
            .lines()
            .find(|line| line.trim().starts_with(&format!("{family}: ")));
        let mut words: Vec<&str> = title
            .unwrap()
            .split("  ")
            .filter(|w| !w.is_empty())
            .collect();
        words.truncate(2);
        let [title, number] = words[..] else {
            panic!("{words:?}");
        };
        let number = number.trim();
        let escaped = title.replace('_', "\\_");
        assert!(
            markdown.contains(&format!("| {escaped} | {number} |")),
            "{title}"
        );
        assert!(
            page.contains(&format!("{title} {number}")),
            "{title}: {number}"
        );
    }
    for word in [
        "failures",
        "cases",
        "comparisons of instances",
        "unsupported",
    ] {
        let of = counts_of(&text, word);
        assert!(!of.is_empty(), "{word}");
        assert_eq!(counts_of(&markdown, word), of, "{word}");
        for count in of {
            assert!(counts_of(&page, word).contains(&count), "{word}: {count}");
        }
    }
}

#[test]
fn each_failure_has_a_line_that_leads_to_its_block() {
    let text = report("text");
    let markdown = report("markdown");
    let page = report("html");
    for number in 1..=3 {
        // In the list, and above the block.
        let mark = format!("[{number}] ");
        assert_eq!(text.matches(&mark).count(), 2, "{mark}");
        assert!(markdown.contains(&format!("](#failure-{number})")));
        assert!(markdown.contains(&format!("<a id=\"failure-{number}\">")));
    }
    let list = page.split("id=\"failures\"").nth(1).unwrap();
    let list = list.split("</section>").next().unwrap();
    let targets: Vec<&str> = list
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(targets.len(), 3, "{list}");
    for target in targets {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
    // Failures come first.
    assert!(text.find("[1] UNEXPECTED").unwrap() < text.find("close-tx: ").unwrap());
    assert!(page.find("id=\"failures\"").unwrap() < page.find("id=\"matrix\"").unwrap());
}

#[test]
fn what_was_judged_is_in_the_title_and_above_the_matrix() {
    let tree = changed("report-tree", |value| {
        value["subjects"][0]["origin"] = "working tree rustls at 0123456789".into();
    });
    let ended = lastword(&["report", tree.path(), "--format", "html"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let within = |from: &str, to: &str| {
        let rest = ended.out.split(from).nth(1).unwrap();
        rest.split(to).next().unwrap().to_owned()
    };
    for place in [within("<title>", "</title>"), within("<thead>", "</thead>")] {
        assert!(place.contains("rustls 0.23.46 unbuffered"), "{place}");
        assert!(
            place.contains("working tree rustls at 0123456789"),
            "{place}"
        );
    }
    for format in ["text", "markdown"] {
        let ended = lastword(&["report", tree.path(), "--format", format]);
        assert!(
            ended.out.contains("working tree rustls at 0123456789"),
            "{format}"
        );
    }
}

#[test]
fn the_page_is_whole_and_asks_for_nothing() {
    let results = Results::read(Path::new(&newest())).unwrap();
    let page = report("html");
    for requirement in &results.requirements {
        assert!(
            page.contains(&format!("id=\"{}\"", requirement.id)),
            "{}",
            requirement.id
        );
    }
    for case in &results.cases {
        assert!(
            page.contains(&format!("id=\"case-{}\"", case.name)),
            "{}",
            case.name
        );
    }
    let drawn = results
        .transcripts
        .iter()
        .filter(|shown| !shown.lines.is_empty());
    let drawn = drawn.count();
    for width in ["wide", "narrow"] {
        let pictures = format!("<svg class=\"ladder {width}\"");
        assert_eq!(page.matches(&pictures).count(), drawn, "{width}");
    }
    for outside in [
        "src=",
        "<link rel=\"stylesheet\"",
        "@import",
        "url(http",
        "fetch(",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_page_on_a_finding_is_linked_where_the_expectations_are_ours() {
    let linked = |arguments: &str| {
        let results = changed("report-linked", |value| {
            value["subjects"][0]["arguments"] = arguments.into();
            value["known"][0]["link"] = "docs/findings/some-page.md".into();
        });
        let ended = lastword(&["report", results.path(), "--format", "html"]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let target = "href=\"https://github.com/lastword-tls/lastword/blob/main/docs/findings/some-page.md\"";
        ended.out.contains(target)
    };
    assert!(linked(" --subject rustls-unbuffered"));
    assert!(linked(" --rustls 0.23.40"));
    assert!(!linked(" --shim CMD --expectations FILE"));
    assert!(!linked(" --rustls 0.23.40 --expectations FILE"));
}

#[test]
fn two_builds_of_a_subject_have_names_of_their_own() {
    let both = changed("report-both", |value| {
        let mut other = value["subjects"][0].clone();
        other["build"] = "assertions".into();
        value["subjects"].as_array_mut().unwrap().push(other);
    });
    let ended = lastword(&["report", both.path(), "--format", "text"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let name = both.json()["subjects"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    for build in ["plain", "assertions"] {
        let column = format!("  {name}, {build} ");
        assert!(ended.out.contains(&column), "{column}: {}", ended.out);
    }
}

#[test]
fn foreign_words_stay_words_on_the_page() {
    let hostile = changed("report-hostile", |value| {
        value["subjects"][0]["version"] = "<script>alert(1)</script>".into();
        value["transcripts"][0]["said"] = "</pre><img src=x onerror=y>".into();
        value["requirements"][0]["says"] = "\"><b onclick='z'>".into();
    });
    let ended = lastword(&["report", hostile.path(), "--format", "html"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for tag in ["<script>alert", "<img", "<b onclick"] {
        assert!(!ended.out.contains(tag), "{tag}");
    }
    let ended = lastword(&["report", hostile.path(), "--format", "markdown"]);
    assert!(!ended.out.contains("<script>"), "{}", ended.out);
}

#[test]
fn results_of_every_version_are_still_read() {
    let newest = Results::read(Path::new(&newest())).unwrap();
    for version in 1..=SCHEMA_VERSION {
        let path = data(&format!("results-{version}.json"));
        let results = Results::read(&path).unwrap();
        assert_eq!(
            results.instances.len(),
            newest.instances.len(),
            "version {version}"
        );
        for requirement in &results.requirements {
            assert!(
                !requirement.says.is_empty(),
                "version {version}: {}",
                requirement.id
            );
        }
        for format in ["text", "markdown", "junit", "html"] {
            let ended = lastword(&["report", path.to_str().unwrap(), "--format", format]);
            assert_eq!(ended.code, Some(0), "version {version}: {}", ended.err);
            assert!(
                ended.out.contains("close-tx.no-data-after"),
                "version {version}"
            );
        }
    }
    let next = data(&format!("results-{}.json", SCHEMA_VERSION + 1));
    assert!(!next.exists(), "{} is of no version", next.display());
}

#[test]
fn old_and_new_results_of_the_same_thing_do_not_differ() {
    let old = data("results-1.json");
    let ended = lastword(&["diff", old.to_str().unwrap(), &newest()]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("no verdict differs"), "{}", ended.out);
}

#[test]
fn a_difference_is_told_and_only_a_worse_one_fails() {
    let better = changed("diff-better", |value| {
        fixed(value, "half-close/write-after-own-close")
    });
    let ended = lastword(&["diff", &newest(), better.path()]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    insta::assert_snapshot!("diff_better", ended.out);

    let ended = lastword(&["diff", better.path(), &newest(), "--format", "markdown"]);
    assert_eq!(ended.code, Some(100), "{}", ended.out);
    insta::assert_snapshot!("diff_worse", ended.out);

    let fewer = changed("diff-fewer", |value| {
        let gone = |instance: &Value| !instance["id"].as_str().unwrap().starts_with("close/");
        value["instances"].as_array_mut().unwrap().retain(gone);
        value["subjects"][0]["version"] = "0.23.45".into();
    });
    let ended = lastword(&["diff", fewer.path(), &newest()]);
    assert_eq!(ended.code, Some(100), "{}", ended.out);
    insta::assert_snapshot!("diff_appeared", ended.out);
}

#[test]
fn results_of_different_subjects_are_not_taken_for_equal() {
    let path = Scratch::new(
        "diff-other",
        &fs::read_to_string(newest())
            .unwrap()
            .replace("\"shim\"", "\"other\""),
    );
    let ended = lastword(&["diff", &newest(), path.path()]);
    assert_eq!(ended.code, Some(4), "{}", ended.out);
    assert!(ended.out.contains("nothing to compare"), "{}", ended.out);
}

#[test]
fn a_matrix_has_a_column_for_each_subject() {
    let other = changed("matrix", |value| {
        value["subjects"][0]["version"] = "0.23.45".into();
        fixed(value, "half-close/write-after-own-close");
    });
    let ended = lastword(&["matrix", &newest(), other.path()]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    insta::assert_snapshot!("matrix", ended.out);
    let ended = lastword(&["matrix", &newest(), other.path(), "--format", "html"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("rustls 0.23.45 unbuffered"));
    assert_eq!(ended.out.matches("<th scope=\"col\"").count(), 3);
}

#[test]
fn two_columns_of_one_kind_have_their_names_beside_it() {
    let text = fs::read_to_string(newest()).unwrap();
    let other = Scratch::new("same-kind", &text.replace("\"shim\"", "\"other\""));
    let ended = lastword(&["matrix", &newest(), other.path()]);
    let head = ended.out.lines().next().unwrap_or_default();
    assert!(
        head.ends_with("rustls 0.23.46 unbuffered (shim) | rustls 0.23.46 unbuffered (other) |"),
        "{head}"
    );
}

fn accept(file: &Scratch) -> Ended {
    lastword(&["accept", &newest(), "--expectations", file.path()])
}

#[test]
fn what_is_accepted_is_added_and_refused_until_it_has_a_reason() {
    let known = fs::read_to_string(data("expectations.toml")).unwrap();
    let file = Scratch::new("accept.toml", &known);
    let ended = accept(&file);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let text = fs::read_to_string(file.path()).unwrap();
    assert!(
        text.starts_with(&known),
        "what was there is untouched:\n{text}"
    );
    insta::assert_snapshot!("accepted", text);

    let shim = format!("{} subject rustls-unbuffered", support::LASTWORD);
    let run = |path: &str| {
        let more = ["half-close/write-after-own-close", "close/in-half-rtt"];
        let arguments = ["run", "--shim", &shim, "--expectations", path];
        lastword(&[&arguments[..], &more].concat())
    };
    let refused = run(file.path());
    assert_eq!(refused.code, Some(96), "{}", refused.out);
    assert!(refused.err.contains("it needs a reason"), "{}", refused.err);

    let reasoned = Scratch::new("accept-reasoned.toml", &text.replace("TODO", "seen"));
    let ended = run(reasoned.path());
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn what_is_listed_otherwise_is_not_accepted() {
    let file = Scratch::new(
        "accept-conflict.toml",
        "[[deviation]]\nrequirement = \"close-tx.no-ticket-after\"\ncode = \"sends-ticket\"\n\
         where = { role = \"server\" }\nreason = \"seen\"\nlink = \"here\"\n",
    );
    let ended = accept(&file);
    assert_eq!(ended.code, Some(96), "{}", ended.out);
    assert!(ended.err.contains("by hand"), "{}", ended.err);
    let text = fs::read_to_string(file.path()).unwrap();
    assert_eq!(text.matches("no-ticket-after").count(), 1, "{text}");
    assert!(text.contains("close-tx.no-data-after"), "{text}");
}

#[test]
fn where_nothing_regressed_there_is_nothing_to_accept() {
    let fine = changed("accept-nothing", |value| {
        fixed(value, "half-close/");
        fixed(value, "close/");
    });
    let file = Scratch::new("accept-nothing.toml", "");
    let ended = lastword(&["accept", fine.path(), "--expectations", file.path()]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("nothing to accept"), "{}", ended.out);
}
