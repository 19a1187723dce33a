//! Appending to a `Vec<u8>`.
//!
//! The length-prefixed forms write the length behind the fact, so that a body need not be measured
//! first. A body too long for its prefix gets the largest length that fits, and its surplus stands
//! behind the vector: nonsense for the receiver, but never a panic.

/// Appends one byte.
pub fn put_u8(out: &mut Vec<u8>, value: u8) {
    out.push(value);
}

/// Appends two bytes, big-endian.
pub fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends the lower three bytes of `value`, big-endian.
pub fn put_u24(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes()[1..]);
}

/// Appends four bytes, big-endian.
pub fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends what `body` appends, behind its length in one byte (at most 255 is told).
pub fn vec8(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    prefixed::<1>(out, body);
}

/// Appends what `body` appends, behind its length in two bytes (at most 2^16 - 1 is told).
pub fn vec16(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    prefixed::<2>(out, body);
}

/// Appends what `body` appends, behind its length in three bytes (at most 2^24 - 1 is told).
pub fn vec24(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    prefixed::<3>(out, body);
}

fn prefixed<const WIDTH: usize>(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; WIDTH]);
    body(out);
    let length = out
        .len()
        .saturating_sub(start + WIDTH)
        .min((1 << (8 * WIDTH)) - 1) as u32;
    if let Some(prefix) = out.get_mut(start..start + WIDTH) {
        prefix.copy_from_slice(&length.to_be_bytes()[4 - WIDTH..]);
    }
}
