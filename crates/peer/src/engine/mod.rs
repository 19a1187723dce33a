//! The peer: a shared core, and a handshake for each version and role.
//!
//! [`core::Core`] owns the state that every connection has: the queue of messages to send, the keys
//! of both sides, the judge of sent records, and the reassembly of received messages. A
//! [`Handshake`] owns the rest. The core calls:
//!
//! * [`Handshake::start`] once. A client queues its `ClientHello` with [`core::Core::queue`].
//! * [`Handshake::message`] for each complete handshake message of the subject, including the
//!   header. It queues the answers, installs keys in [`core::Core::ours`] and
//!   [`core::Core::theirs`], and advances [`core::Core::their_epoch`] after the last message under
//!   the subject's old keys. The core then checks that this message ended its record.
//! * [`Handshake::change_cipher_spec`] for a well-formed, unprotected `change_cipher_spec` record.
//! * [`Handshake::ticket`] when a script requests another `NewSessionTicket`.
//!
//! The peer's write epoch changes when a message is *taken* from the queue. [`core::Core::queue`]
//! receives the epoch that follows a message. The judge assumes that the receiver changes its keys
//! after the same message.

pub(crate) mod core;
mod owner;
mod receive;
mod send;
mod shared;
mod tls12;
mod tls13;

use std::sync::Arc;

use wire::{Epoch, Role, Version};

use self::core::Core;
pub use self::core::{LoggedSecret, Negotiated};
pub use self::owner::Keyrings;
use crate::config::Config;
use crate::crypto::hash::TooLong;
use crate::draft::{Claim, Draft, Sealed, Seen};
use crate::failure::Failure;
use crate::message::Message;
use crate::session::Session;

/// One side of a connection. It proposes messages and leaves the sending to its owner.
///
/// Its behaviour is a function of its [`Config`], the received bytes and the calls. A clone behaves
/// exactly like the original, and shares with it all state that only handshake messages change.
#[derive(Clone, Debug)]
pub struct Peer {
    core: Core,
    machine: Arc<Machine>,
}

#[derive(Clone, Debug)]
enum Machine {
    Client13(Box<tls13::Client>),
    Server13(Box<tls13::Server>),
    Client12(Box<tls12::Client>),
    Server12(Box<tls12::Server>),
}

/// The part of a peer that depends on the version and the role; see the [module](self).
pub(crate) trait Handshake {
    /// Starts the connection.
    fn start(&mut self, core: &mut Core);

    /// Processes a complete handshake message of the subject, including the header, during the
    /// handshake or after it.
    ///
    /// # Errors
    /// Returns the reason why the handshake cannot continue. There are no calls after that.
    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure>;

    /// Processes an unprotected `change_cipher_spec` of the subject with the byte 1.
    ///
    /// # Errors
    /// As for [`Self::message`].
    fn change_cipher_spec(&mut self, core: &mut Core) -> Result<(), Failure>;

    /// Returns a `NewSessionTicket` of a server, including the header. It cannot be resumed if the
    /// handshake has not progressed far enough.
    fn ticket(&mut self, core: &mut Core) -> Vec<u8>;

    /// Exports keying material (RFC 8446 7.5, RFC 5705). Returns `None` if the handshake has not
    /// progressed far enough.
    fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>>;
}

impl Machine {
    fn get(&self) -> &dyn Handshake {
        match self {
            Self::Client13(client) => client.as_ref(),
            Self::Server13(server) => server.as_ref(),
            Self::Client12(client) => client.as_ref(),
            Self::Server12(server) => server.as_ref(),
        }
    }

    fn get_mut(&mut self) -> &mut dyn Handshake {
        match self {
            Self::Client13(client) => client.as_mut(),
            Self::Server13(server) => server.as_mut(),
            Self::Client12(client) => client.as_mut(),
            Self::Server12(server) => server.as_mut(),
        }
    }
}

impl Peer {
    /// Creates a peer at the start of a connection. A client queues its `ClientHello`.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let (role, version) = (config.role, config.version);
        let mut core = Core::new(config);
        let machine = match (version, role) {
            (Version::Tls13, Role::Client) => {
                Machine::Client13(Box::new(tls13::Client::new(&mut core)))
            }
            (Version::Tls13, Role::Server) => {
                Machine::Server13(Box::new(tls13::Server::new(&mut core)))
            }
            (Version::Tls12, Role::Client) => {
                Machine::Client12(Box::new(tls12::Client::new(&mut core)))
            }
            (Version::Tls12, Role::Server) => Machine::Server12(Box::new(tls12::Server::new())),
        };
        let machine = Arc::new(machine);
        let mut peer = Self { core, machine };
        Arc::make_mut(&mut peer.machine)
            .get_mut()
            .start(&mut peer.core);
        peer
    }

    /// Clones `other` into `self` and reuses its memory.
    pub fn restore(&mut self, other: &Self) {
        self.core.restore(&other.core);
        self.machine.clone_from(&other.machine);
    }

    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// Processes bytes that the subject sent, in pieces of any size, and calls `seen` for each
    /// complete record. This also works after a [`Failure`].
    pub fn receive(&mut self, bytes: &[u8], seen: &mut dyn FnMut(Seen<'_>)) {
        receive::receive(&mut self.core, &mut self.machine, bytes, seen);
    }

    /// Returns the number of received bytes of an incomplete record.
    #[must_use]
    pub fn partial(&self) -> usize {
        self.core.inbox.len()
    }

    /// Returns the next message to send.
    #[must_use]
    pub fn next_message(&self) -> Option<&Message> {
        self.core.queue.front().map(|queued| &queued.message)
    }

    /// Takes the next message from the queue. The peer then behaves as if it was sent.
    pub fn take_message(&mut self) -> Option<Message> {
        self.core.take_message()
    }

    /// Returns the number of queued messages.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.core.queue.len()
    }

    /// Returns whether the handshake is complete for the peer: the subject's `Finished` is correct
    /// and the peer's own is queued.
    #[must_use]
    pub const fn established(&self) -> bool {
        self.core.established
    }

    /// Returns the reason why the handshake cannot continue, if it cannot. Stays `None` once
    /// established.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.core.failure
    }

    /// Returns the parameters negotiated so far.
    #[must_use]
    pub const fn negotiated(&self) -> &Negotiated {
        &self.core.negotiated
    }

    /// Returns the epoch that protects a record by default. It follows the messages taken.
    #[must_use]
    pub const fn write_epoch(&self) -> Epoch {
        self.core.write_epoch
    }

    /// Returns the epoch that should protect the subject's next record.
    #[must_use]
    pub const fn read_epoch(&self) -> Epoch {
        self.core.their_epoch
    }

    /// Returns the peer's next sequence number in `epoch`.
    pub fn write_sequence(&mut self, epoch: Epoch) -> u64 {
        self.core.ours.sequence(epoch)
    }

    /// Appends exactly one record to `out`, for any draft, and returns what the peer claims about
    /// it.
    ///
    /// A valid `KeyUpdate` advances [`Self::write_epoch`] to the next generation.
    pub fn seal(&mut self, draft: &Draft<'_>, out: &mut Vec<u8>) -> Sealed {
        send::seal(&mut self.core, draft, out)
    }

    /// To be called when a message that was taken is not sent.
    pub fn omit(&mut self) {
        self.core.judge.omit();
    }

    /// To be called when the subject receives another copy of one of the peer's earlier records.
    /// Returns what the peer claims about it.
    pub fn replay(&mut self, epoch: Epoch) -> Claim {
        self.core.judge.replay(epoch)
    }

    /// Returns what the peer claims about one of the subject's own records, sent back to it.
    #[must_use]
    pub fn reflect(&self, protected: bool) -> Claim {
        self.core.judge.reflect(protected)
    }

    /// Advances [`Self::write_epoch`] to the next generation of application keys without sending a
    /// `KeyUpdate`. Has no effect before there are application keys, or in TLS 1.2.
    pub fn update_keys(&mut self) {
        self.core.update_keys();
    }

    /// Removes and returns the sessions for which a client received tickets, oldest first.
    pub fn take_sessions(&mut self) -> Vec<Session> {
        std::mem::take(&mut self.core.sessions)
    }

    /// Returns the sessions for which a client received tickets, oldest first.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.core.sessions
    }

    /// Returns another `NewSessionTicket` of a server, including the handshake header, and does not
    /// queue it. Before the client's `Finished` the ticket is well formed but cannot be resumed.
    pub fn new_ticket(&mut self) -> Vec<u8> {
        Arc::make_mut(&mut self.machine)
            .get_mut()
            .ticket(&mut self.core)
    }

    /// Exports keying material (RFC 8446 7.5, RFC 5705). Returns `None` if the handshake has not
    /// progressed far enough. TLS 1.3 treats an absent context as an empty one.
    ///
    /// # Errors
    /// Returns [`TooLong`] if the label, the context or the output does not fit.
    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        self.machine.get().export(label, context, out)
    }

    /// Returns the secrets so far, as in an NSS key log.
    #[must_use]
    pub fn secrets(&self) -> &[LoggedSecret] {
        &self.core.secrets
    }
}
