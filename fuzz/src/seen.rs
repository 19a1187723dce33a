//! What libFuzzer sees of a run: which code was reached, and what was compared with what.
//!
//! Behind a recorded handshake all inputs have the handshake in common, and nothing in it is news:
//! more than a thousand counters that libFuzzer would go through for each input and never learn
//! from, and some thousand comparisons.

use std::sync::atomic::{AtomicU64, Ordering};

/// The comparisons of one in so many inputs are noted. libFuzzer keeps the last few dozen, as words
/// to put into inputs; to note those of all inputs took a fifth of the time.
const NOTED: u64 = 8;

/// Comparisons are noted while this is not zero. It is read by what is instrumented: the name is
/// LLVM's.
#[allow(unsafe_code, reason = "a name that the instrumented code has to find")]
// SAFETY: the instrumentation brings a definition of its own that yields to this one, of the same
// type; it does no more than read it.
#[unsafe(no_mangle)]
static __sancov_should_track: AtomicU64 = AtomicU64::new(0);

/// Whether comparisons of the input at hand are noted, outside a repeated handshake.
static NOTE: AtomicU64 = AtomicU64::new(0);

/// An input begins, the `number`th of all.
pub fn begin(number: u64) {
    let note = u64::from(number.is_multiple_of(NOTED));
    NOTE.store(note, Ordering::Relaxed);
    __sancov_should_track.store(note, Ordering::Relaxed);
}

/// A recorded handshake is about to be repeated, or has been.
pub fn repeating(begins: bool) {
    if begins {
        __sancov_should_track.store(0, Ordering::Relaxed);
    } else {
        clear();
        __sancov_should_track.store(NOTE.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Sets all counters to zero, so that what has run so far does not count for the input.
fn clear() {
    #[cfg(all(fuzzing, target_os = "linux"))]
    #[allow(unsafe_code, reason = "the linker's names for the ends of a section")]
    // SAFETY: the linker puts these around all counters, which are bytes that nothing else than
    // the instrumented code and libFuzzer uses; there is one thread.
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
