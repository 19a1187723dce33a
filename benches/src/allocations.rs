//! What operations allocate, counted by someone who can count.

use crate::pair::Pair;
use crate::results::Allocation;
use crate::stack;
use crate::suite::{BASELINE, RECORD};

/// How often each operation is carried out.
const TIMES: u32 = 16;

/// Has all operations counted by `count`, which has them run and says how many allocations of how
/// many bytes that made.
pub fn of_operations(count: impl Fn(&mut dyn FnMut()) -> (u64, u64)) -> Vec<Allocation> {
    let mut allocations = Vec::new();
    for stack in stack::built_in().stacks {
        for size in [64, RECORD] {
            let mut pair = Pair::connected(&stack, &stack::begin(&BASELINE, false));
            let content = vec![0x5a; size];
            // All buffers have then grown.
            pair.to_server(&content);
            pair.to_server(&content);
            let (number, bytes) = count(&mut || {
                for _ in 0..TIMES {
                    pair.to_server(&content);
                }
            });
            allocations.push(Allocation {
                id: format!("one-way/{}/{}/{size}", stack.api, stack.crypto),
                delivered: size as u64,
                allocations: number as f64 / f64::from(TIMES),
                allocated: bytes as f64 / f64::from(TIMES),
            });
        }
    }
    allocations
}
