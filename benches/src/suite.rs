//! Cipher suites, and the sizes of writes.

use protocol::Version;

/// The algorithm that protects the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aead {
    /// AES-128-GCM.
    Aes128Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
    /// ChaCha20-Poly1305.
    ChaCha20Poly1305,
}

/// A cipher suite under a version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// The name in ids.
    pub name: &'static str,
    /// The TLS version of the suite.
    pub version: Version,
    /// Its IANA number.
    pub number: u16,
    /// Its AEAD.
    pub aead: Aead,
}

const fn suite(name: &'static str, version: Version, number: u16, aead: Aead) -> Suite {
    Suite {
        name,
        version,
        number,
        aead,
    }
}

/// The suite for everything that is measured with a single suite.
pub const BASELINE: Suite = suite("aes-128-gcm", Version::Tls13, 0x1301, Aead::Aes128Gcm);

/// All suites. Those of TLS 1.3 are named after their AEAD alone.
pub const SUITES: [Suite; 6] = [
    BASELINE,
    suite("aes-256-gcm", Version::Tls13, 0x1302, Aead::Aes256Gcm),
    suite(
        "chacha20-poly1305",
        Version::Tls13,
        0x1303,
        Aead::ChaCha20Poly1305,
    ),
    suite("aes-128-gcm-tls12", Version::Tls12, 0xc02b, Aead::Aes128Gcm),
    suite("aes-256-gcm-tls12", Version::Tls12, 0xc02c, Aead::Aes256Gcm),
    suite(
        "chacha20-poly1305-tls12",
        Version::Tls12,
        0xcca9,
        Aead::ChaCha20Poly1305,
    ),
];

/// The sizes of one write, in bytes.
pub const SIZES: [usize; 5] = [64, 1 << 10, 4 << 10, RECORD, MEGABYTE];

/// The most content of a record (RFC 8446 5.1).
pub const RECORD: usize = 1 << 14;

/// The size of 64 full records.
pub const MEGABYTE: usize = 1 << 20;

impl Suite {
    /// The lengths that the AEAD seals when `size` bytes are written.
    pub fn sealed(&self, size: usize) -> impl Iterator<Item = usize> {
        // TLS 1.3 seals the content type too.
        let inner = usize::from(self.version == Version::Tls13);
        (0..size.div_ceil(RECORD)).map(move |i| RECORD.min(size - i * RECORD) + inner)
    }
}
