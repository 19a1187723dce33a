//! What a fixed set of operations costs in instructions: over cryptography that costs next to nothing and draws no randomness, so that runs agree to the last few.
//!
//! A benchmark is called by the operation; its id is the interface and the size. `perf gate` reads
//! both from what this leaves behind.

#![allow(missing_docs, reason = "the harness makes modules of its own")]

use benches::by_hand::ByHand;
use benches::growth::{Ready, points};
use benches::measure::connect_and_close;
use benches::pair::Pair;
use benches::stack::{Stack, begin, begin_toy, built_in};
use benches::suite::{BASELINE, RECORD};
use gungraun::Callgrind;
use gungraun::prelude::*;
use protocol::Version;

/// Which memcpy the C library picks depends on the processor, and so does the count: with this all
/// x86-64 processors get that for SSE2.
const PLAIN_COPIES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM";

/// How often each operation is carried out.
const TIMES: usize = 8;

/// A connection, and what is to be written.
struct Work {
    pair: Pair,
    content: Vec<u8>,
    /// What was sealed ahead.
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
    // All buffers have then grown.
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
            std::mem::take(&mut work.pair.client.seen.sent)
        })
        .collect();
    work
}

fn toy_sealed(api: &str, size: usize) -> Work {
    sealed_ahead(toy(api, size))
}

fn real(size: usize) -> Work {
    work(
        Pair::connected(&stack("unbuffered"), &begin(&BASELINE, false)),
        size,
    )
}

fn real_sealed(size: usize) -> Work {
    sealed_ahead(real(size))
}

fn encrypt(mut work: Work) -> Work {
    for _ in 0..TIMES {
        work.pair.client.write(&work.content);
        work.pair.client.seen.sent.clear();
    }
    work
}

fn decrypt(mut work: Work) -> Work {
    for records in &mut work.records {
        work.pair.server.take(records);
    }
    work
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_encrypt(work: Work) -> Work {
    encrypt(work)
}

#[library_benchmark(setup = toy_12)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_encrypt_tls12(work: Work) -> Work {
    encrypt(work)
}

#[library_benchmark(setup = toy_sealed)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn record_decrypt(work: Work) -> Work {
    decrypt(work)
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn transfer(mut work: Work) -> Work {
    for _ in 0..TIMES {
        work.pair.to_server(&work.content);
        work.pair.to_server(&work.content);
    }
    work
}

#[library_benchmark(setup = half_closed)]
#[bench::unbuffered_64("unbuffered", 64)]
#[bench::buffered_64("buffered", 64)]
#[bench::unbuffered_16384("unbuffered", RECORD)]
#[bench::buffered_16384("buffered", RECORD)]
fn half_closed_transfer(mut work: Work) -> Work {
    for _ in 0..TIMES {
        work.pair.to_server(&work.content);
        work.pair.to_server(&work.content);
    }
    work
}

#[library_benchmark(setup = toy)]
#[bench::unbuffered_both("unbuffered", 1)]
#[bench::buffered_both("buffered", 1)]
fn close(mut work: Work) -> Work {
    work.pair.close_client();
    work.pair.close_server();
    work
}

fn contexts(api: &str, resumed: bool) -> Pair {
    let mut pair = Pair::new(&stack(api), &begin_toy(Version::Tls13, resumed));
    connect_and_close(&mut pair);
    pair
}

#[library_benchmark(setup = contexts)]
#[bench::unbuffered_full("unbuffered", false)]
#[bench::unbuffered_resumed("unbuffered", true)]
#[bench::buffered_full("buffered", false)]
#[bench::buffered_resumed("buffered", true)]
fn handshake_and_close(mut pair: Pair) -> Pair {
    connect_and_close(&mut pair);
    pair
}

/// Counts at the point of that number among [`points`].
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
fn growth((mut pair, ready): (Pair, Ready)) -> (Pair, Ready) {
    ready.run(&mut pair);
    (pair, ready)
}

#[library_benchmark(setup = real)]
#[bench::subject_64(64)]
#[bench::subject_16384(RECORD)]
fn driver_encrypt(mut work: Work) -> Work {
    // Nothing is copied out, as nothing is by hand.
    for _ in 0..TIMES {
        work.pair.client.write_unread(&work.content);
    }
    work
}

#[library_benchmark(setup = real_sealed)]
#[bench::subject_64(64)]
#[bench::subject_16384(RECORD)]
fn driver_decrypt(work: Work) -> Work {
    decrypt(work)
}

fn by_hand(size: usize) -> ByHand {
    ByHand::new(size)
}

#[library_benchmark(setup = by_hand)]
#[bench::hand_64(64)]
#[bench::hand_16384(RECORD)]
fn by_hand_encrypt(mut by_hand: ByHand) -> ByHand {
    for _ in 0..TIMES {
        std::hint::black_box(by_hand.encrypt());
    }
    by_hand
}

fn sealed_by_hand(size: usize) -> ByHand {
    ByHand::sealed(size, TIMES)
}

#[library_benchmark(setup = sealed_by_hand)]
#[bench::hand_64(64)]
#[bench::hand_16384(RECORD)]
fn by_hand_decrypt(mut by_hand: ByHand) -> ByHand {
    std::hint::black_box(by_hand.decrypt());
    by_hand
}

library_benchmark_group!(
    name = operations,
    benchmarks = [
        record_encrypt,
        record_encrypt_tls12,
        record_decrypt,
        transfer,
        half_closed_transfer,
        close,
        handshake_and_close,
        growth,
        driver_encrypt,
        driver_decrypt,
        by_hand_encrypt,
        by_hand_decrypt,
    ]
);

main!(
    config = LibraryBenchmarkConfig::default()
        .tool(Callgrind::default())
        .env("GLIBC_TUNABLES", PLAIN_COPIES),
    library_benchmark_groups = operations
);
