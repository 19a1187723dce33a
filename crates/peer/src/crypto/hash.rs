//! Hash, HMAC and HKDF with an algorithm chosen at run time, without heap allocation.

use std::fmt;
use std::ops::Deref;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384};
use thiserror::Error;

/// The maximum output length of any [`enum@Hash`], in bytes.
pub const MAX_LEN: usize = 48;

/// A hash algorithm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hash {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    Sha256,
    /// SHA-384 (FIPS 180-4), 48 bytes.
    Sha384,
    /// The hash of `toycrypto`, 32 bytes.
    Toy,
}

/// A value with the length of a hash output: a digest, a MAC or a secret of the key schedule.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Output {
    bytes: [u8; MAX_LEN],
    len: u8,
}

/// An [`Output`] from which keys are derived.
pub type Secret = Output;

/// An incremental hash of a transcript.
#[derive(Clone, Debug)]
pub struct Running(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Toy(toycrypto::Hasher),
}

/// A label, context or output does not fit its length field in the RFC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("too long for HKDF-Expand-Label")]
pub struct TooLong;

impl Hash {
    /// Returns the output length in bytes.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 | Self::Toy => 32,
            Self::Sha384 => 48,
        }
    }

    /// Starts an incremental hash.
    #[must_use]
    pub fn start(self) -> Running {
        Running(match self {
            Self::Sha256 => State::Sha256(Sha256::new()),
            Self::Sha384 => State::Sha384(Sha384::new()),
            Self::Toy => State::Toy(toycrypto::Hasher::new()),
        })
    }

    /// Hashes `data`.
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Output {
        match self {
            Self::Sha256 => Output::from_array(&Sha256::digest(data).into()),
            Self::Sha384 => Output::from_array(&Sha384::digest(data).into()),
            Self::Toy => Output::from_array(&toycrypto::digest(data)),
        }
    }

    /// Returns zero bytes with the length of the output. The key schedule uses them for an absent
    /// secret.
    #[must_use]
    pub const fn zeros(self) -> Output {
        Output {
            bytes: [0; MAX_LEN],
            len: self.output_len() as u8,
        }
    }

    /// HMAC (RFC 2104) of the concatenation of `parts`.
    #[must_use]
    pub fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Output {
        const ANY_KEY: &str = "HMAC accepts keys of any length";
        match self {
            Self::Sha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect(ANY_KEY);
                parts.iter().for_each(|part| mac.update(part));
                Output::from_array(&mac.finalize().into_bytes().into())
            }
            Self::Sha384 => {
                let mut mac = Hmac::<Sha384>::new_from_slice(key).expect(ANY_KEY);
                parts.iter().for_each(|part| mac.update(part));
                Output::from_array(&mac.finalize().into_bytes().into())
            }
            Self::Toy => Output::from_array(&toycrypto::mac(key, parts)),
        }
    }

    /// HKDF-Extract (RFC 5869 2.2).
    #[must_use]
    pub fn hkdf_extract(self, salt: &[u8], input: &[u8]) -> Secret {
        self.hmac(salt, &[input])
    }

    /// HKDF-Expand (RFC 5869 2.3) with the concatenation of up to six `info` parts.
    ///
    /// # Errors
    /// Returns [`TooLong`] if `out` is longer than 255 hash outputs, or if there are more than six
    /// parts.
    pub fn hkdf_expand(self, prk: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), TooLong> {
        let mut parts: [&[u8]; 8] = [&[]; 8];
        if out.len() > 255 * self.output_len() || info.len() > 6 {
            return Err(TooLong);
        }
        parts[1..=info.len()].copy_from_slice(info);
        let mut previous = Output {
            bytes: [0; MAX_LEN],
            len: 0,
        };
        for (chunk, counter) in out.chunks_mut(self.output_len()).zip(1u8..=255) {
            let counter = [counter];
            let mut parts = parts;
            parts[0] = &previous;
            parts[7] = &counter;
            let block = self.hmac(prk, &parts);
            chunk.copy_from_slice(&block[..chunk.len()]);
            previous = block;
        }
        Ok(())
    }

    /// HKDF-Expand-Label (RFC 8446 7.1). `label` does not include the `tls13 ` prefix.
    ///
    /// # Errors
    /// Returns [`TooLong`] if the label has more than 249 bytes, if the context has more than 255,
    /// or if `out` is longer than 255 hash outputs.
    pub fn hkdf_expand_label(
        self,
        secret: &[u8],
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), TooLong> {
        const PREFIX: &[u8] = b"tls13 ";
        let len = u16::try_from(out.len()).map_err(|_| TooLong)?.to_be_bytes();
        let label_len = [u8::try_from(PREFIX.len() + label.len()).map_err(|_| TooLong)?];
        let context_len = [u8::try_from(context.len()).map_err(|_| TooLong)?];
        let head = [len[0], len[1], label_len[0]];
        self.hkdf_expand(secret, &[&head, PREFIX, label, &context_len, context], out)
    }

    /// HKDF-Expand-Label with an output as long as the hash.
    ///
    /// # Errors
    /// Returns [`TooLong`] if the label has more than 249 bytes or the context more than 255.
    pub fn expand_secret(
        self,
        secret: &[u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<Secret, TooLong> {
        let mut out = self.zeros();
        self.hkdf_expand_label(secret, label, context, &mut out.bytes[..self.output_len()])?;
        Ok(out)
    }

    /// Derive-Secret (RFC 8446 7.1) for one of the RFC's labels. `transcript` is a hash.
    #[must_use]
    pub(crate) fn derive_secret(self, secret: &Secret, label: &str, transcript: &Output) -> Secret {
        self.expand_secret(secret, label.as_bytes(), transcript)
            .expect("the RFC's labels and a hash as context fit their length fields")
    }

    /// The PRF of TLS 1.2 (RFC 5246 5), which is P_hash with the suite's hash. The seed is the
    /// concatenation of two parts.
    pub fn prf(self, secret: &[u8], label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
        let [first, second] = seed;
        let mut a = self.hmac(secret, &[label, first, second]);
        for chunk in out.chunks_mut(self.output_len()) {
            let block = self.hmac(secret, &[&a, label, first, second]);
            chunk.copy_from_slice(&block[..chunk.len()]);
            a = self.hmac(secret, &[&a]);
        }
    }
}

impl Running {
    /// Returns the algorithm.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        match self.0 {
            State::Sha256(_) => Hash::Sha256,
            State::Sha384(_) => Hash::Sha384,
            State::Toy(_) => Hash::Toy,
        }
    }

    /// Appends `data` to the transcript.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(data),
            State::Sha384(state) => state.update(data),
            State::Toy(state) => state.update(data),
        }
    }

    /// Returns the hash of the transcript so far.
    #[must_use]
    pub fn current(&self) -> Output {
        match &self.0 {
            State::Sha256(state) => Output::from_array(&state.clone().finalize().into()),
            State::Sha384(state) => Output::from_array(&state.clone().finalize().into()),
            State::Toy(state) => Output::from_array(&state.finish()),
        }
    }

    /// Returns the hash of the transcript with `data` appended, for a PSK binder.
    #[must_use]
    pub fn with(&self, data: &[u8]) -> Output {
        let mut longer = self.clone();
        longer.update(data);
        longer.current()
    }

    /// Replaces the transcript, which must be the first `ClientHello`, with the synthetic
    /// `message_hash` message that a `HelloRetryRequest` requires (RFC 8446 4.4.1).
    pub fn replace_with_message_hash(&mut self) {
        const MESSAGE_HASH: u8 = 254;
        let first = self.current();
        *self = self.hash().start();
        self.update(&[MESSAGE_HASH, 0, 0, first.len]);
        self.update(&first);
    }
}

impl Output {
    fn from_array<const N: usize>(array: &[u8; N]) -> Self {
        const { assert!(N <= MAX_LEN) };
        let mut bytes = [0; MAX_LEN];
        bytes[..N].copy_from_slice(array);
        Self {
            bytes,
            len: N as u8,
        }
    }

    /// Creates a value from bytes.
    ///
    /// # Errors
    /// Returns [`TooLong`] if `slice` is longer than [`MAX_LEN`].
    pub fn from_slice(slice: &[u8]) -> Result<Self, TooLong> {
        let mut bytes = [0; MAX_LEN];
        bytes
            .get_mut(..slice.len())
            .ok_or(TooLong)?
            .copy_from_slice(slice);
        Ok(Self {
            bytes,
            len: slice.len() as u8,
        })
    }
}

impl Deref for Output {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl AsRef<[u8]> for Output {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
