//! Tests of the key schedule and the record layer against the traces of RFC 8448.

mod trace;

use peer::crypto::hash::{Hash, Output};
use peer::crypto::kx::{Group, KeyPair};
use peer::crypto::schedule13::{Early, PskKind, finished, ticket_psk};
use peer::crypto::suite::Suite;
use peer::protect::{Keyring, Seal};
use trace::{Trace, content, split};
use wire::{ContentType, Epoch};

const SUITE: Suite = Suite::TLS_AES_128_GCM_SHA256;
const HASH: Hash = Hash::Sha256;

fn section3() -> Trace {
    Trace::parse(include_str!("data/rfc8448-section3.txt"))
}

fn section4() -> Trace {
    Trace::parse(include_str!("data/rfc8448-section4.txt"))
}

fn transcript(messages: &[&[u8]]) -> Output {
    HASH.digest(&messages.concat())
}

fn expanded<'a>(trace: &'a Trace, side: &str, label: &str) -> &'a [u8] {
    trace.get(
        &format!("{side}: derive secret \"tls13 {label}\""),
        "expanded",
    )
}

fn key_pair(trace: &Trace, side: &str) -> KeyPair {
    let step = format!("{side}: create an ephemeral x25519 key pair");
    let private = trace
        .get(&step, "private key")
        .try_into()
        .expect("32 bytes");
    let pair = KeyPair::from_private(Group::X25519, &private).expect("any bytes are valid");
    assert_eq!(**pair.public(), *trace.get(&step, "public key"));
    pair
}

/// The keys of both directions from the key schedule. Every step is compared with the trace.
struct Schedule {
    client: Keyring,
    server: Keyring,
    resumption: Output,
}

fn schedule(trace: &Trace, psk: Option<&[u8]>) -> Schedule {
    let hello = trace.records("client: send handshake record")[0].0;
    let server_hello = trace.get(
        "server: construct a ServerHello handshake message",
        "ServerHello",
    );
    let server_flight = trace.records("server: send handshake record")[1].0;
    let server_finished = trace.get("server: construct a Finished handshake message", "Finished");
    let client_finished = trace.get("client: construct a Finished handshake message", "Finished");
    let end_of_early_data = trace
        .all(
            "client: construct an EndOfEarlyData handshake message",
            "EndOfEarlyData",
        )
        .concat();

    let shared = key_pair(trace, "client").agree(key_pair(trace, "server").public());
    let shared = shared.expect("a valid share");
    assert_eq!(
        shared,
        trace.get("server: extract secret \"handshake\"", "IKM")
    );

    let early = Early::new(HASH, psk);
    let handshake = early.handshake(&shared);
    assert_eq!(
        **handshake.secret(),
        *trace.get("server: extract secret \"handshake\"", "secret")
    );
    let master = handshake.master();
    assert_eq!(
        **master.secret(),
        *trace.get("server: extract secret \"master\"", "secret")
    );

    let to_server_hello = transcript(&[hello, server_hello]);
    let client_handshake = handshake.client_traffic(&to_server_hello);
    let server_handshake = handshake.server_traffic(&to_server_hello);
    assert_eq!(
        *client_handshake,
        *expanded(trace, "server", "c hs traffic")
    );
    assert_eq!(
        *server_handshake,
        *expanded(trace, "server", "s hs traffic")
    );

    let before_finished = &server_flight[..server_flight.len() - server_finished.len()];
    let mac = transcript(&[hello, server_hello, before_finished]);
    assert_eq!(
        *finished(HASH, &server_handshake, &mac),
        server_finished[4..]
    );

    let to_server_finished = transcript(&[hello, server_hello, server_flight]);
    let client_application = master.client_traffic(&to_server_finished);
    let server_application = master.server_traffic(&to_server_finished);
    assert_eq!(
        *client_application,
        *expanded(trace, "server", "c ap traffic")
    );
    assert_eq!(
        *server_application,
        *expanded(trace, "server", "s ap traffic")
    );
    let exporter = master.exporter(&to_server_finished);
    assert_eq!(*exporter, *expanded(trace, "server", "exp master"));

    let before = [hello, server_hello, server_flight, &end_of_early_data];
    let mac = transcript(&before);
    assert_eq!(
        *finished(HASH, &client_handshake, &mac),
        client_finished[4..]
    );
    let mut all = before.to_vec();
    all.push(client_finished);
    let resumption = master.resumption(&transcript(&all));
    assert_eq!(*resumption, *expanded(trace, "client", "res master"));

    let (mut client, mut server) = (Keyring::new(), Keyring::new());
    client.install_handshake(SUITE, client_handshake);
    client.install_application(SUITE, client_application);
    server.install_handshake(SUITE, server_handshake);
    server.install_application(SUITE, server_application);
    Schedule {
        client,
        server,
        resumption,
    }
}

/// Opens the record and seals its content again. Both results must agree with the trace.
fn check_record(
    keys: &mut Keyring,
    epoch: Epoch,
    content_type: ContentType,
    (payload, record): (&[u8], &[u8]),
) {
    let mut sealed = Vec::new();
    let mut again = keys.clone();
    again
        .seal(epoch, &Seal::new(content_type, payload), &mut sealed)
        .expect("keys")
        .expect("a short record");
    assert_eq!(const_hex::encode(sealed), const_hex::encode(record));

    let (header, mut body) = split(record);
    let opened = keys
        .open(epoch, header, &mut body)
        .expect("keys")
        .expect("the record opens");
    assert_eq!(content(&opened, &body), (content_type, payload));
    assert_eq!(opened.padding, 0);
    assert_eq!(keys.sequence(epoch), again.sequence(epoch));
}

const APPLICATION: Epoch = Epoch::Application(0);

#[test]
fn the_full_handshake_has_the_secrets_of_section_3() {
    let trace = section3();
    let early = Early::new(HASH, None);
    assert_eq!(
        **early.secret(),
        *trace.get("server: extract secret \"early\"", "secret")
    );
    let schedule = schedule(&trace, None);

    let ticket = "server: generate resumption secret \"tls13 resumption\"";
    let psk = ticket_psk(HASH, &schedule.resumption, &[0, 0]).expect("a short nonce");
    assert_eq!(*psk, *trace.get(ticket, "expanded"));
}

#[test]
fn every_protected_record_of_section_3_opens_and_seals_the_same() {
    let trace = section3();
    let Schedule {
        mut client,
        mut server,
        ..
    } = schedule(&trace, None);

    let from_server = trace.records("server: send handshake record");
    check_record(
        &mut server,
        Epoch::Plain,
        ContentType::HANDSHAKE,
        from_server[0],
    );
    check_record(
        &mut server,
        Epoch::Handshake,
        ContentType::HANDSHAKE,
        from_server[1],
    );
    let from_client = trace.records("client: send handshake record");
    check_record(
        &mut client,
        Epoch::Handshake,
        ContentType::HANDSHAKE,
        from_client[1],
    );
    check_record(
        &mut server,
        APPLICATION,
        ContentType::HANDSHAKE,
        from_server[2],
    );

    data_and_close(&trace, &mut client, &mut server);
}

#[test]
fn the_resumed_handshake_has_the_secrets_of_section_4() {
    let trace = section4();
    let psk = trace.get("client: extract secret \"early\"", "IKM");
    let early = Early::new(HASH, Some(psk));
    assert_eq!(
        **early.secret(),
        *trace.get("client: extract secret \"early\"", "secret")
    );

    let binder = "client: calculate PSK binder";
    let binder_key = early.binder_key(PskKind::Resumption);
    assert_eq!(*binder_key, *trace.get(binder, "PRK"));
    let prefix = HASH.digest(trace.get(binder, "ClientHello prefix"));
    assert_eq!(*prefix, *trace.get(binder, "binder hash"));
    assert_eq!(
        *finished(HASH, &binder_key, &prefix),
        *trace.get(binder, "finished")
    );
    assert_ne!(binder_key, early.binder_key(PskKind::External));

    let hello = HASH.digest(trace.records("client: send handshake record")[0].0);
    assert_eq!(
        *early.client_traffic(&hello),
        *expanded(&trace, "client", "c e traffic")
    );
    assert_eq!(
        *early.exporter(&hello),
        *expanded(&trace, "client", "e exp master")
    );
    schedule(&trace, Some(psk));
}

#[test]
fn every_protected_record_of_section_4_opens_and_seals_the_same() {
    let trace = section4();
    let psk = trace.get("client: extract secret \"early\"", "IKM");
    let Schedule {
        mut client,
        mut server,
        ..
    } = schedule(&trace, Some(psk));

    let from_client = trace.records("client: send handshake record");
    let hello = HASH.digest(from_client[0].0);
    client.install_early(SUITE, Early::new(HASH, Some(psk)).client_traffic(&hello));
    let data = trace.records("client: send application_data record");
    check_record(
        &mut client,
        Epoch::Early,
        ContentType::APPLICATION_DATA,
        data[0],
    );

    let from_server = trace.records("server: send handshake record");
    check_record(
        &mut server,
        Epoch::Handshake,
        ContentType::HANDSHAKE,
        from_server[1],
    );
    check_record(
        &mut client,
        Epoch::Early,
        ContentType::HANDSHAKE,
        from_client[1],
    );
    check_record(
        &mut client,
        Epoch::Handshake,
        ContentType::HANDSHAKE,
        from_client[2],
    );

    data_and_close(&trace, &mut client, &mut server);
}

/// The end of both traces: data in both directions, then `close_notify` in both directions.
fn data_and_close(trace: &Trace, client: &mut Keyring, server: &mut Keyring) {
    for (side, keys) in [("client", client), ("server", server)] {
        let data = trace.records(&format!("{side}: send application_data record"));
        let last = *data.last().expect("a data record");
        check_record(keys, APPLICATION, ContentType::APPLICATION_DATA, last);
        let close = trace.records(&format!("{side}: send alert record"));
        check_record(keys, APPLICATION, ContentType::ALERT, close[0]);
        assert_eq!(close[0].0, [1, 0]);
    }
}

/// Section 5 has P-256, and a transcript that restarts with the hash of the first `ClientHello`.
#[test]
fn the_handshake_after_a_retry_has_the_secrets_of_section_5() {
    let trace = Trace::parse(include_str!("data/rfc8448-section5.txt"));
    let pair = |side: &str| {
        let step = format!("{side}: create an ephemeral P-256 key pair");
        let private = trace
            .get(&step, "private key")
            .try_into()
            .expect("32 bytes");
        let pair = KeyPair::from_private(Group::Secp256r1, &private).expect("in range");
        assert_eq!(**pair.public(), *trace.get(&step, "public key"));
        pair
    };
    let shared = pair("client")
        .agree(pair("server").public())
        .expect("a valid share");
    let handshake = Early::new(HASH, None).handshake(&shared);
    assert_eq!(
        **handshake.secret(),
        *trace.get("server: extract secret \"handshake\"", "secret")
    );

    let client = trace.all(
        "client: construct a ClientHello handshake message",
        "ClientHello",
    );
    let server = trace.all(
        "server: construct a ServerHello handshake message",
        "ServerHello",
    );
    let mut running = HASH.start();
    running.update(client[0]);
    running.replace_with_message_hash();
    for message in [server[0], client[1]] {
        running.update(message);
    }
    let ahead = running.with(server[1]);
    running.update(server[1]);
    assert_eq!(running.current(), ahead);
    assert_eq!(
        *handshake.client_traffic(&ahead),
        *expanded(&trace, "server", "c hs traffic")
    );
    assert_eq!(
        *handshake.server_traffic(&ahead),
        *expanded(&trace, "server", "s hs traffic")
    );
}
