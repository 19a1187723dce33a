//! The format of `bench.json`, and what is rendered from it.

use std::fs;
use std::path::Path;

use benches::render;
use benches::results::{Bench, Count, Measurement};

fn timed(id: &str, median: f64) -> Measurement {
    Measurement {
        id: id.into(),
        bytes: Some(64),
        median,
        low: median - 2.0,
        high: median + 4.0,
        floor: None,
        floor_low: None,
        floor_high: None,
    }
}

/// Results that are the same on every machine, except for the environment.
fn bench(version: &str) -> Bench {
    let measurements = vec![
        timed("transfer/floor/ring/aes-128-gcm/64", 100.0),
        timed("transfer/unbuffered/ring/aes-128-gcm/64", 250.0),
        timed("delivery_whole/unbuffered/ring/aes-128-gcm/1024", 10.0),
        timed("delivery_whole/unbuffered/ring/aes-128-gcm/4096", 160.0),
    ];
    let counts = vec![Count {
        id: "transfer/unbuffered/64".into(),
        instructions: 1234,
    }];
    Bench::new(version.into(), vec![measurements], counts, vec![])
}

#[test]
fn the_schema_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema/bench.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Bench))
        .expect("as it was written")
        + "\n";
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        fs::write(&path, &schema).expect("as it was written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema,
        "run with LASTWORD_BLESS=1 to update {}",
        path.display()
    );
}

#[test]
fn results_round_trip() {
    let bench = bench("1.2.3");
    let text = serde_json::to_string(&bench).expect("as it was written");
    assert_eq!(
        serde_json::from_str::<Bench>(&text).expect("as it was written"),
        bench
    );
}

#[test]
fn every_figure_has_its_ratio_to_the_floor() {
    let bench = bench("1.2.3");
    let ratio = |id: &str| {
        bench
            .measurements
            .iter()
            .find(|m| m.id == id)
            .expect("as it was written")
            .floor
    };
    assert_eq!(ratio("transfer/unbuffered/ring/aes-128-gcm/64"), Some(2.5));
    assert_eq!(ratio("transfer/floor/ring/aes-128-gcm/64"), None);
}

#[test]
fn github_action_benchmark_gets_entries_of_name_unit_and_value() {
    let entries = render::github(&bench("1.2.3"));
    let entries = entries.as_array().expect("it reads an array");
    assert_eq!(entries.len(), 5);
    for entry in entries {
        let known = ["name", "unit", "value", "range", "extra"];
        assert!(
            entry["name"].is_string() && entry["unit"].is_string(),
            "{entry}"
        );
        assert!(entry["value"].is_number(), "{entry}");
        for (key, value) in entry.as_object().expect("as it was written") {
            assert!(known.contains(&key.as_str()), "{key}");
            assert!(key == "value" || value.is_string(), "{entry}");
        }
    }
    let transfer = entries
        .iter()
        .find(|entry| entry["name"] == "transfer/unbuffered/ring/aes-128-gcm/64")
        .expect("it was measured");
    assert_eq!(transfer["value"], 250.0);
    assert_eq!(transfer["range"], "± 3");
    assert_eq!(entries[4]["unit"], "instructions");
}

#[test]
fn bencher_gets_benchmarks_of_measures_of_values() {
    let metrics = render::bencher(&bench("1.2.3"));
    let latency = &metrics["transfer/unbuffered/ring/aes-128-gcm/64"]["latency"];
    assert_eq!(latency["value"], 250.0);
    assert_eq!(latency["lower_value"], 248.0);
    assert_eq!(latency["upper_value"], 254.0);
    let counted = &metrics["counted/transfer/unbuffered/64"];
    assert_eq!(counted["instructions"]["value"], 1234);
    for measures in metrics.as_object().expect("as it was written").values() {
        for metric in measures.as_object().expect("as it was written").values() {
            assert!(metric["value"].is_number(), "{metric}");
        }
    }
}

#[test]
fn the_page_shows_floor_ratios_growth_and_trend() {
    let page = render::html(&[bench("1.2.3"), bench("1.2.4")]);
    for wanted in [
        "How far is transfer from the limit?",
        "dashed",
        "How many times the floor?",
        "Does cost grow faster than size?",
        "from one release to the next",
        "1.2.3",
        "1.2.4",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    // The page is self-contained.
    assert!(!page.contains("http"), "a link");
    let alone = render::html(&[bench("1.2.3")]);
    assert!(!alone.contains("from one release to the next"));
}

#[test]
fn every_chart_is_also_a_standalone_file() {
    let figures = render::figures(&[bench("1.2.3"), bench("1.2.4")]);
    assert!(figures.len() > 2);
    for figure in &figures {
        let file = figure.file();
        assert!(file.starts_with("<svg xmlns"), "{}", figure.name);
        assert!(!figure.name.contains('/'), "{}", figure.name);
        assert_eq!(
            file.matches("<svg").count(),
            file.matches("</svg>").count(),
            "{file}"
        );
    }
}

#[test]
fn quadratic_growth_shows_in_the_tables() {
    let text = render::markdown(&[bench("1.2.3")]);
    assert!(
        text.contains("| delivery_whole | unbuffered/ring | 2.00 | 2.00 |"),
        "{text}"
    );
    assert!(text.contains(", ×2.50 |"), "{text}");
}
