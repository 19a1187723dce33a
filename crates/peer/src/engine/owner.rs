//! For an owner that opens the other side's records itself, and so learns exactly what is wrong
//! with one that it refuses.

use std::sync::Arc;

use wire::{Epoch, HandshakeType, KeyUpdate, Message as _, Version};

use super::Peer;
use super::core::split;
use crate::failure::Failure;
use crate::protect::Keyring;

/// All keys of a connection.
#[derive(Debug)]
pub struct Keyrings<'a> {
    /// Those that this side writes with.
    pub ours: &'a mut Keyring,
    /// Those that the other side writes with.
    pub theirs: &'a mut Keyring,
}

impl Peer {
    /// All keys, and the sequence numbers that go with them.
    pub fn keyrings(&mut self) -> Keyrings<'_> {
        Keyrings {
            ours: &mut self.core.ours,
            theirs: &mut self.core.theirs,
        }
    }

    /// Takes one whole handshake message, header included, of which the owner has opened the
    /// records. [`Self::receive`] must not be used along with it.
    ///
    /// # Errors
    ///
    /// Why the message must be refused; nothing more may be taken after that.
    pub fn take_handshake(&mut self, message: &[u8]) -> Result<(), Failure> {
        let (kind, body) = split(message);
        if self.core.config.version != Version::Tls13 || kind != HandshakeType::KEY_UPDATE {
            return Arc::make_mut(&mut self.machine)
                .get_mut()
                .message(&mut self.core, message);
        }
        let Epoch::Application(generation) = self.core.their_epoch else {
            return Err(Failure::UnexpectedMessage(kind));
        };
        KeyUpdate::parse(body).map_err(|error| Failure::Malformed { kind, error })?;
        self.core.their_epoch = Epoch::Application(generation.saturating_add(1));
        Ok(())
    }

    /// Takes a `change_cipher_spec`, which was not protected and held the byte 1.
    ///
    /// # Errors
    ///
    /// As for [`Self::take_handshake`].
    pub fn take_change_cipher_spec(&mut self) -> Result<(), Failure> {
        Arc::make_mut(&mut self.machine)
            .get_mut()
            .change_cipher_spec(&mut self.core)
    }
}
