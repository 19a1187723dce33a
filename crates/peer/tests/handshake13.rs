//! TLS 1.3 handshakes between peers.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Pair, client, deliver, draft, early_pair, receive, server, session, session_with};
use peer::crypto::kx::Group;
use peer::crypto::suite::Suite;
use peer::{Config, Corrupt, Draft, EarlyData, Failure, MessageName, Peer};
use wire::{Alert, Content, ContentType, Epoch, KeyUpdate, Meaning, Message as _, Role, Version};

fn suites() -> impl Iterator<Item = Suite> {
    Suite::ALL
        .into_iter()
        .filter(|suite| suite.version == Version::Tls13)
}

#[test]
fn every_suite_and_group_completes() {
    for suite in suites() {
        for group in Group::ALL {
            let mut pair = Pair::new(
                Config {
                    suites: vec![suite],
                    groups: vec![group],
                    ..client()
                },
                Config {
                    seed: 9,
                    ..server()
                },
            );
            pair.handshake();
            let negotiated = *pair.client.negotiated();
            assert_eq!(negotiated, *pair.server.negotiated());
            assert_eq!(negotiated.suite, Some(suite));
            assert_eq!(negotiated.group, Some(group));
            pair.exchange();
        }
    }
}

#[test]
fn both_sides_log_and_export_the_same_secrets() {
    let pair = Pair::open();
    assert_eq!(pair.client.secrets(), pair.server.secrets());
    let labels: Vec<_> = pair
        .client
        .secrets()
        .iter()
        .map(|secret| secret.label)
        .collect();
    assert_eq!(
        labels,
        [
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
            "EXPORTER_SECRET",
        ]
    );
    let export = |peer: &Peer| {
        let mut out = [0; 20];
        peer.export(b"label", Some(b"context"), &mut out)
            .unwrap()
            .unwrap();
        out
    };
    assert_eq!(export(&pair.client), export(&pair.server));
    assert_ne!(export(&pair.client), [0; 20]);
}

#[test]
fn a_handshake_without_compatibility_mode_has_no_change_cipher_spec() {
    let mut pair = Pair::new(
        Config {
            middlebox_ccs: false,
            ..client()
        },
        server(),
    );
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    let mut server = pair.server.clone();
    while let Some(message) = server.take_message() {
        assert_ne!(message.name, MessageName::ChangeCipherSpec);
    }
    pair.handshake();
}

#[test]
fn the_server_can_send_a_hello_retry_request() {
    for groups in [Group::ALL.to_vec(), vec![Group::X25519]] {
        let mut pair = Pair::new(
            Config { groups, ..client() },
            Config {
                hello_retry: true,
                ..server()
            },
        );
        pair.handshake();
        assert!(pair.client.negotiated().retried && pair.server.negotiated().retried);
        pair.exchange();
    }
}

#[test]
fn a_client_without_a_share_gets_a_hello_retry_request() {
    let mut pair = Pair::new(
        Config {
            hello_retry: true,
            ..client()
        },
        server(),
    );
    pair.handshake();
    assert!(pair.client.negotiated().retried);
    let mut pair = Pair::new(
        client(),
        Config {
            groups: vec![Group::Secp256r1],
            ..server()
        },
    );
    pair.handshake();
    assert_eq!(pair.client.negotiated().group, Some(Group::Secp256r1));
}

#[test]
fn sessions_resume() {
    for suite in suites() {
        let client = Config {
            suites: vec![suite],
            ..client()
        };
        let session = session_with(client.clone(), server());
        for hello_retry in [false, true] {
            let mut pair = Pair::new(
                Config {
                    resume: Some(session.clone()),
                    seed: 5,
                    ..client.clone()
                },
                Config {
                    hello_retry,
                    ..server()
                },
            );
            pair.handshake();
            assert!(pair.client.negotiated().resumed && pair.server.negotiated().resumed);
            pair.exchange();
        }
    }
}

#[test]
fn a_server_can_decline_to_resume() {
    let mut pair = Pair::new(
        Config {
            resume: Some(session()),
            ..client()
        },
        Config {
            accept_tickets: false,
            ..server()
        },
    );
    pair.handshake();
    assert!(!pair.client.negotiated().resumed);
}

#[test]
fn a_wrong_binder_is_rejected() {
    let mut session = session();
    session.secret = session.suite.hash.zeros();
    let mut pair = Pair::new(
        Config {
            resume: Some(session),
            ..client()
        },
        server(),
    );
    pair.pump();
    assert_eq!(pair.server.failure(), Some(Failure::BadBinder));
}

#[test]
fn accepted_early_data_arrives() {
    let mut pair = early_pair(EarlyData::Accept { max: 100 });
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    assert_eq!(pair.client.write_epoch(), Epoch::Early);
    for sequence in 0..2 {
        let (sealed, got) = pair.send(
            Role::Client,
            &Draft::new(ContentType::APPLICATION_DATA, b"early"),
        );
        assert_eq!(sealed.claim.meaning, Meaning::EarlyData);
        assert_eq!((got.epoch, got.sequence), (Some(Epoch::Early), sequence));
        assert_eq!(
            (got.content, &got.bytes[..]),
            (Content::Data, &b"early"[..])
        );
    }
    pair.handshake();
    assert_eq!(pair.client.negotiated().early_data, Some(true));
    assert_eq!(pair.server.negotiated().early_data, Some(true));
    pair.exchange();
}

#[test]
fn more_early_data_than_allowed_is_rejected() {
    let mut pair = early_pair(EarlyData::Accept { max: 4 });
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    pair.send(
        Role::Client,
        &Draft::new(ContentType::APPLICATION_DATA, b"early"),
    );
    assert_eq!(pair.server.failure(), Some(Failure::TooMuchEarlyData));
}

#[test]
fn rejected_early_data_is_skipped() {
    for (accept_tickets, hello_retry) in [(true, false), (false, false), (true, true)] {
        let mut pair = Pair::new(
            Config {
                resume: Some(session()),
                early_data: EarlyData::Offer,
                ..client()
            },
            Config {
                early_data: EarlyData::Reject,
                accept_tickets,
                hello_retry,
                seed: 8,
                ..server()
            },
        );
        let hello = pair.client.take_message().unwrap();
        deliver(&mut pair.client, &mut pair.server, &draft(&hello));
        let (sealed, got) = pair.send(
            Role::Client,
            &Draft::new(ContentType::APPLICATION_DATA, b"early"),
        );
        assert_eq!(sealed.claim.meaning, Meaning::EarlyData);
        assert!(matches!(
            got.content,
            Content::Data | Content::Undecryptable
        ));
        pair.handshake();
        assert_eq!(pair.client.negotiated().early_data, Some(false));
        assert_eq!(pair.client.negotiated().resumed, accept_tickets);
        pair.exchange();
    }
}

#[test]
fn the_server_may_write_before_the_client_has_finished() {
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    while let Some(message) = pair.server.take_message() {
        deliver(&mut pair.server, &mut pair.client, &draft(&message));
    }
    let half = Draft::new(ContentType::APPLICATION_DATA, b"half");
    let (sealed, got) = pair.send(Role::Server, &half);
    assert_eq!(sealed.claim.meaning, Meaning::Data);
    assert_eq!(
        (got.epoch, got.content),
        (Some(Epoch::Application(0)), Content::Data)
    );
    assert!(!pair.server.established());
    pair.handshake();
    pair.exchange();
}

#[test]
fn a_client_authenticates_on_request() {
    for hello_retry in [false, true] {
        let config = Config {
            client_auth: true,
            hello_retry,
            ..server()
        };
        let mut pair = Pair::new(client(), config);
        pair.handshake();
        assert!(pair.server.negotiated().client_authenticated);
        assert!(pair.client.negotiated().client_authenticated);
        pair.exchange();
    }
}

#[test]
fn keys_can_be_updated_any_number_of_times() {
    let mut pair = Pair::open();
    for generation in 1..=5 {
        for sender in [Role::Client, Role::Server] {
            let message = KeyUpdate {
                requested: generation % 2 == 0,
            }
            .to_message();
            let (sealed, got) = pair.send(sender, &Draft::new(ContentType::HANDSHAKE, &message));
            assert_eq!(
                sealed.claim.meaning,
                Meaning::KeyUpdate {
                    requested: generation % 2 == 0
                }
            );
            assert_eq!(
                got.content,
                Content::KeyUpdate {
                    requested: generation % 2 == 0
                }
            );
            assert_eq!(
                pair.side(sender).write_epoch(),
                Epoch::Application(generation)
            );
        }
        pair.exchange();
        pair.exchange();
    }
}

#[test]
fn a_split_key_update_still_counts() {
    let mut pair = Pair::open();
    let message = KeyUpdate { requested: false }.to_message();
    for (part, meaning) in [
        (&message[..2], Meaning::HandshakePart),
        (&message[2..4], Meaning::HandshakePart),
        (&message[4..], Meaning::KeyUpdate { requested: false }),
    ] {
        let (sealed, _) = pair.send(Role::Client, &Draft::new(ContentType::HANDSHAKE, part));
        assert_eq!(sealed.claim.meaning, meaning);
    }
    pair.exchange();
    assert_eq!(pair.client.write_epoch(), Epoch::Application(1));
}

#[test]
fn both_sides_can_close() {
    let mut pair = Pair::open();
    for sender in [Role::Client, Role::Server] {
        let bytes = Alert::CLOSE_NOTIFY.to_bytes();
        let (sealed, got) = pair.send(sender, &Draft::new(ContentType::ALERT, &bytes));
        assert_eq!(sealed.claim.meaning, Meaning::CloseNotify);
        let Alert { level, description } = Alert::CLOSE_NOTIFY;
        assert_eq!(got.content, Content::Alert { level, description });
        assert_eq!(got.epoch, Some(Epoch::Application(0)));
    }
    assert_eq!(pair.client.failure(), None);
    // The peer still sends data after it has closed: rules judge what may follow.
    pair.exchange();
}

#[test]
fn records_may_arrive_in_any_pieces() {
    let mut pair = Pair::open();
    let mut bytes = Vec::new();
    for text in [&b"one"[..], b"two", b""] {
        pair.client
            .seal(&Draft::new(ContentType::APPLICATION_DATA, text), &mut bytes);
    }
    let whole = receive(&mut pair.server.clone(), &bytes);
    assert_eq!(whole.len(), 3);
    let mut pieces = Vec::new();
    for byte in &bytes {
        pieces.extend(receive(&mut pair.server, std::slice::from_ref(byte)));
    }
    assert_eq!(pieces, whole);
    receive(&mut pair.server, &bytes[..7]);
    assert_eq!(pair.server.partial(), 7);
}

#[test]
fn handshake_messages_may_share_a_record_or_be_split() {
    for step in [1, 7, 1 << 14] {
        let mut pair = Pair::new(client(), server());
        let hello = pair.client.take_message().unwrap();
        for part in hello.payload.chunks(step) {
            pair.send(Role::Client, &Draft::new(ContentType::HANDSHAKE, part));
        }
        let first = pair.server.take_message().unwrap();
        deliver(&mut pair.server, &mut pair.client, &draft(&first));
        let mut flight = Vec::new();
        while let Some(message) = pair.server.take_message() {
            if message.content_type == ContentType::HANDSHAKE {
                flight.extend(message.payload);
            }
        }
        let mut last = None;
        for part in flight.chunks(step) {
            let part = Draft {
                epoch: Some(Epoch::Handshake),
                ..Draft::new(ContentType::HANDSHAKE, part)
            };
            last = Some(pair.send(Role::Server, &part).0.claim.meaning);
        }
        assert_eq!(
            last,
            Some(Meaning::Handshake(wire::HandshakeType::FINISHED))
        );
        pair.handshake();
        pair.exchange();
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = || {
        let mut pair = Pair::new(
            client(),
            Config {
                tickets: 1,
                ..server()
            },
        );
        let mut wire = Vec::new();
        for _ in 0..3 {
            for sender in [Role::Client, Role::Server] {
                let (from, to) = pair.both(sender);
                while let Some(message) = from.take_message() {
                    let start = wire.len();
                    from.seal(&draft(&message), &mut wire);
                    to.receive(&wire[start..], &mut |_| ());
                }
            }
        }
        assert!(pair.client.established() && pair.server.established());
        wire
    };
    assert_eq!(run(), run());
}

#[test]
fn a_clone_behaves_like_the_original() {
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    let mut copy = Pair {
        client: pair.client.clone(),
        server: pair.server.clone(),
    };
    for pair in [&mut pair, &mut copy] {
        pair.handshake();
        pair.exchange();
    }
    let mut bytes = [Vec::new(), Vec::new()];
    for (pair, bytes) in [&mut pair, &mut copy].into_iter().zip(&mut bytes) {
        pair.server
            .seal(&Draft::new(ContentType::APPLICATION_DATA, b"same"), bytes);
    }
    assert_eq!(bytes[0], bytes[1]);
}

#[test]
fn a_corrupt_finished_fails_the_handshake() {
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    while let Some(mut message) = pair.server.take_message() {
        if message.name == MessageName::Finished {
            *message.payload.last_mut().unwrap() ^= 1;
        }
        deliver(&mut pair.server, &mut pair.client, &draft(&message));
    }
    assert_eq!(pair.client.failure(), Some(Failure::BadFinished));
    assert!(!pair.client.established());
    // The peer still receives.
    let alert = Alert::CLOSE_NOTIFY.to_bytes();
    let draft = Draft {
        epoch: Some(Epoch::Handshake),
        ..Draft::new(ContentType::ALERT, &alert)
    };
    let (_, got) = pair.send(Role::Server, &draft);
    assert!(matches!(got.content, Content::Alert { .. }));
}

#[test]
fn an_alert_ends_the_handshake() {
    let mut pair = Pair::new(client(), server());
    let alert = Alert::fatal(wire::AlertDescription::HANDSHAKE_FAILURE);
    pair.send(
        Role::Server,
        &Draft::new(ContentType::ALERT, &alert.to_bytes()),
    );
    assert_eq!(pair.client.failure(), Some(Failure::Alert(alert)));
}

#[test]
fn the_record_size_limit_is_negotiated() {
    let mut pair = Pair::new(
        Config {
            record_size_limit: Some(2000),
            ..client()
        },
        Config {
            record_size_limit: Some(3000),
            ..server()
        },
    );
    pair.handshake();
    assert_eq!(pair.server.negotiated().record_size_limit, Some(2000));
    assert_eq!(pair.client.negotiated().record_size_limit, Some(3000));
    let fits = Draft::new(ContentType::APPLICATION_DATA, &[0; 1999]);
    assert_eq!(
        pair.send(Role::Server, &fits).0.claim.meaning,
        Meaning::Data
    );
    let over = Draft::new(ContentType::APPLICATION_DATA, &[0; 2000]);
    assert_eq!(
        pair.send(Role::Server, &over).0.claim.meaning,
        Meaning::Invalid(wire::Reason::SizeLimit)
    );
}

#[test]
fn arbitrary_bytes_never_panic() {
    let mut rng = peer::crypto::rng::Rng::new(7);
    for round in 0..400 {
        let mut pair = Pair::new(client(), server());
        let hello = pair.client.take_message().unwrap();
        let mut payload = hello.payload.clone();
        let at = rng.next_u64() as usize % payload.len();
        payload[at] ^= 1 << (round % 8);
        deliver(
            &mut pair.client,
            &mut pair.server,
            &Draft::new(ContentType::HANDSHAKE, &payload),
        );
        while let Some(mut message) = pair.server.take_message() {
            if round % 5 == 0 && !message.payload.is_empty() {
                let at = rng.next_u64() as usize % message.payload.len();
                message.payload[at] ^= 1 << (round % 7);
            }
            deliver(&mut pair.server, &mut pair.client, &draft(&message));
        }
        let mut junk = [0; 300];
        rng.fill(&mut junk);
        receive(&mut pair.client, &junk);
        let wild = Draft {
            content_type: junk[0],
            payload: &junk,
            epoch: Some(Epoch::Application(u32::from(junk[1]) << 10)),
            sequence: Some(u64::MAX),
            padding: usize::MAX,
            corrupt: Corrupt::Body,
            ..Draft::default()
        };
        pair.client.seal(&wild, &mut Vec::new());
    }
}
