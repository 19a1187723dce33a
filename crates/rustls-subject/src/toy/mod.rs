//! rustls over `toycrypto`: equal inputs give equal runs, byte for byte.
//!
//! A context selects it by the number of its group. Randomness is a counter that restarts with each
//! context. The clock belongs to the context, and sessions live no longer than the context.
//! Together with a real suite, records and transcripts keep their real protection.

mod exchange;
mod hash;
mod identity;
mod records;
mod sessions;

use std::cell::Cell;

use protocol::Begin;
use rustls::crypto::{
    ring, tls12::PrfUsingHmac, tls13::HkdfUsingHmac, CryptoProvider, GetRandomFailed,
    KeyExchangeAlgorithm, SecureRandom, WebPkiSupportedAlgorithms,
};
use rustls::{
    CipherSuite, CipherSuiteCommon, SignatureScheme, SupportedCipherSuite, Tls12CipherSuite,
    Tls13CipherSuite,
};

pub(crate) use identity::{client_resolver, client_verifier, server_resolver, server_verifier};
pub(crate) use sessions::{ClientSessions, ServerSessions, Tickets};

/// The name of the signature scheme, whoever signs.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// How many records one key may protect. Any number will do.
const CONFIDENTIALITY_LIMIT: u64 = 1 << 24;

/// Whether a context uses `toycrypto`.
pub(crate) fn is_wanted(begin: &Begin) -> bool {
    begin.groups.contains(&toycrypto::numbers::GROUP)
}

/// The available suites and groups.
pub(crate) fn provider() -> CryptoProvider {
    let mut cipher_suites = vec![
        SupportedCipherSuite::Tls13(&SUITE_13),
        SupportedCipherSuite::Tls12(&SUITE_12),
    ];
    cipher_suites.extend_from_slice(ring::ALL_CIPHER_SUITES);
    CryptoProvider {
        cipher_suites,
        kx_groups: vec![&exchange::Group],
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[],
            mapping: &[],
        },
        secure_random: &Counter,
        key_provider: &identity::Keys,
    }
}

/// Restarts the random numbers of this thread.
pub(crate) fn reset_random() {
    COUNTER.with(|counter| counter.set(0));
}

static SUITE_13: Tls13CipherSuite = Tls13CipherSuite {
    common: CipherSuiteCommon {
        suite: CipherSuite::Unknown(toycrypto::numbers::SUITE_13),
        hash_provider: &hash::Hash,
        confidentiality_limit: CONFIDENTIALITY_LIMIT,
    },
    hkdf_provider: &HkdfUsingHmac(&hash::Mac),
    aead_alg: &records::Aead,
    quic: None,
};

static SUITE_12: Tls12CipherSuite = Tls12CipherSuite {
    common: CipherSuiteCommon {
        suite: CipherSuite::Unknown(toycrypto::numbers::SUITE_12),
        hash_provider: &hash::Hash,
        confidentiality_limit: CONFIDENTIALITY_LIMIT,
    },
    prf_provider: &PrfUsingHmac(&hash::Mac),
    kx: KeyExchangeAlgorithm::ECDHE,
    sign: &[SCHEME],
    aead_alg: &records::Aead,
};

thread_local! {
    static COUNTER: Cell<u64> = const { Cell::new(0) };
}

/// A counter as a source of randomness: what must differ differs, and nothing else does.
#[derive(Debug)]
struct Counter;

impl SecureRandom for Counter {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        let count = COUNTER.with(|counter| {
            counter.set(counter.get() + 1);
            counter.get()
        });
        let mut block = toycrypto::digest(&count.to_le_bytes());
        for chunk in buffer.chunks_mut(block.len()) {
            chunk.copy_from_slice(&block[..chunk.len()]);
            block = toycrypto::digest(&block);
        }
        Ok(())
    }
}
