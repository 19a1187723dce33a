use serde::{Deserialize, Serialize};

/// The side of a connection that a subject plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sends the first `ClientHello`.
    Client,
    /// Answers it.
    Server,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Version {
    /// RFC 5246.
    #[serde(rename = "1.2")]
    Tls12,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    Tls13,
}

/// A subject's introduction of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hello {
    /// The protocol version that the subject has chosen from the range it was offered.
    pub protocol: u32,
    /// The implementation's name, such as `rustls`.
    pub implementation: String,
    /// The implementation's version, such as `0.23.46`.
    pub version: String,
    /// Which of the implementation's interfaces is driven, such as `unbuffered`.
    pub api: String,
    /// What does the cryptography, such as `ring`.
    pub crypto: String,
    /// The roles it can play.
    pub roles: Vec<Role>,
    /// The versions of TLS it can negotiate.
    pub versions: Vec<Version>,
    /// What it can do beyond the minimum.
    pub capabilities: Vec<Capability>,
    /// The ways of calling the implementation among which [`crate::Open`] can choose. The plain
    /// one needs no mention.
    pub habits: Vec<Habit>,
    /// How it was built.
    pub build: Build,
}

/// How a subject was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// The implementation's own assertions are on.
    pub debug_assertions: bool,
    /// Arithmetic overflow is trapped.
    pub overflow_checks: bool,
}

/// Something that not every implementation can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Asking for a TLS 1.3 `KeyUpdate` ([`crate::Command::UpdateKeys`]).
    KeyUpdate,
    /// Issuing (server) and storing (client) session tickets.
    Tickets,
    /// Resuming a session on a second connection of the same context.
    Resumption,
    /// 0-RTT data in the role it is asked for.
    EarlyData,
    /// A server that writes before the client's `Finished`.
    HalfRtt,
    /// A limit on the records protected with one key ([`crate::Begin::key_limit`]).
    KeyLimit,
    /// A limit on the size of records sent ([`crate::Begin::fragment_size`]).
    FragmentSize,
    /// Agreeing on a limit to the size of records ([`crate::Begin::record_size_limit`]).
    RecordSizeLimit,
    /// Exporting keying material ([`crate::Command::Export`]).
    Export,
    /// A clock that the harness sets.
    Clock,
    /// A transport that takes only some bytes ([`crate::Io::room`]).
    Room,
    /// An application that reads only some bytes ([`crate::Io::read`]).
    Read,
    /// Reporting the input that was not taken ([`crate::Observation::Left`]).
    Left,
    /// Reporting what the API says it is waiting for ([`crate::Observation::Wants`]).
    Wants,
    /// Reporting what calls that do I/O by themselves return ([`crate::Observation::Helped`]).
    Helped,
    /// Reporting the API's states ([`crate::Observation::State`]).
    States,
    /// Being told of the end of the transport ([`crate::Command::Eof`]) by the implementation
    /// itself, rather than by the driver around it.
    NativeEof,
    /// Asking a client for its certificate.
    ClientAuth,
    /// Closing before the handshake is done.
    CloseInHandshake,
}

/// One way in which an application may call the implementation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Habit {
    /// Its name, in kebab-case.
    pub name: String,
    /// Whether the implementation's documentation allows it.
    pub kind: HabitKind,
    /// Where the documentation allows or forbids it, in the shim author's words.
    pub basis: String,
    /// The roles in which it makes a difference; both if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// Whether a habit is one that the implementation's documentation allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HabitKind {
    /// Allowed: it may change nothing that the application or the wire sees.
    Contract,
    /// Forbidden or left open: only safety is asked for.
    Abuse,
}
