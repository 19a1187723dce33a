//! The key derivation of TLS 1.2 (RFC 5246 6.3 and 8.1, RFC 7627, RFC 5705).

use wire::Role;

use super::aead::Key;
use super::hash::{Hash, Output, Secret, TooLong};
use super::suite::Suite;
use crate::protect::Protection;

/// `ClientHello.random` or `ServerHello.random`.
pub type Random = [u8; 32];

/// The length of a master secret in bytes.
const MASTER_LEN: usize = 48;
/// The length of `verify_data` in bytes.
pub const VERIFY_DATA_LEN: usize = 12;

/// Derives a master secret (RFC 5246 8.1).
#[must_use]
pub fn master_secret(hash: Hash, pre_master: &[u8], client: &Random, server: &Random) -> Secret {
    derive_master(hash, pre_master, b"master secret", [client, server])
}

/// Derives an extended master secret (RFC 7627 4). `session_hash` covers the messages up to
/// `ClientKeyExchange`.
#[must_use]
pub fn extended_master_secret(hash: Hash, pre_master: &[u8], session_hash: &Output) -> Secret {
    derive_master(
        hash,
        pre_master,
        b"extended master secret",
        [session_hash, &[]],
    )
}

fn derive_master(hash: Hash, pre_master: &[u8], label: &[u8], seed: [&[u8]; 2]) -> Secret {
    let mut out = [0; MASTER_LEN];
    hash.prf(pre_master, label, seed, &mut out);
    Secret::from_slice(&out).expect("a master secret is as long as the longest hash")
}

/// The keys of a connection, from the key block (RFC 5246 6.3).
#[derive(Clone, Debug)]
pub struct ConnectionKeys {
    /// The client's write keys.
    pub client: Protection,
    /// The server's write keys.
    pub server: Protection,
}

impl ConnectionKeys {
    /// Derives the key block and splits it.
    #[must_use]
    pub fn new(suite: Suite, master: &Secret, client: &Random, server: &Random) -> Self {
        let (key_len, iv_len) = (suite.key_len(), suite.iv_len());
        let mut block = [0; 2 * (32 + 12)];
        let block = &mut block[..2 * (key_len + iv_len)];
        suite
            .hash
            .prf(master, b"key expansion", [server, client], block);
        let (keys, ivs) = block.split_at(2 * key_len);
        let make = |side: usize| {
            let key = Key::new(suite.aead, &keys[side * key_len..][..key_len])
                .expect("the slice has the suite's key length");
            let mut iv = [0; 12];
            iv[..iv_len].copy_from_slice(&ivs[side * iv_len..][..iv_len]);
            Protection::new(suite, key, iv)
        };
        Self {
            client: make(0),
            server: make(1),
        }
    }

    /// Returns the write keys of `role`.
    #[must_use]
    pub fn written_by(self, role: Role) -> Protection {
        match role {
            Role::Client => self.client,
            Role::Server => self.server,
        }
    }
}

/// Returns the `verify_data` of the `Finished` of `sender` (RFC 5246 7.4.9).
#[must_use]
pub fn verify_data(
    hash: Hash,
    master: &Secret,
    sender: Role,
    transcript: &Output,
) -> [u8; VERIFY_DATA_LEN] {
    let label: &[u8] = match sender {
        Role::Client => b"client finished",
        Role::Server => b"server finished",
    };
    let mut out = [0; VERIFY_DATA_LEN];
    hash.prf(master, label, [transcript, &[]], &mut out);
    out
}

/// Exports keying material (RFC 5705 4). An absent context differs from an empty one.
///
/// # Errors
/// Returns [`TooLong`] if the context has more than 65535 bytes.
pub fn export(
    hash: Hash,
    master: &Secret,
    label: &[u8],
    [client, server]: [&Random; 2],
    context: Option<&[u8]>,
    out: &mut [u8],
) -> Result<(), TooLong> {
    let mut seed = Vec::with_capacity(64 + 2 + context.map_or(0, <[u8]>::len));
    seed.extend_from_slice(client);
    seed.extend_from_slice(server);
    if let Some(context) = context {
        seed.extend_from_slice(
            &u16::try_from(context.len())
                .map_err(|_| TooLong)?
                .to_be_bytes(),
        );
        seed.extend_from_slice(context);
    }
    hash.prf(master, label, [&seed, &[]], out);
    Ok(())
}
