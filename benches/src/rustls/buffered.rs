use std::hint::black_box;
use std::ops::DerefMut;

use rustls::client::{ClientConnection, ClientConnectionData};
use rustls::server::{ServerConnection, ServerConnectionData};
use rustls::{ConnectionCommon, HandshakeKind, SideData};
use rustls_subject::Configs;

use crate::pair::{Context, End, Seen};
use crate::suite::RECORD;
use crate::wire::Wire;

/// The buffered API.
pub struct Buffered(pub(super) Configs);

impl Context for Buffered {
    fn client(&self, wire: &mut Wire) -> Box<dyn End> {
        let Configs { client, name, .. } = &self.0;
        let client = ClientConnection::new(client.clone(), name.clone());
        let mut client = Connection::new(client.expect("a configuration"));
        client.flush(wire);
        Box::new(client)
    }

    fn server(&self) -> Box<dyn End> {
        let server = ServerConnection::new(self.0.server.clone());
        Box::new(Connection::new(server.expect("a configuration")))
    }
}

/// The common part of clients and servers.
pub trait Side: DerefMut<Target = ConnectionCommon<Self::Data>> {
    type Data: SideData;
}

impl Side for ClientConnection {
    type Data = ClientConnectionData;
}

impl Side for ServerConnection {
    type Data = ServerConnectionData;
}

struct Connection<S> {
    connection: S,
    /// The buffer for plaintext.
    buffer: Vec<u8>,
}

impl<S: Side> Connection<S> {
    fn new(connection: S) -> Self {
        Self {
            connection,
            buffer: vec![0; RECORD],
        }
    }

    #[inline]
    fn flush(&mut self, wire: &mut Wire) {
        while self.connection.wants_write() {
            wire.append(|bytes| calls::write_tls(&mut self.connection, bytes));
        }
    }
}

impl<S: Side> End for Connection<S> {
    fn write(&mut self, mut content: &[u8], wire: &mut Wire) {
        while !content.is_empty() {
            let written = calls::write(&mut self.connection, content);
            content = &content[written..];
            self.flush(wire);
        }
    }

    fn close(&mut self, wire: &mut Wire) {
        self.connection.send_close_notify();
        self.flush(wire);
    }

    fn read(&mut self, input: &mut [u8], answer: &mut Wire, seen: &mut Seen) -> usize {
        let mut rest = &*input;
        loop {
            if !rest.is_empty() {
                calls::read_tls(&mut self.connection, &mut rest);
            }
            let state = calls::process(&mut self.connection);
            let mut readable = state.plaintext_bytes_to_read();
            while readable > 0 {
                let read = calls::read(&mut self.connection, &mut self.buffer);
                seen.data += black_box(&self.buffer[..read]).len();
                readable -= read;
            }
            seen.peer_closed |= state.peer_has_closed();
            self.flush(answer);
            if rest.is_empty() {
                return input.len();
            }
        }
    }

    fn is_resumed(&self) -> bool {
        self.connection.handshake_kind() == Some(HandshakeKind::Resumed)
    }
}

/// The calls of rustls that move data, kept apart. What is counted outside of them is the cost of
/// the loop.
mod calls {
    use std::io::{Read, Write};

    use rustls::IoState;

    use super::Side;

    #[inline(never)]
    pub(super) fn write<S: Side>(connection: &mut S, content: &[u8]) -> usize {
        let written = connection.writer().write(content);
        written.expect("writing to memory")
    }

    #[inline(never)]
    pub(super) fn write_tls<S: Side>(connection: &mut S, bytes: &mut Vec<u8>) {
        connection.write_tls(bytes).expect("writing to memory");
    }

    #[inline(never)]
    pub(super) fn read_tls<S: Side>(connection: &mut S, bytes: &mut &[u8]) {
        connection.read_tls(bytes).expect("reading from memory");
    }

    #[inline(never)]
    pub(super) fn process<S: Side>(connection: &mut S) -> IoState {
        let state = connection.process_new_packets();
        state.expect("nothing is wrong with the input")
    }

    #[inline(never)]
    pub(super) fn read<S: Side>(connection: &mut S, buffer: &mut [u8]) -> usize {
        let read = connection.reader().read(buffer);
        read.expect("there is something to read")
    }
}
