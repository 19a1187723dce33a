//! The choices that the RFCs leave to the subject, where giving up and continuing both conform.

use protocol::{Role, Version};
use wire::{Meaning, Reason};

use crate::Connection;
use crate::event::{Delivered, Kind};

/// The length of a full record. The RFCs do not say how much of an incomplete message, padding
/// included, a receiver must buffer.
const FULL_RECORD: u32 = (wire::RecordHeader::LEN + wire::MAX_CIPHERTEXT_13) as u32;

impl<'t> Connection<'t> {
    /// Whether the peer sent so many records without effect before position `to` that a receiver
    /// may give up.
    pub fn is_flooded(&self, to: usize) -> bool {
        let mut strict = 0;
        let mut lenient = 0;
        let mut ccs = 0;
        // The bytes received of an incomplete message, and the maximum over all messages.
        let mut unfinished = 0;
        let mut most = 0;
        for (_, record) in self.delivered().take_while(|(i, _)| *i < to) {
            unfinished = match record.meaning {
                Meaning::HandshakePart => unfinished + record.length,
                _ => 0,
            };
            most = most.max(unfinished);
            match record.meaning {
                Meaning::UserCanceled | Meaning::Warning(_) | Meaning::RenegotiationRequest => {
                    strict += 1;
                }
                Meaning::ChangeCipherSpec => ccs += 1,
                Meaning::KeyUpdate { .. } | Meaning::Ticket => lenient += 1,
                Meaning::Data | Meaning::EarlyData if record.content.is_empty() => lenient += 1,
                _ => {}
            }
        }
        // The strictest limits known: one renegotiation, four warnings, one change_cipher_spec for
        // each of two ClientHellos, sixteen of the rest, and one record's worth of an incomplete
        // message.
        strict > 1 || ccs > 2 || lenient > 12 || most > FULL_RECORD
    }

    /// Whether the subject may have closed its read side before the record at position `at`: it has
    /// sent its `close_notify` in TLS 1.2, need not wait for the peer's (RFC 5246 7.2.1), and shows
    /// nothing that arrived from there on.
    pub fn may_read_no_more(&self, at: usize) -> bool {
        let closed = self.facts().own_close.is_some_and(|close| close < at);
        if !closed || self.version() != Version::Tls12 {
            return false;
        }
        let delivery = self.data_until(at);
        let read = delivery.beyond.or(delivery.wrong);
        read.or(self.clean_end_after(at)).is_none()
    }

    /// Where the version was negotiated: a server subject sent a `ServerHello`, or one arrived at a
    /// client subject. A `HelloRetryRequest` selects a version too.
    pub fn negotiated(&self) -> Option<usize> {
        match self.role() {
            Role::Server => self.first(Kind::OwnHandshake),
            Role::Client => {
                let hello = |record: &Delivered| matches!(record.meaning, Meaning::Handshake(_));
                let mut hellos = self.delivered().filter(|(_, record)| hello(record));
                hellos.next().map(|(at, _)| at)
            }
        }
    }

    /// The record that the subject may refuse or take, if it is the first of unknown effect, and
    /// the reason for which it may be refused.
    ///
    /// Pass a connection with the whole transcript, not one that ends at the taint.
    pub fn refusable(&self) -> Option<(usize, Reason, &'t Delivered)> {
        let taint = self.facts().taint?;
        let (at, record) = self.delivered().find(|(at, _)| *at == taint)?;
        match record.meaning {
            Meaning::Refusable(reason) => Some((at, reason, record)),
            _ => None,
        }
    }
}
