//! A key exchange: multiplication of words, which commutes and can be undone by anyone.

use crate::hash::{next, word};

/// Bytes of a private key, of a share, and of the secret.
pub const SHARE_LEN: usize = 32;

const GENERATOR: u64 = 0x9e6c_63d0_9759_27d5;

/// The share cannot be one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadShare;

/// What the owner of `private` sends.
#[must_use]
pub fn public(private: &[u8; SHARE_LEN]) -> [u8; SHARE_LEN] {
    spread(scalar(private).wrapping_mul(GENERATOR))
}

/// The secret shared with the owner of `theirs`.
///
/// # Errors
/// [`BadShare`] unless `theirs` was made by [`public`].
pub fn agree(private: &[u8; SHARE_LEN], theirs: &[u8]) -> Result<[u8; SHARE_LEN], BadShare> {
    let word = theirs.get(..8).map(word).ok_or(BadShare)?;
    if word % 2 == 0 || spread(word) != theirs {
        return Err(BadShare);
    }
    Ok(spread(scalar(private).wrapping_mul(word)))
}

/// Odd, so that no product loses anything.
fn scalar(private: &[u8; SHARE_LEN]) -> u64 {
    word(&private[..8]) | 1
}

/// The word, and behind it what follows from it.
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
    fn both_sides_come_to_the_same_secret() {
        let (a, b) = ([3; SHARE_LEN], [200; SHARE_LEN]);
        let secret = agree(&a, &public(&b));
        assert_eq!(secret, agree(&b, &public(&a)));
        assert_ne!(secret, agree(&[4; SHARE_LEN], &public(&b)));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        let mut share = public(&[3; SHARE_LEN]);
        assert_eq!(agree(&[1; SHARE_LEN], &share[..31]), Err(BadShare));
        share[31] ^= 1;
        assert_eq!(agree(&[1; SHARE_LEN], &share), Err(BadShare));
        assert_eq!(agree(&[1; SHARE_LEN], &[0; SHARE_LEN]), Err(BadShare));
    }
}
