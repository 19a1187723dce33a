//! The shortest loops over the unbuffered API that do what the driver does: what the driver costs
//! more is its own.

use std::sync::Arc;

use protocol::Pki;
use rustls::client::{ClientConnectionData, UnbufferedClientConnection};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, UnbufferedConnectionCommon, UnbufferedStatus};
use rustls::{CipherSuite, ClientConfig, RootCertStore, ServerConfig};

use crate::stack;
use crate::suite::BASELINE;

/// More than a record adds to its content.
const OVERHEAD: usize = 64;

/// A client and a server over ring with the baseline suite, that have shaken hands.
pub struct ByHand {
    client: UnbufferedClientConnection,
    server: UnbufferedServerConnection,
    content: Vec<u8>,
    room: Vec<u8>,
    /// What was sealed ahead, for [`Self::decrypt`].
    records: Vec<Vec<u8>>,
}

impl ByHand {
    /// For writes of `size` bytes.
    ///
    /// # Panics
    ///
    /// If the handshake fails.
    pub fn new(size: usize) -> Self {
        let (client, server) = configs(&stack::begin(&BASELINE, false).pki);
        let name = ServerName::try_from("lastword.test").expect("a name");
        let mut by_hand = Self {
            client: UnbufferedClientConnection::new(client, name).expect("a configuration"),
            server: UnbufferedServerConnection::new(server).expect("a configuration"),
            content: vec![0x5a; size],
            room: vec![0; size + OVERHEAD],
            records: Vec::new(),
        };
        by_hand.shake_hands();
        by_hand
    }

    /// The same, with `count` records sealed ahead.
    pub fn sealed(size: usize, count: usize) -> Self {
        let mut by_hand = Self::new(size);
        for _ in 0..count {
            let length = by_hand.encrypt();
            by_hand.records.push(by_hand.room[..length].to_vec());
        }
        by_hand
    }

    /// Writes one record, and calls once more to see that there is nothing else to do. Returns the
    /// length of the record.
    pub fn encrypt(&mut self) -> usize {
        let mut written = None;
        loop {
            let UnbufferedStatus { state, .. } = self.client.process_tls_records(&mut []);
            match state {
                Ok(ConnectionState::WriteTraffic(mut traffic)) if written.is_none() => {
                    written = traffic.encrypt(&self.content, &mut self.room).ok();
                }
                _ => return written.expect("a record fits"),
            }
        }
    }

    /// Reads what was sealed ahead, record by record, and returns how much that is.
    pub fn decrypt(&mut self) -> usize {
        let mut read = 0;
        for record in &mut self.records {
            let mut start = 0;
            loop {
                let input = &mut record[start..];
                let UnbufferedStatus { mut discard, state } =
                    self.server.process_tls_records(input);
                let Ok(ConnectionState::ReadTraffic(mut traffic)) = state else {
                    break;
                };
                while let Some(Ok(record)) = traffic.next_record() {
                    discard += record.discard;
                    read += std::hint::black_box(record.payload).len();
                }
                start += discard;
            }
        }
        read
    }

    fn shake_hands(&mut self) {
        let (mut to_client, mut to_server) = (Vec::new(), Vec::new());
        while self.client.is_handshaking() || self.server.is_handshaking() {
            pump::<ClientConnectionData>(&mut self.client, &mut to_client, &mut to_server);
            pump::<ServerConnectionData>(&mut self.server, &mut to_server, &mut to_client);
        }
        pump::<ClientConnectionData>(&mut self.client, &mut to_client, &mut to_server);
    }
}

/// Runs one end until it waits for input.
fn pump<Data>(
    connection: &mut UnbufferedConnectionCommon<Data>,
    input: &mut Vec<u8>,
    output: &mut Vec<u8>,
) where
    UnbufferedConnectionCommon<Data>: Process<Data>,
{
    let mut start = 0;
    loop {
        let UnbufferedStatus { discard, state } = connection.process(&mut input[start..]);
        start += discard;
        match state.expect("a handshake") {
            ConnectionState::EncodeTlsData(mut data) => {
                let end = output.len();
                output.resize(end + (1 << 15), 0);
                let written = data.encode(&mut output[end..]).expect("room enough");
                output.truncate(end + written);
            }
            ConnectionState::TransmitTlsData(data) => data.done(),
            _ => break,
        }
    }
    input.drain(..start);
}

/// What clients and servers have in common, which rustls says separately for each.
trait Process<Data> {
    fn process<'c, 'i>(&'c mut self, input: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Data>;
}

impl Process<ClientConnectionData> for UnbufferedConnectionCommon<ClientConnectionData> {
    fn process<'c, 'i>(
        &'c mut self,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, ClientConnectionData> {
        self.process_tls_records(input)
    }
}

impl Process<ServerConnectionData> for UnbufferedConnectionCommon<ServerConnectionData> {
    fn process<'c, 'i>(
        &'c mut self,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, ServerConnectionData> {
        self.process_tls_records(input)
    }
}

fn configs(pki: &Pki) -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let mut provider = ring::default_provider();
    provider
        .cipher_suites
        .retain(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256);
    let provider: Arc<CryptoProvider> = provider.into();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&pki.roots));
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("a suite of TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let key = PrivateKeyDer::from_pem_slice(pki.server_key.as_bytes()).expect("a key");
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("a suite of TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(certificates(&pki.server_chain), key)
        .expect("a key that fits its certificate");
    server.send_tls13_tickets = 0;
    (client.into(), server.into())
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .expect("certificates")
}
