//! The handshake of a server.

use wire::{
    Certificate13, CertificateRequest13, ClientHello, Cookie, EarlyData as EarlyDataExtension,
    EncryptedExtensions, EndOfEarlyData, Epoch, ExtensionsBuf, HandshakeType, KeyShareEntry,
    KeyShareHelloRetryRequest, KeyShareServerHello, List, MaxEarlyData, Message as _,
    NewSessionTicket13, PreSharedKeyClientHello, PreSharedKeyServerHello, PskKeyExchangeModes,
    RecordSizeLimit, Role, ServerHello, SignatureAlgorithms, SignatureScheme,
    SupportedVersionsServerHello, VERSION_TLS12, VERSION_TLS13,
};

use super::choice::{CLIENT_HELLO, COOKIE, Choice, Retry, check_retry, choose, unshared_group};
use super::{Schedule, check_distinct, extension, illegal, missing};
use crate::config::EarlyData;
use crate::crypto::hash::{Output, Running, TooLong};
use crate::crypto::kx::KeyPair;
use crate::crypto::schedule13::{Early, PskKind, finished, ticket_psk};
use crate::crypto::suite::Suite;
use crate::engine::Handshake;
use crate::engine::core::{Core, parse, split};
use crate::failure::Failure;
use crate::message::MessageName;
use crate::session::Remembered;

/// The lifetime of a ticket in seconds, which is the maximum under RFC 8446 4.6.1.
const TICKET_LIFETIME: u32 = 7 * 24 * 60 * 60;

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Server {
    state: State,
    retry: Option<Retry>,
    schedule: Option<Schedule>,
    tickets: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    ClientHello,
    EndOfEarlyData,
    Certificate,
    CertificateVerify,
    Finished,
    Done,
}

/// The PSK that the client offered and the server selected.
struct Psk {
    index: u16,
    remembered: Remembered,
    fresh: bool,
}

impl Server {
    pub fn new(_core: &mut Core) -> Self {
        Self {
            state: State::ClientHello,
            retry: None,
            schedule: None,
            tickets: 0,
        }
    }

    fn client_hello(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let hello: ClientHello<'_> = parse(split(message).1)?;
        check_distinct(CLIENT_HELLO, &hello.extensions)?;
        let choice = choose(core, &hello)?;
        let early_data =
            extension::<EarlyDataExtension>(CLIENT_HELLO, &hello.extensions)?.is_some();
        if let Some(retry) = &self.retry {
            check_retry(retry, &choice, &hello, early_data)?;
        } else if core.config.hello_retry || choice.share.is_none() {
            return self.hello_retry_request(core, message, &hello, &choice, early_data);
        }
        let (Some(share), Some(group)) = (choice.share, choice.group) else {
            return Err(missing(CLIENT_HELLO, "key_share"));
        };
        let suite = choice.suite;
        let before = self.retry.as_ref().map(|retry| retry.transcript.clone());
        let psk = self.psk(core, suite, &hello, message, before.as_ref())?;

        let pair = KeyPair::generate(group, &mut core.rng);
        let shared = pair.agree(share.public).map_err(|_| Failure::BadKeyShare)?;
        let mut transcript = before.unwrap_or_else(|| suite.hash.start());
        transcript.update(message);

        let secret = psk.as_ref().map(|psk| psk.remembered.secret);
        let early = Early::new(suite.hash, secret.as_deref());
        let accepted = self.early_data(core, &psk, &early, &hello, &transcript, early_data);

        let server_hello = server_hello(core, &hello, suite, &pair, psk.as_ref());
        transcript.update(&server_hello);
        let then = Some(Epoch::Handshake);
        core.queue(MessageName::ServerHello, Epoch::Plain, server_hello, then);
        if core.config.middlebox_ccs && !hello.session_id.is_empty() && self.retry.is_none() {
            core.queue_change_cipher_spec(None);
        }
        let mut schedule = Schedule::new(core, suite, *hello.random, transcript, &early, &shared);
        core.negotiated.suite = Some(suite);
        core.negotiated.group = Some(group);
        core.negotiated.resumed = psk.is_some();
        self.encrypted_extensions(core, &mut schedule, &hello, accepted)?;
        if psk.is_none() {
            if core.config.client_auth {
                schedule.queue(core, MessageName::CertificateRequest, certificate_request());
            }
            schedule.queue_certificate(core, &[]);
        }
        schedule.queue_finished(core);
        schedule.server_finished(core);
        self.schedule = Some(schedule);
        self.state = match (accepted, core.config.client_auth && psk.is_none()) {
            (true, _) => State::EndOfEarlyData,
            (false, true) => State::Certificate,
            (false, false) => State::Finished,
        };
        core.their_epoch = if accepted {
            Epoch::Early
        } else {
            Epoch::Handshake
        };
        Ok(())
    }

    fn hello_retry_request(
        &mut self,
        core: &mut Core,
        message: &[u8],
        hello: &ClientHello<'_>,
        choice: &Choice<'_>,
        early_data: bool,
    ) -> Result<(), Failure> {
        // The server must not request a group for which the client already sent a share.
        let group = match choice.share {
            None => choice.group,
            Some(_) => unshared_group(core, hello)?,
        };
        let mut extensions = ExtensionsBuf::new();
        extensions.add(&SupportedVersionsServerHello {
            version: VERSION_TLS13,
        });
        match group {
            Some(group) => {
                extensions.add(&KeyShareHelloRetryRequest { group: group.id() });
            }
            None => extensions.add(&Cookie { cookie: COOKIE }),
        }
        let request = ServerHello {
            legacy_version: VERSION_TLS12,
            random: &ServerHello::RETRY_RANDOM,
            session_id: hello.session_id,
            cipher_suite: choice.suite.id,
            compression_method: 0,
            extensions: extensions.view(),
        }
        .to_message();
        let mut transcript = choice.suite.hash.start();
        transcript.update(message);
        transcript.replace_with_message_hash();
        transcript.update(&request);
        self.retry = Some(Retry {
            transcript,
            suite: choice.suite,
            group,
        });
        if early_data && let Some(psk) = self.psk(core, choice.suite, hello, message, None)? {
            let hash = choice.suite.hash;
            let early = Early::new(hash, Some(&psk.remembered.secret));
            let hello_hash = hash.digest(message);
            install_early(core, &psk, &early, hello.random, &hello_hash);
        }
        core.queue(MessageName::HelloRetryRequest, Epoch::Plain, request, None);
        if core.config.middlebox_ccs && !hello.session_id.is_empty() {
            core.queue_change_cipher_spec(None);
        }
        core.negotiated.retried = true;
        if early_data {
            core.negotiated.early_data = Some(false);
            core.skip_undecryptable = true;
        }
        Ok(())
    }

    /// Finds the first identity that is a ticket of a peer for a suite with the same hash, and
    /// checks its binder.
    fn psk(
        &self,
        core: &Core,
        suite: Suite,
        hello: &ClientHello<'_>,
        message: &[u8],
        before: Option<&Running>,
    ) -> Result<Option<Psk>, Failure> {
        let malformed = |error| Failure::Malformed {
            kind: CLIENT_HELLO,
            error,
        };
        let Some(binders_len) = hello.binders_len().map_err(malformed)? else {
            return Ok(None);
        };
        let modes: PskKeyExchangeModes<'_> = extension(CLIENT_HELLO, &hello.extensions)?
            .ok_or(missing(CLIENT_HELLO, "psk_key_exchange_modes"))?;
        let offered: Option<PreSharedKeyClientHello<'_>> =
            extension(CLIENT_HELLO, &hello.extensions)?;
        let Some(offered) = offered.filter(|_| {
            core.config.accept_tickets && modes.modes.contains(&PskKeyExchangeModes::PSK_DHE_KE)
        }) else {
            return Ok(None);
        };
        let known = (0u16..)
            .zip(offered.identities.iter())
            .find_map(|(index, identity)| {
                let remembered = Remembered::from_ticket(identity.identity)?;
                let fresh = remembered.is_fresh(identity.obfuscated_ticket_age, core.config.clock);
                (remembered.suite.hash == suite.hash).then_some(Psk {
                    index,
                    remembered,
                    fresh,
                })
            });
        let Some(psk) = known else { return Ok(None) };
        let binder = offered
            .binders
            .iter()
            .nth(usize::from(psk.index))
            .ok_or(illegal(CLIENT_HELLO, "binders"))?;
        let head = &message[..message.len().saturating_sub(binders_len)];
        let start = before.cloned().unwrap_or_else(|| suite.hash.start());
        let key =
            Early::new(suite.hash, Some(&psk.remembered.secret)).binder_key(PskKind::Resumption);
        if *finished(suite.hash, &key, &start.with(head)) != *binder.0 {
            return Err(Failure::BadBinder);
        }
        Ok(Some(psk))
    }

    /// Decides on 0-RTT, and installs its keys whenever they are known, so that even rejected
    /// records can be decrypted and reported.
    fn early_data(
        &self,
        core: &mut Core,
        psk: &Option<Psk>,
        early: &Early,
        hello: &ClientHello<'_>,
        transcript: &Running,
        offered: bool,
    ) -> bool {
        if !offered {
            return false;
        }
        let psk = psk
            .as_ref()
            .filter(|psk| psk.index == 0 && self.retry.is_none());
        if let Some(psk) = psk {
            install_early(core, psk, early, hello.random, &transcript.current());
        }
        let chosen = self.chosen_suite(core, hello);
        let accepted = match (core.config.early_data, psk) {
            (EarlyData::Accept { max }, Some(psk))
                if psk.fresh
                    && psk.remembered.max_early_data > 0
                    && Some(psk.remembered.suite) == chosen =>
            {
                core.early_data_left = max;
                true
            }
            _ => false,
        };
        core.skip_undecryptable = !accepted;
        core.negotiated.early_data = Some(accepted);
        accepted
    }

    fn chosen_suite(&self, core: &Core, hello: &ClientHello<'_>) -> Option<Suite> {
        core.config
            .usable_suites()
            .find(|suite| hello.cipher_suites.contains(&suite.id))
    }

    fn encrypted_extensions(
        &self,
        core: &mut Core,
        schedule: &mut Schedule,
        hello: &ClientHello<'_>,
        early_data: bool,
    ) -> Result<(), Failure> {
        let mut extensions = ExtensionsBuf::new();
        let theirs: Option<RecordSizeLimit> = extension(CLIENT_HELLO, &hello.extensions)?;
        if let (Some(RecordSizeLimit { limit }), Some(ours)) =
            (theirs, core.config.record_size_limit)
        {
            if limit < 64 {
                return Err(illegal(CLIENT_HELLO, "record_size_limit"));
            }
            core.negotiated.record_size_limit = Some(limit);
            core.judge.limit(limit);
            extensions.add(&RecordSizeLimit { limit: ours });
        }
        if early_data {
            extensions.add(&EarlyDataExtension);
        }
        let message = EncryptedExtensions {
            extensions: extensions.view(),
        }
        .to_message();
        schedule.queue(core, MessageName::EncryptedExtensions, message);
        Ok(())
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
            (State::EndOfEarlyData, T::END_OF_EARLY_DATA) => {
                let EndOfEarlyData = parse(body)?;
                core.their_epoch = Epoch::Handshake;
                let ask = core.config.client_auth && !core.negotiated.resumed;
                self.state = if ask {
                    State::Certificate
                } else {
                    State::Finished
                };
            }
            (State::Certificate, T::CERTIFICATE) => {
                let certificate: Certificate13<'_> = parse(body)?;
                if !certificate.context.is_empty() {
                    return Err(illegal(kind, "certificate_request_context"));
                }
                self.state = match certificate.entries.is_empty() {
                    true => State::Finished,
                    false => State::CertificateVerify,
                };
            }
            (State::CertificateVerify, T::CERTIFICATE_VERIFY) => {
                schedule.check_certificate_verify(core, Role::Client, body)?;
                core.negotiated.client_authenticated = true;
                self.state = State::Finished;
            }
            (State::Finished, T::FINISHED) => {
                schedule.check_finished(Role::Client, body)?;
                self.state = State::Done;
                core.their_epoch = Epoch::Application(0);
                core.skip_undecryptable = false;
                core.established = true;
                self.retry = None;
            }
            _ => return Err(Failure::UnexpectedMessage(kind)),
        }
        schedule.transcript.update(message);
        if self.state == State::Done {
            schedule.client_finished();
        }
        Ok(())
    }
}

/// Installs the keys of 0-RTT data, so that even rejected records can be decrypted and reported.
fn install_early(
    core: &mut Core,
    psk: &Psk,
    early: &Early,
    client_random: &[u8; 32],
    hello_hash: &Output,
) {
    if psk.index != 0 {
        return;
    }
    let secret = early.client_traffic(hello_hash);
    core.theirs.install_early(psk.remembered.suite, secret);
    core.log("CLIENT_EARLY_TRAFFIC_SECRET", client_random, secret);
    core.log(
        "EARLY_EXPORTER_SECRET",
        client_random,
        early.exporter(hello_hash),
    );
}

fn server_hello(
    core: &mut Core,
    hello: &ClientHello<'_>,
    suite: Suite,
    pair: &KeyPair,
    psk: Option<&Psk>,
) -> Vec<u8> {
    let mut extensions = ExtensionsBuf::new();
    extensions.add(&SupportedVersionsServerHello {
        version: VERSION_TLS13,
    });
    extensions.add(&KeyShareServerHello {
        share: KeyShareEntry {
            group: pair.group().id(),
            public: pair.public(),
        },
    });
    if let Some(psk) = psk {
        extensions.add(&PreSharedKeyServerHello {
            selected_identity: psk.index,
        });
    }
    ServerHello {
        legacy_version: VERSION_TLS12,
        random: &core.rng.bytes(),
        session_id: hello.session_id,
        cipher_suite: suite.id,
        compression_method: 0,
        extensions: extensions.view(),
    }
    .to_message()
}

fn certificate_request() -> Vec<u8> {
    let extensions = ExtensionsBuf::new().with(&SignatureAlgorithms {
        schemes: List::of(&[SignatureScheme::ECDSA_SECP256R1_SHA256]),
    });
    CertificateRequest13 {
        context: &[],
        extensions: extensions.view(),
    }
    .to_message()
}

impl Handshake for Server {
    fn start(&mut self, _core: &mut Core) {}

    fn message(&mut self, core: &mut Core, message: &[u8]) -> Result<(), Failure> {
        let (kind, _) = split(message);
        if self.state == State::ClientHello {
            return match kind {
                CLIENT_HELLO => self.client_hello(core, message),
                _ => Err(Failure::UnexpectedMessage(kind)),
            };
        }
        let Some(mut schedule) = self.schedule.take() else {
            return Err(Failure::UnexpectedMessage(kind));
        };
        let before = self.state;
        let result = self.in_flight(core, &mut schedule, message);
        self.schedule = Some(schedule);
        if before != State::Done && self.state == State::Done {
            for _ in 0..core.config.tickets {
                let ticket = self.ticket(core);
                core.queue_post(MessageName::NewSessionTicket, Epoch::Application(0), ticket);
            }
        }
        result
    }

    fn change_cipher_spec(&mut self, core: &mut Core) -> Result<(), Failure> {
        let begun = self.retry.is_some() || self.schedule.is_some();
        match begun && !core.established {
            true => Ok(()),
            false => Err(Failure::UnexpectedRecord(
                wire::ContentType::CHANGE_CIPHER_SPEC,
            )),
        }
    }

    fn ticket(&mut self, core: &mut Core) -> Vec<u8> {
        let number = self.tickets;
        self.tickets += 1;
        let nonce = number.to_be_bytes();
        let schedule = self.schedule.as_ref();
        let suite = schedule.map_or(Suite::TLS_AES_128_GCM_SHA256, |schedule| schedule.suite);
        let resumption = schedule
            .and_then(|schedule| schedule.resumption)
            .unwrap_or_else(|| suite.hash.zeros());
        let max_early_data = core.config.ticket_early_data;
        let age_add = core.rng.next_u64() as u32;
        let remembered = Remembered {
            suite,
            secret: ticket_psk(suite.hash, &resumption, &nonce)
                .expect("a nonce of eight bytes fits its length field"),
            max_early_data,
            extended_master_secret: true,
            issued: core.config.clock,
            age_add,
            number,
        };
        let mut extensions = ExtensionsBuf::new();
        if max_early_data > 0 {
            extensions.add(&MaxEarlyData {
                size: max_early_data,
            });
        }
        NewSessionTicket13 {
            lifetime: TICKET_LIFETIME,
            age_add,
            nonce: &nonce,
            ticket: &remembered.to_ticket(),
            extensions: extensions.view(),
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
