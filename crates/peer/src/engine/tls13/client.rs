//! The handshake of a client.

use wire::{
    Certificate13, CertificateRequest13, EarlyData as EarlyDataExtension, EncryptedExtensions,
    EndOfEarlyData, Epoch, HandshakeType, KeyShareHelloRetryRequest, KeyShareServerHello,
    Message as _, NewSessionTicket13, PreSharedKeyServerHello, RecordSizeLimit, Role, ServerHello,
    SupportedVersionsServerHello, VERSION_TLS12, VERSION_TLS13, Version,
};

use super::hello::Offer;
use super::{Schedule, check_distinct, extension, illegal, missing};
use crate::config::EarlyData;
use crate::crypto::hash::{Running, TooLong};
use crate::crypto::kx::{Group, KeyPair};
use crate::crypto::schedule13::{Early, ticket_psk};
use crate::crypto::suite::Suite;
use crate::engine::Handshake;
use crate::engine::core::{Core, parse, split};
use crate::failure::Failure;
use crate::message::MessageName;
use crate::session::Session;

const SERVER_HELLO: HandshakeType = HandshakeType::SERVER_HELLO;

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Client {
    state: State,
    random: [u8; 32],
    session_id: Vec<u8>,
    share: Option<KeyPair>,
    /// The offered session.
    session: Option<Session>,
    offers_early: bool,
    /// The messages so far, until the hash is known.
    hello: Vec<u8>,
    /// The transcript and the suite after a `HelloRetryRequest`.
    retry: Option<(Running, Suite)>,
    schedule: Option<Schedule>,
    /// The context of a `CertificateRequest`.
    certificate_request: Option<Vec<u8>>,
    ccs_sent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    ServerHello,
    EncryptedExtensions,
    CertificateOrRequest,
    Certificate,
    CertificateVerify,
    Finished,
    Done,
}

impl Client {
    pub fn new(core: &mut Core) -> Self {
        let config = core.config.clone();
        let random = core.rng.bytes();
        let session_id: [u8; 32] = core.rng.bytes();
        let session_id = if config.middlebox_ccs {
            session_id.to_vec()
        } else {
            Vec::new()
        };
        let share = match config.groups.first() {
            Some(&group) if !config.hello_retry => Some(KeyPair::generate(group, &mut core.rng)),
            _ => None,
        };
        let session = config
            .resume
            .clone()
            .filter(|session| session.version == Version::Tls13);
        let offers_early = config.early_data == EarlyData::Offer
            && session
                .as_ref()
                .is_some_and(|session| session.max_early_data > 0);
        Self {
            state: State::ServerHello,
            random,
            session_id,
            share,
            session,
            offers_early,
            hello: Vec::new(),
            retry: None,
            schedule: None,
            certificate_request: None,
            ccs_sent: false,
        }
    }

    fn hello(&self, core: &Core, cookie: Option<&[u8]>, early_data: bool) -> Vec<u8> {
        let offer = Offer {
            random: &self.random,
            session_id: &self.session_id,
            share: self.share.as_ref(),
            cookie,
            early_data,
            session: self.session.as_ref(),
            before: self.retry.as_ref().map(|(transcript, _)| transcript),
        };
        offer.message(&core.config)
    }

    fn send_ccs(&mut self, core: &mut Core) {
        if core.config.middlebox_ccs && !self.ccs_sent {
            self.ccs_sent = true;
            core.queue_change_cipher_spec(None);
        }
    }

    fn server_hello(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let hello: ServerHello<'_> = parse(split(message).1)?;
        let extensions = &hello.extensions;
        check_distinct(SERVER_HELLO, extensions)?;
        let version: Option<SupportedVersionsServerHello> = extension(SERVER_HELLO, extensions)?;
        if version.is_none_or(|chosen| chosen.version != VERSION_TLS13) {
            return Err(Failure::NothingInCommon("version"));
        }
        if hello.legacy_version != VERSION_TLS12 {
            return Err(illegal(SERVER_HELLO, "legacy_version"));
        }
        if hello.session_id != self.session_id {
            return Err(illegal(SERVER_HELLO, "legacy_session_id_echo"));
        }
        if hello.compression_method != 0 {
            return Err(illegal(SERVER_HELLO, "legacy_compression_method"));
        }
        let suite = core
            .config
            .usable_suites()
            .find(|suite| suite.id == hello.cipher_suite)
            .ok_or(illegal(SERVER_HELLO, "cipher_suite"))?;
        if hello.is_hello_retry_request() {
            return self.hello_retry_request(core, message, &hello, suite);
        }
        let (transcript, retry_suite) = match self.retry.take() {
            Some((transcript, suite)) => (transcript, Some(suite)),
            None => {
                let mut transcript = suite.hash.start();
                transcript.update(&self.hello);
                (transcript, None)
            }
        };
        if retry_suite.is_some_and(|first| first != suite) {
            return Err(illegal(SERVER_HELLO, "cipher_suite"));
        }
        let share: KeyShareServerHello<'_> =
            extension(SERVER_HELLO, extensions)?.ok_or(missing(SERVER_HELLO, "key_share"))?;
        let pair = self
            .share
            .as_ref()
            .filter(|pair| pair.group().id() == share.share.group)
            .ok_or(illegal(SERVER_HELLO, "key_share.group"))?;
        let shared = pair
            .agree(share.share.public)
            .map_err(|_| Failure::BadKeyShare)?;
        let chosen: Option<PreSharedKeyServerHello> = extension(SERVER_HELLO, extensions)?;
        let session = match (chosen, &self.session) {
            (None, _) => None,
            (
                Some(PreSharedKeyServerHello {
                    selected_identity: 0,
                }),
                Some(session),
            ) if session.suite.hash == suite.hash => Some(session),
            _ => return Err(illegal(SERVER_HELLO, "selected_identity")),
        };
        let early = Early::new(suite.hash, session.map(|session| &*session.secret));
        core.negotiated.suite = Some(suite);
        core.negotiated.group = Some(pair.group());
        core.negotiated.resumed = session.is_some();

        let mut transcript = transcript;
        transcript.update(message);
        self.schedule = Some(Schedule::new(
            core,
            suite,
            self.random,
            transcript,
            &early,
            &shared,
        ));
        core.their_epoch = Epoch::Handshake;
        if !self.offers_early {
            core.write_epoch = Epoch::Handshake;
        }
        self.state = State::EncryptedExtensions;
        Ok(())
    }

    fn hello_retry_request(
        &mut self,
        core: &mut Core,
        message: &[u8],
        hello: &ServerHello<'_>,
        suite: Suite,
    ) -> Result<(), Failure> {
        if self.retry.is_some() {
            return Err(Failure::UnexpectedMessage(SERVER_HELLO));
        }
        let share: Option<KeyShareHelloRetryRequest> = extension(SERVER_HELLO, &hello.extensions)?;
        let cookie: Option<wire::Cookie<'_>> = extension(SERVER_HELLO, &hello.extensions)?;
        if let Some(KeyShareHelloRetryRequest { group }) = share {
            let group = Group::from_id(group)
                .filter(|group| core.config.groups.contains(group))
                .filter(|group| self.share.as_ref().is_none_or(|had| had.group() != *group))
                .ok_or(illegal(SERVER_HELLO, "selected_group"))?;
            self.share = Some(KeyPair::generate(group, &mut core.rng));
        } else if cookie.is_none() {
            return Err(illegal(SERVER_HELLO, "a HelloRetryRequest without effect"));
        }
        let mut transcript = suite.hash.start();
        transcript.update(&self.hello);
        transcript.replace_with_message_hash();
        transcript.update(message);
        // A PSK with another hash cannot be used with the suite that the server selected.
        self.session = self
            .session
            .take()
            .filter(|session| session.suite.hash == suite.hash);
        self.retry = Some((transcript, suite));
        self.offers_early = false;
        core.negotiated.retried = true;
        core.judge.retry();
        core.write_epoch = Epoch::Plain;
        if core.negotiated.early_data.is_none() && core.ours.secret(Epoch::Early).is_some() {
            core.negotiated.early_data = Some(false);
        }
        self.send_ccs(core);
        let second = self.hello(core, cookie.map(|cookie| cookie.cookie), false);
        if let Some((transcript, _)) = &mut self.retry {
            transcript.update(&second);
        }
        core.queue(MessageName::ClientHello, Epoch::Plain, second, None);
        Ok(())
    }

    fn encrypted_extensions(
        &mut self,
        core: &mut Core,
        schedule: &Schedule,
        body: &[u8],
    ) -> Result<(), Failure> {
        let kind = HandshakeType::ENCRYPTED_EXTENSIONS;
        let EncryptedExtensions { extensions } = parse(body)?;
        check_distinct(kind, &extensions)?;
        let accepted = extension::<EarlyDataExtension>(kind, &extensions)?.is_some();
        if accepted {
            let may = self.offers_early
                && core.negotiated.resumed
                && self
                    .session
                    .as_ref()
                    .is_some_and(|session| session.suite == schedule.suite);
            if !may {
                return Err(illegal(kind, "early_data"));
            }
        }
        if self.offers_early {
            core.negotiated.early_data = Some(accepted);
            core.judge.early_answered(accepted);
            if !accepted {
                core.write_epoch = Epoch::Handshake;
            }
        }
        if let Some(RecordSizeLimit { limit }) = extension(kind, &extensions)? {
            if core.config.record_size_limit.is_none() || limit < 64 {
                return Err(illegal(kind, "record_size_limit"));
            }
            core.negotiated.record_size_limit = Some(limit);
            core.judge.limit(limit);
        }
        self.state = match core.negotiated.resumed {
            true => State::Finished,
            false => State::CertificateOrRequest,
        };
        Ok(())
    }

    fn finished(
        &mut self,
        core: &mut Core,
        schedule: &mut Schedule,
        message: &[u8],
    ) -> Result<(), Failure> {
        schedule.check_finished(Role::Server, split(message).1)?;
        schedule.transcript.update(message);
        schedule.server_finished(core);
        core.their_epoch = Epoch::Application(0);
        self.send_ccs(core);
        if core.negotiated.early_data == Some(true) {
            let message = EndOfEarlyData.to_message();
            schedule.transcript.update(&message);
            core.queue(
                MessageName::EndOfEarlyData,
                Epoch::Early,
                message,
                Some(Epoch::Handshake),
            );
        }
        if let Some(context) = self.certificate_request.take() {
            schedule.queue_certificate(core, &context);
            core.negotiated.client_authenticated = true;
        }
        schedule.queue_finished(core);
        schedule.client_finished();
        self.state = State::Done;
        core.established = true;
        self.forget();
        Ok(())
    }

    /// Drops the state that only the handshake needs, so that a clone of an open connection is
    /// cheap.
    fn forget(&mut self) {
        self.hello = Vec::new();
        self.session_id = Vec::new();
        self.session = None;
        self.share = None;
    }

    fn in_flight(
        &mut self,
        core: &mut Core,
        schedule: &mut Schedule,
        message: &[u8],
    ) -> Result<(), Failure> {
        use HandshakeType as T;
        let (kind, body) = split(message);
        match (self.state, kind) {
            (State::EncryptedExtensions, T::ENCRYPTED_EXTENSIONS) => {
                self.encrypted_extensions(core, schedule, body)?;
            }
            (State::CertificateOrRequest, T::CERTIFICATE_REQUEST) => {
                let request: CertificateRequest13<'_> = parse(body)?;
                self.certificate_request = Some(request.context.to_vec());
                self.state = State::Certificate;
            }
            (State::CertificateOrRequest | State::Certificate, T::CERTIFICATE) => {
                let certificate: Certificate13<'_> = parse(body)?;
                if certificate.entries.is_empty() {
                    return Err(illegal(kind, "certificate_list"));
                }
                self.state = State::CertificateVerify;
            }
            (State::CertificateVerify, T::CERTIFICATE_VERIFY) => {
                schedule.check_certificate_verify(core, Role::Server, body)?;
                self.state = State::Finished;
            }
            (State::Finished, T::FINISHED) => return self.finished(core, schedule, message),
            (State::Done, T::NEW_SESSION_TICKET) => {
                return new_session_ticket(core, schedule, body);
            }
            _ => return Err(Failure::UnexpectedMessage(kind)),
        }
        schedule.transcript.update(message);
        Ok(())
    }
}

fn new_session_ticket(core: &mut Core, schedule: &Schedule, body: &[u8]) -> Result<(), Failure> {
    let kind = HandshakeType::NEW_SESSION_TICKET;
    let ticket: NewSessionTicket13<'_> = parse(body)?;
    let max_early_data = ticket
        .max_early_data()
        .map_err(|error| Failure::Malformed { kind, error })?;
    let (Some(resumption), suite) = (&schedule.resumption, schedule.suite) else {
        return Err(Failure::UnexpectedMessage(kind));
    };
    core.sessions.push(Session {
        version: Version::Tls13,
        suite,
        ticket: ticket.ticket.to_vec(),
        session_id: Vec::new(),
        secret: ticket_psk(suite.hash, resumption, ticket.nonce)
            .map_err(|_| illegal(kind, "ticket_nonce"))?,
        lifetime: ticket.lifetime,
        age_add: ticket.age_add,
        received: core.config.clock,
        max_early_data: max_early_data.unwrap_or(0),
        extended_master_secret: true,
    });
    Ok(())
}

impl Handshake for Client {
    fn start(&mut self, core: &mut Core) {
        let message = self.hello(core, None, self.offers_early);
        self.hello.clone_from(&message);
        let early = self.session.as_ref().filter(|_| self.offers_early);
        if let Some(session) = early {
            let (suite, hash) = (session.suite, session.suite.hash);
            let transcript = hash.digest(&message);
            let schedule = Early::new(hash, Some(&session.secret));
            let secret = schedule.client_traffic(&transcript);
            core.ours.install_early(suite, secret);
            core.log("CLIENT_EARLY_TRAFFIC_SECRET", &self.random, secret);
            core.log(
                "EARLY_EXPORTER_SECRET",
                &self.random,
                schedule.exporter(&transcript),
            );
            core.judge.early_offered(session.max_early_data);
        }
        let then = early.map(|_| Epoch::Early);
        core.queue(MessageName::ClientHello, Epoch::Plain, message, then);
        if self.offers_early {
            self.send_ccs(core);
        }
    }

    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let (kind, _) = split(message);
        if self.state == State::ServerHello {
            return match kind {
                SERVER_HELLO => self.server_hello(core, message),
                _ => Err(Failure::UnexpectedMessage(kind)),
            };
        }
        let Some(mut schedule) = self.schedule.take() else {
            return Err(Failure::UnexpectedMessage(kind));
        };
        let result = self.in_flight(core, &mut schedule, message);
        self.schedule = Some(schedule);
        result
    }

    fn change_cipher_spec(&mut self, core: &mut Core) -> Result<(), Failure> {
        match core.established {
            true => Err(Failure::UnexpectedRecord(
                wire::ContentType::CHANGE_CIPHER_SPEC,
            )),
            false => Ok(()),
        }
    }

    fn ticket(&mut self, _core: &mut Core) -> Vec<u8> {
        NewSessionTicket13 {
            lifetime: 0,
            age_add: 0,
            nonce: &[],
            ticket: &[0],
            extensions: wire::Extensions::EMPTY,
        }
        .to_message()
    }

    fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        self.schedule.as_ref()?.export(label, context, out)
    }
}
