//! Authenticated encryption. The key schedule of the cipher runs once per key.

use std::sync::Arc;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aes::{Aes128Enc, Aes256Enc, cipher::consts::U12};
use aes_gcm::{AeadInOut, AesGcm, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use thiserror::Error;

/// The length of the authentication tag in bytes. It is the same for every algorithm.
pub const TAG_LEN: usize = 16;
/// The length of the nonce in bytes. It is the same for every algorithm.
pub const NONCE_LEN: usize = 12;

/// An AEAD algorithm (RFC 5116, RFC 8439).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Aead {
    /// AEAD_AES_128_GCM.
    Aes128Gcm,
    /// AEAD_AES_256_GCM.
    Aes256Gcm,
    /// AEAD_CHACHA20_POLY1305.
    ChaCha20Poly1305,
    /// The algorithm of `toycrypto`.
    Toy,
}

/// A key.
///
/// Cloning is cheap: clones share the key schedule, which is immutable.
#[derive(Clone)]
pub struct Key(Cipher);

/// AES in counter mode only encrypts, so its keys have no decryption schedule.
#[derive(Clone)]
enum Cipher {
    Aes128Gcm(Arc<AesGcm<Aes128Enc, U12>>),
    Aes256Gcm(Arc<AesGcm<Aes256Enc, U12>>),
    ChaCha20Poly1305(ChaCha20Poly1305),
    Toy(toycrypto::Aead),
}

/// The length of the key is not that of its algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("an AEAD key of the wrong length")]
pub struct KeyLength;

/// The tag does not match the key, nonce, associated data and ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the authentication tag is wrong")]
pub struct BadTag;

impl Aead {
    /// Returns the length of the key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 | Self::Toy => 32,
        }
    }
}

impl Key {
    /// Runs the key schedule for `key`.
    ///
    /// # Errors
    /// Returns [`KeyLength`] unless `key` has [`Aead::key_len`] bytes.
    pub fn new(aead: Aead, key: &[u8]) -> Result<Self, KeyLength> {
        Ok(Self(match aead {
            Aead::Aes128Gcm => Cipher::Aes128Gcm(Arc::new(
                AesGcm::new_from_slice(key).map_err(|_| KeyLength)?,
            )),
            Aead::Aes256Gcm => Cipher::Aes256Gcm(Arc::new(
                AesGcm::new_from_slice(key).map_err(|_| KeyLength)?,
            )),
            Aead::ChaCha20Poly1305 => Cipher::ChaCha20Poly1305(
                ChaCha20Poly1305::new_from_slice(key).map_err(|_| KeyLength)?,
            ),
            Aead::Toy => Cipher::Toy(toycrypto::Aead::new(key.try_into().map_err(|_| KeyLength)?)),
        }))
    }

    /// Encrypts `data` in place and returns its tag.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        if let Cipher::Toy(key) = &self.0 {
            return key.seal(nonce, aad, data);
        }
        let data = InOutBuf::from(data);
        match &self.0 {
            Cipher::Toy(_) => unreachable!("handled above"),
            Cipher::Aes128Gcm(key) => key.encrypt_inout_detached(nonce.into(), aad, data),
            Cipher::Aes256Gcm(key) => key.encrypt_inout_detached(nonce.into(), aad, data),
            Cipher::ChaCha20Poly1305(key) => key.encrypt_inout_detached(nonce.into(), aad, data),
        }
        .expect("a record is far below the 2^36 bytes that one nonce can protect")
        .into()
    }

    /// Decrypts `data` in place.
    ///
    /// # Errors
    /// Returns [`BadTag`] and leaves `data` unchanged.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), BadTag> {
        if let Cipher::Toy(key) = &self.0 {
            return key.open(nonce, aad, data, tag).map_err(|_| BadTag);
        }
        let (nonce, tag) = (nonce.into(), tag.into());
        let data = InOutBuf::from(data);
        match &self.0 {
            Cipher::Toy(_) => unreachable!("handled above"),
            Cipher::Aes128Gcm(key) => key.decrypt_inout_detached(nonce, aad, data, tag),
            Cipher::Aes256Gcm(key) => key.decrypt_inout_detached(nonce, aad, data, tag),
            Cipher::ChaCha20Poly1305(key) => key.decrypt_inout_detached(nonce, aad, data, tag),
        }
        .map_err(|_| BadTag)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Cipher::Aes128Gcm(_) => "Key(Aes128Gcm)",
            Cipher::Aes256Gcm(_) => "Key(Aes256Gcm)",
            Cipher::ChaCha20Poly1305(_) => "Key(ChaCha20Poly1305)",
            Cipher::Toy(_) => "Key(Toy)",
        })
    }
}
