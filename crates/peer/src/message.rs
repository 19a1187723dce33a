//! Messages that a peer is ready to send.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use wire::{ContentType, Epoch};

/// A handshake message of the peer, not yet in a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The name of the message.
    pub name: MessageName,
    /// `handshake` or `change_cipher_spec`.
    pub content_type: ContentType,
    /// The epoch of the keys that protect it.
    pub epoch: Epoch,
    /// The message, including the handshake header if it is a handshake message.
    pub payload: Vec<u8>,
}

macro_rules! message_names {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The name of a message in scripts.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum MessageName {
            $($(#[$doc])* $variant,)+
        }

        impl MessageName {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name in kebab-case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

message_names! {
    /// `ClientHello`, also the second one.
    ClientHello = "client-hello",
    /// `ServerHello`.
    ServerHello = "server-hello",
    /// TLS 1.3 `HelloRetryRequest`.
    HelloRetryRequest = "hello-retry-request",
    /// TLS 1.3 `EncryptedExtensions`.
    EncryptedExtensions = "encrypted-extensions",
    /// `CertificateRequest`.
    CertificateRequest = "certificate-request",
    /// `Certificate`.
    Certificate = "certificate",
    /// `CertificateVerify`.
    CertificateVerify = "certificate-verify",
    /// `Finished`.
    Finished = "finished",
    /// TLS 1.3 `EndOfEarlyData`.
    EndOfEarlyData = "end-of-early-data",
    /// `NewSessionTicket`.
    NewSessionTicket = "new-session-ticket",
    /// TLS 1.3 `KeyUpdate`.
    KeyUpdate = "key-update",
    /// `change_cipher_spec`, which is not a handshake message.
    ChangeCipherSpec = "change-cipher-spec",
    /// TLS 1.2 `HelloRequest`.
    HelloRequest = "hello-request",
    /// TLS 1.2 `ServerKeyExchange`.
    ServerKeyExchange = "server-key-exchange",
    /// TLS 1.2 `ServerHelloDone`.
    ServerHelloDone = "server-hello-done",
    /// TLS 1.2 `ClientKeyExchange`.
    ClientKeyExchange = "client-key-exchange",
}

/// The text is not the name of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("no such message")]
pub struct UnknownMessage;

impl FromStr for MessageName {
    type Err = UnknownMessage;

    fn from_str(text: &str) -> Result<Self, UnknownMessage> {
        Self::ALL
            .iter()
            .copied()
            .find(|name| name.as_str() == text)
            .ok_or(UnknownMessage)
    }
}

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
