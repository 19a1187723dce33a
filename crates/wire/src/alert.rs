use crate::{Error, Reader};

/// An alert: two bytes (RFC 8446 6, RFC 5246 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// The level: [`Alert::WARNING`] or [`Alert::FATAL`]. Other values are invalid but possible.
    /// TLS 1.3 receivers ignore the level (RFC 8446 6).
    pub level: u8,
    /// The description.
    pub description: AlertDescription,
}

impl Alert {
    /// The level of alerts that need not end the connection.
    pub const WARNING: u8 = 1;

    /// The level of alerts that end the connection.
    pub const FATAL: u8 = 2;

    /// `close_notify` at level warning (RFC 8446 6.1, RFC 5246 7.2.1).
    pub const CLOSE_NOTIFY: Self = Self::warning(AlertDescription::CLOSE_NOTIFY);

    /// Creates an alert at level warning.
    pub const fn warning(description: AlertDescription) -> Self {
        Self {
            level: Self::WARNING,
            description,
        }
    }

    /// Creates an alert at level fatal.
    pub const fn fatal(description: AlertDescription) -> Self {
        Self {
            level: Self::FATAL,
            description,
        }
    }

    /// Reads the content of an alert record. Accepts any level and any description. Returns
    /// [`Error::Truncated`] or [`Error::Trailing`] unless `body` is two bytes long.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let alert = Self {
            level: reader.u8("alert level")?,
            description: AlertDescription(reader.u8("alert description")?),
        };
        reader.finish("alert")?;
        Ok(alert)
    }

    /// Appends both bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    /// Returns both bytes.
    pub const fn to_bytes(self) -> [u8; 2] {
        [self.level, self.description.0]
    }
}

code_points! {
    /// A TLS alert's description byte (RFC 8446 6, RFC 5246 7.2).
    AlertDescription(u8), "alert" {
        CLOSE_NOTIFY = 0, "close_notify";
        UNEXPECTED_MESSAGE = 10, "unexpected_message";
        BAD_RECORD_MAC = 20, "bad_record_mac";
        DECRYPTION_FAILED = 21, "decryption_failed";
        RECORD_OVERFLOW = 22, "record_overflow";
        DECOMPRESSION_FAILURE = 30, "decompression_failure";
        HANDSHAKE_FAILURE = 40, "handshake_failure";
        NO_CERTIFICATE = 41, "no_certificate";
        BAD_CERTIFICATE = 42, "bad_certificate";
        UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate";
        CERTIFICATE_REVOKED = 44, "certificate_revoked";
        CERTIFICATE_EXPIRED = 45, "certificate_expired";
        CERTIFICATE_UNKNOWN = 46, "certificate_unknown";
        ILLEGAL_PARAMETER = 47, "illegal_parameter";
        UNKNOWN_CA = 48, "unknown_ca";
        ACCESS_DENIED = 49, "access_denied";
        DECODE_ERROR = 50, "decode_error";
        DECRYPT_ERROR = 51, "decrypt_error";
        EXPORT_RESTRICTION = 60, "export_restriction";
        PROTOCOL_VERSION = 70, "protocol_version";
        INSUFFICIENT_SECURITY = 71, "insufficient_security";
        INTERNAL_ERROR = 80, "internal_error";
        INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback";
        USER_CANCELED = 90, "user_canceled";
        NO_RENEGOTIATION = 100, "no_renegotiation";
        MISSING_EXTENSION = 109, "missing_extension";
        UNSUPPORTED_EXTENSION = 110, "unsupported_extension";
        CERTIFICATE_UNOBTAINABLE = 111, "certificate_unobtainable";
        UNRECOGNIZED_NAME = 112, "unrecognized_name";
        BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response";
        BAD_CERTIFICATE_HASH_VALUE = 114, "bad_certificate_hash_value";
        UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity";
        CERTIFICATE_REQUIRED = 116, "certificate_required";
        GENERAL_ERROR = 117, "general_error";
        NO_APPLICATION_PROTOCOL = 120, "no_application_protocol";
    }
}

impl AlertDescription {
    /// Returns whether this is a closure alert: `close_notify` or `user_canceled` (RFC 8446 6.1).
    /// In TLS 1.3 every other alert, known or unknown, is an error alert (RFC 8446 6.2).
    pub const fn is_closure(self) -> bool {
        matches!(self, Self::CLOSE_NOTIFY | Self::USER_CANCELED)
    }
}
