//! The configuration of a peer.

use wire::{Role, Version};

use crate::crypto::kx::Group;
use crate::crypto::suite::Suite;
use crate::pki;
use crate::session::Session;

/// The configuration of a [`Peer`](crate::Peer), and of its handshake.
#[derive(Clone, Debug)]
pub struct Config {
    /// The peer's role. The subject has the other.
    pub role: Role,
    /// The only TLS version that the peer negotiates.
    pub version: Version,
    /// The seed of all its random bytes.
    pub seed: u64,
    /// The cipher suites to offer or to select from, in order of preference. Suites of other
    /// versions are ignored.
    pub suites: Vec<Suite>,
    /// The groups to offer or to select from, in order of preference. A TLS 1.3 client sends a key
    /// share only for the first group.
    pub groups: Vec<Group>,
    /// The time in seconds since 1970. It determines the age of tickets.
    pub clock: u64,
    /// Whether to send the `change_cipher_spec` of RFC 8446 D.4. A client then also sends a session
    /// id. A server sends it only if the client sent a session id.
    pub middlebox_ccs: bool,
    /// For a server: the number of `NewSessionTicket`s to queue after the handshake. In TLS 1.2
    /// there is at most one, and it precedes the server's `change_cipher_spec`.
    pub tickets: u8,
    /// For a server: the `max_early_data_size` of its tickets. 0 omits the extension.
    pub ticket_early_data: u32,
    /// The handling of 0-RTT data.
    pub early_data: EarlyData,
    /// For a client: the number of seconds to add to the age of its ticket. A server that checks
    /// the age (RFC 8446 8.3) rejects 0-RTT but resumes the session.
    pub ticket_age_skew: u32,
    /// For a client: the session to resume.
    pub resume: Option<Session>,
    /// For a server: whether to resume the sessions that clients offer.
    pub accept_tickets: bool,
    /// Whether the handshake has a `HelloRetryRequest`. A server sends it, and a client provokes it
    /// by sending no key share.
    pub hello_retry: bool,
    /// For a server: whether to request a client certificate. The client may refuse.
    pub client_auth: bool,
    /// The `record_size_limit` (RFC 8449) to send.
    pub record_size_limit: Option<u16>,
    /// Whether to check the signatures of the other side, which is the most expensive part of a
    /// handshake. It is unnecessary if the same handshake is played repeatedly to test what
    /// follows.
    pub check_signatures: bool,
    /// For a client: the name in `server_name`.
    pub server_name: String,
}

/// The handling of 0-RTT data (RFC 8446 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EarlyData {
    /// A client does not offer it. A server rejects it.
    #[default]
    None,
    /// A client offers it if its session allows this.
    Offer,
    /// A server accepts it.
    Accept {
        /// The maximum number of bytes. More is a [`Failure`](crate::Failure).
        max: u32,
    },
    /// A server rejects it and skips the records.
    Reject,
}

impl Config {
    /// Creates the configuration of an ordinary `version` handshake with all suites and groups, and
    /// without tickets.
    #[must_use]
    pub fn new(role: Role, version: Version) -> Self {
        Self {
            role,
            version,
            seed: 0,
            suites: Suite::ALL
                .into_iter()
                .filter(|suite| suite.version == version)
                .collect(),
            groups: Group::ALL.to_vec(),
            clock: 1_700_000_000,
            middlebox_ccs: true,
            tickets: 0,
            ticket_early_data: 0,
            early_data: EarlyData::None,
            ticket_age_skew: 0,
            resume: None,
            accept_tickets: true,
            hello_retry: false,
            client_auth: false,
            record_size_limit: None,
            check_signatures: true,
            server_name: pki::SERVER_NAME.to_owned(),
        }
    }

    /// Returns the cipher suites of the configured version.
    pub(crate) fn usable_suites(&self) -> impl Iterator<Item = Suite> + '_ {
        self.suites
            .iter()
            .copied()
            .filter(|suite| suite.version == self.version)
    }
}
