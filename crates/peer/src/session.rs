//! What is needed to resume, and the tickets that carry it.

use wire::{CipherSuite, Version};

use crate::crypto::hash::{Hash, Secret};
use crate::crypto::suite::Suite;

/// A session that a client can resume: a ticket, and what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The version that it was made with, and the only one to resume it with.
    pub version: Version,
    /// The suite of the connection that it was made on.
    pub suite: Suite,
    /// What to hand back to the server; empty for a TLS 1.2 session that goes by its id.
    pub ticket: Vec<u8>,
    /// TLS 1.2: the id of a session without a ticket, which the server remembers by itself.
    pub session_id: Vec<u8>,
    /// The PSK; in TLS 1.2, the master secret.
    pub secret: Secret,
    /// Seconds for which the server keeps it.
    pub lifetime: u32,
    /// Added to the age that is sent (RFC 8446 4.2.11.1).
    pub age_add: u32,
    /// When it was received, in seconds since 1970.
    pub received: u64,
    /// How many bytes of early data the server takes with it; 0 for none.
    pub max_early_data: u32,
    /// Whether the secret was made with `extended_master_secret`, as it is in TLS 1.3 by design
    /// (RFC 7627 5.3, RFC 8446 D).
    pub extended_master_secret: bool,
}

/// What a server has to remember of a session. It is not stored, but written into the ticket in
/// clear, with a checksum: any peer server can resume the session of any other, and nothing here is
/// meant to be secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Remembered {
    pub suite: Suite,
    pub secret: Secret,
    pub max_early_data: u32,
    pub extended_master_secret: bool,
    /// When it was issued, in seconds since 1970, and what was added to its age.
    pub issued: u64,
    pub age_add: u32,
    /// Tells tickets of one session apart.
    pub number: u64,
}

const MARK: &[u8; 8] = b"lastword";
const CHECK_LEN: usize = 16;

/// By how many milliseconds the age that a client claims may differ from the server's own account
/// (RFC 8446 8.3).
const FRESH: u64 = 10_000;

impl Remembered {
    /// Whether the ticket is as old as its client says, so that the offer is no replay of long ago.
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

    /// `None` if the ticket is not one of a peer.
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
