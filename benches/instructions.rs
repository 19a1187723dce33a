//! The cost of a fixed set of operations in instructions.
//!
//! The cryptography costs next to nothing and uses no randomness, so that runs agree almost
//! exactly.
//!
//! A benchmark is named after its operation, and its id is the interface and the size. `perf gate`
//! reads both from the summaries.

#![allow(missing_docs, reason = "the harness generates modules")]

use benches::growth::{Ready, points};
use benches::measure::connect_and_close;
use benches::pair::{Context, Pair};
use benches::stack::{Stack, begin, begin_toy, built_in};
use benches::suite::{BASELINE, RECORD};
use gungraun::prelude::*;
use gungraun::{Callgrind, EntryPoint};
use protocol::Version;

/// The C library selects memcpy by the processor, and the count depends on that. With this setting
/// all x86-64 processors use the SSE2 version.
const PLAIN_COPIES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM";

/// How often each operation runs.
const TIMES: usize = 8;

/// A connection, and the content to write.
struct Work {
    pair: Pair,
    content: Vec<u8>,
    /// Records that were sealed beforehand.
    records: Vec<Vec<u8>>,
}

fn stack(api: &str) -> Stack {
    let lineup = built_in();
    let mut stacks = lineup.stacks.into_iter();
    stacks
        .find(|stack| stack.api == api && stack.crypto == "ring")
        .expect("an interface of rustls")
}

fn work(pair: Pair, size: usize) -> Work {
    let mut work = Work {
        pair,
        content: vec![0x5a; size],
        records: Vec::new(),
    };
    // After this all buffers have grown.
    for _ in 0..2 {
        work.pair.to_server(&work.content);
        work.pair.to_client(&work.content);
    }
    work
}

fn toy(api: &str, size: usize) -> Work {
    toy_of(api, size, Version::Tls13)
}

fn toy_12(api: &str, size: usize) -> Work {
    toy_of(api, size, Version::Tls12)
}

fn toy_of(api: &str, size: usize, version: Version) -> Work {
    let pair = Pair::connected(&stack(api), &begin_toy(version, false));
    work(pair, size)
}

fn half_closed(api: &str, size: usize) -> Work {
    let mut work = toy(api, size);
    work.pair.close_server();
    work
}

fn sealed_ahead(mut work: Work) -> Work {
    work.records = (0..TIMES)
        .map(|_| {
            work.pair.client.write(&work.content);
            work.pair.client.sent.take()
        })
        .collect();
    work
}

fn toy_sealed(api: &str, size: usize) -> Work {
    sealed_ahead(toy(api, size))
}

fn real(api: &str, size: usize) -> Work {
    work(Pair::connected(&stack(api), &begin(&BASELINE, false)), size)
}

fn real_sealed(api: &str, size: usize) -> Work {
    sealed_ahead(real(api, size))
}

#[inline(never)]
fn write_all(work: &mut Work) {
    for _ in 0..TIMES {
        work.pair.client.write(&work.content);
        work.pair.client.sent.clear();
    }
}

#[inline(never)]
fn read_all(work: &mut Work) {
    for records in &mut work.records {
        work.pair.server.read(records);
    }
}

fn one_way(mut work: Work) -> Work {
    for _ in 0..TIMES {
        work.pair.to_server(&work.content);
        work.pair.to_server(&work.content);
    }
    work
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_encrypt(mut work: Work) -> Work {
    write_all(&mut work);
    work
}

#[library_benchmark(setup = toy_12)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_encrypt_tls12(mut work: Work) -> Work {
    write_all(&mut work);
    work
}

#[library_benchmark(setup = toy_sealed)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_decrypt(mut work: Work) -> Work {
    read_all(&mut work);
    work
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn transfer(mut work: Work) -> Work {
    for _ in 0..TIMES {
        work.pair.to_server(&work.content);
        work.pair.to_client(&work.content);
    }
    work
}

// The same two writes in the same direction over an open connection, which must cost the same as a
// half-closed transfer.
#[library_benchmark(setup = toy)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn one_way_transfer(work: Work) -> Work {
    one_way(work)
}

#[library_benchmark(setup = half_closed)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn half_closed_transfer(work: Work) -> Work {
    one_way(work)
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_both("unbuffered", 1)]
#[bench::buffered_both("buffered", 1)]
fn close(mut work: Work) -> Work {
    work.pair.close_client();
    work.pair.close_server();
    work
}

fn context(api: &str, resumed: bool) -> Box<dyn Context> {
    let context = (stack(api).context)(&begin_toy(Version::Tls13, resumed));
    // This leaves a ticket.
    connect_and_close(&*context);
    context
}

#[library_benchmark(setup = context)]
#[bench::unbuffered_full("unbuffered", false)]
#[bench::unbuffered_resumed("unbuffered", true)]
#[bench::buffered_full("buffered", false)]
#[bench::buffered_resumed("buffered", true)]
fn handshake_and_close(context: Box<dyn Context>) -> (Box<dyn Context>, Pair) {
    let pair = connect_and_close(&*context);
    (context, pair)
}

/// Prepares the point with this number among [`points`].
fn delivery(api: &str, point: usize) -> (Pair, Ready) {
    let (curve, size) = points().nth(point).expect("one of the points");
    let mut pair = Pair::connected(&stack(api), &begin_toy(Version::Tls13, false));
    curve.ready(&mut pair, size).run(&mut pair);
    let ready = curve.ready(&mut pair, size);
    (pair, ready)
}

fn all_points(api: &'static str) -> impl Iterator<Item = (&'static str, usize)> {
    (0..points().count()).map(move |point| (api, point))
}

fn delivery_at((api, point): (&str, usize)) -> (Pair, Ready) {
    delivery(api, point)
}

#[library_benchmark(setup = delivery_at)]
#[benches::unbuffered(iter = all_points("unbuffered"))]
#[benches::buffered(iter = all_points("buffered"))]
fn growth((mut pair, mut ready): (Pair, Ready)) -> (Pair, Ready) {
    ready.run(&mut pair);
    (pair, ready)
}

// The same over real cryptography, counted twice: everything, and only what happens inside the
// calls of the API. The difference is the cost of the loops.

/// Counts everything inside [`write_all`] and [`read_all`].
fn all() -> LibraryBenchmarkConfig {
    entered_at(Callgrind::default(), "instructions::*_all")
}

/// Counts only what their calls of the API do, and discards earlier counts.
fn inside() -> LibraryBenchmarkConfig {
    let forgets = Callgrind::with_args([
        "--zero-before=instructions::write_all",
        "--zero-before=instructions::read_all",
    ]);
    entered_at(forgets, "*::calls::*")
}

fn entered_at(mut callgrind: Callgrind, functions: &str) -> LibraryBenchmarkConfig {
    callgrind.entry_point(EntryPoint::Custom(functions.into()));
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

#[library_benchmark(setup = real, config = all())]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn all_of_encrypt(mut work: Work) -> Work {
    write_all(&mut work);
    work
}

#[library_benchmark(setup = real_sealed, config = all())]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn all_of_decrypt(mut work: Work) -> Work {
    read_all(&mut work);
    work
}

#[library_benchmark(setup = real, config = inside())]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn inside_of_encrypt(mut work: Work) -> Work {
    write_all(&mut work);
    work
}

#[library_benchmark(setup = real_sealed, config = inside())]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn inside_of_decrypt(mut work: Work) -> Work {
    read_all(&mut work);
    work
}

library_benchmark_group!(
    name = operations,
    benchmarks = [
        record_encrypt,
        record_encrypt_tls12,
        record_decrypt,
        transfer,
        one_way_transfer,
        half_closed_transfer,
        close,
        handshake_and_close,
        growth,
        all_of_encrypt,
        all_of_decrypt,
        inside_of_encrypt,
        inside_of_decrypt,
    ]
);

main!(
    config = LibraryBenchmarkConfig::default()
        .tool(Callgrind::default())
        .env("GLIBC_TUNABLES", PLAIN_COPIES),
    library_benchmark_groups = operations
);
