//! The tables, independent of the output format.

use std::collections::BTreeMap;

use protocol::Version;

use super::pairs::pairs;
use crate::gate;
use crate::growth::{CURVES, exponent, steepest};
use crate::results::{Bench, Id, Measurement};
use crate::suite::SUITES;

/// A table whose title is a question.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// All tables for which there are results.
pub(super) fn all(bench: &Bench) -> Vec<Table> {
    let mut tables: Vec<_> = OPERATIONS
        .iter()
        .map(|(name, title)| operation(bench, name, title))
        .collect();
    tables.insert(0, by_version(bench));
    tables.insert(1, pairs(bench));
    tables.push(half_closed(bench));
    tables.push(growth(bench));
    tables.push(counted_growth(bench));
    tables.push(harness(bench));
    tables.push(counts(bench));
    tables.push(allocations(bench));
    tables.retain(|table| !table.rows.is_empty());
    tables
}

const OPERATIONS: [(&str, &str); 6] = [
    ("record_encrypt", "What does it cost to write?"),
    ("record_decrypt", "What does it cost to read?"),
    ("transfer", "What does it cost to move data there and back?"),
    (
        "half_closed_transfer",
        "And when the other direction is closed?",
    ),
    ("close", "What does closing cost?"),
    (
        "handshake_and_close",
        "What does a whole connection cost, from handshake to close?",
    ),
];

/// The library, the suite, and the size, with its text if it is not a number.
type Row<'a> = (&'a str, &'a str, (usize, &'a str));

/// A row for each library, suite and size, and a column for each interface.
fn operation(bench: &Bench, name: &str, title: &str) -> Table {
    let of_it = bench.measurements.iter().filter_map(|measurement| {
        let id = Id::parse(&measurement.id)?;
        (id.operation == name).then_some((id, measurement))
    });
    let of_it: Vec<_> = of_it.collect();
    let mut apis: Vec<&str> = of_it.iter().map(|(id, _)| id.api).collect();
    apis.sort_unstable_by_key(|api| (*api != "floor", *api));
    apis.dedup();
    let mut rows: BTreeMap<Row<'_>, BTreeMap<&str, &Measurement>> = BTreeMap::new();
    for (id, measurement) in of_it {
        let size = id.what.parse().unwrap_or_default();
        rows.entry((id.crypto, id.suite, (size, id.what)))
            .or_default()
            .insert(id.api, measurement);
    }
    Table {
        title: format!("{title} ({name})"),
        note:
            "Each cell has the rate or time of one operation, and that time as a multiple of the \
               floor (the same cryptography called directly). With several rounds, it is the \
               median, followed by the least and the greatest."
                .into(),
        head: ["crypto", "suite", "size"]
            .into_iter()
            .chain(apis.iter().copied())
            .map(Into::into)
            .collect(),
        rows: rows
            .into_iter()
            .map(|((crypto, suite, (_, what)), cells)| {
                let mut row = vec![crypto.to_owned(), suite.to_owned(), what.to_owned()];
                row.extend(
                    apis.iter()
                        .map(|api| cells.get(api).map_or_else(String::new, |m| cell(m))),
                );
                row
            })
            .collect(),
    }
}

/// The mean over all suites of a version has less noise than a single suite.
fn by_version(bench: &Bench) -> Table {
    let mut groups: BTreeMap<Row<'_>, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for measurement in &bench.measurements {
        if let (Some(id), Some(floor)) = (Id::parse(&measurement.id), measurement.floor)
            && ["record_encrypt", "record_decrypt", "transfer"].contains(&id.operation)
            && let Ok(size) = id.what.parse()
            && let Some(suite) = SUITES.iter().find(|suite| suite.name == id.suite)
        {
            let version = match suite.version {
                Version::Tls12 => "1.2",
                Version::Tls13 => "1.3",
            };
            let group = groups.entry((id.crypto, version, (size, id.operation)));
            let of_api = group.or_default().entry(id.api).or_default();
            of_api.push(floor);
        }
    }
    let mut apis: Vec<&str> = groups.values().flat_map(BTreeMap::keys).copied().collect();
    apis.sort_unstable();
    apis.dedup();
    let head = ["operation", "crypto", "TLS", "size"];
    let rows = groups
        .iter()
        .map(|((crypto, version, (size, operation)), of_api)| {
            let cell = |api| {
                of_api
                    .get(api)
                    .map_or_else(String::new, |all| geometric_mean(all))
            };
            [*operation, crypto, version, &size.to_string()]
                .map(str::to_owned)
                .into_iter()
                .chain(apis.iter().map(cell))
                .collect::<Vec<_>>()
        });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|one, other| one[0].cmp(&other[0]));
    Table {
        title: "How far is it from the limit on the whole?".into(),
        note: "As a multiple of the floor: the geometric mean over the measured suites of the \
               version."
            .into(),
        head: head.into_iter().chain(apis).map(Into::into).collect(),
        rows,
    }
}

pub(super) fn geometric_mean(values: &[f64]) -> String {
    let logs: f64 = values.iter().map(|value| value.ln()).sum();
    format!("{:.2}", (logs / values.len() as f64).exp())
}

fn cell(measurement: &Measurement) -> String {
    let figure = match rate(measurement) {
        Some(rate) => format!("{rate:.0} MiB/s"),
        None => time(measurement.median),
    };
    match times_floor(measurement) {
        Some(times) => format!("{figure}, ×{times}"),
        None => figure,
    }
}

/// MiB of content in a second.
pub(super) fn rate(measurement: &Measurement) -> Option<f64> {
    let bytes = measurement.bytes? as f64;
    Some(bytes / f64::from(1 << 20) / (measurement.median / 1e9))
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

/// A connection with both directions open, compared with a half-closed one.
fn half_closed(bench: &Bench) -> Table {
    let by_clock = bench.measurements.iter().filter_map(|measurement| {
        let open = measurement.id.strip_prefix("half_closed_")?;
        let open = bench.measurements.iter().find(|m| m.id == open)?;
        let id = Id::parse(&open.id).filter(|id| id.api != "floor")?;
        Some(vec![
            [id.api, id.crypto, id.suite, id.what].join("/"),
            time(open.median),
            time(measurement.median),
            percent(measurement.median, open.median),
        ])
    });
    let counted = bench.counts.iter().filter_map(|count| {
        let what = count.id.strip_prefix("half_closed_transfer/")?;
        let before = bench.count(&format!("one_way_transfer/{what}"))?;
        Some(vec![
            format!("{what} (instructions)"),
            before.instructions.to_string(),
            count.instructions.to_string(),
            percent(count.instructions as f64, before.instructions as f64),
        ])
    });
    Table {
        title: "Does data cost the same when the other half is closed?".into(),
        note: String::new(),
        head: ["what", "both open", "one closed", "difference"]
            .map(Into::into)
            .to_vec(),
        rows: counted.chain(by_clock).collect(),
    }
}

fn percent(now: f64, before: f64) -> String {
    format!("{:+.2} %", (now / before - 1.0) * 100.0)
}

/// The points of a timed curve, by interface.
pub(super) fn curve(bench: &Bench, name: &str) -> BTreeMap<String, Vec<(f64, f64)>> {
    let mut curves: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for measurement in &bench.measurements {
        if let Some(id) = Id::parse(&measurement.id).filter(|id| id.operation == name)
            && let Some(size) = id.size()
        {
            let curve = curves.entry(format!("{}/{}", id.api, id.crypto));
            curve.or_default().push((size, measurement.median));
        }
    }
    for points in curves.values_mut() {
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    curves
}

fn growth(bench: &Bench) -> Table {
    let mut rows = Vec::new();
    for known in &CURVES {
        for (of, points) in curve(bench, known.name) {
            let (Some(mean), Some(most), Some(last)) =
                (exponent(&points), steepest(&points), points.last())
            else {
                continue;
            };
            rows.push(vec![
                known.name.to_owned(),
                of,
                format!("{mean:.2}"),
                format!("{most:.2}"),
                time(last.1),
                last.0.to_string(),
            ]);
        }
    }
    Table {
        title: "Does cost grow faster than size?".into(),
        note: "The exponent with which time grows with size: 1 is linear, 0 is constant. The \
               steepest is that between two neighbouring sizes."
            .into(),
        head: ["delivery", "of", "exponent", "steepest", "time", "at bytes"]
            .map(Into::into)
            .to_vec(),
        rows,
    }
}

fn counted_growth(bench: &Bench) -> Table {
    Table {
        title: "And in instructions?".into(),
        note: "This is what the gate checks.".into(),
        head: ["delivery", "api", "steepest exponent"]
            .map(Into::into)
            .to_vec(),
        rows: gate::growth(&bench.counts)
            .into_iter()
            .map(|(curve, api, exponent)| vec![curve.into(), api, format!("{exponent:.3}")])
            .collect(),
    }
}

/// The cost of the harness itself.
fn harness(bench: &Bench) -> Table {
    let rows = gate::harness(&bench.counts).into_iter().map(|harness| {
        vec![
            harness.what.clone(),
            harness.all.to_string(),
            harness.inside.to_string(),
            format!("{:.2} %", harness.percent()),
            format!("{:.0} %", harness.most),
        ]
    });
    Table {
        title: "What does the harness itself cost?".into(),
        note: "Instructions of eight operations over ring under valgrind: all of them, those \
               inside the API and the cryptography, and the difference."
            .into(),
        head: ["what", "all", "inside", "more", "at most"]
            .map(Into::into)
            .to_vec(),
        rows: rows.collect(),
    }
}

fn counts(bench: &Bench) -> Table {
    Table {
        title: "How many instructions?".into(),
        note:
            "Eight operations each (a transfer is two writes), over cryptography that costs next \
               to nothing."
                .into(),
        head: ["what", "instructions"].map(Into::into).to_vec(),
        rows: bench
            .counts
            .iter()
            .map(|count| vec![count.id.clone(), count.instructions.to_string()])
            .collect(),
    }
}

fn allocations(bench: &Bench) -> Table {
    let is_copied_counted = bench.allocations.iter().any(|a| a.copied.is_some());
    let mut head = vec![
        "what",
        "allocations",
        "bytes",
        "allocations per byte delivered",
        "bytes per byte delivered",
    ];
    let rows = bench.allocations.iter().map(|allocation| {
        let delivered = allocation.delivered as f64;
        let mut row = vec![
            allocation.id.clone(),
            format!("{:.2}", allocation.allocations),
            format!("{:.0}", allocation.allocated),
            format!("{:.5}", allocation.allocations / delivered),
            format!("{:.3}", allocation.allocated / delivered),
        ];
        row.extend(
            allocation
                .copied
                .map(|copied| format!("{:.3}", copied / delivered)),
        );
        row
    });
    let mut note = "For one operation, and for each byte that it delivers.".to_owned();
    if is_copied_counted {
        head.push("bytes copied per byte delivered");
    } else {
        note += " Copies were not counted. That needs valgrind and `perf collect --copied`.";
    }
    Table {
        title: "What is allocated and copied?".into(),
        note,
        rows: rows.collect(),
        head: head.into_iter().map(Into::into).collect(),
    }
}

/// The circumstances of the measurement, as names and values.
pub(super) fn circumstances(bench: &Bench) -> Vec<(&'static str, String)> {
    let environment = &bench.environment;
    vec![
        ("rustls", environment.rustls.clone()),
        ("commit", environment.commit.clone()),
        ("compiler", environment.rustc.clone()),
        (
            "processor",
            format!("{} × {}", environment.cores, environment.cpu),
        ),
        ("system", environment.system.clone()),
        ("load", environment.load.clone()),
        (
            "rounds",
            match bench.rounds {
                1 => "1".to_owned(),
                n => {
                    let spread = spread(bench).map(|spread| {
                        format!("; the multiple of the floor varies by {spread:.0} % in the median")
                    });
                    format!(
                        "{n}, with the median of each figure{}",
                        spread.unwrap_or_default()
                    )
                }
            },
        ),
    ]
}

/// By how many percent the multiple of the floor differs between the rounds, in the median.
fn spread(bench: &Bench) -> Option<f64> {
    let of = |m: &Measurement| Some((m.floor_high? - m.floor_low?) * 100.0 / m.floor?);
    let mut spreads: Vec<f64> = bench.measurements.iter().filter_map(of).collect();
    spreads.sort_unstable_by(f64::total_cmp);
    spreads.get(spreads.len() / 2).copied()
}

/// The part of an id in [`FOLLOWED`] that distinguishes it from the others.
pub(super) fn followed(id: &str) -> String {
    id.replace("/ring/aes-128-gcm", "")
}

/// Each version of rustls, with the measurement if it has one. The multiple of the floor in the
/// same run is what counts. Rates of runs that are minutes apart differ more than releases do.
pub(super) fn trend<'a>(benches: &'a [Bench], id: &str) -> Vec<(&'a str, Option<&'a Measurement>)> {
    benches
        .iter()
        .map(|bench| {
            let found = bench.measurements.iter().find(|m| m.id == id);
            (bench.environment.rustls.as_str(), found)
        })
        .collect()
}

/// The multiple of the floor, with the range over several rounds.
pub(super) fn times_floor(measurement: &Measurement) -> Option<String> {
    let floor = measurement.floor?;
    let ends = measurement.floor_low.zip(measurement.floor_high);
    let spread = ends.map(|(low, high)| format!(" ({low:.2}–{high:.2})"));
    Some(format!("{floor:.2}{}", spread.unwrap_or_default()))
}

/// The measurements that are followed across versions.
pub(super) const FOLLOWED: [&str; 6] = [
    "transfer/unbuffered/ring/aes-128-gcm/64",
    "transfer/buffered/ring/aes-128-gcm/64",
    "transfer/unbuffered/ring/aes-128-gcm/16384",
    "transfer/buffered/ring/aes-128-gcm/16384",
    // Before `PeerClosed` existed, the unbuffered API could not close both halves.
    "close/unbuffered/ring/aes-128-gcm/one-half",
    "close/buffered/ring/aes-128-gcm/one-half",
];
