//! The cipher suites that the peer supports.

use wire::{CipherSuite, Version};

use super::aead::Aead;
use super::hash::Hash;

/// A cipher suite (RFC 8446 B.4, RFC 5289, RFC 7905).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Suite {
    /// The code point. It also has the name.
    pub id: CipherSuite,
    /// The only TLS version of the suite.
    pub version: Version,
    /// The hash for the transcript and for the key schedule or PRF.
    pub hash: Hash,
    /// The algorithm that protects records.
    pub aead: Aead,
}

macro_rules! suites {
    ($($constant:ident: $version:ident, $hash:ident, $aead:ident;)+) => {
        impl Suite {
            $(
                #[doc = concat!("`", stringify!($constant), "`, for [`Version::", stringify!($version), "`].")]
                pub const $constant: Self = Self {
                    id: CipherSuite::$constant,
                    version: Version::$version,
                    hash: Hash::$hash,
                    aead: Aead::$aead,
                };
            )+

            /// All real suites, in the order in which the peer offers them.
            pub const ALL: [Self; 6] = [$(Self::$constant),+];
        }
    };
}

suites! {
    TLS_AES_128_GCM_SHA256: Tls13, Sha256, Aes128Gcm;
    TLS_AES_256_GCM_SHA384: Tls13, Sha384, Aes256Gcm;
    TLS_CHACHA20_POLY1305_SHA256: Tls13, Sha256, ChaCha20Poly1305;
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: Tls12, Sha256, Aes128Gcm;
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: Tls12, Sha384, Aes256Gcm;
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: Tls12, Sha256, ChaCha20Poly1305;
}

impl Suite {
    /// The suites of `toycrypto` for TLS 1.3 and for TLS 1.2.
    pub const TOYS: [Self; 2] = [
        Self::toy(toycrypto::numbers::SUITE_13, Version::Tls13),
        Self::toy(toycrypto::numbers::SUITE_12, Version::Tls12),
    ];

    const fn toy(id: u16, version: Version) -> Self {
        Self {
            id: CipherSuite(id),
            version,
            hash: Hash::Toy,
            aead: Aead::Toy,
        }
    }

    /// Returns the suite with this code point, if the peer supports it.
    #[must_use]
    pub fn from_id(id: CipherSuite) -> Option<Self> {
        let mut known = Self::ALL.into_iter().chain(Self::TOYS);
        known.find(|suite| suite.id == id)
    }

    /// Returns the length of a traffic key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        self.aead.key_len()
    }

    /// Returns the number of nonce bytes from the key schedule. It is all twelve if the sequence
    /// number is mixed in by XOR (RFC 8446 5.3, RFC 7905 2), and four if it is sent (RFC 5288 3).
    #[must_use]
    pub const fn iv_len(self) -> usize {
        if self.explicit_nonce_len() == 0 {
            12
        } else {
            4
        }
    }

    /// Returns the number of nonce bytes that precede the content of each protected record
    /// (RFC 5288 3).
    #[must_use]
    pub const fn explicit_nonce_len(self) -> usize {
        match (self.version, self.aead) {
            (Version::Tls12, Aead::Aes128Gcm | Aead::Aes256Gcm) => 8,
            (Version::Tls12, Aead::ChaCha20Poly1305 | Aead::Toy) | (Version::Tls13, _) => 0,
        }
    }
}
