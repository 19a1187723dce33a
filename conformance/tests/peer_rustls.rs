//! The peer interoperates with rustls in every kind of handshake, in this process.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use closure::{Axes, Build, Cut, Event, Transcript};
use peer::crypto::kx::Group;
use peer::crypto::suite::Suite;
use protocol::{EarlyData, Role, Version};
use scenario::{InProcess, Play, Script, play};
use wire::{Content, Epoch, HandshakeType};

const ROLES: [Role; 2] = [Role::Client, Role::Server];
const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];

/// Data in both directions, on an established connection.
const TALK: &str = r#"
    peer write "question"
    app write "answer"
    peer write " again"
"#;

/// The facts in the transcript of one connection that these tests check.
struct Told {
    suite: u16,
    resumed: bool,
    early: EarlyData,
    early_data: Vec<u8>,
    received: Vec<u8>,
    /// The application data of the subject, with the epoch of its keys.
    sent: Vec<(Epoch, Vec<u8>)>,
    handshake: Vec<HandshakeType>,
    /// The application had data on the wire before the handshake was done.
    sent_before_done: bool,
}

impl Told {
    fn sent_text(&self) -> Vec<u8> {
        self.sent
            .iter()
            .flat_map(|(_, bytes)| bytes.clone())
            .collect()
    }

    /// Taken from the messages, because the API of a client does not report it for 0-RTT data.
    fn took_early_data_for_accepted(&self) -> bool {
        self.handshake.contains(&HandshakeType::END_OF_EARLY_DATA)
    }

    fn assert_talk(&self, what: &str) {
        assert_eq!(self.received, b"question again", "{what}");
        assert_eq!(self.sent_text(), b"answer", "{what}");
    }
}

fn run(role: Role, version: Version, cut: Cut, text: &str) -> Vec<Told> {
    let what = format!("{role:?} {version:?} {cut:?}: {text}");
    let script = Script::parse(text).unwrap();
    let axes = Axes {
        cut,
        ..Axes::baseline(role, version, Build::Plain)
    };
    let mut transcript = Transcript::new();
    let mut port = InProcess(rustls_subject::unbuffered());
    let plan = Play {
        script: &script,
        axes: &axes,
        habit: None,
        profile: closure::Profile::default(),
        handshake_too: true,
        seed: 1,
    };
    let played = play(&plan, &mut port, &mut transcript).unwrap();
    assert_eq!(played.peer_failure, None, "{what}\n{transcript:#?}");
    let told: Vec<_> = connections(&transcript)
        .map(|events| tell(&transcript, events, version, &what))
        .collect();
    let connects = text.lines().filter(|line| line.trim() == "connect").count();
    assert_eq!(told.len(), connects + 1, "{what}");
    told
}

/// The events of each connection.
fn connections(transcript: &Transcript) -> impl Iterator<Item = &[Event]> {
    let from = transcript
        .events()
        .iter()
        .position(|event| matches!(event, Event::Opened(_)));
    let events = &transcript.events()[from.unwrap_or(0)..];
    events.chunk_by(|_, next| !matches!(next, Event::Opened(_)))
}

fn tell(transcript: &Transcript, events: &[Event], version: Version, what: &str) -> Told {
    let mut told = Told {
        suite: 0,
        resumed: false,
        early: EarlyData::Unknown,
        early_data: Vec::new(),
        received: Vec::new(),
        sent: Vec::new(),
        handshake: Vec::new(),
        sent_before_done: false,
    };
    let mut done = false;
    for event in events {
        match *event {
            Event::HandshakeDone {
                version: agreed,
                suite,
                resumed,
                early,
            } => {
                assert!(!done, "{what}: done twice");
                assert_eq!(agreed, version, "{what}");
                done = true;
                (told.suite, told.resumed, told.early) = (suite, resumed, early);
            }
            Event::Data(span) => told.received.extend_from_slice(transcript.bytes(span)),
            Event::EarlyData(span) => told.early_data.extend_from_slice(transcript.bytes(span)),
            Event::Sent(record) => match record.content {
                Content::Data => {
                    told.sent_before_done |= !done;
                    let bytes = transcript.bytes(record.bytes).to_vec();
                    told.sent.push((record.epoch.unwrap(), bytes));
                }
                Content::Handshake(kind) => told.handshake.push(kind),
                Content::Undecryptable | Content::Malformed { .. } | Content::Alert { .. } => {
                    panic!("{what}: {record:?}\n{transcript:#?}")
                }
                _ => {}
            },
            Event::Failed { .. }
            | Event::Refused { .. }
            | Event::Unsupported
            | Event::Crash
            | Event::Hang => panic!("{what}: {event:?}\n{transcript:#?}"),
            _ => {}
        }
    }
    assert!(done, "{what}: not done\n{transcript:#?}");
    told
}

/// One connection.
fn one(role: Role, version: Version, text: &str) -> Told {
    run(role, version, Cut::Whole, text).pop().unwrap()
}

#[test]
fn every_suite_and_group_is_agreed_on_in_both_roles() {
    for role in ROLES {
        for suite in Suite::ALL {
            let version = match suite.version {
                wire::Version::Tls12 => Version::Tls12,
                wire::Version::Tls13 => Version::Tls13,
            };
            for group in Group::ALL {
                let (suite, group) = (suite.id.0, group.id().0);
                let text = format!("set suite {suite}\nset group {group}\nhandshake\n{TALK}");
                let told = one(role, version, &text);
                assert_eq!(told.suite, suite, "{role:?}");
                told.assert_talk(&format!("{role:?} {suite:#06x} {group}"));
            }
        }
    }
}

#[test]
fn the_handshake_may_come_in_any_pieces() {
    for role in ROLES {
        for version in VERSIONS {
            for cut in [
                Cut::PerRecord,
                Cut::Bytewise,
                Cut::Random(1),
                Cut::Random(2),
            ] {
                let told = run(role, version, cut, &format!("handshake\n{TALK}"));
                told[0].assert_talk(&format!("{role:?} {version:?} {cut:?}"));
            }
        }
    }
}

#[test]
fn a_hello_retry_request_is_answered() {
    for role in ROLES {
        for ccs in ["", "set middlebox-ccs\n"] {
            let text = format!("set hello-retry\n{ccs}handshake\n{TALK}");
            let told = one(role, Version::Tls13, &text);
            told.assert_talk(&format!("{role:?}"));
            // Both hellos, or both answers to them.
            let hello = match role {
                Role::Client => HandshakeType::CLIENT_HELLO,
                Role::Server => HandshakeType::SERVER_HELLO,
            };
            let hellos = told.handshake.iter().filter(|kind| **kind == hello).count();
            assert_eq!(hellos, 2, "{role:?} {:?}", told.handshake);
        }
    }
}

#[test]
fn a_client_proves_who_it_is() {
    for role in ROLES {
        for version in VERSIONS {
            let told = one(
                role,
                version,
                &format!("set client-auth\nhandshake\n{TALK}"),
            );
            told.assert_talk(&format!("{role:?} {version:?}"));
        }
    }
}

#[test]
fn a_session_is_resumed() {
    for role in ROLES {
        for version in VERSIONS {
            for tickets in [1, 2] {
                let text =
                    format!("set tickets {tickets}\nhandshake\n{TALK}connect\nhandshake\n{TALK}");
                let what = format!("{role:?} {version:?}, {tickets} tickets");
                let told = run(role, version, Cut::Whole, &text);
                assert!(!told[0].resumed, "{what}");
                assert!(told[1].resumed, "{what}");
                told[0].assert_talk(&what);
                told[1].assert_talk(&what);
            }
        }
    }
}

/// The peer, as a client, sends its 0-RTT data directly after its `ClientHello`.
const EARLY: &str = r#"
    transport hold
    handshake
    peer write "early" epoch early
    transport release
    handshake
"#;

#[test]
fn early_data_is_accepted() {
    let first = format!("set tickets 1\nset early-data accept 1000\nhandshake\n{TALK}connect\n");
    let server = run(
        Role::Server,
        Version::Tls13,
        Cut::Whole,
        &format!("{first}{EARLY}{TALK}"),
    );
    assert_eq!(server[1].early, EarlyData::Accepted);
    assert_eq!(server[1].early_data, b"early");
    server[1].assert_talk("server");

    let text = format!("set early-write \"early\"\n{first}handshake\n{TALK}");
    let client = run(Role::Client, Version::Tls13, Cut::Whole, &text);
    assert!(client[1].took_early_data_for_accepted());
    assert_eq!(client[1].sent[0], (Epoch::Early, b"early".to_vec()));
    assert_eq!(client[1].sent_text(), b"earlyanswer");
}

#[test]
fn early_data_is_rejected_and_the_connection_goes_on() {
    let first = format!("set tickets 1\nset early-data reject\nhandshake\n{TALK}connect\n");
    let server = run(
        Role::Server,
        Version::Tls13,
        Cut::Whole,
        &format!("{first}{EARLY}{TALK}"),
    );
    assert_ne!(server[1].early, EarlyData::Accepted);
    assert_eq!(server[1].early_data, b"");
    server[1].assert_talk("server");

    let text = format!("set early-write \"early\"\n{first}handshake\n{TALK}");
    let client = run(Role::Client, Version::Tls13, Cut::Whole, &text);
    assert!(!client[1].took_early_data_for_accepted());
    assert_eq!(client[1].sent[0], (Epoch::Early, b"early".to_vec()));
    assert_eq!(client[1].received, b"question again");
}

#[test]
fn early_data_is_lost_where_another_client_hello_is_asked_for() {
    let first = format!(
        "set tickets 1\nset early-data accept 1000\nset hello-retry\nhandshake\n{TALK}connect\n"
    );
    let server = run(
        Role::Server,
        Version::Tls13,
        Cut::Whole,
        &format!("{first}{EARLY}{TALK}"),
    );
    assert_ne!(server[1].early, EarlyData::Accepted);
    assert_eq!(server[1].early_data, b"");
    server[1].assert_talk("server");

    let text = format!("set early-write \"early\"\n{first}handshake\n{TALK}");
    let client = run(Role::Client, Version::Tls13, Cut::Whole, &text);
    assert!(!client[1].took_early_data_for_accepted());
    // The peer can still decrypt rejected data.
    assert_eq!(client[1].sent[0], (Epoch::Early, b"early".to_vec()));
    assert_eq!(client[1].received, b"question again");
}

#[test]
fn keys_are_updated_from_either_side() {
    for role in ROLES {
        let text = r#"
            handshake
            peer key-update request
            peer write "one "
            app write "a"
            app update-keys
            app write "b"
            peer key-update
            peer write "two "
            peer key-update request
            peer write "three"
            app write "c"
        "#;
        let told = one(role, Version::Tls13, text);
        assert_eq!(told.received, b"one two three", "{role:?}");
        let application = |generation, text: &[u8]| (Epoch::Application(generation), text.to_vec());
        let expected = [
            application(1, b"a"),
            application(2, b"b"),
            application(3, b"c"),
        ];
        assert_eq!(told.sent, expected, "{role:?}");
    }
}

#[test]
fn a_server_writes_before_the_client_has_finished() {
    let text =
        format!("set half-rtt\nhandshake until finished\napp write \"soon \"\nhandshake\n{TALK}");
    let server = one(Role::Server, Version::Tls13, &text);
    assert!(server.sent_before_done);
    assert_eq!(server.sent_text(), b"soon answer");

    let text = format!(
        "transport hold\nhandshake\npeer write \"soon \"\ntransport release\nhandshake\n{TALK}"
    );
    let client = one(Role::Client, Version::Tls13, &text);
    assert_eq!(client.received, b"soon question again");
}

#[test]
fn long_transfers_arrive_whole_in_both_directions() {
    for role in ROLES {
        for version in VERSIONS {
            let text = "handshake\npeer write 100000\napp write 100000";
            let told = one(role, version, text);
            let pattern: Vec<u8> = (0..100_000_usize).map(|i| (i % 251) as u8).collect();
            assert_eq!(told.received, pattern, "{role:?} {version:?}");
            assert_eq!(told.sent_text(), pattern, "{role:?} {version:?}");
        }
    }
}
