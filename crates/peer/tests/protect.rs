//! Sealing and opening correct and incorrect records with every suite.

use peer::crypto::hash::{Hash, Output, Secret};
use peer::crypto::schedule12::{self, ConnectionKeys};
use peer::crypto::schedule13::next_generation;
use peer::crypto::suite::Suite;
use peer::protect::{
    Aad, Damage, Keyring, MAX_GENERATION, OpenError, Opened, Protection, Seal, TooLong,
};
use wire::{ContentType, Epoch, RecordHeader, Role, VERSION_TLS10, Version};

const DATA: ContentType = ContentType::APPLICATION_DATA;
const ALERT: ContentType = ContentType::ALERT;
const CONTENT: &[u8] = b"a secret message";

fn secret(hash: Hash, seed: u8) -> Secret {
    hash.digest(&[seed])
}

/// Returns keys of any suite. They depend on the seed.
fn protection(suite: Suite, seed: u8) -> Protection {
    match suite.version {
        Version::Tls13 => Protection::from_traffic_secret(suite, &secret(suite.hash, seed)),
        Version::Tls12 => connection_keys(suite, seed).client,
    }
}

fn connection_keys(suite: Suite, seed: u8) -> ConnectionKeys {
    let master = schedule12::master_secret(suite.hash, &[seed; 32], &[1; 32], &[2; 32]);
    ConnectionKeys::new(suite, &master, &[1; 32], &[2; 32])
}

fn sealed(keys: &Protection, sequence: u64, seal: &Seal<'_>) -> Vec<u8> {
    let mut out = b"before".to_vec();
    keys.seal(sequence, seal, &mut out).expect("not too long");
    assert!(out.starts_with(b"before"));
    out.split_off(6)
}

fn open(keys: &Protection, sequence: u64, record: &[u8]) -> Result<(Opened, Vec<u8>), OpenError> {
    let (record, rest) = wire::split_record(record).expect("a complete record");
    assert!(rest.is_empty());
    open_as(keys, sequence, record.header, record.body)
}

/// Opens a body with another header than the one that was sent.
fn open_as(
    keys: &Protection,
    sequence: u64,
    header: RecordHeader,
    body: &[u8],
) -> Result<(Opened, Vec<u8>), OpenError> {
    let mut copy = body.to_vec();
    match keys.open(sequence, header, &mut copy) {
        Ok(opened) => {
            let content = copy[opened.content.clone()].to_vec();
            Ok((opened, content))
        }
        Err(error) => {
            if matches!(error, OpenError::BadTag | OpenError::Short) {
                assert_eq!(copy, body, "an unopened body is unchanged");
            }
            Err(error)
        }
    }
}

fn suites(version: Version) -> impl Iterator<Item = Suite> {
    Suite::ALL
        .iter()
        .copied()
        .filter(move |suite| suite.version == version)
}

#[test]
fn open_reverses_seal_with_every_suite() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        for (sequence, content) in [(0, CONTENT), (1, &[]), (u64::MAX, &[0; 1 << 14])] {
            let record = sealed(&keys, sequence, &Seal::new(ALERT, content));
            assert_eq!(
                record.len(),
                RecordHeader::LEN + content.len() + keys.overhead()
            );
            let (opened, found) = open(&keys, sequence, &record).expect("opens");
            assert_eq!((opened.content_type, found.as_slice()), (ALERT, content));
            assert_eq!(opened.padding, 0);
        }
    }
}

#[test]
fn unprotected_records_are_unchanged() {
    let record = sealed(&Protection::PLAIN, 7, &Seal::new(ALERT, &[1, 0]));
    assert_eq!(record, [21, 3, 3, 0, 2, 1, 0]);
    let seal = Seal {
        outer_type: Some(ContentType(99)),
        version: VERSION_TLS10,
        damage: Damage::Tag(7),
        ..Seal::new(ALERT, &[1, 0])
    };
    let record = sealed(&Protection::PLAIN, 7, &seal);
    assert_eq!(record, [99, 3, 1, 0, 2, 0, 0]);
    let (opened, content) = open(&Protection::PLAIN, 0, &record).expect("any record opens");
    assert_eq!(
        (opened.content_type, content.as_slice()),
        (ContentType(99), [0, 0].as_slice())
    );
}

#[test]
fn another_sequence_number_or_key_does_not_open() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        let record = sealed(&keys, 5, &Seal::new(DATA, CONTENT));
        assert!(open(&keys, 5, &record).is_ok());
        assert_eq!(open(&keys, 4, &record), Err(OpenError::BadTag));
        assert_eq!(open(&keys, 6, &record), Err(OpenError::BadTag));
        assert_eq!(
            open(&protection(suite, 1), 5, &record),
            Err(OpenError::BadTag)
        );
    }
}

#[test]
fn the_two_sides_of_tls_1_2_write_with_different_keys() {
    for suite in suites(Version::Tls12) {
        let keys = connection_keys(suite, 0);
        let record = sealed(&keys.client, 0, &Seal::new(DATA, CONTENT));
        assert_eq!(open(&keys.server, 0, &record), Err(OpenError::BadTag));
        let client = keys.written_by(Role::Client);
        assert!(open(&client, 0, &record).is_ok());
    }
}

#[test]
fn a_flipped_bit_anywhere_does_not_open() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        let whole = sealed(&keys, 0, &Seal::new(DATA, CONTENT));
        for damage in (0..300).flat_map(|bit| [Damage::Tag(bit), Damage::Body(bit)]) {
            for content in [CONTENT, &[]] {
                let record = sealed(
                    &keys,
                    0,
                    &Seal {
                        damage,
                        ..Seal::new(DATA, content)
                    },
                );
                assert_eq!(open(&keys, 0, &record), Err(OpenError::BadTag));
                if content == CONTENT {
                    let tag = whole.len() - 16;
                    let in_tag = record[..tag] == whole[..tag];
                    assert_eq!(in_tag, matches!(damage, Damage::Tag(_)));
                }
            }
        }
    }
}

#[test]
fn a_changed_header_is_authenticated_as_sent_or_as_canonical() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        let right = Seal::new(ALERT, CONTENT);
        let strange = [
            Seal {
                outer_type: Some(ContentType::HANDSHAKE),
                ..right
            },
            Seal {
                version: VERSION_TLS10,
                ..right
            },
        ];
        let canonical = wire::split_record(&sealed(&keys, 3, &right))
            .expect("a complete record")
            .0
            .header;
        for seal in strange {
            for (aad, as_sent) in [(Aad::AsSent, true), (Aad::Canonical, false)] {
                let record = sealed(&keys, 3, &Seal { aad, ..seal });
                let record = wire::split_record(&record).expect("a complete record").0;
                let received = open_as(&keys, 3, record.header, record.body);
                let filled_in = open_as(&keys, 3, canonical, record.body);
                assert_ne!(record.header, canonical);
                assert_eq!(received.is_ok(), as_sent);
                assert_eq!(filled_in.is_ok(), !as_sent);
            }
        }
    }
}

#[test]
fn padding_is_found_and_missing_types_are_reported() {
    for suite in suites(Version::Tls13) {
        let keys = protection(suite, 0);
        let padded = Seal {
            padding: 100,
            ..Seal::new(ALERT, &[1, 0])
        };
        let (opened, content) = open(&keys, 0, &sealed(&keys, 0, &padded)).expect("opens");
        assert_eq!((opened.content_type, opened.padding), (ALERT, 100));
        assert_eq!(content, [1, 0]);

        for padding in [0, 1, 1 << 14] {
            let nothing = Seal {
                content_type: None,
                padding,
                ..Seal::new(ALERT, &[])
            };
            let record = sealed(&keys, 0, &nothing);
            assert_eq!(record.len(), RecordHeader::LEN + padding + 16);
            assert_eq!(
                open(&keys, 0, &record),
                Err(OpenError::NoContentType { padding })
            );
        }
        let untyped = Seal {
            content_type: None,
            ..Seal::new(ALERT, &[1, 0, 21])
        };
        let (opened, content) = open(&keys, 0, &sealed(&keys, 0, &untyped)).expect("opens");
        assert_eq!((opened.content_type, content), (ALERT, vec![1, 0]));
    }
}

#[test]
fn a_chosen_explicit_nonce_is_the_one_used() {
    for suite in suites(Version::Tls12).filter(|suite| suite.explicit_nonce_len() > 0) {
        let keys = protection(suite, 0);
        let seal = Seal {
            explicit_nonce: Some([9; 8]),
            ..Seal::new(DATA, CONTENT)
        };
        let record = sealed(&keys, 2, &seal);
        assert_eq!(record[5..13], [9; 8]);
        assert_eq!(open(&keys, 2, &record).expect("opens").1, CONTENT);
        assert_eq!(
            sealed(&keys, 2, &Seal::new(DATA, CONTENT))[5..13],
            2u64.to_be_bytes()
        );
    }
}

#[test]
fn over_long_records_are_sealed_up_to_the_limit_of_the_length_field() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        let content = vec![1; usize::from(u16::MAX) + 1 - keys.overhead()];
        let most = &content[1..];
        let record = sealed(&keys, 0, &Seal::new(DATA, most));
        assert_eq!(open(&keys, 0, &record).expect("opens").1, most);
        let mut out = vec![1, 2, 3];
        assert_eq!(
            keys.seal(0, &Seal::new(DATA, &content), &mut out),
            Err(TooLong)
        );
        assert_eq!(out, [1, 2, 3]);
        let padded = Seal {
            padding: usize::MAX,
            ..Seal::new(DATA, &[])
        };
        assert_eq!(
            keys.seal(0, &padded, &mut out).is_err(),
            suite.version == Version::Tls13
        );
    }
}

#[test]
fn short_bodies_are_distinguished_from_wrong_ones() {
    for suite in Suite::ALL {
        let keys = protection(suite, 0);
        let least = 16 + suite.explicit_nonce_len();
        for length in 0..40_u16 {
            let header = RecordHeader {
                content_type: DATA,
                version: 0x0303,
                length,
            };
            let body = vec![0; length.into()];
            let error = if usize::from(length) < least {
                OpenError::Short
            } else {
                OpenError::BadTag
            };
            assert_eq!(open_as(&keys, 0, header, &body), Err(error));
        }
    }
}

fn keyring(suite: Suite) -> Keyring {
    let mut keys = Keyring::new();
    keys.install_early(suite, secret(suite.hash, 0));
    keys.install_handshake(suite, secret(suite.hash, 1));
    keys.install_application(suite, secret(suite.hash, 2));
    keys
}

#[test]
fn a_keyring_has_the_installed_keys_and_counts_by_epoch() {
    let suite = Suite::TLS_AES_128_GCM_SHA256;
    let mut keys = Keyring::new();
    let epochs = [
        Epoch::Early,
        Epoch::Handshake,
        Epoch::Application(0),
        Epoch::Application(1),
    ];
    for epoch in epochs {
        assert!(keys.protection(epoch).is_none());
        assert!(
            keys.seal(epoch, &Seal::new(DATA, CONTENT), &mut Vec::new())
                .is_none()
        );
        keys.advance(epoch);
        assert_eq!(keys.sequence(epoch), 0);
    }
    assert!(keys.protection(Epoch::Plain).expect("always").is_plain());

    let (mut keys, mut reader) = (keyring(suite), keyring(suite));
    for (epoch, records) in epochs.into_iter().zip(1..) {
        for _ in 0..records {
            let mut out = Vec::new();
            keys.seal(epoch, &Seal::new(DATA, CONTENT), &mut out)
                .expect("keys")
                .expect("short");
            let header = RecordHeader::parse(&out).expect("a header");
            let opened = reader
                .open(epoch, header, &mut out[5..])
                .expect("keys")
                .expect("opens");
            assert_eq!(out[5..][opened.content], *CONTENT);
        }
    }
    for (epoch, records) in epochs.into_iter().zip(1..) {
        assert_eq!(
            (keys.sequence(epoch), reader.sequence(epoch)),
            (records, records)
        );
    }
    keys.set_sequence(Epoch::Early, u64::MAX);
    keys.advance(Epoch::Early);
    assert_eq!(keys.sequence(Epoch::Early), 0);
}

#[test]
fn a_record_that_does_not_open_counts_only_if_its_tag_is_correct() {
    let suite = Suite::TLS_CHACHA20_POLY1305_SHA256;
    let (mut keys, mut reader) = (keyring(suite), keyring(suite));
    let epoch = Epoch::Application(0);
    let wrong = Seal {
        damage: Damage::Tag(0),
        ..Seal::new(DATA, CONTENT)
    };
    let empty = Seal {
        content_type: None,
        ..Seal::new(DATA, &[])
    };
    for (seal, counted) in [(wrong, 0), (empty, 1)] {
        let sequence = reader.sequence(epoch);
        let mut record = sealed(keys.protection(epoch).expect("keys"), sequence, &seal);
        let header = RecordHeader::parse(&record).expect("a header");
        assert!(
            reader
                .open(epoch, header, &mut record[5..])
                .expect("keys")
                .is_err()
        );
        assert_eq!(reader.sequence(epoch), counted);
    }
}

#[test]
fn generations_can_be_derived_in_any_order() {
    for suite in suites(Version::Tls13) {
        let mut expected = secret(suite.hash, 2);
        let mut chain = vec![expected];
        for _ in 0..5 {
            expected = next_generation(suite.hash, &expected);
            chain.push(expected);
        }
        let mut keys = keyring(suite);
        for generation in [5, 0, 3, 4, 3, 5, 1, 2, 0] {
            let epoch = Epoch::Application(generation);
            let from_chain: &Output = &chain[generation as usize];
            assert_eq!(keys.secret(epoch).as_ref(), Some(from_chain));
            let record = sealed(
                keys.protection(epoch).expect("keys"),
                9,
                &Seal::new(DATA, CONTENT),
            );
            let direct = Protection::from_traffic_secret(suite, from_chain);
            assert!(open(&direct, 9, &record).is_ok());
        }
        assert!(
            keys.protection(Epoch::Application(MAX_GENERATION + 1))
                .is_none()
        );
    }
}

#[test]
fn tls_1_2_has_one_generation() {
    let suite = Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
    let mut keys = Keyring::new();
    keys.install_tls12(protection(suite, 0));
    assert_eq!(keys.version(), Some(Version::Tls12));
    assert!(keys.protection(Epoch::Application(0)).is_some());
    assert!(keys.protection(Epoch::Application(1)).is_none());
    assert_eq!(keys.secret(Epoch::Application(0)), None);
}

#[test]
fn tls_1_2_secrets_depend_on_their_inputs() {
    let (hash, a, b) = (Hash::Sha256, [1; 32], [2; 32]);
    let master = schedule12::master_secret(hash, &[3; 32], &a, &b);
    assert_ne!(master, schedule12::master_secret(hash, &[3; 32], &b, &a));
    let transcript = hash.digest(b"messages");
    assert_ne!(
        master,
        schedule12::extended_master_secret(hash, &[3; 32], &transcript)
    );
    let finished = |role| schedule12::verify_data(hash, &master, role, &transcript);
    assert_ne!(finished(Role::Client), finished(Role::Server));
    let export = |context| {
        let mut out = [0; 20];
        schedule12::export(hash, &master, b"EXPORTER-x", [&a, &b], context, &mut out).map(|()| out)
    };
    assert_ne!(export(None), export(Some(&[])));
    assert!(export(Some(&[0; 70_000])).is_err());
}
