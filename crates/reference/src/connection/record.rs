//! The input path, from records to their meaning.

mod diagnose;

use peer::Failure;
use protocol::{Role, Sink, Version};
use wire::{
    Alert, AlertDescription, ContentType, Epoch, HandshakeType, KeyUpdate, MAX_CIPHERTEXT_12,
    MAX_CIPHERTEXT_13, MAX_PLAINTEXT, Message as _, NewSessionTicket13, Reason, RecordHeader,
    split_handshake,
};

use super::{Connection, Matter};
use crate::situation::{Again, AlertKind, AlertLevel, Situation, Stage, What};

/// The longest handshake message that is assembled.
const LONGEST_MESSAGE: usize = 1 << 16;

/// The result of removing the protection.
enum Opened {
    Content(u8, Vec<u8>),
    Invalid(Reason, u8, Vec<u8>),
    /// 0-RTT data that was rejected.
    Skipped,
}

impl Connection {
    /// Handles a complete record.
    pub(super) fn record(&mut self, record: &[u8], sink: &mut dyn Sink) {
        match self.open(record) {
            Opened::Content(kind, content) => {
                if std::mem::take(&mut self.status.padded) {
                    let situation = Situation::Padded(self.phase());
                    if !self.meet(situation, Matter::default(), sink) {
                        return self.input.take();
                    }
                }
                let close = kind == ContentType::ALERT.0 && matches!(*content, [_, 0]);
                let between = !self.input.assembly.is_empty();
                if close && !between && self.is_handshaking() && self.reads() {
                    let matter = Matter {
                        record: true,
                        alert: Some(AlertDescription::CLOSE_NOTIFY),
                        ..Matter::default()
                    };
                    let stage = Situation::CloseInHandshake(self.stage());
                    if !self.meet(stage, matter, sink) {
                        return;
                    }
                }
                if close && self.status.in_pieces {
                    let situation = Situation::CloseInPieces(self.phase());
                    if !self.meet(situation, Matter::default(), sink) {
                        return self.input.take();
                    }
                }
                self.content(kind, &content, sink);
            }
            Opened::Skipped => {
                self.meet_record(What::EarlyDataRejected, 23, &[], sink);
            }
            Opened::Invalid(reason, kind, content) => {
                self.meet_record(What::Invalid(reason), kind, &content, sink);
            }
        }
    }

    /// The stage of the handshake, according to the record that was just opened.
    fn stage(&mut self) -> Stage {
        match (self.version, self.their_epoch()) {
            _ if self.peer.negotiated().suite.is_none() => Stage::First,
            (Version::Tls12, _) => Stage::Tls12,
            _ if self.status.clear => Stage::Clear,
            (Version::Tls13, Epoch::Early) => Stage::EarlyKeys,
            (Version::Tls13, _) => Stage::HandshakeKeys,
        }
    }

    fn meet_record(&mut self, what: What, kind: u8, content: &[u8], sink: &mut dyn Sink) -> bool {
        let alert = match (ContentType(kind), content) {
            (ContentType::ALERT, [_, description]) => Some(AlertDescription(*description)),
            _ => None,
        };
        let matter = Matter {
            content_type: kind,
            content: content.to_vec(),
            early: matches!(
                what,
                What::EarlyData | What::EarlyDataTooMuch | What::EarlyDataRejected
            ),
            alert,
            record: true,
            ..Matter::default()
        };
        if let Some((again, nth)) = self.count(what)
            && self.reads()
        {
            let matter = Matter {
                record: true,
                ..Matter::default()
            };
            if !self.meet(Situation::InARow(again, nth), matter, sink) {
                return false;
            }
        }
        self.meet(Situation::Record(what, self.phase()), matter, sink)
    }

    /// The position of this record in a row of its kind, if it is not the first.
    fn count(&mut self, what: What) -> Option<(Again, u16)> {
        let again = match what {
            What::Part => Some(Again::Part),
            What::Ticket => Some(Again::Ticket),
            What::ChangeCipherSpec => Some(Again::ChangeCipherSpec),
            _ => None,
        };
        let counts = &mut self.status.counts;
        counts.again = match counts.last == again {
            true => counts.again.saturating_add(1),
            false => 1,
        };
        counts.last = again;
        again
            .filter(|_| counts.again > 1)
            .map(|it| (it, counts.again))
    }

    fn open(&mut self, record: &[u8]) -> Opened {
        let Ok(header) = RecordHeader::parse(record) else {
            return Opened::Invalid(Reason::Garbage, 0, Vec::new());
        };
        let body = &record[RecordHeader::LEN..];
        let epoch = self.their_epoch();
        self.status.clear = header.content_type != ContentType::APPLICATION_DATA;
        let invalid = |reason| Opened::Invalid(reason, header.content_type.0, body.to_vec());
        let (longest, overflow) = match (self.version, epoch) {
            (_, Epoch::Plain) => (MAX_PLAINTEXT, Reason::PlaintextOverflow),
            (Version::Tls13, _) => (MAX_CIPHERTEXT_13, Reason::CiphertextOverflow),
            (Version::Tls12, _) => (MAX_CIPHERTEXT_12, Reason::CiphertextOverflow),
        };
        let rejected = self.role == Role::Server
            && self.peer.negotiated().early_data == Some(false)
            && !self.status.protected;
        if body.len() > longest && !(rejected && epoch == Epoch::Plain) {
            return invalid(overflow);
        }
        if !matches!(header.content_type.0, 20..=23) {
            return invalid(Reason::UnknownOuterType);
        }
        if epoch == Epoch::Plain {
            return match header.content_type {
                ContentType::APPLICATION_DATA if rejected => Opened::Skipped,
                ContentType::APPLICATION_DATA => invalid(Reason::EarlyApplicationData),
                kind => Opened::Content(kind.0, body.to_vec()),
            };
        }
        if self.version == Version::Tls13 && header.content_type != ContentType::APPLICATION_DATA {
            // Before the first protected record, a client may have no keys for its alert.
            let plain_alert = header.content_type == ContentType::ALERT
                && self.role == Role::Server
                && !self.status.protected
                && body.len() <= 2;
            if header.content_type == ContentType::CHANGE_CIPHER_SPEC || plain_alert {
                return Opened::Content(header.content_type.0, body.to_vec());
            }
            return self.diagnose_type(header, body);
        }
        let mut text = body.to_vec();
        let theirs = self.peer.keyrings().theirs;
        let result = theirs.open(epoch, header, &mut text);
        match result {
            Some(Ok(opened)) => {
                self.status.protected = true;
                self.status.padded = opened.padding > 0;
                let content = text[opened.content].to_vec();
                self.inner(opened.content_type.0, content, opened.padding)
            }
            Some(Err(peer::protect::OpenError::NoContentType { padding: 0 })) => {
                invalid(Reason::EmptyInner)
            }
            Some(Err(peer::protect::OpenError::NoContentType { .. })) => {
                invalid(Reason::AllPadding)
            }
            _ if rejected => Opened::Skipped,
            _ => {
                let found = self.diagnose(header, body);
                // The sender counted it, so the receiver does too.
                self.peer.keyrings().theirs.advance(epoch);
                found
            }
        }
    }

    /// Checks the limits for the content of a protected record.
    fn inner(&self, kind: u8, content: Vec<u8>, padding: usize) -> Opened {
        let reason = match ContentType(kind) {
            _ if content.len() > MAX_PLAINTEXT => Reason::PlaintextOverflow,
            _ if content.len() + padding > self.most() => Reason::SizeLimit,
            _ if content.len() + padding > MAX_PLAINTEXT => Reason::InnerOverflow,
            ContentType::CHANGE_CIPHER_SPEC if self.version == Version::Tls13 => {
                Reason::ProtectedChangeCipherSpec
            }
            ContentType(20..=23) => return Opened::Content(kind, content),
            _ => Reason::UnknownInnerType,
        };
        Opened::Invalid(reason, kind, content)
    }

    /// The most content and padding that the other side may put into a record.
    fn most(&self) -> usize {
        let agreed = self.peer.negotiated().record_size_limit.is_some();
        let told = self.choices.record_size_limit.filter(|_| agreed);
        told.map_or(usize::MAX, |limit| match self.version {
            Version::Tls12 => limit.into(),
            Version::Tls13 => usize::from(limit).saturating_sub(1),
        })
    }

    /// Handles content after its protection was removed.
    pub(super) fn content(&mut self, kind: u8, content: &[u8], sink: &mut dyn Sink) {
        let content_type = ContentType(kind);
        let dropped = content_type == ContentType::CHANGE_CIPHER_SPEC
            && self.version == Version::Tls13
            && self.is_handshaking();
        if !self.input.assembly.is_empty() && content_type != ContentType::HANDSHAKE && !dropped {
            self.meet_record(What::Invalid(Reason::Interleaved), kind, content, sink);
            return;
        }
        match content_type {
            ContentType::APPLICATION_DATA => self.data(content, sink),
            ContentType::ALERT => self.alert(content, sink),
            ContentType::CHANGE_CIPHER_SPEC => self.change_cipher_spec(content, sink),
            ContentType::HANDSHAKE => self.handshake(content, sink),
            _ => {
                self.meet_record(What::Invalid(Reason::UnknownInnerType), kind, content, sink);
            }
        }
    }

    fn data(&mut self, content: &[u8], sink: &mut dyn Sink) {
        let epoch = self.their_epoch();
        let counts = &mut self.status.counts;
        counts.canceled = 0;
        counts.warned = 0;
        let what = match epoch {
            Epoch::Early => {
                self.status.early_received += content.len();
                match self.status.early_received > self.choices.early_max {
                    true => What::EarlyDataTooMuch,
                    false => What::EarlyData,
                }
            }
            Epoch::Application(_) if content.is_empty() => {
                counts.empty = counts.empty.saturating_add(1);
                What::EmptyData(counts.empty)
            }
            Epoch::Application(_) => {
                counts.empty = 0;
                counts.key_updates = 0;
                What::Data
            }
            _ => What::Invalid(Reason::EarlyApplicationData),
        };
        self.meet_record(what, 23, content, sink);
    }

    fn alert(&mut self, content: &[u8], sink: &mut dyn Sink) {
        let (level, description) = match content {
            [] => return self.refuse(Reason::EmptyAlert, 21, content, sink),
            [_] => return self.refuse(Reason::AlertOneByte, 21, content, sink),
            [level, description] => (*level, AlertDescription(*description)),
            _ => return self.refuse(Reason::AlertTrailing, 21, content, sink),
        };
        let level = match level {
            Alert::WARNING => AlertLevel::Warning,
            Alert::FATAL => AlertLevel::Fatal,
            _ => AlertLevel::Undefined,
        };
        let kind = kind_of(description, self.version);
        let counts = &mut self.status.counts;
        let canceled = description == AlertDescription::USER_CANCELED
            && (self.version == Version::Tls13 || level == AlertLevel::Warning);
        let what = match (self.version, description, level) {
            (_, AlertDescription::CLOSE_NOTIFY, _) => What::CloseNotify(level),
            _ if canceled => {
                counts.canceled = counts.canceled.saturating_add(1);
                counts.canceled_in_all = counts.canceled_in_all.saturating_add(1);
                What::UserCanceled(level, counts.canceled)
            }
            (Version::Tls12, _, AlertLevel::Warning) => {
                counts.warned = counts.warned.saturating_add(1);
                counts.warned_in_all = counts.warned_in_all.saturating_add(1);
                What::Warning(kind, counts.warned)
            }
            _ => What::Error(level, kind),
        };
        let in_all = match what {
            What::UserCanceled(..) if counts.canceled_in_all > 1 => {
                Some(Situation::CanceledInAll(counts.canceled_in_all))
            }
            What::Warning(..) if counts.warned_in_all > 1 => {
                Some(Situation::WarnedInAll(counts.warned_in_all))
            }
            _ => None,
        };
        if let (Some(situation), true) = (in_all, self.reads()) {
            let matter = Matter {
                record: true,
                ..Matter::default()
            };
            if !self.meet(situation, matter, sink) {
                return;
            }
        }
        self.meet_record(what, 21, content, sink);
    }

    fn refuse(&mut self, reason: Reason, kind: u8, content: &[u8], sink: &mut dyn Sink) {
        self.meet_record(What::Invalid(reason), kind, content, sink);
    }

    fn change_cipher_spec(&mut self, content: &[u8], sink: &mut dyn Sink) {
        let late = match self.version {
            // Until the peer's Finished (RFC 8446 5), but not before the ClientHello.
            Version::Tls13 => {
                let begun = self.role == Role::Client
                    || self.their_epoch() != Epoch::Plain
                    || self.peer.negotiated().retried;
                self.peer.established() || !begun
            }
            Version::Tls12 => self.their_epoch() != Epoch::Plain,
        };
        if late {
            return self.refuse(Reason::LateChangeCipherSpec, 20, content, sink);
        }
        if content != [1] {
            return self.refuse(Reason::ChangeCipherSpecValue, 20, content, sink);
        }
        if !self.meet_record(What::ChangeCipherSpec, 20, content, sink) {
            return;
        }
        if self.peer.take_change_cipher_spec().is_err() {
            self.refuse(Reason::LateChangeCipherSpec, 20, content, sink);
        }
    }

    fn handshake(&mut self, content: &[u8], sink: &mut dyn Sink) {
        if content.is_empty() {
            return self.refuse(Reason::EmptyHandshake, 22, content, sink);
        }
        let mut assembly = std::mem::take(&mut self.input.assembly);
        assembly.extend_from_slice(content);
        let mut start = 0;
        while let Some((message, len)) = split_handshake(&assembly[start..]) {
            let kind = message.kind;
            let whole = &assembly[start..start + len];
            start += len;
            let last = start == assembly.len();
            let epoch = self.their_epoch();
            self.message(kind, whole, last, sink);
            self.pump(sink);
            if !self.reads() {
                return;
            }
            if self.their_epoch() != epoch && !last {
                return self.refuse(Reason::Unaligned, 22, content, sink);
            }
        }
        assembly.drain(..start);
        if assembly.is_empty() {
            return;
        }
        if let [kind, a, b, c, ..] = *assembly
            && u32::from_be_bytes([0, a, b, c]) as usize > LONGEST_MESSAGE
        {
            let reason = Reason::Malformed(HandshakeType(kind));
            return self.refuse(reason, 22, content, sink);
        }
        if self.meet_record(What::Part, 22, &assembly, sink) {
            self.input.assembly = assembly;
        }
    }

    /// Handles a complete handshake message.
    fn message(&mut self, kind: HandshakeType, whole: &[u8], last: bool, sink: &mut dyn Sink) {
        let body = &whole[4..];
        let what = match self.peer.established() {
            true => self.post(kind, body),
            false if kind == HandshakeType::KEY_UPDATE && self.version == Version::Tls13 => {
                What::Invalid(Reason::EarlyKeyUpdate)
            }
            false => What::Handshake(kind),
        };
        let what = match what {
            What::KeyUpdate { .. } if !last => What::Invalid(Reason::Unaligned),
            what => what,
        };
        if !self.meet_record(what, 22, whole, sink) {
            return;
        }
        if let (
            What::KeyUpdate {
                requested: true, ..
            },
            false,
        ) = (what, self.status.own_closed)
        {
            self.status.answer_owed = true;
        }
        let Err(failure) = self.peer.take_handshake(whole) else {
            return;
        };
        match failure {
            Failure::UnexpectedMessage(kind) => {
                self.refuse(Reason::UnexpectedMessage(kind), 22, whole, sink);
            }
            Failure::Malformed { kind, .. } => {
                self.refuse(Reason::Malformed(kind), 22, whole, sink);
            }
            Failure::BadFinished => self.refuse(Reason::BadFinished, 22, whole, sink),
            other => {
                let matter = Matter {
                    named: other.alert(),
                    record: true,
                    ..Matter::default()
                };
                self.meet(Situation::HandshakeFails, matter, sink);
            }
        }
    }

    /// Classifies a message after the handshake.
    fn post(&mut self, kind: HandshakeType, body: &[u8]) -> What {
        let counts = &mut self.status.counts;
        match (self.version, self.role, kind) {
            (Version::Tls13, _, HandshakeType::KEY_UPDATE) => match KeyUpdate::parse(body) {
                Ok(KeyUpdate { requested }) => {
                    counts.key_updates = counts.key_updates.saturating_add(1);
                    let nth = counts.key_updates;
                    What::KeyUpdate { requested, nth }
                }
                Err(wire::Error::Value { .. }) => What::Invalid(Reason::KeyUpdateValue),
                Err(_) => What::Invalid(Reason::Malformed(kind)),
            },
            (Version::Tls13, Role::Client, HandshakeType::NEW_SESSION_TICKET) => {
                match NewSessionTicket13::parse(body) {
                    Ok(_) => What::Ticket,
                    Err(_) => What::Invalid(Reason::Malformed(kind)),
                }
            }
            (Version::Tls12, Role::Client, HandshakeType::HELLO_REQUEST)
            | (Version::Tls12, Role::Server, HandshakeType::CLIENT_HELLO) => {
                counts.renegotiations = counts.renegotiations.saturating_add(1);
                What::Renegotiation(counts.renegotiations)
            }
            _ => What::Invalid(Reason::UnexpectedMessage(kind)),
        }
    }
}

fn kind_of(description: AlertDescription, version: Version) -> AlertKind {
    match (version, description.0) {
        (Version::Tls13, 21 | 30 | 41 | 60 | 100 | 111 | 114) => AlertKind::Reserved,
        (Version::Tls12, 21 | 41 | 60) => AlertKind::Reserved,
        (Version::Tls12, 109 | 116 | 117) | (Version::Tls13, 117) => AlertKind::Undefined,
        _ if description.name().is_some() => AlertKind::Defined,
        _ => AlertKind::Undefined,
    }
}
