use serde::{Deserialize, Serialize};

use crate::{Bytes, Role, Version};

/// The name of the habit that follows the implementation's documented best practice.
pub const PLAIN_HABIT: &str = "plain";

/// Seconds since 1970 at which a context's clock starts unless it is told otherwise.
pub const DEFAULT_CLOCK: u64 = 1_800_000_000;

/// What a subject is told to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Command<'a> {
    /// Forget everything and make a fresh context: configuration, session store, ticket keys.
    Begin(std::borrow::Cow<'a, Begin>),
    /// Make a connection in the context; one already open is dropped.
    Open(Open<'a>),
    /// Take bytes from the transport, running to quiescence after each piece.
    Feed {
        /// The bytes, in all pieces together.
        bytes: Bytes<'a>,
        /// Offsets into `bytes` at which a piece ends, rising, the end of `bytes` left out.
        #[serde(default, skip_serializing_if = "<[usize]>::is_empty")]
        cuts: std::borrow::Cow<'a, [usize]>,
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The transport has ended in order (FIN).
    Eof {
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The transport was reset (RST).
    Reset {
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application writes. Carried out now or refused; never queued for later.
    Write {
        /// The application data.
        bytes: Bytes<'a>,
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application closes its own half: the implementation sends `close_notify`.
    /// Carried out now or refused; never queued for later.
    CloseWrite {
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// The application asks for fresh keys (TLS 1.3 `KeyUpdate`).
    UpdateKeys {
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// Call the implementation once more, without new input.
    Settle {
        /// With the input that it has not taken, or with none.
        presented: Presented,
        /// What the application and the transport allow meanwhile.
        #[serde(default, skip_serializing_if = "Io::is_free")]
        io: Io,
    },
    /// Export keying material (RFC 8446 7.5, RFC 5705).
    Export {
        /// How many bytes.
        length: usize,
    },
    /// Move the context's clock forward.
    AdvanceClock {
        /// By how many seconds.
        seconds: u64,
    },
    /// Drop the connection without a word, as an application that forgets to close does.
    Drop,
}

/// What the application and the transport allow while a command is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Io {
    /// How many bytes of plaintext the application takes; all that there is unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<usize>,
    /// How many bytes the transport accepts before it would block; any number unless given.
    /// What it does not accept waits in order, and goes out first under a later command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<usize>,
}

impl Io {
    /// Neither side limits anything.
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }
}

/// Which input [`Command::Settle`] presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Presented {
    /// The input that was not taken, unchanged.
    Same,
    /// Nothing.
    Empty,
}

/// A context: everything that connections of one case share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Begin {
    /// Certificates and keys.
    pub pki: Box<Pki>,
    /// The versions of TLS to negotiate among.
    pub versions: Vec<Version>,
    /// Cipher suites by their IANA number, preferred first; the implementation's own if empty.
    #[serde(default)]
    pub suites: Vec<u16>,
    /// Key exchange groups by their IANA number, preferred first; the implementation's own if
    /// empty.
    #[serde(default)]
    pub groups: Vec<u16>,
    /// How many session tickets a TLS 1.3 server sends after the handshake; a TLS 1.2 server
    /// issues one if this is not 0. A client stores tickets whatever this says.
    #[serde(default)]
    pub tickets: u32,
    /// How much 0-RTT data a server accepts, in bytes; a client may send some if this is not 0.
    #[serde(default)]
    pub early_data: u32,
    /// A server may write before the client's `Finished`.
    #[serde(default)]
    pub half_rtt: bool,
    /// The most bytes of a record that the subject sends, header included; the implementation's
    /// own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment_size: Option<usize>,
    /// The `record_size_limit` to tell the other side (RFC 8449), and by telling it to keep to the
    /// other side's; not told if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_size_limit: Option<u16>,
    /// How many records one key may protect; the suite's own limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_limit: Option<u64>,
    /// A server asks for a client certificate and insists on it.
    #[serde(default)]
    pub client_auth: bool,
    /// Seconds since 1970.
    pub clock: u64,
    /// Choices where the RFCs or the implementations differ.
    #[serde(default)]
    pub profile: Profile,
}

/// Certificates and keys, as PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pki {
    /// The roots to trust.
    pub roots: String,
    /// The server's certificate chain, leaf first.
    pub server_chain: String,
    /// The server's key, PKCS#8.
    pub server_key: String,
    /// The client's certificate chain, leaf first.
    pub client_chain: String,
    /// The client's key, PKCS#8.
    pub client_key: String,
    /// The name in the server's certificate.
    pub server_name: String,
}

/// Choices where the RFCs or the implementations differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// What a peer's `close_notify` means for the own half in TLS 1.2.
    #[serde(default)]
    pub tls12_close: Tls12Close,
}

/// What a peer's `close_notify` means for the own half in TLS 1.2.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tls12Close {
    /// As in TLS 1.3: the own half stays open. What most implementations do.
    #[default]
    Half,
    /// RFC 5246 7.2.1: answer at once and discard what is pending.
    Full,
}

/// A connection to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Open<'a> {
    /// The side to play.
    pub role: Role,
    /// What a client writes as 0-RTT data, if it can; nothing if empty.
    #[serde(default, skip_serializing_if = "<[u8]>::is_empty")]
    pub early: Bytes<'a>,
    /// How to call the implementation: [`PLAIN_HABIT`] or one of [`crate::Hello::habits`].
    pub habit: std::borrow::Cow<'a, str>,
    /// The habit starts only once the handshake is done.
    #[serde(default)]
    pub habit_after_handshake: bool,
}
