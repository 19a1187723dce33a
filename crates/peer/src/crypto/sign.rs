//! Signatures: ecdsa_secp256r1_sha256 (RFC 8446 4.2.3), in ASN.1 DER.

use std::fmt;
use std::ops::Deref;

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{self, DerSignature};
use p256::pkcs8::DecodePrivateKey;
use thiserror::Error;
use wire::SignatureScheme;

/// The one scheme that the peer signs with.
pub const SCHEME: SignatureScheme = SignatureScheme::ECDSA_SECP256R1_SHA256;

/// The longest signature in bytes: two 33-byte integers and their headers.
pub const MAX_SIGNATURE_LEN: usize = 72;

/// A private key to sign with.
#[derive(Clone)]
pub struct SigningKey {
    key: ecdsa::SigningKey,
    public: [u8; 65],
}

/// A public key to verify with.
#[derive(Clone, PartialEq, Debug)]
pub struct VerifyingKey(ecdsa::VerifyingKey);

/// A signature in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    bytes: [u8; MAX_SIGNATURE_LEN],
    len: u8,
}

/// What is wrong with a key or a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SignError {
    /// The bytes are not a P-256 key in the expected encoding.
    #[error("not a P-256 key")]
    Key,
    /// The signature is not DER, or not made by this key over this message.
    #[error("the signature does not verify")]
    Signature,
}

impl SigningKey {
    /// Reads a PKCS#8 private key in PEM.
    ///
    /// # Errors
    /// [`SignError::Key`] if it is anything else, or not of P-256.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, SignError> {
        let key = ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| SignError::Key)?;
        let point = key.verifying_key().to_sec1_point(false);
        let public = point.as_bytes().try_into().map_err(|_| SignError::Key)?;
        Ok(Self { key, public })
    }

    /// Signs `message` (hashed inside). Deterministic (RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let der: DerSignature = self.key.sign(message);
        let mut bytes = [0; MAX_SIGNATURE_LEN];
        bytes[..der.len()].copy_from_slice(der.as_bytes());
        Signature {
            bytes,
            len: der.len() as u8,
        }
    }

    /// The public key as an uncompressed SEC1 point.
    #[must_use]
    pub const fn public_point(&self) -> &[u8; 65] {
        &self.public
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(*self.key.verifying_key())
    }
}

impl VerifyingKey {
    /// Reads a SEC1 point.
    ///
    /// # Errors
    /// [`SignError::Key`] if it is not a point of P-256.
    pub fn from_sec1(point: &[u8]) -> Result<Self, SignError> {
        ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map(Self)
            .map_err(|_| SignError::Key)
    }

    /// Verifies a DER signature over `message` (hashed inside).
    ///
    /// # Errors
    /// [`SignError::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
        let signature = ecdsa::Signature::from_der(signature).map_err(|_| SignError::Signature)?;
        self.0
            .verify(message, &signature)
            .map_err(|_| SignError::Signature)
    }
}

impl Deref for Signature {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey")
            .field(&self.verifying_key())
            .finish()
    }
}
