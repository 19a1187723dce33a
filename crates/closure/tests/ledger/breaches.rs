//! Effects that are wrong whatever caused them.

use super::*;

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
