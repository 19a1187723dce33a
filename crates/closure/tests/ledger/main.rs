//! Small transcripts, and the moments that the ledger must produce.
//!
//! Each line of a table is an event and, after the bar, the differences from an open connection
//! after the event.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

use closure::ledger::{
    Application, Blame, Breach, Early, Failure, Half, Ledger, Moment, Reading, Skipped, Stage,
    Told, Way,
};
use closure::{Call, Delivered, Event, Profile, Sent, Setup, Transcript, Transport};
use protocol::{ApiCall, EarlyData, End, ErrorClass, Io, Presented, Role, Tls12Close, Version};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning, Reason};

mod breaches;
mod moments;

fn setup(version: Version) -> Setup {
    Setup {
        role: Role::Client,
        version,
        habit: None,
        pieces: false,
        profile: Profile::default(),
        early_written: 0,
        record_size_limit: None,
        key_limit: None,
        fragment_size: None,
        early_limit: 0,
    }
}

/// Adds one event, described in a few words.
fn push(transcript: &mut Transcript, words: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let event = match words[..] {
        ["done"] => Event::HandshakeDone {
            version: Version::Tls13,
            suite: 0x1301,
            resumed: false,
            early: EarlyData::None,
        },
        ["peer", "message", what] => {
            let (kind, bytes) = message(what);
            peer(transcript, Meaning::Handshake(kind), &bytes)
        }
        ["sends", "message", what] => {
            let (kind, bytes) = message(what);
            own(transcript, Content::Handshake(kind), &bytes)
        }
        ["sends", "part", what] => {
            let (_, bytes) = message(what);
            own(transcript, Content::HandshakePart, &bytes[..6])
        }
        ["sends", "rest", what] => {
            let (kind, bytes) = message(what);
            own(transcript, Content::Handshake(kind), &bytes[6..])
        }
        ["peer", "early", text] => {
            let mut event = peer(transcript, Meaning::EarlyData, text.as_bytes());
            if let Event::Delivered(record) = &mut event {
                record.epoch = Epoch::Early;
            }
            event
        }
        ["tells", "early", text] => Event::EarlyData(transcript.store(text.as_bytes())),
        ["peer", "data", text] => peer(transcript, Meaning::Data, text.as_bytes()),
        ["peer", what] => {
            let (meaning, content): (_, &[u8]) = match what {
                "error" => (Meaning::Error(AlertDescription::INTERNAL_ERROR), &[2, 80]),
                "finished" => (Meaning::Handshake(HandshakeType::FINISHED), &[]),
                "close" => (Meaning::CloseNotify, &[1, 0]),
                "fatal-close" => (Meaning::CloseNotify, &[2, 0]),
                "warning" => (Meaning::Warning(AlertDescription(100)), &[1, 100]),
                "cancel" => (Meaning::UserCanceled, &[1, 90]),
                "key-update" => (Meaning::KeyUpdate { requested: true }, &[24, 0, 0, 1, 1]),
                "part" => (Meaning::HandshakePart, &[4, 0]),
                "bad" => (Meaning::Invalid(Reason::BadTag), &[]),
                "unknown" => (Meaning::Unknown, &[]),
                other => panic!("{other}"),
            };
            peer(transcript, meaning, content)
        }
        ["app", "write", text] => Event::Called(Call::Write(transcript.store(text.as_bytes()))),
        ["app", "close"] => Event::Called(Call::CloseWrite),
        ["app", "drop"] => Event::Called(Call::Drop),
        ["app", "update"] => Event::Called(Call::UpdateKeys),
        ["app", "export"] => Event::Called(Call::Export),
        ["app", "settle"] => Event::Called(Call::Settle(Presented::Same)),
        ["limit", room, read] => Event::Limited(Io {
            room: room.parse().ok(),
            read: read.parse().ok(),
        }),
        ["fin"] => transport(Transport::Fin),
        ["reset"] => transport(Transport::Reset),
        ["sends", "data", text] => own(transcript, Content::Data, text.as_bytes()),
        ["sends", "close"] => own(transcript, alert(1, 0), &[1, 0]),
        ["sends", "error"] => own(transcript, alert(2, 20), &[2, 20]),
        ["sends", "cancel"] => own(transcript, alert(1, 90), &[1, 90]),
        ["sends", "data", text, "nonce", nonce] => {
            let sent = own(transcript, Content::Data, text.as_bytes());
            let Event::Sent(record) = sent else {
                unreachable!()
            };
            Event::Sent(Sent {
                explicit_nonce: nonce.parse().ok(),
                ..record
            })
        }
        ["sends", "key-update"] => {
            let update = Content::KeyUpdate { requested: false };
            own(transcript, update, &[24, 0, 0, 1, 0])
        }
        ["sends", "key-request"] => {
            let update = Content::KeyUpdate { requested: true };
            own(transcript, update, &[24, 0, 0, 1, 1])
        }
        ["sends", "no-renegotiation"] => own(transcript, alert(1, 100), &[1, 100]),
        ["sends", "handshake", kind] => {
            let kind = HandshakeType(kind.parse().unwrap());
            own(transcript, Content::Handshake(kind), &[kind.0, 0, 0, 0])
        }
        ["sends", "fin"] => Event::SentFin,
        ["accepts", bytes] => Event::Accepted {
            bytes: bytes.parse().unwrap(),
        },
        ["refuses", "write"] => refused(ApiCall::Write),
        ["refuses", "close"] => refused(ApiCall::CloseWrite),
        ["refuses", "process"] => refused(ApiCall::Process),
        ["blocks", "write"] => Event::Refused {
            call: ApiCall::Write,
            class: ErrorClass::WouldBlock,
        },
        ["tells", text] => Event::Data(transcript.store(text.as_bytes())),
        ["ends", "clean"] => Event::End(End::Clean),
        ["ends", "truncated"] => Event::End(End::Truncated),
        ["fails", "again"] => Event::Failed {
            class: ErrorClass::AlreadyFailed,
            alert: None,
        },
        ["ends", "reset"] => Event::End(End::Reset),
        ["fails"] => Event::Failed {
            class: ErrorClass::DecryptError,
            alert: None,
        },
        ["fails", "truncated"] => Event::Failed {
            class: ErrorClass::Truncated,
            alert: None,
        },
        ["rests"] => Event::Wants {
            read: true,
            write: false,
        },
        _ => panic!("{words:?}"),
    };
    transcript.push(event);
}

/// A handshake message.
fn message(what: &str) -> (HandshakeType, Vec<u8>) {
    const EARLY_DATA: &[u8] = &[0, 4, 0, 42, 0, 0];
    let hello = |random: &[u8], rest: &[&[u8]]| [&[3, 3], random, &rest.concat()].concat();
    let (kind, body) = match what {
        "client-hello" => (
            HandshakeType::CLIENT_HELLO,
            hello(&[7; 32], &[&[0, 0, 2, 0x13, 1, 1, 0], EARLY_DATA]),
        ),
        "server-hello" => (
            HandshakeType::SERVER_HELLO,
            hello(&[7; 32], &[&[0, 0x13, 1, 0, 0, 0]]),
        ),
        "retry" => (
            HandshakeType::SERVER_HELLO,
            hello(&wire::ServerHello::RETRY_RANDOM, &[&[0, 0x13, 1, 0, 0, 0]]),
        ),
        "accepts" => (HandshakeType::ENCRYPTED_EXTENSIONS, EARLY_DATA.to_vec()),
        "rejects" => (HandshakeType::ENCRYPTED_EXTENSIONS, vec![0, 0]),
        "end" => (HandshakeType::END_OF_EARLY_DATA, Vec::new()),
        "finished" => (HandshakeType::FINISHED, vec![7; 32]),
        other => panic!("{other}"),
    };
    let header = [kind.0, 0, 0, body.len() as u8];
    (kind, [&header[..], &body].concat())
}

fn alert(level: u8, description: u8) -> Content {
    Content::Alert {
        level,
        description: AlertDescription(description),
    }
}

fn transport(how: Transport) -> Event {
    Event::Transport { how, partial: 0 }
}

fn refused(call: ApiCall) -> Event {
    Event::Refused {
        call,
        class: ErrorClass::NotNow,
    }
}

fn peer(transcript: &mut Transcript, meaning: Meaning, content: &[u8]) -> Event {
    Event::Delivered(Delivered {
        meaning,
        content: transcript.store(content),
        header: [0; 5],
        length: content.len() as u32 + 22,
        epoch: Epoch::Application(0),
        sequence: 0,
    })
}

fn own(transcript: &mut Transcript, content: Content, bytes: &[u8]) -> Event {
    Event::Sent(Sent {
        content,
        bytes: transcript.store(bytes),
        header: [0; 5],
        length: bytes.len() as u32 + 22,
        epoch: Some(Epoch::Application(0)),
        sequence: 0,
        explicit_nonce: None,
    })
}

/// The differences from an open connection.
fn describe(moment: &Moment) -> String {
    let mut words = Vec::new();
    let mut add = |is: bool, word: &str| {
        if is {
            words.push(word.to_owned());
        }
    };
    add(moment.stage == Stage::Handshake, "handshake");
    add(moment.stage == Stage::Finished, "finished");
    for (whose, half) in [("own", moment.own), ("peer", moment.peer)] {
        let state = format!("{whose}-{half:?}").to_lowercase();
        add(half != Half::Open, &state);
    }
    add(moment.reading == Reading::MayStop, "may-stop-reading");
    add(moment.application == Application::Paused, "paused");
    add(moment.application == Application::Dropped, "dropped");
    for (which, way) in [("output", moment.output), ("input", moment.input)] {
        let state = format!("{which}-{way:?}").to_lowercase();
        add(way != Way::Free, &state);
    }
    add(moment.trailing.is_some(), "trailing");
    add(moment.blame == Blame::Leave, "may-fail");
    add(moment.blame == Blame::Must, "must-fail");
    add(moment.failure == Failure::Caused, "failed");
    add(moment.failure == Failure::Uncaused, "failed-without-cause");
    add(moment.told == Told::Clean, "told-clean");
    add(moment.told == Told::Cut, "told-cut");
    add(moment.has_canceled, "canceled");
    add(moment.peer_canceled, "peer-canceled");
    add(moment.peer_alerted, "peer-alerted");
    add(moment.peer_gave_up, "peer-gave-up");
    add(moment.in_message, "in-message");
    let owed = moment.owed;
    add(owed.alert, "owes-alert");
    add(owed.close, "owes-close");
    add(owed.end, "owes-end");
    add(owed.key_update, "owes-key-update");
    add(owed.key_update_is_due, "key-update-is-due");
    add(owed.unsent > 0, &format!("unsent-{}", owed.unsent));
    add(owed.untold > 0, &format!("untold-{}", owed.untold));
    add(
        moment.own_keys > 0,
        &format!("own-keys-{}", moment.own_keys),
    );
    add(
        moment.peer_keys > 0,
        &format!("peer-keys-{}", moment.peer_keys),
    );
    add(moment.awaits_keys, "awaits-keys");
    add(moment.key_used_up, "key-used-up");
    add(moment.is_negotiated, "negotiated");
    add(moment.own_finished, "own-finished");
    let early = format!("early-{:?}", moment.early).to_lowercase();
    add(moment.early != Early::None, &early);
    let skipped = format!("skipped-{:?}", moment.skipped).to_lowercase();
    add(moment.skipped != Skipped::Within, &skipped);
    add(owed.early > 0, &format!("untold-early-{}", owed.early));
    add(moment.is_tainted, "tainted");
    words.join(" ")
}

/// Checks a table, and returns the ledger after its last event.
fn check_with(setup: Setup, table: &str) -> Ledger {
    let mut transcript = Transcript::new();
    transcript.open(setup);
    for line in table.lines().map(str::trim) {
        let (event, expected) = line.split_once('|').unwrap();
        push(&mut transcript, event);
        let connection = transcript.connections().last().unwrap();
        let found = describe(connection.ledger().now());
        assert_eq!(found, expected.trim(), "after {event:?} in\n{table}");
    }
    *transcript.connections().last().unwrap().ledger()
}

fn check(table: &str) -> Ledger {
    check_with(setup(Version::Tls13), table)
}

fn check_12(table: &str) -> Ledger {
    check_with(setup(Version::Tls12), table)
}
