//! Plays the universe of bugs: see `ci/universe`.

use std::fmt::Write as _;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Parser;
use flate2::{Compression, GzBuilder};
use universe::{
    Allowed, Extent, Plan, Run, Sampled, Score, Scratch, Survivors, Tally, World, names,
};

/// Plays every bug of the reference's table, and counts which of them the rules find.
///
/// A run that was stopped resumes when the same command is given again.
#[derive(Parser)]
struct Cli {
    /// Only every N-th bug, from the M-th on.
    #[arg(long, value_name = "M/N")]
    shard: Option<String>,
    /// Also compare with the committed survivors, and fail if they differ.
    #[arg(long)]
    check: bool,
    /// Write the survivors and the score into the repository.
    #[arg(long, conflicts_with = "shard")]
    bless: bool,
    /// Leave out the muted subject.
    #[arg(long)]
    full_only: bool,
    /// Only show the outcome of the bugs whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    explain: Option<String>,
    /// Only write the bug that shows each code into the repository.
    #[arg(long)]
    codes: bool,
    /// Only write the sample of transcripts that the tests judge again, as gzip.
    #[arg(long, value_name = "FILE", requires = "runs")]
    sample: Option<PathBuf>,
    /// Transcripts of runs, from which a part of the sample is chosen.
    #[arg(long, value_name = "FILE")]
    runs: Vec<PathBuf>,
    /// The number of threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The directory for output files.
    #[arg(long, default_value = "target/universe")]
    out: PathBuf,
}

/// The interval at which progress is shown if the output is not a terminal.
const SELDOM: Duration = Duration::from_secs(20);

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let allowed = Allowed::committed()?;
    // Bugs that make the reference panic are counted, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let plan = Arc::new(Plan::new(Extent::All, cli.threads)?);
    let full = World::new(&plan, closure::judge, universe::faithful);
    if let Some(text) = &cli.explain {
        return explain(&full, text);
    }
    if cli.codes {
        let codes = universe::codes::codes(&full, cli.threads)?;
        std::fs::write(committed("codes.txt"), universe::codes::print(&codes))?;
        println!("{} codes are shown", codes.len());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &cli.sample {
        return write_sample(&cli, &full, &allowed, file);
    }
    let bugs = shard(cli.shard.as_deref(), full.bugs().len())?;
    eprintln!(
        "{} instances come to {} situations, contexts apart; of {} bugs there {} are played",
        plan.instances(),
        plan.places(),
        plan.bugs().len(),
        bugs.len()
    );
    let (fates, tally) = play(&cli, "full", &full, &bugs, &allowed)?;
    let mut score = Score {
        full: tally,
        muted: None,
    };
    if !cli.full_only {
        let muted = World::new(&plan, closure::judge, universe::muted);
        score.muted = Some(play(&cli, "muted", &muted, &bugs, &allowed)?.1);
    }
    let played: Vec<Sampled<'_>> = std::iter::zip(&bugs, fates)
        .map(|(at, fate)| (&full.bugs()[*at], fate))
        .collect();

    std::fs::write(cli.out.join("survivors.txt"), score.full.survivors.print())?;
    if let Some(muted) = &score.muted {
        std::fs::write(cli.out.join("survivors-muted.txt"), muted.survivors.print())?;
    }
    std::fs::write(cli.out.join("differences.txt"), differences(&played))?;
    std::fs::write(cli.out.join("groups.txt"), groups(&score.full))?;
    for (pattern, covers) in &score.full.patterns {
        println!("allowed: {pattern} covers {covers}");
    }
    println!(
        "outside the score: {} bugs that only panic, hang or fail a handshake",
        score.full.outside
    );
    println!(
        "survivors are in {}",
        cli.out.join("survivors.txt").display()
    );
    if cli.bless {
        score.full.survivors.bless()?;
        std::fs::write(committed("score.txt"), score.to_string())?;
        // The score before any rule was changed stays as it was.
        if !committed("first-score.txt").exists() {
            std::fs::write(committed("first-score.txt"), score.to_string())?;
        }
    }
    let mut complaints = Vec::new();
    if cli.check {
        let survivors = Survivors::committed()?;
        let whole = cli.shard.is_none();
        complaints = universe::check(&full, &played, &survivors, &allowed, whole);
        for complaint in &complaints {
            println!("{complaint}");
        }
    }
    eprintln!("{} s", started.elapsed().as_secs());
    print!("{score}");
    Ok(match complaints.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The bugs of a shard. Neighbouring bugs are alike, so a shard takes every N-th.
fn shard(which: Option<&str>, count: usize) -> anyhow::Result<Vec<usize>> {
    let Some(which) = which else {
        return Ok((0..count).collect());
    };
    let (m, n) = which.split_once('/').context("a shard is M/N")?;
    let (m, n): (usize, usize) = (m.parse()?, n.parse()?);
    if m == 0 || m > n {
        bail!("there is no shard {m} of {n}");
    }
    Ok((m - 1..count).step_by(n).collect())
}

fn play(
    cli: &Cli,
    name: &str,
    world: &World,
    bugs: &[usize],
    allowed: &Allowed,
) -> anyhow::Result<(Vec<universe::Fate>, Tally)> {
    let shard = cli.shard.as_deref().unwrap_or("1/1").replace('/', "-of-");
    let state = cli.out.join(format!("{name}-{shard}.state"));
    let mut hasher = DefaultHasher::new();
    std::fs::read(std::env::current_exe()?)?.hash(&mut hasher);
    let shown = Mutex::new(Instant::now());
    let terminal = std::io::stderr().is_terminal();
    let run = Run {
        bugs,
        state: Some(&state),
        fingerprint: hasher.finish(),
        threads: cli.threads,
    };
    let fates = universe::run(world, &run, &|done, of| {
        let Ok(mut shown) = shown.lock() else { return };
        let (pause, end) = match terminal {
            true => (Duration::from_millis(200), '\r'),
            false => (SELDOM, '\n'),
        };
        if done == of || shown.elapsed() >= pause {
            *shown = Instant::now();
            // If this fails, there is nowhere to report it.
            let _ = write!(std::io::stderr(), "{name}: {done} of {of} bugs{end}");
            if terminal && done == of {
                eprintln!();
            }
        }
    })?;
    let tally = Tally::new(
        std::iter::zip(bugs.iter().map(|at| &world.bugs()[*at]), &fates),
        allowed,
    );
    Ok((fates, tally))
}

/// The first differences of each survivor, as a help for writing a pattern or a rule.
fn differences(played: &[Sampled<'_>]) -> String {
    let mut text = String::new();
    for (bug, fate) in played {
        if let universe::Outcome::Silent(all) = &fate.outcome {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}  {}", names::bug(bug), all.join(" "));
        }
    }
    text
}

/// The largest groups of survivors first.
fn groups(tally: &Tally) -> String {
    let mut groups: Vec<_> = tally.groups.iter().collect();
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut text = String::new();
    for ((situation, reaction), count) in groups {
        let _ = writeln!(text, "{count:6}  {situation}  {reaction}");
    }
    text
}

/// Writes some transcripts of bugs and some of runs.
fn write_sample(
    cli: &Cli,
    world: &World,
    allowed: &Allowed,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let mut runs = Vec::new();
    for path in &cli.runs {
        let name = path.display().to_string();
        let lines = BufReader::new(File::open(path).context(name.clone())?);
        for stored in closure::stored::read(&name, lines) {
            runs.push(stored?);
        }
    }
    let survivors = Survivors::committed()?;
    let bugs = universe::sample(world, &survivors, allowed);
    runs.extend(universe::exhibits(world, &bugs, cli.threads)?);
    let mut all = universe::choose(runs, &survivors)?;
    let of_bugs = all.iter().filter(|it| it.origin.bug.is_some()).count();
    all.sort_by_key(|stored| (stored.origin.bug.is_some(), stored.origin.name()));
    let mut zip = GzBuilder::new().write(File::create(file)?, Compression::best());
    for stored in &all {
        let line = closure::stored::line(&stored.origin, &stored.transcript)?;
        writeln!(zip, "{line}")?;
    }
    let size = zip.finish()?.metadata()?.len();
    println!(
        "{}: {} transcripts of runs, {of_bugs} of bugs, {size} bytes",
        file.display(),
        all.len() - of_bugs
    );
    Ok(ExitCode::SUCCESS)
}

fn explain(world: &World, text: &str) -> anyhow::Result<ExitCode> {
    let mut scratch = Scratch::default();
    for bug in world.bugs() {
        let name = names::bug(bug);
        if name.contains(text) {
            let fate = world.fate(bug, &mut scratch)?;
            println!("{name}\n{:?}", fate.outcome);
            print!("{}", world.explain(bug, &mut scratch)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
