//! The allocations and copies of each operation.

use crate::pair::Pair;
use crate::results::Allocation;
use crate::stack::{self, Stack};
use crate::suite::{BASELINE, RECORD};

/// How often each operation runs.
const TIMES: u32 = 16;

/// A connection whose buffers have all grown, and the content to write.
pub struct OneWay {
    pair: Pair,
    content: Vec<u8>,
}

impl OneWay {
    /// Creates a connection for writes of `size` bytes.
    pub fn new(stack: &Stack, size: usize) -> Self {
        let mut one_way = Self {
            pair: Pair::connected(stack, &stack::begin(&BASELINE, false)),
            content: vec![0x5a; size],
        };
        one_way.run(2);
        one_way
    }

    /// The client writes `times` times, and the server reads.
    pub fn run(&mut self, times: u32) {
        for _ in 0..times {
            self.pair.to_server(&self.content);
        }
    }
}

/// Counts the allocations and copies of all operations. `allocated` runs an operation and returns
/// the number of allocations and their bytes. `copied` takes the number of a stack, a size, and how
/// often to run the operation, and returns how many bytes such a process copies.
///
/// # Errors
///
/// If `copied` fails.
pub fn of_operations<E>(
    allocated: impl Fn(&mut dyn FnMut()) -> (u64, u64),
    copied: impl Fn(usize, usize, u32) -> Result<Option<u64>, E>,
) -> Result<Vec<Allocation>, E> {
    let mut allocations = Vec::new();
    for (number, stack) in stack::built_in().stacks.iter().enumerate() {
        for size in [64, RECORD] {
            let mut one_way = OneWay::new(stack, size);
            let (count, bytes) = allocated(&mut || one_way.run(TIMES));
            // Setup and teardown are in both numbers.
            let less = copied(number, size, TIMES)?;
            let more = copied(number, size, 2 * TIMES)?;
            let difference = less.zip(more).map(|(less, more)| more.saturating_sub(less));
            allocations.push(Allocation {
                id: format!("one-way/{}/{}/{size}", stack.api, stack.crypto),
                delivered: size as u64,
                allocations: count as f64 / f64::from(TIMES),
                allocated: bytes as f64 / f64::from(TIMES),
                copied: difference.map(|bytes| bytes as f64 / f64::from(TIMES)),
            });
        }
    }
    Ok(allocations)
}
