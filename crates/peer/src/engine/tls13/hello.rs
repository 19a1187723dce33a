//! The client's `ClientHello`.

use wire::{
    ClientHello, Cookie, EarlyData, ExtensionsBuf, KeyShareClientHello, KeyShareEntry, List,
    Message as _, Opaque8, PreSharedKeyClientHello, PskIdentity, PskKeyExchangeModes,
    RecordSizeLimit, ServerName, SignatureAlgorithms, SignatureScheme, SupportedGroups,
    SupportedVersionsClientHello, VERSION_TLS12, VERSION_TLS13,
};

use crate::config::Config;
use crate::crypto::hash::Running;
use crate::crypto::kx::KeyPair;
use crate::crypto::schedule13::{Early, PskKind, finished};
use crate::session::Session;

/// The parts of a `ClientHello` that do not follow from the configuration.
pub(super) struct Offer<'a> {
    pub random: &'a [u8; 32],
    pub session_id: &'a [u8],
    pub share: Option<&'a KeyPair>,
    pub cookie: Option<&'a [u8]>,
    pub early_data: bool,
    pub session: Option<&'a Session>,
    /// The transcript before the message, for the binder.
    pub before: Option<&'a Running>,
}

impl Offer<'_> {
    /// Returns the complete message, including the binders.
    pub fn message(&self, config: &Config) -> Vec<u8> {
        let suites: Vec<_> = config.usable_suites().map(|suite| suite.id).collect();
        let extensions = self.extensions(config);
        let hello = ClientHello {
            legacy_version: VERSION_TLS12,
            random: self.random,
            session_id: self.session_id,
            cipher_suites: List::of(&suites),
            compression_methods: &[0],
            extensions: extensions.view(),
        };
        let mut message = hello.to_message();
        if let Some(session) = self.session {
            self.bind(session, &mut message);
        }
        message
    }

    fn extensions(&self, config: &Config) -> ExtensionsBuf {
        let groups: Vec<_> = config.groups.iter().map(|group| group.id()).collect();
        let shares: Vec<_> = self
            .share
            .iter()
            .map(|pair| KeyShareEntry {
                group: pair.group().id(),
                public: pair.public(),
            })
            .collect();
        let mut extensions = ExtensionsBuf::new();
        if !config.server_name.is_empty() {
            extensions.add(&ServerName {
                host_name: config.server_name.as_bytes(),
            });
        }
        extensions.add(&SupportedVersionsClientHello {
            versions: List::of(&[VERSION_TLS13]),
        });
        extensions.add(&SupportedGroups {
            groups: List::of(&groups),
        });
        extensions.add(&SignatureAlgorithms {
            schemes: List::of(&[SignatureScheme::ECDSA_SECP256R1_SHA256]),
        });
        extensions.add(&KeyShareClientHello {
            shares: List::of(&shares),
        });
        extensions.add(&PskKeyExchangeModes {
            modes: &[PskKeyExchangeModes::PSK_DHE_KE],
        });
        if let Some(limit) = config.record_size_limit {
            extensions.add(&RecordSizeLimit { limit });
        }
        if let Some(cookie) = self.cookie {
            extensions.add(&Cookie { cookie });
        }
        if self.early_data {
            extensions.add(&EarlyData);
        }
        if let Some(session) = self.session {
            let age = config
                .clock
                .saturating_sub(session.received)
                .saturating_add(config.ticket_age_skew.into())
                .saturating_mul(1000);
            let identity = PskIdentity {
                identity: &session.ticket,
                obfuscated_ticket_age: (age as u32).wrapping_add(session.age_add),
            };
            extensions.add(&PreSharedKeyClientHello {
                identities: List::of(&[identity]),
                binders: List::of(&[Opaque8(&session.suite.hash.zeros())]),
            });
        }
        extensions
    }

    /// Replaces the zeros at the end with the binder (RFC 8446 4.2.11.2).
    fn bind(&self, session: &Session, message: &mut [u8]) {
        let hash = session.suite.hash;
        let binder_len = hash.output_len();
        let (head, _) = message.split_at(message.len() - binder_len - 3);
        let before = match self.before {
            Some(before) => before.clone(),
            None => hash.start(),
        };
        let key = Early::new(hash, Some(&session.secret)).binder_key(PskKind::Resumption);
        let binder = finished(hash, &key, &before.with(head));
        let end = message.len() - binder_len;
        message[end..].copy_from_slice(&binder);
    }
}
