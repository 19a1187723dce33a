//! The behaviour of the reference in each situation, with any segmentation of its input.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod guard;

use std::fmt::Write as _;

use closure::{Axes, Build, Cut, Event, Transcript, View};
use guard::Guarded;
use peer::Failure;
use protocol::{HabitKind, Role, Subject, Version};
use scenario::{Play, Script, play};

const CUTS: [Cut; 5] = [
    Cut::Whole,
    Cut::PerRecord,
    Cut::Bytewise,
    Cut::Random(1),
    Cut::Random(2),
];

fn run(script: &Script, axes: &Axes, habit: Option<HabitKind>) -> Transcript {
    let how = Play {
        script,
        axes,
        habit,
        profile: closure::Profile::default(),
        handshake_too: true,
        seed: 7,
    };
    let mut transcript = Transcript::new();
    let played = play(
        &how,
        &mut Guarded(reference::subject(None)),
        &mut transcript,
    )
    .unwrap();
    assert!(
        matches!(played.peer_failure, None | Some(Failure::Alert(_))),
        "{:?}",
        played.peer_failure
    );
    transcript
}

/// The events on the wire and for the application, in one line.
fn line(transcript: &Transcript) -> String {
    let view = View::of(transcript);
    let mut out = String::new();
    let text = |bytes: &[u8]| match bytes.len() {
        0..100 => String::from_utf8_lossy(bytes).into_owned(),
        len => format!("<{len}>"),
    };
    let all = &view.connections;
    let got = all
        .iter()
        .flat_map(|c| [&c.early[..], &c.delivered].concat());
    let sent = all.iter().flat_map(|c| c.written.clone());
    write!(out, "got [{}]", text(&got.collect::<Vec<_>>())).unwrap();
    write!(out, " sent [{}]", text(&sent.collect::<Vec<_>>())).unwrap();
    if let Some(end) = all.iter().find_map(|c| c.end) {
        write!(out, " end {end:?}").unwrap();
    }
    if let Some(failed) = all.iter().find_map(|c| c.failed) {
        write!(out, " failed {failed:?}").unwrap();
    }
    for event in transcript.events() {
        if let Event::Sent(record) = event
            && let Some((level, description)) = record.alert()
        {
            write!(out, " alert {level}/{}", description.0).unwrap();
        }
    }
    for event in transcript.events() {
        if let Event::Refused { call, .. } = event {
            write!(out, " refused {call:?}").unwrap();
        }
    }
    let done = |event: &&Event| matches!(event, Event::HandshakeDone { .. });
    write!(
        out,
        " done {}",
        transcript.events().iter().filter(done).count()
    )
    .unwrap();
    if view.stopped {
        out.push_str(" STOPPED");
    }
    if transcript.is_unsupported() {
        out.push_str(" UNSUPPORTED");
    }
    let broken = |event: &Event| event.kind() == closure::Kind::OwnBroken;
    if transcript.events().iter().any(broken) {
        out.push_str(" BROKEN");
    }
    out
}

fn dump(transcript: &Transcript) -> String {
    let mut out = String::new();
    for event in transcript.events() {
        writeln!(out, "{event:?}").unwrap();
    }
    out
}

/// Plays a script in both roles, with all cuts and all contract habits.
fn check(versions: &[Version], roles: &[Role], script: &str, expected: &str) {
    let script = Script::parse(script).unwrap();
    let hello = reference::subject(None).hello();
    for (version, role) in versions
        .iter()
        .flat_map(|v| roles.iter().map(move |r| (*v, *r)))
    {
        let baseline = Axes::baseline(role, version, Build::Plain);
        let mut instances: Vec<(Axes, Option<HabitKind>)> = CUTS
            .map(|cut| {
                (
                    Axes {
                        cut,
                        ..baseline.clone()
                    },
                    None,
                )
            })
            .to_vec();
        for habit in &hello.habits {
            if habit.kind == HabitKind::Contract {
                let axes = Axes {
                    habit: habit.name.clone().into(),
                    ..baseline.clone()
                };
                instances.push((axes, Some(habit.kind)));
            }
        }
        for (axes, habit) in instances {
            let transcript = run(&script, &axes, habit);
            assert_eq!(line(&transcript), expected, "{axes}\n{}", dump(&transcript));
        }
    }
}

const BOTH: &[Role] = &[Role::Client, Role::Server];
const CLIENT: &[Role] = &[Role::Client];
const SERVER: &[Role] = &[Role::Server];
const ANY: &[Version] = &[Version::Tls13, Version::Tls12];
const V13: &[Version] = &[Version::Tls13];
const V12: &[Version] = &[Version::Tls12];

macro_rules! cases {
    ($($name:ident: $versions:expr, $roles:expr, $script:literal, $expected:literal;)+) => {
        $(
            #[test]
            fn $name() {
                check($versions, $roles, &$script.replace("; ", "\n"), $expected);
            }
        )+
    };
}

cases! {
    closing_at_once_works: ANY, BOTH,
        "handshake; app close; peer close",
        "got [] sent [] end Clean alert 1/0 done 1";
    reading_continues_after_closing: ANY, BOTH,
        "handshake; app close; peer write \"a\"; peer write \"b\"; peer close",
        "got [ab] sent [] end Clean alert 1/0 done 1";
    writing_after_closing_is_refused: ANY, BOTH,
        "handshake; app close; app write \"late\"; app close",
        "got [] sent [] alert 1/0 refused Write done 1";
    input_after_the_peers_close_is_ignored: ANY, BOTH,
        "handshake; peer write \"a\"; peer close; peer write \"b\"; peer alert 2 handshake_failure; peer close; app write \"c\"",
        "got [a] sent [c] end Clean done 1";
    garbage_after_the_peers_close_is_ignored: ANY, BOTH,
        "handshake; peer close; peer raw hex:170303ffff00; app write \"c\"; transport fin; transport reset",
        "got [] sent [c] end Clean done 1";
    an_end_without_close_is_truncation: ANY, BOTH,
        "handshake; peer write \"a\"; transport fin; app write \"b\"; app close",
        "got [a] sent [b] end Truncated alert 1/0 done 1";
    a_close_cut_short_is_truncation: ANY, BOTH,
        "handshake; peer close short 1; transport fin",
        "got [] sent [] end Truncated done 1";
    a_bad_tag_is_fatal_and_latched: ANY, BOTH,
        "handshake; peer write \"a\" bad-tag; peer write \"b\"; app write \"c\"; app close; app export",
        "got [] sent [] failed DecryptError alert 2/20 refused Write refused CloseWrite refused Export done 1";
    a_bad_tag_after_the_local_close_causes_no_alert: ANY, BOTH,
        "handshake; app close; peer write \"a\" bad-tag; peer write \"b\"",
        "got [] sent [] failed DecryptError alert 1/0 done 1";
    a_plaintext_close_is_no_close: V13, BOTH,
        "handshake; peer close epoch plain",
        "got [] sent [] failed UnexpectedMessage alert 2/10 done 1";
    a_plaintext_close_is_no_close_12: V12, BOTH,
        "handshake; peer close epoch plain",
        "got [] sent [] failed DecryptError alert 2/20 done 1";
    a_reflected_close_is_no_close: ANY, BOTH,
        "handshake; app close; peer reflect",
        "got [] sent [] failed DecryptError alert 1/0 done 1";
    an_error_alert_ends_both_halves: ANY, BOTH,
        "handshake; peer alert 2 handshake_failure; peer write \"b\"; app write \"c\"; app close",
        "got [] sent [] failed AlertReceived refused Write refused CloseWrite done 1";
    a_level_does_not_matter: V13, BOTH,
        "handshake; peer alert 1 200; peer write \"b\"",
        "got [] sent [] failed AlertReceived done 1";
    a_warning_ends_nothing_12: V12, BOTH,
        "handshake; peer alert 1 no_renegotiation; peer write \"b\"; peer alert 1 user_canceled; peer write \"c\"; peer close",
        "got [bc] sent [] end Clean done 1";
    user_canceled_is_ignored: V13, BOTH,
        "handshake; peer alert 1 user_canceled; peer write \"b\"; peer close",
        "got [b] sent [] end Clean done 1";
    keys_are_updated: V13, BOTH,
        "handshake; peer key-update request; peer write \"a\"; app write \"b\"; app update-keys; app write \"c\"; app close; peer key-update; peer write \"d\"; peer close",
        "got [ad] sent [bc] end Clean alert 1/0 done 1";
    a_close_under_old_keys_is_no_close: V13, BOTH,
        "handshake; peer key-update; peer close epoch application-0",
        "got [] sent [] failed DecryptError alert 2/20 done 1";
    renegotiation_is_refused_12: V12, BOTH,
        "handshake; peer renegotiate; peer write \"a\"; app close; peer renegotiate; peer close",
        "got [a] sent [] end Clean alert 1/100 alert 1/0 done 1";
    an_empty_alert_is_unexpected: V13, BOTH,
        "handshake; peer record alert empty",
        "got [] sent [] failed UnexpectedMessage alert 2/10 done 1";
    two_alerts_in_a_record_are_refused: V13, BOTH,
        "handshake; peer record alert hex:01000100",
        "got [] sent [] failed DecodeError alert 2/50 done 1";
    a_changed_outer_type_is_refused: V13, BOTH,
        "handshake; peer close outer alert",
        "got [] sent [] failed UnexpectedMessage alert 2/10 done 1";
    padding_alone_is_refused: V13, BOTH,
        "handshake; peer record 23 empty no-type pad 10",
        "got [] sent [] failed UnexpectedMessage alert 2/10 done 1";
    too_long_a_ciphertext_is_refused: V13, BOTH,
        "handshake; peer write \"a\" pad 16640",
        "got [] sent [] failed RecordOverflow alert 2/22 done 1";
    a_close_between_fragments_is_refused: V13, CLIENT,
        "handshake; peer ticket part 10; peer close",
        "got [] sent [] failed UnexpectedMessage alert 2/10 done 1";
    a_bad_finished_fails_the_handshake: ANY, BOTH,
        "edit finished flip; handshake",
        "got [] sent [] failed BadSignature alert 2/51 done 0";
    an_end_in_the_handshake_is_an_error: ANY, BOTH,
        "handshake until finished; transport fin",
        "got [] sent [] failed HandshakeEof done 0";
    a_close_in_the_handshake_fails_it: V13, BOTH,
        "handshake until finished; peer close",
        "got [] sent [] failed AlertReceived done 0";
    a_close_in_the_handshake_fails_it_and_is_answered_12: V12, BOTH,
        "handshake until finished; peer close",
        "got [] sent [] failed AlertReceived alert 1/0 done 0";
    a_local_close_in_the_handshake_is_canceled: ANY, BOTH,
        "handshake until finished; app close",
        "got [] sent [] failed HandshakeFailure alert 1/90 alert 1/0 done 0";
    much_data_goes_both_ways: ANY, BOTH,
        "handshake; peer write 50000; app write 50000; peer close; app close",
        "got [<50000>] sent [<50000>] end Clean alert 1/0 done 1";
    a_slow_reader_gets_all_data_before_the_end: ANY, BOTH,
        "handshake; app pause; peer write 20000; peer close; app read 1; app read 10; app resume",
        "got [<20000>] sent [] end Clean done 1";
    a_blocked_transport_loses_nothing: ANY, BOTH,
        "handshake; transport block; app write 50000; app close; peer close; transport room 1; transport room 30000; transport unblock",
        "got [] sent [<50000>] end Clean alert 1/0 done 1";
    pending_data_is_discarded_under_the_full_profile: V12, BOTH,
        "set tls12-close full; handshake; transport block; app write 50000; peer close; transport unblock; app write \"late\"",
        "got [] sent [] end Clean alert 1/0 refused Write done 1";
    a_small_fragment_size_works: ANY, BOTH,
        "set fragment-size 100; handshake; app write 1000; app close; peer close",
        "got [] sent [<1000>] end Clean alert 1/0 done 1";
    a_key_limit_updates_the_keys: V13, BOTH,
        "set key-limit 5; set fragment-size 100; handshake; app write 1000; app close; peer close",
        "got [] sent [<1000>] end Clean alert 1/0 done 1";
    a_key_limit_ends_the_write_half_12: V12, BOTH,
        "set key-limit 5; handshake; app write \"a\"; app write \"b\"; app write \"c\"; app write \"d\"; app write \"e\"; peer close",
        "got [] sent [abc] end Clean alert 1/0 refused Write refused Write done 1";
    a_ticket_resumes_a_session: ANY, BOTH,
        "set tickets 2; handshake; app close; peer close; connect; handshake; peer write \"a\"; peer close; app close",
        "got [a] sent [] end Clean alert 1/0 alert 1/0 done 2";
    nothing_follows_a_half_rtt_close: V13, SERVER,
        "set half-rtt; set tickets 2; handshake until finished; app write \"x\"; app close; handshake; peer write \"a\"; peer close",
        "got [a] sent [x] end Clean alert 1/0 done 1";
    early_data_is_accepted: V13, SERVER,
        "set tickets 1; set early-data accept 100; handshake; app close; peer close; connect; handshake until end-of-early-data; peer write \"early\"; handshake; peer write \"a\"; peer close",
        "got [earlya] sent [] end Clean alert 1/0 done 2";
    early_data_is_written: V13, CLIENT,
        "set tickets 1; set early-data accept 100; set early-write \"early\"; handshake; app close; peer close; connect; handshake; peer write \"a\"; peer close",
        "got [a] sent [early] end Clean alert 1/0 done 2";
    rejected_early_data_is_skipped: V13, SERVER,
        "set tickets 1; set early-data reject; handshake; app close; peer close; connect; handshake until finished; peer write \"early\" epoch early; handshake; peer write \"a\"; peer close",
        "got [a] sent [] end Clean alert 1/0 done 2";
    a_second_hello_is_requested: V13, BOTH,
        "set hello-retry; set middlebox-ccs; handshake; peer write \"a\"; peer close; app close",
        "got [a] sent [] end Clean alert 1/0 done 1";
    client_certificates_are_accepted: ANY, BOTH,
        "set client-auth; handshake; peer write \"a\"; peer close; app close",
        "got [a] sent [] end Clean alert 1/0 done 1";
}

#[test]
fn abuse_does_no_harm() {
    let script =
        "handshake; peer write \"a\"; app write \"b\"; peer write \"c\" bad-tag; app write \"d\"";
    let script = Script::parse(&script.replace("; ", "\n")).unwrap();
    for habit in ["drop-state", "retry-fresh", "represent-after-error"] {
        for (role, version) in [
            (Role::Client, Version::Tls13),
            (Role::Server, Version::Tls12),
        ] {
            let axes = Axes {
                habit: habit.into(),
                ..Axes::baseline(role, version, Build::Plain)
            };
            let transcript = run(&script, &axes, Some(HabitKind::Abuse));
            assert_eq!(
                line(&transcript),
                "got [a] sent [b] failed DecryptError alert 2/20 refused Write done 1",
                "{}",
                dump(&transcript)
            );
        }
    }
}
