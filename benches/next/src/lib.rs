//! The shortest loop for the API of rustls 0.24.0-dev.2, which succeeds both the unbuffered and the
//! buffered API. It reads TLS bytes in the caller's buffer, and appends its output to the caller's
//! vector.

use std::hint::black_box;
use std::sync::Arc;

use benches::pair::{Context, End, Seen};
use benches::stack::{self, Lineup, Stack};
use benches::wire::Wire;
use protocol::Begin;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, Identity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, Tls13Tickets};
use rustls::{
    ClientConfig, ClientSide, Connection, HandshakeKind, RootCertStore, ServerConfig, ServerSide,
    SideData, SliceInput, Tcp,
};

/// The name of the API in ids: its release.
const API: &str = "0.24.0-dev.2";

/// How many sessions a context remembers.
const SESSIONS: usize = 256;

/// This API, together with those of rustls 0.23.
pub fn lineup() -> Lineup {
    let mut lineup = stack::built_in();
    lineup.stacks.push(Stack {
        api: API,
        crypto: "ring",
        context: |begin| Box::new(Next::new(begin, rustls_ring::DEFAULT_PROVIDER)),
    });
    #[cfg(feature = "aws-lc-rs")]
    lineup.stacks.push(Stack {
        api: API,
        crypto: "aws-lc-rs",
        context: |begin| Box::new(Next::new(begin, rustls_aws_lc_rs::DEFAULT_PROVIDER)),
    });
    lineup
}

/// The same configurations as in the drivers for rustls 0.23.
struct Next {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
}

impl Next {
    fn new(begin: &Begin, mut provider: CryptoProvider) -> Self {
        let wanted = |number: u16| begin.suites.contains(&number);
        let suites = provider.tls12_cipher_suites.to_mut();
        suites.retain(|suite| wanted(suite.common.suite.into()));
        let suites = provider.tls13_cipher_suites.to_mut();
        suites.retain(|suite| wanted(suite.common.suite.into()));
        let groups = provider.kx_groups.to_mut();
        groups.retain(|group| begin.groups.contains(&group.name().into()));
        let ticketer = provider.ticketer_factory.ticketer();
        let provider = Arc::new(provider);

        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(&begin.pki.roots));
        let mut client = ClientConfig::builder(provider.clone())
            .with_root_certificates(roots)
            .with_no_client_auth()
            .expect("a configuration");
        client.resumption = Resumption::in_memory_sessions(SESSIONS);

        let identity = Identity::from_cert_chain(certificates(&begin.pki.server_chain));
        let key = PrivateKeyDer::from_pem_slice(begin.pki.server_key.as_bytes()).expect("a key");
        let mut server = ServerConfig::builder(provider)
            .with_no_client_auth()
            .with_single_cert(Arc::new(identity.expect("a certificate")), key)
            .expect("a key that fits its certificate");
        let tickets = begin.tickets.try_into().expect("a small number");
        server.send_tls13_tickets = Tls13Tickets {
            default: tickets,
            max: tickets,
        };
        server.session_storage = Arc::new(NoServerSessionStorage {});
        if tickets > 0 {
            server.session_storage = ServerSessionMemoryCache::new(SESSIONS);
            if begin.versions.contains(&protocol::Version::Tls12) {
                server.ticketer = Some(ticketer.expect("a ticketer"));
            }
        }
        let name = begin.pki.server_name.clone();
        Self {
            client: Arc::new(client),
            server: Arc::new(server),
            name: ServerName::try_from(name).expect("a name"),
        }
    }
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .expect("certificates")
}

impl Context for Next {
    fn client(&self, wire: &mut Wire) -> Box<dyn End> {
        let builder = self.client.connect(self.name.clone());
        let client: Connection<ClientSide, Tcp> = wire
            .append(|bytes| builder.build(bytes))
            .expect("a configuration");
        Box::new(Ours(client))
    }

    fn server(&self) -> Box<dyn End> {
        let server = Connection::<ServerSide, Tcp>::new(self.server.clone());
        Box::new(Ours(server.expect("a configuration")))
    }
}

struct Ours<Side: SideData>(Connection<Side, Tcp>);

impl<Side: SideData> End for Ours<Side> {
    fn write(&mut self, content: &[u8], wire: &mut Wire) {
        let written = wire.append(|bytes| self.0.write(content.into(), bytes));
        written.expect("nothing is wrong");
    }

    fn close(&mut self, wire: &mut Wire) {
        let written = wire.append(|bytes| self.0.send_close_notify(bytes));
        written.expect("nothing is wrong");
    }

    fn read(&mut self, input: &mut [u8], answer: &mut Wire, seen: &mut Seen) -> usize {
        let mut input = SliceInput::new(input);
        answer.append(|bytes| {
            let mut messages = self.0.read_tls(&mut input, bytes);
            while let Some(payload) = messages.next_payload() {
                let payload = payload.expect("nothing is wrong with the input");
                seen.data += black_box(payload.bytes()).len();
            }
            seen.peer_closed |= messages.state().peer_has_closed();
        });
        input.into_used()
    }

    fn is_resumed(&self) -> bool {
        self.0.handshake_kind() == Some(HandshakeKind::Resumed)
    }
}

#[cfg(test)]
mod tests {
    use benches::pair::Pair;
    use benches::suite::{MEGABYTE, SUITES};

    use super::*;

    #[test]
    fn every_suite_moves_data_closes_each_half_and_resumes() {
        for stack in lineup().stacks.iter().filter(|stack| stack.api == API) {
            for suite in &SUITES {
                let context = (stack.context)(&stack::begin(suite, true));
                for resumed in [false, true] {
                    let mut pair = Pair::of(&*context);
                    assert_eq!(pair.client.is_resumed(), resumed, "{}", suite.name);
                    pair.to_client(&[1; 64]);
                    pair.close_client();
                    pair.to_client(&vec![2; MEGABYTE]);
                    pair.close_server();
                    assert_eq!(pair.client.seen.data, 64 + MEGABYTE);
                }
            }
        }
    }
}
