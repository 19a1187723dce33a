//! `lastword run`.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use closure::{Axes, requirements};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{DEFAULT_FAILURES, RunArgs};
use crate::exit::{Exit, Failure};
use crate::failures::{Failures, MOST};
use crate::render::{Live, Named, markdown, report};
use crate::results::{Results, SubjectFacts};
use crate::run::{
    self, Extent, Job, Progress, Ready, Records, Selection, Selector, Settings, Summary,
};
use crate::timings;
use crate::transcripts::Transcripts;
use cases::instances;

use super::output::{check_directory, check_file, step_summary, write};
use super::{print, ready};

/// Plays the selected instances, and prints and writes the results. `verbs` are the names of commands
/// that the first selector may be a misspelling of.
pub(super) fn run(args: &RunArgs, verbs: Vec<String>) -> Result<Exit, Failure> {
    let selection = Selection {
        verbs,
        ..selection(args)?
    };
    check_outputs(args)?;
    let interrupted = ready::interruption()?;
    let subjects = ready::ready(&args.subjects, &interrupted)?;
    let profile = args.profile.chosen();
    let jobs = run::plan(
        cases::all(),
        &subjects,
        &selection,
        args.exhaustive,
        profile,
    )?;
    let settings = Settings {
        seed: args.seed,
        workers: match args.jobs {
            Some(jobs) => jobs.get(),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        },
        profile,
    };
    print(&head(&subjects, settings))?;

    let narrow = !selection.is_everything();
    let extent = match (narrow, args.exhaustive) {
        (true, _) => Extent::Selected,
        (false, false) => Extent::OneAtATime,
        (false, true) => Extent::Crossed,
    };
    let most = match args.all {
        true => usize::MAX,
        false => MOST,
    };
    let failures = Failures::new(args.failures.clone(), most);
    let mut transcripts = args
        .transcripts
        .as_deref()
        .map(Transcripts::create)
        .transpose()?;
    // Formatting the results of a whole run takes a noticeable part of its time.
    let needs_json = args.results.is_some() || args.repeat.get() > 1;
    let mut first: Option<(Summary, Results, Option<String>)> = None;
    let mut differs = false;
    // A file that cannot be written must not suppress the report.
    let mut written = Vec::new();
    for _ in 0..args.repeat.get() {
        let records = Records {
            failures: Some(&failures),
            transcripts: transcripts.as_ref(),
        };
        let summary = once(&jobs, &subjects, &selection, settings, records, extent);
        let results = Results::new(&summary, &subjects, settings, narrow);
        let json = needs_json.then(|| results.to_json()).transpose()?;
        match &first {
            None => {
                first = Some((summary, results, json));
                // The repetitions have the same instances, and a name stands for one transcript.
                written.extend(transcripts.take().map(Transcripts::finish));
            }
            Some((_, _, before)) => differs |= *before != json && !summary.interrupted,
        }
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
    }
    let Some((summary, results, json)) = first else {
        return Err(Failure::new(Exit::Internal, "no repetition was run"));
    };
    if let (Some(path), Some(json)) = (&args.results, &json) {
        written.push(write(path, json));
    }
    if let Some(Some(path)) = &args.timings {
        written
            .push(timings::json(&summary, &subjects, settings).and_then(|json| write(path, &json)));
    }
    let live = live(&summary, &subjects, settings, &failures, args.all);
    print(&report::summary(&results, &live))?;
    if let Some(None) = &args.timings {
        print(&report::timings(&summary))?;
    }
    if let Some(problem) = failures.broken() {
        complain(&format!(
            "{problem}; choose another directory with --failures"
        ));
    }
    if let Err(problem) = step_summary(|| markdown::summary(&results, &live)) {
        complain(&problem);
    }
    written.into_iter().collect::<Result<(), _>>()?;
    if differs {
        let message = "the repetitions of the run gave different results";
        return Err(Failure::new(Exit::Internal, message));
    }
    Ok(results.exit())
}

/// The header of a run: its subjects and settings.
pub(super) fn head(subjects: &[Ready], settings: Settings) -> String {
    let facts: Vec<_> = subjects.iter().map(SubjectFacts::of).collect();
    report::head(
        &facts,
        env!("CARGO_PKG_VERSION"),
        settings.seed,
        &settings.profile.to_string(),
        Some(settings.workers),
    )
}

/// The facts of a run that its results do not hold.
pub(super) fn live(
    summary: &Summary,
    subjects: &[Ready],
    settings: Settings,
    failures: &Failures,
    all: bool,
) -> Live {
    Live {
        elapsed: Some(summary.elapsed),
        workers: Some(settings.workers),
        subjects: subjects
            .iter()
            .map(|ready| Named {
                arguments: ready.subject.arguments.clone(),
                known: ready.subject.known.source.clone(),
            })
            .collect(),
        stderr: summary
            .exhibits
            .values()
            .filter(|exhibit| !exhibit.said.is_empty())
            .map(|exhibit| (exhibit.instance.clone(), exhibit.said.clone()))
            .collect(),
        failures: failures.any().then(|| failures.root().to_owned()),
        left_out: failures.left_out(),
        all,
    }
}

/// Finds out before the run whether its outputs can be written.
fn check_outputs(args: &RunArgs) -> Result<(), Failure> {
    let timings = args.timings.clone().flatten();
    for path in [&args.results, &timings, &args.transcripts]
        .into_iter()
        .flatten()
    {
        check_file(path)?;
    }
    // The default directory is needed only if an instance fails, so that a run in a read-only
    // directory is fine. A failure to write it is then a warning.
    match check_directory(&args.failures) {
        Err(problem) if args.failures != Path::new(DEFAULT_FAILURES) => Err(Failure::set_up(
            format!("{problem}; choose another directory with --failures"),
        )),
        _ => Ok(()),
    }
}

fn once(
    jobs: &[Job],
    subjects: &[Ready],
    selection: &Selection,
    settings: Settings,
    records: Records<'_>,
    extent: Extent,
) -> Summary {
    let bar = Bar::new(jobs.iter().map(|job| job.instances.len()).sum());
    let started = Instant::now();
    let reports = run::run(jobs, subjects, selection, settings, records, &bar);
    bar.finish();
    let interrupted = subjects
        .iter()
        .any(|ready| ready.launch.interrupted.load(Ordering::Relaxed));
    Summary::new(
        reports,
        subjects,
        extent,
        interrupted,
        settings.profile,
        started.elapsed(),
    )
}

/// Prints a warning, which does not change the exit code.
fn complain(problem: &str) {
    // If standard error is closed, there is no other place for the warning.
    let _ = writeln!(anstream::stderr(), "warning: {problem}");
}

fn selection(args: &RunArgs) -> Result<Selection, Failure> {
    let mut selectors = Vec::new();
    for text in &args.selectors {
        selectors.push(Selector::parse(text)?);
    }
    for name in &args.case {
        selectors.push(Selector::case(name)?);
    }
    let mut wanted = Vec::new();
    for id in &args.requirement {
        wanted.push(requirements::find(id).ok_or_else(|| crate::run::unknown(id))?);
    }
    Ok(Selection {
        selectors,
        requirements: wanted,
        levels: args.level.clone(),
        roles: args.role.clone(),
        versions: args.versions.clone(),
        shard: args.shard,
        verbs: Vec::new(),
    })
}

/// Shows progress: a bar on a terminal, and otherwise a line every few seconds.
struct Bar {
    bar: Option<ProgressBar>,
    done: AtomicUsize,
    all: usize,
    started: Instant,
    said: std::sync::Mutex<Instant>,
}

/// The time between two lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

impl Bar {
    fn new(all: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let style = ProgressStyle::with_template("  {bar:30} {pos}/{len} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("█▓▒");
            ProgressBar::new(all as u64).with_style(style)
        });
        Self {
            bar,
            done: AtomicUsize::new(0),
            all,
            started: Instant::now(),
            said: std::sync::Mutex::new(Instant::now()),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn playing(&self, case: &str, axes: &Axes) {
        if let Some(bar) = &self.bar {
            bar.set_message(instances::id(case, axes));
        }
    }

    fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
            return;
        }
        if self.started.elapsed() < EVERY {
            return;
        }
        if let Ok(mut said) = self.said.try_lock()
            && said.elapsed() >= EVERY
        {
            *said = Instant::now();
            // A run goes on if its progress cannot be shown.
            let _ = writeln!(
                std::io::stderr(),
                "  {done} of {} instances played",
                self.all
            );
        }
    }
}
