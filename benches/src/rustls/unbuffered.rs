use std::hint::black_box;
use std::ops::Deref;

use rustls::client::{ClientConnectionData, UnbufferedClientConnection};
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, UnbufferedStatus, WriteTraffic};
use rustls::{CommonState, Error, HandshakeKind};
use rustls_subject::Configs;

use crate::pair::{Context, End, Seen};
use crate::suite::RECORD;
use crate::wire::Wire;

/// More than a record adds to its content.
const OVERHEAD: usize = 64;
/// More than the length of any record.
const RECORD_ROOM: usize = RECORD + 4096;

/// The unbuffered API.
pub struct Unbuffered(pub(super) Configs);

impl Context for Unbuffered {
    fn client(&self, wire: &mut Wire) -> Box<dyn End> {
        let Configs { client, name, .. } = &self.0;
        let client = UnbufferedClientConnection::new(client.clone(), name.clone());
        let mut client = client.expect("a configuration");
        client.read(&mut [], wire, &mut Seen::default());
        Box::new(client)
    }

    fn server(&self) -> Box<dyn End> {
        let server = UnbufferedServerConnection::new(self.0.server.clone());
        Box::new(server.expect("a configuration"))
    }
}

/// The common part of clients and servers, which have separate types in rustls.
pub trait Side: Deref<Target: Deref<Target = CommonState>> {
    type Data;

    fn process<'c, 'i>(&'c mut self, input: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data>;
}

impl Side for UnbufferedClientConnection {
    type Data = ClientConnectionData;

    #[inline]
    fn process<'c, 'i>(&'c mut self, input: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(input)
    }
}

impl Side for UnbufferedServerConnection {
    type Data = ServerConnectionData;

    #[inline]
    fn process<'c, 'i>(&'c mut self, input: &'i mut [u8]) -> UnbufferedStatus<'c, 'i, Self::Data> {
        self.process_tls_records(input)
    }
}

impl<S: Side> End for S {
    fn write(&mut self, content: &[u8], wire: &mut Wire) {
        let room = wire.room(content.len() + (content.len() / RECORD + 1) * OVERHEAD);
        let written = calls::encrypt(&mut traffic(self), content, room);
        wire.wrote(written.expect("there is room"));
    }

    fn close(&mut self, wire: &mut Wire) {
        let written = traffic(self).queue_close_notify(wire.room(OVERHEAD));
        wire.wrote(written.expect("there is room"));
    }

    fn read(&mut self, input: &mut [u8], answer: &mut Wire, seen: &mut Seen) -> usize {
        let mut done = 0;
        loop {
            let status = calls::process(self, &mut input[done..]);
            done += status.discard;
            // Matched in place: unwrapping it first would move it.
            match status.state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = calls::next_record(&mut traffic) {
                        // Keeping the error in scope would cost its destructor for each record.
                        let record = record.unwrap_or_else(|error| unexpected(&error));
                        done += record.discard;
                        seen.data += black_box(record.payload.len());
                    }
                }
                Ok(ConnectionState::WriteTraffic(_)) => return done,
                state => {
                    if !goes_on(state, answer, seen) {
                        return done;
                    }
                }
            }
        }
    }

    fn is_resumed(&self) -> bool {
        self.handshake_kind() == Some(HandshakeKind::Resumed)
    }
}

/// Does what any other state requires, and returns whether another state follows without more
/// input.
#[cold]
#[inline(never)]
fn goes_on<Data>(
    state: Result<ConnectionState<'_, '_, Data>, Error>,
    answer: &mut Wire,
    seen: &mut Seen,
) -> bool {
    match state.expect("nothing is wrong with the input") {
        ConnectionState::EncodeTlsData(mut data) => {
            let written = data.encode(answer.room(RECORD_ROOM));
            answer.wrote(written.expect("there is room"));
        }
        ConnectionState::TransmitTlsData(data) => data.done(),
        #[cfg(feature = "peer-closed")]
        ConnectionState::PeerClosed => seen.peer_closed = true,
        ConnectionState::Closed => {
            // Before `PeerClosed` existed, this state reported the peer's close.
            seen.peer_closed = true;
            return false;
        }
        _ => return false,
    }
    true
}

/// The state to write in, which needs that nothing waits to be read or encoded.
#[inline]
fn traffic<S: Side>(connection: &mut S) -> WriteTraffic<'_, S::Data> {
    match calls::process(connection, &mut []).state {
        Ok(ConnectionState::WriteTraffic(traffic)) => traffic,
        state => unexpected(&state),
    }
}

#[cold]
#[expect(clippy::panic, reason = "there is nothing to measure")]
fn unexpected(state: &dyn std::fmt::Debug) -> ! {
    panic!("unexpected {state:?}")
}

/// The calls of rustls that move data, kept apart. What is counted outside of them is the cost of
/// the loop.
mod calls {
    use rustls::Error;
    use rustls::unbuffered::{
        AppDataRecord, EncryptError, ReadTraffic, UnbufferedStatus, WriteTraffic,
    };

    use super::Side;

    #[inline(never)]
    pub(super) fn process<'c, 'i, S: Side>(
        connection: &'c mut S,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, S::Data> {
        connection.process(input)
    }

    #[inline(never)]
    pub(super) fn next_record<'a, Data>(
        traffic: &'a mut ReadTraffic<'_, '_, Data>,
    ) -> Option<Result<AppDataRecord<'a>, Error>> {
        traffic.next_record()
    }

    #[inline(never)]
    pub(super) fn encrypt<Data>(
        traffic: &mut WriteTraffic<'_, Data>,
        content: &[u8],
        room: &mut [u8],
    ) -> Result<usize, EncryptError> {
        traffic.encrypt(content, room)
    }
}
