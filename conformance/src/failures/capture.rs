//! The traffic of an instance as a capture file, with the keys that decrypt it.
//!
//! Tools recognise TLS by its transport, so the file shows each connection as TCP over IPv4: the
//! subject is 192.0.2.1 and the peer 192.0.2.2 (RFC 5737), the server's port is 443, and packets
//! are a millisecond apart. Each piece of input of the subject is one packet. The keys are in the
//! file, in a block of decryption secrets.

use std::time::Duration;

use peer::LoggedSecret;
use protocol::{DEFAULT_CLOCK, Role};
use shim::{Passed, Wire};

use super::pcapng::{Address, Pcapng, Segment};

const SUBJECT: Address = [192, 0, 2, 1];
const PEER: Address = [192, 0, 2, 2];
const SERVER_PORT: u16 = 443;
/// The client's port on the first connection. Each further connection adds one.
const FIRST_PORT: u16 = 50_001;
/// The maximum payload of a packet. IPv4 allows 65,535 bytes with headers.
const MOST: usize = 65_000;

/// The whole file, in pcapng.
pub fn pcapng<'a>(wire: &Wire, secrets: impl Iterator<Item = &'a LoggedSecret>) -> Vec<u8> {
    let key_log: String = secrets.map(|secret| format!("{secret}\n")).collect();
    let mut file = Pcapng::new(&[(SUBJECT, "subject"), (PEER, "peer")], &key_log);
    let mut connection = None;
    let mut count = 0;
    let mut number = 0;
    for (passed, bytes) in wire.passed() {
        let connection = match (passed, &mut connection) {
            (Passed::Opened(role), _) => {
                count += 1;
                connection.insert(Connection::new(role, FIRST_PORT.saturating_add(count - 1)))
            }
            (_, Some(connection)) => connection,
            (_, None) => continue,
        };
        connection.segments(passed, bytes, &mut |segment| {
            let time = Duration::from_secs(DEFAULT_CLOCK) + Duration::from_millis(number);
            number += 1;
            file.packet(time, &segment);
        });
    }
    file.into_bytes()
}

/// The state of a TCP connection, as far as a capture shows it.
struct Connection {
    subject: End,
    peer: End,
}

/// One end of a connection.
#[derive(Clone, Copy)]
struct End {
    address: Address,
    port: u16,
    /// The sequence number of the next byte that it sends.
    next: u32,
}

impl Connection {
    fn new(role: Role, client_port: u16) -> Self {
        let (subject_port, peer_port) = match role {
            Role::Client => (client_port, SERVER_PORT),
            Role::Server => (SERVER_PORT, client_port),
        };
        Self {
            subject: End {
                address: SUBJECT,
                port: subject_port,
                next: 0,
            },
            peer: End {
                address: PEER,
                port: peer_port,
                next: 0,
            },
        }
    }

    /// Shows what passed as TCP segments.
    fn segments(&mut self, passed: Passed, bytes: &[u8], show: &mut dyn FnMut(Segment<'_>)) {
        let Self { subject, peer } = self;
        match passed {
            Passed::Opened(role) => {
                let (client, server) = match role {
                    Role::Client => (subject, peer),
                    Role::Server => (peer, subject),
                };
                show(client.sends(server, |segment| {
                    segment.syn = true;
                    segment.acknowledges = None;
                }));
                show(server.sends(client, |segment| segment.syn = true));
                show(client.sends(server, |_| ()));
            }
            Passed::ToSubject => peer.sends_all(subject, bytes, show),
            Passed::ToPeer => subject.sends_all(peer, bytes, show),
            Passed::PeerFin => show(peer.sends(subject, |segment| segment.fin = true)),
            Passed::PeerReset => show(peer.sends(subject, |segment| segment.rst = true)),
            Passed::SubjectFin => show(subject.sends(peer, |segment| segment.fin = true)),
        }
    }
}

impl End {
    /// The next segment to `to`, an empty acknowledgement unless `say` adds to it.
    fn sends<'b>(&mut self, to: &Self, say: impl FnOnce(&mut Segment<'b>)) -> Segment<'b> {
        let mut segment = Segment {
            from: (self.address, self.port),
            to: (to.address, to.port),
            sequence: self.next,
            acknowledges: Some(to.next),
            syn: false,
            fin: false,
            rst: false,
            payload: &[],
        };
        say(&mut segment);
        // SYN and FIN take one number each (RFC 9293 3.4).
        let taken = segment.payload.len() as u32 + u32::from(segment.syn) + u32::from(segment.fin);
        self.next = self.next.wrapping_add(taken);
        segment
    }

    fn sends_all(&mut self, to: &Self, bytes: &[u8], show: &mut dyn FnMut(Segment<'_>)) {
        for chunk in bytes.chunks(MOST) {
            show(self.sends(to, |segment| segment.payload = chunk));
        }
    }
}
