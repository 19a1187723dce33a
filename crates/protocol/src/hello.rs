use serde::{Deserialize, Serialize};

/// The side of a connection that a subject plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sends the first `ClientHello`.
    Client,
    /// Answers the `ClientHello`.
    Server,
}

/// A TLS version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Version {
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    Tls13,
}

/// A subject's description of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hello {
    /// The protocol version that the subject chose from the offered range.
    pub protocol: u32,
    /// The implementation's name, such as `rustls`.
    pub implementation: String,
    /// The implementation's version, such as `0.23.46`.
    pub version: String,
    /// The API of the implementation that the subject drives, such as `unbuffered`.
    pub api: String,
    /// The cryptographic library, such as `ring`.
    pub crypto: String,
    /// The roles that the subject can play.
    pub roles: Vec<Role>,
    /// The TLS versions that the subject can negotiate.
    pub versions: Vec<Version>,
    /// The optional features that the subject supports.
    pub capabilities: Vec<Capability>,
    /// The calling patterns that [`crate::Open`] can select. The plain habit need not be listed.
    pub habits: Vec<Habit>,
    /// The build settings of the implementation.
    pub build: Build,
}

/// The build settings of an implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// Whether the implementation's debug assertions are enabled.
    pub debug_assertions: bool,
    /// Whether arithmetic overflow is trapped.
    pub overflow_checks: bool,
}

/// A feature that not every implementation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Initiating a TLS 1.3 `KeyUpdate` ([`crate::Command::UpdateKeys`]).
    KeyUpdate,
    /// Issuing (server) and storing (client) session tickets.
    Tickets,
    /// Resuming a session on a second connection of the same context.
    Resumption,
    /// 0-RTT data in each of the subject's roles.
    EarlyData,
    /// A server that writes before the client's `Finished`.
    HalfRtt,
    /// A limit on the number of records that one key protects ([`crate::Begin::key_limit`]).
    KeyLimit,
    /// A limit on the size of records sent ([`crate::Begin::fragment_size`]).
    FragmentSize,
    /// Negotiating a limit on the size of records ([`crate::Begin::record_size_limit`]).
    RecordSizeLimit,
    /// Exporting keying material ([`crate::Command::Export`]).
    Export,
    /// A clock that the harness sets.
    Clock,
    /// A transport that accepts a limited number of bytes ([`crate::Io::room`]).
    Room,
    /// An application that reads a limited number of bytes ([`crate::Io::read`]).
    Read,
    /// Reporting unconsumed input ([`crate::Observation::Left`]).
    Left,
    /// Reporting the I/O that the API asks for ([`crate::Observation::Wants`]).
    Wants,
    /// Reporting the results of calls that do I/O themselves ([`crate::Observation::Helped`]).
    Helped,
    /// Reporting the API's states ([`crate::Observation::State`]).
    States,
    /// The implementation itself, rather than the driver around it, is notified of transport EOF
    /// ([`crate::Command::Eof`]).
    NativeEof,
    /// Requesting a client certificate.
    ClientAuth,
    /// Closing before the handshake is complete.
    CloseInHandshake,
}

/// A pattern in which an application may call the implementation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Habit {
    /// The habit's name, in kebab-case.
    pub name: String,
    /// Whether the implementation's documentation allows it.
    pub kind: HabitKind,
    /// The part of the documentation that allows or forbids the habit, in the shim author's words.
    pub basis: String,
    /// The roles in which the habit makes a difference. Both if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
}

/// Whether the implementation's documentation allows a habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HabitKind {
    /// The documentation allows it. It must not change what the application or the peer sees.
    Contract,
    /// The documentation forbids it or leaves it open. Only safety is required.
    Abuse,
}
