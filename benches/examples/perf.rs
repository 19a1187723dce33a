//! Collects what the benches leave behind, reports it, and gates on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};

use anyhow::{Context, Result, ensure};
use benches::allocations::{self, OneWay};
use benches::gate::{self, Baseline};
use benches::results::{self, Bench};
use benches::{render, stack};
use clap::{Parser, Subcommand, ValueEnum};
use rustls_subject::versions;

/// A regression: as the suite's own program ends then.
const REGRESSION: u8 = 102;
/// Something that is needed is missing.
const SET_UP: u8 = 96;

/// What becomes of the benches' results.
#[derive(Parser)]
#[command(name = "perf", after_help = EXAMPLES)]
struct Perf {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  perf collect --criterion target/criterion -o bench.json
  perf report bench.json --format html -o bench.html
  perf report 0.23.12.json 0.23.46.json --format markdown    # with the trend
  perf gate --counts target/gungraun --baseline benches/baseline.json";

#[derive(Subcommand)]
enum Command {
    /// Puts what criterion and gungraun have left, and what is allocated, into one bench.json.
    Collect {
        /// Where criterion has left its results; several are rounds of the same benches, of which
        /// what is in the middle counts.
        #[arg(long, required = true, num_args = 1..)]
        criterion: Vec<PathBuf>,
        /// Where gungraun has left its summaries, if it has run.
        #[arg(long)]
        counts: Option<PathBuf>,
        /// Count the bytes that are copied too, which needs valgrind.
        #[arg(long)]
        copied: bool,
        /// The version of rustls that was measured, if it is not the built-in one.
        #[arg(long)]
        rustls: Option<String>,
        /// The file to write.
        #[arg(short)]
        output: PathBuf,
    },
    /// Renders results: of several files the last in full, and the trend over all.
    Report {
        /// Files that `collect` has written, the oldest release first.
        #[arg(required = true)]
        results: Vec<PathBuf>,
        /// In what form.
        #[arg(long, value_enum, default_value_t = Format::Markdown)]
        format: Format,
        /// The file to write; standard output unless given.
        #[arg(short)]
        output: Option<PathBuf>,
    },
    /// Draws the charts of results, each into a file of its own: of several results, those of the
    /// last, and the trend over all.
    Charts {
        /// Files that `collect` has written, the oldest release first.
        #[arg(required = true)]
        results: Vec<PathBuf>,
        /// The folder for them.
        #[arg(short)]
        output: PathBuf,
    },
    /// Compares instruction counts with a baseline, and checks how cost grows with size. Ends with
    /// 102 if something is slower than it was or grows faster than it may, and with 96 if the
    /// counts cannot be compared.
    Gate {
        /// Where gungraun has left its summaries.
        #[arg(long)]
        counts: PathBuf,
        /// The baseline.
        #[arg(long)]
        baseline: PathBuf,
        /// How many percent do not matter.
        #[arg(long, default_value_t = 0.5)]
        limit: f64,
        /// Write a new baseline instead.
        #[arg(long)]
        accept: bool,
    },
    /// Writes and reads, for valgrind to look on.
    #[command(hide = true)]
    OneWay {
        /// The number of the stack.
        stack: usize,
        /// How much is written at a time.
        size: usize,
        /// How often.
        times: u32,
    },
    /// Prints the JSON schema of bench.json.
    Schema,
    /// Prints the features that the benches need for a release of rustls.
    Features {
        /// Such as 0.23.12.
        version: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Tables.
    Markdown,
    /// One page with charts, that needs nothing else.
    Html,
    /// For github-action-benchmark (customSmallerIsBetter).
    Github,
    /// For Bencher (its metric format).
    Bencher,
}

fn main() -> ExitCode {
    match run(Perf::parse().command) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("perf: {error:#}");
            SET_UP.into()
        }
    }
}

fn run(command: Command) -> Result<u8> {
    match command {
        Command::Collect {
            criterion,
            counts,
            copied,
            rustls,
            output,
        } => {
            let rustls = rustls.unwrap_or_else(|| rustls_subject::version().into());
            let rounds = criterion.iter().map(|folder| timed(folder));
            let rounds = rounds.collect::<Result<Vec<_>>>()?;
            let counts = counts.map_or(Ok(vec![]), |counts| results::counts(&counts))?;
            let bench = Bench::new(rustls, rounds, counts, allocated(copied)?);
            write(&output, &(serde_json::to_string_pretty(&bench)? + "\n"))?;
        }
        Command::Report {
            results,
            format,
            output,
        } => {
            let benches = read(&results)?;
            let last = benches.last().context("no results")?;
            let text = match format {
                Format::Markdown => render::markdown(&benches),
                Format::Html => render::html(&benches),
                Format::Github => serde_json::to_string_pretty(&render::github(last))? + "\n",
                Format::Bencher => serde_json::to_string_pretty(&render::bencher(last))? + "\n",
            };
            match output {
                Some(path) => write(&path, &text)?,
                None => print!("{text}"),
            }
        }
        Command::Charts { results, output } => {
            for figure in render::figures(&read(&results)?) {
                let path = output.join(figure.name.clone() + ".svg");
                write(&path, &figure.file())?;
                println!("{}: {}", path.display(), figure.title);
            }
        }
        Command::Gate {
            counts,
            baseline,
            limit,
            accept,
        } => return gate(&counts, &baseline, limit, accept),
        Command::OneWay { stack, size, times } => {
            let lineup = stack::built_in();
            let stack = lineup.stacks.get(stack).context("no such stack")?;
            OneWay::new(stack, size).run(times);
        }
        Command::Schema => {
            let schema = schemars::schema_for!(Bench);
            println!("{}", serde_json::to_string_pretty(&schema)?);
        }
        Command::Features { version } => println!("{}", features(&version)?),
    }
    Ok(0)
}

fn timed(folder: &Path) -> Result<Vec<results::Measurement>> {
    let measurements = results::measurements(folder)?;
    ensure!(
        !measurements.is_empty(),
        "criterion has left nothing in {}",
        folder.display()
    );
    Ok(measurements)
}

fn read(results: &[PathBuf]) -> Result<Vec<Bench>> {
    let benches = results.iter().map(|path| Bench::read(path));
    Ok(benches.collect::<Result<_, _>>()?)
}

fn gate(counts: &Path, path: &Path, limit: f64, accept: bool) -> Result<u8> {
    let counts = results::counts(counts)?;
    ensure!(!counts.is_empty(), "nothing was counted");
    let rustc = results::rustc();
    if accept {
        let baseline = Baseline::new(rustc, &counts);
        write(path, &(serde_json::to_string_pretty(&baseline)? + "\n"))?;
        println!(
            "accepted {} of {} counts into {}: the others depend on the processor",
            baseline.instructions.len(),
            counts.len(),
            path.display()
        );
        return Ok(0);
    }
    let baseline = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let baseline: Baseline =
        serde_json::from_str(&baseline).with_context(|| format!("{}", path.display()))?;
    ensure!(
        baseline.rustc == rustc,
        "the baseline is of {}, and this is {rustc}: their counts cannot be compared. Run this \
         with the compiler of the baseline, or accept a new one on the commit before the change",
        baseline.rustc
    );
    let finding = gate::judge(&baseline, &counts, limit);
    print!("{}", finding.text);
    println!(
        "{} counts: {} regressions, {} improvements, limit {limit} %",
        counts.len(),
        finding.regressions,
        finding.improvements
    );
    if finding.regressions > 0 {
        println!(
            "if that is meant to be: ci/perf-gate --accept, and commit {}",
            path.display()
        );
        return Ok(REGRESSION);
    }
    Ok(0)
}

/// What the operations allocate, and copy if that is to be counted too.
fn allocated(copied: bool) -> Result<Vec<results::Allocation>> {
    allocations::of_operations(
        |operation| {
            let counted = allocation_counter::measure(operation);
            (counted.count_total, counted.bytes_total)
        },
        |stack, size, times| match copied {
            true => bytes_copied(stack, size, times).map(Some),
            false => Ok(None),
        },
    )
}

/// How many bytes this program copies when it is run as `one-way`, as DHAT sees it.
fn bytes_copied(stack: usize, size: usize, times: u32) -> Result<u64> {
    let output = process::Command::new("valgrind")
        .args(["--tool=dhat", "--mode=copy", "--dhat-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .arg("one-way")
        .args([stack.to_string(), size.to_string(), times.to_string()])
        .output()
        .context("valgrind does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind has failed: {said}");
    let total = said
        .lines()
        .find_map(|line| line.split_once("Total:")?.1.trim().split_once(" bytes"));
    let (bytes, _) = total.with_context(|| format!("valgrind says nothing of copies: {said}"))?;
    Ok(bytes.replace(',', "").parse()?)
}

fn features(version: &str) -> Result<String> {
    let mut numbers = version.split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) = (
        numbers.next(),
        numbers.next(),
        numbers.next(),
        numbers.next(),
    ) else {
        anyhow::bail!("{version} is no release of rustls such as 0.23.12");
    };
    // All others come with the unbuffered driver, without which there is nothing to measure.
    const OWN: [&str; 2] = ["extension-errors", "peer-closed"];
    let features: Vec<_> = versions::features_for((major, minor, patch))
        .filter(|feature| OWN.contains(feature))
        .collect();
    Ok(features.join(","))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
