//! A hash and a MAC.

/// Length of a digest and of a MAC in bytes.
pub const HASH_LEN: usize = 32;

const START: u64 = 0x2d35_8dcc_aa6c_78a5;
const KEYED: u64 = 0x8bb8_4b93_962e_acc9;
const STEP: u64 = 0x4b33_a62e_d433_d4a3;

/// An incremental hash.
#[derive(Clone, Copy, Debug)]
pub struct Hasher {
    state: u64,
    /// Up to seven bytes that do not fill a word yet, in the low bytes.
    partial: u64,
    length: u64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    /// Starts a hash.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: START,
            partial: 0,
            length: 0,
        }
    }

    /// Starts a hash under a key of any length.
    #[must_use]
    pub fn keyed(key: &[u8]) -> Self {
        let mut hasher = Self {
            state: KEYED,
            ..Self::new()
        };
        hasher.update(key);
        Self {
            state: hasher.last(),
            ..Self::new()
        }
    }

    /// Appends `data`.
    pub fn update(&mut self, mut data: &[u8]) {
        let waiting = (self.length % 8) as usize;
        self.length = self.length.wrapping_add(data.len() as u64);
        if waiting != 0 {
            let (fill, rest) = data.split_at(data.len().min(8 - waiting));
            self.partial |= partial_word(fill) << (8 * waiting);
            data = rest;
            if waiting + fill.len() < 8 {
                return;
            }
            self.state = fold(self.state ^ self.partial, STEP);
            self.partial = 0;
        }
        let mut words = data.chunks_exact(8);
        for bytes in &mut words {
            self.state = fold(self.state ^ word(bytes), STEP);
        }
        self.partial = partial_word(words.remainder());
    }

    /// The digest so far.
    #[must_use]
    pub fn finish(&self) -> [u8; HASH_LEN] {
        let mut out = [0; HASH_LEN];
        let mut state = self.last();
        for bytes in out.chunks_exact_mut(8) {
            bytes.copy_from_slice(&next(&mut state).to_le_bytes());
        }
        out
    }

    pub(crate) fn last(&self) -> u64 {
        fold(self.state ^ self.partial, STEP ^ self.length)
    }
}

/// The hash of `data`.
#[must_use]
pub fn digest(data: &[u8]) -> [u8; HASH_LEN] {
    let mut hasher = Hasher::new();
    hasher.update(data);
    hasher.finish()
}

/// The MAC of the concatenation of `parts`, under a key of any length.
#[must_use]
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; HASH_LEN] {
    let mut hasher = Hasher::keyed(key);
    for part in parts {
        hasher.update(part);
    }
    hasher.finish()
}

/// The exclusive or of both halves of the product and of `a`, rotated by 32 bits.
pub(crate) const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128) * (b as u128);
    // Without the rotated `a`, a `b` of zero would discard `a`.
    (product as u64) ^ ((product >> 64) as u64) ^ a.rotate_left(32)
}

/// A step of splitmix64.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Eight bytes as a word.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

/// Fewer than eight bytes as a word.
pub(crate) fn partial_word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_how_the_data_is_split() {
        let data: Vec<u8> = (0..100).collect();
        for cut in 0..data.len() {
            let mut hasher = Hasher::new();
            hasher.update(&data[..cut]);
            hasher.update(&data[cut..]);
            assert_eq!(hasher.finish(), digest(&data), "cut at {cut}");
        }
        let mut bytewise = Hasher::new();
        data.chunks(1).for_each(|byte| bytewise.update(byte));
        assert_eq!(bytewise.finish(), digest(&data));
    }

    #[test]
    fn every_bit_and_the_length_change_the_digest() {
        let data = [0u8; 40];
        let mut seen = vec![digest(&data)];
        for bit in 0..8 * data.len() {
            let mut changed = data;
            changed[bit / 8] ^= 1 << (bit % 8);
            seen.push(digest(&changed));
        }
        seen.extend((0..data.len()).map(|length| digest(&data[..length])));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn the_key_changes_the_mac() {
        assert_ne!(mac(b"a", &[b"message"]), mac(b"b", &[b"message"]));
        assert_ne!(mac(b"a", &[b"message"]), mac(b"a\0", &[b"message"]));
        assert_ne!(mac(b"", &[b"message"]), digest(b"message"));
        assert_eq!(mac(b"a", &[b"mess", b"age"]), mac(b"a", &[b"message"]));
    }
}
