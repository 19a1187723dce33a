//! Collects the results of the benches, reports them, and gates on them.

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

/// The exit code for a regression, as in the suite's own program.
const REGRESSION: u8 = 102;
/// The exit code if something that is needed is missing.
const SET_UP: u8 = 96;

/// Collects, reports and checks the results of the benches.
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
    /// Combines the results of criterion and gungraun, and allocation counts, into one bench.json.
    Collect {
        /// The results directory of criterion. Several directories are rounds of the same benches,
        /// and the median of the rounds counts.
        #[arg(long, required = true, num_args = 1..)]
        criterion: Vec<PathBuf>,
        /// The directory with the summaries of gungraun, if it has run.
        #[arg(long)]
        counts: Option<PathBuf>,
        /// Also count the bytes that are copied, which needs valgrind.
        #[arg(long)]
        copied: bool,
        /// The version of rustls that was measured. The default is the built-in one.
        #[arg(long)]
        rustls: Option<String>,
        /// The file to write.
        #[arg(short)]
        output: PathBuf,
    },
    /// Renders results. Of several files, renders the last in full, and the trend over all.
    Report {
        /// Files written by `collect`, the oldest release first.
        #[arg(required = true)]
        results: Vec<PathBuf>,
        /// The output format.
        #[arg(long, value_enum, default_value_t = Format::Markdown)]
        format: Format,
        /// The file to write. The default is standard output.
        #[arg(short)]
        output: Option<PathBuf>,
    },
    /// Draws the charts of results, each into its own file. Of several results, draws the charts of
    /// the last, and the trend over all.
    Charts {
        /// Files written by `collect`, the oldest release first.
        #[arg(required = true)]
        results: Vec<PathBuf>,
        /// The directory for the charts.
        #[arg(short)]
        output: PathBuf,
    },
    /// Compares instruction counts with a baseline, and checks how cost grows with size. Exits with
    /// 102 if anything is slower than before or grows faster than allowed, and with 96 if the
    /// counts cannot be compared.
    Gate {
        /// The directory with the summaries of gungraun.
        #[arg(long)]
        counts: PathBuf,
        /// The baseline file.
        #[arg(long)]
        baseline: PathBuf,
        /// The tolerance in percent.
        #[arg(long, default_value_t = 0.5)]
        limit: f64,
        /// Write a new baseline instead.
        #[arg(long)]
        accept: bool,
    },
    /// Writes and reads under valgrind.
    #[command(hide = true)]
    OneWay {
        /// The number of the stack.
        stack: usize,
        /// How many bytes each write has.
        size: usize,
        /// How often to write.
        times: u32,
    },
    /// Prints the JSON schema of bench.json.
    Schema,
    /// Prints the features that the benches need to build with a release of rustls.
    Features {
        /// The release, such as 0.23.12.
        version: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Tables.
    Markdown,
    /// One self-contained page with charts.
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
        "no results of criterion in {}",
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
            "accepted {} of {} counts into {}: the others depend on the processor and are left out",
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
        "the baseline is for {}, and this is {rustc}: their counts cannot be compared. Use the \
         compiler of the baseline, or accept a new baseline on the commit before the change",
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
            "if this is intended, run ci/perf-gate --accept and commit {}",
            path.display()
        );
        return Ok(REGRESSION);
    }
    Ok(0)
}

/// The allocations of the operations, and what they copy if `copied` is set.
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

/// The bytes that this program copies when it runs as `one-way`, as counted by DHAT.
fn bytes_copied(stack: usize, size: usize, times: u32) -> Result<u64> {
    let output = process::Command::new("valgrind")
        .args(["--tool=dhat", "--mode=copy", "--dhat-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .arg("one-way")
        .args([stack.to_string(), size.to_string(), times.to_string()])
        .output()
        .context("valgrind does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {said}");
    let total = said
        .lines()
        .find_map(|line| line.split_once("Total:")?.1.trim().split_once(" bytes"));
    let (bytes, _) = total.with_context(|| format!("valgrind reports no copies: {said}"))?;
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
        anyhow::bail!("{version} is not a release of rustls such as 0.23.12");
    };
    // All other features come with the unbuffered driver, which is always needed.
    const OWN: [&str; 2] = ["extension-errors", "peer-closed"];
    let features: Vec<_> = versions::features_for((major, minor, patch))
        .filter(|feature| OWN.contains(feature))
        .collect();
    Ok(features.join(","))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
