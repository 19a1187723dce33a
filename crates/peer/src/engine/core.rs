//! The state of a connection that does not depend on the version and the role.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use wire::{ContentType, Epoch, HandshakeHeader, HandshakeType, Role, Version};

use crate::config::Config;
use crate::crypto::hash::Secret;
use crate::crypto::kx::Group;
use crate::crypto::rng::Rng;
use crate::crypto::suite::Suite;
use crate::failure::Failure;
use crate::meaning::Judge;
use crate::message::{Message, MessageName};
use crate::protect::Keyring;
use crate::session::Session;

/// The negotiated parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Negotiated {
    /// The cipher suite.
    pub suite: Option<Suite>,
    /// The key exchange group.
    pub group: Option<Group>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// Whether 0-RTT was accepted. `None` while this is undecided, or if it was not offered.
    pub early_data: Option<bool>,
    /// Whether there was a `HelloRetryRequest`.
    pub retried: bool,
    /// Whether the client proved possession of its certificate's private key.
    pub client_authenticated: bool,
    /// The subject's `record_size_limit`. The peer's records should obey it.
    pub record_size_limit: Option<u16>,
    /// Whether TLS 1.2 `extended_master_secret` is in use.
    pub extended_master_secret: bool,
}

/// A secret for a key log in the NSS format (`SSLKEYLOGFILE`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoggedSecret {
    /// `CLIENT_TRAFFIC_SECRET_0` and so on.
    pub label: &'static str,
    /// `ClientHello.random`.
    pub client_random: [u8; 32],
    /// The secret.
    pub secret: Secret,
}

/// Writes the line of the key log without the line ending.
impl fmt::Display for LoggedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.label)?;
        self.client_random
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, " ")?;
        self.secret
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// See the [module](super).
#[derive(Clone, Debug)]
pub(crate) struct Core {
    pub config: Arc<Config>,
    pub rng: Rng,
    pub queue: VecDeque<Queued>,
    /// The peer's write keys.
    pub ours: Keyring,
    /// The subject's write keys.
    pub theirs: Keyring,
    pub write_epoch: Epoch,
    /// The subject's write epoch, according to its messages.
    pub their_epoch: Epoch,
    pub judge: Judge,
    /// Whether to skip undecryptable records as rejected early data.
    pub skip_undecryptable: bool,
    /// The number of bytes of early data that may still arrive.
    pub early_data_left: u32,
    pub established: bool,
    pub failure: Option<Failure>,
    pub negotiated: Negotiated,
    pub sessions: Vec<Session>,
    pub secrets: Vec<LoggedSecret>,
    /// The bytes of an incomplete record.
    pub inbox: Vec<u8>,
    /// The bytes of an incomplete handshake message.
    pub assembly: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Queued {
    pub message: Message,
    /// The peer's write epoch after this message.
    pub then: Option<Epoch>,
}

impl Core {
    pub fn new(config: Config) -> Self {
        let judge = Judge::new(config.role, config.version);
        Self {
            rng: Rng::new(config.seed),
            config: Arc::new(config),
            queue: VecDeque::new(),
            ours: Keyring::new(),
            theirs: Keyring::new(),
            write_epoch: Epoch::Plain,
            their_epoch: Epoch::Plain,
            judge,
            skip_undecryptable: false,
            early_data_left: 0,
            established: false,
            failure: None,
            negotiated: Negotiated::default(),
            sessions: Vec::new(),
            secrets: Vec::new(),
            inbox: Vec::new(),
            assembly: Vec::new(),
        }
    }

    /// Queues a message of the handshake. The peer's write epoch changes to `then` when the message
    /// is taken, and the epoch that the judge expects changes when it is sealed.
    pub fn queue(
        &mut self,
        name: MessageName,
        epoch: Epoch,
        payload: Vec<u8>,
        then: Option<Epoch>,
    ) {
        self.judge.expect(&payload, then);
        let content_type = ContentType::HANDSHAKE;
        self.queue.push_back(Queued {
            message: Message {
                name,
                content_type,
                epoch,
                payload,
            },
            then,
        });
    }

    /// Clones `other` into `self` and reuses its memory.
    pub fn restore(&mut self, other: &Self) {
        let Self {
            config,
            rng,
            queue,
            ours,
            theirs,
            write_epoch,
            their_epoch,
            judge,
            skip_undecryptable,
            early_data_left,
            established,
            failure,
            negotiated,
            sessions,
            secrets,
            inbox,
            assembly,
        } = other;
        self.config.clone_from(config);
        self.rng.clone_from(rng);
        self.queue.clone_from(queue);
        self.ours.restore(ours);
        self.theirs.restore(theirs);
        self.write_epoch = *write_epoch;
        self.their_epoch = *their_epoch;
        self.judge.restore(judge);
        self.skip_undecryptable = *skip_undecryptable;
        self.early_data_left = *early_data_left;
        self.established = *established;
        self.failure = *failure;
        self.negotiated = *negotiated;
        self.sessions.clone_from(sessions);
        self.secrets.clone_from(secrets);
        self.inbox.clone_from(inbox);
        self.assembly.clone_from(assembly);
    }

    /// Queues a post-handshake message.
    pub fn queue_post(&mut self, name: MessageName, epoch: Epoch, payload: Vec<u8>) {
        let content_type = ContentType::HANDSHAKE;
        let message = Message {
            name,
            content_type,
            epoch,
            payload,
        };
        self.queue.push_back(Queued {
            message,
            then: None,
        });
    }

    /// Queues a `change_cipher_spec`. In TLS 1.2 the write epoch changes to `then`. In TLS 1.3 the
    /// message has no effect.
    pub fn queue_change_cipher_spec(&mut self, then: Option<Epoch>) {
        if self.config.version == Version::Tls12 {
            self.judge.expect_change_cipher_spec(then);
        }
        self.queue.push_back(Queued {
            message: Message {
                name: MessageName::ChangeCipherSpec,
                content_type: ContentType::CHANGE_CIPHER_SPEC,
                epoch: Epoch::Plain,
                payload: vec![1],
            },
            then,
        });
    }

    pub fn take_message(&mut self) -> Option<Message> {
        let queued = self.queue.pop_front()?;
        if let Some(then) = queued.then {
            self.write_epoch = then;
        }
        Some(queued.message)
    }

    pub fn update_keys(&mut self) {
        if let (Version::Tls13, Epoch::Application(generation)) =
            (self.config.version, self.write_epoch)
        {
            self.write_epoch = Epoch::Application(generation.saturating_add(1));
        }
    }

    pub fn log(&mut self, label: &'static str, client_random: &[u8; 32], secret: Secret) {
        self.secrets.push(LoggedSecret {
            label,
            client_random: *client_random,
            secret,
        });
    }

    /// Returns the write keys of `role`.
    pub fn keys_of(&mut self, role: Role) -> &mut Keyring {
        if role == self.config.role {
            &mut self.ours
        } else {
            &mut self.theirs
        }
    }
}

/// Splits a complete message into its kind and its body.
pub(crate) fn split(message: &[u8]) -> (HandshakeType, &[u8]) {
    let kind = message.first().copied().unwrap_or_default();
    (
        HandshakeType(kind),
        message.get(HandshakeHeader::LEN..).unwrap_or_default(),
    )
}

/// Parses the body of a message.
pub(crate) fn parse<'a, M: wire::Message<'a>>(body: &'a [u8]) -> Result<M, Failure> {
    M::parse(body).map_err(|error| Failure::Malformed {
        kind: M::KIND,
        error,
    })
}
