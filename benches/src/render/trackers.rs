//! The formats of services that track figures over time.

use serde_json::{Value, json};

use crate::results::Bench;

/// For github-action-benchmark, as `customSmallerIsBetter`.
pub fn github(bench: &Bench) -> Value {
    let timed = bench.measurements.iter().map(|measurement| {
        json!({
            "name": measurement.id,
            "unit": "ns",
            "value": measurement.median,
            "range": format!("± {:.0}", (measurement.high - measurement.low) / 2.0),
            "extra": measurement.floor.map_or(String::new(), |floor| format!("×{floor:.2} of the floor")),
        })
    });
    let counted = bench.counts.iter().map(|count| {
        json!({
            "name": count.id,
            "unit": "instructions",
            "value": count.instructions,
        })
    });
    Value::Array(timed.chain(counted).collect())
}

/// For Bencher, in its metric format.
pub fn bencher(bench: &Bench) -> Value {
    let mut all = serde_json::Map::new();
    for measurement in &bench.measurements {
        let latency = json!({
            "value": measurement.median,
            "lower_value": measurement.low,
            "upper_value": measurement.high,
        });
        all.insert(measurement.id.clone(), json!({ "latency": latency }));
    }
    for count in &bench.counts {
        let metrics = json!({
            "instructions": { "value": count.instructions },
        });
        all.insert(format!("counted/{}", count.id), metrics);
    }
    Value::Object(all)
}
