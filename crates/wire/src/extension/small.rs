//! Extensions with at most one field.

use super::{ExtensionData, ExtensionType, empty_extension};
use crate::reader::filled;
use crate::{Error, Reader, put_u16, put_u32, vec8, vec16};

empty_extension! {
    /// `early_data` in a `ClientHello` or in `EncryptedExtensions` (RFC 8446 4.2.10).
    EarlyData, EARLY_DATA, "early_data"
}

/// `early_data` in a `NewSessionTicket` (RFC 8446 4.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxEarlyData {
    /// The number of bytes of early data that the server accepts.
    pub size: u32,
}

impl<'a> ExtensionData<'a> for MaxEarlyData {
    const TYPE: ExtensionType = ExtensionType::EARLY_DATA;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let size = reader.u32("max_early_data_size")?;
        reader.finish("max_early_data_size")?;
        Ok(Self { size })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u32(out, self.size);
    }
}

empty_extension! {
    /// `extended_master_secret` (RFC 7627 5.1).
    ExtendedMasterSecret, EXTENDED_MASTER_SECRET, "extended_master_secret"
}

/// `cookie` (RFC 8446 4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie<'a> {
    /// The cookie, at least one byte.
    pub cookie: &'a [u8],
}

impl<'a> ExtensionData<'a> for Cookie<'a> {
    const TYPE: ExtensionType = ExtensionType::COOKIE;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let cookie = filled("cookie", reader.vec16("cookie")?)?;
        reader.finish("cookie")?;
        Ok(Self { cookie })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| out.extend_from_slice(self.cookie));
    }
}

/// `renegotiation_info` (RFC 5746 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenegotiationInfo<'a> {
    /// `renegotiated_connection`. Empty in the first handshake.
    pub renegotiated_connection: &'a [u8],
}

impl<'a> ExtensionData<'a> for RenegotiationInfo<'a> {
    const TYPE: ExtensionType = ExtensionType::RENEGOTIATION_INFO;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let renegotiated_connection = reader.vec8("renegotiated_connection")?;
        reader.finish("renegotiated_connection")?;
        Ok(Self {
            renegotiated_connection,
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| {
            out.extend_from_slice(self.renegotiated_connection)
        });
    }
}

/// TLS 1.2 `session_ticket`. The data is the ticket without a length (RFC 5077 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTicket<'a> {
    /// The ticket. Empty in a client's request for one, and in the server's answer.
    pub ticket: &'a [u8],
}

impl<'a> ExtensionData<'a> for SessionTicket<'a> {
    const TYPE: ExtensionType = ExtensionType::SESSION_TICKET;

    /// Accepts any bytes.
    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        Ok(Self { ticket: data })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.ticket);
    }
}

/// `ec_point_formats` (RFC 8422 5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcPointFormats<'a> {
    /// The formats. They include [`EcPointFormats::UNCOMPRESSED`].
    pub formats: &'a [u8],
}

impl EcPointFormats<'_> {
    /// `uncompressed`, the only format that is not deprecated.
    pub const UNCOMPRESSED: u8 = 0;
}

impl<'a> ExtensionData<'a> for EcPointFormats<'a> {
    const TYPE: ExtensionType = ExtensionType::EC_POINT_FORMATS;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let formats = filled("ec_point_format_list", reader.vec8("ec_point_format_list")?)?;
        reader.finish("ec_point_format_list")?;
        Ok(Self { formats })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.formats));
    }
}

/// `record_size_limit` (RFC 8449 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSizeLimit {
    /// The maximum length of a protected record's plaintext in bytes. In TLS 1.3 it includes the
    /// content type and padding. The caller rejects values below 64.
    pub limit: u16,
}

impl<'a> ExtensionData<'a> for RecordSizeLimit {
    const TYPE: ExtensionType = ExtensionType::RECORD_SIZE_LIMIT;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let limit = reader.u16("record_size_limit")?;
        reader.finish("record_size_limit")?;
        Ok(Self { limit })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.limit);
    }
}
