//! How a peer is set up.

use wire::{Role, Version};

use crate::crypto::kx::Group;
use crate::crypto::suite::Suite;
use crate::pki;
use crate::session::Session;

/// What a [`Peer`](crate::Peer) is, and what it does by itself in a handshake.
#[derive(Clone, Debug)]
pub struct Config {
    /// The side that the peer takes; the subject takes the other.
    pub role: Role,
    /// The one version that the peer negotiates.
    pub version: Version,
    /// Where all its "random" bytes come from.
    pub seed: u64,
    /// The suites to offer or to choose from, most wanted first; those of other versions are
    /// passed over.
    pub suites: Vec<Suite>,
    /// The groups to offer or to choose from, most wanted first. A TLS 1.3 client sends a key share
    /// for the first of them only.
    pub groups: Vec<Group>,
    /// The time, in seconds since 1970: issues tickets and ages them.
    pub clock: u64,
    /// Whether to send the `change_cipher_spec` of RFC 8446 D.4. A client then also sends a session
    /// id; a server only does so if the client sent one.
    pub middlebox_ccs: bool,
    /// A server: how many `NewSessionTicket`s to queue when the handshake is done (in TLS 1.2, as
    /// the last messages but one of the handshake, at most one).
    pub tickets: u8,
    /// A server: `max_early_data_size` of its tickets; 0 leaves the extension out.
    pub ticket_early_data: u32,
    /// What to do about 0-RTT.
    pub early_data: EarlyData,
    /// A client: by how many seconds it takes its ticket to be older than it is. A server that looks
    /// to it (RFC 8446 8.3) rejects 0-RTT, and resumes all the same.
    pub ticket_age_skew: u32,
    /// A client: the session to resume.
    pub resume: Option<Session>,
    /// A server: whether to resume the sessions that clients offer.
    pub accept_tickets: bool,
    /// A server answers the first `ClientHello` with a `HelloRetryRequest`; a client makes the
    /// server do so, by sending no key share.
    pub hello_retry: bool,
    /// A server: whether to ask for a certificate, without which it takes the client too.
    pub client_auth: bool,
    /// `record_size_limit` (RFC 8449) to offer or to answer with.
    pub record_size_limit: Option<u16>,
    /// Whether to check the signatures of the other side, the dearest thing in a handshake. Who plays
    /// the same handshake again and again, to see what comes after it, need not.
    pub check_signatures: bool,
    /// A client: the name in `server_name`.
    pub server_name: String,
}

/// What a peer does about 0-RTT (RFC 8446 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EarlyData {
    /// A client does not offer it; a server rejects it.
    #[default]
    None,
    /// A client offers it, if its session allows.
    Offer,
    /// A server accepts it.
    Accept {
        /// How many bytes of it, at most; more is a [`Failure`](crate::Failure).
        max: u32,
    },
    /// A server rejects it and skips the records.
    Reject,
}

impl Config {
    /// A plain handshake of `version`: every suite and group, no tickets, no frills.
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

    /// The suites of the version that is negotiated.
    pub(crate) fn usable_suites(&self) -> impl Iterator<Item = Suite> + '_ {
        self.suites
            .iter()
            .copied()
            .filter(|suite| suite.version == self.version)
    }
}
