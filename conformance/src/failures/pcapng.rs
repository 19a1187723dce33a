//! The parts of pcapng, IPv4 and TCP that a capture of a failure needs.
//!
//! A file is a section header, one interface, names for addresses, the TLS key log, and packets
//! (draft-ietf-opsawg-pcapng). `tshark` reads it in a test.

use std::time::Duration;

/// An IPv4 address.
pub(super) type Address = [u8; 4];

/// Block types.
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 0x0000_000a;

/// Tells readers the byte order of the file.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Packets begin with an IPv4 header.
const LINK_IPV4: u16 = 228;
/// The interface option that gives the unit of timestamps as a power of ten.
const IF_TSRESOL: u16 = 9;
const NANOSECONDS: u8 = 9;
/// A name resolution record for an IPv4 address.
const NAME_IPV4: u16 = 1;
/// The secrets are an NSS key log.
const TLS_KEY_LOG: u32 = 0x544c_534b;

const IPV4_HEADER: usize = 20;
const TCP_HEADER: usize = 20;
const PROTOCOL_TCP: u8 = 6;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// A TCP segment over IPv4.
pub(super) struct Segment<'a> {
    pub(super) from: (Address, u16),
    pub(super) to: (Address, u16),
    pub(super) sequence: u32,
    /// The next byte expected from the other end; none before anything was received.
    pub(super) acknowledges: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// At most 65,495 bytes: the length of an IPv4 packet has 16 bits.
    pub(super) payload: &'a [u8],
}

/// A capture file under construction.
pub(super) struct Pcapng {
    bytes: Vec<u8>,
}

impl Pcapng {
    /// A file without packets. Secrets must precede the packets that they decrypt.
    pub(super) fn new(names: &[(Address, &str)], key_log: &str) -> Self {
        let mut file = Self { bytes: Vec::new() };
        file.block(SECTION_HEADER, |body| {
            body.extend(BYTE_ORDER.to_le_bytes());
            body.extend(1u16.to_le_bytes());
            body.extend(0u16.to_le_bytes());
            // The length of the section is not given.
            body.extend(u64::MAX.to_le_bytes());
        });
        file.block(INTERFACE_DESCRIPTION, |body| {
            body.extend(LINK_IPV4.to_le_bytes());
            body.extend(0u16.to_le_bytes());
            // No limit on the length of packets.
            body.extend(0u32.to_le_bytes());
            option(body, IF_TSRESOL, &[NANOSECONDS]);
            option(body, 0, &[]);
        });
        file.block(NAME_RESOLUTION, |body| {
            for (address, name) in names {
                let record = [&address[..], name.as_bytes(), &[0]].concat();
                option(body, NAME_IPV4, &record);
            }
            option(body, 0, &[]);
        });
        file.block(DECRYPTION_SECRETS, |body| {
            body.extend(TLS_KEY_LOG.to_le_bytes());
            body.extend((key_log.len() as u32).to_le_bytes());
            body.extend(key_log.as_bytes());
        });
        file
    }

    /// Adds a packet. `time` counts from the Unix epoch.
    pub(super) fn packet(&mut self, time: Duration, segment: &Segment<'_>) {
        let packet = segment.packet();
        let length = (packet.len() as u32).to_le_bytes();
        let time = time.as_nanos() as u64;
        self.block(ENHANCED_PACKET, |body| {
            body.extend(0u32.to_le_bytes());
            body.extend(((time >> 32) as u32).to_le_bytes());
            body.extend((time as u32).to_le_bytes());
            // As captured, and as it was.
            body.extend(length);
            body.extend(length);
            body.extend(packet);
        });
    }

    /// The file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Adds a block: its type, its length, its body padded to 32 bits, its length again.
    fn block(&mut self, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut body = Vec::new();
        fill(&mut body);
        pad(&mut body);
        let length = (body.len() as u32 + 12).to_le_bytes();
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(length);
    }
}

/// Adds an option, or a name resolution record, which has the same form.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

impl Segment<'_> {
    /// The IPv4 packet (RFC 791) that carries the segment (RFC 9293).
    fn packet(&self) -> Vec<u8> {
        let length = (IPV4_HEADER + TCP_HEADER + self.payload.len()) as u16;
        let mut ip = Vec::with_capacity(length.into());
        // Version 4, five words of header, no differentiated services.
        ip.extend([0x45, 0]);
        ip.extend(length.to_be_bytes());
        // No identification, "do not fragment", 64 hops, no checksum yet.
        ip.extend([0, 0, 0x40, 0, 64, PROTOCOL_TCP, 0, 0]);
        ip.extend(self.from.0);
        ip.extend(self.to.0);
        let sum = checksum(&ip);
        ip[10..12].copy_from_slice(&sum.to_be_bytes());

        let flags = [
            (self.fin, FIN),
            (self.syn, SYN),
            (self.rst, RST),
            (!self.payload.is_empty(), PSH),
            (self.acknowledges.is_some(), ACK),
        ];
        let flags = flags
            .into_iter()
            .fold(0, |all, (set, flag)| if set { all | flag } else { all });
        let mut tcp = Vec::with_capacity(TCP_HEADER + self.payload.len());
        tcp.extend(self.from.1.to_be_bytes());
        tcp.extend(self.to.1.to_be_bytes());
        tcp.extend(self.sequence.to_be_bytes());
        tcp.extend(self.acknowledges.unwrap_or(0).to_be_bytes());
        // Five words of header, the flags, the widest window, no checksum yet, no urgent data.
        tcp.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(self.payload);
        // The checksum also covers a pseudo header.
        let mut covered = [self.from.0, self.to.0].concat();
        covered.extend([0, PROTOCOL_TCP]);
        covered.extend((tcp.len() as u16).to_be_bytes());
        covered.extend(&tcp);
        let sum = checksum(&covered);
        tcp[16..18].copy_from_slice(&sum.to_be_bytes());
        ip.extend(tcp);
        ip
    }
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| {
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([pair[0], low]))
    });
    let sum: u64 = words.map(u64::from).sum();
    let mut sum = sum;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
