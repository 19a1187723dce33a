//! The handshake of a client.

use wire::{
    Certificate12, CertificateRequest12, CipherSuite, ClientHello, ClientKeyExchange,
    EcPointFormats, Epoch, ExtendedMasterSecret, ExtensionType, Extensions, ExtensionsBuf,
    HandshakeType, HelloRequest, List, Message as _, NamedGroup, NewSessionTicket12,
    RecordSizeLimit, RenegotiationInfo, Role, ServerHello, ServerHelloDone, ServerName,
    SessionTicket, SignatureAlgorithms, SupportedGroups, VERSION_TLS12, Version,
};

use super::conversation::Conversation;
use super::{
    ECDSA_SIGN, change_cipher_spec, check_distinct, check_renegotiation_info, extension, illegal,
    record_size_limit,
};
use crate::config::Config;
use crate::crypto::hash::TooLong;
use crate::crypto::kx::{KeyPair, Shared};
use crate::crypto::sign::SCHEME;
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
    /// The offered session until the server answers, then the resumed session.
    session: Option<Session>,
    hello: Vec<u8>,
    conversation: Option<Conversation>,
    exchange: Option<(KeyPair, Shared)>,
    certificate_request: Option<CanAnswer>,
    /// Whether the server has announced a `NewSessionTicket`.
    ticket_promised: bool,
    /// The server's data for resumption.
    given: Given,
}

/// Whether the `CertificateRequest` allows the peer's certificate and signature scheme.
type CanAnswer = bool;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    ServerHello,
    Certificate,
    ServerKeyExchange,
    RequestOrDone,
    ServerHelloDone,
    NewSessionTicket,
    ChangeCipherSpec,
    Finished,
    Done,
}

#[derive(Clone, Debug, Default)]
struct Given {
    session_id: Vec<u8>,
    ticket: Vec<u8>,
    lifetime: u32,
}

impl Client {
    pub fn new(core: &mut Core) -> Self {
        let random = core.rng.bytes();
        let session = core.config.resume.clone();
        let session = session.filter(|session| session.version == Version::Tls12);
        let session_id = match &session {
            None => Vec::new(),
            // The server echoes this session id if it accepts the ticket (RFC 5077 3.4).
            Some(Session { session_id, .. }) if session_id.is_empty() => {
                core.rng.bytes::<32>().to_vec()
            }
            Some(session) => session.session_id.clone(),
        };
        Self {
            state: State::ServerHello,
            random,
            session_id,
            session,
            hello: Vec::new(),
            conversation: None,
            exchange: None,
            certificate_request: None,
            ticket_promised: false,
            given: Given::default(),
        }
    }

    fn hello(&self, config: &Config) -> Vec<u8> {
        let suites: Vec<CipherSuite> = config.usable_suites().map(|suite| suite.id).collect();
        let groups: Vec<NamedGroup> = config.groups.iter().map(|group| group.id()).collect();
        let mut extensions = ExtensionsBuf::new();
        if !config.server_name.is_empty() {
            extensions.add(&ServerName {
                host_name: config.server_name.as_bytes(),
            });
        }
        extensions.add(&ExtendedMasterSecret);
        extensions.add(&RenegotiationInfo {
            renegotiated_connection: &[],
        });
        extensions.add(&SupportedGroups {
            groups: List::of(&groups),
        });
        extensions.add(&EcPointFormats {
            formats: &[EcPointFormats::UNCOMPRESSED],
        });
        extensions.add(&SignatureAlgorithms {
            schemes: List::of(&[SCHEME]),
        });
        extensions.add(&SessionTicket {
            ticket: self.session.as_ref().map_or(&[], |session| &session.ticket),
        });
        if let Some(limit) = config.record_size_limit {
            extensions.add(&RecordSizeLimit { limit });
        }
        ClientHello {
            legacy_version: VERSION_TLS12,
            random: &self.random,
            session_id: &self.session_id,
            cipher_suites: List::of(&suites),
            compression_methods: &[0],
            extensions: extensions.view(),
        }
        .to_message()
    }

    fn server_hello(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let hello: ServerHello<'_> = parse(split(message).1)?;
        if hello.legacy_version != VERSION_TLS12 {
            return Err(Failure::NothingInCommon("version"));
        }
        if hello.compression_method != 0 {
            return Err(illegal(SERVER_HELLO, "compression_method"));
        }
        let suite = core
            .config
            .usable_suites()
            .find(|suite| suite.id == hello.cipher_suite)
            .ok_or(illegal(SERVER_HELLO, "cipher_suite"))?;
        let extensions = &hello.extensions;
        check_offered(&core.config, extensions)?;
        check_renegotiation_info(SERVER_HELLO, extensions)?;
        let extended_master_secret =
            extension::<ExtendedMasterSecret>(SERVER_HELLO, extensions)?.is_some();
        if let Some(limit) = record_size_limit(SERVER_HELLO, extensions)? {
            core.negotiated.record_size_limit = Some(limit);
            core.judge.limit(limit);
        }
        self.ticket_promised = extension::<SessionTicket<'_>>(SERVER_HELLO, extensions)?.is_some();

        let mut messages = std::mem::take(&mut self.hello);
        messages.extend_from_slice(message);
        let mut conversation = Conversation::new(
            suite,
            self.random,
            *hello.random,
            extended_master_secret,
            messages,
        );
        let echoed = !self.session_id.is_empty() && hello.session_id == self.session_id;
        self.session = self.session.take().filter(|_| echoed);
        if let Some(session) = &self.session {
            check_session(session, suite, extended_master_secret)?;
            conversation.install(core, session.secret);
        } else {
            self.given.session_id = hello.session_id.to_vec();
        }
        core.negotiated.suite = Some(suite);
        core.negotiated.resumed = self.session.is_some();
        core.negotiated.extended_master_secret = extended_master_secret;
        self.conversation = Some(conversation);
        self.state = match self.session {
            Some(_) => self.before_change_cipher_spec(),
            None => State::Certificate,
        };
        Ok(())
    }

    /// Returns the state before `change_cipher_spec`. The server sends a ticket if and only if it
    /// has announced one (RFC 5077 3.3).
    const fn before_change_cipher_spec(&self) -> State {
        match self.ticket_promised {
            true => State::NewSessionTicket,
            false => State::ChangeCipherSpec,
        }
    }

    /// Queues the answer to `ServerHelloDone`.
    fn second_flight(&mut self, core: &mut Core, conversation: &mut Conversation) {
        if let Some(known) = self.certificate_request {
            conversation.queue_certificate(core, known);
        }
        if let Some((pair, shared)) = self.exchange.take() {
            let message = ClientKeyExchange {
                public: pair.public(),
            };
            conversation.say(core, MessageName::ClientKeyExchange, message.to_message());
            conversation.agreed(core, &shared);
        }
        if self.certificate_request == Some(true) {
            conversation.queue_certificate_verify(core);
            core.negotiated.client_authenticated = true;
        }
        conversation.queue_finished(core);
        self.state = self.before_change_cipher_spec();
    }

    fn finished(
        &mut self,
        core: &mut Core,
        conversation: &mut Conversation,
        message: &[u8],
    ) -> Result<(), Failure> {
        conversation.check_finished(Role::Server, message)?;
        if core.negotiated.resumed {
            conversation.queue_finished(core);
        }
        self.remember(core, conversation);
        conversation.finish(core);
        self.state = State::Done;
        Ok(())
    }

    /// Stores the session. It prefers the ticket to the session id, which the server need not
    /// honour if it sent a ticket (RFC 5077 3.4).
    fn remember(&mut self, core: &mut Core, conversation: &Conversation) {
        let Given {
            session_id,
            ticket,
            lifetime,
        } = std::mem::take(&mut self.given);
        if ticket.is_empty() && session_id.is_empty() {
            return;
        }
        core.sessions.push(Session {
            version: Version::Tls12,
            suite: conversation.suite,
            session_id: if ticket.is_empty() {
                session_id
            } else {
                Vec::new()
            },
            ticket,
            secret: conversation.secret(),
            lifetime,
            age_add: 0,
            received: core.config.clock,
            max_early_data: 0,
            extended_master_secret: conversation.extended_master_secret,
        });
    }

    fn in_flight(
        &mut self,
        core: &mut Core,
        conversation: &mut Conversation,
        message: &[u8],
    ) -> Result<(), Failure> {
        use HandshakeType as T;
        let (kind, body) = split(message);
        match (self.state, kind) {
            (State::Certificate, T::CERTIFICATE) => {
                let certificate: Certificate12<'_> = parse(body)?;
                if certificate.certificates.is_empty() {
                    return Err(illegal(kind, "certificate_list"));
                }
                conversation.heard(message);
                self.state = State::ServerKeyExchange;
            }
            (State::ServerKeyExchange, T::SERVER_KEY_EXCHANGE) => {
                self.exchange = Some(conversation.key_exchange(core, message)?);
                self.state = State::RequestOrDone;
            }
            (State::RequestOrDone, T::CERTIFICATE_REQUEST) => {
                let request: CertificateRequest12<'_> = parse(body)?;
                let can_answer = request.certificate_types.contains(&ECDSA_SIGN)
                    && request.signature_algorithms.contains(&SCHEME);
                self.certificate_request = Some(can_answer);
                conversation.heard(message);
                self.state = State::ServerHelloDone;
            }
            (State::RequestOrDone | State::ServerHelloDone, T::SERVER_HELLO_DONE) => {
                let ServerHelloDone = parse(body)?;
                conversation.heard(message);
                self.second_flight(core, conversation);
            }
            (State::NewSessionTicket, T::NEW_SESSION_TICKET) => {
                let ticket: NewSessionTicket12<'_> = parse(body)?;
                self.given.ticket = ticket.ticket.to_vec();
                self.given.lifetime = ticket.lifetime_hint;
                conversation.heard(message);
                self.state = State::ChangeCipherSpec;
            }
            (State::Finished, T::FINISHED) => self.finished(core, conversation, message)?,
            _ => return Err(Failure::UnexpectedMessage(kind)),
        }
        Ok(())
    }
}

/// Checks that the server sent only extensions that the client offered (RFC 5246 7.4.1.4).
fn check_offered(config: &Config, extensions: &Extensions<'_>) -> Result<(), Failure> {
    use ExtensionType as T;
    check_distinct(SERVER_HELLO, extensions)?;
    let offered = |kind| match kind {
        T::SERVER_NAME => !config.server_name.is_empty(),
        T::RECORD_SIZE_LIMIT => config.record_size_limit.is_some(),
        T::EXTENDED_MASTER_SECRET
        | T::RENEGOTIATION_INFO
        | T::EC_POINT_FORMATS
        | T::SESSION_TICKET => true,
        _ => false,
    };
    match extensions.iter().all(|each| offered(each.kind)) {
        true => Ok(()),
        false => Err(illegal(SERVER_HELLO, "an extension that was not offered")),
    }
}

/// Checks the parameters that must be the same in a resumed session (RFC 5246 7.4.1.3,
/// RFC 7627 5.3).
fn check_session(
    session: &Session,
    suite: Suite,
    extended_master_secret: bool,
) -> Result<(), Failure> {
    if session.suite != suite {
        return Err(illegal(SERVER_HELLO, "cipher_suite"));
    }
    if session.extended_master_secret != extended_master_secret {
        return Err(illegal(SERVER_HELLO, "extended_master_secret"));
    }
    Ok(())
}

impl Handshake for Client {
    fn start(&mut self, core: &mut Core) {
        self.hello = self.hello(&core.config);
        core.queue(
            MessageName::ClientHello,
            Epoch::Plain,
            self.hello.clone(),
            None,
        );
    }

    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let (kind, body) = split(message);
        // A client ignores it during a handshake, and it is not part of the transcript
        // (RFC 5246 7.4.1.1).
        if kind == HandshakeType::HELLO_REQUEST {
            let HelloRequest = parse(body)?;
            return Ok(());
        }
        if self.state == State::ServerHello && kind == SERVER_HELLO {
            return self.server_hello(core, message);
        }
        let Some(mut conversation) = self.conversation.take() else {
            return Err(Failure::UnexpectedMessage(kind));
        };
        let result = self.in_flight(core, &mut conversation, message);
        self.conversation = Some(conversation);
        result
    }

    fn change_cipher_spec(&mut self, core: &mut Core) -> Result<(), Failure> {
        change_cipher_spec(core, self.state == State::ChangeCipherSpec)?;
        self.state = State::Finished;
        Ok(())
    }

    fn ticket(&mut self, _core: &mut Core) -> Vec<u8> {
        NewSessionTicket12 {
            lifetime_hint: 0,
            ticket: &[0],
        }
        .to_message()
    }

    fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Option<Result<(), TooLong>> {
        self.conversation.as_ref()?.export(label, context, out)
    }
}
