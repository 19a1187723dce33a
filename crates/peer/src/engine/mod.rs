//! The peer: a shared core, and one handshake per version and role.
//!
//! [`core::Core`] owns what every connection has: the queue of messages to send, the keys of both
//! sides, the judge of what is sent, and the reassembly of what is received. A
//! [`Handshake`] owns the rest and is called by the core:
//!
//! * [`Handshake::start`] once: a client queues its `ClientHello` with [`core::Core::queue`].
//! * [`Handshake::message`] for each whole handshake message of the subject, header included. It
//!   queues the answers, installs keys in [`core::Core::ours`] and [`core::Core::theirs`], and moves
//!   [`core::Core::their_epoch`] when the message is the last under the subject's old keys (the core
//!   then checks that it ended its record).
//! * [`Handshake::change_cipher_spec`] for a `change_cipher_spec` record that was well formed and not
//!   protected.
//! * [`Handshake::ticket`] when a script wants one more `NewSessionTicket`.
//!
//! The peer's own epoch follows the messages *taken*: [`core::Core::queue`] is told to which epoch a
//! message leads, and that is also when the judge takes the receiver to change its keys.

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
use crate::draft::{Draft, Sealed, Seen};
use crate::failure::Failure;
use crate::message::Message;
use crate::session::Session;

/// One end of a connection, which says what it would send and leaves the sending to its owner.
///
/// Everything that it does follows from its [`Config`], what it receives, and the calls made. A clone
/// goes on exactly like the original, and shares with it what no handshake message changes.
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

/// What differs by version and role; see the [module](self).
pub(crate) trait Handshake {
    /// The connection begins.
    fn start(&mut self, core: &mut Core);

    /// A whole handshake message of the subject, header included, during the handshake or after it.
    ///
    /// # Errors
    /// Why the handshake cannot go on; not called again after that.
    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure>;

    /// A `change_cipher_spec` of the subject, unprotected, with the byte 1.
    ///
    /// # Errors
    /// As for [`Self::message`].
    fn change_cipher_spec(&mut self, core: &mut Core) -> Result<(), Failure>;

    /// A `NewSessionTicket` of a server, header included; one that cannot be resumed if the handshake
    /// is not far enough for more.
    fn ticket(&mut self, core: &mut Core) -> Vec<u8>;

    /// Exported keying material (RFC 8446 7.5, RFC 5705): `None` before the handshake is far enough.
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
    /// A peer at the start of a connection. A client has its `ClientHello` queued.
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

    /// Becomes a clone of `other`, in the memory that it already has.
    pub fn restore(&mut self, other: &Self) {
        self.core.restore(&other.core);
        self.machine.clone_from(&other.machine);
    }

    /// How it was set up.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// Takes bytes that the subject sent, in pieces of any size, and calls `seen` for each record as
    /// it becomes complete. After a [`Failure`], too.
    pub fn receive(&mut self, bytes: &[u8], seen: &mut dyn FnMut(Seen<'_>)) {
        receive::receive(&mut self.core, &mut self.machine, bytes, seen);
    }

    /// How many bytes of a record have come that is not yet complete.
    #[must_use]
    pub fn partial(&self) -> usize {
        self.core.inbox.len()
    }

    /// The message that it would send next.
    #[must_use]
    pub fn next_message(&self) -> Option<&Message> {
        self.core.queue.front().map(|queued| &queued.message)
    }

    /// Takes that message off the queue. From here on the peer behaves as if it had been sent.
    pub fn take_message(&mut self) -> Option<Message> {
        self.core.take_message()
    }

    /// How many messages are queued.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.core.queue.len()
    }

    /// Whether its own handshake is complete: the subject's `Finished` is right, and its own was
    /// queued.
    #[must_use]
    pub const fn established(&self) -> bool {
        self.core.established
    }

    /// Why the handshake cannot go on, if it cannot. Stays `None` once established.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.core.failure
    }

    /// What has been agreed so far.
    #[must_use]
    pub const fn negotiated(&self) -> &Negotiated {
        &self.core.negotiated
    }

    /// What a record is protected with that does not say otherwise: follows the messages taken.
    #[must_use]
    pub const fn write_epoch(&self) -> Epoch {
        self.core.write_epoch
    }

    /// What the subject's next record should be protected with.
    #[must_use]
    pub const fn read_epoch(&self) -> Epoch {
        self.core.their_epoch
    }

    /// Whether the subject, a server, may be passing over records that it cannot open, as if they were
    /// rejected 0-RTT data (RFC 8446 4.2.10).
    #[must_use]
    pub fn may_be_skipped(&self) -> bool {
        self.core.judge.may_be_skipping()
    }

    /// The next sequence number of its own in `epoch`.
    pub fn write_sequence(&mut self, epoch: Epoch) -> u64 {
        self.core.ours.sequence(epoch)
    }

    /// Appends one record to `out`, exactly one whatever the draft says, and tells what it means.
    ///
    /// A valid `KeyUpdate` moves [`Self::write_epoch`] on to the next generation.
    pub fn seal(&mut self, draft: &Draft<'_>, out: &mut Vec<u8>) -> Sealed {
        send::seal(&mut self.core, draft, out)
    }

    /// Moves [`Self::write_epoch`] on to the next generation of application keys, without telling
    /// anyone. Does nothing before there are application keys, or in TLS 1.2.
    pub fn update_keys(&mut self) {
        self.core.update_keys();
    }

    /// A client: the sessions that it was given tickets for, and which it then forgets, oldest first.
    pub fn take_sessions(&mut self) -> Vec<Session> {
        std::mem::take(&mut self.core.sessions)
    }

    /// A client: the sessions that it was given tickets for, oldest first.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.core.sessions
    }

    /// A server: one more `NewSessionTicket`, handshake header included, which is not queued. Before
    /// the client's `Finished` the ticket is well formed, but cannot be resumed.
    pub fn new_ticket(&mut self) -> Vec<u8> {
        Arc::make_mut(&mut self.machine)
            .get_mut()
            .ticket(&mut self.core)
    }

    /// Exported keying material (RFC 8446 7.5, RFC 5705); `None` before the handshake is far enough
    /// for it. TLS 1.3 takes an absent context for an empty one.
    ///
    /// # Errors
    /// [`TooLong`] where label, context or output do not fit.
    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        self.machine.get().export(label, context, out)
    }

    /// The secrets so far, as an NSS key log has them.
    #[must_use]
    pub fn secrets(&self) -> &[LoggedSecret] {
        &self.core.secrets
    }
}
