//! The state that the connections of one case share.

use peer::crypto::kx::Group;
use peer::crypto::suite::Suite;
use peer::{Config, EarlyData, Session};
use protocol::{Begin, Role, Version};
use wire::{CipherSuite, NamedGroup};

/// The seed for the "random" bytes of the first connection. It differs from that of any peer.
const SEED: u64 = 0x7265_6665_7265_6e63;

/// The context that [`protocol::Command::Begin`] creates.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) begin: Begin,
    clock: u64,
    /// The number of connections so far.
    opened: u64,
    /// Sessions that a client may resume, oldest first.
    pub(crate) sessions: Vec<Session>,
}

impl Common {
    pub(crate) fn new(begin: Begin) -> Self {
        Self {
            clock: begin.clock,
            begin,
            opened: 0,
            sessions: Vec::new(),
        }
    }

    pub(crate) fn advance_clock(&mut self, seconds: u64) {
        self.clock = self.clock.saturating_add(seconds);
    }

    /// The version to negotiate. The engine supports one at a time.
    pub(crate) fn version(&self) -> Version {
        match self.begin.versions.contains(&Version::Tls13) {
            true => Version::Tls13,
            false => Version::Tls12,
        }
    }

    /// The session to resume. Each ticket is used once (RFC 8446 C.4).
    pub(crate) fn take_session(&mut self) -> Option<Session> {
        let clock = self.clock;
        self.sessions
            .retain(|session| clock.saturating_sub(session.received) <= session.lifetime.into());
        self.sessions.pop()
    }

    pub(crate) fn config(&mut self, role: Role, resume: Option<Session>, early: bool) -> Config {
        let wire_role = match role {
            Role::Client => wire::Role::Client,
            Role::Server => wire::Role::Server,
        };
        let version = match self.version() {
            Version::Tls12 => wire::Version::Tls12,
            Version::Tls13 => wire::Version::Tls13,
        };
        let seed = SEED.wrapping_add(self.opened);
        self.opened += 1;
        let begin = &self.begin;
        let plain = Config::new(wire_role, version);
        let suites: Vec<_> = begin
            .suites
            .iter()
            .filter_map(|id| Suite::from_id(CipherSuite(*id)))
            .collect();
        let groups: Vec<_> = begin
            .groups
            .iter()
            .filter_map(|id| Group::from_id(NamedGroup(*id)))
            .collect();
        Config {
            seed,
            suites: if suites.is_empty() {
                plain.suites.clone()
            } else {
                suites
            },
            groups: if groups.is_empty() {
                plain.groups.clone()
            } else {
                groups
            },
            clock: self.clock,
            tickets: u8::try_from(begin.tickets).unwrap_or(u8::MAX),
            ticket_early_data: begin.early_data,
            early_data: match (role, early, begin.early_data) {
                (Role::Client, true, _) => EarlyData::Offer,
                (Role::Client, false, _) => EarlyData::None,
                (Role::Server, _, 0) => EarlyData::Reject,
                (Role::Server, _, max) => EarlyData::Accept { max },
            },
            resume,
            client_auth: begin.client_auth,
            record_size_limit: begin.record_size_limit,
            ..plain
        }
    }
}
