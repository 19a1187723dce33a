//! The key schedule of TLS 1.3 (RFC 8446 7.1).
//!
//! The three stages are types: [`Early`], [`Handshake`], [`Master`]. Each stage is created from the
//! previous one. A `transcript` is always a hash. The caller takes it at the point that the RFC
//! requires.

use super::hash::{Hash, Output, Secret, TooLong};

/// The stage of the Early Secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Early {
    hash: Hash,
    secret: Secret,
}

/// The stage of the Handshake Secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handshake {
    hash: Hash,
    secret: Secret,
}

/// The stage of the Master Secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Master {
    hash: Hash,
    secret: Secret,
}

/// The origin of a pre-shared key. Its binder depends on it (RFC 8446 4.2.11.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PskKind {
    /// The key is configured on both sides.
    External,
    /// The key is from a ticket.
    Resumption,
}

impl Early {
    /// Starts the schedule. Zeros replace an absent PSK.
    #[must_use]
    pub fn new(hash: Hash, psk: Option<&[u8]>) -> Self {
        let zeros = hash.zeros();
        Self {
            hash,
            secret: hash.hkdf_extract(&zeros, psk.unwrap_or(&zeros)),
        }
    }

    /// Returns `binder_key`. [`finished`] computes the binder from it.
    #[must_use]
    pub fn binder_key(&self, kind: PskKind) -> Secret {
        let label = match kind {
            PskKind::External => "ext binder",
            PskKind::Resumption => "res binder",
        };
        self.hash
            .derive_secret(&self.secret, label, &self.hash.digest(&[]))
    }

    /// Returns `client_early_traffic_secret`. The transcript ends with `ClientHello`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c e traffic", transcript)
    }

    /// Returns `early_exporter_master_secret`. The transcript ends with `ClientHello`.
    #[must_use]
    pub fn exporter(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "e exp master", transcript)
    }

    /// Mixes in the (EC)DHE secret, for the next stage.
    #[must_use]
    pub fn handshake(&self, shared: &[u8]) -> Handshake {
        Handshake {
            hash: self.hash,
            secret: next(self.hash, &self.secret, shared),
        }
    }

    /// Returns the Early Secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl Handshake {
    /// Returns `client_handshake_traffic_secret`. The transcript ends with `ServerHello`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c hs traffic", transcript)
    }

    /// Returns `server_handshake_traffic_secret`. The transcript ends with `ServerHello`.
    #[must_use]
    pub fn server_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "s hs traffic", transcript)
    }

    /// Creates the last stage.
    #[must_use]
    pub fn master(&self) -> Master {
        Master {
            hash: self.hash,
            secret: next(self.hash, &self.secret, &self.hash.zeros()),
        }
    }

    /// Returns the Handshake Secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl Master {
    /// Returns `client_application_traffic_secret_0`. The transcript ends with the server's
    /// `Finished`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c ap traffic", transcript)
    }

    /// Returns `server_application_traffic_secret_0`. The transcript ends with the server's
    /// `Finished`.
    #[must_use]
    pub fn server_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "s ap traffic", transcript)
    }

    /// Returns `exporter_master_secret`. The transcript ends with the server's `Finished`.
    #[must_use]
    pub fn exporter(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "exp master", transcript)
    }

    /// Returns `resumption_master_secret`. The transcript ends with the client's `Finished`.
    #[must_use]
    pub fn resumption(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "res master", transcript)
    }

    /// Returns the Master Secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

fn next(hash: Hash, secret: &Secret, input: &[u8]) -> Secret {
    hash.hkdf_extract(
        &hash.derive_secret(secret, "derived", &hash.digest(&[])),
        input,
    )
}

/// Returns the `verify_data` of a `Finished` (RFC 8446 4.4.4) for the sender's traffic secret, or
/// the binder of a PSK for its binder key.
#[must_use]
pub fn finished(hash: Hash, base_key: &Secret, transcript: &Output) -> Output {
    let key = hash
        .expand_secret(base_key, b"finished", &[])
        .expect("a short label without context fits its length fields");
    hash.hmac(&key, &[transcript])
}

/// Returns the traffic secret of the generation after that of `secret` (RFC 8446 7.2).
#[must_use]
pub fn next_generation(hash: Hash, secret: &Secret) -> Secret {
    hash.expand_secret(secret, b"traffic upd", &[])
        .expect("a short label without context fits its length fields")
}

/// Returns the PSK of the ticket with this nonce (RFC 8446 4.6.1).
///
/// # Errors
/// Returns [`TooLong`] if the nonce has more than 255 bytes.
pub fn ticket_psk(hash: Hash, resumption: &Secret, nonce: &[u8]) -> Result<Secret, TooLong> {
    hash.expand_secret(resumption, b"resumption", nonce)
}

/// Exports keying material from an exporter master secret (RFC 8446 7.5).
///
/// # Errors
/// Returns [`TooLong`] if the label has more than 249 bytes, or if `out` is longer than 255 hash
/// outputs.
pub fn export(
    hash: Hash,
    exporter: &Secret,
    label: &[u8],
    context: &[u8],
    out: &mut [u8],
) -> Result<(), TooLong> {
    let secret = hash.expand_secret(exporter, label, &hash.digest(&[]))?;
    hash.hkdf_expand_label(&secret, b"exporter", &hash.digest(context), out)
}
