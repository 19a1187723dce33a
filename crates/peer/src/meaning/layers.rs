//! Judges the layers around the content of a record: framing, protection, inner plaintext.

use wire::{
    ContentType, Epoch, MAX_CIPHERTEXT_12, MAX_CIPHERTEXT_13, MAX_PLAINTEXT, Meaning, Reason, Role,
    Version,
};

use super::{Early, Judge, Judged, Record, invalid};
use crate::crypto::aead::TAG_LEN;
use crate::draft::Corrupt;

impl Judge {
    pub(super) fn framing(&self, record: &Record<'_>) -> Judged {
        let outer = self.outer_type(record);
        let plain = record.epoch == Epoch::Plain;
        let told = record.draft.length.map_or(record.body, usize::from);
        let overflow = match (self.version, plain && self.epoch == Epoch::Plain) {
            (_, true) if told > MAX_PLAINTEXT => Some(Reason::PlaintextOverflow),
            (Version::Tls13, false) if told > MAX_CIPHERTEXT_13 => Some(Reason::CiphertextOverflow),
            (Version::Tls12, false) if told > MAX_CIPHERTEXT_12 => Some(Reason::CiphertextOverflow),
            _ => None,
        };
        if let Some(reason) = overflow {
            return invalid(reason);
        }
        if told > record.body {
            // The receiver waits for more bytes, and takes those that follow for the rest of the
            // record.
            return Err(Meaning::Unknown);
        }
        if !is_defined(outer) {
            return invalid(Reason::UnknownOuterType);
        }
        if told < record.body {
            let short = self.epoch != Epoch::Plain && told < TAG_LEN;
            return match (plain, short) {
                (true, _) => Err(Meaning::Unknown),
                (false, true) => self.unopened(Reason::Short),
                (false, false) => self.unopened(Reason::BadTag),
            };
        }
        Ok(())
    }

    pub(super) fn outer_type(&self, record: &Record<'_>) -> u8 {
        record
            .draft
            .outer_type
            .unwrap_or(match (self.version, record.epoch) {
                (_, Epoch::Plain) | (Version::Tls12, _) => record.draft.content_type,
                (Version::Tls13, _) => ContentType::APPLICATION_DATA.0,
            })
    }

    /// Returns the content type that the receiver sees.
    pub(super) fn content_type(&self, record: &Record<'_>) -> ContentType {
        ContentType(match (self.version, record.epoch) {
            (_, Epoch::Plain) | (Version::Tls12, _) => self.outer_type(record),
            (Version::Tls13, _) => record.draft.content_type,
        })
    }

    pub(super) fn unprotected(&self, record: &Record<'_>) -> Judged {
        let outer = self.content_type(record);
        if record.draft.corrupt != Corrupt::None {
            return Err(Meaning::Unknown);
        }
        if record
            .draft
            .header_version
            .is_some_and(|version| version >> 8 != 3)
        {
            return Err(Meaning::Unknown);
        }
        if self.epoch != Epoch::Plain {
            return match (self.version, outer) {
                (Version::Tls13, ContentType::CHANGE_CIPHER_SPEC) => Ok(()),
                // A client that cannot process the server's first flight has no keys to protect its
                // alert, and servers tolerate this.
                (Version::Tls13, ContentType::ALERT)
                    if self.sender == Role::Client && !self.protected =>
                {
                    Err(Meaning::Unknown)
                }
                // For the receiver this is a record that does not decrypt.
                (Version::Tls13, ContentType::APPLICATION_DATA) => {
                    self.unopened(Reason::Unprotected)
                }
                _ => invalid(Reason::Unprotected),
            };
        }
        match outer {
            ContentType::HANDSHAKE if record.content.is_empty() => invalid(Reason::EmptyHandshake),
            ContentType::ALERT if record.content.is_empty() => invalid(Reason::EmptyAlert),
            ContentType::APPLICATION_DATA => invalid(Reason::EarlyApplicationData),
            _ => Ok(()),
        }
    }

    /// Judges a record that the receiver cannot decrypt. Its meaning is unknown while the receiver
    /// may be skipping early data.
    fn unopened(&self, reason: Reason) -> Judged {
        match self.may_be_skipping() {
            true => Err(Meaning::Unknown),
            false => invalid(reason),
        }
    }

    /// Returns whether the receiver may skip records that it cannot decrypt as early data.
    pub(crate) fn may_be_skipping(&self) -> bool {
        match self.early {
            Early::Open { .. } => true,
            Early::Rejected => !self.protected,
            Early::None | Early::Accepted { .. } => false,
        }
    }

    pub(super) fn protection(&self, record: &Record<'_>) -> Judged {
        let draft = record.draft;
        if self.epoch == Epoch::Plain {
            // A receiver without keys may report an error other than a decryption failure.
            return Err(Meaning::Unknown);
        }
        let proper_type = match self.version {
            Version::Tls13 => ContentType::APPLICATION_DATA.0,
            Version::Tls12 => draft.content_type,
        };
        let outer_type = self.outer_type(record);
        if self.version == Version::Tls13 && outer_type != proper_type {
            return invalid(Reason::OuterType);
        }
        let flawed = draft.corrupt != Corrupt::None
            || record.reflected
            || !record.existing
            || (record.epoch, record.sequence) != (self.epoch, self.sequence);
        let odd = draft
            .header_version
            .is_some_and(|version| version >> 8 != 3);
        if flawed && odd {
            // A receiver may report either fault.
            return Err(Meaning::Unknown);
        }
        if draft.corrupt != Corrupt::None {
            return self.unopened(Reason::BadTag);
        }
        if record.reflected {
            return self.unopened(Reason::Reflected);
        }
        if record.epoch != self.epoch || !record.existing {
            return self.unopened(Reason::WrongKeys);
        }
        if record.sequence != self.sequence {
            return self.unopened(Reason::WrongSequence);
        }
        if self.version == Version::Tls12 && outer_type != proper_type && !draft.aad_as_sent {
            return invalid(Reason::BadTag);
        }
        if draft
            .header_version
            .is_some_and(|version| version != 0x0303)
        {
            // If the tag covers the version, the RFCs allow a receiver to accept or reject the
            // record.
            return match draft.aad_as_sent {
                true => Err(Meaning::Unknown),
                false => invalid(Reason::HeaderVersion),
            };
        }
        Ok(())
    }

    /// Judges a TLS 1.3 inner plaintext (RFC 8446 5.4 and 5.1).
    pub(super) fn inner13(&self, record: &Record<'_>) -> Judged {
        let draft = record.draft;
        if draft.no_type || draft.content_type == 0 {
            return match (draft.no_type, record.padding, record.content) {
                (true, 0, _) => invalid(Reason::EmptyInner),
                // A content type of zero is padding, and the last nonzero byte of content is the
                // type.
                (false, _, content) if content.iter().any(|&byte| byte != 0) => {
                    Err(Meaning::Unknown)
                }
                // A receiver may report either of the two faults.
                (no_type, padding, _) if padding + usize::from(!no_type) > MAX_PLAINTEXT + 1 => {
                    Err(Meaning::Unknown)
                }
                _ => invalid(Reason::AllPadding),
            };
        }
        let inner = record.content.len() + 1 + record.padding;
        if record.content.len() > MAX_PLAINTEXT {
            return invalid(Reason::PlaintextOverflow);
        }
        if self.limit.is_some_and(|limit| inner > limit) {
            return invalid(Reason::SizeLimit);
        }
        // RFC 8446 5.4 limits what is sent. A receiver has to refuse only content or ciphertext that
        // is too long (5.1, 5.2).
        if inner > MAX_PLAINTEXT + 1 {
            return Err(Meaning::Refusable(Reason::InnerOverflow));
        }
        match ContentType(draft.content_type) {
            ContentType::CHANGE_CIPHER_SPEC => invalid(Reason::ProtectedChangeCipherSpec),
            ContentType::ALERT if record.content.is_empty() => invalid(Reason::EmptyAlert),
            ContentType::HANDSHAKE if record.content.is_empty() => invalid(Reason::EmptyHandshake),
            ContentType::ALERT | ContentType::HANDSHAKE | ContentType::APPLICATION_DATA => Ok(()),
            _ => invalid(Reason::UnknownInnerType),
        }
    }

    /// Judges a TLS 1.2 plaintext (RFC 5246 6.2.1).
    pub(super) fn inner12(&self, record: &Record<'_>) -> Judged {
        if record.content.len() > MAX_PLAINTEXT {
            return invalid(Reason::PlaintextOverflow);
        }
        if self.limit.is_some_and(|limit| record.content.len() > limit) {
            return invalid(Reason::SizeLimit);
        }
        match self.content_type(record) {
            // A sender must not send this, but the reaction of a receiver is undefined.
            ContentType::ALERT if record.content.is_empty() => Err(Meaning::Unknown),
            ContentType::HANDSHAKE if record.content.is_empty() => invalid(Reason::EmptyHandshake),
            _ => Ok(()),
        }
    }

    /// Judges a record under the early keys, unless the rules for other records apply. Returns
    /// `true` if only [`Self::content`] remains to be judged.
    pub(super) fn early_record(&mut self, record: &Record<'_>) -> Result<bool, Meaning> {
        let flawed = record.draft.corrupt != Corrupt::None
            || record.reflected
            || !record.existing
            || self.outer_type(record) != ContentType::APPLICATION_DATA.0
            || record
                .draft
                .header_version
                .is_some_and(|version| version != 0x0303);
        let data =
            !record.draft.no_type && record.draft.content_type == ContentType::APPLICATION_DATA.0;
        match self.early {
            Early::Rejected if !self.finished && !self.protected => Err(if flawed || !data {
                Meaning::Unknown
            } else {
                Meaning::EarlyData
            }),
            Early::Open { .. } if flawed || !data || record.sequence != self.sequence => {
                Err(Meaning::Unknown)
            }
            _ => Ok(false),
        }
    }
}

const fn is_defined(outer_type: u8) -> bool {
    matches!(
        ContentType(outer_type),
        ContentType::CHANGE_CIPHER_SPEC
            | ContentType::ALERT
            | ContentType::HANDSHAKE
            | ContentType::APPLICATION_DATA
    )
}
