//! The times of instances. They have a separate file, because they differ between runs.

use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::run::{Ready, Settings, Summary};
use cases::instances;

/// The version of this format.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Timings<'a> {
    /// The whole run, in milliseconds.
    elapsed_ms: f64,
    /// Slowest first.
    instances: Vec<Instance<'a>>,
    schema_version: u32,
    workers: usize,
}

#[derive(Serialize)]
struct Instance<'a> {
    /// Processor time of this process and the subject, in milliseconds.
    cpu_ms: f64,
    id: String,
    subject: &'a str,
    /// Wall time, in milliseconds.
    wall_ms: f64,
}

/// The text of the file.
///
/// # Errors
///
/// If it cannot be written as JSON, which would be a bug in this program.
pub fn json(summary: &Summary, subjects: &[Ready], settings: Settings) -> Result<String, Failure> {
    let ms = |duration: std::time::Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    let timings = Timings {
        elapsed_ms: ms(summary.elapsed),
        instances: summary
            .times()
            .into_iter()
            .map(|(instance, time)| Instance {
                cpu_ms: ms(time.cpu),
                id: instances::id(instance.case, &instance.axes),
                subject: subjects
                    .get(instance.subject)
                    .map_or("", |ready| ready.subject.name.as_str()),
                wall_ms: ms(time.wall),
            })
            .collect(),
        schema_version: SCHEMA_VERSION,
        workers: settings.workers,
    };
    serde_json::to_string_pretty(&timings)
        .map(|json| json + "\n")
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot write timings: {error}")))
}
