//! Playing many bugs on several threads, with a file from which an interrupted run resumes.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use closure::requirements;

use crate::world::{Fate, Finding, Outcome, Scratch, World};

/// The number of bugs that a thread plays before it writes their fates.
const BATCH: usize = 64;

/// The bugs to play, and how.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The bugs, as indices into [`World::bugs`].
    pub bugs: &'a [usize],
    /// The file that keeps the fates. `None` if the run need not be resumable.
    pub state: Option<&'a Path>,
    /// The fingerprint of the program. Fates that another program wrote are ignored.
    pub fingerprint: u64,
    /// The number of threads.
    pub threads: usize,
}

/// A callback for progress: the number of bugs that are done, and the total.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Plays the bugs. The fates are in the order of the bugs.
///
/// # Errors
///
/// If a file cannot be written, or the player fails.
pub fn run(world: &World, run: &Run<'_>, progress: Progress<'_>) -> anyhow::Result<Vec<Fate>> {
    let mut fates: Vec<Option<Fate>> = vec![None; run.bugs.len()];
    let mut file = None;
    if let Some(path) = run.state {
        let (known, opened) = resume(path, run.fingerprint)?;
        for (at, fate) in known {
            if let Some(place) = fates.get_mut(at) {
                *place = Some(fate);
            }
        }
        file = Some(opened);
    }
    let todo: Vec<usize> = (0..fates.len()).filter(|at| fates[*at].is_none()).collect();
    let done = AtomicUsize::new(fates.len() - todo.len());
    let next = AtomicUsize::new(0);
    let shared = Mutex::new((&mut fates, file));
    let work = || -> anyhow::Result<()> {
        let mut scratch = Scratch::default();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = todo.get(start..todo.len().min(start + BATCH)) else {
                return Ok(());
            };
            let mut text = String::new();
            let mut played = Vec::with_capacity(batch.len());
            for at in batch {
                let bug = &world.bugs()[run.bugs[*at]];
                let fate = world.fate(bug, &mut scratch)?;
                text += &line(*at, &fate);
                played.push((*at, fate));
            }
            if let Ok(mut shared) = shared.lock() {
                for (at, fate) in played {
                    shared.0[at] = Some(fate);
                }
                if let Some(file) = &mut shared.1 {
                    file.write_all(text.as_bytes())?;
                }
            }
            let so_far = done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len();
            progress(so_far, run.bugs.len());
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..run.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            let joined = thread.join();
            joined.unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked")))
        })
    })?;
    let all: Option<Vec<Fate>> = fates.into_iter().collect();
    all.context("bugs were left out")
}

/// The fates in a file, and the file to append to.
fn resume(path: &Path, fingerprint: u64) -> anyhow::Result<(Vec<(usize, Fate)>, File)> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let header = format!("{fingerprint:016x}\n");
    let mut text = String::new();
    if let Ok(mut file) = File::open(path) {
        // Bugs whose fate cannot be read are played again.
        let _ = file.read_to_string(&mut text);
    }
    let known = text.strip_prefix(header.as_str()).unwrap_or_default();
    // An incomplete line is ignored.
    let whole = known.rfind('\n').map_or(0, |end| end + 1);
    let known = &known[..whole];
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(path)
        .with_context(|| format!("{}", path.display()))?;
    file.write_all(header.as_bytes())?;
    file.write_all(known.as_bytes())?;
    Ok((known.lines().filter_map(parse).collect(), file))
}

fn line(at: usize, fate: &Fate) -> String {
    let finding = |finding: &Finding| format!("{} {}", finding.0, finding.1);
    let (letter, text) = match &fate.outcome {
        Outcome::Unobservable => ('u', String::new()),
        Outcome::Outside => ('o', String::new()),
        Outcome::Found(it) => ('f', finding(it)),
        Outcome::Noted(it) => ('n', finding(it)),
        Outcome::Silent(differences) => {
            let all: Vec<&str> = differences.iter().map(String::as_str).collect();
            ('s', all.join(" "))
        }
    };
    format!("{at}\t{letter}\t{:x}\t{text}\n", fate.hash)
}

fn parse(line: &str) -> Option<(usize, Fate)> {
    let mut fields = line.split('\t');
    let at = fields.next()?.parse().ok()?;
    let letter = fields.next()?;
    let hash = u64::from_str_radix(fields.next()?, 16).ok()?;
    let text = fields.next()?;
    let finding = || {
        let (id, code) = text.split_once(' ')?;
        let requirement = requirements::find(id)?;
        Some((requirement.id, requirement.code(code)?.name))
    };
    let outcome = match letter {
        "u" => Outcome::Unobservable,
        "o" => Outcome::Outside,
        "f" => Outcome::Found(finding()?),
        "n" => Outcome::Noted(finding()?),
        "s" => Outcome::Silent(text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>()),
        _ => return None,
    };
    Some((at, Fate { outcome, hash }))
}
