//! Pairs of peers that communicate in memory.

#![allow(dead_code, reason = "not every test uses all functions")]

use peer::{Config, Draft, EarlyData, Message, Peer, Sealed, Session};
use wire::{Content, ContentType, Epoch, Meaning, Role, Version};

/// A record as its receiver sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Got {
    pub epoch: Option<Epoch>,
    pub sequence: u64,
    pub content: Content,
    pub bytes: Vec<u8>,
    pub padding: usize,
}

pub fn config(role: Role) -> Config {
    let seed = match role {
        Role::Client => 1,
        Role::Server => 2,
    };
    Config {
        seed,
        ..Config::new(role, Version::Tls13)
    }
}

pub fn client() -> Config {
    config(Role::Client)
}

pub fn server() -> Config {
    config(Role::Server)
}

pub struct Pair {
    pub client: Peer,
    pub server: Peer,
}

impl Pair {
    pub fn new(client: Config, server: Config) -> Self {
        Self {
            client: Peer::new(client),
            server: Peer::new(server),
        }
    }

    /// Returns a pair after an ordinary handshake.
    pub fn open() -> Self {
        let mut pair = Self::new(client(), server());
        pair.handshake();
        pair
    }

    pub fn side(&mut self, role: Role) -> &mut Peer {
        match role {
            Role::Client => &mut self.client,
            Role::Server => &mut self.server,
        }
    }

    pub fn both(&mut self, sender: Role) -> (&mut Peer, &mut Peer) {
        match sender {
            Role::Client => (&mut self.client, &mut self.server),
            Role::Server => (&mut self.server, &mut self.client),
        }
    }

    /// Exchanges messages until both sides are silent.
    pub fn pump(&mut self) {
        loop {
            let mut moved = false;
            for sender in [Role::Client, Role::Server] {
                let (from, to) = self.both(sender);
                while let Some(message) = from.take_message() {
                    moved = true;
                    let (sealed, got) = deliver(from, to, &draft(&message));
                    assert!(
                        !matches!(sealed.claim.meaning, Meaning::Invalid(_) | Meaning::Unknown),
                        "{} is {:?}",
                        message.name,
                        sealed.claim.meaning
                    );
                    assert_ne!(got.content, Content::Undecryptable, "{}", message.name);
                    assert_eq!(got.epoch, Some(message.epoch), "{}", message.name);
                }
            }
            if !moved {
                return;
            }
        }
    }

    pub fn handshake(&mut self) {
        self.pump();
        assert_eq!(self.client.failure(), None);
        assert_eq!(self.server.failure(), None);
        assert!(self.client.established() && self.server.established());
        assert_eq!(self.client.write_epoch(), Epoch::Application(0));
        assert_eq!(self.server.write_epoch(), Epoch::Application(0));
    }

    pub fn send(&mut self, sender: Role, draft: &Draft<'_>) -> (Sealed, Got) {
        let (from, to) = self.both(sender);
        deliver(from, to, draft)
    }

    /// Sends data in both directions and checks what arrives.
    pub fn exchange(&mut self) {
        for sender in [Role::Client, Role::Server] {
            let (sealed, got) =
                self.send(sender, &Draft::new(ContentType::APPLICATION_DATA, b"hello"));
            assert_eq!(sealed.claim.meaning, Meaning::Data);
            assert_eq!(
                (got.content, &got.bytes[..]),
                (Content::Data, &b"hello"[..])
            );
            assert_eq!(
                (got.epoch, got.sequence),
                (Some(sealed.epoch), sealed.sequence)
            );
        }
    }
}

pub fn draft(message: &Message) -> Draft<'_> {
    Draft {
        epoch: Some(message.epoch),
        ..Draft::new(message.content_type, &message.payload)
    }
}

/// Seals one record and passes it to the receiver.
pub fn deliver(from: &mut Peer, to: &mut Peer, draft: &Draft<'_>) -> (Sealed, Got) {
    let mut bytes = Vec::new();
    let sealed = from.seal(draft, &mut bytes);
    assert_eq!(sealed.len, bytes.len());
    assert_eq!(sealed.header[..], bytes[..5]);
    let mut got = receive(to, &bytes);
    assert_eq!(got.len(), 1, "a draft makes one record");
    (sealed, got.remove(0))
}

pub fn receive(peer: &mut Peer, bytes: &[u8]) -> Vec<Got> {
    let mut got = Vec::new();
    peer.receive(bytes, &mut |seen| {
        got.push(Got {
            epoch: seen.epoch,
            sequence: seen.sequence,
            content: seen.content,
            bytes: seen.bytes.to_vec(),
            padding: seen.padding,
        });
    });
    got
}

/// Returns a session that allows early data.
pub fn session() -> Session {
    session_with(client(), server())
}

pub fn session_with(client: Config, server: Config) -> Session {
    let server = Config {
        tickets: 2,
        ticket_early_data: 1000,
        ..server
    };
    let mut pair = Pair::new(client, server);
    pair.handshake();
    assert_eq!(pair.client.sessions().len(), 2);
    pair.client.take_sessions().remove(0)
}

pub fn early_pair(answer: EarlyData) -> Pair {
    Pair::new(
        Config {
            resume: Some(session()),
            early_data: EarlyData::Offer,
            seed: 3,
            ..client()
        },
        Config {
            early_data: answer,
            seed: 4,
            ..server()
        },
    )
}
