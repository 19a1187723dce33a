//! What inputs are made of, for those who tune the fuzzers.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fuzzing::Engine;

/// How many seconds each line speaks of; none are printed unless this is set.
const EVERY: &str = "LASTWORD_FUZZ_STATISTICS";

/// Prints a line now and then.
pub struct Statistics {
    every: Duration,
    since: Instant,
    cpu: Duration,
    runs: u64,
    half_closed: u64,
    effective: u64,
    /// How many inputs had so many effective steps.
    steps: [u64; 128],
}

impl Statistics {
    /// Statistics, if anyone asks for them.
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

    /// Takes note of the input that was played last.
    pub fn note(&mut self, engine: &Engine) {
        self.runs += 1;
        self.half_closed += u64::from(engine.half_closed());
        self.effective += engine.effective() as u64;
        self.steps[engine.effective().min(127)] += 1;
        // The clock is not free.
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

/// The processor time of this thread: on a busy machine the clock on the wall tells little. Linux
/// has it in nanoseconds in front of this file; elsewhere the start of the process will do.
pub fn cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split(' ').next().and_then(|word| word.parse().ok());
    spent.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
