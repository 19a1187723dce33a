//! Planted slowdowns, to prove that the checks find slowdowns. They do nothing unless a feature is
//! enabled that no measurement uses.

use crate::wire::Wire;

/// With the feature `planted-copy`, makes an unnecessary copy of the wire's content from `start`
/// on.
#[inline]
pub fn copy(wire: &mut Wire, start: usize) {
    if cfg!(feature = "planted-copy") {
        std::hint::black_box(wire.waiting()[start..].to_vec());
    }
}

/// With the feature `planted-quadratic`, takes longer with each piece.
#[inline]
pub fn quadratic(pieces: &mut usize) {
    if cfg!(feature = "planted-quadratic") {
        *pieces += 1;
        for piece in 0..*pieces {
            std::hint::black_box(piece);
        }
    }
}
