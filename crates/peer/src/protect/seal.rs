//! Sealing records, with control over every part.

use thiserror::Error;
use wire::{ContentType, RecordHeader, Version};

use super::{Cipher, Protection, RECORD_VERSION, aad12};
use crate::crypto::aead::TAG_LEN;

/// A record to be sealed. [`Seal::new`] is correct. Every other field can make the record wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal<'a> {
    /// The content. The length of the body must stay below 2^16 bytes.
    pub content: &'a [u8],
    /// The true content type. `None` omits it from a TLS 1.3 inner plaintext, which is then only
    /// padding if `content` is empty, or empty without padding. Elsewhere `None` means 0.
    pub content_type: Option<ContentType>,
    /// The number of zero bytes after the content type. Only TLS 1.3 protection has padding.
    pub padding: usize,
    /// The content type in the header, if not the canonical one. The canonical type is
    /// `application_data` under TLS 1.3 protection, and otherwise `content_type`.
    pub outer_type: Option<ContentType>,
    /// The version bytes in the header.
    pub version: u16,
    /// The header bytes that the tag covers.
    pub aad: Aad,
    /// The explicit part of a TLS 1.2 GCM nonce, if not the sequence number.
    pub explicit_nonce: Option<[u8; 8]>,
    /// The damage after sealing.
    pub damage: Damage,
}

/// The header bytes that the tag covers if the type or the version is not canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Aad {
    /// The bytes as sent. The tag is correct for a receiver that authenticates the received header.
    #[default]
    AsSent,
    /// The canonical bytes. The tag is correct for a receiver that reconstructs the header.
    Canonical,
}

/// A bit to flip in a sealed record. Positions start at the most significant bit of the first byte
/// and wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Damage {
    /// No damage.
    #[default]
    None,
    /// A bit of the tag, or of the content in an unprotected record.
    Tag(usize),
    /// A bit of the ciphertext, or of the tag if the ciphertext is empty.
    Body(usize),
}

/// The body does not fit the 16-bit length field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the record would be longer than its length field can say")]
pub struct TooLong;

impl<'a> Seal<'a> {
    /// Creates a correct record.
    #[must_use]
    pub const fn new(content_type: ContentType, content: &'a [u8]) -> Self {
        Self {
            content,
            content_type: Some(content_type),
            padding: 0,
            outer_type: None,
            version: RECORD_VERSION,
            aad: Aad::AsSent,
            explicit_nonce: None,
            damage: Damage::None,
        }
    }
}

impl Protection {
    /// Appends the sealed record, including the header, to `out`.
    ///
    /// # Errors
    /// Returns [`TooLong`] and leaves `out` unchanged.
    pub fn seal(&self, sequence: u64, seal: &Seal<'_>, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let true_type = seal.content_type.unwrap_or(ContentType(0));
        let Some(cipher) = &self.0 else {
            let body = seal.content.len();
            push_header(
                seal.outer_type.unwrap_or(true_type),
                seal.version,
                body,
                out,
            )?;
            out.extend_from_slice(seal.content);
            damage(out, body, 0, seal.damage);
            return Ok(());
        };
        match cipher.version {
            Version::Tls13 => cipher.seal13(sequence, seal, out),
            Version::Tls12 => cipher.seal12(sequence, seal, true_type, out),
        }
    }
}

impl Cipher {
    /// Seals a TLS 1.3 record (RFC 8446 5.2).
    fn seal13(&self, sequence: u64, seal: &Seal<'_>, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let typed = usize::from(seal.content_type.is_some());
        let inner = seal
            .content
            .len()
            .saturating_add(typed)
            .saturating_add(seal.padding);
        let body = inner.saturating_add(TAG_LEN);
        let mut header = push_header(
            seal.outer_type.unwrap_or(ContentType::APPLICATION_DATA),
            seal.version,
            body,
            out,
        )?;
        if seal.aad == Aad::Canonical {
            header.content_type = ContentType::APPLICATION_DATA;
            header.version = RECORD_VERSION;
        }
        let start = out.len();
        out.extend_from_slice(seal.content);
        out.extend(seal.content_type.map(|content_type| content_type.0));
        out.resize(start + inner, 0);
        let tag = self.key.seal(
            &self.mixed_nonce(sequence),
            &header.to_bytes(),
            &mut out[start..],
        );
        out.extend_from_slice(&tag);
        damage(out, inner, TAG_LEN, seal.damage);
        Ok(())
    }

    /// Seals a TLS 1.2 record (RFC 5246 6.2.3.3), with the nonces of RFC 5288 or RFC 7905.
    fn seal12(
        &self,
        sequence: u64,
        seal: &Seal<'_>,
        true_type: ContentType,
        out: &mut Vec<u8>,
    ) -> Result<(), TooLong> {
        let len = seal.content.len();
        let outer_type = seal.outer_type.unwrap_or(true_type);
        let body = len.saturating_add(self.explicit_nonce_len + TAG_LEN);
        let mut header = push_header(outer_type, seal.version, body, out)?;
        if seal.aad == Aad::Canonical {
            header.content_type = true_type;
            header.version = RECORD_VERSION;
        }
        // At most the length of the body, which fits.
        header.length = len as u16;
        let aad = aad12(sequence, header);
        let nonce = if self.explicit_nonce_len == 0 {
            self.mixed_nonce(sequence)
        } else {
            let explicit = seal.explicit_nonce.unwrap_or(sequence.to_be_bytes());
            out.extend_from_slice(&explicit);
            self.explicit_nonce(explicit)
        };
        let start = out.len();
        out.extend_from_slice(seal.content);
        let tag = self.key.seal(&nonce, &aad, &mut out[start..]);
        out.extend_from_slice(&tag);
        damage(out, len, TAG_LEN, seal.damage);
        Ok(())
    }
}

fn push_header(
    content_type: ContentType,
    version: u16,
    body: usize,
    out: &mut Vec<u8>,
) -> Result<RecordHeader, TooLong> {
    let length = u16::try_from(body).map_err(|_| TooLong)?;
    let header = RecordHeader {
        content_type,
        version,
        length,
    };
    out.reserve(RecordHeader::LEN + body);
    header.encode(out);
    Ok(header)
}

/// Flips a bit of `out`, which ends with `text` bytes of content or ciphertext and `tag` bytes of
/// tag.
fn damage(out: &mut [u8], text: usize, tag: usize, damage: Damage) {
    let start = out.len() - text - tag;
    let (text, tag) = out[start..].split_at_mut(text);
    let (bit, bytes) = match damage {
        Damage::None => return,
        Damage::Tag(bit) => (bit, if tag.is_empty() { text } else { tag }),
        Damage::Body(bit) => (bit, if text.is_empty() { tag } else { text }),
    };
    if !bytes.is_empty() {
        bytes[bit / 8 % bytes.len()] ^= 0x80 >> (bit % 8);
    }
}
