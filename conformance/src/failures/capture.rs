//! The traffic of an instance as a capture file, with the keys that decrypt it.
//!
//! Tools recognise TLS by its transport, so the file shows each connection as TCP over IPv4: the
//! subject is 192.0.2.1 and the peer 192.0.2.2 (RFC 5737), the server's port is 443, and packets
//! are a millisecond apart. Each piece of input of the subject is one packet. The keys are in the
//! file, in a block of decryption secrets.

use std::borrow::Cow;
use std::time::Duration;

use etherparse::PacketBuilder;
use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::name_resolution::{Ipv4Record, NameResolutionBlock, Record};
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use peer::LoggedSecret;
use protocol::{DEFAULT_CLOCK, Role};

use super::tap::{Passed, Wire};

const SUBJECT: [u8; 4] = [192, 0, 2, 1];
const PEER: [u8; 4] = [192, 0, 2, 2];
const SERVER_PORT: u16 = 443;
/// The client's port on the first connection. Each further connection adds one.
const FIRST_PORT: u16 = 50_001;
/// The maximum payload of a packet. IPv4 allows 65,535 bytes with headers.
const MOST: usize = 65_000;

/// The type of the block of secrets, which the library does not support.
const DECRYPTION_SECRETS: u32 = 0x0000_000a;
/// The type of the secrets: an NSS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// The whole file, in pcapng.
///
/// # Errors
///
/// The library's message. As it writes to memory, an error would be a bug in this program.
pub fn pcapng<'a>(
    wire: &Wire,
    secrets: impl Iterator<Item = &'a LoggedSecret>,
) -> Result<Vec<u8>, String> {
    write(wire, secrets).map_err(|error| error.to_string())
}

fn write<'a>(
    wire: &Wire,
    secrets: impl Iterator<Item = &'a LoggedSecret>,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut file = PcapNgWriter::new(Vec::new())?;
    file.write_pcapng_block(InterfaceDescriptionBlock {
        linktype: DataLink::IPV4,
        snaplen: 0,
        // The writer uses nanoseconds.
        options: vec![InterfaceDescriptionOption::IfTsResol(9)],
    })?;
    file.write_pcapng_block(NameResolutionBlock {
        records: [(SUBJECT, "subject"), (PEER, "peer")]
            .map(|(address, name)| {
                Record::Ipv4(Ipv4Record {
                    ip_addr: Cow::Owned(address.to_vec()),
                    names: vec![Cow::Borrowed(name)],
                })
            })
            .to_vec(),
        options: Vec::new(),
    })?;
    // Secrets must precede the packets that they decrypt.
    let value = key_log(secrets);
    file.write_pcapng_block(UnknownBlock::new(
        DECRYPTION_SECRETS,
        value.len() as u32,
        &value,
    ))?;
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
        for packet in connection.packets(passed, bytes)? {
            let timestamp = Duration::from_secs(DEFAULT_CLOCK) + Duration::from_millis(number);
            number += 1;
            file.write_pcapng_block(EnhancedPacketBlock {
                interface_id: 0,
                timestamp,
                original_len: packet.len() as u32,
                data: Cow::Owned(packet),
                options: Vec::new(),
            })?;
        }
    }
    Ok(file.into_inner())
}

/// The body of the block of secrets: type, length, and one line for each secret.
fn key_log<'a>(secrets: impl Iterator<Item = &'a LoggedSecret>) -> Vec<u8> {
    let lines: String = secrets.map(|secret| format!("{secret}\n")).collect();
    let mut value = TLS_KEY_LOG.to_ne_bytes().to_vec();
    value.extend_from_slice(&(lines.len() as u32).to_ne_bytes());
    value.extend_from_slice(lines.as_bytes());
    // The library adds the padding.
    value
}

/// The state of a TCP connection, as far as a capture shows it.
struct Connection {
    subject: End,
    peer: End,
}

/// One end of a connection.
#[derive(Clone, Copy)]
struct End {
    address: [u8; 4],
    port: u16,
    /// The sequence number of the next byte that it sends.
    next: u32,
}

/// The flags of a packet.
#[derive(Clone, Copy, Default)]
struct Flags {
    syn: bool,
    fin: bool,
    rst: bool,
    /// The first packet, which acknowledges nothing.
    first: bool,
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

    /// The packets for one item of traffic.
    fn packets(
        &mut self,
        passed: Passed,
        bytes: &[u8],
    ) -> Result<Vec<Vec<u8>>, etherparse::err::packet::BuildVecWriteError> {
        let Self { subject, peer } = self;
        let none = Flags::default();
        let syn = Flags { syn: true, ..none };
        let fin = Flags { fin: true, ..none };
        let rst = Flags { rst: true, ..none };
        Ok(match passed {
            Passed::Opened(role) => {
                let (client, server) = match role {
                    Role::Client => (subject, peer),
                    Role::Server => (peer, subject),
                };
                let first = Flags { first: true, ..syn };
                vec![
                    packet(client, server, first, &[])?,
                    packet(server, client, syn, &[])?,
                    packet(client, server, none, &[])?,
                ]
            }
            Passed::ToSubject => data(peer, subject, bytes)?,
            Passed::ToPeer => data(subject, peer, bytes)?,
            Passed::PeerFin => vec![packet(peer, subject, fin, &[])?],
            Passed::PeerReset => vec![packet(peer, subject, rst, &[])?],
            Passed::SubjectFin => vec![packet(subject, peer, fin, &[])?],
        })
    }
}

fn data(
    from: &mut End,
    to: &End,
    bytes: &[u8],
) -> Result<Vec<Vec<u8>>, etherparse::err::packet::BuildVecWriteError> {
    bytes
        .chunks(MOST)
        .map(|chunk| packet(from, to, Flags::default(), chunk))
        .collect()
}

/// An IPv4 packet.
fn packet(
    from: &mut End,
    to: &End,
    flags: Flags,
    bytes: &[u8],
) -> Result<Vec<u8>, etherparse::err::packet::BuildVecWriteError> {
    let mut tcp = PacketBuilder::ipv4(from.address, to.address, 64).tcp(
        from.port,
        to.port,
        from.next,
        u16::MAX,
    );
    if !flags.first {
        tcp = tcp.ack(to.next);
    }
    if flags.syn {
        tcp = tcp.syn();
    }
    if flags.fin {
        tcp = tcp.fin();
    }
    if flags.rst {
        tcp = tcp.rst();
    }
    if !bytes.is_empty() {
        tcp = tcp.psh();
    }
    let taken = bytes.len() as u32 + u32::from(flags.syn) + u32::from(flags.fin);
    from.next = from.next.wrapping_add(taken);
    let mut packet = Vec::with_capacity(tcp.size(bytes.len()));
    tcp.write_to_vec(&mut packet, bytes)?;
    Ok(packet)
}
