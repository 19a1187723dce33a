//! The meanings that the peer assigns to the records that it seals after a TLS 1.2 handshake and at
//! its end.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod tls12_common;

use common::Pair;
use peer::{Draft, Failure, MessageName, Peer};
use tls12_common::{client, open, server, until};
use wire::{
    Alert, AlertDescription, Content, ContentType, Epoch, HandshakeType, Meaning, Reason, Role,
};

const PROTECTED: Epoch = Epoch::Application(0);

fn raw(kind: HandshakeType) -> Vec<u8> {
    vec![kind.0, 0, 0, 0]
}

#[test]
fn both_sides_close() {
    let mut pair = open();
    for sender in [Role::Client, Role::Server] {
        pair.exchange();
        let close = Alert::CLOSE_NOTIFY.to_bytes();
        let (sealed, got) = pair.send(sender, &Draft::new(ContentType::ALERT, &close));
        assert_eq!(sealed.claim.meaning, Meaning::CloseNotify);
        assert_eq!((got.epoch, sealed.epoch), (Some(PROTECTED), PROTECTED));
        assert_eq!(
            got.content,
            Content::Alert {
                level: Alert::WARNING,
                description: AlertDescription::CLOSE_NOTIFY
            }
        );
    }
}

#[test]
fn a_renegotiation_request_has_its_meaning_and_is_ignored() {
    let mut pair = open();
    let mut again = Peer::new(client());
    let hello = again.take_message().unwrap().payload;
    let request = raw(HandshakeType::HELLO_REQUEST);
    for (sender, message) in [(Role::Server, &request), (Role::Client, &hello)] {
        let (sealed, got) = pair.send(sender, &Draft::new(ContentType::HANDSHAKE, message));
        assert_eq!(sealed.claim.meaning, Meaning::RenegotiationRequest);
        assert_eq!(got.content, Content::Handshake(HandshakeType(message[0])));
        let to = pair.both(sender).1;
        assert_eq!((to.failure(), to.queued()), (None, 0));
        pair.exchange();
    }
    let (sealed, _) = pair.send(Role::Client, &Draft::new(ContentType::HANDSHAKE, &request));
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::UnexpectedMessage(HandshakeType::HELLO_REQUEST))
    );
}

#[test]
fn a_hello_request_during_the_handshake_is_ignored() {
    let mut pair = Pair::new(client(), server());
    until(&mut pair, Role::Server, MessageName::ServerKeyExchange);
    let request = raw(HandshakeType::HELLO_REQUEST);
    let (sealed, _) = pair.send(Role::Server, &Draft::new(ContentType::HANDSHAKE, &request));
    assert_eq!(sealed.claim.meaning, Meaning::Unknown);
    pair.handshake();
}

#[test]
fn the_meaning_of_an_unplanned_certificate_request_depends_on_its_position() {
    let kind = HandshakeType::CERTIFICATE_REQUEST;
    let asked = [13, 0, 0, 8, 1, 64, 0, 2, 4, 3, 0, 0];
    for (before, meaning) in [
        (MessageName::ServerHelloDone, Meaning::Unknown),
        (
            MessageName::ServerKeyExchange,
            Meaning::Invalid(Reason::UnexpectedMessage(kind)),
        ),
    ] {
        let mut pair = Pair::new(client(), server());
        until(&mut pair, Role::Server, before);
        let (sealed, _) = pair.send(Role::Server, &Draft::new(ContentType::HANDSHAKE, &asked));
        assert_eq!(sealed.claim.meaning, meaning, "before {before}");
    }
}

#[test]
fn a_warning_is_distinguished_from_an_error() {
    let mut pair = open();
    let warning = Alert::warning(AlertDescription::NO_RENEGOTIATION).to_bytes();
    let (sealed, _) = pair.send(Role::Client, &Draft::new(ContentType::ALERT, &warning));
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Warning(AlertDescription::NO_RENEGOTIATION)
    );
    pair.exchange();
    let error = Alert::fatal(AlertDescription::INTERNAL_ERROR).to_bytes();
    let (sealed, _) = pair.send(Role::Client, &Draft::new(ContentType::ALERT, &error));
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Error(AlertDescription::INTERNAL_ERROR)
    );
}

#[test]
fn plaintext_after_change_cipher_spec_is_unprotected() {
    let close = Alert::CLOSE_NOTIFY.to_bytes();
    for (content_type, payload) in [
        (ContentType::ALERT, &close[..]),
        (ContentType::APPLICATION_DATA, b"data"),
        (ContentType::CHANGE_CIPHER_SPEC, &[1]),
    ] {
        let plain = Draft {
            epoch: Some(Epoch::Plain),
            ..Draft::new(content_type, payload)
        };
        let (sealed, got) = open().send(Role::Server, &plain);
        assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::Unprotected));
        assert_eq!(got.content, Content::Undecryptable);

        let mut pair = Pair::new(client(), server());
        until(&mut pair, Role::Client, MessageName::Finished);
        let (sealed, _) = pair.send(Role::Client, &plain);
        assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::Unprotected));
        assert_eq!(pair.server.failure(), Some(Failure::Undecryptable));
    }
}

#[test]
fn a_protected_change_cipher_spec_after_the_handshake_is_late() {
    let ccs = Draft::new(ContentType::CHANGE_CIPHER_SPEC, &[1]);
    let (sealed, got) = open().send(Role::Client, &ccs);
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::LateChangeCipherSpec)
    );
    assert!(matches!(got.content, Content::Malformed { .. }));
}

#[test]
fn data_before_finished_is_invalid() {
    let mut pair = Pair::new(client(), server());
    until(&mut pair, Role::Client, MessageName::Finished);
    let (sealed, _) = pair.send(
        Role::Client,
        &Draft::new(ContentType::APPLICATION_DATA, b"early"),
    );
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::EarlyApplicationData)
    );
}

#[test]
fn an_extra_ticket_can_be_created_at_any_time() {
    for config in [client(), server()] {
        let ticket = Peer::new(config).new_ticket();
        assert_eq!(ticket[0], HandshakeType::NEW_SESSION_TICKET.0);
    }
    let mut pair = open();
    let ticket = pair.server.new_ticket();
    let (sealed, _) = pair.send(Role::Server, &Draft::new(ContentType::HANDSHAKE, &ticket));
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::UnexpectedMessage(HandshakeType::NEW_SESSION_TICKET))
    );
}
