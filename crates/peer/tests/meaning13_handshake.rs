//! The meanings that the peer assigns to the records that it seals during a TLS 1.3 handshake.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Pair, client, deliver, draft, early_pair, receive, server};
use peer::{Config, Corrupt, Draft, EarlyData, MessageName};
use wire::{
    Alert, AlertDescription, Content, ContentType, Epoch, HandshakeType, KeyUpdate, Meaning,
    Message as _, Reason, Role,
};

const DATA: Draft<'static> = Draft::new(ContentType::APPLICATION_DATA, b"data");
const HANDSHAKE: Draft<'static> = Draft::new(ContentType::HANDSHAKE, &[]);
const ALERT: Draft<'static> = Draft::new(ContentType::ALERT, &[]);
/// Returns a pair whose server has queued its messages.
fn answered() -> Pair {
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    pair
}

/// Sends the server's flight after `edit` and returns its meanings.
fn flight(edit: impl Fn(MessageName, &mut Vec<u8>) -> bool) -> Vec<(MessageName, Meaning)> {
    let mut pair = answered();
    let mut meanings = Vec::new();
    while let Some(mut message) = pair.server.take_message() {
        if edit(message.name, &mut message.payload) {
            let (sealed, _) = deliver(&mut pair.server, &mut pair.client, &draft(&message));
            meanings.push((message.name, sealed.claim.meaning));
        }
    }
    meanings
}

fn of(meanings: &[(MessageName, Meaning)], name: MessageName) -> Meaning {
    meanings.iter().find(|(each, _)| *each == name).unwrap().1
}

#[test]
fn an_edited_handshake_message_is_unknown_unless_it_must_be_rejected() {
    let edited = flight(|name, payload| {
        if name == MessageName::EncryptedExtensions {
            *payload = vec![8, 0, 0, 6, 0, 4, 0x99, 0x99, 0, 0];
        }
        true
    });
    assert_eq!(
        of(&edited, MessageName::EncryptedExtensions),
        Meaning::Unknown
    );
    let bad = Meaning::Invalid(Reason::BadFinished);
    assert_eq!(of(&edited, MessageName::Finished), bad);

    let cut = flight(|name, payload| {
        if name == MessageName::EncryptedExtensions {
            *payload = vec![8, 0, 0, 1, 0];
        }
        true
    });
    let kind = HandshakeType::ENCRYPTED_EXTENSIONS;
    let malformed = Meaning::Invalid(Reason::Malformed(kind));
    assert_eq!(of(&cut, MessageName::EncryptedExtensions), malformed);

    let finished = flight(|name, payload| {
        if name == MessageName::Finished {
            payload[7] ^= 4;
        }
        true
    });
    assert_eq!(of(&finished, MessageName::Finished), bad);
}

#[test]
fn an_omitted_message_makes_the_next_unexpected() {
    let meanings = flight(|name, _| name != MessageName::EncryptedExtensions);
    let unexpected = Meaning::Invalid(Reason::UnexpectedMessage(HandshakeType::CERTIFICATE));
    assert_eq!(of(&meanings, MessageName::Certificate), unexpected);
    let meanings = flight(|name, _| name != MessageName::ServerHello);
    // The client has no keys yet, so it may report an error other than a decryption failure.
    let open = Meaning::Unknown;
    assert_eq!(of(&meanings, MessageName::EncryptedExtensions), open);
}

#[test]
fn the_meaning_of_an_unplanned_certificate_request_depends_on_its_position() {
    let kind = HandshakeType::CERTIFICATE_REQUEST;
    let malformed = Meaning::Invalid(Reason::Malformed(kind));
    let unexpected = Meaning::Invalid(Reason::UnexpectedMessage(kind));
    let asked = [13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
    let empty = [13, 0, 0, 0];
    for (before, request, meaning) in [
        (MessageName::Certificate, &asked[..], Meaning::Unknown),
        (MessageName::Certificate, &empty[..], malformed),
        (MessageName::CertificateVerify, &asked[..], unexpected),
    ] {
        let mut pair = answered();
        while let Some(message) = pair.server.take_message() {
            if message.name == before {
                let request = Draft {
                    payload: request,
                    ..HANDSHAKE
                };
                let (sealed, _) = pair.send(Role::Server, &request);
                assert_eq!(sealed.claim.meaning, meaning, "before {before}");
                break;
            }
            deliver(&mut pair.server, &mut pair.client, &draft(&message));
        }
    }
}

#[test]
fn a_failed_client_still_sees_a_hello_retry_request() {
    let close = Alert::warning(AlertDescription::CLOSE_NOTIFY).to_bytes();
    let plain = Draft {
        epoch: Some(Epoch::Plain),
        payload: &close,
        ..ALERT
    };
    for (hello_retry, meaning) in [(true, Meaning::CloseNotify), (false, Meaning::Unknown)] {
        let answer = Config {
            hello_retry,
            ..server()
        };
        let mut pair = Pair::new(client(), answer);
        let hello = pair.client.take_message().unwrap();
        deliver(&mut pair.client, &mut pair.server, &draft(&hello));
        // This alert makes the handshake fail.
        deliver(&mut pair.server, &mut pair.client, &plain);
        assert!(pair.client.failure().is_some());
        let answer = pair.server.take_message().unwrap();
        // The answer may be in several records.
        for payload in answer.payload.chunks(20) {
            let part = Draft {
                payload,
                ..draft(&answer)
            };
            deliver(&mut pair.server, &mut pair.client, &part);
        }
        let (sealed, _) = pair.send(Role::Client, &plain);
        assert_eq!(
            sealed.claim.meaning, meaning,
            "HelloRetryRequest: {hello_retry}"
        );
    }
}

#[test]
fn data_and_key_updates_are_invalid_during_the_handshake() {
    let mut pair = answered();
    let update = KeyUpdate { requested: false }.to_message();
    for epoch in [Epoch::Plain, Epoch::Handshake] {
        let (sealed, _) = pair.send(
            Role::Server,
            &Draft {
                epoch: Some(epoch),
                ..DATA
            },
        );
        let early = Meaning::Invalid(Reason::EarlyApplicationData);
        assert_eq!(sealed.claim.meaning, early);
        if epoch == Epoch::Plain {
            let hello = pair.server.take_message().unwrap();
            let mut bytes = Vec::new();
            pair.server.seal(&draft(&hello), &mut bytes);
        }
    }
    let (sealed, _) = pair.send(
        Role::Server,
        &Draft {
            epoch: Some(Epoch::Handshake),
            payload: &update,
            ..HANDSHAKE
        },
    );
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::EarlyKeyUpdate)
    );
}

#[test]
fn a_finished_must_end_its_record() {
    let mut pair = answered();
    let mut last = None;
    while let Some(mut message) = pair.server.take_message() {
        if message.name == MessageName::Finished {
            message
                .payload
                .extend(KeyUpdate { requested: false }.to_message());
        }
        last = Some(
            deliver(&mut pair.server, &mut pair.client, &draft(&message))
                .0
                .claim
                .meaning,
        );
    }
    assert_eq!(last, Some(Meaning::Invalid(Reason::Unaligned)));
    assert_eq!(
        pair.client.failure(),
        Some(peer::Failure::Unaligned(HandshakeType::FINISHED))
    );
    assert!(!pair.client.established());
}

#[test]
fn a_client_without_keys_may_send_a_plaintext_alert() {
    let mut pair = answered();
    let alert = Alert::fatal(AlertDescription::DECODE_ERROR).to_bytes();
    let plain = Draft {
        epoch: Some(Epoch::Plain),
        payload: &alert,
        ..ALERT
    };
    assert_eq!(
        pair.send(Role::Client, &plain).0.claim.meaning,
        Meaning::Unknown
    );
    let (sealed, _) = pair.send(
        Role::Client,
        &Draft {
            epoch: Some(Epoch::Plain),
            ..DATA
        },
    );
    assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::Unprotected));
}

#[test]
fn the_meaning_of_early_data_depends_on_the_servers_answer() {
    for (answer, corrupt, meaning) in [
        (
            EarlyData::Accept { max: 1000 },
            Corrupt::None,
            Meaning::EarlyData,
        ),
        (
            EarlyData::Accept { max: 1000 },
            Corrupt::Tag,
            Meaning::Invalid(Reason::BadTag),
        ),
        (EarlyData::Reject, Corrupt::None, Meaning::EarlyData),
        (EarlyData::Reject, Corrupt::Tag, Meaning::Unknown),
    ] {
        let mut pair = early_pair(answer);
        let hello = pair.client.take_message().unwrap();
        deliver(&mut pair.client, &mut pair.server, &draft(&hello));
        let early = Draft {
            epoch: Some(Epoch::Early),
            ..DATA
        };
        assert_eq!(
            pair.send(Role::Client, &early).0.claim.meaning,
            Meaning::EarlyData
        );
        while let Some(message) = pair.server.take_message() {
            deliver(&mut pair.server, &mut pair.client, &draft(&message));
        }
        let (sealed, _) = pair.send(Role::Client, &Draft { corrupt, ..early });
        assert_eq!(sealed.claim.meaning, meaning, "{answer:?} {corrupt:?}");
        if corrupt == Corrupt::None {
            pair.handshake();
            let (sealed, _) = pair.send(Role::Client, &early);
            assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::WrongKeys));
        }
    }
}

#[test]
fn a_peer_before_its_first_message_has_only_plain_keys() {
    let mut pair = Pair::new(
        Config {
            seed: 6,
            ..client()
        },
        server(),
    );
    let (sealed, got) = pair.send(
        Role::Client,
        &Draft {
            epoch: Some(Epoch::Application(0)),
            ..DATA
        },
    );
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Unknown,
        "a receiver without keys may report another error"
    );
    assert_eq!(got.content, Content::Undecryptable);
    assert!(receive(&mut pair.server, &[22]).is_empty());
}
