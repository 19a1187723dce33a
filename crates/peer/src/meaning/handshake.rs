//! Judges handshake messages: those of the engine, edited ones, and post-handshake messages.

use wire::{
    Certificate12, Certificate13, CertificateRequest12, CertificateRequest13, CertificateVerify,
    ClientHello, ClientKeyExchange, EncryptedExtensions, EndOfEarlyData, Epoch, Error,
    HandshakeHeader, HandshakeType, HelloRequest, KeyUpdate, Meaning, Message, NewSessionTicket12,
    NewSessionTicket13, Reason, Role, ServerHello, ServerHelloDone, ServerKeyExchange, Version,
    split_handshake,
};

use super::{Expected, Judge, What, fingerprint};

/// The maximum length of a message for whose end every receiver waits.
const MAX_LEN: u32 = 1 << 14;

impl Judge {
    pub(super) fn handshake(&mut self, content: &[u8]) -> Meaning {
        let mut open = std::mem::take(&mut self.open);
        let meaning = if open.is_empty() {
            let (meaning, rest) = self.messages(content);
            open.extend_from_slice(rest);
            meaning
        } else {
            open.extend_from_slice(content);
            let (meaning, rest) = self.messages(&open);
            let taken = open.len() - rest.len();
            open.drain(..taken);
            meaning
        };
        // A receiver that rejected the messages does not wait for more.
        if !matches!(meaning, Meaning::Invalid(_)) {
            self.open = open;
        } else {
            open.clear();
            self.open = open;
        }
        meaning
    }

    /// Returns the meaning of the last complete message, or of the first that must be rejected, and
    /// the bytes of an incomplete message at the end.
    fn messages<'a>(&mut self, mut bytes: &'a [u8]) -> (Meaning, &'a [u8]) {
        let mut last = None;
        while let Some((message, len)) = split_handshake(bytes) {
            let (whole, rest) = bytes.split_at(len);
            bytes = rest;
            let (kind, before) = (message.kind, self.epoch);
            let meaning = self.message(kind, whole, message.body);
            let key_change = self.epoch != before || matches!(meaning, Meaning::KeyUpdate { .. });
            if key_change && !bytes.is_empty() {
                // A message that the peer did not create may also be rejected for its content.
                let sure = !self.diverged || matches!(meaning, Meaning::KeyUpdate { .. });
                return match sure {
                    true => (Meaning::Invalid(Reason::Unaligned), &[]),
                    false => (Meaning::Unknown, &[]),
                };
            }
            if let Meaning::KeyUpdate { .. } = meaning {
                self.next_generation();
            }
            match meaning {
                Meaning::Invalid(_) | Meaning::Unknown => return (meaning, &[]),
                _ => last = Some(meaning),
            }
        }
        if bytes.is_empty() {
            return (last.unwrap_or(Meaning::Unknown), bytes);
        }
        match last {
            _ if !self.is_plausible_start(bytes) => (Meaning::Unknown, bytes),
            Some(meaning) => (meaning, bytes),
            None => (Meaning::HandshakePart, bytes),
        }
    }

    /// Returns whether a receiver waits for the rest of a message that begins with `bytes`.
    fn is_plausible_start(&self, bytes: &[u8]) -> bool {
        let Some(&kind) = bytes.first() else {
            return true;
        };
        let kind = HandshakeType(kind);
        let expected = match self.script.front() {
            Some(next) => next.what == What::Handshake(kind),
            None => self.finished && self.follows(kind),
        };
        let fits = HandshakeHeader::parse(bytes).map_or(true, |header| match header.kind {
            HandshakeType::KEY_UPDATE => header.length == 1,
            _ => header.length <= MAX_LEN,
        });
        expected && fits
    }

    /// Returns whether a message of this kind is allowed after the handshake.
    fn follows(&self, kind: HandshakeType) -> bool {
        match (self.version, self.sender) {
            (Version::Tls13, Role::Client) => kind == HandshakeType::KEY_UPDATE,
            (Version::Tls13, Role::Server) => {
                matches!(
                    kind,
                    HandshakeType::KEY_UPDATE | HandshakeType::NEW_SESSION_TICKET
                )
            }
            (Version::Tls12, Role::Client) => kind == HandshakeType::CLIENT_HELLO,
            (Version::Tls12, Role::Server) => kind == HandshakeType::HELLO_REQUEST,
        }
    }

    fn message(&mut self, kind: HandshakeType, whole: &[u8], body: &[u8]) -> Meaning {
        if self.finished {
            return self.post(kind, body);
        }
        if kind == HandshakeType::KEY_UPDATE && self.version == Version::Tls13 {
            // If it is also malformed, a receiver may report either fault.
            return match KeyUpdate::parse(body) {
                Ok(_) => Meaning::Invalid(Reason::EarlyKeyUpdate),
                Err(_) => Meaning::Unknown,
            };
        }
        // Clients should ignore it during a handshake (RFC 5246 7.4.1.1), but not all do.
        if self.version == Version::Tls12
            && self.sender == Role::Server
            && kind == HandshakeType::HELLO_REQUEST
        {
            return Meaning::Unknown;
        }
        // Requesting a client certificate is optional.
        if kind != HandshakeType::CERTIFICATE_REQUEST
            && self.next_is(HandshakeType::CERTIFICATE_REQUEST)
        {
            self.script.pop_front();
            self.diverged = true;
        }
        let Some(next) = self.script.front().copied() else {
            // The peer has not computed its answer yet, so the expected message is unknown.
            return Meaning::Unknown;
        };
        if next.what != What::Handshake(kind) {
            if kind == HandshakeType::CERTIFICATE_REQUEST && self.may_ask_for_certificate() {
                if self.parse(kind, body).is_err() {
                    return Meaning::Invalid(Reason::Malformed(kind));
                }
                self.diverged = true;
                return Meaning::Unknown;
            }
            if kind == HandshakeType::END_OF_EARLY_DATA && !body.is_empty() {
                return Meaning::Unknown;
            }
            return Meaning::Invalid(Reason::UnexpectedMessage(kind));
        }
        let same = next.len == whole.len() && next.print == fingerprint(whole);
        let meaning = match kind {
            _ if !same && self.parse(kind, body).is_err() => {
                return Meaning::Invalid(Reason::Malformed(kind));
            }
            HandshakeType::FINISHED if next.len != whole.len() => {
                return Meaning::Invalid(Reason::Malformed(kind));
            }
            HandshakeType::FINISHED if !same || self.diverged => {
                return Meaning::Invalid(Reason::BadFinished);
            }
            HandshakeType::CERTIFICATE_VERIFY if self.diverged => Meaning::Unknown,
            _ if !same => Meaning::Unknown,
            _ => Meaning::Handshake(kind),
        };
        self.diverged |= !same;
        self.advance(kind, next);
        meaning
    }

    /// Returns whether a server may request a client certificate here, even if the peer's own
    /// messages do not (RFC 5246 7.3, RFC 8446 2).
    fn may_ask_for_certificate(&self) -> bool {
        self.sender == Role::Server
            && self.next_is(match self.version {
                Version::Tls12 => HandshakeType::SERVER_HELLO_DONE,
                Version::Tls13 => HandshakeType::CERTIFICATE,
            })
    }

    fn next_is(&self, kind: HandshakeType) -> bool {
        self.script
            .front()
            .is_some_and(|next| next.what == What::Handshake(kind))
    }

    /// Updates the state after the receiver has accepted a handshake message.
    fn advance(&mut self, kind: HandshakeType, next: Expected) {
        self.script.pop_front();
        self.begun = true;
        if let Some(epoch) = next.then {
            self.set_epoch(epoch);
        } else if kind == HandshakeType::CLIENT_HELLO && self.version == Version::Tls13 {
            // A server that accepts the message answers at once, and then reads with new keys.
            self.set_epoch(Epoch::Handshake);
        }
        self.finished |= kind == HandshakeType::FINISHED;
    }

    fn next_generation(&mut self) {
        if let Epoch::Application(generation) = self.epoch {
            self.set_epoch(Epoch::Application(generation.saturating_add(1)));
        }
    }

    fn post(&self, kind: HandshakeType, body: &[u8]) -> Meaning {
        if !self.follows(kind) {
            let malformed = match kind {
                HandshakeType::END_OF_EARLY_DATA => !body.is_empty(),
                HandshakeType::CERTIFICATE_REQUEST => self.parse(kind, body).is_err(),
                _ => false,
            };
            if malformed {
                return Meaning::Unknown;
            }
            return Meaning::Invalid(Reason::UnexpectedMessage(kind));
        }
        match (self.version, kind) {
            (Version::Tls13, HandshakeType::KEY_UPDATE) => match KeyUpdate::parse(body) {
                Ok(KeyUpdate { requested }) => Meaning::KeyUpdate { requested },
                Err(Error::Value { .. }) => Meaning::Invalid(Reason::KeyUpdateValue),
                Err(_) => Meaning::Invalid(Reason::Malformed(kind)),
            },
            _ if self.parse(kind, body).is_err() => Meaning::Invalid(Reason::Malformed(kind)),
            // A client that does not use an extension of a ticket need not check it.
            (Version::Tls13, _) if has_odd_extensions(body) => Meaning::Unknown,
            (Version::Tls13, _) => Meaning::Ticket,
            (Version::Tls12, _) => Meaning::RenegotiationRequest,
        }
    }

    fn parse(&self, kind: HandshakeType, body: &[u8]) -> Result<(), Error> {
        use HandshakeType as T;
        match (self.version, kind) {
            (_, T::CLIENT_HELLO) => ClientHello::parse(body).map(drop),
            (_, T::SERVER_HELLO) => ServerHello::parse(body).map(drop),
            (_, T::CERTIFICATE_VERIFY) => CertificateVerify::parse(body).map(drop),
            (Version::Tls13, T::ENCRYPTED_EXTENSIONS) => EncryptedExtensions::parse(body).map(drop),
            (Version::Tls13, T::CERTIFICATE_REQUEST) => CertificateRequest13::parse(body).map(drop),
            (Version::Tls13, T::CERTIFICATE) => Certificate13::parse(body).map(drop),
            (Version::Tls13, T::END_OF_EARLY_DATA) => EndOfEarlyData::parse(body).map(drop),
            (Version::Tls13, T::NEW_SESSION_TICKET) => NewSessionTicket13::parse(body).map(drop),
            (Version::Tls12, T::HELLO_REQUEST) => HelloRequest::parse(body).map(drop),
            (Version::Tls12, T::CERTIFICATE_REQUEST) => CertificateRequest12::parse(body).map(drop),
            (Version::Tls12, T::CERTIFICATE) => Certificate12::parse(body).map(drop),
            (Version::Tls12, T::SERVER_KEY_EXCHANGE) => ServerKeyExchange::parse(body).map(drop),
            (Version::Tls12, T::SERVER_HELLO_DONE) => ServerHelloDone::parse(body).map(drop),
            (Version::Tls12, T::CLIENT_KEY_EXCHANGE) => ClientKeyExchange::parse(body).map(drop),
            (Version::Tls12, T::NEW_SESSION_TICKET) => NewSessionTicket12::parse(body).map(drop),
            _ => Ok(()),
        }
    }
}

/// Returns whether a ticket has a duplicate extension (RFC 8446 4.2) or a malformed `early_data`.
fn has_odd_extensions(ticket: &[u8]) -> bool {
    NewSessionTicket13::parse(ticket).is_ok_and(|ticket| {
        ticket.extensions.duplicate().is_some() || ticket.max_early_data().is_err()
    })
}
