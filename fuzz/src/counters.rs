//! The counters with which libFuzzer sees what an input reaches.

/// Sets them to zero, so that what has run so far does not count for the input.
///
/// Behind a recorded handshake all inputs have the handshake in common: more than a thousand
/// counters that libFuzzer would go through for each of them, and never learn from.
pub fn clear() {
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
