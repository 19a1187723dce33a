//! The state of a connection after each event.

use super::*;

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
fn calls_of_the_application_are_remembered() {
    let ledger = check(
        "done           |
         app close      | own-closing owes-close
         refuses close  |",
    );
    assert!(!ledger.now().has_closed && !ledger.now().has_paused);
    let ledger = check(
        "done           |
         limit - 0      | paused
         limit - -      |
         app close      | own-closing owes-close
         sends close    | own-closed",
    );
    assert!(ledger.now().has_closed && ledger.now().has_paused);
    let ledger = check(
        "done           |
         sends close    | own-closed",
    );
    assert!(!ledger.now().has_closed);
}

#[test]
fn records_after_a_close_are_to_be_ignored() {
    check(
        "done           |
         peer close     | peer-closed owes-end
         peer data abc  | peer-closed trailing may-fail owes-end
         ends clean     | peer-closed trailing may-fail told-clean",
    );
    // This close may be refused, and so may what follows.
    check_12(
        "done              |
         peer fatal-close  | peer-closed may-fail
         peer data abc     | peer-closed may-fail",
    );
    // The subject has accepted it.
    check_12(
        "done              |
         peer fatal-close  | peer-closed may-fail
         ends clean        | peer-closed told-clean
         peer data abc     | peer-closed trailing may-fail told-clean",
    );
}

#[test]
fn a_failure_need_not_be_reported_as_new() {
    check(
        "done           |
         fails again    | own-failed peer-failed failed-without-cause",
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
fn a_truncation_is_no_error_of_the_api() {
    let ledger = check(
        "done           |
         peer bad       | must-fail
         fails          | own-failed peer-failed must-fail failed owes-alert",
    );
    assert!(ledger.now().error_told);
    let ledger = check(
        "done           |
         fin            | peer-ended input-ended
         fails truncated | own-failed peer-ended input-ended failed",
    );
    assert!(!ledger.now().error_told);
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
         reset          | own-closed peer-ended paused output-reset input-reset",
    );
}

#[test]
fn a_cause_to_fail_comes_in_two_strengths() {
    check(
        "done           |
         peer cancel    | may-fail peer-canceled
         fails          | own-failed peer-failed may-fail failed peer-canceled owes-alert
         sends error    | own-failed peer-failed may-fail failed peer-canceled",
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
         peer bad       | peer-closed trailing may-fail told-clean",
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
         peer cancel    | may-fail peer-canceled
         rests          | peer-canceled
         fails          | own-failed peer-failed failed-without-cause peer-canceled owes-alert",
    );
    // The record may not have been looked at while the application does not read.
    check(
        "done           |
         limit - 0      | paused
         peer cancel    | paused may-fail peer-canceled
         rests          | paused may-fail peer-canceled
         fails          | own-failed peer-failed paused may-fail failed peer-canceled owes-alert",
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
    // So does the report of an earlier one that there was not.
    let ledger = check(
        "done           |
         fails again    | own-failed peer-failed failed-without-cause",
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
         fin            | peer-ended input-ended
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
fn a_request_for_keys_waits_for_the_peers() {
    check(
        "done              |
         sends key-request | own-keys-1 awaits-keys
         peer data x       | untold-1 own-keys-1 awaits-keys
         peer key-update   | owes-key-update untold-1 own-keys-1 peer-keys-1",
    );
}

#[test]
fn a_message_in_parts_is_incomplete_until_another_record() {
    check(
        "done           |
         peer part      | in-message
         peer part      | in-message
         app settle     | in-message
         peer data x    | untold-1",
    );
}

#[test]
fn only_limits_are_known_after_a_record_of_unknown_meaning() {
    check(
        "done           |
         peer unknown   | tainted
         app close      | tainted
         sends close    | tainted
         limit 0 0      | paused output-blocked tainted
         app settle     | paused output-blocked tainted
         limit - -      | tainted",
    );
}

#[test]
fn limits_rests_and_failures_are_known_even_then() {
    let mut transcript = Transcript::new();
    transcript.open(setup(Version::Tls13));
    let words = "done\npeer unknown\nlimit 0 -\nlimit - -\napp settle\nrests\nfails";
    words.lines().for_each(|line| push(&mut transcript, line));
    let connection = transcript.connections().last().unwrap();
    let rests: Vec<bool> = connection.moments().map(|(.., it)| it.at_rest).collect();
    let expected = [false, false, false, true, false, false, true, false];
    assert_eq!(rests, expected);
    let outputs: Vec<Way> = connection.moments().map(|(.., it)| it.output).collect();
    assert_eq!(outputs[3..6], [Way::Free, Way::Blocked, Way::Free]);
    assert_eq!(connection.ledger().now().failure, Failure::Caused);
}

fn server(early_limit: u32) -> Setup {
    Setup {
        role: Role::Server,
        early_limit,
        ..setup(Version::Tls13)
    }
}

#[test]
fn early_data_is_owed_once_it_is_accepted() {
    let ledger = check_with(
        server(3),
        "peer message client-hello  | handshake early-offered
         peer early abc             | handshake early-offered skipped-arguable
         sends message server-hello | handshake negotiated early-offered skipped-arguable
         sends message accepts      | handshake negotiated early-accepted untold-early-3
         sends part finished        | handshake negotiated early-accepted untold-early-3
         sends rest finished        | handshake negotiated own-finished early-accepted untold-early-3
         tells early ab             | handshake negotiated own-finished early-accepted untold-early-1
         peer message end           | handshake negotiated own-finished early-ended untold-early-1
         tells early c              | handshake negotiated own-finished early-ended",
    );
    assert_eq!(ledger.early_wrong(), None);
}

#[test]
fn rejected_early_data_is_skipped_up_to_a_limit() {
    let ledger = check_with(
        server(24),
        "peer message client-hello  | handshake early-offered
         sends message server-hello | handshake negotiated early-offered
         sends message rejects      | handshake negotiated early-rejected
         peer early abc             | handshake negotiated early-rejected
         peer early de              | handshake negotiated early-rejected skipped-arguable
         peer early abcdefghijklmnopqrst | handshake negotiated early-rejected skipped-beyond
         tells early abx            | handshake negotiated early-rejected skipped-beyond",
    );
    assert_eq!(ledger.early_wrong(), Some(7));
    check_with(
        server(24),
        "peer message client-hello  | handshake early-offered
         sends message retry        | handshake early-retry
         peer message client-hello  | handshake early-rejected",
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
fn user_canceled_counts_until_the_next_record() {
    check(
        "done           |
         sends cancel   | canceled
         app close      | own-closing canceled owes-close
         sends close    | own-closed",
    );
}

#[test]
fn the_peers_record_may_end_within_a_message() {
    check(
        "done           |
         peer part      | in-message
         fin            | peer-ended input-ended in-message",
    );
}

#[test]
fn data_after_an_error_alert_is_not_owed() {
    check(
        "done           |
         peer data ab   | untold-2
         peer error     | must-fail peer-alerted untold-2
         peer data cd   | must-fail peer-alerted untold-2
         app settle     | must-fail peer-alerted peer-gave-up untold-2
         tells ab       | must-fail peer-alerted peer-gave-up
         tells cd       | must-fail peer-alerted peer-gave-up",
    );
}

#[test]
fn nonces_need_not_rise() {
    let ledger = check_12(
        "done                  |
         app write abc         |
         accepts 3             | unsent-3
         sends data a nonce 1  | unsent-2
         sends data b nonce 3  | unsent-1
         sends data c nonce 2  |",
    );
    assert_eq!(ledger.unordered_nonce(), Some(6));
}

#[test]
fn a_dropped_connection_owes_nothing() {
    let ledger = check(
        "done           |
         app drop       | dropped",
    );
    assert!(!ledger.now().is_sound());
}

/// The moment after the last of these events.
fn after(events: &str) -> Moment {
    let mut transcript = Transcript::new();
    transcript.open(setup(Version::Tls13));
    for event in events.lines() {
        push(&mut transcript, event);
    }
    *transcript.connections().last().unwrap().ledger().now()
}

#[test]
fn a_failed_connection_is_dead_once_it_has_come_to_rest_with_room() {
    let failed = "done\npeer bad\nfails";
    assert!(after(failed).has_bad_record);
    assert!(!after(failed).is_dead);
    assert!(after(&format!("{failed}\nsends error\napp settle")).is_dead);
    assert!(!after("done\nlimit 0 -\npeer bad\nfails\napp settle").is_dead);
    assert!(!after("done\npeer error\nfails").has_bad_record);
}

#[test]
fn a_close_is_late_once_the_subject_has_looked_at_the_error() {
    let error = "done\nlimit 0 -\npeer error\nfails";
    assert!(after(&format!("{error}\napp close")).is_closing_late);
    assert!(!after("done\nlimit 0 -\napp close\npeer error\nfails").is_closing_late);
    assert!(!after("done\nlimit - 0\npeer error\napp close").is_closing_late);
}

#[test]
fn a_connection_is_used_once_data_or_keys_have_come() {
    assert!(!after("done\npeer close").is_used);
    for event in ["app write a", "peer data a", "peer key-update"] {
        assert!(after(&format!("done\n{event}")).is_used, "{event}");
    }
}

#[test]
fn the_own_finished_changes_the_keys() {
    assert!(!after("peer finished").own_finished);
    assert!(after("sends handshake 20").own_finished);
    // The report may come while the message waits for room.
    assert!(!after("done").own_finished);
}

#[test]
fn bytes_that_had_arrived_before_a_bad_record_may_be_told_after_it() {
    check(
        "done           |
         peer data abc  | untold-3
         peer bad       | must-fail untold-3
         fails          | own-failed peer-failed must-fail failed owes-alert untold-3
         tells ab       | own-failed peer-failed must-fail failed owes-alert untold-1
         sends error    | own-failed peer-failed must-fail failed untold-1
         fails          | own-failed peer-failed must-fail failed untold-1
         app write x    | own-failed peer-failed must-fail failed untold-1
         accepts 1      | own-failed peer-failed must-fail failed untold-1",
    );
}
