//! `lastword replay`: plays scripts, failing instances and inputs of fuzz targets again.

use std::path::{Path, PathBuf};

use closure::Axes;
use fuzzing::{Engine, Input, Kind, Problem, Target};
use scenario::{Case, Specimen};

use crate::cli::{ReplayArgs, SubjectChoice};
use crate::exit::{Exit, Failure};
use crate::failures::Failures;
use crate::render::report;
use crate::results::Results;
use crate::run::{self, Extent, Job, Planned, Progress, Records, Selection, Settings, Summary};
use crate::specimen;
use crate::subjects;

use super::run::{head, live};
use super::{print, ready};

/// The number of inputs to try when making one smaller.
const BUDGET: usize = 5_000;

/// The axes of a script that names no instance.
const AXES: &str = "client,1.3,whole,plain";

pub(super) fn replay(args: &ReplayArgs) -> Result<Exit, Failure> {
    let mut exit = Exit::Ok;
    for file in &args.files {
        let one = match read(file, args)? {
            Content::Fuzzed(target, input) => fuzzed(target, input, args)?,
            Content::Read(target, bytes) => taken(target, &bytes)?,
            Content::Played(specimen) => played(specimen, args)?,
        };
        if exit == Exit::Ok {
            exit = one;
        }
    }
    Ok(exit)
}

/// The content of a file.
enum Content {
    /// An input of a fuzz target.
    Fuzzed(&'static Target, Input),
    /// An input of a target that only reads, and plays nothing.
    Read(&'static Target, Vec<u8>),
    /// A script to be played against a subject in another process.
    Played(Box<Specimen>),
}

fn read(file: &Path, args: &ReplayArgs) -> Result<Content, Failure> {
    if let Some(target) = target_of(file, args)? {
        let bytes = std::fs::read(file)
            .map_err(|error| Failure::set_up(format!("cannot read {}: {error}", file.display())))?;
        return Ok(match target.kind {
            Kind::Codec => Content::Read(target, bytes),
            _ => Content::Fuzzed(target, engine(target)?.read(&bytes)),
        });
    }
    let specimen = specimen::read(file).map_err(|failure| {
        let hint = "if it is an input of a fuzz target, name the target with --target";
        Failure::new(failure.exit, format!("{failure}\n  {hint}"))
    })?;
    Ok(match fuzzing::target_of(&specimen) {
        Some(target) => {
            let axes = axes_of(&specimen, args)?;
            let script = specimen.script;
            Content::Fuzzed(target, Input { axes, script })
        }
        None => Content::Played(Box::new(specimen)),
    })
}

/// The target that is named, or whose folder the file is in. None for a script in text, whose first
/// lines name its instance.
fn target_of(file: &Path, args: &ReplayArgs) -> Result<Option<&'static Target>, Failure> {
    if let Some(name) = &args.target {
        let found = Target::find(name);
        return found.map(Some).ok_or_else(|| {
            let names: Vec<_> = fuzzing::TARGETS.iter().map(|target| target.name).collect();
            Failure::new(
                Exit::NothingSelected,
                format!(
                    "no target is called '{name}'; the {} targets are {}",
                    names.len(),
                    names.join(", ")
                ),
            )
        });
    }
    if file
        .extension()
        .is_some_and(|extension| extension == "script")
    {
        return Ok(None);
    }
    let folder = file.parent().and_then(Path::file_name);
    Ok(folder.and_then(|name| Target::find(name.to_str()?)))
}

fn axes_of(specimen: &Specimen, args: &ReplayArgs) -> Result<Axes, Failure> {
    match (&args.axes, &specimen.instance) {
        (None, Some((_, axes))) => Ok(axes.clone()),
        (said, _) => {
            let text = said.as_deref().unwrap_or(AXES);
            text.parse()
                .map_err(|problem: String| Failure::usage(problem))
        }
    }
}

fn engine(target: &'static Target) -> Result<Engine, Failure> {
    Engine::new(target).map_err(Failure::set_up)
}

/// Runs a target that only reads.
fn taken(target: &'static Target, bytes: &[u8]) -> Result<Exit, Failure> {
    match engine(target)?.run(bytes) {
        Ok(()) => {
            print("nothing new: the input is read, and written back the same\n")?;
            Ok(Exit::Ok)
        }
        Err(problem) => Err(Failure::new(Exit::Internal, problem.to_string())),
    }
}

/// Plays an input as the fuzzer does, in this process.
fn fuzzed(target: &'static Target, input: Input, args: &ReplayArgs) -> Result<Exit, Failure> {
    let mut engine = engine(target)?;
    // The fuzzer that found the input may have been built differently.
    let mut input = Input {
        axes: Axes {
            build: engine.build(),
            ..input.axes
        },
        ..input
    };
    let problem = engine.play(&mut input).err();
    print(&fuzzing::report(
        target,
        &input,
        problem.as_ref(),
        engine.transcript(),
    ))?;
    let Some(problem) = problem else {
        print("\nnothing new: all deviations that it shows, if any, are known\n")?;
        return Ok(Exit::Ok);
    };
    if args.shrink {
        let small = engine.shrink(&input, &problem, BUDGET);
        let again = engine.play(&mut small.clone()).err();
        let problem = again.unwrap_or(problem.clone());
        print(&format!(
            "\nthe smallest input found\n{}",
            fuzzing::report(target, &small, Some(&problem), engine.transcript())
        ))?;
    }
    Ok(match problem {
        Problem::Deviation { .. } => Exit::Regression,
        Problem::Fault(_) => Exit::Internal,
    })
}

/// Plays a script as `run` plays a case.
fn played(specimen: Box<Specimen>, args: &ReplayArgs) -> Result<Exit, Failure> {
    let axes = axes_of(&specimen, args)?;
    let name = specimen
        .instance
        .as_ref()
        .map_or("replay/script", |(case, _)| case.as_str());
    // Leaked on purpose: the process does nothing else, and cases are static.
    let case: &'static Case = Box::leak(Box::new(Case {
        name: Box::leak(name.to_owned().into_boxed_str()),
        says: "",
        roles: cases::BOTH,
        versions: cases::EITHER,
        needs: &[],
        exercises: &[],
        cut_handshake: specimen.cut_handshake,
        cuts: None,
        plain_only: None,
        habits: &[],
        suites: &[],
        script: specimen.script.clone(),
    }));
    let interrupted = ready::interruption()?;
    let choice = subjects_of(&specimen, args)?;
    let subjects = ready::ready(&choice, &interrupted)?;
    let settings = Settings {
        seed: args.seed.or(specimen.seed).unwrap_or(1),
        workers: 1,
        profile: match args.profile.profile.is_empty() {
            true => specimen.profile.unwrap_or_default(),
            false => args.profile.chosen(),
        },
    };
    let instances = subjects.iter().enumerate().map(|(subject, ready)| Planned {
        subject,
        axes: Axes {
            build: cases::instances::build_of(&ready.hello),
            ..axes.clone()
        },
        first: false,
        lacks: Vec::new(),
    });
    let job = Job {
        case,
        role: axes.role,
        version: axes.version,
        instances: instances.collect(),
    };
    let selection = Selection::default();
    print(&head(&subjects, settings))?;
    let started = std::time::Instant::now();
    let reports = run::run(
        &[job],
        &subjects,
        &selection,
        settings,
        Records::default(),
        &Quiet,
    );
    let stopped = interrupted.load(std::sync::atomic::Ordering::Relaxed);
    let summary = Summary::new(
        reports,
        &subjects,
        Extent::Selected,
        stopped,
        settings.profile,
        started.elapsed(),
    );
    let results = Results::new(&summary, &subjects, settings, true);
    // Writes no directory: the one of the failing instance exists already.
    let nowhere = Failures::new(PathBuf::new(), 0);
    let live = live(&summary, &subjects, settings, &nowhere, true);
    print(&report::summary(&results, &live))?;
    Ok(results.exit())
}

/// The subjects that the command line names, or else those that the file names.
fn subjects_of(specimen: &Specimen, args: &ReplayArgs) -> Result<SubjectChoice, Failure> {
    let said = &args.subjects;
    let named = !said.subjects.is_empty()
        || said.shim.is_some()
        || said.rustls.is_some()
        || said.assertions.is_some();
    match &specimen.subject {
        Some(words) if !named => {
            let words = subjects::split(words).unwrap_or_default();
            let kept = SubjectChoice::parse_from_words(words).map_err(Failure::usage)?;
            Ok(SubjectChoice {
                timeout: said.timeout,
                ..kept
            })
        }
        _ => Ok(said.clone()),
    }
}

struct Quiet;

impl Progress for Quiet {
    fn playing(&self, _: &str, _: &Axes) {}

    fn step(&self) {}
}
