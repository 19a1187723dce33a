//! Records: one about to be sealed, what became of it, and one that was seen.

use wire::{Content, ContentType, Epoch, Meaning};

/// A record to be sealed. [`Draft::new`] is a plain correct one; every other field is something to
/// get wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draft<'a> {
    /// The true content type.
    pub content_type: u8,
    /// The content. What does not fit a record with its 16-bit length is cut off.
    pub payload: &'a [u8],
    /// The keys; `None` takes [`Peer::write_epoch`](crate::Peer::write_epoch). Keys that do not
    /// exist (yet) are replaced by arbitrary ones.
    pub epoch: Option<Epoch>,
    /// The sequence number; `None` takes the next of the epoch, and only then does that move on.
    pub sequence: Option<u64>,
    /// Zero bytes behind the content type (TLS 1.3 protection only).
    pub padding: usize,
    /// The content type in the header, where not the proper one.
    pub outer_type: Option<u8>,
    /// The version in the header, where not the proper one.
    pub header_version: Option<u16>,
    /// Whether the tag covers the header as it is sent. Otherwise it covers the proper header, as if
    /// type or version had been changed in flight.
    pub aad_as_sent: bool,
    /// What is damaged after sealing.
    pub corrupt: Corrupt,
    /// TLS 1.3 protection: leave content and content type out, so that the inner plaintext is all
    /// padding, or empty without any.
    pub no_type: bool,
    /// The length in the header, where not the proper one. The tag covers the proper one.
    pub length: Option<u16>,
    /// The part of the nonce that travels with the record, where not the sequence number (TLS 1.2
    /// with GCM only).
    pub explicit_nonce: Option<u64>,
    /// Seal with the subject's own write keys of the epoch, as if its record came back. Has no effect
    /// where the subject has no such keys.
    pub reflect: bool,
    /// It does not arrive: what the receiver knows stays as it was.
    pub lost: bool,
}

/// What is damaged in a sealed record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Corrupt {
    /// Nothing.
    #[default]
    None,
    /// A bit of the tag. In an unprotected record, of the content.
    Tag,
    /// A bit of the ciphertext (of the tag, if there is none) or content.
    Body,
}

/// What became of a [`Draft`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// What the record means to a receiver that follows the RFC and has got, whole and in order,
    /// whatever was sealed before.
    pub meaning: Meaning,
    /// The keys used.
    pub epoch: Epoch,
    /// The sequence number used.
    pub sequence: u64,
    /// The header as sent.
    pub header: [u8; 5],
    /// Bytes appended, header included.
    pub len: usize,
}

/// A record that the subject sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'a> {
    /// The header.
    pub header: [u8; 5],
    /// Bytes on the wire, header included.
    pub len: usize,
    /// The keys that opened it; `None` if there are none.
    pub epoch: Option<Epoch>,
    /// Its sequence number under those keys; if none opened it, the one that was expected.
    pub sequence: u64,
    /// The part of its nonce that came with it (TLS 1.2 with GCM, RFC 5288 3), if it opened.
    pub explicit_nonce: Option<u64>,
    /// What it holds.
    pub content: Content,
    /// The content without padding and type, or the body as it came if it is undecryptable.
    pub bytes: &'a [u8],
    /// Zero bytes behind the content type.
    pub padding: usize,
}

impl<'a> Draft<'a> {
    /// A correct record.
    #[must_use]
    pub const fn new(content_type: ContentType, payload: &'a [u8]) -> Self {
        Self {
            content_type: content_type.0,
            payload,
            epoch: None,
            sequence: None,
            padding: 0,
            outer_type: None,
            header_version: None,
            aad_as_sent: true,
            corrupt: Corrupt::None,
            no_type: false,
            length: None,
            explicit_nonce: None,
            reflect: false,
            lost: false,
        }
    }
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self::new(ContentType::APPLICATION_DATA, &[])
    }
}
