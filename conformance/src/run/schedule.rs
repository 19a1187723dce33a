//! Distributes jobs to workers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use closure::Axes;

use super::worker::{Shared, Worker};
use super::{Job, JobReport, Ready, Selection, Settings, assess};
use crate::failures::Failures;
use crate::transcripts::Transcripts;

/// Receives the progress of a run, from any thread.
pub trait Progress: Sync {
    /// An instance is about to be played.
    fn playing(&self, case: &str, axes: &Axes);
    /// An instance is done.
    fn step(&self);
}

/// The outputs that are written while a run plays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records<'a> {
    /// The directories of failing instances.
    pub failures: Option<&'a Failures>,
    /// The transcripts of all instances.
    pub transcripts: Option<&'a Transcripts>,
}

/// Plays all jobs. Returns their reports in the order of the jobs, which does not depend on the
/// number of workers. After an interruption there are fewer reports than jobs.
pub fn run(
    jobs: &[Job],
    subjects: &[Ready],
    selection: &Selection,
    settings: Settings,
    records: Records<'_>,
    progress: &dyn Progress,
) -> Vec<JobReport> {
    let shared = Shared {
        subjects,
        selection,
        settings,
        records,
        hangs: subjects.iter().map(|_| AtomicUsize::new(0)).collect(),
    };
    let next = AtomicUsize::new(0);
    let (reports, collected) = mpsc::channel();
    let mut all: Vec<Option<JobReport>> = std::thread::scope(|scope| {
        for _ in 0..settings.workers.clamp(1, jobs.len().max(1)) {
            let reports = reports.clone();
            let (shared, next) = (&shared, &next);
            scope.spawn(move || {
                let mut worker = Worker::new(shared);
                while let Some((place, job)) = take(next, jobs) {
                    let report = catch_unwind(AssertUnwindSafe(|| worker.run(job, progress)))
                        .unwrap_or_else(|_| {
                            // The processes of the worker are in an unknown state.
                            worker = Worker::new(shared);
                            panicked(job)
                        });
                    if reports.send((place, report)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(reports);
        let mut all: Vec<Option<JobReport>> = jobs.iter().map(|_| None).collect();
        for (place, report) in collected {
            all[place] = Some(report);
        }
        all
    });
    all.drain(..).flatten().collect()
}

/// The next job, from the end of the list. The slowest cases are among the regressions, which are
/// last in the list. If they ran last, the other workers would wait for them.
fn take<'a>(next: &AtomicUsize, jobs: &'a [Job]) -> Option<(usize, &'a Job)> {
    let taken = next.fetch_add(1, Ordering::Relaxed);
    let place = jobs.len().checked_sub(taken + 1)?;
    jobs.get(place).map(|job| (place, job))
}

fn panicked(job: &Job) -> JobReport {
    let mut report = JobReport::default();
    if let Some(planned) = job.instances.first() {
        let mut instance = assess::blank(job, planned);
        instance.fault = Some("lastword panicked; the message is above".into());
        report.instances.push(instance);
    }
    report
}
