//! The byte form of scripts: what fuzzers change, and what corpora keep.
//!
//! A script is a row of steps of one byte each, with small operands behind it. A byte that names no
//! step does nothing, and where the bytes end the script ends: so every row of bytes is a script, a
//! changed byte is a changed step, and old corpora keep their meaning as steps are added. The
//! highest bit of a step's byte does not count, so that random bytes hit more often than not.

mod decode;
mod encode;
mod numbers;
mod words;

pub use words::{WORDS, dictionary};

use arbitrary::{Arbitrary, Unstructured};

use crate::script::Script;

/// The most steps that are read.
pub const MAX_STEPS: usize = 64;

/// The most bytes of content and padding that the steps of one script may have together.
pub const MAX_CONTENT: usize = 1 << 17;

impl Script {
    /// Reads the byte form. Never fails: what says nothing is passed over, and where the bytes end the script ends.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        decode::script(bytes)
    }

    /// The byte form. [`Self::from_bytes`] gives the same script, unless it has more steps or
    /// content than it reads, or numbers beyond what the operands hold.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::script(self)
    }
}

/// Where in the byte form each step and each setting begins that [`Script::from_bytes`] reads, from
/// `first` on; what comes behind the last of them is added too, as the last place.
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
