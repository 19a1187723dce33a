//! Authenticated encryption with associated data.

use crate::hash::{fold, next, partial_word, word, Hasher};

/// Length of a key in bytes.
pub const KEY_LEN: usize = 32;
/// Length of a nonce in bytes.
pub const NONCE_LEN: usize = 12;
/// Length of a tag in bytes.
pub const TAG_LEN: usize = 16;

/// A key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Aead(u64);

/// The tag does not match the key, nonce, associated data and ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadTag;

impl Aead {
    /// Derives the internal key from `key`.
    #[must_use]
    pub fn new(key: &[u8; KEY_LEN]) -> Self {
        Self(Hasher::keyed(key).last())
    }

    /// Encrypts `data` in place and returns its tag.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        let start = self.start(nonce);
        keystream(start, data);
        tag(start, aad, data)
    }

    /// Decrypts `data` in place.
    ///
    /// # Errors
    /// Returns [`BadTag`] and leaves `data` unchanged if the tag is wrong.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
        expected: &[u8; TAG_LEN],
    ) -> Result<(), BadTag> {
        let start = self.start(nonce);
        if tag(start, aad, data) != *expected {
            return Err(BadTag);
        }
        keystream(start, data);
        Ok(())
    }

    fn start(&self, nonce: &[u8; NONCE_LEN]) -> u64 {
        let (low, high) = nonce.split_at(8);
        fold(
            self.0 ^ word(low),
            self.0.rotate_left(17) ^ partial_word(high),
        )
    }
}

fn keystream(mut state: u64, data: &mut [u8]) {
    let mut words = data.chunks_exact_mut(8);
    for bytes in &mut words {
        let mixed = word(bytes) ^ next(&mut state);
        bytes.copy_from_slice(&mixed.to_le_bytes());
    }
    let last = next(&mut state).to_le_bytes();
    for (byte, mix) in words.into_remainder().iter_mut().zip(last) {
        *byte ^= mix;
    }
}

fn tag(start: u64, aad: &[u8], data: &[u8]) -> [u8; TAG_LEN] {
    let mut hasher = Hasher::new();
    hasher.update(&start.to_le_bytes());
    hasher.update(&(aad.len() as u64).to_le_bytes());
    hasher.update(aad);
    hasher.update(data);
    let mut tag = [0; TAG_LEN];
    tag.copy_from_slice(&hasher.finish()[..TAG_LEN]);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_LEN] = [7; NONCE_LEN];

    #[test]
    fn open_reverses_seal() {
        let key = Aead::new(&[1; KEY_LEN]);
        for length in 0..40 {
            let plain: Vec<u8> = (0..length).collect();
            let mut data = plain.clone();
            let tag = key.seal(&NONCE, b"header", &mut data);
            assert!(length < 8 || data != plain);
            assert_eq!(key.open(&NONCE, b"header", &mut data, &tag), Ok(()));
            assert_eq!(data, plain);
        }
    }

    #[test]
    fn any_change_makes_open_fail_and_leaves_the_data_unchanged() {
        let key = Aead::new(&[1; KEY_LEN]);
        let mut data = *b"some content";
        let tag = key.seal(&NONCE, b"header", &mut data);
        let refused = |key: Aead, nonce: [u8; 12], aad: &[u8], data: [u8; 12], tag: [u8; 16]| {
            let mut opened = data;
            assert_eq!(key.open(&nonce, aad, &mut opened, &tag), Err(BadTag));
            assert_eq!(opened, data);
        };
        refused(Aead::new(&[2; KEY_LEN]), NONCE, b"header", data, tag);
        for at in 0..NONCE_LEN {
            let mut nonce = NONCE;
            nonce[at] ^= 1;
            refused(key, nonce, b"header", data, tag);
        }
        refused(key, NONCE, b"heades", data, tag);
        let mut changed = data;
        changed[11] ^= 0x80;
        refused(key, NONCE, b"header", changed, tag);
        let mut wrong = tag;
        wrong[15] ^= 1;
        refused(key, NONCE, b"header", data, wrong);
    }
}
