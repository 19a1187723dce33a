//! Certificates and keys, which are parsed again only when they change.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::Pki;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;

use crate::Crypto;

/// The trust anchors and certificates of a context.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) server: Single,
    /// `None` if the client has no certificate.
    pub(crate) client: Option<Single>,
}

/// The credentials that were parsed last, and their source. Parsing keys takes longer than many
/// cases.
static LAST: Mutex<Option<(Pki, Crypto, Credentials)>> = Mutex::new(None);

impl Credentials {
    /// The credentials of `pki`, for signatures by `crypto`.
    pub(crate) fn of(pki: &Pki, crypto: Crypto) -> Result<Self, String> {
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, by, credentials)) = last.as_ref() {
            if of == pki && *by == crypto {
                return Ok(credentials.clone());
            }
        }
        let credentials = Self::read(pki, &crypto.provider())?;
        *last = Some((pki.clone(), crypto, credentials.clone()));
        Ok(credentials)
    }

    fn read(pki: &Pki, provider: &CryptoProvider) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in chain(&pki.roots)? {
            roots.add(certificate).map_err(text)?;
        }
        Ok(Self {
            roots: Arc::new(roots),
            server: Single::read(&pki.server_chain, &pki.server_key, provider)?,
            client: match pki.client_chain.is_empty() {
                true => None,
                false => Some(Single::read(&pki.client_chain, &pki.client_key, provider)?),
            },
        })
    }
}

/// A resolver with a single certificate.
#[derive(Clone, Debug)]
pub(crate) struct Single(Arc<CertifiedKey>);

impl Single {
    pub(crate) fn new(chain: Vec<CertificateDer<'static>>, key: Arc<dyn SigningKey>) -> Self {
        Self(Arc::new(CertifiedKey::new(chain, key)))
    }

    fn read(certificates: &str, key: &str, provider: &CryptoProvider) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(text)?;
        let key = provider.key_provider.load_private_key(key).map_err(text)?;
        Ok(Self::new(chain(certificates)?, key))
    }
}

impl ResolvesServerCert for Single {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl ResolvesClientCert for Single {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(text)
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}
