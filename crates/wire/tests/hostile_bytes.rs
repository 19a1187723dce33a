//! No input makes a parser panic. If a parser accepts bytes, encoding the result gives the same
//! bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wire::*;

/// Arbitrary bytes, many of them small: small numbers are often valid lengths.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => Just(0_u8), 6 => 1_u8..24, 2 => any::<u8>()];
    prop_oneof![vec(byte, 0..120), vec(any::<u8>(), 0..400)]
}

fn hello() -> Vec<u8> {
    let share = KeyShareEntry {
        group: NamedGroup::X25519,
        public: &[9; 32],
    };
    let identity = PskIdentity {
        identity: b"ticket",
        obfuscated_ticket_age: 7,
    };
    let extensions = ExtensionsBuf::new()
        .with(&ServerName {
            host_name: b"localhost",
        })
        .with(&SupportedVersionsClientHello {
            versions: List::of(&[VERSION_TLS13]),
        })
        .with(&SupportedGroups {
            groups: List::of(&[NamedGroup::X25519]),
        })
        .with(&KeyShareClientHello {
            shares: List::of(&[share]),
        })
        .with(&Alpn {
            protocols: List::of(&[Opaque8(b"h2")]),
        })
        .with(&PreSharedKeyClientHello {
            identities: List::of(&[identity]),
            binders: List::of(&[Opaque8(&[1; 32])]),
        });
    let mut body = Vec::new();
    ClientHello {
        legacy_version: VERSION_TLS12,
        random: &[3; 32],
        session_id: &[4; 32],
        cipher_suites: List::of(&[CipherSuite::TLS_AES_128_GCM_SHA256]),
        compression_methods: &[0],
        extensions: extensions.view(),
    }
    .encode(&mut body);
    body
}

macro_rules! each {
    ($bytes:expr, $($type:ident),+ $(,)?) => {
        $(
            if let Ok(parsed) = $type::parse($bytes) {
                let mut again = Vec::new();
                parsed.encode(&mut again);
                let _ = format!("{parsed:?}");
                prop_assert_eq!(&again[..], $bytes, "{}", stringify!($type));
            }
        )+
    };
}

fn every_parser(bytes: &[u8]) -> Result<(), TestCaseError> {
    each!(
        bytes,
        Alert,
        EncryptedExtensions,
        Certificate13,
        Certificate12,
        CertificateRequest13,
        CertificateRequest12,
        CertificateVerify,
        ServerKeyExchange,
        ClientKeyExchange,
        Finished,
        HelloRequest,
        ServerHelloDone,
        EndOfEarlyData,
        KeyUpdate,
        NewSessionTicket13,
        NewSessionTicket12,
    );
    every_extension(bytes)?;
    hellos(bytes)?;
    if let Some((record, rest)) = split_record(bytes) {
        let mut again = Vec::new();
        record.encode(&mut again);
        again.extend_from_slice(rest);
        prop_assert_eq!(&again[..], bytes);
    }
    if let Some((message, consumed)) = split_handshake(bytes) {
        let mut again = Vec::new();
        message.encode(&mut again);
        prop_assert_eq!(&again[..], &bytes[..consumed]);
    }
    let _ = RecordHeader::parse(bytes);
    let _ = HandshakeHeader::parse(bytes);
    Ok(())
}

fn every_extension(data: &[u8]) -> Result<(), TestCaseError> {
    each!(
        data,
        Alpn,
        Cookie,
        EarlyData,
        EcPointFormats,
        ExtendedMasterSecret,
        KeyShareClientHello,
        KeyShareHelloRetryRequest,
        KeyShareServerHello,
        MaxEarlyData,
        PreSharedKeyClientHello,
        PreSharedKeyServerHello,
        PskKeyExchangeModes,
        RecordSizeLimit,
        RenegotiationInfo,
        ServerName,
        ServerNameAck,
        SessionTicket,
        SignatureAlgorithms,
        SupportedGroups,
        SupportedVersionsClientHello,
        SupportedVersionsServerHello,
    );
    Ok(())
}

/// Only hello messages have two encodings for "no extensions". The crate writes one of them.
fn hellos(bytes: &[u8]) -> Result<(), TestCaseError> {
    let short = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
    if let Ok(hello) = ClientHello::parse(bytes) {
        let mut again = Vec::new();
        hello.encode(&mut again);
        prop_assert!(again == bytes || hello.extensions.is_empty() && again == short);
        let _ = (hello.binders_len(), hello.extensions.duplicate());
        for extension in hello.extensions {
            every_extension(extension.data)?;
        }
    }
    if let Ok(hello) = ServerHello::parse(bytes) {
        let mut again = Vec::new();
        hello.encode(&mut again);
        prop_assert!(again == bytes || hello.extensions.is_empty() && again == short);
        let _ = hello.is_hello_retry_request();
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(5246),
        ..ProptestConfig::with_cases(2000)
    })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in hostile()) {
        every_parser(&bytes)?;
    }

    #[test]
    fn a_damaged_hello_never_panics(
        at: prop::sample::Index, byte: u8, cut: prop::sample::Index, behind in vec(any::<u8>(), 0..4),
    ) {
        let mut body = hello();
        let at = at.index(body.len());
        body[at] = byte;
        body.truncate(cut.index(body.len() * 2));
        body.extend_from_slice(&behind);
        every_parser(&body)?;
    }

    #[test]
    fn arbitrary_reads_never_panic(bytes in hostile(), reads in vec((0_u8..9, 0_usize..50), 0..20)) {
        let mut reader = Reader::new(&bytes);
        for (read, length) in reads {
            let before = reader;
            let failed = match read {
                0 => reader.u8("f").is_err(),
                1 => reader.u16("f").is_err(),
                2 => reader.u24("f").is_err(),
                3 => reader.u32("f").is_err(),
                4 => reader.bytes(length, "f").is_err(),
                5 => reader.vec8("f").is_err(),
                6 => reader.vec16("f").is_err(),
                7 => reader.vec24("f").is_err(),
                _ => reader.array::<12>("f").is_err(),
            };
            prop_assert_eq!(failed && reader != before, false, "an error must not move the cursor");
            prop_assert!(reader.len() <= before.len());
        }
    }
}
