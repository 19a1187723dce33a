//! The handshake of a server.

use wire::{
    Certificate12, CertificateRequest12, CipherSuite, ClientHello, ClientKeyExchange,
    EcPointFormats, ExtendedMasterSecret, ExtensionsBuf, HandshakeType, List, Message as _,
    NewSessionTicket12, RecordSizeLimit, RenegotiationInfo, Role, ServerHello, ServerHelloDone,
    SessionTicket, SignatureAlgorithms, SupportedGroups, SupportedVersionsClientHello,
    VERSION_TLS12, Version,
};

use super::conversation::Conversation;
use super::{
    ECDSA_SIGN, change_cipher_spec, check_distinct, check_renegotiation_info, extension, illegal,
    record_size_limit,
};
use crate::crypto::hash::TooLong;
use crate::crypto::kx::{Group, KeyPair};
use crate::crypto::sign::SCHEME;
use crate::crypto::suite::Suite;
use crate::engine::Handshake;
use crate::engine::core::{Core, parse, split};
use crate::failure::Failure;
use crate::message::MessageName;
use crate::session::Remembered;

const CLIENT_HELLO: HandshakeType = HandshakeType::CLIENT_HELLO;

/// The lifetime hint of a ticket, in seconds.
const TICKET_LIFETIME: u32 = 7 * 24 * 60 * 60;

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    state: State,
    conversation: Option<Conversation>,
    pair: Option<KeyPair>,
    /// Whether the server has announced a ticket.
    ticket_promised: bool,
    tickets: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    #[default]
    ClientHello,
    Certificate,
    ClientKeyExchange(ClientCertificate),
    CertificateVerify,
    ChangeCipherSpec,
    Finished,
    Done,
}

/// The state of client authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ClientCertificate {
    Sent,
    None,
}

/// The server's choice from a `ClientHello`.
struct Choice {
    suite: Suite,
    /// Unused in a resumption.
    group: Option<Group>,
    extended_master_secret: bool,
    session: Option<Remembered>,
}

impl Server {
    pub fn new() -> Self {
        Self::default()
    }

    fn client_hello(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let hello: ClientHello<'_> = parse(split(message).1)?;
        check_distinct(CLIENT_HELLO, &hello.extensions)?;
        check_version(&hello)?;
        if !hello.compression_methods.contains(&0) {
            return Err(illegal(CLIENT_HELLO, "compression_methods"));
        }
        let choice = choose(core, &hello)?;
        let server_random = core.rng.bytes();
        let mut conversation = Conversation::new(
            choice.suite,
            *hello.random,
            server_random,
            choice.extended_master_secret,
            message.to_vec(),
        );
        let answer = self.server_hello(core, &hello, &choice, &server_random)?;
        conversation.say(core, MessageName::ServerHello, answer);
        core.negotiated.suite = Some(choice.suite);
        core.negotiated.resumed = choice.session.is_some();
        core.negotiated.extended_master_secret = choice.extended_master_secret;
        match (choice.session, choice.group) {
            (Some(session), _) => {
                conversation.install(core, session.secret);
                self.last_flight(core, &mut conversation);
                self.state = State::ChangeCipherSpec;
            }
            (None, Some(group)) => self.first_flight(core, &mut conversation, group),
            (None, None) => return Err(Failure::NothingInCommon("group")),
        }
        self.conversation = Some(conversation);
        Ok(())
    }

    fn server_hello(
        &mut self,
        core: &mut Core,
        hello: &ClientHello<'_>,
        choice: &Choice,
        random: &[u8; 32],
    ) -> Result<Vec<u8>, Failure> {
        let offered = &hello.extensions;
        let mut extensions = ExtensionsBuf::new();
        let scsv = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
        if check_renegotiation_info(CLIENT_HELLO, offered)? || hello.cipher_suites.contains(&scsv) {
            extensions.add(&RenegotiationInfo {
                renegotiated_connection: &[],
            });
        }
        if choice.extended_master_secret {
            extensions.add(&ExtendedMasterSecret);
        }
        if let Some(EcPointFormats { formats }) = extension(CLIENT_HELLO, offered)? {
            if !formats.contains(&EcPointFormats::UNCOMPRESSED) {
                return Err(illegal(CLIENT_HELLO, "ec_point_formats"));
            }
            extensions.add(&EcPointFormats {
                formats: &[EcPointFormats::UNCOMPRESSED],
            });
        }
        self.ticket_promised = core.config.tickets > 0
            && extension::<SessionTicket<'_>>(CLIENT_HELLO, offered)?.is_some();
        if self.ticket_promised {
            extensions.add(&SessionTicket { ticket: &[] });
        }
        let theirs = record_size_limit(CLIENT_HELLO, offered)?;
        if let (Some(theirs), Some(limit)) = (theirs, core.config.record_size_limit) {
            extensions.add(&RecordSizeLimit { limit });
            core.negotiated.record_size_limit = Some(theirs);
            core.judge.limit(theirs);
        }
        Ok(ServerHello {
            legacy_version: VERSION_TLS12,
            random,
            // The server issues no session ids. It keeps sessions only in tickets.
            session_id: match choice.session {
                Some(_) => hello.session_id,
                None => &[],
            },
            cipher_suite: choice.suite.id,
            compression_method: 0,
            extensions: extensions.view(),
        }
        .to_message())
    }

    /// Queues the rest of the first flight of a full handshake.
    fn first_flight(&mut self, core: &mut Core, conversation: &mut Conversation, group: Group) {
        let pair = KeyPair::generate(group, &mut core.rng);
        conversation.queue_certificate(core, true);
        conversation.queue_key_exchange(core, &pair);
        if core.config.client_auth {
            let request = CertificateRequest12 {
                certificate_types: &[ECDSA_SIGN],
                signature_algorithms: List::of(&[SCHEME]),
                authorities: List::EMPTY,
            };
            conversation.say(core, MessageName::CertificateRequest, request.to_message());
        }
        conversation.say(
            core,
            MessageName::ServerHelloDone,
            ServerHelloDone.to_message(),
        );
        core.negotiated.group = Some(group);
        self.pair = Some(pair);
        self.state = match core.config.client_auth {
            true => State::Certificate,
            false => State::ClientKeyExchange(ClientCertificate::None),
        };
    }

    /// Queues the last flight, from `NewSessionTicket` to `Finished`.
    fn last_flight(&mut self, core: &mut Core, conversation: &mut Conversation) {
        if self.ticket_promised {
            let ticket = conversation.ticket(self.next_number(), TICKET_LIFETIME);
            conversation.say(core, MessageName::NewSessionTicket, ticket);
        }
        conversation.queue_finished(core);
    }

    fn next_number(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets - 1
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
                conversation.heard(message);
                self.state = State::ClientKeyExchange(match certificate.certificates.is_empty() {
                    true => ClientCertificate::None,
                    false => ClientCertificate::Sent,
                });
            }
            (State::ClientKeyExchange(certificate), T::CLIENT_KEY_EXCHANGE) => {
                let exchange: ClientKeyExchange<'_> = parse(body)?;
                let pair = self.pair.take().ok_or(Failure::UnexpectedMessage(kind))?;
                let shared = pair
                    .agree(exchange.public)
                    .map_err(|_| Failure::BadKeyShare)?;
                conversation.heard(message);
                conversation.agreed(core, &shared);
                self.state = match certificate {
                    ClientCertificate::Sent => State::CertificateVerify,
                    ClientCertificate::None => State::ChangeCipherSpec,
                };
            }
            (State::CertificateVerify, T::CERTIFICATE_VERIFY) => {
                conversation.check_certificate_verify(core, message)?;
                core.negotiated.client_authenticated = true;
                self.state = State::ChangeCipherSpec;
            }
            (State::Finished, T::FINISHED) => {
                conversation.check_finished(Role::Client, message)?;
                if !core.negotiated.resumed {
                    self.last_flight(core, conversation);
                }
                conversation.finish(core);
                self.state = State::Done;
            }
            // A renegotiation request, which the peer ignores.
            (State::Done, T::CLIENT_HELLO) => {
                let _: ClientHello<'_> = parse(body)?;
            }
            _ => return Err(Failure::UnexpectedMessage(kind)),
        }
        Ok(())
    }
}

/// Checks that the client supports TLS 1.2. A client that supports TLS 1.3 lists its versions.
fn check_version(hello: &ClientHello<'_>) -> Result<(), Failure> {
    let versions = extension::<SupportedVersionsClientHello<'_>>(CLIENT_HELLO, &hello.extensions)?;
    let offered = match versions {
        Some(SupportedVersionsClientHello { versions }) => versions.contains(&VERSION_TLS12),
        None => hello.legacy_version >= VERSION_TLS12,
    };
    match offered {
        true => Ok(()),
        false => Err(Failure::NothingInCommon("version")),
    }
}

fn choose(core: &Core, hello: &ClientHello<'_>) -> Result<Choice, Failure> {
    let extensions = &hello.extensions;
    let extended_master_secret =
        extension::<ExtendedMasterSecret>(CLIENT_HELLO, extensions)?.is_some();
    let session = resumable(core, hello, extended_master_secret)?;
    if let Some(session) = session {
        return Ok(Choice {
            suite: session.suite,
            group: None,
            extended_master_secret,
            session: Some(session),
        });
    }
    let suite = core
        .config
        .usable_suites()
        .find(|suite| hello.cipher_suites.contains(&suite.id))
        .ok_or(Failure::NothingInCommon("suite"))?;
    // Without the extension, ECDSA uses SHA-1 (RFC 5246 7.4.1.4.1), which the peer does not
    // support.
    extension::<SignatureAlgorithms<'_>>(CLIENT_HELLO, extensions)?
        .filter(|offered| offered.schemes.contains(&SCHEME))
        .ok_or(Failure::NothingInCommon("signature"))?;
    let groups = extension::<SupportedGroups<'_>>(CLIENT_HELLO, extensions)?;
    let group = core
        .config
        .groups
        .iter()
        .copied()
        // Without the extension, the server may select any group (RFC 8422 4).
        .find(|group| groups.is_none_or(|offered| offered.groups.contains(&group.id())))
        .ok_or(Failure::NothingInCommon("group"))?;
    Ok(Choice {
        suite,
        group: Some(group),
        extended_master_secret,
        session: None,
    })
}

/// Returns the session to resume: that of a ticket that a peer issued, if both sides still support
/// its cipher suite.
fn resumable(
    core: &Core,
    hello: &ClientHello<'_>,
    extended_master_secret: bool,
) -> Result<Option<Remembered>, Failure> {
    let ticket = extension::<SessionTicket<'_>>(CLIENT_HELLO, &hello.extensions)?;
    let session = ticket
        .filter(|_| core.config.accept_tickets)
        .and_then(|ticket| Remembered::from_ticket(ticket.ticket))
        .filter(|session| session.suite.version == Version::Tls12)
        .filter(|session| {
            core.config
                .usable_suites()
                .any(|suite| suite == session.suite)
        })
        .filter(|session| hello.cipher_suites.contains(&session.suite.id));
    match session {
        // RFC 7627 5.3: the server rejects this resumption. The opposite case gets a full
        // handshake.
        Some(session) if session.extended_master_secret && !extended_master_secret => {
            Err(Failure::MissingExtension {
                kind: CLIENT_HELLO,
                what: "extended_master_secret",
            })
        }
        session => {
            Ok(session.filter(|session| session.extended_master_secret == extended_master_secret))
        }
    }
}

impl Handshake for Server {
    fn start(&mut self, _core: &mut Core) {}

    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let (kind, _) = split(message);
        if self.state == State::ClientHello && kind == CLIENT_HELLO {
            return self.client_hello(core, message);
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
        let number = self.next_number();
        match &self.conversation {
            Some(conversation) => conversation.ticket(number, TICKET_LIFETIME),
            None => NewSessionTicket12 {
                lifetime_hint: TICKET_LIFETIME,
                ticket: &[0],
            }
            .to_message(),
        }
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
