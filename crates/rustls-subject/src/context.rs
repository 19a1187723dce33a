//! The state that the connections of one case share: configurations, session store, ticket keys and
//! clock.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::{Begin, Tls12Close, Version};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{
    version, CipherSuiteCommon, ClientConfig, ConfigBuilder, ServerConfig, SupportedCipherSuite,
    SupportedProtocolVersion, Tls12CipherSuite, Tls13CipherSuite, WantsVerifier,
};

use crate::credentials::Credentials;
#[cfg(feature = "toy")]
use crate::toy;
use crate::Crypto;

/// How many sessions a context keeps.
const SESSIONS: usize = 256;

/// A context for connections.
pub(crate) struct Context {
    pub(crate) server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    /// As `client`, with the same sessions, but offering 0-RTT data.
    early_client: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
    pub(crate) fragment_size: Option<usize>,
    pub(crate) tls12_close: Tls12Close,
    clock: Arc<Clock>,
    #[cfg(feature = "toy")]
    toy: Option<Toy>,
}

/// The state that is reset to reuse a context without real cryptography.
#[cfg(feature = "toy")]
struct Toy {
    begin: Begin,
    client: Arc<toy::ClientSessions>,
    server: Arc<toy::ServerSessions>,
}

impl Context {
    /// Creates the context that `begin` describes. The error says what rustls does not support.
    pub(crate) fn new(begin: &Begin, crypto: Crypto) -> Result<Self, String> {
        if begin.record_size_limit.is_some() {
            return Err("record_size_limit".into());
        }
        let clock = Arc::new(Clock(AtomicU64::new(begin.clock)));
        let provider = Arc::new(provider(begin, crypto)?);
        let versions = begin.versions.iter().map(version_of).collect::<Vec<_>>();
        let client = ClientConfig::builder_with_details(Arc::clone(&provider), clock_of(&clock))
            .with_protocol_versions(&versions)
            .map_err(text)?;
        let server = ServerConfig::builder_with_details(Arc::clone(&provider), clock_of(&clock))
            .with_protocol_versions(&versions)
            .map_err(text)?;
        #[cfg(feature = "toy")]
        if toy::is_wanted(begin) {
            return Self::toy(begin, client, server, clock);
        }
        let credentials = Credentials::of(&begin.pki, crypto)?;
        let client = client_with(client, begin, &credentials);
        let mut server = server_with(server, begin, &credentials, &provider)?;
        if wants_ticketer(begin) {
            server.ticketer = crypto.ticketer().map_err(text)?;
        }
        Self::with(begin, client, server, clock)
    }

    /// Resets the context to its initial state, if `begin` is the description it was created from.
    /// This is only possible without real cryptography.
    #[cfg(feature = "toy")]
    pub(crate) fn renew(&self, begin: &Begin) -> bool {
        match &self.toy {
            Some(toy) if toy.begin == *begin => {
                toy.client.clear();
                toy.server.clear();
                toy::reset_random();
                self.clock.0.store(begin.clock, Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }

    #[cfg(feature = "toy")]
    fn toy(
        begin: &Begin,
        client: ConfigBuilder<ClientConfig, WantsVerifier>,
        server: ConfigBuilder<ServerConfig, WantsVerifier>,
        clock: Arc<Clock>,
    ) -> Result<Self, String> {
        toy::reset_random();
        let sessions = Toy {
            begin: begin.clone(),
            client: Arc::default(),
            server: Arc::default(),
        };
        let mut client = client
            .dangerous()
            .with_custom_certificate_verifier(toy::server_verifier())
            .with_client_cert_resolver(toy::client_resolver());
        settle_client(&mut client, begin);
        client.resumption = Resumption::store(sessions.client.clone());
        let verifier = match begin.client_auth {
            true => toy::client_verifier(),
            false => WebPkiClientVerifier::no_client_auth(),
        };
        let mut server = server
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(toy::server_resolver());
        settle_server(&mut server, begin)?;
        if begin.tickets != 0 {
            server.session_storage = sessions.server.clone();
        }
        if wants_ticketer(begin) {
            server.ticketer = Arc::new(toy::Tickets);
        }
        let mut context = Self::with(begin, client, server, clock)?;
        context.toy = Some(sessions);
        Ok(context)
    }

    fn with(
        begin: &Begin,
        client: ClientConfig,
        server: ServerConfig,
        clock: Arc<Clock>,
    ) -> Result<Self, String> {
        let mut early_client = client.clone();
        early_client.enable_early_data = begin.early_data != 0;
        Ok(Self {
            server: Arc::new(server),
            client: Arc::new(client),
            early_client: Arc::new(early_client),
            name: ServerName::try_from(begin.pki.server_name.clone()).map_err(text)?,
            fragment_size: begin.fragment_size,
            tls12_close: begin.profile.tls12_close,
            clock,
            #[cfg(feature = "toy")]
            toy: None,
        })
    }

    /// The configuration for a client that writes `early` as 0-RTT data.
    pub(crate) fn client_for(&self, early: &[u8]) -> Arc<ClientConfig> {
        Arc::clone(match early.is_empty() {
            true => &self.client,
            false => &self.early_client,
        })
    }

    /// Moves the clock forward by `seconds`.
    pub(crate) fn advance_clock(&self, seconds: u64) {
        let now = self.clock.0.load(Ordering::Relaxed);
        self.clock
            .0
            .store(now.saturating_add(seconds), Ordering::Relaxed);
    }
}

/// The configurations of a context, for callers that open connections themselves.
pub struct Configs {
    /// The configuration for clients.
    pub client: Arc<ClientConfig>,
    /// The configuration for servers.
    pub server: Arc<ServerConfig>,
    /// The server's name.
    pub name: ServerName<'static>,
}

impl Configs {
    /// Creates the configurations of the context that `begin` describes, over `crypto`.
    ///
    /// # Errors
    ///
    /// What rustls does not support in this context.
    pub fn new(begin: &Begin, crypto: Crypto) -> Result<Self, String> {
        let context = Context::new(begin, crypto)?;
        Ok(Self {
            client: context.client,
            server: context.server,
            name: context.name,
        })
    }
}

fn client_with(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    begin: &Begin,
    credentials: &Credentials,
) -> ClientConfig {
    let builder = builder.with_root_certificates(Arc::clone(&credentials.roots));
    let mut config = match &credentials.client {
        None => builder.with_no_client_auth(),
        Some(client) => builder.with_client_cert_resolver(Arc::new(client.clone())),
    };
    settle_client(&mut config, begin);
    config.resumption = Resumption::in_memory_sessions(SESSIONS);
    config
}

/// Settings that do not depend on the cryptography.
fn settle_client(config: &mut ClientConfig, begin: &Begin) {
    config.max_fragment_size = begin.fragment_size;
}

fn server_with(
    builder: ConfigBuilder<ServerConfig, WantsVerifier>,
    begin: &Begin,
    credentials: &Credentials,
    provider: &Arc<CryptoProvider>,
) -> Result<ServerConfig, String> {
    let builder = if begin.client_auth {
        builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(
                Arc::clone(&credentials.roots),
                Arc::clone(provider),
            )
            .build()
            .map_err(text)?,
        )
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_cert_resolver(Arc::new(credentials.server.clone()));
    settle_server(&mut config, begin)?;
    if begin.tickets != 0 {
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    }
    Ok(config)
}

/// Settings that do not depend on the cryptography.
fn settle_server(config: &mut ServerConfig, begin: &Begin) -> Result<(), String> {
    config.ignore_client_order = !begin.suites.is_empty();
    config.max_fragment_size = begin.fragment_size;
    config.max_early_data_size = begin.early_data;
    config.send_half_rtt_data = begin.half_rtt;
    config.send_tls13_tickets = begin.tickets.try_into().map_err(text)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(())
}

/// TLS 1.2 has tickets only with a ticketer, and rustls accepts 0-RTT data only without one.
fn wants_ticketer(begin: &Begin) -> bool {
    begin.tickets != 0 && begin.early_data == 0 && begin.versions.contains(&Version::Tls12)
}

fn provider(begin: &Begin, crypto: Crypto) -> Result<CryptoProvider, String> {
    #[cfg(feature = "toy")]
    let mut provider = match toy::is_wanted(begin) {
        true => toy::provider(),
        false => crypto.provider(),
    };
    #[cfg(not(feature = "toy"))]
    let mut provider = crypto.provider();
    if !begin.suites.is_empty() {
        provider.cipher_suites = select(&begin.suites, &provider.cipher_suites, "suite", |s| {
            u16::from(s.suite())
        })?;
    }
    if !begin.groups.is_empty() {
        provider.kx_groups = select(&begin.groups, &provider.kx_groups, "group", |g| {
            u16::from(g.name())
        })?;
    }
    if let Some(limit) = begin.key_limit {
        for suite in &mut provider.cipher_suites {
            *suite = limited(*suite, limit);
        }
    }
    Ok(provider)
}

/// The elements of `known` that `wanted` names, in that order.
fn select<T: Copy>(
    wanted: &[u16],
    known: &[T],
    what: &str,
    number: impl Fn(&T) -> u16,
) -> Result<Vec<T>, String> {
    wanted
        .iter()
        .map(|n| {
            known
                .iter()
                .find(|k| number(k) == *n)
                .copied()
                .ok_or_else(|| format!("{what} {n:#06x}"))
        })
        .collect()
}

/// Limits `suite` to `limit` records per key. rustls needs suites with a static lifetime, so each
/// combination is created once per process.
fn limited(suite: SupportedCipherSuite, limit: u64) -> SupportedCipherSuite {
    static MADE: Mutex<BTreeMap<(u16, u64), SupportedCipherSuite>> = Mutex::new(BTreeMap::new());
    let common = |common: &CipherSuiteCommon| CipherSuiteCommon {
        confidentiality_limit: limit,
        ..*common
    };
    *MADE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry((u16::from(suite.suite()), limit))
        .or_insert_with(|| match suite {
            SupportedCipherSuite::Tls13(s) => {
                SupportedCipherSuite::Tls13(Box::leak(Box::new(Tls13CipherSuite {
                    common: common(&s.common),
                    ..*s
                })))
            }
            SupportedCipherSuite::Tls12(s) => {
                SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
                    common: common(&s.common),
                    ..*s
                })))
            }
        })
}

fn version_of(version: &Version) -> &'static SupportedProtocolVersion {
    match version {
        Version::Tls12 => &version::TLS12,
        Version::Tls13 => &version::TLS13,
    }
}

fn clock_of(clock: &Arc<Clock>) -> Arc<dyn TimeProvider> {
    Arc::clone(clock) as Arc<dyn TimeProvider>
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

/// Seconds since 1970. Only the harness advances them.
#[derive(Debug)]
struct Clock(AtomicU64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            self.0.load(Ordering::Relaxed),
        )))
    }
}
