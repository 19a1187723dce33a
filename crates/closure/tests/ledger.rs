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
    Application, Blame, Breach, Failure, Half, Ledger, Moment, Reading, Stage, Told, Way,
};
use closure::{Call, Delivered, Event, Profile, Sent, Setup, Transcript, Transport};
use protocol::{ApiCall, EarlyData, End, ErrorClass, Io, Presented, Role, Tls12Close, Version};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning, Reason};

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
        ["peer", "data", text] => peer(transcript, Meaning::Data, text.as_bytes()),
        ["peer", what] => {
            let (meaning, content): (_, &[u8]) = match what {
                "finished" => (Meaning::Handshake(HandshakeType::FINISHED), &[]),
                "close" => (Meaning::CloseNotify, &[1, 0]),
                "fatal-close" => (Meaning::CloseNotify, &[2, 0]),
                "warning" => (Meaning::Warning(AlertDescription(100)), &[1, 100]),
                "cancel" => (Meaning::UserCanceled, &[1, 90]),
                "key-update" => (Meaning::KeyUpdate { requested: true }, &[24, 0, 0, 1, 1]),
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
        ["sends", "key-update"] => {
            let update = Content::KeyUpdate { requested: false };
            own(transcript, update, &[24, 0, 0, 1, 0])
        }
        ["sends", "cancel"] => own(transcript, alert(1, 90), &[1, 90]),
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
        ["ends", "reset"] => Event::End(End::Reset),
        ["fails"] => Event::Failed {
            class: ErrorClass::DecryptError,
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
    add(moment.blame == Blame::Leave, "may-fail");
    add(moment.blame == Blame::Must, "must-fail");
    add(moment.failure == Failure::Caused, "failed");
    add(moment.failure == Failure::Uncaused, "failed-without-cause");
    add(moment.told == Told::Clean, "told-clean");
    add(moment.told == Told::Cut, "told-cut");
    let owed = moment.owed;
    add(owed.alert, "owes-alert");
    add(owed.close, "owes-close");
    add(owed.end, "owes-end");
    add(owed.truncation, "owes-truncation");
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
    add(moment.key_used_up, "key-used-up");
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

#[test]
fn both_halves_open_and_close() {
    check(
        "peer finished  | finished
         done           |
         app close      | own-closing owes-close
         sends close    | own-closed
         peer data abc  | own-closed untold-3
         tells abc      | own-closed
         peer close     | own-closed peer-closed owes-end
         ends clean     | own-closed peer-closed told-clean
         sends fin      | own-closed peer-closed output-ended told-clean",
    );
}

#[test]
fn a_refused_close_leaves_the_half_open() {
    check(
        "done           |
         app close      | own-closing owes-close
         refuses close  |
         app close      | own-closing owes-close
         app write x    | own-closing owes-close
         refuses write  | own-closing owes-close
         app close      | own-closing owes-close
         refuses close  | own-closing owes-close",
    );
}

#[test]
fn in_tls_1_2_a_closer_may_stop_reading() {
    check_12(
        "done           |
         app close      | own-closing owes-close
         sends close    | own-closed may-stop-reading
         peer bad       | own-closed may-stop-reading may-fail",
    );
    check_12(
        "done           |
         sends close    | own-closed may-stop-reading
         peer data abc  | own-closed may-stop-reading
         tells abc      | own-closed may-stop-reading
         peer close     | own-closed peer-closed",
    );
    // The transport EOF then counts as an ordinary end.
    check_12(
        "done           |
         sends close    | own-closed may-stop-reading
         fin            | own-closed peer-ended input-ended",
    );
}

#[test]
fn bytes_are_owed_until_they_have_left_or_were_reported() {
    let ledger = check(
        "done           |
         app write abc  |
         accepts 3      | unsent-3
         sends data ab  | unsent-1
         app write de   | unsent-1
         sends data cd  |
         sends data e   |
         accepts 2      |
         peer data abc  | untold-3
         peer data def  | untold-6
         tells abcd     | untold-2
         tells ef       |",
    );
    assert_eq!(ledger.sent_wrong().or(ledger.sent_beyond()), None);
    assert_eq!(ledger.told_wrong().or(ledger.told_beyond()), None);
}

#[test]
fn bytes_accepted_after_a_close_are_not_owed() {
    check(
        "done           |
         limit 0 -      | output-blocked
         app write ab   | output-blocked
         accepts 2      | output-blocked unsent-2
         app close      | own-closing output-blocked owes-close unsent-2
         app write cd   | own-closing output-blocked owes-close unsent-2
         accepts 2      | own-closing output-blocked owes-close unsent-2
         limit - -      | own-closing owes-close unsent-2
         app settle     | own-closing owes-close unsent-2
         sends data ab  | own-closing owes-close
         sends close    | own-closed",
    );
}

#[test]
fn wrong_and_extra_bytes_are_noticed() {
    let ledger = check(
        "done           |
         app write abc  |
         accepts 2      | unsent-2
         refuses write  | unsent-2
         app write de   | unsent-2
         accepts 2      | unsent-4
         sends data ab  | unsent-2
         sends data de  |
         sends data f   |",
    );
    assert_eq!((ledger.sent_wrong(), ledger.sent_beyond()), (None, Some(9)));
    let ledger = check(
        "done           |
         app write abc  |
         accepts 2      | unsent-2
         app settle     | unsent-2
         sends data ab  |
         sends data c   |",
    );
    assert_eq!((ledger.sent_wrong(), ledger.sent_beyond()), (None, Some(6)));
    let ledger = check(
        "done           |
         peer data abc  | untold-3
         tells ac       | untold-1
         tells x        |",
    );
    assert_eq!((ledger.told_wrong(), ledger.told_beyond()), (Some(3), None));
}

#[test]
fn output_is_blocked_until_there_is_room() {
    check(
        "done           |
         limit 0 -      | output-blocked
         app close      | own-closing output-blocked owes-close
         limit 7 -      | own-closing output-partlyleft owes-close
         app settle     | own-closing output-partlyleft owes-close
         limit 0 -      | own-closing output-partlyleft owes-close
         limit - -      | own-closing owes-close
         app settle     | own-closing owes-close
         sends close    | own-closed
         limit - 0      | own-closed paused
         reset          | own-closed peer-ended paused output-reset input-reset owes-truncation",
    );
}

#[test]
fn a_cause_to_fail_comes_in_two_strengths() {
    check(
        "done           |
         peer cancel    | may-fail
         fails          | own-failed peer-failed may-fail failed owes-alert
         sends error    | own-failed peer-failed may-fail failed",
    );
    check(
        "done           |
         peer bad       | must-fail
         peer data x    | must-fail
         sends error    | own-failed peer-failed must-fail failed",
    );
    check(
        "done           |
         peer close     | peer-closed owes-end
         ends clean     | peer-closed told-clean
         peer bad       | peer-closed may-fail told-clean",
    );
    // At the level that TLS 1.2 uses for errors.
    check_12(
        "done             |
         peer fatal-close | peer-closed may-fail",
    );
}

#[test]
fn what_is_survived_is_no_longer_a_cause() {
    check(
        "done           |
         peer cancel    | may-fail
         rests          |
         fails          | own-failed peer-failed failed-without-cause owes-alert",
    );
    // The record may not have been looked at while the application does not read.
    check(
        "done           |
         limit - 0      | paused
         peer cancel    | paused may-fail
         rests          | paused may-fail
         fails          | own-failed peer-failed paused may-fail failed owes-alert",
    );
    // Some implementations treat a second one as a flood.
    check_12(
        "done           |
         peer warning   | may-fail
         rests          |
         peer warning   | may-fail
         rests          | may-fail",
    );
}

#[test]
fn a_failure_needs_a_cause() {
    let ledger = check(
        "done           |
         fails          | own-failed peer-failed failed-without-cause owes-alert",
    );
    assert_eq!(ledger.uncaused_failure(), Some(2));
    // Part of a record that must be refused may have been the cause.
    let pieces = Setup {
        pieces: true,
        ..setup(Version::Tls13)
    };
    let ledger = check_with(
        pieces,
        "done           |
         fails          | own-failed peer-failed failed-without-cause owes-alert
         peer bad       | own-failed peer-failed failed-without-cause owes-alert",
    );
    assert_eq!(ledger.uncaused_failure(), None);
    let ledger = check(
        "done           |
         fin            | peer-ended input-ended owes-truncation
         fails          | own-failed peer-ended input-ended failed",
    );
    assert_eq!(ledger.uncaused_failure(), None);
}

#[test]
fn an_answer_to_a_key_update_is_due_at_the_next_call() {
    check(
        "done             |
         peer key-update  | owes-key-update peer-keys-1
         app write x      | owes-key-update key-update-is-due peer-keys-1
         sends key-update | own-keys-1 peer-keys-1
         sends data x     | own-keys-1 peer-keys-1
         accepts 1        | own-keys-1 peer-keys-1",
    );
    // The output may wait for room.
    check(
        "done             |
         limit 0 -        | output-blocked
         peer key-update  | output-blocked owes-key-update peer-keys-1
         app write x      | output-blocked owes-key-update peer-keys-1",
    );
}

#[test]
fn nothing_is_known_after_a_record_of_unknown_meaning() {
    check(
        "done           |
         peer unknown   | tainted
         app close      | tainted
         sends close    | tainted",
    );
}

#[test]
fn the_end_of_a_command_shows_at_the_next_call() {
    let mut transcript = Transcript::new();
    transcript.open(setup(Version::Tls13));
    let words = "done\npeer data x\npeer data y\ntells x\napp settle\ntells y\nrests\npeer close\n\
                 limit 0 -\napp settle\nlimit - -";
    words.lines().for_each(|line| push(&mut transcript, line));
    let connection = transcript.connections().last().unwrap();
    let rests: Vec<usize> = connection
        .moments()
        .filter_map(|(at, _, moment)| moment.at_rest.then_some(at))
        .collect();
    // At each call, at the report of rest and the record that follows it, and at each limit after
    // a command.
    assert_eq!(rests, [5, 7, 8, 9, 11]);
    assert!(!connection.last_moment().at_rest);
}

#[test]
fn a_key_near_its_limit_may_end_the_connection() {
    let limited = Setup {
        key_limit: Some(4),
        fragment_size: Some(64),
        ..setup(Version::Tls13)
    };
    check_with(
        limited,
        "done           |
         app write x    |
         sends data x   |
         accepts 1      |
         app write y    | key-used-up",
    );
}

#[test]
fn tls_1_2_may_discard_what_waits_when_the_peer_closes() {
    let full = Setup {
        profile: Profile {
            tls12_close: Tls12Close::Full,
            ..Profile::default()
        },
        ..setup(Version::Tls12)
    };
    let ledger = check_with(
        full,
        "done           |
         peer close     | peer-closed owes-end",
    );
    assert!(ledger.now().may_discard(&full));
    assert!(!ledger.now().may_discard(&setup(Version::Tls12)));
}

#[test]
fn a_dropped_connection_owes_nothing() {
    let ledger = check(
        "done           |
         app drop       | dropped",
    );
    assert!(!ledger.now().is_sound());
}

/// The ledger after these events, one after another.
fn after(setup: Setup, events: &str) -> Ledger {
    let mut transcript = Transcript::new();
    transcript.open(setup);
    let events = events.split(';').map(str::trim);
    events.for_each(|event| push(&mut transcript, event));
    *transcript.connections().last().unwrap().ledger()
}

/// Checks which of the breaches of `events` was noted first, by the number of the event.
#[track_caller]
fn breach(version: Version, events: &str, breach: Breach, at: Option<usize>) {
    let ledger = after(setup(version), events);
    assert_eq!(ledger.first(breach), at, "{breach:?} in {events}");
}

#[test]
fn output_after_a_failure_is_noticed_once_the_subject_has_come_to_rest() {
    let late = Breach::SendsAfterFailure;
    let tls13 = Version::Tls13;
    breach(tls13, "done; peer bad; fails; sends data x", late, None);
    let events = "done; peer bad; fails; rests; app settle; sends data x";
    breach(tls13, events, late, Some(6));
    // The alert may leave later, and output that waited for room too.
    breach(
        tls13,
        "done; peer bad; fails; rests; app settle; sends error",
        late,
        None,
    );
    let events = "done; limit 0 -; peer bad; fails; rests; limit - -; app settle; sends data x";
    breach(tls13, events, late, None);
}

#[test]
fn output_after_the_end_is_noticed_after_a_record_of_unknown_meaning_too() {
    let tls13 = Version::Tls13;
    let events = "done; peer unknown; sends error; sends close";
    breach(tls13, events, Breach::SendsAfterAlert, Some(4));
    let events = "done; peer unknown; app close; sends close; sends data x";
    breach(tls13, events, Breach::SendsAfterClose, Some(5));
}

#[test]
fn a_close_needs_a_request() {
    let asked = Breach::ClosesUnasked;
    breach(Version::Tls13, "done; app close; sends close", asked, None);
    breach(
        Version::Tls13,
        "done; peer data x; sends close",
        asked,
        Some(3),
    );
    let events = "done; app close; refuses close; rests; sends close";
    breach(Version::Tls13, events, asked, Some(5));
    // TLS 1.2 requires the answer.
    breach(Version::Tls12, "done; peer close; sends close", asked, None);
    breach(
        Version::Tls13,
        "done; peer close; sends close",
        asked,
        Some(3),
    );
}

#[test]
fn alerts_that_are_no_errors_need_a_reason() {
    let tls12 = Version::Tls12;
    breach(tls12, "done; sends cancel", Breach::CancelsUnasked, Some(2));
    breach(
        tls12,
        "app close; sends cancel",
        Breach::CancelsUnasked,
        None,
    );
    let events = "done; sends no-renegotiation";
    breach(tls12, events, Breach::RefusesUnasked, Some(2));
}

#[test]
fn handshake_messages_have_an_order() {
    let stray = Breach::StrayMessage;
    let tls12 = Version::Tls12;
    let flight = "sends handshake 1; sends handshake 11; sends handshake 16; sends handshake 20";
    breach(tls12, flight, stray, None);
    let twice = "sends handshake 1; sends handshake 16; sends handshake 16";
    breach(tls12, twice, stray, Some(3));
    breach(
        tls12,
        "sends handshake 1; sends handshake 4",
        stray,
        Some(2),
    );
    breach(tls12, "done; sends handshake 24", stray, Some(2));
}

#[test]
fn an_end_needs_a_cause() {
    let tls13 = Version::Tls13;
    breach(tls13, "done; ends clean", Breach::CleanEnd, Some(2));
    breach(
        tls13,
        "done; peer unknown; ends clean",
        Breach::CleanEnd,
        None,
    );
    breach(tls13, "done; ends truncated", Breach::CutEnd, Some(2));
    breach(tls13, "done; fin; ends reset", Breach::ResetEnd, Some(3));
    breach(tls13, "done; reset; ends reset", Breach::ResetEnd, None);
    let events = "done; fin; ends truncated; ends truncated";
    breach(tls13, events, Breach::EndsAgain, Some(4));
    // RFC 5246 7.2.1 lets the peer end without a close_notify of its own.
    let events = "done; app close; sends close; fin; ends clean";
    breach(Version::Tls12, events, Breach::CleanEnd, None);
}

#[test]
fn a_call_has_one_answer() {
    let tls13 = Version::Tls13;
    breach(tls13, "done; app write x; rests", Breach::NoAnswer, Some(2));
    breach(
        tls13,
        "done; app write x; refuses write; rests",
        Breach::NoAnswer,
        None,
    );
    breach(tls13, "done; app update; rests", Breach::NoAnswer, Some(2));
    breach(
        tls13,
        "done; app update; sends key-update; rests",
        Breach::NoAnswer,
        None,
    );
    let events = "done; app write x; accepts 1; refuses write";
    breach(tls13, events, Breach::AnswersTwice, Some(4));
    let export = after(setup(tls13), "done; app export");
    assert_eq!(export.unanswered_call(), Some(2));
    let events = "done; app close; sends close; rests; app write x; accepts 1";
    breach(tls13, events, Breach::AcceptsAfterEnd, Some(6));
}

#[test]
fn a_call_would_block_only_while_the_transport_blocks() {
    let tls13 = Version::Tls13;
    breach(
        tls13,
        "done; app write x; blocks write",
        Breach::WouldBlock,
        Some(3),
    );
    let events = "done; limit 0 -; app write x; blocks write";
    breach(tls13, events, Breach::WouldBlock, None);
}

#[test]
fn processing_is_refused_only_for_a_cause() {
    let refuses = Breach::RefusesProcess;
    let tls13 = Version::Tls13;
    breach(tls13, "done; app settle; refuses process", refuses, Some(3));
    breach(tls13, "done; peer cancel; refuses process", refuses, None);
    breach(
        tls13,
        "done; peer close; ends clean; peer bad; refuses process",
        refuses,
        Some(5),
    );
}

#[test]
fn a_connection_that_has_to_fail_fails() {
    let tls13 = Version::Tls13;
    breach(tls13, "done; peer bad", Breach::GoesOn, None);
    breach(
        tls13,
        "done; peer bad; rests; app settle",
        Breach::GoesOn,
        Some(2),
    );
    breach(
        tls13,
        "done; peer bad; fails; rests; app settle",
        Breach::GoesOn,
        None,
    );
    let events = "done; limit - 0; peer bad; rests; app settle";
    breach(tls13, events, Breach::GoesOn, None);
}
