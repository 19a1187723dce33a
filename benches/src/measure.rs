//! The timed benches, for any stacks.

use std::env;
use std::fmt::Display;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use nix::time::{ClockId, clock_gettime};
use protocol::Version;

use crate::floor::{self, Floor};
use crate::growth::CURVES;
use crate::pair::{Context, Pair};
use crate::stack::{Lineup, Stack, begin};
use crate::suite::{BASELINE, SIZES, SUITES, Suite};

/// How many bytes are sealed before they are opened. They must stay in the processor's caches.
const AHEAD: usize = 256 << 10;

/// How many closes are timed per sample. Each needs a handshake first.
const CLOSES: u64 = 16;

/// The content of an alert (RFC 8446 6).
const ALERT: usize = 2;

/// The environment variable that configures glibc.
const TUNABLES: &str = "GLIBC_TUNABLES";

/// Disables copying with `rep movsb`. On some processors it may take three times as long, depending
/// on the alignment of the buffers.
const PLAIN_COPIES: &str = "glibc.cpu.x86_rep_movsb_threshold=1000000000";

/// Criterion with short measurements, since there are many. Restarts the program if the C library
/// is not configured yet, because it reads the setting only at startup.
pub fn criterion() -> Criterion {
    if env::var_os(TUNABLES).is_none()
        && let Ok(program) = env::current_exe()
    {
        // This returns only on failure. Then the benches run without the setting.
        let error = Command::new(program)
            .args(env::args_os().skip(1))
            .env(TUNABLES, PLAIN_COPIES)
            .exec();
        eprintln!("cannot set {TUNABLES}: {error}");
    }
    Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(10)
        .nresamples(1000)
        .configure_from_args()
}

/// An operation on application data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// The client writes.
    Encrypt,
    /// The server reads.
    Decrypt,
    /// Both, first in one direction and then in the other.
    Transfer,
    /// Both, twice in the direction that is still open.
    HalfClosed,
}

const OPERATIONS: [(&str, Operation); 4] = [
    ("record_encrypt", Operation::Encrypt),
    ("record_decrypt", Operation::Decrypt),
    ("transfer", Operation::Transfer),
    ("half_closed_transfer", Operation::HalfClosed),
];

/// Measures application data.
pub fn application_data(criterion: &mut Criterion, lineup: &Lineup) {
    for (name, operation) in OPERATIONS {
        let mut group = criterion.benchmark_group(name);
        let writes = match operation {
            Operation::Encrypt | Operation::Decrypt => 1,
            Operation::Transfer | Operation::HalfClosed => 2,
        };
        for (suite, size) in SUITES
            .iter()
            .flat_map(|suite| SIZES.map(|size| (suite, size)))
        {
            group.throughput(Throughput::Bytes(writes * size as u64));
            bench_floors(&mut group, lineup, suite, &size, &mut |floor, n| {
                time_floor(floor, suite, operation, size, n)
            });
            let ready = |stack: &Stack| {
                let mut pair = Pair::connected(stack, &begin(suite, false));
                if operation == Operation::HalfClosed {
                    pair.close_server();
                }
                pair
            };
            bench_stacks(&mut group, lineup, suite, &size, &ready, &mut |pair, n| {
                time_data(pair, operation, size, n)
            });
        }
        group.finish();
    }
}

/// Measures a close: of one half until the peer sees it, or of both halves.
pub fn closing(criterion: &mut Criterion, lineup: &Lineup) {
    let mut group = criterion.benchmark_group("close");
    for (suite, halves) in SUITES.iter().flat_map(|suite| [(suite, 1), (suite, 2)]) {
        let variant = match halves {
            1 => "one-half",
            _ => "both-halves",
        };
        bench_floors(&mut group, lineup, suite, &variant, &mut |floor, n| {
            time_floor(floor, suite, Operation::Transfer, ALERT, n) * halves / 2
        });
        let ready = |stack: &Stack| (stack.context)(&begin(suite, false));
        bench_stacks(
            &mut group,
            lineup,
            suite,
            &variant,
            &ready,
            &mut |context, n| {
                // The handshake before each close is not timed, but takes long. So fewer closes run
                // than criterion requests.
                let mut pairs: Vec<_> = (0..CLOSES).map(|_| Pair::of(&**context)).collect();
                let took = time(1, || {
                    for pair in &mut pairs {
                        pair.close_client();
                        if halves == 2 {
                            pair.close_server();
                        }
                    }
                });
                let closed = |pair: &Pair| pair.client.seen.peer_closed == (halves == 2);
                assert!(pairs.iter().all(closed));
                took.mul_f64(n as f64 / CLOSES as f64)
            },
        );
    }
    group.finish();
}

/// Measures a connection with handshake and close of both halves.
pub fn whole_connections(criterion: &mut Criterion, lineup: &Lineup) {
    let mut group = criterion.benchmark_group("handshake_and_close");
    for (suite, resumed) in SUITES
        .iter()
        .flat_map(|suite| [(suite, false), (suite, true)])
    {
        let variant = if resumed { "resumed" } else { "full" };
        // TLS 1.2 resumes without public key cryptography.
        if !resumed || suite.version == Version::Tls13 {
            bench_floors(&mut group, lineup, suite, &variant, &mut |floor, n| {
                let exchange = floor.exchange();
                time(n, || exchange.run(resumed))
            });
        }
        let ready = |stack: &Stack| {
            let context = (stack.context)(&begin(suite, resumed));
            // Leaves a ticket for later connections.
            connect_and_close(&*context);
            context
        };
        bench_stacks(
            &mut group,
            lineup,
            suite,
            &variant,
            &ready,
            &mut |context, n| {
                let mut resumptions = 0;
                let took = time(n, || {
                    resumptions += u64::from(connect_and_close(&**context).client.is_resumed());
                });
                assert_eq!(resumptions, if resumed { n } else { 0 }, "resumptions");
                took
            },
        );
    }
    group.finish();
}

/// Runs a connection from its first byte to its last.
pub fn connect_and_close(context: &dyn Context) -> Pair {
    let mut pair = Pair::of(context);
    pair.close_client();
    pair.close_server();
    pair
}

/// Measures the time to deliver data in different ways, for different sizes.
pub fn growth(criterion: &mut Criterion, lineup: &Lineup) {
    for curve in &CURVES {
        let mut group = criterion.benchmark_group(curve.name);
        for size in curve.timed() {
            group.throughput(Throughput::Bytes(size as u64));
            let ready = |stack: &Stack| Pair::connected(stack, &begin(&BASELINE, false));
            bench_stacks(
                &mut group,
                lineup,
                &BASELINE,
                &size,
                &ready,
                &mut |pair, n| {
                    (0..n)
                        .map(|_| {
                            let mut ready = curve.ready(pair, size);
                            time(1, || ready.run(pair))
                        })
                        .sum()
                },
            );
        }
        group.finish();
    }
}

/// Measures `what` on each library directly, just before [`bench_stacks`], so that compared figures
/// are measured close in time.
fn bench_floors(
    group: &mut BenchmarkGroup<'_, WallTime>,
    lineup: &Lineup,
    suite: &Suite,
    what: &dyn Display,
    timed: &mut dyn FnMut(&dyn Floor, u64) -> Duration,
) {
    for (crypto, floor) in &lineup.floors {
        let id = BenchmarkId::new(format!("floor/{crypto}/{}", suite.name), what);
        group.bench_function(id, |bencher| bencher.iter_custom(|n| timed(*floor, n)));
    }
}

/// Measures `what` on each stack.
fn bench_stacks<T, R: Fn(&Stack) -> T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    lineup: &Lineup,
    suite: &Suite,
    what: &dyn Display,
    ready: &R,
    timed: &mut dyn FnMut(&mut T, u64) -> Duration,
) {
    for stack in &lineup.stacks {
        let Stack { api, crypto, .. } = stack;
        let id = BenchmarkId::new(format!("{api}/{crypto}/{}", suite.name), what);
        // Created on first use, since criterion may be told to skip this one.
        let mut context = None;
        group.bench_function(id, |bencher| {
            let context = context.get_or_insert_with(|| ready(stack));
            bencher.iter_custom(|n| timed(context, n));
        });
    }
}

/// Times `n` operations over a connection.
fn time_data(pair: &mut Pair, operation: Operation, size: usize, n: u64) -> Duration {
    let content = vec![0x5a; size];
    let before = pair.server.seen.data;
    let (took, read) = match operation {
        Operation::Encrypt => {
            let mut sent = 0;
            let took = time(n, || {
                pair.client.write(&content);
                sent += pair.client.sent.len() as u64;
                // The connection is only used for more writes, so nobody reads this.
                pair.client.sent.clear();
            });
            assert!(sent > n * size as u64, "not all was sent");
            (took, 0)
        }
        Operation::Decrypt => {
            let write = |pair: &mut Pair| {
                pair.client.write(&content);
                pair.client.sent.take()
            };
            let read = |pair: &mut Pair, records: &mut Vec<u8>| {
                pair.server.read(records);
            };
            (time_after(pair, n, size, write, read), n)
        }
        Operation::Transfer => {
            let took = time(n, || {
                pair.to_server(&content);
                pair.to_client(&content);
            });
            (took, n)
        }
        Operation::HalfClosed => {
            let took = time(n, || {
                pair.to_server(&content);
                pair.to_server(&content);
            });
            (took, 2 * n)
        }
    };
    let data = pair.server.seen.data - before;
    assert_eq!(data as u64, read * size as u64, "not all was read");
    took
}

/// Times `n` operations on the library directly.
fn time_floor(
    floor: &dyn Floor,
    suite: &Suite,
    operation: Operation,
    size: usize,
    n: u64,
) -> Duration {
    let key = floor.key(suite.aead);
    let header = floor::header(suite);
    let mut records = floor::buffers(suite, size);
    let seal = |records: &mut [Vec<u8>]| records.iter_mut().for_each(|r| key.seal(header, r));
    match operation {
        Operation::Encrypt => time(n, || seal(&mut records)),
        Operation::Decrypt => {
            seal(&mut records);
            time_after(
                &mut records,
                n,
                size,
                |records| records.clone(),
                |_, sealed| {
                    sealed
                        .iter_mut()
                        .for_each(|record| key.open(header, record))
                },
            )
        }
        Operation::Transfer | Operation::HalfClosed => {
            let mut received = records.clone();
            time(2 * n, || {
                for (record, received) in records.iter_mut().zip(&mut received) {
                    key.seal(header, record);
                    // A transport copies at least once.
                    received.copy_from_slice(record);
                    key.open(header, received);
                }
            })
        }
    }
}

fn time(n: u64, mut run: impl FnMut()) -> Duration {
    let start = Clock::start();
    for _ in 0..n {
        run();
    }
    start.elapsed()
}

/// The processor time of this thread. On an idle machine it equals elapsed time, because nothing
/// here waits. On a busy machine it excludes the time of other processes.
struct Clock(Duration);

impl Clock {
    fn start() -> Self {
        Self(Self::now())
    }

    fn elapsed(&self) -> Duration {
        Self::now() - self.0
    }

    fn now() -> Duration {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
            .expect("every Unix has this clock")
            .into()
    }
}

/// Times `n` operations on about `size` bytes each. It excludes `prepare`, which creates their
/// input, and dropping that input.
fn time_after<C, T>(
    context: &mut C,
    n: u64,
    size: usize,
    mut prepare: impl FnMut(&mut C) -> T,
    mut run: impl FnMut(&mut C, &mut T),
) -> Duration {
    let batch = (AHEAD / size).clamp(1, 512) as u64;
    let mut left = n;
    let mut took = Duration::ZERO;
    while left > 0 {
        let now = left.min(batch);
        left -= now;
        let mut ready: Vec<T> = (0..now).map(|_| prepare(context)).collect();
        let start = Clock::start();
        ready.iter_mut().for_each(|item| run(context, item));
        took += start.elapsed();
    }
    took
}
