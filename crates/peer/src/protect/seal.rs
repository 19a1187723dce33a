//! Sealing a record, with everything open to choice.

use thiserror::Error;
use wire::{ContentType, RecordHeader, Version};

use super::{Cipher, Protection, RECORD_VERSION, aad12};
use crate::crypto::aead::TAG_LEN;

/// A record to be. [`Seal::new`] is a correct one; each field is something to get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal<'a> {
    /// The content, of any length that leaves the body below 2^16 bytes.
    pub content: &'a [u8],
    /// The true content type. `None` leaves it out of a TLS 1.3 inner plaintext: then that is all
    /// padding, if `content` is empty, or nothing whatever, if there is no padding either. Elsewhere,
    /// `None` counts as 0.
    pub content_type: Option<ContentType>,
    /// Zero bytes behind the content type. Only TLS 1.3 protection has padding.
    pub padding: usize,
    /// The content type in the header, where not the canonical one: application_data under TLS 1.3
    /// protection, else `content_type`.
    pub outer_type: Option<ContentType>,
    /// The version bytes in the header.
    pub version: u16,
    /// Which header the tag covers.
    pub aad: Aad,
    /// The explicit part of a TLS 1.2 GCM nonce, where not the sequence number.
    pub explicit_nonce: Option<[u8; 8]>,
    /// What is damaged after sealing.
    pub damage: Damage,
}

/// Which header bytes are authenticated, where type or version are not the canonical ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Aad {
    /// The bytes that are sent, so that the tag is right for who authenticates what it received.
    #[default]
    AsSent,
    /// The canonical bytes, so that the tag is right for who fills in what ought to be there.
    Canonical,
}

/// A bit to flip in a sealed record. Positions count from the first byte's most significant bit
/// and wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Damage {
    /// None.
    #[default]
    None,
    /// A bit of the tag (of the content, in an unprotected record).
    Tag(usize),
    /// A bit of the ciphertext; of the tag, if there is no ciphertext.
    Body(usize),
}

/// The body would not fit the 16-bit length field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the record would be longer than its length field can say")]
pub struct TooLong;

impl<'a> Seal<'a> {
    /// A correct record.
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
    /// Appends the sealed record, header included, to `out`.
    ///
    /// # Errors
    /// [`TooLong`], and then `out` is as it was.
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
    /// RFC 8446 5.2.
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

    /// RFC 5246 6.2.3.3, with the nonces of RFC 5288 or RFC 7905.
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
        // No more than the length of the body, which fits.
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

/// `out` ends with `text` bytes of content or ciphertext and `tag` bytes of tag.
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
