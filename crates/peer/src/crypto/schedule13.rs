//! The key schedule of TLS 1.3 (RFC 8446 7.1).
//!
//! The three stages are types, and a stage is the only way to the next: [`Early`],
//! [`Handshake`], [`Master`]. A `transcript` is always a hash, taken by the caller where the
//! RFC says.

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

/// Where a pre-shared key comes from, which its binder depends on (RFC 8446 4.2.11.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PskKind {
    /// Configured on both sides.
    External,
    /// From a ticket.
    Resumption,
}

impl Early {
    /// Starts the schedule; without a PSK, zeros stand in for it.
    #[must_use]
    pub fn new(hash: Hash, psk: Option<&[u8]>) -> Self {
        let zeros = hash.zeros();
        Self {
            hash,
            secret: hash.hkdf_extract(&zeros, psk.unwrap_or(&zeros)),
        }
    }

    /// `binder_key`, from which [`finished`] computes the binder.
    #[must_use]
    pub fn binder_key(&self, kind: PskKind) -> Secret {
        let label = match kind {
            PskKind::External => "ext binder",
            PskKind::Resumption => "res binder",
        };
        self.hash
            .derive_secret(&self.secret, label, &self.hash.digest(&[]))
    }

    /// `client_early_traffic_secret`; transcript to `ClientHello`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c e traffic", transcript)
    }

    /// `early_exporter_master_secret`; transcript to `ClientHello`.
    #[must_use]
    pub fn exporter(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "e exp master", transcript)
    }

    /// Mixes in the (EC)DHE secret.
    #[must_use]
    pub fn handshake(&self, shared: &[u8]) -> Handshake {
        Handshake {
            hash: self.hash,
            secret: next(self.hash, &self.secret, shared),
        }
    }

    /// The Early Secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl Handshake {
    /// `client_handshake_traffic_secret`; transcript to `ServerHello`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c hs traffic", transcript)
    }

    /// `server_handshake_traffic_secret`; transcript to `ServerHello`.
    #[must_use]
    pub fn server_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "s hs traffic", transcript)
    }

    /// Goes on to the last stage.
    #[must_use]
    pub fn master(&self) -> Master {
        Master {
            hash: self.hash,
            secret: next(self.hash, &self.secret, &self.hash.zeros()),
        }
    }

    /// The Handshake Secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl Master {
    /// `client_application_traffic_secret_0`; transcript to the server's `Finished`.
    #[must_use]
    pub fn client_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "c ap traffic", transcript)
    }

    /// `server_application_traffic_secret_0`; transcript to the server's `Finished`.
    #[must_use]
    pub fn server_traffic(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "s ap traffic", transcript)
    }

    /// `exporter_master_secret`; transcript to the server's `Finished`.
    #[must_use]
    pub fn exporter(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "exp master", transcript)
    }

    /// `resumption_master_secret`; transcript to the client's `Finished`.
    #[must_use]
    pub fn resumption(&self, transcript: &Output) -> Secret {
        self.hash
            .derive_secret(&self.secret, "res master", transcript)
    }

    /// The Master Secret.
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

/// `verify_data` of a `Finished` (RFC 8446 4.4.4), from the sender's traffic secret; also the
/// binder of a PSK, from its binder key.
#[must_use]
pub fn finished(hash: Hash, base_key: &Secret, transcript: &Output) -> Output {
    let key = hash
        .expand_secret(base_key, b"finished", &[])
        .expect("a short label without context fits its length fields");
    hash.hmac(&key, &[transcript])
}

/// The traffic secret of the generation after that of `secret` (RFC 8446 7.2).
#[must_use]
pub fn next_generation(hash: Hash, secret: &Secret) -> Secret {
    hash.expand_secret(secret, b"traffic upd", &[])
        .expect("a short label without context fits its length fields")
}

/// The PSK that belongs to a ticket with this nonce (RFC 8446 4.6.1).
///
/// # Errors
/// [`TooLong`] where the nonce has more than 255 bytes.
pub fn ticket_psk(hash: Hash, resumption: &Secret, nonce: &[u8]) -> Result<Secret, TooLong> {
    hash.expand_secret(resumption, b"resumption", nonce)
}

/// Exported keying material (RFC 8446 7.5), from an exporter master secret.
///
/// # Errors
/// [`TooLong`] where the label has more than 249 bytes or `out` more than 255 hashes.
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
