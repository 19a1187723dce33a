//! The cause and the message of each kind of error, and the names of code points.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use wire::*;

#[test]
fn a_truncated_structure_names_the_field() {
    let error = Alert::parse(&[2]).unwrap_err();
    assert_eq!(
        error,
        Error::Truncated {
            what: "alert description"
        }
    );
    assert_eq!(error.to_string(), "alert description is truncated");
    assert_eq!(
        KeyUpdate::parse(&[]),
        Err(Error::Truncated {
            what: "request_update"
        })
    );
    assert_eq!(
        EncryptedExtensions::parse(&[0, 7, 0, 43, 0, 2, 3, 4]),
        Err(Error::Truncated { what: "extensions" })
    );
    assert_eq!(
        EncryptedExtensions::parse(&[0, 5, 0, 43, 0, 2, 3]),
        Err(Error::Truncated {
            what: "extension_data"
        })
    );
}

#[test]
fn bytes_after_a_structure_are_counted() {
    let error = Alert::parse(&[1, 0, 1, 0]).unwrap_err();
    assert_eq!(
        error,
        Error::Trailing {
            what: "alert",
            extra: 2
        }
    );
    assert_eq!(error.to_string(), "2 bytes follow alert");
    let done = ServerHelloDone::parse(&[0]);
    assert_eq!(
        done,
        Err(Error::Trailing {
            what: "ServerHelloDone",
            extra: 1
        })
    );
    let early = EarlyData::parse(&[0, 0, 0, 0]);
    assert_eq!(
        early,
        Err(Error::Trailing {
            what: "early_data",
            extra: 4
        })
    );
}

#[test]
fn an_invalid_length_is_reported() {
    let mut body = vec![3, 3];
    body.extend_from_slice(&[0; 32]);
    body.push(33);
    body.extend_from_slice(&[0; 60]);
    let error = ServerHello::parse(&body).unwrap_err();
    assert_eq!(
        error,
        Error::Length {
            what: "session_id",
            length: 33
        }
    );
    assert_eq!(error.to_string(), "session_id must not be 33 bytes long");
    assert_eq!(
        Cookie::parse(&[0, 0]),
        Err(Error::Length {
            what: "cookie",
            length: 0
        })
    );
    assert_eq!(
        Alpn::parse(&[0, 1, 0]),
        Err(Error::Length {
            what: "ProtocolName",
            length: 0
        })
    );
}

#[test]
fn an_invalid_value_is_reported() {
    let error = KeyUpdate::parse(&[2]).unwrap_err();
    assert_eq!(
        error,
        Error::Value {
            what: "request_update",
            value: 2
        }
    );
    assert_eq!(error.to_string(), "request_update must not be 2");
    let explicit_prime = ServerKeyExchange::parse(&[1]);
    assert_eq!(
        explicit_prime,
        Err(Error::Value {
            what: "curve_type",
            value: 1
        })
    );
    let name_type = ServerName::parse(&[0, 4, 1, 0, 1, 97]);
    assert_eq!(
        name_type,
        Err(Error::Value {
            what: "name_type",
            value: 1
        })
    );
}

#[test]
fn a_pre_shared_key_that_is_not_last_is_misplaced() {
    let mut extensions = ExtensionsBuf::new();
    extensions.push(ExtensionType::PRE_SHARED_KEY, |_| ());
    let psk_last = extensions.clone();
    extensions.add(&EarlyData);
    let hello = ClientHello {
        legacy_version: VERSION_TLS12,
        random: &[0; 32],
        session_id: &[],
        cipher_suites: List::EMPTY,
        compression_methods: &[0],
        extensions: extensions.view(),
    };
    let error = hello.binders_len().unwrap_err();
    assert_eq!(
        error,
        Error::Misplaced {
            what: "pre_shared_key"
        }
    );
    assert_eq!(error.to_string(), "pre_shared_key is in the wrong position");
    let hello = ClientHello {
        extensions: psk_last.view(),
        ..hello
    };
    assert_eq!(
        hello.binders_len(),
        Err(Error::Truncated { what: "identities" })
    );
    let hello = ClientHello {
        extensions: Extensions::EMPTY,
        ..hello
    };
    assert_eq!(hello.binders_len(), Ok(None));
}

#[test]
fn the_length_of_an_over_long_body_saturates() {
    let mut out = Vec::new();
    vec8(&mut out, |out| out.extend_from_slice(&[7; 300]));
    assert_eq!((out[0], out.len()), (255, 301));
    out.clear();
    vec16(&mut out, |out| out.extend_from_slice(&[7; 70_000]));
    assert_eq!((&out[..2], out.len()), (&[255, 255][..], 70_002));
    out.clear();
    vec24(&mut out, |out| vec8(out, |out| put_u24(out, 0xff01_0203)));
    assert_eq!(out, [0, 0, 4, 3, 1, 2, 3]);
}

#[test]
fn over_long_records_are_split_without_validation() {
    let mut wire = vec![99, 0, 0, 0xff, 0xff];
    assert_eq!(split_record(&wire), None);
    assert_eq!(RecordHeader::parse(&wire).unwrap().length, 0xffff);
    wire.resize(RecordHeader::LEN + 0xffff, 1);
    let (record, rest) = split_record(&wire).unwrap();
    assert_eq!((record.body.len(), rest.len()), (0xffff, 0));
    assert!(record.body.len() > MAX_CIPHERTEXT_12.max(MAX_CIPHERTEXT_13).max(MAX_PLAINTEXT));
}

#[test]
fn every_alert_name_round_trips() {
    for number in 0..=u8::MAX {
        let alert = AlertDescription(number);
        assert_eq!(AlertDescription::from_name(&alert.to_string()), Some(alert));
    }
    assert_eq!(AlertDescription::ALL.len(), 35);
    assert_eq!(AlertDescription::CLOSE_NOTIFY.to_string(), "close_notify");
    assert_eq!(AlertDescription(200).to_string(), "alert(200)");
    for nonsense in [
        "",
        "close-notify",
        "alert(256)",
        "alert(+1)",
        "alert()",
        "alert(1",
        "200",
    ] {
        assert_eq!(AlertDescription::from_name(nonsense), None, "{nonsense}");
    }
}

#[test]
fn only_close_notify_and_user_canceled_are_closures() {
    let closures: Vec<_> = (0..=u8::MAX)
        .map(AlertDescription)
        .filter(|alert| alert.is_closure())
        .collect();
    assert_eq!(
        closures,
        [
            AlertDescription::CLOSE_NOTIFY,
            AlertDescription::USER_CANCELED
        ]
    );
}

#[test]
fn names_are_those_of_the_registries() {
    assert_eq!(HandshakeType::KEY_UPDATE.name(), Some("key_update"));
    assert_eq!(HandshakeType(99).to_string(), "handshake(99)");
    assert_eq!(
        ContentType::APPLICATION_DATA.to_string(),
        "application_data"
    );
    assert_eq!(ContentType(24).name(), None);
    assert_eq!(
        ExtensionType::from_name("key_share"),
        Some(ExtensionType::KEY_SHARE)
    );
    assert_eq!(
        format!("{:>14}", Alert::CLOSE_NOTIFY.description),
        "  close_notify"
    );
}

#[test]
fn version_numbers_round_trip() {
    for version in [Version::Tls12, Version::Tls13] {
        assert_eq!(Version::from_number(version.number()), Some(version));
    }
    assert_eq!(Version::from_number(VERSION_TLS10), None);
}

#[test]
fn a_hello_retry_request_is_recognized_by_its_random() {
    let mut hello = ServerHello {
        legacy_version: VERSION_TLS12,
        random: &ServerHello::RETRY_RANDOM,
        session_id: &[],
        cipher_suite: CipherSuite::TLS_AES_128_GCM_SHA256,
        compression_method: 0,
        extensions: Extensions::EMPTY,
    };
    assert!(hello.is_hello_retry_request());
    hello.random = &[0; 32];
    assert!(!hello.is_hello_retry_request());
}
