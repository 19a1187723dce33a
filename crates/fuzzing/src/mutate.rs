//! Mutations of inputs that keep their steps whole.
//!
//! libFuzzer mutates bytes. A byte that it inserts somewhere turns steps into operands. The order
//! of the steps is what matters in a script, so this mutator inserts, removes and moves whole
//! steps.

use scenario::{WORDS, boundaries};

use crate::input::AXES;
use crate::target::Kind;

/// The most changes in one mutation.
const CHANGES: u32 = 4;
/// The steps that close a half, which is what the scripts are about.
const CLOSES: [&str; 2] = ["peer_close", "app_close"];
/// Steps that hold something back, and the steps that release it.
const PAIRS: [(&str, &str); 4] = [
    ("transport_block", "transport_unblock"),
    ("transport_room", "transport_unblock"),
    ("transport_hold", "transport_release"),
    ("app_pause", "app_resume"),
];
/// The bits of the first byte of an input that hold the cut.
const CUT: u8 = 0xfc;

/// Mutates inputs, and crosses them.
#[derive(Debug, Default)]
pub struct Mutator {
    bytes: Vec<u8>,
    /// Where each step begins, and where the last one ends.
    places: Vec<usize>,
    /// The same for the second of two inputs that are crossed.
    others: Vec<usize>,
}

impl Mutator {
    /// Mutates the input in the first `size` bytes of `data`, as determined by `seed`. Returns its
    /// new size, or `None` if inputs of this kind are not scripts.
    pub fn mutate(&mut self, kind: Kind, data: &mut [u8], size: usize, seed: u32) -> Option<usize> {
        if matches!(kind, Kind::Raw | Kind::Codec) {
            return None;
        }
        let mut random = Random(seed.into());
        self.bytes.clear();
        self.bytes.extend_from_slice(&data[..size.min(data.len())]);
        if self.bytes.len() < AXES {
            self.bytes.resize(AXES, 0);
        }
        for _ in 0..=random.below(CHANGES) {
            self.change(&mut random);
        }
        let size = self.bytes.len().min(data.len());
        data[..size].copy_from_slice(&self.bytes[..size]);
        Some(size)
    }

    /// Writes a cross of two inputs to `out`: the first, with some steps of the second between its
    /// own or in place of its last ones. Returns the size of the cross, or `None` if inputs of this
    /// kind are not scripts.
    pub fn cross(
        &mut self,
        kind: Kind,
        (one, other): (&[u8], &[u8]),
        out: &mut [u8],
        seed: u32,
    ) -> Option<usize> {
        if matches!(kind, Kind::Raw | Kind::Codec) || one.len() < AXES || other.len() < AXES {
            return None;
        }
        let mut random = Random(seed.into());
        self.bytes.clear();
        self.bytes.extend_from_slice(one);
        self.places.clear();
        boundaries(one, AXES, &mut self.places);
        self.others.clear();
        boundaries(other, AXES, &mut self.others);
        let at = self.place(&mut random);
        if random.below(2) == 0 {
            self.bytes.truncate(at);
        }
        let from = random.index(self.others.len());
        let to = match random.below(2) {
            0 => self.others.len().saturating_sub(1),
            _ => from + random.index(self.others.len() - from),
        };
        let steps = self.others.get(from).zip(self.others.get(to));
        let steps = steps.and_then(|(from, to)| other.get(*from..*to));
        self.insert(at, steps.unwrap_or_default());
        let size = self.bytes.len().min(out.len());
        out[..size].copy_from_slice(&self.bytes[..size]);
        Some(size)
    }

    fn change(&mut self, random: &mut Random) {
        self.places.clear();
        boundaries(&self.bytes, AXES, &mut self.places);
        // Trailing bytes that are not read would get in the way.
        let end = self.places.last().copied().unwrap_or(AXES);
        self.bytes.truncate(end);
        let steps = self.places.len().saturating_sub(1);
        match random.below(20) {
            0..=5 => self.insert_word(random),
            6 => self.enclose(random),
            7..=10 if steps > 0 => {
                self.remove(random);
                self.insert_word(random);
            }
            11..=15 if steps > 0 => drop(self.remove(random)),
            16..=17 if steps > 0 => {
                let step = self.remove(random);
                // Keep it in its place as well, or only move it.
                if let (Some((at, step)), 0) = (&step, random.below(2)) {
                    self.insert(*at, step);
                }
                if let Some((_, step)) = step {
                    let at = self.place(random);
                    self.insert(at, &step);
                }
            }
            18 if end > AXES => {
                let at = AXES + random.index(end - AXES);
                self.bytes[at] = random.operand();
            }
            _ => self.axes(random),
        }
    }

    /// A place between two steps. The last place is more likely than the others.
    fn place(&self, random: &mut Random) -> usize {
        let all = self.places.len();
        let place = match random.below(3) {
            0 => all.saturating_sub(1),
            _ => random.index(all),
        };
        self.places.get(place).copied().unwrap_or(AXES)
    }

    fn insert_word(&mut self, random: &mut Random) {
        let at = self.place(random);
        let word = match random.below(5) {
            0 => word(CLOSES[random.index(CLOSES.len())]),
            _ => WORDS
                .get(random.index(WORDS.len()))
                .map_or(&[][..], |(_, word)| word),
        };
        self.insert(at, word);
        if word.len() > 1 && random.below(3) == 0 {
            self.bytes[at + word.len() - 1] = random.operand();
        }
    }

    /// Holds something back over some steps.
    fn enclose(&mut self, random: &mut Random) {
        let (opens, closes) = PAIRS[random.index(PAIRS.len())];
        let (one, other) = (self.place(random), self.place(random));
        self.insert(one.max(other), word(closes));
        self.insert(one.min(other), word(opens));
    }

    fn insert(&mut self, at: usize, bytes: &[u8]) {
        self.bytes.splice(at..at, bytes.iter().copied());
        for place in &mut self.places {
            *place += if *place >= at { bytes.len() } else { 0 };
        }
    }

    /// Removes a step. Returns its place, and its bytes.
    fn remove(&mut self, random: &mut Random) -> Option<(usize, Vec<u8>)> {
        let step = random.index(self.places.len().saturating_sub(1));
        let (from, to) = (*self.places.get(step)?, *self.places.get(step + 1)?);
        let taken = self.bytes.drain(from..to).collect();
        self.places.remove(step + 1);
        for place in &mut self.places[step + 1..] {
            *place -= to - from;
        }
        Some((from, taken))
    }

    fn axes(&mut self, random: &mut Random) {
        let byte = random.byte();
        match random.below(3) {
            // The role, the version, or both.
            0 => self.bytes[0] ^= 1 + byte % 3,
            1 => self.bytes[0] = self.bytes[0] & !CUT | byte & CUT,
            _ => self.bytes[1] = byte,
        }
    }
}

/// The bytes of the word with this name.
fn word(name: &str) -> &'static [u8] {
    let found = WORDS.iter().find(|(known, _)| *known == name);
    found.map_or(&[], |(_, word)| word)
}

/// A pseudorandom generator that depends only on its seed.
struct Random(u64);

impl Random {
    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u32) -> u32 {
        (self.next() % u64::from(end.max(1))) as u32
    }

    fn index(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    /// Small operands stand for themselves, and are meaningful more often than others.
    fn operand(&mut self) -> u8 {
        match self.below(2) {
            0 => self.byte() % 32,
            _ => self.byte(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The result of `times` mutations of an empty input, one after another.
    fn grow(times: u32) -> Vec<u8> {
        let (mut data, mut size) = (vec![0; 64], 0);
        let mut mutator = Mutator::default();
        for seed in 0..times {
            let made = mutator.mutate(Kind::Recorded, &mut data, size, seed);
            size = made.expect("a script");
            assert!(size <= data.len());
        }
        data.truncate(size);
        data
    }

    #[test]
    fn the_same_seed_gives_the_same_input() {
        for times in 1..200 {
            assert_eq!(grow(times), grow(times));
        }
    }

    #[test]
    fn every_word_is_inserted_and_every_axis_changes() {
        let mut mutator = Mutator::default();
        let mut missing: HashSet<&[u8]> = WORDS.iter().map(|(_, word)| *word).collect();
        let mut axes = HashSet::new();
        for seed in 0..20_000 {
            let mut data = [0; 32];
            let made = mutator.mutate(Kind::Handshake, &mut data, 0, seed);
            let bytes = &data[..made.expect("a script")];
            axes.insert((bytes[0], bytes[1]));
            missing.retain(|word| !bytes[AXES..].starts_with(word));
        }
        assert_eq!(missing, HashSet::new());
        assert!(axes.len() > 256, "{}", axes.len());
    }

    #[test]
    fn what_is_held_back_is_released_some_steps_later() {
        for (opens, closes) in PAIRS {
            assert!(!word(opens).is_empty() && !word(closes).is_empty());
        }
        for name in CLOSES {
            assert!(!word(name).is_empty());
        }
        let script = [0, 0, 0x54, 0x41];
        let mut seen = HashSet::new();
        let mut mutator = Mutator::default();
        for seed in 0..20_000 {
            let mut data = [0; 32];
            data[..script.len()].copy_from_slice(&script);
            let made = mutator.mutate(Kind::Handshake, &mut data, script.len(), seed);
            seen.insert(data[..made.expect("a script")].to_vec());
        }
        assert!(seen.contains(&[0, 0, 0x74, 0x54, 0x41, 0x76][..]));
        assert!(seen.contains(&[0, 0, 0x54, 0x70, 0x41, 0x71][..]));
    }

    #[test]
    fn steps_stay_whole() {
        let mut mutator = Mutator::default();
        let script = [0, 0, 0x54, 0x29, 0x01, 0x41, 0x6a, 0x61];
        for seed in 0..5_000 {
            let mut data = [0; 64];
            data[..script.len()].copy_from_slice(&script);
            let made = mutator.mutate(Kind::Recorded, &mut data, script.len(), seed);
            let size = made.expect("a script");
            let mut places = Vec::new();
            boundaries(&data[..size], AXES, &mut places);
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{seed}");
        }
    }

    #[test]
    fn a_cross_has_whole_steps_of_both_inputs() {
        let mut mutator = Mutator::default();
        let (one, other) = (
            [1, 2, 0x54, 0x29, 0x01, 0x41],
            [0, 0, 0x6a, 0x64, 0x05, 0x61],
        );
        let mut seen = HashSet::new();
        for seed in 0..5_000 {
            let mut out = [0; 64];
            let made = mutator.cross(Kind::Recorded, (&one, &other), &mut out, seed);
            let crossed = &out[..made.expect("a script")];
            assert_eq!(crossed[..AXES], one[..AXES]);
            let mut places = Vec::new();
            boundaries(crossed, AXES, &mut places);
            assert_eq!(places.last(), Some(&crossed.len()), "{crossed:02x?}");
            seen.insert(crossed.to_vec());
        }
        // The first, with all steps of the second in the middle; the start of the first, with the
        // end of the second.
        assert!(seen.contains(&[1, 2, 0x54, 0x6a, 0x64, 0x05, 0x61, 0x29, 0x01, 0x41][..]));
        assert!(seen.contains(&[1, 2, 0x54, 0x61][..]));
    }

    #[test]
    fn inputs_that_are_not_scripts_are_left_to_the_fuzzer() {
        let mut mutator = Mutator::default();
        assert_eq!(mutator.mutate(Kind::Raw, &mut [0; 8], 4, 1), None);
        assert_eq!(mutator.mutate(Kind::Codec, &mut [0; 8], 4, 1), None);
        let both = (&[0; 8][..], &[0; 8][..]);
        assert_eq!(mutator.cross(Kind::Raw, both, &mut [0; 8], 1), None);
    }
}
