//! Functions that append to a `Vec<u8>`.
//!
//! The length-prefixed forms write the length after the body, so that a body need not be measured
//! first. If a body is too long for its prefix, the prefix has its maximum value and the surplus
//! follows the vector. The result is malformed, but writing it does not panic.

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

/// Appends a one-byte length and what `body` writes. The length saturates at 255.
pub fn vec8(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    prefixed::<1>(out, body);
}

/// Appends a two-byte length and what `body` writes. The length saturates at 2^16 - 1.
pub fn vec16(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    prefixed::<2>(out, body);
}

/// Appends a three-byte length and what `body` writes. The length saturates at 2^24 - 1.
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
