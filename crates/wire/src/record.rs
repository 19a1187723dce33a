use crate::{Error, Reader};

/// The maximum length of a record's content: 2^14 bytes (RFC 8446 5.1, RFC 5246 6.2.1).
pub const MAX_PLAINTEXT: usize = 1 << 14;

/// The maximum length of a protected TLS 1.3 record's body: 2^14 + 256 bytes (RFC 8446 5.2).
pub const MAX_CIPHERTEXT_13: usize = MAX_PLAINTEXT + 256;

/// The maximum length of a protected TLS 1.2 record's body: 2^14 + 2048 bytes (RFC 5246 6.2.3).
pub const MAX_CIPHERTEXT_12: usize = MAX_PLAINTEXT + 2048;

/// Splits the first record off `bytes` and returns it with the remaining bytes. Returns `None`
/// while the record is incomplete.
///
/// This does not validate the header. The caller rejects over-long records and unknown types, with
/// [`RecordHeader::parse`] if it cannot wait for the body.
pub fn split_record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let mut reader = Reader::new(bytes);
    let header = RecordHeader::read(&mut reader).ok()?;
    let body = reader.bytes(usize::from(header.length), "fragment").ok()?;
    Some((Record { header, body }, reader.rest()))
}

/// A record in its wire format (RFC 8446 5.1 and 5.2, RFC 5246 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record<'a> {
    /// The header.
    pub header: RecordHeader,
    /// The fragment, protected or unprotected.
    pub body: &'a [u8],
}

impl Record<'_> {
    /// Appends the header and the body. The header's length is written as is, even if it is wrong.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.header.encode(out);
        out.extend_from_slice(self.body);
    }
}

/// The five-byte header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordHeader {
    /// The content type, or `application_data` in a protected TLS 1.3 record.
    pub content_type: ContentType,
    /// `legacy_record_version`, usually 0x0303.
    pub version: u16,
    /// The length of the body in bytes.
    pub length: u16,
}

impl RecordHeader {
    /// The length of a header in bytes.
    pub const LEN: usize = 5;

    /// Reads the header at the start of `bytes`. Further bytes may follow. Returns
    /// [`Error::Truncated`] if there are fewer than five bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(&mut Reader::new(bytes))
    }

    /// Appends the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    /// Returns the header as bytes. These are also the additional data in TLS 1.3 (RFC 8446 5.2).
    pub const fn to_bytes(&self) -> [u8; Self::LEN] {
        let [v0, v1] = self.version.to_be_bytes();
        let [l0, l1] = self.length.to_be_bytes();
        [self.content_type.0, v0, v1, l0, l1]
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        const WHAT: &str = "record header";
        Ok(Self {
            content_type: ContentType(reader.u8(WHAT)?),
            version: reader.u16(WHAT)?,
            length: reader.u16(WHAT)?,
        })
    }
}

code_points! {
    /// A record's content type byte (RFC 8446 5.1, RFC 5246 6.2.1).
    ContentType(u8), "content_type" {
        CHANGE_CIPHER_SPEC = 20, "change_cipher_spec";
        ALERT = 21, "alert";
        HANDSHAKE = 22, "handshake";
        APPLICATION_DATA = 23, "application_data";
    }
}
