//! The handshake messages of RFC 8448 parse, and encoding them gives the same bytes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use wire::*;

struct Trace {
    section: u8,
    name: &'static str,
    bytes: Vec<u8>,
}

fn traces() -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    for line in include_str!("data/rfc8448.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        if let Some(hex) = line.strip_prefix("  ") {
            let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            let bytes = (0..hex.len()).step_by(2).map(digits);
            traces.last_mut().unwrap().bytes.extend(bytes);
        } else {
            let (section, name) = line.split_once(' ').unwrap();
            traces.push(Trace {
                section: section.parse().unwrap(),
                name,
                bytes: Vec::new(),
            });
        }
    }
    traces
}

fn message(section: u8, name: &str, nth: usize) -> Vec<u8> {
    let found = |trace: &Trace| trace.section == section && trace.name == name;
    traces().into_iter().filter(found).nth(nth).unwrap().bytes
}

fn body(message: &[u8]) -> &[u8] {
    let (split, consumed) = split_handshake(message).unwrap();
    assert_eq!(consumed, message.len());
    split.body
}

fn again<'a, M: Message<'a>>(message: &'a [u8]) -> Vec<u8> {
    M::parse(body(message)).unwrap().to_message()
}

#[test]
fn every_message_round_trips() {
    let traces = traces();
    assert_eq!(traces.len(), 33);
    for Trace {
        section,
        name,
        bytes,
    } in &traces
    {
        let again = match *name {
            "ClientHello" => again::<ClientHello>(bytes),
            "ServerHello" => again::<ServerHello>(bytes),
            "EncryptedExtensions" => again::<EncryptedExtensions>(bytes),
            "CertificateRequest" => again::<CertificateRequest13>(bytes),
            "Certificate" => again::<Certificate13>(bytes),
            "CertificateVerify" => again::<CertificateVerify>(bytes),
            "Finished" => again::<Finished>(bytes),
            "NewSessionTicket" => again::<NewSessionTicket13>(bytes),
            "EndOfEarlyData" => again::<EndOfEarlyData>(bytes),
            name => unreachable!("{name} is not in the data"),
        };
        assert_eq!(again, *bytes, "{name} of section {section}");
    }
}

#[test]
fn the_hellos_of_the_simple_handshake_have_the_fields_of_the_rfc() {
    let hello = message(3, "ClientHello", 0);
    let hello = ClientHello::parse(body(&hello)).unwrap();
    assert_eq!(hello.legacy_version, VERSION_TLS12);
    assert!(hello.cipher_suites.iter().eq([
        CipherSuite::TLS_AES_128_GCM_SHA256,
        CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_AES_256_GCM_SHA384,
    ]));
    assert_eq!(hello.extensions.duplicate(), None);
    let name: ServerName = hello.extensions.get().unwrap().unwrap();
    assert_eq!(name.host_name, b"server");
    let versions: SupportedVersionsClientHello = hello.extensions.get().unwrap().unwrap();
    assert!(versions.versions.iter().eq([VERSION_TLS13]));
    let modes: PskKeyExchangeModes = hello.extensions.get().unwrap().unwrap();
    assert_eq!(modes.modes, [PskKeyExchangeModes::PSK_DHE_KE]);
    let limit: RecordSizeLimit = hello.extensions.get().unwrap().unwrap();
    assert_eq!(limit.limit, 0x4001);
    let shares: KeyShareClientHello = hello.extensions.get().unwrap().unwrap();
    assert!(
        shares
            .shares
            .iter()
            .map(|share| share.group)
            .eq([NamedGroup::X25519])
    );
    assert_eq!(hello.binders_len(), Ok(None));

    let hello = message(3, "ServerHello", 0);
    let hello = ServerHello::parse(body(&hello)).unwrap();
    assert!(!hello.is_hello_retry_request());
    let version: SupportedVersionsServerHello = hello.extensions.get().unwrap().unwrap();
    assert_eq!(version.version, VERSION_TLS13);
    let share: KeyShareServerHello = hello.extensions.get().unwrap().unwrap();
    assert_eq!(
        (share.share.group, share.share.public.len()),
        (NamedGroup::X25519, 32)
    );
}

#[test]
fn the_ticket_allows_early_data_and_its_hello_has_the_length_of_the_binders() {
    let ticket = message(3, "NewSessionTicket", 0);
    let ticket = NewSessionTicket13::parse(body(&ticket)).unwrap();
    assert_eq!((ticket.lifetime, ticket.nonce), (30, &[0, 0][..]));
    assert_eq!(ticket.max_early_data(), Ok(Some(1024)));

    let hello = message(4, "ClientHello", 0);
    let hello = ClientHello::parse(body(&hello)).unwrap();
    assert_eq!(hello.extensions.get(), Ok(Some(EarlyData)));
    let psk: PreSharedKeyClientHello = hello.extensions.get().unwrap().unwrap();
    assert!(
        psk.identities
            .iter()
            .map(|each| each.identity)
            .eq([ticket.ticket])
    );
    // The trace hashes 477 of the message's 512 bytes.
    assert_eq!(hello.binders_len(), Ok(Some(512 - 477)));
}

#[test]
fn the_retry_requests_another_group_and_a_cookie() {
    let retry = message(5, "ServerHello", 0);
    let retry = ServerHello::parse(body(&retry)).unwrap();
    assert!(retry.is_hello_retry_request());
    let share: KeyShareHelloRetryRequest = retry.extensions.get().unwrap().unwrap();
    assert_eq!(share.group, NamedGroup::SECP256R1);
    let asked: Cookie = retry.extensions.get().unwrap().unwrap();

    let hello = message(5, "ClientHello", 1);
    let hello = ClientHello::parse(body(&hello)).unwrap();
    assert_eq!(hello.extensions.get(), Ok(Some(asked)));
}
