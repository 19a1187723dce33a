//! The plain habit, end to end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

mod pair;

use pair::{begin, habits, open, Log, Pair, VERSIONS};
use protocol::{
    ApiState, Command, EarlyData, End, ErrorClass, HabitKind, Io, Observation, Presented, Profile,
    Role, Subject, Tls12Close, Version, PLAIN_HABIT,
};

const FREE: Io = Io {
    read: None,
    room: None,
};

/// Half-close in both directions, as in rustls issue 1895, and the mirror image.
fn ping_pong(pair: &mut Pair) {
    let bytes = [pair.client.write(b"q"), pair.client.close()].concat();
    pair.serve(&bytes);
    assert_eq!(pair.server.log.data(), b"q");
    assert_eq!(pair.server.log.ends(), [End::Clean]);
    let bytes = [pair.server.write(b"answer"), pair.server.close()].concat();
    pair.answer(&bytes);
    assert_eq!(pair.client.log.data(), b"answer");
    assert_eq!(pair.client.log.ends(), [End::Clean]);
    for log in [&pair.client.log, &pair.server.log] {
        assert_eq!(log.failures(), []);
        assert_eq!(log.refusals(), []);
    }
}

fn is_state(name: ApiState) -> impl Fn(&Observation<'static>) -> bool {
    move |o| matches!(o, Observation::State { name: n, .. } if *n == name)
}

fn last_left(log: &Log) -> usize {
    let left = log.seen.iter().rev().find_map(|o| match o {
        Observation::Left { bytes } => Some(bytes.len()),
        _ => None,
    });
    left.unwrap_or(0)
}

#[test]
fn each_side_can_answer_after_the_other_has_closed() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        ping_pong(&mut pair);
        assert_eq!(pair.client.log.count(is_state(ApiState::Closed)), 1);
        assert_eq!(pair.server.log.count(is_state(ApiState::Closed)), 1);
    }
}

#[test]
fn the_server_can_close_first() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let bytes = pair.server.close();
        pair.answer(&bytes);
        assert_eq!(pair.client.log.ends(), [End::Clean]);
        let bytes = pair.client.write(b"still here");
        pair.serve(&bytes);
        assert_eq!(pair.server.log.data(), b"still here");
    }
}

#[test]
fn bytewise_delivery_changes_nothing() {
    for version in VERSIONS {
        let mut pair = Pair::new(&begin(version));
        pair.bytewise = true;
        pair.connect(PLAIN_HABIT, b"");
        ping_pong(&mut pair);
    }
}

#[test]
fn every_contract_habit_gives_the_same_conversation() {
    for habit in habits(HabitKind::Contract) {
        for version in VERSIONS {
            for bytewise in [false, true] {
                let mut pair = Pair::new(&begin(version));
                pair.bytewise = bytewise;
                pair.connect(&habit, b"");
                ping_pong(&mut pair);
            }
        }
    }
}

#[test]
fn no_abuse_habit_stops_the_driver() {
    for habit in habits(HabitKind::Abuse) {
        for version in VERSIONS {
            let mut pair = Pair::new(&begin(version));
            pair.connect(PLAIN_HABIT, b"");
            let mut late = Pair::new(&begin(version));
            for (seat, role) in [
                (&mut late.client, Role::Client),
                (&mut late.server, Role::Server),
            ] {
                let Command::Open(mut command) = open(role, &habit, b"") else {
                    panic!("not an open");
                };
                command.habit_after_handshake = true;
                seat.tell(Command::Open(command));
            }
            let hello = late.client.log.sent();
            late.serve(&hello);
            let bytes = [late.client.write(b"q"), late.client.close()].concat();
            late.serve(&bytes);
        }
    }
}

#[test]
fn a_small_output_is_refused_untouched_and_then_served() {
    let mut pair = Pair::new(&begin(Version::Tls13));
    pair.connect("small-output", b"");
    let untouched = pair.client.log.count(|o| {
        matches!(
            o,
            Observation::TooSmall { touched: false, room, needed, .. } if room < needed
        )
    });
    assert!(untouched >= 6, "{untouched}");
}

#[test]
fn a_session_is_resumed_with_a_ticket() {
    for version in VERSIONS {
        let mut begin = begin(version);
        begin.tickets = 1;
        let mut pair = Pair::connected(&begin);
        assert!(!pair.client.log.handshake().0);
        ping_pong(&mut pair);
        pair.connect(PLAIN_HABIT, b"");
        assert!(pair.client.log.handshake().0);
        assert!(pair.server.log.handshake().0);
        ping_pong(&mut pair);
    }
}

#[test]
fn without_tickets_no_session_is_resumed() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        pair.connect(PLAIN_HABIT, b"");
        assert!(!pair.client.log.handshake().0);
    }
}

#[test]
fn a_ticket_expires_when_the_clock_says_so() {
    let mut begin = begin(Version::Tls13);
    begin.tickets = 1;
    let mut pair = Pair::connected(&begin);
    for seat in [&mut pair.client, &mut pair.server] {
        seat.tell(Command::AdvanceClock {
            seconds: 8 * 24 * 3600,
        });
    }
    pair.connect(PLAIN_HABIT, b"");
    assert!(!pair.client.log.handshake().0);
}

#[test]
fn early_data_is_delivered() {
    let mut begin = begin(Version::Tls13);
    begin.tickets = 1;
    begin.early_data = 1000;
    for habit in [PLAIN_HABIT, "peek", "present-record"] {
        let mut pair = Pair::connected(&begin);
        pair.connect(habit, b"in a hurry");
        assert_eq!(pair.server.log.early(), b"in a hurry");
        assert_eq!(pair.server.log.handshake(), (true, EarlyData::Accepted));
        let accepted = Observation::Accepted { bytes: 10 };
        assert!(pair.client.log.seen.contains(&accepted));
        ping_pong(&mut pair);
    }
}

#[test]
fn early_data_without_a_session_is_not_offered() {
    let mut begin = begin(Version::Tls13);
    begin.early_data = 1000;
    let mut pair = Pair::new(&begin);
    pair.connect(PLAIN_HABIT, b"in a hurry");
    assert_eq!(pair.client.log.handshake(), (false, EarlyData::None));
}

#[test]
fn a_large_write_arrives_whole() {
    let bytes: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let sent = pair.client.write(&bytes);
        pair.serve(&sent);
        assert!(pair.server.log.data() == bytes);
        let too_small = pair
            .client
            .log
            .count(|o| matches!(o, Observation::TooSmall { .. }));
        assert_eq!(too_small, 0);
    }
}

#[test]
fn small_fragments_fit_into_the_room_that_is_offered() {
    let mut begin = begin(Version::Tls13);
    begin.fragment_size = Some(64);
    let mut pair = Pair::connected(&begin);
    let sent = pair.client.write(&[7; 5000]);
    pair.serve(&sent);
    assert_eq!(pair.server.log.data(), [7; 5000]);
    let too_small = pair
        .client
        .log
        .count(|o| matches!(o, Observation::TooSmall { .. }));
    assert_eq!(too_small, 0);
}

#[test]
fn the_key_limit_is_kept_by_a_key_update() {
    let mut begin = begin(Version::Tls13);
    begin.key_limit = Some(8);
    let mut pair = Pair::connected(&begin);
    for _ in 0..30 {
        let sent = pair.client.write(b"x");
        pair.serve(&sent);
    }
    assert_eq!(pair.server.log.data(), [b'x'; 30]);
}

#[test]
fn pending_output_is_sent_first_later() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let first = pair.client.tell(Command::Write {
            bytes: b"hello"[..].into(),
            io: Io {
                room: Some(3),
                ..FREE
            },
        });
        assert_eq!(first.len(), 3);
        let rest = pair.client.close();
        pair.serve(&[first, rest].concat());
        assert_eq!(pair.server.log.data(), b"hello");
        assert_eq!(pair.server.log.ends(), [End::Clean]);
    }
}

#[test]
fn a_handshake_goes_on_through_a_narrow_transport() {
    for version in VERSIONS {
        let mut pair = Pair::new(&begin(version));
        let narrow = Io {
            room: Some(100),
            ..FREE
        };
        pair.server.tell(open(Role::Server, PLAIN_HABIT, b""));
        let mut to_server = pair.client.tell(open(Role::Client, PLAIN_HABIT, b""));
        for _ in 0..50 {
            let to_client = pair.server.feed_within(&to_server, narrow);
            to_server = pair.client.feed_within(&to_client, narrow);
        }
        pair.client.log.handshake();
        pair.server.log.handshake();
        ping_pong(&mut pair);
    }
}

#[test]
fn a_slow_application_reads_everything_in_order_and_then_the_end() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let bytes = [
            pair.client.write(b"abcdef"),
            pair.client.write(b"ghi"),
            pair.client.close(),
        ]
        .concat();
        let two = Io {
            read: Some(2),
            ..FREE
        };
        pair.server.feed_within(&bytes, two);
        assert_eq!(pair.server.log.data(), b"ab");
        assert_eq!(pair.server.log.ends(), []);
        for expected in ["abcd", "abcdef", "abcdefgh"] {
            pair.server.settle(Presented::Same, two);
            assert_eq!(pair.server.log.data(), expected.as_bytes());
        }
        pair.server.tell(Command::Eof {
            io: Io {
                read: Some(0),
                ..FREE
            },
        });
        assert_eq!(pair.server.log.ends(), []);
        pair.server.settle(Presented::Same, FREE);
        assert_eq!(pair.server.log.data(), b"abcdefghi");
        assert_eq!(pair.server.log.ends(), [End::Clean]);
    }
}

#[test]
fn transport_eof_and_reset_are_distinguished() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        pair.client.tell(Command::Eof { io: FREE });
        assert_eq!(pair.client.log.ends(), [End::Truncated]);
        pair.server.tell(Command::Reset { io: FREE });
        assert_eq!(pair.server.log.ends(), [End::Reset]);

        let mut pair = Pair::new(&begin(version));
        pair.client.tell(open(Role::Client, PLAIN_HABIT, b""));
        pair.client.tell(Command::Eof { io: FREE });
        assert_eq!(pair.client.log.failures(), [ErrorClass::HandshakeEof]);

        let mut pair = Pair::connected(&begin(version));
        let bytes = pair.client.close();
        pair.serve(&bytes);
        pair.server.tell(Command::Eof { io: FREE });
        assert_eq!(pair.server.log.ends(), [End::Clean]);
    }
}

#[test]
fn writing_during_the_handshake_is_refused() {
    let mut pair = Pair::new(&begin(Version::Tls13));
    pair.client.tell(open(Role::Client, PLAIN_HABIT, b""));
    pair.client.write(b"too early");
    assert_eq!(pair.client.log.refusals(), [ErrorClass::NotNow]);
}

#[test]
fn a_half_rtt_server_may_write_before_the_handshake_is_done() {
    let mut begin = begin(Version::Tls13);
    begin.half_rtt = true;
    let mut pair = Pair::new(&begin);
    pair.server.tell(open(Role::Server, PLAIN_HABIT, b""));
    let hello = pair.client.tell(open(Role::Client, PLAIN_HABIT, b""));
    let flight = pair.server.feed(&hello);
    let early = pair.server.write(b"soon");
    assert_eq!(pair.server.log.refusals(), []);
    pair.answer(&[flight, early].concat());
    assert_eq!(pair.client.log.data(), b"soon");
    pair.server.log.handshake();
}

#[test]
fn key_updates_are_sent_and_used() {
    let mut pair = Pair::connected(&begin(Version::Tls13));
    let update = pair.client.tell(Command::UpdateKeys { io: FREE });
    assert!(!update.is_empty());
    let data = pair.client.write(b"under new keys");
    pair.serve(&[update, data].concat());
    assert_eq!(pair.server.log.data(), b"under new keys");
}

#[test]
fn one_alert_answers_a_corrupt_record_and_the_rest_is_presented_later() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let mut bad = pair.client.write(b"x");
        *bad.last_mut().unwrap() ^= 1;
        let alert = pair.server.feed(&bad);
        assert_eq!(pair.server.log.failures(), [ErrorClass::DecryptError]);
        pair.client.feed(&alert);
        let received = pair.client.log.failures();
        assert_eq!(received, [ErrorClass::AlertReceived]);
        assert_eq!(last_left(&pair.server.log), 0);
        assert_eq!(pair.server.feed(b""), b"");
    }
}

#[test]
fn a_corrupt_record_among_others_causes_one_alert() {
    for version in VERSIONS {
        let mut pair = Pair::connected(&begin(version));
        let mut bad = pair.client.write(b"x");
        *bad.last_mut().unwrap() ^= 1;
        let more = pair.client.write(b"y");
        let alert = pair.server.feed(&[bad, more].concat());
        pair.client.feed(&alert);
        assert_eq!(pair.client.log.failures(), [ErrorClass::AlertReceived]);
        pair.server.write(b"z");
        assert_eq!(pair.server.log.refusals(), [ErrorClass::AlreadyFailed]);
    }
}

#[test]
fn half_a_handshake_message_stays_before_a_failure() {
    let mut pair = Pair::new(&begin(Version::Tls13));
    pair.server.tell(open(Role::Server, PLAIN_HABIT, b""));
    // The start of a ClientHello, then something that is not a record.
    pair.server
        .feed(&[22, 3, 1, 0, 8, 1, 0, 0, 100, 3, 3, 1, 2]);
    pair.server.feed(&[99, 3, 3, 0, 1, 0]);
    pair.server.feed(&[23, 3, 3]);
    pair.server.tell(Command::Eof { io: FREE });
    assert_eq!(
        pair.server.log.failures().first(),
        Some(&ErrorClass::DecodeError)
    );
}

#[test]
fn the_full_profile_closes_both_halves_in_tls12() {
    let mut begin = begin(Version::Tls12);
    begin.profile = Profile {
        tls12_close: Tls12Close::Full,
    };
    let mut pair = Pair::connected(&begin);
    let bytes = pair.client.close();
    pair.serve(&bytes);
    assert_eq!(pair.client.log.ends(), [End::Clean]);
    pair.server.write(b"late");
    assert_eq!(pair.server.log.refusals(), [ErrorClass::WriteClosed]);
}

#[test]
fn data_after_a_pending_record_can_be_discarded_under_the_full_profile() {
    let mut begin = begin(Version::Tls12);
    begin.profile = Profile {
        tls12_close: Tls12Close::Full,
    };
    let mut pair = Pair::connected(&begin);
    let blocked = Io {
        room: Some(0),
        ..FREE
    };
    pair.client.tell(Command::Write {
        bytes: vec![7; 40_000].into(),
        io: blocked,
    });
    let record = |o: &Observation<'_>| matches!(o, Observation::Accepted { bytes: 16384 });
    assert_eq!(pair.client.log.count(record), 1);
    assert_eq!(pair.client.log.refusals(), [ErrorClass::WouldBlock]);
}

#[test]
fn a_client_certificate_is_requested() {
    for version in VERSIONS {
        let mut begin = begin(version);
        begin.client_auth = true;
        ping_pong(&mut Pair::connected(&begin));
    }
}

#[test]
fn the_requested_suite_and_group_are_used() {
    for (version, suite) in [(Version::Tls12, 0xc02b), (Version::Tls13, 0x1303)] {
        let mut begin = begin(version);
        begin.suites = vec![suite];
        begin.groups = vec![23];
        let pair = Pair::connected(&begin);
        let used = pair.client.log.seen.iter().find_map(|o| match o {
            Observation::HandshakeDone { suite, .. } => Some(*suite),
            _ => None,
        });
        assert_eq!(used, Some(suite));
    }
}

#[test]
fn impossible_commands_are_reported_as_unsupported() {
    let mut subject = rustls_subject::unbuffered();
    let mut log = Log::default();
    subject.command(Command::CloseWrite { io: FREE }, &mut log);
    subject.command(open(Role::Client, PLAIN_HABIT, b""), &mut log);
    let mut odd = begin(Version::Tls13);
    odd.suites = vec![0x1304];
    subject.command(Command::Begin(std::borrow::Cow::Owned(odd)), &mut log);
    let fine = begin(Version::Tls13);
    subject.command(Command::Begin(std::borrow::Cow::Owned(fine)), &mut log);
    subject.command(open(Role::Client, "no-such-habit", b""), &mut log);
    subject.command(Command::Export { length: 32 }, &mut log);
    assert_eq!(log.pieces, 6);
    assert_eq!(log.seen.len(), 5);
    let unsupported = log.count(|o| matches!(o, Observation::Unsupported { .. }));
    assert_eq!(unsupported, 5);
}

#[test]
fn the_reported_version_is_the_locked_version() {
    let lock = include_str!("../../../Cargo.lock");
    let package = format!(
        "name = \"rustls\"\nversion = \"{}\"",
        rustls_subject::version()
    );
    assert!(lock.contains(&package));
}

#[test]
fn an_abuse_habit_can_start_after_the_handshake() {
    let mut pair = Pair::new(&begin(Version::Tls13));
    for (seat, role) in [
        (&mut pair.client, Role::Client),
        (&mut pair.server, Role::Server),
    ] {
        let Command::Open(mut command) = open(role, "retry-fresh", b"") else {
            panic!("not an open");
        };
        command.habit_after_handshake = true;
        seat.tell(Command::Open(command));
    }
    let hello = pair.client.log.sent();
    pair.serve(&hello);
    let is_small = |o: &Observation<'static>| matches!(o, Observation::TooSmall { .. });
    assert_eq!(pair.client.log.count(is_small), 0);
    pair.client.write(b"x");
    assert_eq!(pair.client.log.count(is_small), 1);
}
