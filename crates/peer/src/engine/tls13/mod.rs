//! TLS 1.3 (RFC 8446).

mod choice;
mod client;
mod hello;
mod server;

pub(crate) use client::Client;
pub(crate) use server::Server;

use wire::{
    Certificate13, CertificateEntry, CertificateVerify, Epoch, Extensions, HandshakeType, List,
};
use wire::{Finished, Message as _, Role, SignatureScheme};

use super::core::{Core, parse};
use super::shared::{check_distinct, check_signature, extension, identity, illegal};
use crate::crypto::hash::{Output, Running, Secret, TooLong};
use crate::crypto::schedule13::{self, Early, Handshake, Master, finished};
use crate::crypto::suite::Suite;
use crate::failure::Failure;
use crate::message::MessageName;

/// The transcript and the key schedule from `ServerHello` on.
#[derive(Clone, Debug)]
struct Schedule {
    suite: Suite,
    client_random: [u8; 32],
    transcript: Running,
    handshake: Handshake,
    client: Secret,
    server: Secret,
    master: Option<Master>,
    exporter: Option<Secret>,
    resumption: Option<Secret>,
}

impl Schedule {
    /// Installs the handshake keys. `transcript` ends with `ServerHello`.
    fn new(
        core: &mut Core,
        suite: Suite,
        client_random: [u8; 32],
        transcript: Running,
        early: &Early,
        shared: &[u8],
    ) -> Self {
        let handshake = early.handshake(shared);
        let hash = transcript.current();
        let (client, server) = (
            handshake.client_traffic(&hash),
            handshake.server_traffic(&hash),
        );
        core.keys_of(Role::Client).install_handshake(suite, client);
        core.keys_of(Role::Server).install_handshake(suite, server);
        core.log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &client_random, client);
        core.log("SERVER_HANDSHAKE_TRAFFIC_SECRET", &client_random, server);
        Self {
            suite,
            client_random,
            transcript,
            handshake,
            client,
            server,
            master: None,
            exporter: None,
            resumption: None,
        }
    }

    /// Installs the application keys. The transcript ends with the server's `Finished`.
    fn server_finished(&mut self, core: &mut Core) {
        let master = self.handshake.master();
        let hash = self.transcript.current();
        let (client, server) = (master.client_traffic(&hash), master.server_traffic(&hash));
        let exporter = master.exporter(&hash);
        core.keys_of(Role::Client)
            .install_application(self.suite, client);
        core.keys_of(Role::Server)
            .install_application(self.suite, server);
        core.log("CLIENT_TRAFFIC_SECRET_0", &self.client_random, client);
        core.log("SERVER_TRAFFIC_SECRET_0", &self.client_random, server);
        core.log("EXPORTER_SECRET", &self.client_random, exporter);
        self.master = Some(master);
        self.exporter = Some(exporter);
    }

    /// Derives the resumption secret. The transcript ends with the client's `Finished`.
    fn client_finished(&mut self) {
        let hash = self.transcript.current();
        self.resumption = self.master.map(|master| master.resumption(&hash));
    }

    fn base_key(&self, sender: Role) -> &Secret {
        match sender {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    fn finished(&self, sender: Role) -> Output {
        finished(
            self.suite.hash,
            self.base_key(sender),
            &self.transcript.current(),
        )
    }

    /// Checks a `Finished` of `sender` that follows the transcript.
    fn check_finished(&self, sender: Role, body: &[u8]) -> Result<(), Failure> {
        if *self.finished(sender) == *body {
            Ok(())
        } else {
            Err(Failure::BadFinished)
        }
    }

    /// Queues a message under handshake keys and appends it to the transcript.
    fn queue(&mut self, core: &mut Core, name: MessageName, message: Vec<u8>) {
        self.transcript.update(&message);
        core.queue(name, Epoch::Handshake, message, None);
    }

    /// Queues the peer's `Finished`.
    fn queue_finished(&mut self, core: &mut Core) {
        let verify_data = self.finished(core.config.role);
        let message = Finished {
            verify_data: &verify_data,
        }
        .to_message();
        self.transcript.update(&message);
        core.queue(
            MessageName::Finished,
            Epoch::Handshake,
            message,
            Some(Epoch::Application(0)),
        );
    }

    /// Queues the peer's `Certificate` and `CertificateVerify`.
    fn queue_certificate(&mut self, core: &mut Core, context: &[u8]) {
        let identity = identity(&core.config, core.config.role);
        let entries: Vec<_> = identity
            .chain
            .iter()
            .map(|data| CertificateEntry {
                data,
                extensions: Extensions::EMPTY,
            })
            .collect();
        let certificate = Certificate13 {
            context,
            entries: List::of(&entries),
        };
        self.queue(core, MessageName::Certificate, certificate.to_message());
        let signature = identity.key.sign(&self.to_be_signed(core.config.role));
        let verify = CertificateVerify {
            algorithm: SignatureScheme::ECDSA_SECP256R1_SHA256,
            signature: &signature,
        };
        self.queue(core, MessageName::CertificateVerify, verify.to_message());
    }

    /// Checks a `CertificateVerify` of the subject that follows the transcript.
    fn check_certificate_verify(
        &self,
        core: &Core,
        sender: Role,
        body: &[u8],
    ) -> Result<(), Failure> {
        let verify: CertificateVerify<'_> = parse(body)?;
        if verify.algorithm != SignatureScheme::ECDSA_SECP256R1_SHA256 {
            return Err(illegal(HandshakeType::CERTIFICATE_VERIFY, "algorithm"));
        }
        check_signature(
            &core.config,
            sender,
            &self.to_be_signed(sender),
            verify.signature,
        )
    }

    /// Returns the signed content of a `CertificateVerify` (RFC 8446 4.4.3).
    fn to_be_signed(&self, sender: Role) -> Vec<u8> {
        let mut content = vec![b' '; 64];
        content.extend_from_slice(match sender {
            Role::Client => b"TLS 1.3, client CertificateVerify",
            Role::Server => b"TLS 1.3, server CertificateVerify",
        });
        content.push(0);
        content.extend_from_slice(&self.transcript.current());
        content
    }

    fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        let exporter = self.exporter.as_ref()?;
        let context = context.unwrap_or_default();
        Some(schedule13::export(
            self.suite.hash,
            exporter,
            label,
            context,
            out,
        ))
    }
}

const fn missing(kind: HandshakeType, what: &'static str) -> Failure {
    Failure::MissingExtension { kind, what }
}
