//! The messages of a handshake, and the keys derived from them.

use wire::{
    Certificate12, CertificateVerify, Epoch, Finished, HandshakeType, List, Message as _,
    NewSessionTicket12, Opaque24, Role, ServerKeyExchange,
};

use super::{PROTECTED, check_signature, identity, illegal};
use crate::crypto::hash::{Output, Secret, TooLong};
use crate::crypto::kx::{Group, KeyPair, Shared};
use crate::crypto::schedule12::{
    self, ConnectionKeys, Random, extended_master_secret, master_secret, verify_data,
};
use crate::crypto::sign::SCHEME;
use crate::crypto::suite::Suite;
use crate::engine::core::{Core, parse, split};
use crate::failure::Failure;
use crate::message::MessageName;
use crate::session::Remembered;

/// The state of a handshake from `ServerHello` on.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub suite: Suite,
    client_random: Random,
    server_random: Random,
    pub extended_master_secret: bool,
    /// The messages so far. `CertificateVerify` may need a hash other than that of the suite, so a
    /// running hash is not enough.
    messages: Vec<u8>,
    master: Option<Secret>,
}

impl Conversation {
    /// Starts with the `messages` so far.
    pub fn new(
        suite: Suite,
        client_random: Random,
        server_random: Random,
        extended_master_secret: bool,
        messages: Vec<u8>,
    ) -> Self {
        Self {
            suite,
            client_random,
            server_random,
            extended_master_secret,
            messages,
            master: None,
        }
    }

    /// Appends a message of the subject.
    pub fn heard(&mut self, message: &[u8]) {
        self.messages.extend_from_slice(message);
    }

    /// Queues an unprotected message of the peer and appends it.
    pub fn say(&mut self, core: &mut Core, name: MessageName, message: Vec<u8>) {
        self.messages.extend_from_slice(&message);
        core.queue(name, Epoch::Plain, message, None);
    }

    /// Derives all keys from a key exchange. The messages end with `ClientKeyExchange`.
    pub fn agreed(&mut self, core: &mut Core, shared: &Shared) {
        let hash = self.suite.hash;
        let master = match self.extended_master_secret {
            true => extended_master_secret(hash, shared, &self.hash()),
            false => master_secret(hash, shared, &self.client_random, &self.server_random),
        };
        self.install(core, master);
    }

    /// Derives all keys from a master secret. In a resumption it is that of the session.
    pub fn install(&mut self, core: &mut Core, master: Secret) {
        let (client, server) = (&self.client_random, &self.server_random);
        let keys = ConnectionKeys::new(self.suite, &master, client, server);
        core.keys_of(Role::Client).install_tls12(keys.client);
        core.keys_of(Role::Server).install_tls12(keys.server);
        core.log("CLIENT_RANDOM", client, master);
        self.master = Some(master);
    }

    fn hash(&self) -> Output {
        self.suite.hash.digest(&self.messages)
    }

    fn master(&self) -> &Secret {
        self.master
            .as_ref()
            .expect("Finished is sent and received only after the key exchange")
    }

    fn verify_data(&self, sender: Role) -> [u8; schedule12::VERIFY_DATA_LEN] {
        verify_data(self.suite.hash, self.master(), sender, &self.hash())
    }

    /// Queues `change_cipher_spec` and the peer's `Finished`.
    pub fn queue_finished(&mut self, core: &mut Core) {
        core.queue_change_cipher_spec(Some(PROTECTED));
        let message = Finished {
            verify_data: &self.verify_data(core.config.role),
        }
        .to_message();
        self.messages.extend_from_slice(&message);
        core.queue(MessageName::Finished, PROTECTED, message, None);
    }

    /// Checks the `Finished` of `sender` and appends it.
    pub fn check_finished(&mut self, sender: Role, message: &[u8]) -> Result<(), Failure> {
        let finished: Finished<'_> = parse(split(message).1)?;
        if finished.verify_data != self.verify_data(sender) {
            return Err(Failure::BadFinished);
        }
        self.heard(message);
        Ok(())
    }

    /// Queues the peer's `Certificate`. It is empty unless `known` is set.
    pub fn queue_certificate(&mut self, core: &mut Core, known: bool) {
        let chain = &identity(&core.config, core.config.role).chain;
        let certificates: Vec<_> = chain
            .iter()
            .filter(|_| known)
            .map(|der| Opaque24(der))
            .collect();
        let message = Certificate12 {
            certificates: List::of(&certificates),
        };
        self.say(core, MessageName::Certificate, message.to_message());
    }

    /// Queues `CertificateVerify` over the messages so far.
    pub fn queue_certificate_verify(&mut self, core: &mut Core) {
        let signature = identity(&core.config, Role::Client)
            .key
            .sign(&self.messages);
        let message = CertificateVerify {
            algorithm: SCHEME,
            signature: &signature,
        };
        self.say(core, MessageName::CertificateVerify, message.to_message());
    }

    /// Checks a `CertificateVerify` of the client and appends it.
    pub fn check_certificate_verify(&mut self, core: &Core, message: &[u8]) -> Result<(), Failure> {
        let verify: CertificateVerify<'_> = parse(split(message).1)?;
        if verify.algorithm != SCHEME {
            return Err(illegal(HandshakeType::CERTIFICATE_VERIFY, "algorithm"));
        }
        check_signature(&core.config, Role::Client, &self.messages, verify.signature)?;
        self.heard(message);
        Ok(())
    }

    /// Queues `ServerKeyExchange`.
    pub fn queue_key_exchange(&mut self, core: &mut Core, pair: &KeyPair) {
        let (group, public) = (pair.group().id(), pair.public());
        let mut params = Vec::new();
        ServerKeyExchange::put_params(&mut params, group, public);
        let signature = identity(&core.config, Role::Server)
            .key
            .sign(&self.signed_params(&params));
        let message = ServerKeyExchange {
            group,
            public,
            algorithm: SCHEME,
            signature: &signature,
        };
        self.say(core, MessageName::ServerKeyExchange, message.to_message());
    }

    /// Checks a `ServerKeyExchange` and appends it. Returns a new key pair of the peer, and the
    /// secret that it shares with the server's.
    pub fn key_exchange(
        &mut self,
        core: &mut Core,
        message: &[u8],
    ) -> Result<(KeyPair, Shared), Failure> {
        let kind = HandshakeType::SERVER_KEY_EXCHANGE;
        let exchange: ServerKeyExchange<'_> = parse(split(message).1)?;
        let group = Group::from_id(exchange.group)
            .filter(|group| core.config.groups.contains(group))
            .ok_or(illegal(kind, "namedcurve"))?;
        if exchange.algorithm != SCHEME {
            return Err(illegal(kind, "algorithm"));
        }
        let mut params = Vec::new();
        exchange.encode_params(&mut params);
        check_signature(
            &core.config,
            Role::Server,
            &self.signed_params(&params),
            exchange.signature,
        )?;
        let pair = KeyPair::generate(group, &mut core.rng);
        let shared = pair
            .agree(exchange.public)
            .map_err(|_| Failure::BadKeyShare)?;
        core.negotiated.group = Some(group);
        self.heard(message);
        Ok((pair, shared))
    }

    /// Returns the signed content of a `ServerKeyExchange` (RFC 8422 5.4).
    fn signed_params(&self, params: &[u8]) -> Vec<u8> {
        [&self.client_random, &self.server_random, params].concat()
    }

    /// Returns a `NewSessionTicket` for the connection. It is invalid before there is a master
    /// secret.
    pub fn ticket(&self, number: u64, lifetime_hint: u32) -> Vec<u8> {
        let ticket = match self.master {
            None => vec![0],
            Some(secret) => Remembered {
                suite: self.suite,
                secret,
                max_early_data: 0,
                extended_master_secret: self.extended_master_secret,
                issued: 0,
                age_add: 0,
                number,
            }
            .to_ticket(),
        };
        NewSessionTicket12 {
            lifetime_hint,
            ticket: &ticket,
        }
        .to_message()
    }

    /// Returns the master secret, for a session.
    pub fn secret(&self) -> Secret {
        *self.master()
    }

    /// Called when both `Finished` are sent or received.
    pub fn finish(&mut self, core: &mut Core) {
        // The messages are no longer needed, and peers are cloned often.
        self.messages = Vec::new();
        core.established = true;
    }

    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        let randoms = [&self.client_random, &self.server_random];
        let master = self.master.as_ref()?;
        let hash = self.suite.hash;
        Some(schedule12::export(
            hash, master, label, randoms, context, out,
        ))
    }
}
