//! Slowdowns for proving that the checks find slowdowns: nothing, unless a feature that no
//! measurement uses is on.

/// Copies a record once more than is needed, by the feature `planted-copy`.
#[inline]
pub fn copy(record: &[u8]) {
    if cfg!(feature = "planted-copy") {
        std::hint::black_box(record.to_vec());
    }
}

/// Takes the longer the more pieces there were before, by the feature `planted-quadratic`.
#[inline]
pub fn quadratic(pieces: usize) {
    if cfg!(feature = "planted-quadratic") {
        for piece in 0..pieces {
            std::hint::black_box(piece);
        }
    }
}
