//! Records: drafts, sealed records and received records.

use wire::{Content, ContentType, Epoch, Meaning};

/// A record to be sealed. [`Draft::new`] is an ordinary correct record. Every other field can make
/// the record wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draft<'a> {
    /// The true content type.
    pub content_type: u8,
    /// The content. Truncated to fit a record with a 16-bit length.
    pub payload: &'a [u8],
    /// The epoch of the keys. `None` means [`Peer::write_epoch`](crate::Peer::write_epoch).
    /// Arbitrary keys replace keys that do not exist (yet).
    pub epoch: Option<Epoch>,
    /// The sequence number. `None` means the next one of the epoch. Only `None` advances the count.
    pub sequence: Option<u64>,
    /// The number of zero bytes after the content type (TLS 1.3 protection only).
    pub padding: usize,
    /// The content type in the header, if not the correct one.
    pub outer_type: Option<u8>,
    /// The version in the header, if not the correct one.
    pub header_version: Option<u16>,
    /// Whether the tag covers the header as sent. Otherwise it covers the correct header, as if the
    /// type or the version had been changed in flight.
    pub aad_as_sent: bool,
    /// The corruption after sealing.
    pub corrupt: Corrupt,
    /// With TLS 1.3 protection: omit the content and the content type. The inner plaintext is then
    /// only padding, or empty.
    pub no_type: bool,
    /// The length in the header, if not the correct one. The tag covers the correct one.
    pub length: Option<u16>,
    /// The explicit part of the nonce, if not the sequence number (TLS 1.2 with GCM only).
    pub explicit_nonce: Option<u64>,
    /// Whether to seal with the subject's write keys of the epoch, as if one of its records came
    /// back. Has no effect if the subject has no such keys.
    pub reflect: bool,
    /// The fate of the record on its way.
    pub transit: Transit,
    /// Where the content comes from.
    pub source: Source,
}

/// The fate of a sealed record on its way to the receiver, to be carried out by the peer's
/// owner. By default it arrives whole and in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Transit {
    /// The record is lost. The receiver's state then does not change.
    pub lost: bool,
    /// The record arrives after the next one that arrives in order.
    pub late: bool,
    /// The number of bytes missing at its end. It is also lost if this is all of it.
    pub short: usize,
}

/// Where the content of a record comes from, as far as the content does not tell. By default it is
/// that of one whole message which is due now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Source {
    /// The epoch in which the message is due. `None` means
    /// [`Peer::write_epoch`](crate::Peer::write_epoch).
    pub due: Option<Epoch>,
    /// Whether the content was changed.
    pub altered: bool,
    /// Whether some of the content was left out.
    pub partial: bool,
    /// Whether the content may continue that of the previous record.
    pub continues: bool,
}

/// A corruption of a sealed record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Corrupt {
    /// No corruption.
    #[default]
    None,
    /// Flip a bit of the tag, or of the content in an unprotected record.
    Tag,
    /// Flip a bit of the ciphertext (of the tag, if the ciphertext is empty) or content.
    Body,
}

/// The peer's claim about a record that arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The meaning of the record to a receiver that follows the RFC, after what it has received.
    pub meaning: Meaning,
    /// Whether the receiver may react before the record is complete.
    pub early: bool,
}

impl Claim {
    /// A record of unknown meaning may be refused for its header, or be none.
    #[must_use]
    pub fn new(meaning: Meaning) -> Self {
        Self {
            meaning,
            early: meaning == Meaning::Unknown,
        }
    }
}

/// The result of sealing a [`Draft`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The claim about the record.
    pub claim: Claim,
    /// The claim about an earlier [late](Transit::late) record, which arrives behind this one.
    pub late: Option<Claim>,
    /// The epoch of the keys.
    pub epoch: Epoch,
    /// The sequence number.
    pub sequence: u64,
    /// The header as sent. Zero if the receiver does not find it, because an earlier record was
    /// incomplete.
    pub header: [u8; 5],
    /// The number of appended bytes, including the header.
    pub len: usize,
}

/// A record that the subject sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'a> {
    /// The header.
    pub header: [u8; 5],
    /// The number of bytes on the wire, including the header.
    pub len: usize,
    /// The epoch of the keys that decrypted the record. `None` if no keys did.
    pub epoch: Option<Epoch>,
    /// The sequence number under those keys, or the expected one if no keys decrypted the record.
    pub sequence: u64,
    /// The explicit part of the nonce (TLS 1.2 with GCM, RFC 5288 3), if the record was decrypted.
    pub explicit_nonce: Option<u64>,
    /// The kind of content.
    pub content: Content,
    /// The content without padding and type, or the received body if it is undecryptable.
    pub bytes: &'a [u8],
    /// The number of zero bytes after the content type.
    pub padding: usize,
}

impl<'a> Draft<'a> {
    /// Creates a correct record.
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
            transit: Transit {
                lost: false,
                late: false,
                short: 0,
            },
            source: Source {
                due: None,
                altered: false,
                partial: false,
                continues: false,
            },
        }
    }
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self::new(ContentType::APPLICATION_DATA, &[])
    }
}
