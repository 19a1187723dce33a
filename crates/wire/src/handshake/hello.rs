use super::{HandshakeType, Message};
use crate::extension::{ExtensionData, PreSharedKeyClientHello};
use crate::reader::{filled, within};
use crate::{CipherSuite, Error, Extensions, List, Reader, put_u8, put_u16, vec8, vec16};

/// `ClientHello` (RFC 8446 4.1.2, RFC 5246 7.4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientHello<'a> {
    /// 0x0303, or in TLS 1.2 the highest offered version.
    pub legacy_version: u16,
    /// 32 random bytes.
    pub random: &'a [u8; 32],
    /// The session id, at most 32 bytes.
    pub session_id: &'a [u8],
    /// The offered cipher suites, in order of preference.
    pub cipher_suites: List<'a, CipherSuite>,
    /// The compression methods. A single 0 in TLS 1.3.
    pub compression_methods: &'a [u8],
    /// The extensions. If there are none, their length is omitted too (RFC 5246 7.4.1.2).
    pub extensions: Extensions<'a>,
}

impl ClientHello<'_> {
    /// Returns the number of bytes at the end of the message that are the binders and their length,
    /// or `None` without `pre_shared_key`. The binders' hash omits them (RFC 8446 4.2.11.2).
    ///
    /// The error is [`Error::Misplaced`] if `pre_shared_key` is not the last extension, and
    /// otherwise that of parsing it.
    pub fn binders_len(&self) -> Result<Option<usize>, Error> {
        let mut extensions = self.extensions.iter();
        let Some(psk) = extensions.find(|each| each.kind == PreSharedKeyClientHello::TYPE) else {
            return Ok(None);
        };
        if extensions.next().is_some() {
            return Err(Error::Misplaced {
                what: "pre_shared_key",
            });
        }
        PreSharedKeyClientHello::parse(psk.data).map(|psk| Some(psk.binders_len()))
    }
}

impl<'a> Message<'a> for ClientHello<'a> {
    const KIND: HandshakeType = HandshakeType::CLIENT_HELLO;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let hello = Self {
            legacy_version: reader.u16("legacy_version")?,
            random: reader.array("random")?,
            session_id: session_id(&mut reader)?,
            cipher_suites: List::parse(filled("cipher_suites", reader.vec16("cipher_suites")?)?)?,
            compression_methods: filled(
                "compression_methods",
                reader.vec8("compression_methods")?,
            )?,
            extensions: optional_extensions(&mut reader)?,
        };
        reader.finish("ClientHello")?;
        Ok(hello)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.legacy_version);
        out.extend_from_slice(self.random);
        vec8(out, |out| out.extend_from_slice(self.session_id));
        vec16(out, |out| self.cipher_suites.write(out));
        vec8(out, |out| out.extend_from_slice(self.compression_methods));
        put_optional_extensions(out, &self.extensions);
    }
}

/// `ServerHello`, or `HelloRetryRequest`, which has the same format (RFC 8446 4.1.3,
/// RFC 5246 7.4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// 0x0303, or in TLS 1.2 the selected version.
    pub legacy_version: u16,
    /// 32 random bytes, or [`ServerHello::RETRY_RANDOM`].
    pub random: &'a [u8; 32],
    /// The session id, at most 32 bytes. In TLS 1.3 it is the client's, in TLS 1.2 that of the
    /// session.
    pub session_id: &'a [u8],
    /// The selected cipher suite.
    pub cipher_suite: CipherSuite,
    /// The compression method, 0.
    pub compression_method: u8,
    /// The extensions. If there are none, their length is omitted too (RFC 5246 7.4.1.3).
    pub extensions: Extensions<'a>,
}

impl ServerHello<'_> {
    /// The `random` of a `HelloRetryRequest` (RFC 8446 4.1.3).
    pub const RETRY_RANDOM: [u8; 32] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ];

    /// The last bytes of `random` if a server that supports TLS 1.3 selects TLS 1.2
    /// (RFC 8446 4.1.3).
    pub const DOWNGRADE_TO_12: [u8; 8] = *b"DOWNGRD\x01";

    /// Returns whether this is a `HelloRetryRequest`.
    pub fn is_hello_retry_request(&self) -> bool {
        *self.random == Self::RETRY_RANDOM
    }
}

impl<'a> Message<'a> for ServerHello<'a> {
    const KIND: HandshakeType = HandshakeType::SERVER_HELLO;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let hello = Self {
            legacy_version: reader.u16("legacy_version")?,
            random: reader.array("random")?,
            session_id: session_id(&mut reader)?,
            cipher_suite: CipherSuite(reader.u16("cipher_suite")?),
            compression_method: reader.u8("compression_method")?,
            extensions: optional_extensions(&mut reader)?,
        };
        reader.finish("ServerHello")?;
        Ok(hello)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.legacy_version);
        out.extend_from_slice(self.random);
        vec8(out, |out| out.extend_from_slice(self.session_id));
        put_u16(out, self.cipher_suite.0);
        put_u8(out, self.compression_method);
        put_optional_extensions(out, &self.extensions);
    }
}

/// `EncryptedExtensions` (RFC 8446 4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptedExtensions<'a> {
    /// The extensions, possibly none.
    pub extensions: Extensions<'a>,
}

impl<'a> Message<'a> for EncryptedExtensions<'a> {
    const KIND: HandshakeType = HandshakeType::ENCRYPTED_EXTENSIONS;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let extensions = List::parse(reader.vec16("extensions")?)?;
        reader.finish("EncryptedExtensions")?;
        Ok(Self { extensions })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.extensions.write(out));
    }
}

fn session_id<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    within("session_id", 0, 32, reader.vec8("session_id")?)
}

fn optional_extensions<'a>(reader: &mut Reader<'a>) -> Result<Extensions<'a>, Error> {
    if reader.is_empty() {
        return Ok(Extensions::EMPTY);
    }
    List::parse(reader.vec16("extensions")?)
}

fn put_optional_extensions(out: &mut Vec<u8>, extensions: &Extensions<'_>) {
    if !extensions.is_empty() {
        vec16(out, |out| extensions.write(out));
    }
}
