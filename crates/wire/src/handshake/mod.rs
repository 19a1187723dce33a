//! The handshake header, and a view for each handshake message.

mod certificate;
mod exchange;
mod hello;
mod post;

pub use certificate::{
    Certificate12, Certificate13, CertificateEntry, CertificateRequest12, CertificateRequest13,
    CertificateVerify,
};
pub use exchange::{
    ClientKeyExchange, EndOfEarlyData, Finished, HelloRequest, ServerHelloDone, ServerKeyExchange,
};
pub use hello::{ClientHello, EncryptedExtensions, ServerHello};
pub use post::{KeyUpdate, NewSessionTicket12, NewSessionTicket13};

use crate::{Error, Reader, put_u8, put_u24, vec24};

/// Splits the first handshake message off `bytes` and returns it with its length in bytes, header
/// included. Returns `None` while the message is incomplete.
///
/// This does not validate the header. The caller rejects over-long messages, with
/// [`HandshakeHeader::parse`] if it cannot wait for the body.
pub fn split_handshake(bytes: &[u8]) -> Option<(HandshakeMessage<'_>, usize)> {
    let mut reader = Reader::new(bytes);
    let kind = HandshakeType(reader.u8("msg_type").ok()?);
    let body = reader.vec24("handshake message").ok()?;
    Some((
        HandshakeMessage { kind, body },
        HandshakeHeader::LEN + body.len(),
    ))
}

/// A handshake message with an unparsed body (RFC 8446 4, RFC 5246 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeMessage<'a> {
    /// The type of the message.
    pub kind: HandshakeType,
    /// The bytes after the header.
    pub body: &'a [u8],
}

impl HandshakeMessage<'_> {
    /// Appends the header and the body.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_u8(out, self.kind.0);
        vec24(out, |out| out.extend_from_slice(self.body));
    }
}

/// The four-byte header of a handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeHeader {
    /// The type of the message.
    pub kind: HandshakeType,
    /// The length of the body in bytes, below 2^24.
    pub length: u32,
}

impl HandshakeHeader {
    /// The length of a header in bytes.
    pub const LEN: usize = 4;

    /// Reads the header at the start of `bytes`. Further bytes may follow. Returns
    /// [`Error::Truncated`] if there are fewer than four bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "handshake header";
        let mut reader = Reader::new(bytes);
        Ok(Self {
            kind: HandshakeType(reader.u8(WHAT)?),
            length: reader.u24(WHAT)?,
        })
    }

    /// Appends the header. The length is written as is, even if it is wrong.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_u8(out, self.kind.0);
        put_u24(out, self.length);
    }
}

/// A typed handshake message.
pub trait Message<'a>: Sized {
    /// The type byte in the header.
    const KIND: HandshakeType;

    /// Reads the body. `body` must not contain further bytes.
    fn parse(body: &'a [u8]) -> Result<Self, Error>;

    /// Appends the body.
    fn encode(&self, out: &mut Vec<u8>);

    /// Appends the header and the body.
    fn encode_message(&self, out: &mut Vec<u8>) {
        put_u8(out, Self::KIND.0);
        vec24(out, |out| self.encode(out));
    }

    /// Returns the header and the body.
    fn to_message(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_message(&mut out);
        out
    }
}

code_points! {
    /// A handshake message's type byte (RFC 8446 4, RFC 5246 7.4).
    HandshakeType(u8), "handshake" {
        HELLO_REQUEST = 0, "hello_request";
        CLIENT_HELLO = 1, "client_hello";
        SERVER_HELLO = 2, "server_hello";
        HELLO_VERIFY_REQUEST = 3, "hello_verify_request";
        NEW_SESSION_TICKET = 4, "new_session_ticket";
        END_OF_EARLY_DATA = 5, "end_of_early_data";
        HELLO_RETRY_REQUEST = 6, "hello_retry_request";
        ENCRYPTED_EXTENSIONS = 8, "encrypted_extensions";
        CERTIFICATE = 11, "certificate";
        SERVER_KEY_EXCHANGE = 12, "server_key_exchange";
        CERTIFICATE_REQUEST = 13, "certificate_request";
        SERVER_HELLO_DONE = 14, "server_hello_done";
        CERTIFICATE_VERIFY = 15, "certificate_verify";
        CLIENT_KEY_EXCHANGE = 16, "client_key_exchange";
        FINISHED = 20, "finished";
        CERTIFICATE_URL = 21, "certificate_url";
        CERTIFICATE_STATUS = 22, "certificate_status";
        SUPPLEMENTAL_DATA = 23, "supplemental_data";
        KEY_UPDATE = 24, "key_update";
        MESSAGE_HASH = 254, "message_hash";
    }
}
