//! `lastword run`.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use closure::requirements;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cases;
use crate::cli::RunArgs;
use crate::exit::{Exit, Failure};
use crate::failures::Failures;
use crate::render::report;
use crate::results::Results;
use crate::run::{self, Job, Progress, Selection, Selector, Settings, Summary};

use super::{print, ready};

/// Plays what is selected, tells what came of it, and says how to exit.
pub(super) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let selection = selection(args)?;
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
    print(&report::head(&subjects, settings))?;

    let failures = Failures::new(args.failures.clone());
    let mut first: Option<(Summary, String)> = None;
    let mut differs = false;
    for _ in 0..args.repeat.get() {
        let (summary, json) = once(&jobs, &subjects, &selection, settings, &failures)?;
        match &first {
            None => first = Some((summary, json)),
            Some((_, before)) => differs |= *before != json && !summary.interrupted,
        }
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
    }
    let Some((summary, json)) = first else {
        return Err(Failure::new(Exit::Internal, "nothing was run"));
    };
    let narrow = !selection.is_everything();
    let written = args.results.as_deref().map(|path| write(path, &json));
    print(&report::summary(&summary, &subjects, narrow))?;
    if args.timings {
        print(&report::timings(&summary))?;
    }
    if let Some(problem) = failures.broken() {
        complain(&format!("{problem}; choose another place with --failures"));
    }
    written.transpose()?;
    if differs {
        let message = "the results differ from one repetition to the next";
        return Err(Failure::new(Exit::Internal, message));
    }
    Ok(summary.exit())
}

fn once(
    jobs: &[Job],
    subjects: &[run::Ready],
    selection: &Selection,
    settings: Settings,
    failures: &Failures,
) -> Result<(Summary, String), Failure> {
    let bar = Bar::new(jobs.iter().map(|job| job.instances.len()).sum());
    let started = Instant::now();
    let reports = run::run(jobs, subjects, selection, settings, Some(failures), &bar);
    bar.finish();
    let interrupted = subjects
        .iter()
        .any(|ready| ready.launch.interrupted.load(Ordering::Relaxed));
    let summary = Summary::new(
        reports,
        subjects,
        selection.is_everything(),
        interrupted,
        settings.profile,
        started.elapsed(),
    );
    let json = Results::new(&summary, subjects, settings).to_json()?;
    Ok((summary, json))
}

/// Says what went wrong beside the point: it does not change how the program ends.
fn complain(problem: &str) {
    // Nowhere is left to complain to if this fails.
    let _ = writeln!(anstream::stderr(), "warning: {problem}");
}

fn write(path: &Path, json: &str) -> Result<(), Failure> {
    std::fs::write(path, json)
        .map_err(|error| Failure::set_up(format!("cannot write {}: {error}", path.display())))
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
    })
}

/// Shows how far a run is: a bar on a terminal, and otherwise a line now and then.
struct Bar {
    bar: Option<ProgressBar>,
    done: AtomicUsize,
    all: usize,
    started: Instant,
    said: std::sync::Mutex<Instant>,
}

/// How often a line is due where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

impl Bar {
    fn new(all: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} instances")
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
            // Progress is a courtesy; there is nothing to do if it cannot be shown.
            let _ = writeln!(std::io::stderr(), "  {done} of {} instances", self.all);
        }
    }
}
