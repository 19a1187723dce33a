//! Opening a record.

use std::ops::Range;

use thiserror::Error;
use wire::{ContentType, RecordHeader, Version};

use super::{Cipher, Protection, aad12};
use crate::crypto::aead::TAG_LEN;

/// What an opened record holds. Lengths are not judged here: content and padding may exceed the
/// limits of RFC 8446 5.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The true content type.
    pub content_type: ContentType,
    /// Where the content is in the body, which was decrypted in place.
    pub content: Range<usize>,
    /// Zero bytes behind the content type (TLS 1.3).
    pub padding: usize,
}

/// Why a record could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The body cannot hold a tag (and an explicit nonce, where there is one).
    #[error("too short to be a protected record")]
    Short,
    /// Not protected by these keys under this sequence number. The body is as it was, and may be
    /// tried with other keys.
    #[error("the record does not authenticate")]
    BadTag,
    /// The tag is right, but the inner plaintext is all padding, or empty (RFC 8446 5.4).
    #[error("the record has no content type but {padding} bytes of padding")]
    NoContentType {
        /// Bytes of the inner plaintext.
        padding: usize,
    },
}

impl Protection {
    /// Opens the record of this header and body, decrypting in place. TLS 1.3 authenticates the
    /// header's length, TLS 1.2 that of the body.
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
