use closure::{Edition, Profile};
use peer::MessageName;
use protocol::{Presented, Tls12Close};
use wire::{ContentType, Epoch, HandshakeType};

/// A sequence of steps, and the settings for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The settings of the context.
    pub settings: Settings,
    /// The steps.
    pub steps: Vec<Step>,
}

/// The settings of a script's context. The default is an ordinary context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// The number of session tickets that the server sends, whether it is the subject or the peer.
    pub tickets: u8,
    /// The handling of 0-RTT data on a resumed connection.
    pub early_data: EarlyData,
    /// The 0-RTT data that the subject writes as a client.
    pub early_write: Payload,
    /// Whether the subject, as a server, may write before the client's `Finished`.
    pub half_rtt: bool,
    /// The maximum size of a record that the subject sends, in bytes.
    pub fragment_size: Option<usize>,
    /// The `record_size_limit` that both sides send (RFC 8449).
    pub record_size_limit: Option<u16>,
    /// The number of records that one of the subject's keys may protect.
    pub key_limit: Option<u64>,
    /// Whether the server requests a client certificate.
    pub client_auth: bool,
    /// Whether the server sends a `HelloRetryRequest`.
    pub hello_retry: bool,
    /// The IANA number of the cipher suite. The first that both sides support if absent.
    pub suite: Option<u16>,
    /// The IANA number of the key exchange group.
    pub group: Option<u16>,
    /// The effect of the peer's `close_notify` on the subject's write half in TLS 1.2 that the
    /// script requires. The script applies under both if absent.
    pub tls12_close: Option<Tls12Close>,
    /// The edition of TLS 1.3 that the script requires. The script applies under both if absent.
    pub edition: Option<Edition>,
    /// Whether the peer sends the `change_cipher_spec` records of middlebox compatibility mode.
    pub middlebox_ccs: bool,
}

/// The handling of 0-RTT data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EarlyData {
    /// The client offers none.
    #[default]
    None,
    /// The server accepts this many bytes.
    Accept(u32),
    /// The client offers it and the server rejects it.
    Reject,
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open another connection in the same context. It resumes the session if there is one.
    Connect,
    /// Continue the handshake to its end, or until the peer's next message is `until`.
    Handshake {
        /// The message before which to stop.
        until: Option<MessageName>,
    },
    /// Change the shape of the next handshake message of this name.
    Edit {
        /// The message.
        message: MessageName,
        /// The shape.
        shape: Shape,
    },
    /// The peer sends something.
    Peer {
        /// The content.
        say: Say,
        /// The shape.
        shape: Shape,
    },
    /// The subject's application acts.
    App(App),
    /// The transport acts.
    Transport(Transport),
}

/// Content that the peer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// Application data: one record for each 2^14 bytes, or one empty record.
    Write(Payload),
    /// `close_notify` at level warning.
    Close,
    /// An alert.
    Alert {
        /// The level byte.
        level: u8,
        /// The description byte.
        description: u8,
    },
    /// `KeyUpdate` with this value. Only 0 and 1 are valid.
    KeyUpdate(u8),
    /// A new `NewSessionTicket`.
    Ticket,
    /// A renegotiation request: `HelloRequest` or `ClientHello`.
    Renegotiate,
    /// `change_cipher_spec` with this body. It is unprotected in TLS 1.3.
    ChangeCipherSpec(u8),
    /// A handshake message with this body.
    Handshake {
        /// The type of the message.
        kind: HandshakeType,
        /// The body, without the header.
        body: Payload,
    },
    /// A record with this type and content.
    Record {
        /// The content type.
        kind: ContentType,
        /// The content.
        content: Payload,
    },
    /// Bytes for the transport that are not a record of the peer.
    Raw(Payload),
    /// A copy of an earlier record of the peer, counted backwards. 1 is the last record.
    Replay(u8),
    /// A copy of an earlier record of the subject, counted backwards. 1 is the last record.
    Reflect(u8),
}

/// Bytes in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Payload {
    /// No bytes.
    #[default]
    Empty,
    /// Printable text.
    Text(String),
    /// The next bytes of the running pattern, this many.
    Pattern(usize),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// The deviations of a record from an ordinary one. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The number of zero bytes of padding.
    pub pad: usize,
    /// The content type in the header.
    pub outer: Option<u8>,
    /// The version in the header.
    pub header_version: Option<u16>,
    /// The tag covers the changed header rather than the original one.
    pub aad_as_sent: bool,
    /// The length in the header.
    pub length: Option<u16>,
    /// The epoch of the keys.
    pub epoch: Option<Epoch>,
    /// The sequence number, relative to the next one.
    pub skip: i64,
    /// Flip a bit of the tag.
    pub bad_tag: bool,
    /// Flip a bit of the body.
    pub bad_body: bool,
    /// Flip a bit of the last byte of the content before protection.
    pub flip: bool,
    /// Omit the content and the content type.
    pub no_type: bool,
    /// Send only this many bytes from the start of the content.
    pub part: Option<usize>,
    /// Omit this many bytes at the start of the content.
    pub rest: Option<usize>,
    /// Split the content into records of this many bytes.
    pub split: Option<usize>,
    /// Send the content in one record with that of the next message.
    pub join: bool,
    /// Seal the record, but do not deliver it.
    pub dropped: bool,
    /// Deliver the record after the next one.
    pub late: bool,
    /// Do not seal the message: the peer skips it.
    pub omitted: bool,
    /// Omit this many bytes at the end of the record.
    pub short: usize,
}

/// An action of the subject's application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum App {
    /// Writes application data.
    Write(Payload),
    /// Closes its write half.
    Close,
    /// Requests new keys.
    UpdateKeys,
    /// Stops reading.
    Pause,
    /// Reads this many bytes, then stops again.
    Read(usize),
    /// Reads all data from now on.
    Resume,
    /// Calls the implementation once more.
    Settle(Presented),
    /// Exports keying material.
    Export,
    /// Drops the connection.
    Drop,
}

/// An action of the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Holds the peer's bytes back.
    Hold,
    /// Delivers the held bytes, in one piece unless the cut says otherwise.
    Release,
    /// Sends a FIN to the subject.
    Fin,
    /// Resets the connection.
    Reset,
    /// Accepts no bytes from the subject.
    Block,
    /// Accepts this many bytes from the subject, then blocks again.
    Room(usize),
    /// Accepts all bytes from the subject from now on.
    Unblock,
    /// Advances the clock by this many seconds.
    Clock(u64),
}

impl Script {
    /// Reads the text form: one line for each setting and step. Text after `#` is a comment.
    ///
    /// # Errors
    ///
    /// Names the line, what is wrong with it and what is expected instead.
    pub fn parse(text: &str) -> Result<Self, crate::ParseError> {
        crate::text::parse(text)
    }
}

impl Settings {
    /// Returns the profile of the script, given that of the run.
    pub fn profile(&self, of_run: Profile) -> Profile {
        Profile {
            tls12_close: self.tls12_close.unwrap_or(of_run.tls12_close),
            edition: self.edition.unwrap_or(of_run.edition),
        }
    }
}

impl Payload {
    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Text(text) => text.len(),
            Self::Pattern(length) => *length,
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the bytes to `out`. The pattern continues from `offset`, so that all parts of a long
    /// transfer differ.
    pub fn write(&self, offset: usize, out: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Pattern(length) => {
                // Copy long slices: a fuzzer's instrumentation would count each byte of a loop.
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

/// The period of the running pattern. It reveals a lost or repeated block whose size is a power of
/// two.
const PERIOD: usize = 251;

/// Several periods of the running pattern.
static PATTERN: [u8; 16 * PERIOD] = {
    let mut bytes = [0; 16 * PERIOD];
    let mut i = 0;
    while i < bytes.len() {
        bytes[i] = (i % PERIOD) as u8;
        i += 1;
    }
    bytes
};
