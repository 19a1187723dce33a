//! What a record means to a receiver that follows the RFC (RFC 8446, RFC 5246).
//!
//! The [`Judge`] is told of each message that the engine makes, and sees each record that is sealed.
//! From these it keeps the state of a receiver that got everything, and judges in the order in which
//! such a receiver meets the flaws of a record: framing, protection, inner plaintext, content. A record
//! that is refused leaves the state as it was.

mod handshake;
mod layers;

use std::collections::VecDeque;

use wire::{
    Alert, AlertDescription, ContentType, Epoch, HandshakeType, Meaning, Reason, Role, Version,
};

use crate::draft::Draft;

/// The state of the receiver of what the peer sends.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    sender: Role,
    version: Version,
    /// The keys that the receiver reads with, and the sequence number that it expects under them.
    epoch: Epoch,
    sequence: u64,
    early: Early,
    /// Whether a record under any keys but those of 0-RTT was ever taken.
    protected: bool,
    /// Whether the sender's first message was taken, and its `Finished`.
    begun: bool,
    finished: bool,
    /// Messages of the handshake that are yet to be sent, in order.
    script: VecDeque<Expected>,
    /// Whether a message of the script was left out or changed, so that transcripts differ.
    diverged: bool,
    /// Bytes of a handshake message whose end is yet to be sent.
    open: Vec<u8>,
    /// The most that the inner plaintext (TLS 1.2: plaintext) of a protected record may hold, where
    /// the receiver said so (RFC 8449).
    limit: Option<usize>,
}

/// What the receiver, a server, does about 0-RTT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Early {
    None,
    /// Its answer is not known; so many bytes are left of what the ticket allows.
    Open {
        left: u64,
    },
    Accepted {
        left: u64,
    },
    /// It skips what it cannot open.
    Rejected,
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    what: What,
    /// Length and fingerprint of the message, so that an edited one is told.
    len: usize,
    print: u64,
    then: Option<Epoch>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Handshake(HandshakeType),
    ChangeCipherSpec,
}

/// A record as it was sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub draft: &'a Draft<'a>,
    pub content: &'a [u8],
    pub padding: usize,
    pub epoch: Epoch,
    pub sequence: u64,
    /// Whether the keys of that epoch exist.
    pub existing: bool,
    pub reflected: bool,
    /// Bytes behind the header.
    pub body: usize,
}

/// A meaning that ends the judgement.
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
        }
    }

    /// Becomes a clone of `other`, in the memory that it already has.
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

    /// The engine made a message, after which the sender's keys are those of `then`.
    pub fn expect(&mut self, message: &[u8], then: Option<Epoch>) {
        let kind = HandshakeType(message.first().copied().unwrap_or_default());
        self.script.push_back(Expected {
            what: What::Handshake(kind),
            len: message.len(),
            print: fingerprint(message),
            then,
        });
    }

    /// As [`Self::expect`], for TLS 1.2's `change_cipher_spec`.
    pub fn expect_change_cipher_spec(&mut self, then: Option<Epoch>) {
        self.script.push_back(Expected {
            what: What::ChangeCipherSpec,
            len: 1,
            print: 0,
            then,
        });
    }

    /// A server of TLS 1.3 asked for another `ClientHello`, so it still reads in plain.
    pub fn retry(&mut self) {
        self.set_epoch(Epoch::Plain);
        if self.early != Early::None {
            self.early = Early::Rejected;
        }
    }

    /// The client offers 0-RTT with a ticket that allows so many bytes.
    pub fn early_offered(&mut self, max: u32) {
        self.early = Early::Open { left: max.into() };
    }

    /// The server's answer to 0-RTT came.
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

    /// The receiver's `record_size_limit` is in force.
    pub fn limit(&mut self, limit: u16) {
        self.limit = Some(limit.into());
    }

    fn set_epoch(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.sequence = 0;
    }

    /// What the record means. The receiver then has it.
    pub fn judge(&mut self, record: &Record<'_>) -> Meaning {
        let in_place = record.epoch == self.epoch && record.sequence == self.sequence;
        let meaning = match self.layers(record) {
            Ok(()) => self.content(record),
            Err(meaning) => meaning,
        };
        // A flawed record that the sender counted uses up its sequence number, or else every later one
        // would be out of order.
        let counted = record.draft.sequence.is_none() || !matches!(meaning, Meaning::Invalid(_));
        if in_place && counted && record.epoch == self.epoch {
            self.sequence = self.sequence.wrapping_add(1);
        }
        meaning
    }

    /// Everything but the content.
    fn layers(&mut self, record: &Record<'_>) -> Judged {
        self.framing(record)?;
        if record.epoch == Epoch::Plain {
            return self.unprotected(record);
        }
        if record.epoch == Epoch::Early && self.early_record(record)? {
            return Ok(());
        }
        self.protection(record)?;
        self.protected |= record.epoch != Epoch::Early && !record.draft.lost;
        match self.version {
            Version::Tls13 => self.inner13(record),
            Version::Tls12 => self.inner12(record),
        }
    }

    fn content(&mut self, record: &Record<'_>) -> Meaning {
        let content_type = self.content_type(record);
        if !self.open.is_empty() && content_type != ContentType::HANDSHAKE {
            // RFC 8446 5.1 forbids it; RFC 5246 does not. A `change_cipher_spec` in between, which is
            // to be dropped as if it were not there, is nobody's business.
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
            // RFC 5246 6.2.1 lets a sender cut alerts in two and put several into a record.
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
            // Until the server has chosen, a client may be reading TLS 1.2.
            (Version::Tls13, _, Alert::WARNING)
                if self.epoch == Epoch::Plain && self.sender == Role::Server =>
            {
                Meaning::Unknown
            }
            (Version::Tls13, AlertDescription::USER_CANCELED, _) => Meaning::UserCanceled,
            (Version::Tls13, _, _) => Meaning::Error(description),
            (Version::Tls12, _, Alert::WARNING) => Meaning::Warning(description),
            (Version::Tls12, _, Alert::FATAL) => Meaning::Error(description),
            (Version::Tls12, _, _) => Meaning::Unknown,
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
        // RFC 8446 5: from the first ClientHello on, whoever sent it.
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
            // The peer has come to no answer yet, so there is no telling what would be right.
            None if next.is_none() && !self.finished => Meaning::Unknown,
            None => Meaning::Invalid(Reason::LateChangeCipherSpec),
        }
    }
}

/// FNV-1a: all that it has to tell apart is a message and the same message edited.
fn fingerprint(message: &[u8]) -> u64 {
    message.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
