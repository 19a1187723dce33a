//! A key exchange: multiplication of words. It commutes, and anyone can reverse it.

use crate::hash::{next, word};

/// Length in bytes of a private key, of a share and of the secret.
pub const SHARE_LEN: usize = 32;

const GENERATOR: u64 = 0x9e6c_63d0_9759_27d5;

/// The bytes are not a share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadShare;

/// The share that belongs to `private`.
#[must_use]
pub fn public(private: &[u8; SHARE_LEN]) -> [u8; SHARE_LEN] {
    spread(scalar(private).wrapping_mul(GENERATOR))
}

/// Computes the secret shared with the owner of `theirs`.
///
/// # Errors
/// Returns [`BadShare`] unless `theirs` is a result of [`public`].
pub fn agree(private: &[u8; SHARE_LEN], theirs: &[u8]) -> Result<[u8; SHARE_LEN], BadShare> {
    let word = theirs.get(..8).map(word).ok_or(BadShare)?;
    if word % 2 == 0 || spread(word) != theirs {
        return Err(BadShare);
    }
    Ok(spread(scalar(private).wrapping_mul(word)))
}

/// Odd, so that multiplication by it is a bijection.
fn scalar(private: &[u8; SHARE_LEN]) -> u64 {
    word(&private[..8]) | 1
}

/// Extends `word` to a share. All further bytes follow from it.
fn spread(word: u64) -> [u8; SHARE_LEN] {
    let mut out = [0; SHARE_LEN];
    let mut state = word;
    let (first, rest) = out.split_at_mut(8);
    first.copy_from_slice(&word.to_le_bytes());
    for bytes in rest.chunks_exact_mut(8) {
        bytes.copy_from_slice(&next(&mut state).to_le_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_on_the_secret() {
        let (a, b) = ([3; SHARE_LEN], [200; SHARE_LEN]);
        let secret = agree(&a, &public(&b));
        assert_eq!(secret, agree(&b, &public(&a)));
        assert_ne!(secret, agree(&[4; SHARE_LEN], &public(&b)));
    }

    #[test]
    fn agree_rejects_an_invalid_share() {
        let mut share = public(&[3; SHARE_LEN]);
        assert_eq!(agree(&[1; SHARE_LEN], &share[..31]), Err(BadShare));
        share[31] ^= 1;
        assert_eq!(agree(&[1; SHARE_LEN], &share), Err(BadShare));
        assert_eq!(agree(&[1; SHARE_LEN], &[0; SHARE_LEN]), Err(BadShare));
    }
}
