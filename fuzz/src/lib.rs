//! The shared part of all fuzz targets. A target only has to give its name.

use std::cell::RefCell;
use std::collections::HashMap;
use std::process::abort;

use fuzzing::{Cause, Engine, Kind, Known, Mutator, Problem, Target, report};

mod seen;
mod statistics;
mod survey;

pub use libfuzzer_sys;

use statistics::Statistics;
use survey::Survey;

/// Generates the program of the target with this name.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(init: $crate::start(stringify!($name)), |bytes: &[u8]| {
            $crate::run(bytes)
        });
        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate(data, size, max_size, seed)
        });
        $crate::libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
            $crate::cross(one, other, out, seed)
        });
    };
}

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

struct Session {
    engine: Engine,
    mutator: Mutator,
    statistics: Option<Statistics>,
    survey: Option<Survey>,
    /// Whether known deviations are reported as new. Those that follow another one are reported
    /// too.
    forgetful: bool,
    runs: u64,
    masked: HashMap<Cause, u64>,
}

/// How many causes are printed.
const CAUSES: usize = 6;

/// At the end of a session, prints how many inputs were masked, and why.
impl Drop for Session {
    fn drop(&mut self) {
        if self.engine.target().kind != Kind::Codec && self.runs > 0 {
            let share = |count: u64| count as f64 * 100.0 / self.runs as f64;
            let all = share(self.masked.values().sum());
            eprintln!("masked: {all:.1} % of inputs");
            let mut causes: Vec<_> = self.masked.iter().collect();
            causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (cause, count) in causes.into_iter().take(CAUSES) {
                eprintln!("masked by {cause}: {:.1} %", share(*count));
            }
        }
    }
}

/// One in this many mutations is libFuzzer's own. It crosses inputs, and uses traced comparisons.
const BY_BYTES: u32 = 3;

/// One in this many possible crosses is made.
const CROSSED: u32 = 6;

/// How many inputs are tried to shrink one.
const BUDGET: usize = 3_000;

/// Known deviations to report as new: a comma-separated list of `REQUIREMENT` or
/// `REQUIREMENT:CODE`, or `*` for all.
const FORGET: &str = "LASTWORD_FUZZ_FORGET";

/// Starts the session. Must be called once.
pub fn start(name: &str) {
    let Some(target) = Target::find(name) else {
        give_up(&format!("there is no target {name}"));
    };
    let mut engine = Engine::new(target).unwrap_or_else(|problem| give_up(&problem));
    let forgotten = std::env::var(FORGET).unwrap_or_default();
    for word in forgotten.split(',') {
        forget(engine.known(), word);
        if let Some(known) = engine.known_of_buffered() {
            forget(known, word);
        }
    }
    engine.on_repeating(seen::repeating);
    let statistics = Statistics::wanted();
    let survey = Survey::wanted();
    SESSION.set(Some(Session {
        engine,
        mutator: Mutator::default(),
        statistics,
        survey,
        forgetful: !forgotten.is_empty(),
        runs: 0,
        masked: HashMap::new(),
    }));
}

fn forget(known: &mut Known, word: &str) {
    match word.split_once(':') {
        None if word == "*" => known.forget_all(),
        Some((requirement, code)) => known.forget(requirement, Some(code)),
        None => known.forget(word, None),
    }
}

/// Plays one input. Does not return if it finds a new deviation.
pub fn run(bytes: &[u8]) {
    SESSION.with_borrow_mut(|session| {
        let Some(Session {
            engine,
            statistics,
            survey,
            forgetful,
            runs,
            masked,
            ..
        }) = session
        else {
            give_up("not started");
        };
        seen::begin(*runs);
        if let Err(problem) = engine.run(bytes) {
            match survey {
                None => {
                    tell(engine, bytes, &problem);
                    abort();
                }
                Some(survey) if *forgetful => {
                    for problem in engine.problems().to_vec() {
                        survey.note(engine, bytes, &problem);
                    }
                }
                Some(survey) => survey.note(engine, bytes, &problem),
            }
        }
        *runs += 1;
        if let Some(cause) = engine.mask_cause() {
            *masked.entry(cause).or_default() += 1;
        }
        if let Some(statistics) = statistics {
            statistics.note(engine);
        }
    });
}

/// Mutates the input in the first `size` bytes of `data` into one of at most `max_size` bytes, and
/// returns its length. One in [`BY_BYTES`] mutations is by bytes, the others by steps.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let room = max_size.min(data.len());
    let made = SESSION.with_borrow_mut(|session| match session {
        Some(session) if !seed.is_multiple_of(BY_BYTES) => {
            let kind = session.engine.target().kind;
            let size = size.min(room);
            session.mutator.mutate(kind, &mut data[..room], size, seed)
        }
        _ => None,
    });
    made.unwrap_or_else(|| libfuzzer_sys::fuzzer_mutate(data, size, max_size))
}

/// Writes a cross of two inputs to `out`, and returns its length. Returns 0 if there is none, and
/// libFuzzer then mutates in another way.
pub fn cross(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    // libFuzzer would do this as often as all other mutations together.
    if !seed.is_multiple_of(CROSSED) {
        return 0;
    }
    let made = SESSION.with_borrow_mut(|session| {
        let session = session.as_mut()?;
        let kind = session.engine.target().kind;
        session.mutator.cross(kind, (one, other), out, seed)
    });
    made.unwrap_or(0)
}

/// Prints a problem as it was found, and again after shrinking.
fn tell(engine: &mut Engine, bytes: &[u8], problem: &Problem) {
    let target = engine.target();
    let found = engine.read(bytes);
    eprintln!(
        "\n{}",
        report(target, &found, Some(problem), engine.transcript())
    );
    let small = engine.shrink(&found, problem, BUDGET);
    if small != found {
        let again = engine.play(&mut small.clone()).err();
        let problem = again.as_ref().unwrap_or(problem);
        eprintln!("the same problem, shrunk\n");
        eprintln!(
            "{}",
            report(target, &small, Some(problem), engine.transcript())
        );
    }
}

fn give_up(why: &str) -> ! {
    eprintln!("{why}");
    abort()
}
