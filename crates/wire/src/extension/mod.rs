//! Extensions: the list that carries them, and one view for each kind.

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
/// The list itself is well formed; the data of each extension is not looked at before
/// [`Extensions::get`](List::get) is asked for it.
pub type Extensions<'a> = List<'a, Extension<'a>>;

/// One extension, not yet parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extension<'a> {
    /// Which extension it is.
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
    /// The data of the first extension of this kind.
    pub fn find(&self, kind: ExtensionType) -> Option<&'a [u8]> {
        self.iter()
            .find(|each| each.kind == kind)
            .map(|found| found.data)
    }

    /// The first extension of `E`'s kind, parsed as `E`; `None` if there is none. Which `E` the
    /// message calls for is the caller's to know.
    pub fn get<E: ExtensionData<'a>>(&self) -> Result<Option<E>, Error> {
        self.find(E::TYPE).map(E::parse).transpose()
    }

    /// The first kind that stands in the list a second time, which RFC 8446 4.2 forbids.
    pub fn duplicate(&self) -> Option<ExtensionType> {
        // A bit for each of the 2^16 kinds: hostile lists are long, and a search for each item
        // would take time in the square of that.
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

/// Extensions about to be sent.
///
/// Nothing is judged: kinds may repeat and data may be nonsense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionsBuf {
    bytes: Vec<u8>,
}

impl ExtensionsBuf {
    /// No extensions.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds an extension behind the others.
    #[must_use]
    pub fn with<'e>(mut self, extension: &impl ExtensionData<'e>) -> Self {
        self.add(extension);
        self
    }

    /// Adds an extension behind the others.
    pub fn add<'e, E: ExtensionData<'e>>(&mut self, extension: &E) {
        self.push(E::TYPE, |out| extension.encode(out));
    }

    /// Adds an extension behind the others, with the data that `data` appends.
    pub fn push(&mut self, kind: ExtensionType, data: impl FnOnce(&mut Vec<u8>)) {
        put_u16(&mut self.bytes, kind.0);
        vec16(&mut self.bytes, data);
    }

    /// The extensions so far.
    pub fn view(&self) -> Extensions<'_> {
        List::written(&self.bytes)
    }
}

/// The data of a known extension. Where the forms differ from message to message, each has a type
/// of its own.
pub trait ExtensionData<'a>: Sized {
    /// Its number.
    const TYPE: ExtensionType;

    /// Reads `extension_data`, all of it.
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
