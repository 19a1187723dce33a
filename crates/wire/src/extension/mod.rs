//! The list of extensions, and a view for each kind of extension.

mod names;
mod negotiation;
mod pre_shared_key;
mod small;

pub use names::{Alpn, ServerName, ServerNameAck};
pub use negotiation::{
    KeyShareClientHello, KeyShareEntry, KeyShareHelloRetryRequest, KeyShareServerHello,
    SignatureAlgorithms, SupportedGroups, SupportedVersionsClientHello,
    SupportedVersionsServerHello,
};
pub use pre_shared_key::{
    PreSharedKeyClientHello, PreSharedKeyServerHello, PskIdentity, PskKeyExchangeModes,
};
pub use small::{
    Cookie, EarlyData, EcPointFormats, ExtendedMasterSecret, MaxEarlyData, RecordSizeLimit,
    RenegotiationInfo, SessionTicket,
};

use crate::{Error, Item, List, Reader, put_u16, vec16};

/// The extensions of a message, in order (RFC 8446 4.2).
///
/// The list is well formed. [`Extensions::get`](List::get) parses the data of an extension.
pub type Extensions<'a> = List<'a, Extension<'a>>;

/// An unparsed extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extension<'a> {
    /// The kind of extension.
    pub kind: ExtensionType,
    /// `extension_data`.
    pub data: &'a [u8],
}

impl<'a> Item<'a> for Extension<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(Self {
            kind: ExtensionType(reader.u16("extension_type")?),
            data: reader.vec16("extension_data")?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_u16(out, self.kind.0);
        vec16(out, |out| out.extend_from_slice(self.data));
    }
}

impl<'a> List<'a, Extension<'a>> {
    /// Returns the data of the first extension of this kind.
    pub fn find(&self, kind: ExtensionType) -> Option<&'a [u8]> {
        self.iter()
            .find(|each| each.kind == kind)
            .map(|found| found.data)
    }

    /// Parses the first extension of `E`'s kind as `E`. Returns `None` if there is none. The caller
    /// chooses the `E` for the message.
    pub fn get<E: ExtensionData<'a>>(&self) -> Result<Option<E>, Error> {
        self.find(E::TYPE).map(E::parse).transpose()
    }

    /// Returns the first kind that appears a second time, which RFC 8446 4.2 forbids.
    pub fn duplicate(&self) -> Option<ExtensionType> {
        // One bit for each of the 2^16 kinds. Hostile lists are long, and a search for each item
        // would take quadratic time.
        let mut seen = [0_u64; 1 << 10];
        self.iter().map(|each| each.kind).find(|kind| {
            let word = &mut seen[usize::from(kind.0 >> 6)];
            let bit = 1 << (kind.0 & 63);
            let again = *word & bit != 0;
            *word |= bit;
            again
        })
    }
}

/// Extensions to be sent.
///
/// This does not validate them: kinds may repeat, and data may be malformed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionsBuf {
    bytes: Vec<u8>,
}

impl ExtensionsBuf {
    /// Creates an empty list.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Appends an extension.
    #[must_use]
    pub fn with<'e>(mut self, extension: &impl ExtensionData<'e>) -> Self {
        self.add(extension);
        self
    }

    /// Appends an extension.
    pub fn add<'e, E: ExtensionData<'e>>(&mut self, extension: &E) {
        self.push(E::TYPE, |out| extension.encode(out));
    }

    /// Appends an extension with the data that `data` writes.
    pub fn push(&mut self, kind: ExtensionType, data: impl FnOnce(&mut Vec<u8>)) {
        put_u16(&mut self.bytes, kind.0);
        vec16(&mut self.bytes, data);
    }

    /// Returns the extensions.
    pub fn view(&self) -> Extensions<'_> {
        List::written(&self.bytes)
    }
}

/// The data of a known extension. If the format depends on the message, each format has its own
/// type.
pub trait ExtensionData<'a>: Sized {
    /// The number of the extension.
    const TYPE: ExtensionType;

    /// Reads all of `extension_data`.
    fn parse(data: &'a [u8]) -> Result<Self, Error>;

    /// Appends `extension_data`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// Declares an extension without data.
macro_rules! empty_extension {
    ($(#[$meta:meta])* $type:ident, $kind:ident, $name:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type;

        impl<'a> $crate::ExtensionData<'a> for $type {
            const TYPE: $crate::ExtensionType = $crate::ExtensionType::$kind;

            fn parse(data: &'a [u8]) -> Result<Self, $crate::Error> {
                $crate::Reader::new(data).finish($name)?;
                Ok(Self)
            }

            fn encode(&self, _out: &mut Vec<u8>) {}
        }
    };
}
use empty_extension;

code_points! {
    /// An extension's number (RFC 8446 4.2).
    ExtensionType(u16), "extension" {
        SERVER_NAME = 0, "server_name";
        MAX_FRAGMENT_LENGTH = 1, "max_fragment_length";
        STATUS_REQUEST = 5, "status_request";
        SUPPORTED_GROUPS = 10, "supported_groups";
        EC_POINT_FORMATS = 11, "ec_point_formats";
        SIGNATURE_ALGORITHMS = 13, "signature_algorithms";
        USE_SRTP = 14, "use_srtp";
        HEARTBEAT = 15, "heartbeat";
        ALPN = 16, "application_layer_protocol_negotiation";
        SIGNED_CERTIFICATE_TIMESTAMP = 18, "signed_certificate_timestamp";
        CLIENT_CERTIFICATE_TYPE = 19, "client_certificate_type";
        SERVER_CERTIFICATE_TYPE = 20, "server_certificate_type";
        PADDING = 21, "padding";
        ENCRYPT_THEN_MAC = 22, "encrypt_then_mac";
        EXTENDED_MASTER_SECRET = 23, "extended_master_secret";
        RECORD_SIZE_LIMIT = 28, "record_size_limit";
        SESSION_TICKET = 35, "session_ticket";
        PRE_SHARED_KEY = 41, "pre_shared_key";
        EARLY_DATA = 42, "early_data";
        SUPPORTED_VERSIONS = 43, "supported_versions";
        COOKIE = 44, "cookie";
        PSK_KEY_EXCHANGE_MODES = 45, "psk_key_exchange_modes";
        CERTIFICATE_AUTHORITIES = 47, "certificate_authorities";
        OID_FILTERS = 48, "oid_filters";
        POST_HANDSHAKE_AUTH = 49, "post_handshake_auth";
        SIGNATURE_ALGORITHMS_CERT = 50, "signature_algorithms_cert";
        KEY_SHARE = 51, "key_share";
        RENEGOTIATION_INFO = 0xff01, "renegotiation_info";
    }
}
