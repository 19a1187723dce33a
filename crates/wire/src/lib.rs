//! Parses and encodes TLS records, alerts and handshake messages: RFC 8446 and RFC 5246 without
//! cryptography.
//!
//! Parsing never panics and never allocates. Every view borrows from the parsed bytes. Malformed
//! input is an [`Error`] that names the field. Encoding appends to a `Vec<u8>`.
//!
//! ```
//! use wire::{ClientHello, ExtensionsBuf, Message, split_handshake};
//! use wire::{CipherSuite, List, NamedGroup, SupportedGroups, VERSION_TLS12};
//!
//! # fn main() -> Result<(), wire::Error> {
//! let extensions = ExtensionsBuf::new()
//!     .with(&SupportedGroups { groups: List::of(&[NamedGroup::X25519]) });
//! let hello = ClientHello {
//!     legacy_version: VERSION_TLS12,
//!     random: &[7; 32],
//!     session_id: &[],
//!     cipher_suites: List::of(&[CipherSuite::TLS_AES_128_GCM_SHA256]),
//!     compression_methods: &[0],
//!     extensions: extensions.view(),
//! };
//! let bytes = hello.to_message();
//!
//! let (message, consumed) = split_handshake(&bytes).expect("the message is complete");
//! assert_eq!(consumed, bytes.len());
//! let read = ClientHello::parse(message.body)?;
//! assert_eq!(read, hello);
//! let groups = read.extensions.get::<SupportedGroups>()?.expect("the extension is present");
//! assert!(groups.groups.iter().eq([NamedGroup::X25519]));
//! # Ok(())
//! # }
//! ```

#[macro_use]
mod code_points;

mod alert;
mod error;
mod extension;
mod handshake;
mod list;
mod meaning;
mod parameters;
mod reader;
mod record;
mod writer;

pub use alert::{Alert, AlertDescription};
pub use error::Error;
pub use extension::{
    Alpn, Cookie, EarlyData, EcPointFormats, ExtendedMasterSecret, Extension, ExtensionData,
    ExtensionType, Extensions, ExtensionsBuf, KeyShareClientHello, KeyShareEntry,
    KeyShareHelloRetryRequest, KeyShareServerHello, MaxEarlyData, PreSharedKeyClientHello,
    PreSharedKeyServerHello, PskIdentity, PskKeyExchangeModes, RecordSizeLimit, RenegotiationInfo,
    ServerName, ServerNameAck, SessionTicket, SignatureAlgorithms, SupportedGroups,
    SupportedVersionsClientHello, SupportedVersionsServerHello,
};
pub use handshake::{
    Certificate12, Certificate13, CertificateEntry, CertificateRequest12, CertificateRequest13,
    CertificateVerify, ClientHello, ClientKeyExchange, EncryptedExtensions, EndOfEarlyData,
    Finished, HandshakeHeader, HandshakeMessage, HandshakeType, HelloRequest, KeyUpdate, Message,
    NewSessionTicket12, NewSessionTicket13, ServerHello, ServerHelloDone, ServerKeyExchange,
    split_handshake,
};
pub use list::{Item, Items, List, Opaque8, Opaque16, Opaque24};
pub use meaning::{Content, Epoch, Meaning, Reason};
pub use parameters::{
    CipherSuite, NamedGroup, SignatureScheme, VERSION_TLS10, VERSION_TLS12, VERSION_TLS13,
};
pub use reader::Reader;
pub use record::{
    ContentType, MAX_CIPHERTEXT_12, MAX_CIPHERTEXT_13, MAX_PLAINTEXT, Record, RecordHeader,
    split_record,
};
pub use writer::{put_u8, put_u16, put_u24, put_u32, vec8, vec16, vec24};

/// A side of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Sends the first `ClientHello`.
    Client,
    /// Answers the `ClientHello`.
    Server,
}

/// A TLS version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl Version {
    /// Returns the number on the wire: 0x0303 or 0x0304.
    pub const fn number(self) -> u16 {
        match self {
            Self::Tls12 => VERSION_TLS12,
            Self::Tls13 => VERSION_TLS13,
        }
    }

    /// Returns the version with this number. `None` unless it is 0x0303 or 0x0304.
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            VERSION_TLS12 => Some(Self::Tls12),
            VERSION_TLS13 => Some(Self::Tls13),
            _ => None,
        }
    }
}
