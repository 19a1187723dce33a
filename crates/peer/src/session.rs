//! Sessions for resumption, and the tickets that contain them.

use wire::{CipherSuite, Version};

use crate::crypto::hash::{Hash, Secret};
use crate::crypto::suite::Suite;

/// A session that a client can resume: a ticket and its secret and parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The TLS version of the session, which is the only one in which it can be resumed.
    pub version: Version,
    /// The cipher suite of the original connection.
    pub suite: Suite,
    /// The ticket for the server. Empty for a TLS 1.2 session that has only an id.
    pub ticket: Vec<u8>,
    /// In TLS 1.2: the id of a session without a ticket, which the server stores.
    pub session_id: Vec<u8>,
    /// The PSK, or the master secret in TLS 1.2.
    pub secret: Secret,
    /// The lifetime in seconds.
    pub lifetime: u32,
    /// The number to add to the age that is sent (RFC 8446 4.2.11.1).
    pub age_add: u32,
    /// The time at which the ticket was received, in seconds since 1970.
    pub received: u64,
    /// The number of bytes of 0-RTT data that the server accepts. 0 means none.
    pub max_early_data: u32,
    /// Whether the secret is an extended master secret. In TLS 1.3 it always counts as one
    /// (RFC 7627 5.3, RFC 8446 D).
    pub extended_master_secret: bool,
}

/// The session state of a server. It is not stored, but written into the ticket in plaintext with a
/// checksum. So any peer server can resume the sessions of any other. Nothing here is secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Remembered {
    pub suite: Suite,
    pub secret: Secret,
    pub max_early_data: u32,
    pub extended_master_secret: bool,
    /// The time at which the ticket was issued, in seconds since 1970, and its `age_add`.
    pub issued: u64,
    pub age_add: u32,
    /// The number of the ticket in its session.
    pub number: u64,
}

const MARK: &[u8; 8] = b"lastword";
const CHECK_LEN: usize = 16;

/// The maximum difference in milliseconds between the age that a client sends and the age that the
/// server computes (RFC 8446 8.3).
const FRESH: u64 = 10_000;

impl Remembered {
    /// Returns whether the age of the ticket is the one that the client sent. This detects old
    /// replays.
    pub(crate) fn is_fresh(&self, obfuscated_ticket_age: u32, clock: u64) -> bool {
        let claimed = obfuscated_ticket_age.wrapping_sub(self.age_add);
        let age = clock.saturating_sub(self.issued).saturating_mul(1000);
        age.abs_diff(claimed.into()) <= FRESH
    }

    pub(crate) fn to_ticket(self) -> Vec<u8> {
        let mut out = MARK.to_vec();
        out.extend_from_slice(&self.suite.id.0.to_be_bytes());
        out.extend_from_slice(&self.max_early_data.to_be_bytes());
        out.push(self.extended_master_secret.into());
        out.extend_from_slice(&self.issued.to_be_bytes());
        out.extend_from_slice(&self.age_add.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.secret);
        let check = Hash::Sha256.digest(&out);
        out.extend_from_slice(&check[..CHECK_LEN]);
        out
    }

    /// Reads a ticket. Returns `None` if no peer issued it.
    pub(crate) fn from_ticket(ticket: &[u8]) -> Option<Self> {
        let (body, check) = ticket.split_at_checked(ticket.len().checked_sub(CHECK_LEN)?)?;
        if Hash::Sha256.digest(body)[..CHECK_LEN] != *check {
            return None;
        }
        let rest = body.strip_prefix(MARK)?;
        let (suite, rest) = rest.split_first_chunk()?;
        let (max_early_data, rest) = rest.split_first_chunk()?;
        let (&extended_master_secret, rest) = rest.split_first()?;
        let (issued, rest) = rest.split_first_chunk()?;
        let (age_add, rest) = rest.split_first_chunk()?;
        let (number, secret) = rest.split_first_chunk()?;
        Some(Self {
            suite: Suite::from_id(CipherSuite(u16::from_be_bytes(*suite)))?,
            secret: Secret::from_slice(secret).ok()?,
            max_early_data: u32::from_be_bytes(*max_early_data),
            extended_master_secret: extended_master_secret != 0,
            issued: u64::from_be_bytes(*issued),
            age_add: u32::from_be_bytes(*age_add),
            number: u64::from_be_bytes(*number),
        })
    }
}
