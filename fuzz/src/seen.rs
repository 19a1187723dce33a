//! What libFuzzer sees of a run: the code that was reached, and the values that were compared.
//!
//! After a recorded handshake, the handshake is the same for all inputs. libFuzzer would go through
//! more than a thousand counters and some thousand comparisons for each input, and never learn from
//! them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Comparisons are traced for one in this many inputs. libFuzzer keeps only the last few dozen, as
/// words to insert. Tracing them for all inputs took a fifth of the time.
const NOTED: u64 = 8;

/// Comparisons are traced while this is not zero. The instrumented code reads it under this name,
/// which LLVM defines.
#[allow(unsafe_code, reason = "the instrumented code refers to this name")]
// SAFETY: the instrumentation has a weak definition of the same type, which yields to this one. It
// only reads the value.
#[unsafe(no_mangle)]
static __sancov_should_track: AtomicU64 = AtomicU64::new(0);

/// Whether comparisons of the current input are traced, outside a repeated handshake.
static NOTE: AtomicU64 = AtomicU64::new(0);

/// Starts an input, the `number`th of all.
pub fn begin(number: u64) {
    let note = u64::from(number.is_multiple_of(NOTED));
    NOTE.store(note, Ordering::Relaxed);
    __sancov_should_track.store(note, Ordering::Relaxed);
}

/// Called before a recorded handshake is repeated (`true`), and after it (`false`).
pub fn repeating(begins: bool) {
    if begins {
        __sancov_should_track.store(0, Ordering::Relaxed);
    } else {
        clear();
        __sancov_should_track.store(NOTE.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Sets all counters to zero, so that earlier code does not count for the input.
fn clear() {
    #[cfg(all(fuzzing, target_os = "linux"))]
    #[allow(unsafe_code, reason = "the linker names the ends of a section")]
    // SAFETY: the linker puts these names around all counters. Only the instrumented code and
    // libFuzzer use those bytes, and there is one thread.
    unsafe {
        unsafe extern "C" {
            #[link_name = "__start___sancov_cntrs"]
            static mut START: u8;
            #[link_name = "__stop___sancov_cntrs"]
            static mut STOP: u8;
        }
        let (start, stop) = (&raw mut START, &raw mut STOP);
        start.write_bytes(0, stop.offset_from_unsigned(start));
    }
}
