//! Pairs of TLS 1.2 peers.

#![allow(dead_code, reason = "not every test uses all functions")]

use peer::{Config, MessageName};
use wire::{Role, Version};

use crate::common::{Pair, deliver, draft};

pub fn client() -> Config {
    Config {
        seed: 1,
        ..Config::new(Role::Client, Version::Tls12)
    }
}

pub fn server() -> Config {
    Config {
        seed: 2,
        ..Config::new(Role::Server, Version::Tls12)
    }
}

pub fn open() -> Pair {
    opened(client(), server())
}

pub fn opened(client: Config, server: Config) -> Pair {
    let mut pair = Pair::new(client, server);
    pair.handshake();
    pair
}

/// Exchanges messages until `sender` is about to send `name`.
pub fn until(pair: &mut Pair, sender: Role, name: MessageName) {
    for _ in 0..32 {
        for role in [Role::Client, Role::Server] {
            let (from, to) = pair.both(role);
            while let Some(next) = from.next_message() {
                if role == sender && next.name == name {
                    return;
                }
                let message = from.take_message().unwrap();
                deliver(from, to, &draft(&message));
            }
        }
    }
    unreachable!("{name} is never sent");
}
