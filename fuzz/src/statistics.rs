//! Statistics on inputs, for tuning the fuzzers.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fuzzing::Engine;

/// The environment variable with the seconds between two lines. Nothing is printed unless it is
/// set.
const EVERY: &str = "LASTWORD_FUZZ_STATISTICS";

/// Prints a line at a fixed interval.
pub struct Statistics {
    every: Duration,
    since: Instant,
    cpu: Duration,
    runs: u64,
    half_closed: u64,
    effective: u64,
    /// The number of inputs by their effective steps.
    steps: [u64; 128],
}

impl Statistics {
    /// Creates the statistics, if the environment asks for them.
    pub fn wanted() -> Option<Self> {
        let seconds = std::env::var(EVERY).ok()?.parse().ok()?;
        Some(Self {
            every: Duration::from_secs(seconds),
            since: Instant::now(),
            cpu: cpu(),
            runs: 0,
            half_closed: 0,
            effective: 0,
            steps: [0; 128],
        })
    }

    /// Counts the last input.
    pub fn note(&mut self, engine: &Engine) {
        self.runs += 1;
        self.half_closed += u64::from(engine.half_closed());
        self.effective += engine.effective() as u64;
        self.steps[engine.effective().min(127)] += 1;
        // Reading the clock has a cost.
        if self.runs.is_multiple_of(256) && self.since.elapsed() >= self.every {
            self.print();
        }
    }

    fn print(&mut self) {
        let spent = cpu();
        let rate = self.runs as f64 / (spent - self.cpu).as_secs_f64();
        let half = self.half_closed as f64 * 100.0 / self.runs as f64;
        let mean = self.effective as f64 / self.runs as f64;
        let mut below = 0;
        let median = self.steps.iter().position(|count| {
            below += count;
            below * 2 >= self.runs
        });
        eprintln!(
            "statistics: {rate:.0} inputs per second of processor time, median {} effective steps, mean {mean:.1}, {half:.1} % half-closed",
            median.unwrap_or(0)
        );
        self.since = Instant::now();
        self.cpu = spent;
        (self.runs, self.half_closed, self.effective) = (0, 0, 0);
        self.steps = [0; 128];
    }
}

/// The processor time of this thread. On a busy machine elapsed time says little. Linux reports it
/// in nanoseconds at the start of this file. Elsewhere the time since the start of the process is
/// used.
pub fn cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split(' ').next().and_then(|word| word.parse().ok());
    spent.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
