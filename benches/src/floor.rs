//! The floor: the same cryptography, called directly. It is the lower bound for the cost of an API.

use crate::suite::{Aead, Suite};

/// A cryptography library, called directly.
pub trait Floor: Sync {
    /// Creates a key for this AEAD, for both sealing and opening.
    fn key(&self, aead: Aead) -> Box<dyn Key>;

    /// Creates what a handshake needs of public key cryptography.
    fn exchange(&self) -> Box<dyn Exchange>;
}

/// A key of an AEAD.
pub trait Key {
    /// Seals `buffer` in place except for its last [`TAG`] bytes, which receive the tag.
    fn seal(&self, header: &[u8], buffer: &mut [u8]);

    /// Opens in place what [`Self::seal`] has sealed.
    fn open(&self, header: &[u8], buffer: &mut [u8]);
}

/// The keys of both ends of a handshake.
pub trait Exchange {
    /// Agrees on a secret. Unless a session is resumed, it also signs once and verifies twice, for
    /// the handshake and the certificate.
    fn run(&self, resumed: bool);
}

/// The length of a tag in bytes.
pub const TAG: usize = 16;

/// One buffer for each record that is sealed when `size` bytes are written.
pub fn buffers(suite: &Suite, size: usize) -> Vec<Vec<u8>> {
    suite.sealed(size).map(|n| vec![0; n + TAG]).collect()
}

/// A header with the length of the associated data of a record.
pub fn header(suite: &Suite) -> &'static [u8] {
    match suite.version {
        protocol::Version::Tls12 => &[0; 13],
        protocol::Version::Tls13 => &[0; 5],
    }
}

// Both libraries have the same interface under different names.
macro_rules! floor {
    ($library:ident) => {
        use $library::agreement::{
            EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral,
        };
        use $library::rand::SystemRandom;
        use $library::signature::{
            ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
        };
        use $library::{aead, signature};

        use super::{Exchange, Floor, Key, TAG};
        use crate::suite::Aead;

        /// The library itself.
        pub struct Direct;

        impl Floor for Direct {
            fn key(&self, kind: Aead) -> Box<dyn Key> {
                let algorithm = match kind {
                    Aead::Aes128Gcm => &aead::AES_128_GCM,
                    Aead::Aes256Gcm => &aead::AES_256_GCM,
                    Aead::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
                };
                let bytes = [7; 32];
                let key = aead::UnboundKey::new(algorithm, &bytes[..algorithm.key_len()]);
                Box::new(aead::LessSafeKey::new(
                    key.expect("as long as it should be"),
                ))
            }

            fn exchange(&self) -> Box<dyn Exchange> {
                let random = SystemRandom::new();
                let signing = &ECDSA_P256_SHA256_ASN1_SIGNING;
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &random).expect("randomness");
                Box::new(Keys(pair(pkcs8.as_ref(), &random), random))
            }
        }

        impl Key for aead::LessSafeKey {
            fn seal(&self, header: &[u8], buffer: &mut [u8]) {
                let (content, end) = buffer.split_at_mut(buffer.len() - TAG);
                let tag = self
                    .seal_in_place_separate_tag(nonce(), aead::Aad::from(header), content)
                    .expect("content is no longer than a record");
                end.copy_from_slice(tag.as_ref());
            }

            fn open(&self, header: &[u8], buffer: &mut [u8]) {
                self.open_in_place(nonce(), aead::Aad::from(header), buffer)
                    .expect("sealed under the same key and nonce");
            }
        }

        /// Always the same nonce. It costs no less than others, and nothing here is secret.
        fn nonce() -> aead::Nonce {
            aead::Nonce::assume_unique_for_key([7; aead::NONCE_LEN])
        }

        struct Keys(EcdsaKeyPair, SystemRandom);

        impl Exchange for Keys {
            fn run(&self, resumed: bool) {
                let Self(signer, random) = self;
                let [one, other] = [(); 2].map(|()| {
                    let private = EphemeralPrivateKey::generate(&X25519, random);
                    let private = private.expect("randomness");
                    let public = private
                        .compute_public_key()
                        .expect("a key has a public half");
                    (private, public)
                });
                for (private, public) in [(one.0, other.1), (other.0, one.1)] {
                    agree(private, UnparsedPublicKey::new(&X25519, public));
                }
                if resumed {
                    return;
                }
                let message = [7; 146];
                let signed = signer.sign(random, &message).expect("randomness");
                let public = signer.public_key().as_ref();
                let verifier = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
                for _ in 0..2 {
                    verifier
                        .verify(&message, signed.as_ref())
                        .expect("signed by the same key");
                }
            }
        }
    };
}

/// ring.
pub mod ring {
    floor!(ring);

    fn pair(pkcs8: &[u8], random: &SystemRandom) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, random)
            .expect("just generated")
    }

    fn agree<B: AsRef<[u8]>>(private: EphemeralPrivateKey, public: UnparsedPublicKey<B>) {
        agree_ephemeral(private, &public, |secret| {
            std::hint::black_box(secret);
        })
        .expect("a proper share");
    }
}

/// aws-lc-rs.
#[cfg(feature = "aws-lc-rs")]
pub mod aws_lc_rs {
    floor!(aws_lc_rs);

    fn pair(pkcs8: &[u8], _: &SystemRandom) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).expect("just generated")
    }

    fn agree<B: AsRef<[u8]>>(private: EphemeralPrivateKey, public: UnparsedPublicKey<B>) {
        agree_ephemeral(private, &public, (), |secret| {
            std::hint::black_box(secret);
            Ok(())
        })
        .expect("a proper share");
    }
}
