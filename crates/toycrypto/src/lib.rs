//! Cheap stand-ins for cryptography, for fuzzing and for counting instructions.
//!
//! **Nothing here keeps a secret.** What it does keep is the one property that an oracle needs:
//! keys, nonces, directions and epochs make a difference. A record under the wrong key, out of its
//! place, or changed by a bit does not open; a `Finished` over another transcript does not fit.
//! Everything works on 64-bit words and costs a few nanoseconds.

mod aead;
mod exchange;
mod hash;
mod signature;

pub use aead::{Aead, BadTag, KEY_LEN, NONCE_LEN, TAG_LEN};
pub use exchange::{agree, public, BadShare, SHARE_LEN};
pub use hash::{digest, mac, Hasher, HASH_LEN};
pub use signature::{sign, verify, SIGNATURE_LEN};

/// Private-use numbers under which both ends offer what is here.
pub mod numbers {
    /// A cipher suite of TLS 1.3.
    pub const SUITE_13: u16 = 0xff13;
    /// A cipher suite of TLS 1.2.
    pub const SUITE_12: u16 = 0xff12;
    /// A group of the key exchange. Who takes it signs by [`crate::sign`] too.
    pub const GROUP: u16 = 0xfe00;
}

/// The names of two key holders, which are their keys: anyone can sign as anyone.
pub mod names {
    /// The server's certificate and key.
    pub const SERVER: &[u8] = b"the server";
    /// The client's certificate and key.
    pub const CLIENT: &[u8] = b"the client";
}
