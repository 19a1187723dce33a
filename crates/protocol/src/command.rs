use serde::{Deserialize, Serialize};

use crate::{Bytes, Role, Version};

/// The name of the habit that follows the implementation's documented best practice.
pub const PLAIN_HABIT: &str = "plain";

/// The default start of a context's clock, in seconds since 1970.
pub const DEFAULT_CLOCK: u64 = 1_800_000_000;

/// A command to a subject.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Command<'a> {
    /// Discard all state and create a new context: configuration, session store, ticket keys.
    Begin(std::borrow::Cow<'a, Begin>),
    /// Create a connection in the context. A connection that is already open is dropped.
    Open(Open<'a>),
    /// Process bytes from the transport. Run to quiescence after each piece.
    Feed {
        /// The bytes of all pieces.
        bytes: Bytes<'a>,
        /// The offsets into `bytes` at which a piece ends, in ascending order. The end of `bytes`
        /// is not listed.
        #[serde(default, skip_serializing_if = "<[usize]>::is_empty")]
        cuts: std::borrow::Cow<'a, [usize]>,
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The transport ended with a FIN.
    Eof {
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The transport was reset (RST).
    Reset {
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application writes. The subject writes now or refuses; it never queues the call.
    Write {
        /// The application data.
        bytes: Bytes<'a>,
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application closes its write half: the implementation sends `close_notify`.
    /// The subject closes now or refuses; it never queues the call.
    CloseWrite {
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application requests new keys (TLS 1.3 `KeyUpdate`).
    UpdateKeys {
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// Call the implementation once more, without new input.
    Settle {
        /// The input of the call.
        presented: Presented,
        /// Limits on reading and sending during the command.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// Export keying material (RFC 8446 7.5, RFC 5705).
    Export {
        /// The number of bytes to export.
        length: usize,
    },
    /// Advance the context's clock.
    AdvanceClock {
        /// The number of seconds to add.
        seconds: u64,
    },
    /// Drop the connection without closing it, as a careless application does.
    Drop,
}

/// Limits on reading and sending during a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Io {
    /// The number of plaintext bytes that the application reads. Unlimited if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<usize>,
    /// The number of bytes that the transport accepts before it would block. Unlimited if absent.
    /// The remaining output waits in order and goes out first under a later command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<usize>,
}

impl Io {
    /// Returns whether neither direction is limited.
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }
}

/// The input that [`Command::Settle`] presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Presented {
    /// The unconsumed input, unchanged.
    Same,
    /// No input.
    Empty,
}

/// A context: the state that all connections of a case share.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Begin {
    /// Certificates and keys.
    pub pki: Box<Pki>,
    /// The TLS versions to offer or accept.
    pub versions: Vec<Version>,
    /// The IANA numbers of the cipher suites, in order of preference. The implementation's
    /// default if empty.
    #[serde(default)]
    pub suites: Vec<u16>,
    /// The IANA numbers of the key exchange groups, in order of preference. The implementation's
    /// default if empty.
    #[serde(default)]
    pub groups: Vec<u16>,
    /// The number of session tickets that a TLS 1.3 server sends after the handshake. A TLS 1.2
    /// server issues one if this is not 0. A client stores tickets regardless of this value.
    #[serde(default)]
    pub tickets: u32,
    /// The amount of 0-RTT data that a server accepts, in bytes. A client may send 0-RTT data if
    /// this is not 0.
    #[serde(default)]
    pub early_data: u32,
    /// Whether a server may write before the client's `Finished`.
    #[serde(default)]
    pub half_rtt: bool,
    /// The maximum size of a record that the subject sends, in bytes, including the header. The
    /// implementation's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment_size: Option<usize>,
    /// The `record_size_limit` to send (RFC 8449). A subject that sends the extension also obeys
    /// the peer's limit. The extension is not sent if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_size_limit: Option<u16>,
    /// The number of records that one key may protect. The cipher suite's limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_limit: Option<u64>,
    /// Whether a server requires a client certificate.
    #[serde(default)]
    pub client_auth: bool,
    /// The time at which the context's clock starts, in seconds since 1970.
    pub clock: u64,
    /// Choices on which RFCs or implementations differ.
    #[serde(default)]
    pub profile: Profile,
}

/// Certificates and keys, as PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pki {
    /// The trusted root certificates.
    pub roots: String,
    /// The server's certificate chain, leaf first.
    pub server_chain: String,
    /// The server's private key, in PKCS#8.
    pub server_key: String,
    /// The client's certificate chain, leaf first.
    pub client_chain: String,
    /// The client's private key, in PKCS#8.
    pub client_key: String,
    /// The name in the server's certificate.
    pub server_name: String,
}

/// Choices on which RFCs or implementations differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// The effect of the peer's `close_notify` on the subject's write half in TLS 1.2.
    #[serde(default)]
    pub tls12_close: Tls12Close,
}

/// The effect of the peer's `close_notify` on the subject's write half in TLS 1.2.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tls12Close {
    /// The write half stays open, as in TLS 1.3. Most implementations do this.
    #[default]
    Half,
    /// Answer at once and discard pending writes (RFC 5246 7.2.1).
    Full,
}

/// The parameters of a new connection.
#[derive(Clone, Debug, PartialEq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Open<'a> {
    /// The side that the subject plays.
    pub role: Role,
    /// The 0-RTT data that a client writes, if it can. None if empty.
    #[serde(default, skip_serializing_if = "<[u8]>::is_empty")]
    pub early: Bytes<'a>,
    /// The calling pattern: [`PLAIN_HABIT`] or one of [`crate::Hello::habits`].
    pub habit: std::borrow::Cow<'a, str>,
    /// Whether the habit starts only after the handshake.
    #[serde(default)]
    pub habit_after_handshake: bool,
}
