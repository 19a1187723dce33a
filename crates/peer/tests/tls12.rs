//! TLS 1.2 handshakes between peers.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod tls12_common;

use common::{Pair, deliver, draft, receive};
use peer::crypto::kx::Group;
use peer::crypto::suite::Suite;
use peer::{Config, Draft, Failure, MessageName, Peer, Session};
use tls12_common::{client, open, opened, server, until};
use wire::{Content, ContentType, Epoch, HandshakeType, Meaning, Reason, Role, Version};

fn suites() -> impl Iterator<Item = Suite> {
    Suite::ALL
        .into_iter()
        .filter(|suite| suite.version == Version::Tls12)
}

fn with_tickets() -> Config {
    Config {
        tickets: 1,
        ..server()
    }
}

fn session() -> Session {
    let mut sessions = opened(client(), with_tickets()).client.take_sessions();
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}

fn resuming() -> Config {
    Config {
        seed: 3,
        resume: Some(session()),
        ..client()
    }
}

/// Returns the exchanged messages in order, with their senders.
fn ladder(mut pair: Pair) -> Vec<(Role, MessageName)> {
    let mut names = Vec::new();
    loop {
        let before = names.len();
        for sender in [Role::Client, Role::Server] {
            let (from, to) = pair.both(sender);
            while let Some(message) = from.take_message() {
                names.push((sender, message.name));
                deliver(from, to, &draft(&message));
            }
        }
        if names.len() == before {
            assert!(pair.client.established() && pair.server.established());
            return names;
        }
    }
}

#[test]
fn every_suite_and_group_completes_with_and_without_client_auth() {
    for suite in suites() {
        for group in Group::ALL {
            for client_auth in [false, true] {
                let mut pair = opened(
                    Config {
                        suites: vec![suite],
                        groups: vec![group],
                        ..client()
                    },
                    Config {
                        client_auth,
                        ..server()
                    },
                );
                let negotiated = *pair.client.negotiated();
                assert_eq!(negotiated, *pair.server.negotiated());
                assert_eq!(negotiated.suite, Some(suite));
                assert_eq!(negotiated.group, Some(group));
                assert_eq!(negotiated.client_authenticated, client_auth);
                assert!(negotiated.extended_master_secret && !negotiated.resumed);
                pair.exchange();
            }
        }
    }
}

#[test]
fn a_full_handshake_has_the_messages_of_the_rfc() {
    use MessageName as M;
    use Role::{Client, Server};
    let server = Config {
        client_auth: true,
        ..with_tickets()
    };
    assert_eq!(
        ladder(Pair::new(client(), server)),
        [
            (Client, M::ClientHello),
            (Server, M::ServerHello),
            (Server, M::Certificate),
            (Server, M::ServerKeyExchange),
            (Server, M::CertificateRequest),
            (Server, M::ServerHelloDone),
            (Client, M::Certificate),
            (Client, M::ClientKeyExchange),
            (Client, M::CertificateVerify),
            (Client, M::ChangeCipherSpec),
            (Client, M::Finished),
            (Server, M::NewSessionTicket),
            (Server, M::ChangeCipherSpec),
            (Server, M::Finished),
        ]
    );
}

#[test]
fn an_abbreviated_handshake_has_the_server_finish_first() {
    use MessageName as M;
    use Role::{Client, Server};
    assert_eq!(
        ladder(Pair::new(resuming(), with_tickets())),
        [
            (Client, M::ClientHello),
            (Server, M::ServerHello),
            (Server, M::NewSessionTicket),
            (Server, M::ChangeCipherSpec),
            (Server, M::Finished),
            (Client, M::ChangeCipherSpec),
            (Client, M::Finished),
        ]
    );
}

#[test]
fn both_sides_log_and_export_the_same_secrets() {
    let pair = open();
    assert_eq!(pair.client.secrets(), pair.server.secrets());
    let labels: Vec<_> = pair
        .client
        .secrets()
        .iter()
        .map(|each| each.label)
        .collect();
    assert_eq!(labels, ["CLIENT_RANDOM"]);
    let export = |peer: &Peer, context: Option<&[u8]>| {
        let mut out = [0; 40];
        peer.export(b"EXPORTER-test", context, &mut out)
            .unwrap()
            .unwrap();
        out
    };
    for context in [None, Some(&b""[..]), Some(b"context")] {
        assert_eq!(export(&pair.client, context), export(&pair.server, context));
    }
    assert_ne!(export(&pair.client, None), export(&pair.client, Some(b"")));
    assert!(
        Peer::new(client())
            .export(b"EXPORTER-test", None, &mut [0; 4])
            .is_none()
    );
}

#[test]
fn equal_seeds_make_equal_bytes() {
    let transcript = || {
        let mut pair = Pair::new(client(), with_tickets());
        let mut all = Vec::new();
        while pair.client.queued() + pair.server.queued() > 0 {
            for sender in [Role::Client, Role::Server] {
                let (from, to) = pair.both(sender);
                while let Some(message) = from.take_message() {
                    let start = all.len();
                    from.seal(&draft(&message), &mut all);
                    receive(to, &all[start..]);
                }
            }
        }
        all
    };
    assert_eq!(transcript(), transcript());
}

#[test]
fn a_ticket_resumes_with_every_suite() {
    for suite in suites() {
        let one = || Config {
            suites: vec![suite],
            ..client()
        };
        let session = opened(one(), with_tickets())
            .client
            .take_sessions()
            .remove(0);
        let mut pair = opened(
            Config {
                resume: Some(session),
                seed: 3,
                ..one()
            },
            server(),
        );
        for peer in [&pair.client, &pair.server] {
            assert!(peer.negotiated().resumed);
            assert!(peer.negotiated().extended_master_secret);
        }
        assert!(pair.client.sessions().is_empty());
        pair.exchange();
    }
}

#[test]
fn a_resumption_renews_the_ticket_if_the_server_issues_tickets() {
    let pair = opened(resuming(), with_tickets());
    assert_eq!(pair.client.sessions().len(), 1);
    assert_eq!(pair.client.sessions()[0].secret, session().secret);
}

#[test]
fn a_rejected_ticket_leads_to_a_full_handshake() {
    let refusing = Config {
        accept_tickets: false,
        ..server()
    };
    let mut pair = opened(resuming(), refusing);
    assert!(!pair.client.negotiated().resumed && !pair.server.negotiated().resumed);
    pair.exchange();

    let mut foreign = session();
    foreign.ticket[20] ^= 1;
    let client = Config {
        resume: Some(foreign),
        ..client()
    };
    assert!(!opened(client, server()).server.negotiated().resumed);
}

#[test]
fn a_session_of_another_suite_is_not_resumed() {
    let other = Config {
        suites: vec![Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384],
        ..server()
    };
    assert!(!opened(resuming(), other).client.negotiated().resumed);
}

#[test]
fn a_session_must_keep_its_extended_master_secret() {
    let mut session = session();
    session.extended_master_secret = false;
    let client = Config {
        resume: Some(session),
        ..client()
    };
    let mut pair = Pair::new(client, server());
    until(&mut pair, Role::Server, MessageName::ChangeCipherSpec);
    assert_eq!(
        pair.client.failure(),
        Some(Failure::IllegalParameter {
            kind: HandshakeType::SERVER_HELLO,
            what: "extended_master_secret"
        })
    );
}

#[test]
fn record_size_limits_are_exchanged() {
    let limited = |config: Config, limit| Config {
        record_size_limit: Some(limit),
        ..config
    };
    let mut pair = opened(limited(client(), 100), limited(server(), 200));
    assert_eq!(pair.client.negotiated().record_size_limit, Some(200));
    assert_eq!(pair.server.negotiated().record_size_limit, Some(100));
    let long = [0; 101];
    let (sealed, _) = pair.send(
        Role::Server,
        &Draft::new(ContentType::APPLICATION_DATA, &long),
    );
    assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::SizeLimit));
}

#[test]
fn a_wrong_finished_is_a_failure_and_invalid() {
    for (sender, client, name) in [
        (Role::Client, client(), "full"),
        (Role::Server, client(), "full"),
        (Role::Client, resuming(), "abbreviated"),
        (Role::Server, resuming(), "abbreviated"),
    ] {
        let mut pair = Pair::new(client, server());
        until(&mut pair, sender, MessageName::Finished);
        let (from, to) = pair.both(sender);
        let mut message = from.take_message().unwrap();
        *message.payload.last_mut().unwrap() ^= 1;
        let (sealed, _) = deliver(from, to, &draft(&message));
        assert_eq!(
            sealed.claim.meaning,
            Meaning::Invalid(Reason::BadFinished),
            "{name}"
        );
        assert_eq!(to.failure(), Some(Failure::BadFinished), "{name}");
        assert!(!to.established());
    }
}

#[test]
fn wrong_signatures_and_key_shares_are_failures() {
    for (sender, name, failure) in [
        (
            Role::Server,
            MessageName::ServerKeyExchange,
            Failure::BadSignature,
        ),
        (
            Role::Client,
            MessageName::CertificateVerify,
            Failure::BadSignature,
        ),
    ] {
        let mut pair = Pair::new(
            client(),
            Config {
                client_auth: true,
                ..server()
            },
        );
        until(&mut pair, sender, name);
        let (from, to) = pair.both(sender);
        let mut message = from.take_message().unwrap();
        *message.payload.last_mut().unwrap() ^= 1;
        deliver(from, to, &draft(&message));
        assert_eq!(to.failure(), Some(failure), "{name}");
    }

    let config = Config {
        groups: vec![Group::Secp256r1],
        ..client()
    };
    let mut pair = Pair::new(config, server());
    until(&mut pair, Role::Client, MessageName::ClientKeyExchange);
    let mut message = pair.client.take_message().unwrap();
    *message.payload.last_mut().unwrap() ^= 1;
    pair.send(Role::Client, &draft(&message));
    assert_eq!(pair.server.failure(), Some(Failure::BadKeyShare));
}

#[test]
fn every_message_out_of_order_is_a_failure() {
    let config = || Config {
        client_auth: true,
        ..with_tickets()
    };
    let steps = ladder(Pair::new(client(), config()));
    for &(sender, name) in &steps {
        let mut pair = Pair::new(client(), config());
        until(&mut pair, sender, name);
        let (from, to) = pair.both(sender);
        from.take_message();
        let Some(next) = from.take_message() else {
            continue;
        };
        if name == MessageName::CertificateRequest {
            continue;
        }
        deliver(from, to, &draft(&next));
        if name == MessageName::ChangeCipherSpec {
            // The records that follow are protected, but read as plaintext.
            assert!(!to.established());
            continue;
        }
        let failure = to.failure().unwrap();
        let expected = match next.content_type {
            ContentType::CHANGE_CIPHER_SPEC => {
                Failure::UnexpectedRecord(ContentType::CHANGE_CIPHER_SPEC)
            }
            _ => Failure::UnexpectedMessage(HandshakeType(next.payload[0])),
        };
        assert_eq!(failure, expected, "{} without {name}", next.name);
    }
}

#[test]
fn a_change_cipher_spec_inside_a_message_is_a_failure() {
    let mut pair = Pair::new(client(), server());
    until(&mut pair, Role::Client, MessageName::ChangeCipherSpec);
    let part = Draft {
        epoch: Some(Epoch::Plain),
        ..Draft::new(ContentType::HANDSHAKE, &[20, 0])
    };
    pair.send(Role::Client, &part);
    let message = pair.client.take_message().unwrap();
    pair.send(Role::Client, &draft(&message));
    assert_eq!(
        pair.server.failure(),
        Some(Failure::UnexpectedRecord(ContentType::CHANGE_CIPHER_SPEC))
    );
}

#[test]
fn nothing_in_common_is_a_failure() {
    for (client, failure) in [
        (
            Config {
                suites: vec![Suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
                ..client()
            },
            Failure::NothingInCommon("suite"),
        ),
        (
            Config {
                groups: vec![Group::Secp256r1],
                ..client()
            },
            Failure::NothingInCommon("group"),
        ),
        (
            Config::new(Role::Client, Version::Tls13),
            Failure::NothingInCommon("version"),
        ),
    ] {
        let server = Config {
            suites: vec![Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384],
            groups: vec![Group::X25519],
            ..server()
        };
        let mut pair = Pair::new(client, server);
        pair.pump();
        assert_eq!(pair.server.failure(), Some(failure));
    }
}

#[test]
fn bytes_may_arrive_one_at_a_time_and_messages_in_one_record() {
    let mut pair = Pair::new(client(), server());
    let mut bytes = Vec::new();
    let message = pair.client.take_message().unwrap();
    pair.client.seal(&draft(&message), &mut bytes);
    for byte in bytes {
        pair.server.receive(&[byte], &mut |_| {});
    }
    let mut flight = Vec::new();
    while let Some(message) = pair.server.take_message() {
        flight.extend_from_slice(&message.payload);
    }
    let (sealed, got) = pair.send(Role::Server, &Draft::new(ContentType::HANDSHAKE, &flight));
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Handshake(HandshakeType::SERVER_HELLO_DONE)
    );
    assert_eq!(got.content, Content::Handshake(HandshakeType::SERVER_HELLO));
    pair.handshake();
}
