//! An interface for owners that open the other side's records themselves. Such an owner knows
//! exactly why it rejects a record.

use std::sync::Arc;

use wire::{Epoch, HandshakeType, KeyUpdate, Message as _, Version};

use super::Peer;
use super::core::split;
use crate::failure::Failure;
use crate::protect::Keyring;

/// All keys of a connection.
#[derive(Debug)]
pub struct Keyrings<'a> {
    /// The write keys of this side.
    pub ours: &'a mut Keyring,
    /// The write keys of the other side.
    pub theirs: &'a mut Keyring,
}

impl Peer {
    /// Returns all keys with their sequence numbers.
    pub fn keyrings(&mut self) -> Keyrings<'_> {
        Keyrings {
            ours: &mut self.core.ours,
            theirs: &mut self.core.theirs,
        }
    }

    /// Processes one complete handshake message, including the header, after the owner has opened
    /// its records. Do not combine this with [`Self::receive`].
    ///
    /// # Errors
    ///
    /// Returns the reason to reject the message. Do not pass further messages after that.
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

    /// Processes an unprotected `change_cipher_spec` with the byte 1.
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
