use std::path::Path;

use serde::Deserialize;

use super::{Measurement, Unusable, files, json};

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    #[serde(rename = "Bytes")]
    bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Reads the results of criterion in `folder`.
///
/// # Errors
///
/// If they cannot be read.
pub fn measurements(folder: &Path) -> Result<Vec<Measurement>, Unusable> {
    let mut measurements = Vec::new();
    for path in files(folder, "benchmark.json")? {
        // There may also be older results that the new ones were compared with.
        let Some(folder) = path.parent().filter(|folder| folder.ends_with("new")) else {
            continue;
        };
        let benchmark: Benchmark = json(&path)?;
        let Estimates { median } = json(&folder.join("estimates.json"))?;
        measurements.push(Measurement {
            id: benchmark.full_id,
            bytes: benchmark.throughput.and_then(|throughput| throughput.bytes),
            median: median.point_estimate,
            low: median.confidence_interval.lower_bound,
            high: median.confidence_interval.upper_bound,
            floor: None,
            floor_low: None,
            floor_high: None,
        });
    }
    measurements.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(measurements)
}
