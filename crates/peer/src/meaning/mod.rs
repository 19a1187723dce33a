//! The meaning of a record to a receiver that follows the RFCs (RFC 8446, RFC 5246).
//!
//! The engine passes each message that it creates and each record that it seals to the [`Judge`].
//! From these the judge tracks the state of a receiver that has received everything. It judges the
//! layers in the order in which a receiver meets them: framing, protection, inner plaintext,
//! content. A rejected record does not change the state. [`transit`] then corrects the result by
//! what the receiver missed on the way.

mod handshake;
mod layers;
mod transit;

use std::collections::VecDeque;

use wire::{
    Alert, AlertDescription, ContentType, Epoch, HandshakeType, Meaning, Reason, Role, Version,
};

use self::transit::Way;
use crate::draft::Draft;

/// The state of the receiver of the peer's records.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    sender: Role,
    version: Version,
    /// The receiver's read epoch, and the sequence number that it expects in it.
    epoch: Epoch,
    sequence: u64,
    early: Early,
    /// Whether the receiver has accepted a protected record of an epoch other than 0-RTT.
    protected: bool,
    /// Whether the receiver has accepted the sender's first message, and its `Finished`.
    begun: bool,
    finished: bool,
    /// The remaining handshake messages, in order.
    script: VecDeque<Expected>,
    /// Whether a message of `script` was omitted or changed, so that the transcripts differ.
    diverged: bool,
    /// The bytes of an incomplete handshake message.
    open: Vec<u8>,
    /// The maximum length of the inner plaintext (TLS 1.2: plaintext) of a protected record, if the
    /// receiver sent a limit (RFC 8449).
    limit: Option<usize>,
    way: Way,
}

/// The handling of 0-RTT data by the receiver, a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Early {
    None,
    /// The server's answer is not known. The ticket still allows `left` bytes.
    Open {
        left: u64,
    },
    Accepted {
        left: u64,
    },
    /// The server skips records that it cannot decrypt.
    Rejected,
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    what: What,
    /// The length and the fingerprint of the message, to detect edits.
    len: usize,
    print: u64,
    then: Option<Epoch>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Handshake(HandshakeType),
    ChangeCipherSpec,
}

/// A sealed record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub draft: &'a Draft<'a>,
    pub content: &'a [u8],
    pub padding: usize,
    pub epoch: Epoch,
    /// The epoch in which a record with this content is due.
    pub due: Epoch,
    pub sequence: u64,
    /// Whether the keys of the epoch exist.
    pub existing: bool,
    pub reflected: bool,
    /// The number of bytes after the header.
    pub body: usize,
}

/// The error is a meaning that needs no further judgement.
type Judged = Result<(), Meaning>;

const fn invalid(reason: Reason) -> Judged {
    Err(Meaning::Invalid(reason))
}

impl Judge {
    pub fn new(sender: Role, version: Version) -> Self {
        Self {
            sender,
            version,
            epoch: Epoch::Plain,
            sequence: 0,
            early: Early::None,
            protected: false,
            begun: false,
            finished: false,
            script: VecDeque::new(),
            diverged: false,
            open: Vec::new(),
            limit: None,
            way: Way::default(),
        }
    }

    /// Clones `other` into `self` and reuses its memory.
    pub fn restore(&mut self, other: &Self) {
        let mut script = std::mem::take(&mut self.script);
        let mut open = std::mem::take(&mut self.open);
        script.clone_from(&other.script);
        open.clone_from(&other.open);
        *self = Self {
            script,
            open,
            ..*other
        };
    }

    /// Called when the engine has created a message. The sender's epoch after it is `then`.
    pub fn expect(&mut self, message: &[u8], then: Option<Epoch>) {
        let kind = HandshakeType(message.first().copied().unwrap_or_default());
        self.script.push_back(Expected {
            what: What::Handshake(kind),
            len: message.len(),
            print: fingerprint(message),
            then,
        });
    }

    /// Like [`Self::expect`], for the `change_cipher_spec` of TLS 1.2.
    pub fn expect_change_cipher_spec(&mut self, then: Option<Epoch>) {
        self.script.push_back(Expected {
            what: What::ChangeCipherSpec,
            len: 1,
            print: 0,
            then,
        });
    }

    /// Called when a TLS 1.3 server has sent a `HelloRetryRequest`. It still reads plaintext.
    pub fn retry(&mut self) {
        self.set_epoch(Epoch::Plain);
        if self.early != Early::None {
            self.early = Early::Rejected;
        }
    }

    /// Called when the client offers 0-RTT data with a ticket that allows `max` bytes.
    pub fn early_offered(&mut self, max: u32) {
        self.early = Early::Open { left: max.into() };
    }

    /// Called when the server has accepted or rejected 0-RTT data.
    pub fn early_answered(&mut self, accepted: bool) {
        self.early = match self.early {
            Early::None => Early::None,
            Early::Open { left } if accepted => Early::Accepted { left },
            _ => {
                self.set_epoch(Epoch::Handshake);
                Early::Rejected
            }
        };
    }

    /// Called when the receiver's `record_size_limit` takes effect.
    pub fn limit(&mut self, limit: u16) {
        self.limit = Some(limit.into());
    }

    fn set_epoch(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.sequence = 0;
    }

    /// Returns the meaning of the record to a receiver that has received everything.
    fn judge(&mut self, record: &Record<'_>) -> Meaning {
        let in_place = record.epoch == self.epoch && record.sequence == self.sequence;
        let meaning = match self.layers(record) {
            Ok(()) => self.content(record),
            Err(meaning) => meaning,
        };
        // An invalid record consumes its sequence number if the sender counted it. Otherwise every
        // later record would be out of sequence.
        let counted = record.draft.sequence.is_none() || !matches!(meaning, Meaning::Invalid(_));
        if in_place && counted && record.epoch == self.epoch {
            self.sequence = self.sequence.wrapping_add(1);
        }
        meaning
    }

    /// Judges everything but the content.
    fn layers(&mut self, record: &Record<'_>) -> Judged {
        self.framing(record)?;
        if record.epoch == Epoch::Plain {
            return self.unprotected(record);
        }
        if record.epoch == Epoch::Early && self.early_record(record)? {
            return Ok(());
        }
        self.protection(record)?;
        self.protected |= record.epoch != Epoch::Early && !record.draft.transit.lost;
        match self.version {
            Version::Tls13 => self.inner13(record),
            Version::Tls12 => self.inner12(record),
        }
    }

    fn content(&mut self, record: &Record<'_>) -> Meaning {
        let content_type = self.content_type(record);
        if !self.open.is_empty() && content_type != ContentType::HANDSHAKE {
            // RFC 8446 5.1 forbids this and RFC 5246 does not. The effect of a `change_cipher_spec`
            // between fragments is unknown, because a receiver should drop it.
            return match (self.version, content_type) {
                (Version::Tls12, _) | (_, ContentType::CHANGE_CIPHER_SPEC) => Meaning::Unknown,
                (Version::Tls13, _) => Meaning::Invalid(Reason::Interleaved),
            };
        }
        match content_type {
            ContentType::APPLICATION_DATA => self.data(record.content.len()),
            ContentType::ALERT => self.alert(record.content),
            ContentType::CHANGE_CIPHER_SPEC => self.change_cipher_spec(record),
            ContentType::HANDSHAKE => self.handshake(record.content),
            _ => Meaning::Unknown,
        }
    }

    fn data(&mut self, len: usize) -> Meaning {
        match self.epoch {
            Epoch::Early => match &mut self.early {
                Early::Open { left } | Early::Accepted { left } => {
                    match left.checked_sub(len as u64) {
                        Some(rest) => {
                            *left = rest;
                            Meaning::EarlyData
                        }
                        None => Meaning::ExcessEarlyData,
                    }
                }
                Early::None | Early::Rejected => Meaning::Unknown,
            },
            _ if self.finished => Meaning::Data,
            _ => Meaning::Invalid(Reason::EarlyApplicationData),
        }
    }

    fn alert(&self, content: &[u8]) -> Meaning {
        let alert = match content {
            // RFC 5246 6.2.1 allows a sender to fragment alerts and to put several into one record.
            [_] | [_, _, _, ..] if self.version == Version::Tls12 => return Meaning::Unknown,
            [_] => return Meaning::Invalid(Reason::AlertOneByte),
            &[level, description] => Alert {
                level,
                description: AlertDescription(description),
            },
            _ => return Meaning::Invalid(Reason::AlertTrailing),
        };
        let description = alert.description;
        match (self.version, description, alert.level) {
            (_, AlertDescription::CLOSE_NOTIFY, _) => Meaning::CloseNotify,
            (Version::Tls13, AlertDescription::USER_CANCELED, Alert::WARNING)
                if self.epoch == Epoch::Plain && self.sender == Role::Server =>
            {
                Meaning::Unknown
            }
            (Version::Tls13, AlertDescription::USER_CANCELED, _) => Meaning::UserCanceled,
            (Version::Tls13, _, Alert::WARNING) if !self.has_version() => {
                Meaning::Refusable(Reason::BeforeVersion)
            }
            (Version::Tls13, _, _) => Meaning::Error(description),
            (Version::Tls12, _, Alert::WARNING) => Meaning::Warning(description),
            (Version::Tls12, _, Alert::FATAL) => Meaning::Error(description),
            (Version::Tls12, _, _) => Meaning::Unknown,
        }
    }

    /// Whether the receiver knows the version (TLS 1.3). Until then, it may apply the rules of
    /// TLS 1.2. A server selects it when the `ClientHello` arrives.
    fn has_version(&self) -> bool {
        match self.sender {
            Role::Client => self.begun,
            Role::Server => self.epoch != Epoch::Plain,
        }
    }

    fn change_cipher_spec(&mut self, record: &Record<'_>) -> Meaning {
        if self.version == Version::Tls12 {
            return self.change_cipher_spec12(record);
        }
        if self.finished {
            return Meaning::Invalid(Reason::LateChangeCipherSpec);
        }
        if record.content != [1] {
            return Meaning::Invalid(Reason::ChangeCipherSpecValue);
        }
        // RFC 8446 5 allows it from the first `ClientHello` on, whoever sent it.
        match (self.sender, self.begun) {
            (Role::Client, false) => Meaning::Unknown,
            _ => Meaning::ChangeCipherSpec,
        }
    }

    fn change_cipher_spec12(&mut self, record: &Record<'_>) -> Meaning {
        let next = self.script.front().copied();
        match next.filter(|next| next.what == What::ChangeCipherSpec) {
            _ if record.content != [1] => Meaning::Invalid(Reason::ChangeCipherSpecValue),
            Some(Expected { then, .. }) => {
                self.script.pop_front();
                if let Some(epoch) = then {
                    self.set_epoch(epoch);
                }
                Meaning::ChangeCipherSpec
            }
            // The peer has not computed its answer yet, so the expected message is unknown.
            None if next.is_none() && !self.finished => Meaning::Unknown,
            None => Meaning::Invalid(Reason::LateChangeCipherSpec),
        }
    }
}

/// FNV-1a. It only has to distinguish a message from an edited copy.
fn fingerprint(message: &[u8]) -> u64 {
    message.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
