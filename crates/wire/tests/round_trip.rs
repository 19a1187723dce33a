//! Parsing an encoded structure gives the same structure.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wire::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(8446),
        ..ProptestConfig::with_cases(128)
    }
}

fn bytes(length: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), length)
}

/// Kinds and data of extensions.
fn extensions() -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
    vec((any::<u16>(), bytes(0..40)), 0..6)
}

fn buffer(extensions: &[(u16, Vec<u8>)]) -> ExtensionsBuf {
    let mut buffer = ExtensionsBuf::new();
    for (kind, data) in extensions {
        buffer.push(ExtensionType(*kind), |out| out.extend_from_slice(data));
    }
    buffer
}

fn check_message<'a, M>(value: &M, message: &'a mut Vec<u8>) -> Result<(), TestCaseError>
where
    M: Message<'a> + PartialEq + Debug,
{
    value.encode_message(message);
    let message: &'a [u8] = message;
    let (split, consumed) =
        split_handshake(message).ok_or_else(|| TestCaseError::fail("incomplete"))?;
    prop_assert_eq!(split.kind, M::KIND);
    prop_assert_eq!(consumed, message.len());
    prop_assert_eq!(&M::parse(split.body)?, value);
    let header = HandshakeHeader::parse(message)?;
    prop_assert_eq!(HandshakeHeader::LEN + header.length as usize, message.len());
    let mut again = Vec::new();
    header.encode(&mut again);
    again.extend_from_slice(split.body);
    prop_assert_eq!(again, message);
    Ok(())
}

fn check_extension<'a, E>(value: &E, data: &'a mut Vec<u8>) -> Result<(), TestCaseError>
where
    E: ExtensionData<'a> + PartialEq + Debug,
{
    value.encode(data);
    let data: &'a [u8] = data;
    let parsed = E::parse(data)?;
    prop_assert_eq!(&parsed, value);
    let list = [Extension {
        kind: E::TYPE,
        data,
    }];
    let list = ExtensionsBuf::new().with(value).view() == Extensions::of(&list);
    prop_assert!(list);
    Ok(())
}

macro_rules! message {
    ($value:expr) => {
        check_message(&$value, &mut Vec::new())?
    };
}

macro_rules! extension {
    ($value:expr) => {
        check_extension(&$value, &mut Vec::new())?
    };
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn records_round_trip(
        kind: u8, version: u16, body in bytes(0..600), behind in bytes(0..10), cut in 0_usize..600,
    ) {
        let header = RecordHeader {
            content_type: ContentType(kind), version, length: body.len() as u16,
        };
        let record = Record { header, body: &body };
        let mut wire = Vec::new();
        record.encode(&mut wire);
        let whole = wire.len();
        wire.extend_from_slice(&behind);
        prop_assert_eq!(split_record(&wire), Some((record, &behind[..])));
        prop_assert_eq!(RecordHeader::parse(&wire)?, header);
        prop_assert_eq!(split_record(&wire[..cut % whole]), None);
    }

    #[test]
    fn alerts_round_trip(level: u8, description: u8) {
        let alert = Alert { level, description: AlertDescription(description) };
        let mut body = Vec::new();
        alert.encode(&mut body);
        prop_assert_eq!(Alert::parse(&body)?, alert);
    }

    #[test]
    fn handshake_messages_are_split_at_their_end(
        kind: u8, body in bytes(0..300), behind in bytes(0..10), cut in 0_usize..300,
    ) {
        let message = HandshakeMessage { kind: HandshakeType(kind), body: &body };
        let mut wire = Vec::new();
        message.encode(&mut wire);
        let whole = wire.len();
        wire.extend_from_slice(&behind);
        prop_assert_eq!(split_handshake(&wire), Some((message, whole)));
        prop_assert_eq!(split_handshake(&wire[..cut % whole]), None);
    }

    #[test]
    fn hellos_round_trip(
        version: u16,
        random: [u8; 32],
        session_id in bytes(0..=32),
        suites in vec(any::<u16>().prop_map(CipherSuite), 1..20),
        compression in bytes(1..5),
        extensions in extensions(),
    ) {
        let extensions = buffer(&extensions);
        message!(ClientHello {
            legacy_version: version,
            random: &random,
            session_id: &session_id,
            cipher_suites: List::of(&suites),
            compression_methods: &compression,
            extensions: extensions.view(),
        });
        message!(ServerHello {
            legacy_version: version,
            random: &random,
            session_id: &session_id,
            cipher_suite: suites[0],
            compression_method: compression[0],
            extensions: extensions.view(),
        });
        message!(EncryptedExtensions { extensions: extensions.view() });
    }

    #[test]
    fn certificates_round_trip(
        context in bytes(0..=255),
        chain in vec((bytes(1..300), extensions()), 0..4),
        algorithm: u16,
        signature in bytes(0..300),
    ) {
        let buffers: Vec<_> = chain.iter().map(|(_, extensions)| buffer(extensions)).collect();
        let entries: Vec<_> = chain
            .iter()
            .zip(&buffers)
            .map(|((data, _), extensions)| CertificateEntry { data, extensions: extensions.view() })
            .collect();
        let certificates: Vec<_> = chain.iter().map(|(data, _)| Opaque24(data)).collect();
        message!(Certificate13 { context: &context, entries: List::of(&entries) });
        message!(Certificate12 { certificates: List::of(&certificates) });
        let algorithm = SignatureScheme(algorithm);
        message!(CertificateVerify { algorithm, signature: &signature });
    }

    #[test]
    fn certificate_requests_round_trip(
        context in bytes(0..=255),
        extensions in vec((any::<u16>(), bytes(0..40)), 1..6),
        types in bytes(1..=255),
        schemes in vec(any::<u16>().prop_map(SignatureScheme), 1..20),
        names in vec(bytes(0..40), 0..5),
    ) {
        let extensions = buffer(&extensions);
        message!(CertificateRequest13 { context: &context, extensions: extensions.view() });
        let names: Vec<_> = names.iter().map(|name| Opaque16(name)).collect();
        message!(CertificateRequest12 {
            certificate_types: &types,
            signature_algorithms: List::of(&schemes),
            authorities: List::of(&names),
        });
    }

    #[test]
    fn key_exchanges_round_trip(
        group: u16, public in bytes(1..=255), algorithm: u16, signature in bytes(0..300),
    ) {
        let exchange = ServerKeyExchange {
            group: NamedGroup(group),
            public: &public,
            algorithm: SignatureScheme(algorithm),
            signature: &signature,
        };
        message!(exchange);
        let (mut body, mut params) = (Vec::new(), Vec::new());
        exchange.encode(&mut body);
        exchange.encode_params(&mut params);
        prop_assert!(body.starts_with(&params));
        message!(ClientKeyExchange { public: &public });
        message!(Finished { verify_data: &public });
    }

    #[test]
    fn tickets_round_trip(
        lifetime: u32,
        age_add: u32,
        nonce in bytes(0..=255),
        ticket in bytes(1..300),
        size: u32,
    ) {
        let extensions = ExtensionsBuf::new().with(&MaxEarlyData { size });
        let new = NewSessionTicket13 {
            lifetime, age_add, nonce: &nonce, ticket: &ticket, extensions: extensions.view(),
        };
        message!(new);
        prop_assert_eq!(new.max_early_data()?, Some(size));
        let none = NewSessionTicket13 { extensions: Extensions::EMPTY, ..new };
        message!(none);
        prop_assert_eq!(none.max_early_data()?, None);
        message!(NewSessionTicket12 { lifetime_hint: lifetime, ticket: &ticket });
        message!(NewSessionTicket12 { lifetime_hint: lifetime, ticket: &[] });
    }

    #[test]
    fn extensions_of_one_field_round_trip(
        number: u16, size: u32, short in bytes(1..=255), long in bytes(1..300),
    ) {
        extension!(ServerName { host_name: &long });
        extension!(SupportedVersionsServerHello { version: number });
        extension!(KeyShareHelloRetryRequest { group: NamedGroup(number) });
        extension!(PskKeyExchangeModes { modes: &short });
        extension!(PreSharedKeyServerHello { selected_identity: number });
        extension!(MaxEarlyData { size });
        extension!(Cookie { cookie: &long });
        extension!(RenegotiationInfo { renegotiated_connection: &short[1..] });
        extension!(SessionTicket { ticket: &long[1..] });
        extension!(EcPointFormats { formats: &short });
        extension!(RecordSizeLimit { limit: number });
    }

    #[test]
    fn extensions_of_lists_round_trip(
        numbers in vec(any::<u16>(), 1..100),
        shares in vec((any::<u16>(), bytes(1..140)), 0..5),
        names in vec(bytes(1..=255), 1..5),
    ) {
        let groups: Vec<_> = numbers.iter().copied().map(NamedGroup).collect();
        let schemes: Vec<_> = numbers.iter().copied().map(SignatureScheme).collect();
        let names: Vec<_> = names.iter().map(|name| Opaque8(name)).collect();
        let shares: Vec<_> = shares
            .iter()
            .map(|(group, public)| KeyShareEntry { group: NamedGroup(*group), public })
            .collect();
        extension!(SupportedGroups { groups: List::of(&groups) });
        extension!(SignatureAlgorithms { schemes: List::of(&schemes) });
        extension!(SupportedVersionsClientHello { versions: List::of(&numbers) });
        extension!(Alpn { protocols: List::of(&names) });
        extension!(KeyShareClientHello { shares: List::of(&shares) });
        for share in shares {
            extension!(KeyShareServerHello { share });
        }
    }

    #[test]
    fn pre_shared_keys_round_trip_and_have_the_length_of_their_binders(
        identities in vec((bytes(1..100), any::<u32>()), 1..4),
        binders in vec(bytes(32..=255), 1..4),
    ) {
        let identities: Vec<_> = identities
            .iter()
            .map(|(identity, age)| PskIdentity { identity, obfuscated_ticket_age: *age })
            .collect();
        let binders: Vec<_> = binders.iter().map(|binder| Opaque8(binder)).collect();
        let psk = PreSharedKeyClientHello {
            identities: List::of(&identities),
            binders: List::of(&binders),
        };
        extension!(psk);

        let extensions = ExtensionsBuf::new().with(&ExtendedMasterSecret).with(&psk);
        let hello = ClientHello {
            legacy_version: VERSION_TLS12,
            random: &[0; 32],
            session_id: &[],
            cipher_suites: List::of(&[CipherSuite::TLS_AES_128_GCM_SHA256]),
            compression_methods: &[0],
            extensions: extensions.view(),
        };
        message!(hello);
        let message = hello.to_message();
        let binders_len = hello.binders_len()?.unwrap_or(0);
        let mut truncated = message[..message.len() - binders_len].to_vec();
        psk.encode_binders(&mut truncated);
        prop_assert_eq!(truncated, message);
    }

    #[test]
    fn extension_lists_find_the_first_of_a_kind(extensions in extensions()) {
        let buffer = buffer(&extensions);
        let mut seen = Vec::new();
        let mut duplicate = None;
        for (kind, data) in &extensions {
            if seen.contains(kind) {
                duplicate = duplicate.or(Some(ExtensionType(*kind)));
            } else {
                prop_assert_eq!(buffer.view().find(ExtensionType(*kind)), Some(&data[..]));
                seen.push(*kind);
            }
        }
        prop_assert_eq!(buffer.view().duplicate(), duplicate);
        prop_assert_eq!(buffer.view().iter().count(), extensions.len());
    }
}

#[test]
fn messages_without_content_round_trip() -> Result<(), TestCaseError> {
    message!(HelloRequest);
    message!(ServerHelloDone);
    message!(EndOfEarlyData);
    message!(KeyUpdate { requested: false });
    message!(KeyUpdate { requested: true });
    Ok(())
}

#[test]
fn extensions_without_data_round_trip() -> Result<(), TestCaseError> {
    extension!(ServerNameAck);
    extension!(EarlyData);
    extension!(ExtendedMasterSecret);
    Ok(())
}
