use crate::{Error, Reader};

/// The most content that one record may carry: 2^14 bytes (RFC 8446 5.1, RFC 5246 6.2.1).
pub const MAX_PLAINTEXT: usize = 1 << 14;

/// The longest body of a protected TLS 1.3 record: 2^14 + 256 bytes (RFC 8446 5.2).
pub const MAX_CIPHERTEXT_13: usize = MAX_PLAINTEXT + 256;

/// The longest body of a protected TLS 1.2 record: 2^14 + 2048 bytes (RFC 5246 6.2.3).
pub const MAX_CIPHERTEXT_12: usize = MAX_PLAINTEXT + 2048;

/// Takes the first record off `bytes` and returns it with what follows; `None` while it is
/// incomplete.
///
/// Nothing is judged: an over-long record or an unknown type is the caller's to refuse, if need be
/// by [`RecordHeader::parse`] before the body has come.
pub fn split_record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let mut reader = Reader::new(bytes);
    let header = RecordHeader::read(&mut reader).ok()?;
    let body = reader.bytes(usize::from(header.length), "fragment").ok()?;
    Some((Record { header, body }, reader.rest()))
}

/// A record as it stands on the wire (RFC 8446 5.1 and 5.2, RFC 5246 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record<'a> {
    /// The five bytes in front.
    pub header: RecordHeader,
    /// The fragment, protected or not.
    pub body: &'a [u8],
}

impl Record<'_> {
    /// Appends header and body, with the header's length as it is, right or wrong.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.header.encode(out);
        out.extend_from_slice(self.body);
    }
}

/// The five bytes in front of every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordHeader {
    /// What the record carries, or `application_data` if it is protected under TLS 1.3.
    pub content_type: ContentType,
    /// `legacy_record_version`; mostly 0x0303.
    pub version: u16,
    /// The length of the body in bytes.
    pub length: u16,
}

impl RecordHeader {
    /// The length of a header in bytes.
    pub const LEN: usize = 5;

    /// Reads the header at the front of `bytes`, whatever follows. [`Error::Truncated`] if there
    /// are fewer than five.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(&mut Reader::new(bytes))
    }

    /// Appends the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    /// The header as bytes, which are also TLS 1.3's additional data (RFC 8446 5.2).
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
