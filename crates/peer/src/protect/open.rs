//! Opening records.

use std::ops::Range;

use thiserror::Error;
use wire::{ContentType, RecordHeader, Version};

use super::{Cipher, Protection, aad12};
use crate::crypto::aead::TAG_LEN;

/// The content of an opened record. Lengths are not checked: content and padding may exceed the
/// limits of RFC 8446 5.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The true content type.
    pub content_type: ContentType,
    /// The range of the content in the body, which was decrypted in place.
    pub content: Range<usize>,
    /// The number of zero bytes after the content type (TLS 1.3).
    pub padding: usize,
}

/// The reason why a record could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The body is too short for a tag, and for an explicit nonce if the suite has one.
    #[error("too short to be a protected record")]
    Short,
    /// The record was not protected by these keys with this sequence number. The body is unchanged,
    /// so other keys may be tried.
    #[error("the record does not authenticate")]
    BadTag,
    /// The tag is correct, but the inner plaintext is only padding, or empty (RFC 8446 5.4).
    #[error("the record has no content type but {padding} bytes of padding")]
    NoContentType {
        /// The length of the inner plaintext in bytes.
        padding: usize,
    },
}

impl Protection {
    /// Opens the record with this header and body. Decrypts in place. TLS 1.3 authenticates the
    /// length in the header, TLS 1.2 that of the body.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(
        &self,
        sequence: u64,
        header: RecordHeader,
        body: &mut [u8],
    ) -> Result<Opened, OpenError> {
        let Some(cipher) = &self.0 else {
            return Ok(Opened {
                content_type: header.content_type,
                content: 0..body.len(),
                padding: 0,
            });
        };
        match cipher.version {
            Version::Tls13 => cipher.open13(sequence, header, body),
            Version::Tls12 => cipher.open12(sequence, header, body),
        }
    }
}

impl Cipher {
    fn open13(
        &self,
        sequence: u64,
        header: RecordHeader,
        body: &mut [u8],
    ) -> Result<Opened, OpenError> {
        let (inner, tag) = body
            .split_last_chunk_mut::<TAG_LEN>()
            .ok_or(OpenError::Short)?;
        self.key
            .open(&self.mixed_nonce(sequence), &header.to_bytes(), inner, tag)
            .map_err(|_| OpenError::BadTag)?;
        let end = inner
            .iter()
            .rposition(|&byte| byte != 0)
            .ok_or(OpenError::NoContentType {
                padding: inner.len(),
            })?;
        Ok(Opened {
            content_type: ContentType(inner[end]),
            content: 0..end,
            padding: inner.len() - end - 1,
        })
    }

    fn open12(
        &self,
        sequence: u64,
        header: RecordHeader,
        body: &mut [u8],
    ) -> Result<Opened, OpenError> {
        let (text, tag) = body
            .split_last_chunk_mut::<TAG_LEN>()
            .ok_or(OpenError::Short)?;
        let start = self.explicit_nonce_len;
        let (nonce, text) = if start == 0 {
            (self.mixed_nonce(sequence), text)
        } else {
            let (explicit, text) = text.split_first_chunk_mut::<8>().ok_or(OpenError::Short)?;
            (self.explicit_nonce(*explicit), text)
        };
        let length = u16::try_from(text.len()).map_err(|_| OpenError::BadTag)?;
        let aad = aad12(sequence, RecordHeader { length, ..header });
        self.key
            .open(&nonce, &aad, text, tag)
            .map_err(|_| OpenError::BadTag)?;
        Ok(Opened {
            content_type: header.content_type,
            content: start..start + text.len(),
            padding: 0,
        })
    }
}
