use closure::{Edition, Profile};
use peer::MessageName;
use protocol::{Presented, Tls12Close};
use wire::{ContentType, Epoch, HandshakeType};

/// What happens, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// How the context is set up.
    pub settings: Settings,
    /// The steps.
    pub steps: Vec<Step>,
}

/// How the context of a script is set up, where it differs from the ordinary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// How many session tickets the server sends, whichever side it is.
    pub tickets: u8,
    /// What becomes of 0-RTT data on a resumed connection.
    pub early_data: EarlyData,
    /// What the subject, as a client, writes as 0-RTT data.
    pub early_write: Payload,
    /// The subject, as a server, may write before the client's `Finished`.
    pub half_rtt: bool,
    /// The most bytes of a record that the subject sends.
    pub fragment_size: Option<usize>,
    /// The `record_size_limit` that each side tells the other (RFC 8449).
    pub record_size_limit: Option<u16>,
    /// How many records one of the subject's keys may protect.
    pub key_limit: Option<u64>,
    /// The server asks for a client certificate.
    pub client_auth: bool,
    /// The server asks for another `ClientHello`.
    pub hello_retry: bool,
    /// The cipher suite, by its IANA number; the first that both know unless given.
    pub suite: Option<u16>,
    /// The key exchange group, by its IANA number.
    pub group: Option<u16>,
    /// The only meaning of the peer's `close_notify` for the own half in TLS 1.2 under which the
    /// script makes sense; any unless given.
    pub tls12_close: Option<Tls12Close>,
    /// The only edition of TLS 1.3 under which the script makes sense; any unless given.
    pub edition: Option<Edition>,
    /// The peer sends the `change_cipher_spec` records of middlebox compatibility.
    pub middlebox_ccs: bool,
}

/// What becomes of 0-RTT data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EarlyData {
    /// Nobody offers any.
    #[default]
    None,
    /// The server takes this many bytes.
    Accept(u32),
    /// The client offers it, and the server does not take it.
    Reject,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open another connection in the same context, resuming the session if there is one.
    Connect,
    /// Go on with the handshake to its end, or until the peer's next message is this one.
    Handshake {
        /// The message before which to stop.
        until: Option<MessageName>,
    },
    /// Shape the next handshake message of this name.
    Edit {
        /// Which message.
        message: MessageName,
        /// How.
        shape: Shape,
    },
    /// The peer sends.
    Peer {
        /// What.
        say: Say,
        /// In which shape.
        shape: Shape,
    },
    /// The subject's application does something.
    App(App),
    /// The transport does something.
    Transport(Transport),
}

/// What the peer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// Application data: one record for each 2^14 bytes, one empty record for no bytes.
    Write(Payload),
    /// `close_notify` at level warning.
    Close,
    /// An alert.
    Alert {
        /// Level byte.
        level: u8,
        /// Description byte.
        description: u8,
    },
    /// `KeyUpdate` with this value; 0 and 1 are the ones that mean something.
    KeyUpdate(u8),
    /// A fresh `NewSessionTicket`.
    Ticket,
    /// A request for renegotiation: `HelloRequest` or `ClientHello`.
    Renegotiate,
    /// `change_cipher_spec`, never protected in TLS 1.3, with this body.
    ChangeCipherSpec(u8),
    /// A handshake message with this body.
    Handshake {
        /// Its type.
        kind: HandshakeType,
        /// Its body, without the header.
        body: Payload,
    },
    /// A record of this type with this content.
    Record {
        /// Its content type.
        kind: ContentType,
        /// Its content.
        content: Payload,
    },
    /// Bytes on the transport that are no record of the peer's.
    Raw(Payload),
    /// The peer's own record from so many records ago, again; 1 is the last one.
    Replay(u8),
    /// The subject's record from so many records ago, back; 1 is the last one.
    Reflect(u8),
}

/// Bytes in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Payload {
    /// None.
    #[default]
    Empty,
    /// Printable text.
    Text(String),
    /// So many bytes of the running pattern.
    Pattern(usize),
    /// Just these.
    Bytes(Vec<u8>),
}

/// What is peculiar about a record. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// So many zero bytes of padding.
    pub pad: usize,
    /// The content type in the header.
    pub outer: Option<u8>,
    /// The version in the header.
    pub header_version: Option<u16>,
    /// The tag covers the header as changed, rather than the proper one.
    pub aad_as_sent: bool,
    /// The length in the header.
    pub length: Option<u16>,
    /// The keys.
    pub epoch: Option<Epoch>,
    /// The sequence number, as a distance from the next one.
    pub skip: i64,
    /// Flip a bit of the tag.
    pub bad_tag: bool,
    /// Flip a bit of the body.
    pub bad_body: bool,
    /// Flip a bit of the last byte of the content before it is protected.
    pub flip: bool,
    /// Leave out content and content type.
    pub no_type: bool,
    /// Only so many bytes of the content, from its start.
    pub part: Option<usize>,
    /// The content without so many bytes at its start.
    pub rest: Option<usize>,
    /// The content in records of so many bytes.
    pub split: Option<usize>,
    /// In one record with what the next message holds.
    pub join: bool,
    /// Sealed, but lost on the way.
    pub dropped: bool,
    /// Delivered behind the next record.
    pub late: bool,
    /// Never sealed: the peer says nothing where this should stand.
    pub omitted: bool,
    /// The last so many bytes of the record never leave.
    pub short: usize,
}

/// What the subject's application does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum App {
    /// Writes.
    Write(Payload),
    /// Closes its own half.
    Close,
    /// Asks for fresh keys.
    UpdateKeys,
    /// Stops reading.
    Pause,
    /// Reads so many bytes, and stops again.
    Read(usize),
    /// Reads all there is, from now on.
    Resume,
    /// Calls the implementation once more.
    Settle(Presented),
    /// Exports keying material.
    Export,
    /// Forgets the connection.
    Drop,
}

/// What the transport does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Keeps the peer's bytes back.
    Hold,
    /// Delivers what it kept back, in one piece unless the cut says otherwise.
    Release,
    /// Ends the subject's reading in order.
    Fin,
    /// Resets.
    Reset,
    /// Takes no bytes from the subject.
    Block,
    /// Takes so many bytes from the subject, and blocks again.
    Room(usize),
    /// Takes all bytes from the subject, from now on.
    Unblock,
    /// Lets so many seconds pass.
    Clock(u64),
}

impl Script {
    /// Reads the text form: a line for each setting and step. Text behind `#` is a comment.
    ///
    /// # Errors
    ///
    /// Names the line, what is wrong with it, and what could stand there.
    pub fn parse(text: &str) -> Result<Self, crate::ParseError> {
        crate::text::parse(text)
    }
}

impl Settings {
    /// The profile to play in, given that of the run.
    pub fn profile(&self, of_run: Profile) -> Profile {
        Profile {
            tls12_close: self.tls12_close.unwrap_or(of_run.tls12_close),
            edition: self.edition.unwrap_or(of_run.edition),
        }
    }
}

impl Payload {
    /// How many bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Text(text) => text.len(),
            Self::Pattern(length) => *length,
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the bytes to `out`. The pattern runs on from `offset`, so that no two stretches of a
    /// long transfer look alike.
    pub fn write(&self, offset: usize, out: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Pattern(length) => {
                // In long stretches: a fuzzer's instrumentation counts single bytes.
                let mut left = *length;
                let mut at = offset % PERIOD;
                while left > 0 {
                    let stretch = &PATTERN[at..PATTERN.len().min(at + left)];
                    out.extend_from_slice(stretch);
                    left -= stretch.len();
                    at = (at + stretch.len()) % PERIOD;
                }
            }
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// The running pattern's period: one that shows a lost or doubled block of any power of two.
const PERIOD: usize = 251;

/// Some periods of the running pattern.
static PATTERN: [u8; 16 * PERIOD] = {
    let mut bytes = [0; 16 * PERIOD];
    let mut i = 0;
    while i < bytes.len() {
        bytes[i] = (i % PERIOD) as u8;
        i += 1;
    }
    bytes
};
