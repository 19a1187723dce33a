//! The record layer: seals and opens single records, correctly or incorrectly, with any keys of a
//! connection.

mod keyring;
mod open;
mod seal;

pub use keyring::{Keyring, MAX_GENERATION};
pub use open::{OpenError, Opened};
pub use seal::{Aad, Damage, Seal, TooLong};

use wire::{RecordHeader, VERSION_TLS12, Version};

use crate::crypto::aead::{Key, NONCE_LEN};
use crate::crypto::hash::Secret;
use crate::crypto::suite::Suite;

/// The version of every protected record: `legacy_record_version` in TLS 1.3, and the version
/// number of TLS 1.2.
pub const RECORD_VERSION: u16 = VERSION_TLS12;

/// The keys of one epoch and direction. Stateless: the sequence number is an argument.
#[derive(Clone, Debug)]
pub struct Protection(Option<Cipher>);

#[derive(Clone, Debug)]
struct Cipher {
    version: Version,
    explicit_nonce_len: usize,
    key: Key,
    iv: [u8; NONCE_LEN],
}

impl Protection {
    /// No protection.
    pub const PLAIN: Self = Self(None);

    /// Creates protection by `key`. Uses only the first [`Suite::iv_len`] bytes of `iv`.
    #[must_use]
    pub fn new(suite: Suite, key: Key, iv: [u8; NONCE_LEN]) -> Self {
        Self(Some(Cipher {
            version: suite.version,
            explicit_nonce_len: suite.explicit_nonce_len(),
            key,
            iv,
        }))
    }

    /// Derives the key and the IV from a TLS 1.3 traffic secret (RFC 8446 7.3).
    #[must_use]
    pub fn from_traffic_secret(suite: Suite, secret: &Secret) -> Self {
        const FITS: &str = "a short label and a short output fit their length fields";
        let mut key = [0; 32];
        let key = &mut key[..suite.key_len()];
        suite
            .hash
            .hkdf_expand_label(secret, b"key", &[], key)
            .expect(FITS);
        let mut iv = [0; NONCE_LEN];
        suite
            .hash
            .hkdf_expand_label(secret, b"iv", &[], &mut iv)
            .expect(FITS);
        let key = Key::new(suite.aead, key).expect("the slice has the suite's key length");
        Self::new(suite, key, iv)
    }

    /// Returns whether this is [`Protection::PLAIN`].
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the difference between the lengths of a record's body and content, without padding.
    #[must_use]
    pub const fn overhead(&self) -> usize {
        use crate::crypto::aead::TAG_LEN;
        match &self.0 {
            None => 0,
            Some(Cipher {
                version: Version::Tls13,
                ..
            }) => TAG_LEN + 1,
            Some(cipher) => TAG_LEN + cipher.explicit_nonce_len,
        }
    }
}

impl Cipher {
    /// Returns the per-record nonce (RFC 8446 5.3, RFC 7905 2): the exclusive or of the IV and the
    /// sequence number.
    fn mixed_nonce(&self, sequence: u64) -> [u8; NONCE_LEN] {
        let mut nonce = self.iv;
        for (byte, mix) in nonce[4..].iter_mut().zip(sequence.to_be_bytes()) {
            *byte ^= mix;
        }
        nonce
    }

    /// Returns the per-record nonce (RFC 5288 3): four bytes of key material and eight bytes from
    /// the record.
    fn explicit_nonce(&self, explicit: [u8; 8]) -> [u8; NONCE_LEN] {
        let mut nonce = self.iv;
        nonce[4..].copy_from_slice(&explicit);
        nonce
    }
}

/// Returns the associated data of TLS 1.2 (RFC 5246 6.2.3.3): the sequence number, and a header
/// with the length of the plaintext.
fn aad12(sequence: u64, plaintext: RecordHeader) -> [u8; 8 + RecordHeader::LEN] {
    let mut aad = [0; 8 + RecordHeader::LEN];
    aad[..8].copy_from_slice(&sequence.to_be_bytes());
    aad[8..].copy_from_slice(&plaintext.to_bytes());
    aad
}
