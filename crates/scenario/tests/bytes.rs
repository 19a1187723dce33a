//! Tests of the byte form of scripts.

use proptest::prelude::*;
use scenario::{App, MAX_STEPS, Payload, Say, Script, Shape, Step, WORDS, boundaries, dictionary};

fn round_trip(script: &Script) -> Script {
    Script::from_bytes(&script.to_bytes())
}

proptest! {
    #[test]
    fn any_bytes_are_a_script_that_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let script = Script::from_bytes(&bytes);
        prop_assert!(script.steps.len() <= MAX_STEPS);
        prop_assert_eq!(&round_trip(&script), &script);
    }

    #[test]
    fn any_bytes_have_a_text_form_that_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let script = Script::from_bytes(&bytes);
        let text = script.to_string();
        prop_assert_eq!(Script::parse(&text), Ok(script), "{}", text);
    }
}

#[test]
fn every_word_of_the_text_form_has_a_byte_form() {
    let script = Script::parse(
        "set tickets 2
         set early-data accept 1024
         set early-write \"early\"
         set fragment-size 64
         set record-size-limit 64
         set key-limit 8
         set suite 0x1301
         set group 29
         set tls12-close full
         set half-rtt
         set client-auth
         set hello-retry
         set middlebox-ccs
         connect
         handshake
         handshake until finished
         edit finished flip
         edit certificate split 10 join
         peer write \"a \\\"quoted\\\" word\"
         peer write 16384 pad 10
         peer write 300
         peer write empty
         peer close
         peer alert 2 bad_record_mac
         peer alert 1 200 outer alert version 0x0301 length 7
         peer alert 7 7
         peer key-update
         peer key-update request
         peer key-update 7
         peer ticket
         peer renegotiate
         peer ccs
         peer ccs 2
         peer handshake new_session_ticket hex:0001
         peer record alert hex:01 epoch application-1 skip -1
         peer record 99 empty no-type skip 1000
         peer write 5 epoch plain
         peer write 5 epoch early
         peer write 5 epoch handshake
         peer raw hex:1503
         peer replay
         peer replay 2
         peer reflect
         app write \"x\"
         app write 16
         app close
         app update-keys
         app pause
         app read 3
         app resume
         app settle same
         app settle empty
         app export
         app drop
         transport hold
         transport release
         transport fin
         transport reset
         transport block
         transport room 500
         transport unblock
         transport clock 60
         peer close part 1 rest 1 short 1 aad-as-sent bad-tag bad-body dropped late omitted",
    )
    .expect("the script should parse");
    assert_eq!(round_trip(&script), script);
}

#[test]
fn a_repeated_step_takes_two_more_bytes() {
    let empty = Step::Peer {
        say: Say::Write(Payload::Empty),
        shape: Shape::default(),
    };
    let script = Script {
        steps: vec![empty; 40],
        ..Script::default()
    };
    assert_eq!(script.to_bytes().len(), 3);
    assert_eq!(round_trip(&script), script);
}

#[test]
fn an_incomplete_step_is_dropped() {
    let script = Script {
        steps: vec![
            Step::App(App::Close),
            Step::App(App::Write(Payload::Text("some text".into()))),
        ],
        ..Script::default()
    };
    let bytes = script.to_bytes();
    for length in 1..bytes.len() {
        let cut = Script::from_bytes(&bytes[..length]);
        assert_eq!(cut.steps, [Step::App(App::Close)], "{length} bytes");
    }
}

#[test]
fn a_byte_without_a_meaning_has_no_effect() {
    for byte in [0x00, 0x1e, 0x3f, 0x56, 0x6f, 0x80, 0x9e, 0xd6] {
        let script = Script::from_bytes(&[byte, 0x61]);
        assert_eq!(script.steps, [Step::App(App::Close)], "{byte:#04x}");
    }
}

#[test]
fn many_bytes_are_codes_for_a_close() {
    let close = Say::Close;
    for byte in [0x41, 0x58, 0x5f, 0xdf] {
        let script = Script::from_bytes(&[byte]);
        let step = script.steps.first();
        assert!(
            matches!(step, Some(Step::Peer { say, .. }) if *say == close),
            "{byte:#04x}"
        );
    }
    for byte in [0x61, 0x78, 0x7f, 0xff] {
        let script = Script::from_bytes(&[byte]);
        assert_eq!(script.steps, [Step::App(App::Close)], "{byte:#04x}");
    }
}

#[test]
fn every_word_is_read_completely() {
    for (name, word) in WORDS {
        let mut places = Vec::new();
        boundaries(word, 0, &mut places);
        assert_eq!(places.last(), Some(&word.len()), "{name}");
    }
}

#[test]
fn every_byte_with_a_meaning_begins_a_word() {
    // The bytes after it are valid as any operand, and the step after them takes any shape.
    let says = |bytes: &[u8]| Script::from_bytes(&[bytes, &[1; 9], &[0x54]].concat());
    let nothing = says(&[0]);
    for byte in 0..0x80 {
        let known = WORDS.iter().any(|(_, word)| word[0] == byte);
        let another_close = matches!(byte, 0x58..=0x5f | 0x78..=0x7f);
        let setting_without_a_word = matches!(byte, 0x0a | 0x0b | 0x0e | 0x1f);
        if !known && !another_close && !setting_without_a_word {
            assert_eq!(says(&[byte]), nothing, "0x{byte:02x} has no word");
        }
    }
}

#[test]
fn the_dictionary_of_the_fuzzers_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/script.dict");
    if std::env::var_os("LASTWORD_BLESS").is_some() {
        std::fs::write(path, dictionary()).expect("the dictionary should be writable");
    }
    let shown = std::fs::read_to_string(path).expect("the dictionary should exist");
    assert_eq!(shown, dictionary(), "run with LASTWORD_BLESS=1");
}

#[test]
fn padding_counts_as_content() {
    // 62 repetitions of 100 records with one byte and 16,640 bytes of padding.
    let script = Script::from_bytes(&[0x11, 0x30, 1, 0x20, 0x92, 0x4b, 81, 100, 0x14, 0xfe]);
    assert_eq!(script.steps.len(), 1, "{script}");
}

#[test]
fn joined_content_counts_when_a_record_is_split() {
    for (before, piece) in [("", 64), ("peer write 16384 join\n", 128)] {
        let script = Script::parse(&format!("{before}peer write 16384 split 1\n"))
            .expect("the script should parse");
        let read = Script::from_bytes(&script.to_bytes());
        let text = read.to_string();
        assert!(text.ends_with(&format!("split {piece}\n")), "{text}");
        assert_eq!(round_trip(&read), read);
    }
}
