//! The effect of a single difference, with everything else the same.

use std::collections::BTreeMap;

use super::tables::{Table, geometric_mean};
use crate::results::{Bench, Id};

/// The difference, and the size: by number, then by name.
type Row<'a> = (String, (usize, &'a str));

/// The suffix of the suites of TLS 1.2.
const TLS12: &str = "-tls12";

/// A row for each difference and size, and a column for each interface. Each cell is the geometric
/// mean of the times, each as a multiple of its counterpart.
pub(super) fn pairs(bench: &Bench) -> Table {
    let medians: BTreeMap<&str, f64> = bench
        .measurements
        .iter()
        .map(|measurement| (measurement.id.as_str(), measurement.median))
        .collect();
    let mut groups: BTreeMap<Row<'_>, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for (id, median) in &medians {
        let Some(id) = Id::parse(id) else { continue };
        for (difference, other) in counterparts(&id) {
            if let Some(counterpart) = medians.get(other.as_str()) {
                let size = (id.what.parse().unwrap_or_default(), id.what);
                let group = groups.entry((difference, size)).or_default();
                group.entry(id.api).or_default().push(median / counterpart);
            }
        }
    }
    let mut apis: Vec<&str> = groups.values().flat_map(BTreeMap::keys).copied().collect();
    apis.sort_unstable();
    apis.dedup();
    let rows = groups.iter().map(|((difference, (_, what)), of_api)| {
        let cell = |api| {
            of_api
                .get(api)
                .map_or_else(String::new, |all| geometric_mean(all))
        };
        [difference.clone(), (*what).to_owned()]
            .into_iter()
            .chain(apis.iter().map(cell))
            .collect()
    });
    Table {
        title: "What does one difference change?".into(),
        note: "As a multiple of the time without the difference: the geometric mean over \
               operations, suites and libraries."
            .into(),
        rows: rows.collect(),
        head: ["difference", "size"]
            .into_iter()
            .chain(apis.iter().copied())
            .map(Into::into)
            .collect(),
    }
}

/// The ids that differ from this one in a single respect, each with that difference.
fn counterparts(id: &Id<'_>) -> Vec<(String, String)> {
    let with = |operation: &str, crypto: &str, suite: &str| {
        [operation, id.api, crypto, suite, id.what].join("/")
    };
    let mut all = Vec::new();
    if let Some(suite) = id.suite.strip_suffix(TLS12) {
        let other = with(id.operation, id.crypto, suite);
        all.push(("TLS 1.2, not 1.3".to_owned(), other));
    }
    if id.crypto == "aws-lc-rs" {
        let other = with(id.operation, "ring", id.suite);
        let suite = id.suite.trim_end_matches(TLS12);
        all.push((format!("aws-lc-rs, not ring: {suite}"), other));
    }
    if let Some(open) = id.operation.strip_prefix("half_closed_") {
        let other = with(open, id.crypto, id.suite);
        all.push(("one half closed, not both open".to_owned(), other));
    }
    all
}
