//! Slowdowns for proving that the checks find slowdowns: nothing, unless a feature that no
//! measurement uses is on.

use crate::wire::Wire;

/// Copies what is on the wire from `start` on once more than is needed, by the feature
/// `planted-copy`.
#[inline]
pub fn copy(wire: &mut Wire, start: usize) {
    if cfg!(feature = "planted-copy") {
        std::hint::black_box(wire.waiting()[start..].to_vec());
    }
}

/// Takes the longer the more pieces there were before, by the feature `planted-quadratic`.
#[inline]
pub fn quadratic(pieces: &mut usize) {
    if cfg!(feature = "planted-quadratic") {
        *pieces += 1;
        for piece in 0..*pieces {
            std::hint::black_box(piece);
        }
    }
}
