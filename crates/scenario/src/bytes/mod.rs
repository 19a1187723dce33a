//! The byte form of scripts, for fuzzers and their corpora.
//!
//! A script is a sequence of one-byte steps, each followed by small operands. A byte that names no
//! step has no effect, and the script ends where the bytes end. So every byte string is a script, a
//! changed byte is a changed step, and old corpora keep their meaning when steps are added. The
//! highest bit of a step's byte is ignored, so that most random bytes are steps.

mod decode;
mod encode;
mod numbers;
mod words;

pub use words::{WORDS, dictionary};

use arbitrary::{Arbitrary, Unstructured};

use crate::script::Script;

/// The maximum number of steps that are read.
pub const MAX_STEPS: usize = 64;

/// The maximum total of content and padding in the steps of one script, in bytes.
pub const MAX_CONTENT: usize = 1 << 17;

impl Script {
    /// Reads the byte form. Never fails: bytes without a meaning are skipped, and the script ends
    /// where the bytes end.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        decode::script(bytes)
    }

    /// Returns the byte form. [`Self::from_bytes`] restores the same script, unless it exceeds the
    /// limits of steps or content, or has numbers that do not fit the operands.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::script(self)
    }
}

/// Appends to `places` the offset of each step and setting that [`Script::from_bytes`] reads from
/// `first` on, and the end of the last one.
pub fn boundaries(bytes: &[u8], first: usize, places: &mut Vec<usize>) {
    decode::boundaries(bytes.get(first..).unwrap_or_default(), |place| {
        places.push(first + place);
    });
}

impl<'a> Arbitrary<'a> for Script {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let bytes = u.bytes(u.len())?;
        Ok(Self::from_bytes(bytes))
    }

    fn arbitrary_take_rest(u: Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self::from_bytes(u.take_rest()))
    }
}
