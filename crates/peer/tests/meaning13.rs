//! The meanings that the peer assigns to the TLS 1.3 records that it seals.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Got, Pair, client, deliver, draft, server};
use peer::{Corrupt, Draft, Peer};
use wire::{
    Alert, AlertDescription, Content, ContentType, Epoch, HandshakeType, Meaning, Reason, Role,
};

const DATA: Draft<'static> = Draft::new(ContentType::APPLICATION_DATA, b"data");
const HANDSHAKE: Draft<'static> = Draft::new(ContentType::HANDSHAKE, &[]);
const ALERT: Draft<'static> = Draft::new(ContentType::ALERT, &[]);
const CCS: Draft<'static> = Draft {
    epoch: Some(Epoch::Plain),
    ..Draft::new(ContentType::CHANGE_CIPHER_SPEC, &[1])
};

fn judged(draft: &Draft<'_>) -> (Meaning, Got) {
    let (sealed, got) = Pair::open().send(Role::Client, draft);
    (sealed.claim.meaning, got)
}

const fn malformed(content_type: u8) -> Content {
    Content::Malformed { content_type }
}

/// Checks the reason, and that the other side cannot decrypt the record.
fn undecryptable(draft: &Draft<'_>, reason: Reason) {
    let (meaning, got) = judged(draft);
    assert_eq!(meaning, Meaning::Invalid(reason));
    assert_eq!(got.content, Content::Undecryptable, "{reason:?}");
    assert_eq!(got.epoch, None);
}

/// Checks the reason, and that the other side can decrypt the record.
fn invalid(draft: &Draft<'_>, reason: Reason) -> Content {
    let (meaning, got) = judged(draft);
    assert_eq!(meaning, Meaning::Invalid(reason));
    assert_ne!(got.content, Content::Undecryptable, "{reason:?}");
    got.content
}

#[test]
fn records_with_protection_faults_are_invalid_and_do_not_decrypt() {
    undecryptable(
        &Draft {
            corrupt: Corrupt::Tag,
            ..DATA
        },
        Reason::BadTag,
    );
    undecryptable(
        &Draft {
            corrupt: Corrupt::Body,
            ..DATA
        },
        Reason::BadTag,
    );
    undecryptable(
        &Draft {
            epoch: Some(Epoch::Early),
            ..DATA
        },
        Reason::WrongKeys,
    );
    undecryptable(
        &Draft {
            epoch: Some(Epoch::Application(9)),
            ..DATA
        },
        Reason::WrongKeys,
    );
    undecryptable(
        &Draft {
            sequence: Some(7),
            ..DATA
        },
        Reason::WrongSequence,
    );
    undecryptable(
        &Draft {
            reflect: true,
            ..DATA
        },
        Reason::Reflected,
    );
    undecryptable(
        &Draft {
            header_version: Some(0x0301),
            aad_as_sent: false,
            ..DATA
        },
        Reason::HeaderVersion,
    );
}

#[test]
fn records_under_handshake_keys_or_in_plaintext_are_invalid_after_the_handshake() {
    let (meaning, got) = judged(&Draft {
        epoch: Some(Epoch::Handshake),
        ..DATA
    });
    assert_eq!(meaning, Meaning::Invalid(Reason::WrongKeys));
    assert_eq!(
        got.epoch,
        Some(Epoch::Handshake),
        "the other side still has the keys"
    );
    let close = Alert::CLOSE_NOTIFY.to_bytes();
    let plain = Draft {
        epoch: Some(Epoch::Plain),
        payload: &close,
        ..ALERT
    };
    invalid(&plain, Reason::Unprotected);
}

#[test]
fn the_outer_type_must_be_application_data() {
    for aad_as_sent in [false, true] {
        let draft = Draft {
            outer_type: Some(22),
            aad_as_sent,
            ..DATA
        };
        assert_eq!(judged(&draft).0, Meaning::Invalid(Reason::OuterType));
        let draft = Draft {
            outer_type: Some(99),
            aad_as_sent,
            ..DATA
        };
        assert_eq!(judged(&draft).0, Meaning::Invalid(Reason::UnknownOuterType));
    }
}

#[test]
fn the_receiver_may_accept_an_authenticated_version() {
    let (meaning, got) = judged(&Draft {
        header_version: Some(0x0301),
        ..DATA
    });
    assert_eq!(meaning, Meaning::Unknown);
    assert_eq!(got.content, Content::Data);
    // If the keys are also wrong, a receiver may report either fault.
    for (version, meaning) in [
        (0x0203, Meaning::Unknown),
        (0x0303, Meaning::Invalid(Reason::WrongKeys)),
    ] {
        let epoch = Some(Epoch::Handshake);
        let header_version = Some(version);
        let (told, _) = judged(&Draft {
            header_version,
            epoch,
            ..DATA
        });
        assert_eq!(told, meaning, "{version:#06x}");
    }
}

#[test]
fn each_wrong_length_has_its_meaning() {
    let mut pair = Pair::open();
    let seal = |length| {
        let mut peer = pair.client.clone();
        peer.seal(
            &Draft {
                length: Some(length),
                ..DATA
            },
            &mut Vec::new(),
        )
        .claim
        .meaning
    };
    assert_eq!(seal(5), Meaning::Invalid(Reason::Short));
    assert_eq!(seal(20), Meaning::Invalid(Reason::BadTag));
    assert_eq!(seal(21), Meaning::Data);
    assert_eq!(seal(22), Meaning::Unknown, "the receiver waits");
    assert_eq!(seal(0x4101), Meaning::Invalid(Reason::CiphertextOverflow));
    pair.exchange();
}

#[test]
fn sizes_are_checked_against_every_limit() {
    let big = vec![0; 1 << 15];
    let of = |len: usize, padding| Draft {
        payload: &big[..len],
        padding,
        ..DATA
    };
    assert_eq!(judged(&of(1 << 14, 0)).0, Meaning::Data);
    assert_eq!(judged(&of((1 << 14) - 3, 3)).0, Meaning::Data);
    assert_eq!(judged(&of(0, 0)).0, Meaning::Data);
    assert_eq!(
        invalid(&of((1 << 14) + 1, 0), Reason::PlaintextOverflow),
        malformed(23)
    );
    assert_eq!(
        judged(&of((1 << 14) - 3, 4)).0,
        Meaning::Refusable(Reason::InnerOverflow)
    );
    invalid(&of(1 << 15, 0), Reason::CiphertextOverflow);
    invalid(&of(0, 1 << 15), Reason::CiphertextOverflow);
}

#[test]
fn an_inner_plaintext_needs_a_known_type() {
    let bare = Draft {
        no_type: true,
        payload: &[],
        ..DATA
    };
    assert_eq!(invalid(&bare, Reason::EmptyInner), malformed(0));
    let padded = Draft {
        padding: 10,
        ..bare
    };
    assert_eq!(invalid(&padded, Reason::AllPadding), malformed(0));
    let unknown = Draft {
        content_type: 99,
        ..DATA
    };
    assert_eq!(invalid(&unknown, Reason::UnknownInnerType), malformed(99));
    let ccs = Draft { epoch: None, ..CCS };
    assert_eq!(
        invalid(&ccs, Reason::ProtectedChangeCipherSpec),
        malformed(20)
    );
    assert_eq!(invalid(&ALERT, Reason::EmptyAlert), malformed(21));
    assert_eq!(invalid(&HANDSHAKE, Reason::EmptyHandshake), malformed(22));
}

#[test]
fn alerts_are_two_bytes() {
    assert_eq!(
        invalid(
            &Draft {
                payload: &[1],
                ..ALERT
            },
            Reason::AlertOneByte
        ),
        malformed(21)
    );
    let trailing = Draft {
        payload: &[1, 0, 0],
        ..ALERT
    };
    assert_eq!(invalid(&trailing, Reason::AlertTrailing), malformed(21));
}

#[test]
fn the_level_of_an_alert_is_ignored() {
    for level in [0, 1, 2, 255] {
        let of = |description: u8| {
            judged(&Draft {
                payload: &[level, description],
                ..ALERT
            })
            .0
        };
        assert_eq!(of(0), Meaning::CloseNotify);
        assert_eq!(of(90), Meaning::UserCanceled);
        assert_eq!(of(100), Meaning::Error(AlertDescription::NO_RENEGOTIATION));
        assert_eq!(of(200), Meaning::Error(AlertDescription(200)));
    }
}

#[test]
fn messages_after_the_handshake_are_judged() {
    let of = |payload: &[u8]| {
        judged(&Draft {
            payload,
            ..HANDSHAKE
        })
        .0
    };
    assert_eq!(
        of(&[24, 0, 0, 1, 0]),
        Meaning::KeyUpdate { requested: false }
    );
    assert_eq!(
        of(&[24, 0, 0, 1, 1]),
        Meaning::KeyUpdate { requested: true }
    );
    assert_eq!(
        of(&[24, 0, 0, 1, 2]),
        Meaning::Invalid(Reason::KeyUpdateValue)
    );
    let kind = HandshakeType::KEY_UPDATE;
    assert_eq!(
        of(&[24, 0, 0, 0]),
        Meaning::Invalid(Reason::Malformed(kind))
    );
    assert_eq!(
        of(&[24, 0, 0, 1, 0, 24]),
        Meaning::Invalid(Reason::Unaligned)
    );
    assert_eq!(of(&[24, 0, 0, 1]), Meaning::HandshakePart);
    assert_eq!(of(&[24]), Meaning::HandshakePart);
    assert_eq!(of(&[24, 1, 0, 0]), Meaning::Unknown);
    assert_eq!(
        of(&[1, 0]),
        Meaning::Unknown,
        "the receiver may reject it at once"
    );
    let request = HandshakeType::CERTIFICATE_REQUEST;
    assert_eq!(
        of(&[request.0, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]),
        Meaning::Invalid(Reason::UnexpectedMessage(request))
    );
    assert_eq!(
        of(&[request.0, 0, 0, 0]),
        Meaning::Unknown,
        "malformed and unexpected"
    );
    for kind in [1, 2, 4, 5, 8, 11, 15, 20, 77] {
        let unexpected = Meaning::Invalid(Reason::UnexpectedMessage(HandshakeType(kind)));
        assert_eq!(of(&[kind, 0, 0, 0]), unexpected);
    }
}

#[test]
fn an_invalid_key_update_does_not_change_the_state() {
    let mut pair = Pair::open();
    pair.client.seal(
        &Draft {
            payload: &[24, 0, 0, 1, 2],
            ..HANDSHAKE
        },
        &mut Vec::new(),
    );
    assert_eq!(pair.client.write_epoch(), Epoch::Application(0));
    let wrong = Draft {
        payload: &[24, 0, 0, 1, 0],
        epoch: Some(Epoch::Application(4)),
        ..HANDSHAKE
    };
    let sealed = pair.client.seal(&wrong, &mut Vec::new());
    assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::WrongKeys));
    assert_eq!(pair.client.write_epoch(), Epoch::Application(0));
}

#[test]
fn keys_updated_without_a_key_update_are_wrong() {
    let mut pair = Pair::open();
    pair.client.update_keys();
    assert_eq!(pair.client.write_epoch(), Epoch::Application(1));
    let sealed = pair.client.seal(&DATA, &mut Vec::new());
    assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::WrongKeys));
    assert_eq!((sealed.epoch, sealed.sequence), (Epoch::Application(1), 0));
}

#[test]
fn only_a_server_sends_tickets() {
    let mut pair = Pair::open();
    let ticket = pair.server.new_ticket();
    let (sealed, _) = pair.send(
        Role::Server,
        &Draft {
            payload: &ticket,
            ..HANDSHAKE
        },
    );
    assert_eq!(sealed.claim.meaning, Meaning::Ticket);
    assert_eq!(pair.client.sessions().len(), 1);
    let kind = HandshakeType::NEW_SESSION_TICKET;
    let (sealed, _) = pair.send(
        Role::Client,
        &Draft {
            payload: &ticket,
            ..HANDSHAKE
        },
    );
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::UnexpectedMessage(kind))
    );
    let cut = [&[4, 0, 0, 9][..], &ticket[4..13]].concat();
    let (sealed, _) = pair.send(
        Role::Server,
        &Draft {
            payload: &cut,
            ..HANDSHAKE
        },
    );
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::Malformed(kind))
    );
}

#[test]
fn a_ticket_with_odd_extensions_is_unknown() {
    let allows: &[u8] = &[0, 42, 0, 4, 0, 0, 1, 0];
    let twice: &[u8] = &[0x99, 0x99, 0, 0, 0x99, 0x99, 0, 0];
    for (extensions, meaning) in [
        (&[][..], Meaning::Ticket),
        (allows, Meaning::Ticket),
        (&[0, 42, 0, 0], Meaning::Unknown),
        (twice, Meaning::Unknown),
    ] {
        let length = extensions.len() as u8;
        let head = [4, 0, 0, 14 + length, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7, 0];
        let payload = &[&head[..], &[length], extensions].concat()[..];
        let draft = Draft {
            payload,
            ..HANDSHAKE
        };
        let (sealed, _) = Pair::open().send(Role::Server, &draft);
        assert_eq!(sealed.claim.meaning, meaning, "{extensions:?}");
    }
}

#[test]
fn a_split_ticket_counts_at_its_end() {
    let mut pair = Pair::open();
    let ticket = pair.server.new_ticket();
    let parts: Vec<_> = ticket
        .chunks(50)
        .map(|payload| {
            pair.send(
                Role::Server,
                &Draft {
                    payload,
                    ..HANDSHAKE
                },
            )
            .0
            .claim
            .meaning
        })
        .collect();
    let (last, parts) = parts.split_last().unwrap();
    assert!(!parts.is_empty() && parts.iter().all(|part| *part == Meaning::HandshakePart));
    assert_eq!(*last, Meaning::Ticket);
}

#[test]
fn no_record_may_interrupt_a_fragmented_message() {
    for between in [
        DATA,
        Draft {
            payload: &[1, 0],
            ..ALERT
        },
    ] {
        let mut pair = Pair::open();
        pair.send(
            Role::Client,
            &Draft {
                payload: &[24, 0],
                ..HANDSHAKE
            },
        );
        let (sealed, _) = pair.send(Role::Client, &between);
        assert_eq!(sealed.claim.meaning, Meaning::Invalid(Reason::Interleaved));
        let (sealed, _) = pair.send(
            Role::Client,
            &Draft {
                payload: &[0, 1, 0],
                ..HANDSHAKE
            },
        );
        assert_eq!(
            sealed.claim.meaning,
            Meaning::KeyUpdate { requested: false }
        );
    }
}

#[test]
fn a_change_cipher_spec_is_only_allowed_in_the_handshake() {
    invalid(&CCS, Reason::LateChangeCipherSpec);
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message().unwrap();
    deliver(&mut pair.client, &mut pair.server, &draft(&hello));
    for sender in [Role::Client, Role::Server] {
        assert_eq!(
            pair.send(sender, &CCS).0.claim.meaning,
            Meaning::ChangeCipherSpec
        );
        let (sealed, _) = pair.send(
            sender,
            &Draft {
                payload: &[2],
                ..CCS
            },
        );
        assert_eq!(
            sealed.claim.meaning,
            Meaning::Invalid(Reason::ChangeCipherSpecValue)
        );
    }
}

#[test]
fn an_invalid_record_does_not_change_the_state() {
    for flawed in [
        Draft {
            corrupt: Corrupt::Tag,
            ..DATA
        },
        Draft {
            sequence: Some(100),
            ..DATA
        },
        Draft {
            epoch: Some(Epoch::Application(3)),
            ..DATA
        },
        Draft {
            reflect: true,
            sequence: Some(3),
            ..DATA
        },
        Draft {
            content_type: 99,
            ..DATA
        },
    ] {
        let mut pair = Pair::open();
        pair.exchange();
        let first = pair.client.seal(&flawed, &mut Vec::new());
        assert!(
            matches!(first.claim.meaning, Meaning::Invalid(_)),
            "{flawed:?}"
        );
        assert_eq!(
            pair.client.seal(&DATA, &mut Vec::new()).claim.meaning,
            Meaning::Data,
            "{flawed:?}"
        );
    }
}

#[test]
fn a_replay_has_the_wrong_sequence_number() {
    let mut pair = Pair::open();
    pair.exchange();
    let replay = Draft {
        sequence: Some(0),
        ..DATA
    };
    let (sealed, got) = pair.send(Role::Client, &replay);
    assert_eq!(
        sealed.claim.meaning,
        Meaning::Invalid(Reason::WrongSequence)
    );
    assert_eq!(got.content, Content::Undecryptable);
    pair.exchange();
}

#[test]
fn sealing_always_appends_exactly_one_record() {
    let big = vec![7; 1 << 17];
    for epoch in [
        Epoch::Plain,
        Epoch::Application(0),
        Epoch::Application(u32::MAX),
    ] {
        for padding in [0, usize::MAX] {
            let mut peer: Peer = Pair::open().client;
            let mut out = vec![1, 2, 3];
            let draft = Draft {
                epoch: Some(epoch),
                payload: &big,
                padding,
                ..DATA
            };
            let sealed = peer.seal(&draft, &mut out);
            assert_eq!(out.len(), 3 + sealed.len);
            assert_eq!(
                sealed.len,
                5 + usize::from(u16::from_be_bytes([out[6], out[7]]))
            );
        }
    }
}
