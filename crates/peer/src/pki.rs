//! The committed test PKI: one CA, one server and one client, all with ECDSA P-256.
//!
//! The peer knows the public key of each end entity, so it can check signatures without parsing
//! X.509.

use std::sync::LazyLock;

use p256::pkcs8::Document;

use crate::crypto::sign::SigningKey;

/// The CA certificate. Both sides trust it.
pub const CA_PEM: &str = include_str!("../pki/ca.pem");
/// The server's certificate, for the names `lastword.test` and `localhost`.
pub const SERVER_PEM: &str = include_str!("../pki/server.pem");
/// The server's private key in PKCS#8.
pub const SERVER_KEY_PEM: &str = include_str!("../pki/server.key.pem");
/// The client's certificate.
pub const CLIENT_PEM: &str = include_str!("../pki/client.pem");
/// The client's private key in PKCS#8.
pub const CLIENT_KEY_PEM: &str = include_str!("../pki/client.key.pem");

/// The server name that a client requests.
pub const SERVER_NAME: &str = "lastword.test";

/// The certificate chain and the signing key of an end entity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificates in DER, end entity first, without the CA.
    pub chain: Vec<Vec<u8>>,
    /// The key of the end entity.
    pub key: SigningKey,
}

/// The server's identity.
#[must_use]
pub fn server() -> &'static Identity {
    static SERVER: LazyLock<Identity> = LazyLock::new(|| load(SERVER_PEM, SERVER_KEY_PEM));
    &SERVER
}

/// The client's identity.
#[must_use]
pub fn client() -> &'static Identity {
    static CLIENT: LazyLock<Identity> = LazyLock::new(|| load(CLIENT_PEM, CLIENT_KEY_PEM));
    &CLIENT
}

/// The server's identity under `toycrypto`.
#[must_use]
pub fn toy_server() -> &'static Identity {
    static SERVER: LazyLock<Identity> = LazyLock::new(|| toy(toycrypto::names::SERVER));
    &SERVER
}

/// The client's identity under `toycrypto`.
#[must_use]
pub fn toy_client() -> &'static Identity {
    static CLIENT: LazyLock<Identity> = LazyLock::new(|| toy(toycrypto::names::CLIENT));
    &CLIENT
}

fn toy(name: &'static [u8]) -> Identity {
    Identity {
        chain: vec![name.to_vec()],
        key: SigningKey::toy(name),
    }
}

/// The CA certificate in DER.
#[must_use]
pub fn ca_der() -> &'static [u8] {
    static CA: LazyLock<Vec<u8>> = LazyLock::new(|| der(CA_PEM));
    &CA
}

fn load(certificate: &str, key: &str) -> Identity {
    Identity {
        chain: vec![der(certificate)],
        key: SigningKey::from_pkcs8_pem(key).expect("the committed key is PKCS#8 of P-256"),
    }
}

fn der(pem: &str) -> Vec<u8> {
    let (_, der) = Document::from_pem(pem).expect("the committed certificate is PEM");
    der.as_bytes().to_vec()
}
