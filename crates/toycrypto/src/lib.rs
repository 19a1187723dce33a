//! Cheap substitutes for cryptography, for fuzzing and for counting instructions.
//!
//! **Nothing here is secure.** These functions preserve the one property that an oracle needs: they
//! distinguish keys, nonces, directions and epochs. A record under the wrong key, out of order or
//! with a changed bit does not open. A `Finished` over another transcript does not verify. All
//! functions work on 64-bit words and cost a few nanoseconds.

mod aead;
mod exchange;
mod hash;
mod signature;

pub use aead::{Aead, BadTag, KEY_LEN, NONCE_LEN, TAG_LEN};
pub use exchange::{agree, public, BadShare, SHARE_LEN};
pub use hash::{digest, mac, Hasher, HASH_LEN};
pub use signature::{sign, verify, SIGNATURE_LEN};

/// The private-use code points under which both sides negotiate these algorithms.
pub mod numbers {
    /// The TLS 1.3 cipher suite.
    pub const SUITE_13: u16 = 0xff13;
    /// The TLS 1.2 cipher suite.
    pub const SUITE_12: u16 = 0xff12;
    /// The key exchange group. A side that selects it also signs with [`crate::sign`].
    pub const GROUP: u16 = 0xfe00;
}

/// The names of the two key holders. A name is also the key: anyone can sign as anyone.
pub mod names {
    /// The server's certificate and key.
    pub const SERVER: &[u8] = b"the server";
    /// The client's certificate and key.
    pub const CLIENT: &[u8] = b"the client";
}
