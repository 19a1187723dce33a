//! Ephemeral key exchange (RFC 8446 4.2.8, RFC 8422 5.10).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;

use p256::elliptic_curve::sec1::ToSec1Point;
use thiserror::Error;
use wire::NamedGroup;

use super::rng::Rng;

/// A named group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// X25519 (RFC 7748).
    X25519,
    /// NIST P-256 with uncompressed points.
    Secp256r1,
    /// The group of `toycrypto`. If it is negotiated, both sides also sign with `toycrypto`.
    Toy,
}

/// One side's ephemeral key pair.
#[derive(Clone)]
pub struct KeyPair {
    private: Private,
    public: Public,
}

#[derive(Clone)]
enum Private {
    X25519(x25519_dalek::StaticSecret),
    Secp256r1(p256::SecretKey),
    Toy([u8; 32]),
}

/// The public key, in the format of `key_exchange` and `ECPoint`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Public {
    bytes: [u8; 65],
    len: u8,
}

/// The result of the exchange: `(EC)DHE` in the key schedule of TLS 1.3, the pre-master secret in
/// TLS 1.2.
pub type Shared = [u8; 32];

/// The other side's key share is invalid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("invalid key share")]
pub struct BadShare;

impl Group {
    /// All real groups, in the order in which the peer offers them.
    pub const ALL: [Self; 2] = [Self::X25519, Self::Secp256r1];

    /// Returns the code point.
    #[must_use]
    pub const fn id(self) -> NamedGroup {
        match self {
            Self::X25519 => NamedGroup::X25519,
            Self::Secp256r1 => NamedGroup::SECP256R1,
            Self::Toy => NamedGroup(toycrypto::numbers::GROUP),
        }
    }

    /// Returns the group with this code point, if the peer supports it.
    #[must_use]
    pub fn from_id(id: NamedGroup) -> Option<Self> {
        let known = Self::ALL.into_iter().chain([Self::Toy]);
        known.into_iter().find(|group| group.id() == id)
    }
}

/// The number of key pairs that each thread keeps. It is the number that the connections of a case
/// need.
const KEPT: usize = 4;

thread_local! {
    /// The most recent key pairs, with their private keys. All instances of a case use the same
    /// seed, so most of them need a recent pair.
    static MADE: RefCell<VecDeque<([u8; 32], KeyPair)>> = const { RefCell::new(VecDeque::new()) };
}

impl KeyPair {
    /// Creates a key pair that is a function of the generator's state.
    #[must_use]
    pub fn generate(group: Group, rng: &mut Rng) -> Self {
        loop {
            let private = rng.bytes();
            if let Ok(pair) = Self::remembered(group, &private) {
                return pair;
            }
        }
    }

    /// Like [`Self::from_private`], but uses a kept pair if there is one.
    fn remembered(group: Group, private: &[u8; 32]) -> Result<Self, BadShare> {
        MADE.with_borrow_mut(|made| {
            let mut kept = made.iter();
            if let Some((_, pair)) = kept.find(|(of, pair)| pair.group() == group && of == private)
            {
                return Ok(pair.clone());
            }
            let pair = Self::from_private(group, private)?;
            made.truncate(KEPT - 1);
            made.push_front((*private, pair.clone()));
            Ok(pair)
        })
    }

    /// Creates the key pair with this private key (a scalar, big-endian for P-256).
    ///
    /// # Errors
    /// Returns [`BadShare`] if the scalar is not in the range of the group: about one in 2^32 for
    /// P-256.
    pub fn from_private(group: Group, private: &[u8; 32]) -> Result<Self, BadShare> {
        Ok(match group {
            Group::X25519 => {
                let private = x25519_dalek::StaticSecret::from(*private);
                let public = Public::new(x25519_dalek::PublicKey::from(&private).as_bytes());
                Self {
                    private: Private::X25519(private),
                    public,
                }
            }
            Group::Secp256r1 => {
                let private = p256::SecretKey::from_slice(private).map_err(|_| BadShare)?;
                let point = private.public_key().to_sec1_point(false);
                let public = Public::new(point.as_bytes());
                Self {
                    private: Private::Secp256r1(private),
                    public,
                }
            }
            Group::Toy => Self {
                private: Private::Toy(*private),
                public: Public::new(&toycrypto::public(private)),
            },
        })
    }

    /// Returns the group.
    #[must_use]
    pub const fn group(&self) -> Group {
        match self.private {
            Private::X25519(_) => Group::X25519,
            Private::Secp256r1(_) => Group::Secp256r1,
            Private::Toy(_) => Group::Toy,
        }
    }

    /// Returns the public key to send.
    #[must_use]
    pub const fn public(&self) -> &Public {
        &self.public
    }

    /// Computes the secret shared with the owner of the key share `theirs`.
    ///
    /// # Errors
    /// Returns [`BadShare`] if `theirs` has the wrong length, is not a point of the curve, or gives
    /// the all-zero secret (RFC 8446 7.4.2).
    pub fn agree(&self, theirs: &[u8]) -> Result<Shared, BadShare> {
        match &self.private {
            Private::X25519(private) => {
                let theirs: [u8; 32] = theirs.try_into().map_err(|_| BadShare)?;
                let shared = private.diffie_hellman(&theirs.into());
                if shared.was_contributory() {
                    Ok(shared.to_bytes())
                } else {
                    Err(BadShare)
                }
            }
            Private::Secp256r1(private) => {
                let theirs = p256::PublicKey::from_sec1_bytes(theirs).map_err(|_| BadShare)?;
                Ok((*private.diffie_hellman(&theirs).raw_secret_bytes()).into())
            }
            Private::Toy(private) => toycrypto::agree(private, theirs).map_err(|_| BadShare),
        }
    }
}

impl Public {
    fn new(share: &[u8]) -> Self {
        let mut bytes = [0; 65];
        bytes[..share.len()].copy_from_slice(share);
        Self {
            bytes,
            len: share.len() as u8,
        }
    }
}

impl Deref for Public {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("group", &self.group())
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
