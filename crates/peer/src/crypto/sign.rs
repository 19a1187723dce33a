//! Signatures: `ecdsa_secp256r1_sha256` (RFC 8446 4.2.3) in ASN.1 DER, or those of `toycrypto`,
//! which use the same code point.

use std::fmt;
use std::ops::Deref;

use p256::ecdsa;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::elliptic_curve::ops::Reduce;
use p256::pkcs8::DecodePrivateKey;
use p256::{NonZeroScalar, Scalar};
use sha2::{Digest, Sha256};
use thiserror::Error;
use wire::SignatureScheme;

/// The only signature scheme of the peer.
pub const SCHEME: SignatureScheme = SignatureScheme::ECDSA_SECP256R1_SHA256;

/// The maximum length of a signature in bytes: two 33-byte integers and their headers.
pub const MAX_SIGNATURE_LEN: usize = 72;

/// A private signing key.
#[derive(Clone)]
pub struct SigningKey(Signing);

#[derive(Clone)]
enum Signing {
    P256 {
        key: ecdsa::SigningKey,
        nonce: Box<Nonce>,
        public: [u8; 65],
    },
    Toy(&'static [u8]),
}

/// The nonce of all signatures of a key. A secret key needs a fresh one for each signature, but the
/// keys of the test PKI are public, and computing the nonce is nearly all the work of a signature.
#[derive(Clone)]
struct Nonce {
    /// The first half of each signature: the nonce as a point, of which only x is used.
    r: NonZeroScalar,
    /// The inverse of the nonce.
    inverse: Scalar,
}

/// A public verification key.
#[derive(Clone, PartialEq, Debug)]
pub struct VerifyingKey(Verifying);

#[derive(Clone, PartialEq, Debug)]
enum Verifying {
    P256(ecdsa::VerifyingKey),
    Toy(&'static [u8]),
}

/// A signature in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    bytes: [u8; MAX_SIGNATURE_LEN],
    len: u8,
}

/// A fault of a key or a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SignError {
    /// The bytes are not a P-256 key in the expected encoding.
    #[error("not a P-256 key")]
    Key,
    /// The signature is not DER, or not that of this key over this message.
    #[error("the signature does not verify")]
    Signature,
}

impl SigningKey {
    /// Reads a PKCS#8 private key in PEM.
    ///
    /// # Errors
    /// Returns [`SignError::Key`] if it is anything else, or not a P-256 key.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, SignError> {
        let key = ecdsa::SigningKey::from_pkcs8_pem(pem).map_err(|_| SignError::Key)?;
        let point = key.verifying_key().to_sec1_point(false);
        let public = point.as_bytes().try_into().map_err(|_| SignError::Key)?;
        let nonce = Box::new(Nonce::new(&key).ok_or(SignError::Key)?);
        Ok(Self(Signing::P256 { key, nonce, public }))
    }

    /// Returns the `toycrypto` key of the holder with this name.
    #[must_use]
    pub const fn toy(name: &'static [u8]) -> Self {
        Self(Signing::Toy(name))
    }

    /// Signs the hash of `message`. Deterministic, and only for keys that need not stay secret.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        match &self.0 {
            Signing::P256 { key, nonce, .. } => {
                let signature = nonce
                    .sign(key, message)
                    // One hash in 2^256 needs another nonce, as RFC 6979 chooses it.
                    .unwrap_or_else(|| key.sign(message));
                Signature::new(signature.to_der().as_bytes())
            }
            Signing::Toy(name) => Signature::new(&toycrypto::sign(name, message)),
        }
    }

    /// Returns the public key as an uncompressed SEC1 point, or `None` for a `toycrypto` key.
    #[must_use]
    pub const fn public_point(&self) -> Option<&[u8; 65]> {
        match &self.0 {
            Signing::P256 { public, .. } => Some(public),
            Signing::Toy(_) => None,
        }
    }

    /// Returns the public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(match &self.0 {
            Signing::P256 { key, .. } => Verifying::P256(*key.verifying_key()),
            Signing::Toy(name) => Verifying::Toy(name),
        })
    }
}

impl Nonce {
    /// The nonce that RFC 6979 gives for an empty message, computed from its signature:
    /// `s = inverse * (hash + r * private)`.
    fn new(key: &ecdsa::SigningKey) -> Option<Self> {
        let signature: ecdsa::Signature = key.sign(&[]);
        let (r, s) = signature.split_scalars();
        let factor = hash(&[]) + *r * **key.as_nonzero_scalar();
        let inverse = *s * Option::<Scalar>::from(factor.invert())?;
        Some(Self { r, inverse })
    }

    /// None if a half of the signature would be 0.
    fn sign(&self, key: &ecdsa::SigningKey, message: &[u8]) -> Option<ecdsa::Signature> {
        let s = self.inverse * (hash(message) + *self.r * **key.as_nonzero_scalar());
        ecdsa::Signature::from_scalars(*self.r, s).ok()
    }
}

fn hash(message: &[u8]) -> Scalar {
    <Scalar as Reduce<p256::FieldBytes>>::reduce(&Sha256::digest(message))
}

impl Signature {
    fn new(signature: &[u8]) -> Self {
        let mut bytes = [0; MAX_SIGNATURE_LEN];
        bytes[..signature.len()].copy_from_slice(signature);
        Self {
            bytes,
            len: signature.len() as u8,
        }
    }
}

impl VerifyingKey {
    /// Reads a SEC1 point.
    ///
    /// # Errors
    /// Returns [`SignError::Key`] if it is not a point of P-256.
    pub fn from_sec1(point: &[u8]) -> Result<Self, SignError> {
        ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map(|key| Self(Verifying::P256(key)))
            .map_err(|_| SignError::Key)
    }

    /// Verifies a DER signature over the hash of `message`.
    ///
    /// # Errors
    /// Returns [`SignError::Signature`] if the signature is wrong.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
        let fits = match &self.0 {
            Verifying::P256(key) => ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Verifying::Toy(name) => toycrypto::verify(name, message, signature),
        };
        fits.then_some(()).ok_or(SignError::Signature)
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
