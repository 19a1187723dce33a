#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use protocol::{
    Alert, ApiCall, ApiState, Direction, EarlyData, End, ErrorClass, HabitKind, Io, Moved,
    Presented, Role, Tls12Close,
};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning, Reason};

use super::*;
use crate::{
    Call, Delivered, Edition, Event, Judgement, Kind, Kinds, Profile, Sent, Setup, Span, Transport,
    judge_each,
};

const KEY_UPDATE: HandshakeType = HandshakeType(24);
const BAD_RECORD_MAC: AlertDescription = AlertDescription(20);
const UNNAMED: AlertDescription = AlertDescription(201);

const REASONS: [Reason; 32] = [
    Reason::BadTag,
    Reason::WrongKeys,
    Reason::Unprotected,
    Reason::Reflected,
    Reason::WrongSequence,
    Reason::OuterType,
    Reason::HeaderVersion,
    Reason::Short,
    Reason::CiphertextOverflow,
    Reason::PlaintextOverflow,
    Reason::InnerOverflow,
    Reason::SizeLimit,
    Reason::AllPadding,
    Reason::EmptyInner,
    Reason::UnknownInnerType,
    Reason::UnknownOuterType,
    Reason::EmptyHandshake,
    Reason::EmptyAlert,
    Reason::AlertOneByte,
    Reason::AlertTrailing,
    Reason::Interleaved,
    Reason::LateChangeCipherSpec,
    Reason::ProtectedChangeCipherSpec,
    Reason::ChangeCipherSpecValue,
    Reason::KeyUpdateValue,
    Reason::EarlyKeyUpdate,
    Reason::Unaligned,
    Reason::UnexpectedMessage(KEY_UPDATE),
    Reason::Malformed(HandshakeType(99)),
    Reason::BadFinished,
    Reason::EarlyApplicationData,
    Reason::Garbage,
];

fn origin() -> Origin {
    Origin {
        subject: "mine".into(),
        instance: "half-close/ping-pong@server,1.3,whole,plain".into(),
        bug: Some("Idle(Open) fin -".into()),
        capabilities: vec![Capability::States, Capability::Left],
    }
}

fn setups() -> [Setup; 2] {
    let plain = Setup {
        role: Role::Client,
        version: protocol::Version::Tls13,
        habit: None,
        pieces: false,
        profile: Profile::default(),
        early_written: 0,
        record_size_limit: None,
        key_limit: None,
        fragment_size: None,
        early_limit: 0,
    };
    let full = Setup {
        role: Role::Server,
        version: protocol::Version::Tls12,
        habit: Some(HabitKind::Contract),
        pieces: true,
        profile: Profile {
            tls12_close: Tls12Close::Full,
            edition: Edition::Bis,
        },
        early_written: 1,
        record_size_limit: Some(2),
        key_limit: Some(u64::MAX),
        fragment_size: Some(4),
        early_limit: 5,
    };
    [plain, full]
}

/// Every event with every meaning, content and reason, on two connections.
fn everything() -> Transcript {
    let mut all = Transcript::new();
    let [first, second] = setups();
    all.open(first);
    received(&mut all);
    sent(&mut all);
    all.open(second);
    all.cut(false);
    called(&mut all);
    reported(&mut all);
    all.push(Event::Crash);
    all.push(Event::Hang);
    all
}

fn received(all: &mut Transcript) {
    let meanings = [
        Meaning::Handshake(KEY_UPDATE),
        Meaning::HandshakePart,
        Meaning::ChangeCipherSpec,
        Meaning::Data,
        Meaning::EarlyData,
        Meaning::ExcessEarlyData,
        Meaning::CloseNotify,
        Meaning::UserCanceled,
        Meaning::Warning(UNNAMED),
        Meaning::Error(BAD_RECORD_MAC),
        Meaning::KeyUpdate { requested: true },
        Meaning::Ticket,
        Meaning::RenegotiationRequest,
        Meaning::Unknown,
    ];
    let epochs = [
        Epoch::Plain,
        Epoch::Early,
        Epoch::Handshake,
        Epoch::Application(7),
    ];
    let invalid = REASONS.map(Meaning::Invalid);
    let epochs = epochs.iter().cycle();
    for ((at, meaning), epoch) in meanings.iter().chain(&invalid).enumerate().zip(epochs) {
        let content = all.store(&vec![at as u8; at % 3]);
        all.push(Event::Delivered(Delivered {
            meaning: *meaning,
            content,
            header: [23, 3, 3, 1, at as u8],
            length: 261 + at as u32,
            epoch: *epoch,
            sequence: u64::MAX - at as u64,
        }));
    }
    for how in [Transport::Fin, Transport::Reset] {
        all.push(Event::Transport { how, partial: 3 });
    }
}

fn sent(all: &mut Transcript) {
    let alert = |description| Content::Alert {
        level: 2,
        description,
    };
    let contents = [
        Content::Handshake(HandshakeType(1)),
        Content::HandshakePart,
        Content::KeyUpdate { requested: false },
        Content::ChangeCipherSpec,
        Content::Data,
        alert(AlertDescription(0)),
        alert(UNNAMED),
        Content::Undecryptable,
        Content::Malformed { content_type: 9 },
    ];
    for (at, content) in contents.into_iter().enumerate() {
        let bytes = all.store(&[at as u8]);
        all.push(Event::Sent(Sent {
            content,
            bytes,
            header: [at as u8; 5],
            length: 6,
            epoch: (at % 2 == 0).then_some(Epoch::Application(at as u32)),
            sequence: 1,
            explicit_nonce: (at % 3 == 0).then_some(at as u64),
        }));
    }
    all.push(Event::SentFin);
    all.push(Event::Accepted { bytes: 9 });
}

fn called(all: &mut Transcript) {
    let bytes = all.store(b"written");
    let calls = [
        Call::Write(bytes),
        Call::CloseWrite,
        Call::UpdateKeys,
        Call::Settle(Presented::Same),
        Call::Settle(Presented::Empty),
        Call::Export,
        Call::Drop,
    ];
    calls
        .into_iter()
        .for_each(|call| all.push(Event::Called(call)));
    for (read, room) in [(None, None), (Some(0), None), (None, Some(17))] {
        all.push(Event::Limited(Io { read, room }));
    }
}

fn reported(all: &mut Transcript) {
    for early in [
        EarlyData::None,
        EarlyData::Accepted,
        EarlyData::Rejected,
        EarlyData::Unknown,
    ] {
        all.push(Event::HandshakeDone {
            version: protocol::Version::Tls13,
            suite: 0x1301,
            resumed: true,
            early,
        });
    }
    let span = all.store(b"early, data, left, exported");
    for event in [
        Event::EarlyData(span),
        Event::Data(Span {
            end: span.start + 4,
            ..span
        }),
        Event::Left(Span::default()),
        Event::Exported(span),
        Event::Unsupported,
    ] {
        all.push(event);
    }
    for how in [End::Clean, End::Truncated, End::Reset] {
        all.push(Event::End(how));
    }
    let alert = Alert {
        direction: Direction::Sent,
        description: 50,
    };
    for alert in [None, Some(alert)] {
        all.push(Event::Failed {
            class: ErrorClass::DecodeError,
            alert,
        });
    }
    all.push(Event::Refused {
        call: ApiCall::CloseWrite,
        class: ErrorClass::WouldBlock,
    });
    for name in [
        ApiState::ReadTraffic,
        ApiState::ReadEarlyData,
        ApiState::PeerClosed,
        ApiState::Closed,
        ApiState::EncodeTlsData,
        ApiState::TransmitTlsData,
        ApiState::BlockedHandshake,
        ApiState::WriteTraffic,
    ] {
        all.push(Event::State {
            name,
            shown: 4,
            discarded: 2,
        });
    }
    all.push(Event::TooSmall {
        call: ApiCall::Write,
        room: 1,
        needed: 2,
        touched: true,
    });
    all.push(Event::Wants {
        read: true,
        write: false,
    });
    let moved = |read| Moved { read, written: 4 };
    all.push(Event::Helped {
        said: moved(0),
        moved: moved(3),
        blocked: true,
    });
}

/// An event without the place of its bytes, and the bytes.
fn placeless<'a>(event: &Event, transcript: &'a Transcript) -> (Event, &'a [u8]) {
    let mut event = *event;
    let span = match &mut event {
        Event::Called(Call::Write(span))
        | Event::Delivered(Delivered { content: span, .. })
        | Event::Sent(Sent { bytes: span, .. })
        | Event::EarlyData(span)
        | Event::Data(span)
        | Event::Left(span)
        | Event::Exported(span) => std::mem::take(span),
        _ => Span::default(),
    };
    (event, transcript.bytes(span))
}

fn verdicts(transcript: &Transcript) -> Vec<String> {
    let mut judgements: Vec<Judgement> = Vec::new();
    judge_each(transcript, &mut judgements);
    judgements
        .iter()
        .map(|it| format!("{} {:?}", it.requirement.id, it.verdict))
        .collect()
}

#[test]
fn everything_reads_back_as_it_was_written() {
    let written = everything();
    let line = line(&origin(), &written).unwrap();
    assert!(!line.contains('\n'));
    let stored = parse(&line).unwrap();
    assert_eq!(stored.origin, origin());
    let read = stored.transcript;
    assert_eq!(read.events().len(), written.events().len());
    for (read_event, event) in read.events().iter().zip(written.events()) {
        assert_eq!(placeless(read_event, &read), placeless(event, &written));
    }
    assert_eq!(verdicts(&read), verdicts(&written));
    assert!(!verdicts(&read).is_empty());
}

#[test]
fn the_transcript_of_these_tests_has_every_kind_of_event() {
    let mut kinds = Kinds::NONE;
    for event in everything().events() {
        kinds.insert(event.kind());
    }
    // `Opened` is the last kind.
    let all = (1 << (Kind::Opened as u64 + 1)) - 1;
    assert_eq!(kinds.0, all, "{:#b} are missing", all & !kinds.0);
}

#[test]
fn reading_rejects_damaged_lines_without_a_panic() {
    let line = line(&origin(), &everything()).unwrap();
    for end in (0..line.len()).step_by(41) {
        let problem = parse(&line[..end]).unwrap_err();
        assert!(problem.contains("incomplete"), "{end}: {problem}");
    }
    for at in (0..line.len()).step_by(23) {
        for byte in *b"\"0z}- " {
            let mut damaged = line.clone().into_bytes();
            damaged[at] = byte;
            // Some changes result in another valid transcript.
            let _ = decode(&damaged);
        }
    }
}

#[test]
fn errors_name_the_file_the_line_and_what_to_do() {
    let good = line(&origin(), &everything()).unwrap();
    let newer = good.replacen("\"format\":1", "\"format\":2,\"new\":0", 1);
    let header = good.replacen("\"header\":\"17", "\"header\":\"1717", 1);
    let alert = good.replacen("bad_record_mac", "bad_record_tag", 1);
    for (bad, words) in [
        (newer.as_bytes(), "use the program that wrote them"),
        (header.as_bytes(), "a header has five bytes"),
        (alert.as_bytes(), "no alert is called 'bad_record_tag'"),
        (b"{\"format\":1}", "missing field"),
        (b"{\"format\":1", "delete it"),
        (b"[]", "lastword run --transcripts"),
        (b"\xff", "not UTF-8"),
        (b"\x1f\x8b\x08", "gzip -dc"),
    ] {
        let mut file = format!("{good}\n\n").into_bytes();
        file.extend_from_slice(bad);
        let error = read("x.jsonl", &*file).find_map(Result::err).unwrap();
        let text = error.to_string();
        assert!(text.starts_with("x.jsonl:3: "), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn empty_lines_are_no_transcripts() {
    let good = line(&origin(), &Transcript::new()).unwrap();
    let file = format!("\n{good}\r\n  \n{good}");
    let numbers: Vec<usize> = numbered("x", file.as_bytes())
        .map(|it| it.unwrap().0)
        .collect();
    assert_eq!(numbers, [2, 4]);
}
