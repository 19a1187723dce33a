//! Small rules on small transcripts, and the verdicts that the engine must give.
//!
//! Each line of a table is a transcript, event by event, and, after the bar, the verdict. A finding
//! names its code and the position of its event; the connection is opened at 0.

#![allow(
    clippy::panic,
    reason = "a test stops at the first thing that is wrong"
)]

use std::collections::BTreeSet;

use protocol::{Alert, ApiCall, Direction, EarlyData, End, ErrorClass, Io, Presented, Role};
use protocol::{Tls12Close, Version};
use wire::{AlertDescription, Content, Epoch, Meaning, Reason};

use super::{Depends, Due, Excuse, NEVER, Never, OWES, Owes, Payment, Refuses, Rule};
use crate::event::{Call, Delivered, Event, Kind, Kinds, Sent, Setup, Transport};
use crate::ledger::Half;
use crate::{Profile, Transcript, Verdict};

const OPEN: Setup = Setup {
    role: Role::Client,
    version: Version::Tls13,
    habit: None,
    pieces: false,
    profile: Profile {
        tls12_close: Tls12Close::Half,
        edition: crate::Edition::Rfc8446,
    },
    early_written: 0,
    record_size_limit: None,
    key_limit: None,
    fragment_size: None,
    early_limit: 0,
};

const TLS12: Setup = Setup {
    version: Version::Tls12,
    ..OPEN
};

/// The event that a few words describe.
fn event(transcript: &mut Transcript, words: &str) -> Event {
    let words: Vec<&str> = words.split_whitespace().collect();
    match words[..] {
        ["done"] => Event::HandshakeDone {
            version: Version::Tls13,
            suite: 0x1301,
            resumed: false,
            early: EarlyData::None,
        },
        ["peer", what] => peer(transcript, what),
        ["app", "write"] => Event::Called(Call::Write(transcript.store(b"x"))),
        ["app", "close"] => Event::Called(Call::CloseWrite),
        ["app", "drop"] => Event::Called(Call::Drop),
        ["app", "settle"] => Event::Called(Call::Settle(Presented::Same)),
        ["limit", room, read] => Event::Limited(Io {
            room: room.parse().ok(),
            read: read.parse().ok(),
        }),
        ["reset"] => Event::Transport {
            how: Transport::Reset,
            partial: 0,
        },
        ["sends", what] => sends(transcript, what),
        ["accepts"] => Event::Accepted { bytes: 1 },
        ["refuses", what] => Event::Refused {
            call: match what {
                "write" => ApiCall::Write,
                _ => ApiCall::CloseWrite,
            },
            class: ErrorClass::NotNow,
        },
        ["tells"] => Event::Data(transcript.store(b"x")),
        ["ends"] => Event::End(End::Clean),
        ["fails"] => Event::Failed {
            class: ErrorClass::DecryptError,
            alert: Some(Alert {
                direction: Direction::Sent,
                description: 20,
            }),
        },
        ["rests"] => Event::Wants {
            read: true,
            write: false,
        },
        ["unsupported"] => Event::Unsupported,
        ["crash"] => Event::Crash,
        ["hang"] => Event::Hang,
        _ => panic!("{words:?}"),
    }
}

fn peer(transcript: &mut Transcript, what: &str) -> Event {
    let (meaning, content): (_, &[u8]) = match what {
        "data" => (Meaning::Data, b"x"),
        "close" => (Meaning::CloseNotify, &[1, 0]),
        "warning" => (Meaning::Warning(AlertDescription(100)), &[1, 100]),
        "error" => (Meaning::Error(AlertDescription(80)), &[2, 80]),
        "bad" | "bad-part" => (Meaning::Invalid(Reason::BadTag), &[]),
        "overflow" => (Meaning::Invalid(Reason::CiphertextOverflow), &[]),
        "unknown" => (Meaning::Unknown, &[]),
        other => panic!("{other}"),
    };
    let announced = if what == "bad-part" { 0xff } else { 0 };
    Event::Delivered(Delivered {
        meaning,
        content: transcript.store(content),
        header: [23, 3, 3, 0, announced],
        length: content.len() as u32 + 22,
        epoch: Epoch::Application(0),
        sequence: 0,
    })
}

fn sends(transcript: &mut Transcript, what: &str) -> Event {
    let alert = |level, description| Content::Alert {
        level,
        description: AlertDescription(description),
    };
    let (content, bytes): (_, &[u8]) = match what {
        "data" => (Content::Data, b"x"),
        "close" => (alert(1, 0), &[1, 0]),
        "bad-mac" => (alert(2, 20), &[2, 20]),
        "decode-error" => (alert(2, 50), &[2, 50]),
        other => panic!("{other}"),
    };
    Event::Sent(Sent {
        content,
        bytes: transcript.store(bytes),
        header: [23, 3, 3, 0, 0],
        length: bytes.len() as u32 + 22,
        epoch: Some(Epoch::Application(0)),
        sequence: 0,
        explicit_nonce: None,
    })
}

fn verdict(rule: &Rule, setup: Setup, events: &str) -> Option<Verdict> {
    let mut transcript = Transcript::new();
    transcript.open(setup);
    transcript.push(Event::HandshakeDone {
        version: setup.version,
        suite: 0x1301,
        resumed: false,
        early: EarlyData::None,
    });
    for words in events.split(',') {
        let event = event(&mut transcript, words);
        transcript.push(event);
    }
    let connection = transcript.connections().next()?;
    rule.check(&connection.untainted())
}

/// Checks a table against a rule, and returns the excuses in it.
fn check_with(setup: Setup, rule: Rule, table: &str) -> BTreeSet<Excuse> {
    let mut excuses = BTreeSet::new();
    for line in table.lines().map(str::trim) {
        let (events, expected) = line.split_once('|').unwrap_or((line, ""));
        let found = match verdict(&rule, setup, events) {
            Some(Verdict::NotExercised) => "-".to_owned(),
            Some(Verdict::Held) => "held".to_owned(),
            Some(Verdict::Found { code, at }) => format!("{code} {at}"),
            Some(Verdict::Excused(excuse)) => {
                excuses.insert(excuse);
                excuse.name().to_owned()
            }
            None => "no verdict".to_owned(),
        };
        assert_eq!(found, expected.trim(), "{events}");
    }
    excuses
}

fn check(rule: Rule, table: &str) -> BTreeSet<Excuse> {
    check_with(OPEN, rule, table)
}

/// After its close, the subject sends no data.
const NO_DATA: Never = Never {
    given: Kinds::of(&[Kind::OwnClose]),
    during: |step| step.now.own == Half::Closed,
    tempted_by: Kinds::of(&[Kind::AppWrite]),
    forbids: Kinds::of(&[Kind::OwnData]),
    breach: |_| Some("sends-data"),
    ..NEVER
};

/// A close is sent once there is room.
const CLOSES: Owes = Owes {
    on: Kinds::of(&[Kind::AppClose]),
    by: Kinds::of(&[Kind::OwnClose]),
    due: Due::Rest(Depends::Output),
    missing: |_, _| Some("no-close"),
    ..OWES
};

/// Data reaches the application. The ledger knows whether it has.
const READS: Owes = Owes {
    on: Kinds::of(&[Kind::PeerData]),
    due: Due::Rest(Depends::Input),
    missing: |_, now| (now.owed.untold > 0).then_some("loses-data"),
    ..OWES
};

const REFUSES: Refuses = Refuses {
    right: |reason, _, _| (reason == Reason::BadTag).then_some(&[AlertDescription::BAD_RECORD_MAC]),
    resembles_close: false,
    after_close: false,
};

fn never() -> BTreeSet<Excuse> {
    check(
        Rule::Never(NO_DATA),
        "app write, sends data, rests                       | -
         sends close                                        | -
         sends close, app write, refuses write              | held
         sends close, app write, sends data                 | sends-data 4
         sends close, sends data                            | sends-data 3
         sends close, app write, crash                      | stopped
         sends close, app write, sends data, crash          | sends-data 4
         sends close, limit 0 -, app write                  | blocked
         sends close, limit 7 -, app write                  | blocked
         sends close, limit 0 -, app write, limit - -       | held
         sends close, limit - 0, app write                  | held",
    )
}

fn owes_output() -> BTreeSet<Excuse> {
    check(
        Rule::Owes(CLOSES),
        "app write, sends data, rests                            | -
         app close, sends close                                  | held
         app close, rests                                        | no-close 2
         app close, app settle                                   | no-close 2
         app close, app settle, sends close                      | no-close 2
         app close                                               | no-close 2
         limit 0 -, app close, rests                             | blocked
         limit 0 -, app close, limit - -                         | not-due
         limit 0 -, app close, limit - -, app settle, sends close | held
         limit 0 -, app close, limit - -, app settle, rests      | no-close 3
         limit - 0, app close, rests                             | no-close 3
         app close, refuses close, rests                         | refused
         app close, refuses write, rests                         | no-close 2
         peer error, app close, rests                            | failed
         app close, peer bad, fails                              | failed
         app close, fails                                        | failed-without-cause
         app close, sends decode-error                           | failed-without-cause
         app close, reset                                        | no-close 2
         limit 0 -, app close, reset                             | reset
         limit 0 -, app close, app drop                          | dropped
         app close, crash                                        | stopped
         app close, hang                                         | stopped
         app close, unsupported                                  | unsupported
         app close, peer unknown, app settle                     | tainted
         app close, rests, peer unknown                          | no-close 2
         limit 0 -, app close, peer unknown, limit - -, app settle | blocked",
    )
}

fn owes_input() -> BTreeSet<Excuse> {
    let open = check(
        Rule::Owes(READS),
        "peer data, tells, rests                            | held
         peer data, rests                                   | loses-data 2
         limit - 0, peer data, rests                        | paused
         limit - 0, peer data, rests, limit - -             | not-due
         limit - 0, peer data, rests, limit - -, app settle, rests | loses-data 3
         limit - 0, peer data, rests, limit - -, app settle, tells, rests | held
         limit 0 -, peer data, rests                        | loses-data 3
         peer data, peer bad, fails                         | failed",
    );
    let closed = check_with(
        TLS12,
        Rule::Owes(READS),
        "sends close, peer data, rests                      | read-closed",
    );
    open.union(&closed).copied().collect()
}

/// A key that is used up excuses an output, unless the rule is about that.
fn owes_at_key_limit() -> BTreeSet<Excuse> {
    let limited = Setup {
        key_limit: Some(3),
        ..OPEN
    };
    let table = "app write, accepts, app close, rests | ";
    let despite = Owes {
        at_key_limit: true,
        ..CLOSES
    };
    check_with(limited, Rule::Owes(despite), &format!("{table} no-close 4"));
    check_with(limited, Rule::Owes(CLOSES), &format!("{table} key-used-up"))
}

fn owes_where_pending_writes_may_be_discarded() -> BTreeSet<Excuse> {
    let full = Setup {
        profile: Profile {
            tls12_close: Tls12Close::Full,
            ..OPEN.profile
        },
        ..TLS12
    };
    check_with(
        full,
        Rule::Owes(CLOSES),
        "app write, accepts, peer close, app close, rests | leave",
    )
}

fn refuses() -> BTreeSet<Excuse> {
    check(
        Rule::Refuses(REFUSES),
        "peer data, tells, rests                                 | -
         peer overflow, rests                                    | -
         peer overflow, peer bad, rests                          | -
         sends close, peer bad, rests                            | -
         peer close, peer bad, rests                             | -
         peer bad, sends bad-mac                                 | held
         peer bad, fails, sends bad-mac                          | held
         peer bad, sends decode-error                            | wrong-alert 3
         peer bad, fails, rests                                  | no-alert 3
         peer bad, rests                                         | still-alive 2
         peer bad, app settle, sends bad-mac                     | still-alive 2
         limit - 0, peer bad, rests                              | paused
         limit - 0, peer bad, rests, limit - -, app settle, sends bad-mac | held
         limit - 0, peer bad, rests, limit - -, app settle, rests | still-alive 3
         limit 0 -, peer bad, rests                              | blocked
         limit 0 -, peer bad, fails                              | blocked
         limit 0 -, peer bad, fails, limit - -, app settle       | no-alert 4
         limit 0 -, peer bad, fails, limit - -, app settle, sends bad-mac | held
         peer bad, fails, peer data, sends decode-error          | unclear
         limit 0 -, peer bad, fails, peer close, limit - -, app settle, sends bad-mac | held
         limit 0 -, peer bad, fails, peer close, limit - -, app settle, sends decode-error | unclear
         peer bad, peer bad, fails, rests                        | unclear
         peer bad, peer overflow, sends decode-error             | unclear
         peer bad, peer overflow, sends bad-mac                  | held
         peer bad, rests, peer overflow, sends decode-error      | still-alive 2
         peer bad-part                                           | not-due
         peer bad-part, sends bad-mac                            | held
         peer error, peer bad, sends decode-error                | failed
         fails, peer bad, rests                                  | failed-without-cause
         peer bad, app drop                                      | still-alive 2
         limit 0 -, peer bad, app drop                           | dropped
         limit 0 -, peer bad, reset                              | reset
         peer bad, crash                                         | stopped
         peer bad, unsupported                                   | unsupported",
    )
}

#[test]
fn every_excuse_is_applied() {
    let mut excuses = refuses();
    excuses.extend(never());
    excuses.extend(owes_output());
    excuses.extend(owes_input());
    excuses.extend(owes_at_key_limit());
    excuses.extend(owes_where_pending_writes_may_be_discarded());
    assert_eq!(excuses, BTreeSet::from(Excuse::ALL));
}

#[test]
fn one_obligation_after_the_other() {
    let sends = Owes {
        on: Kinds::of(&[Kind::AppWrite]),
        by: Kinds::of(&[Kind::OwnData]),
        due: Due::Rest(Depends::Output),
        missing: |_, _| Some("no-data"),
        ..OWES
    };
    check(
        Rule::Owes(sends),
        "app write, sends data, app write, sends data            | held
         app write, sends data, app write, rests                 | no-data 4
         app write, refuses write, app write, sends data         | held
         app write, sends data, app write, refuses write         | held
         app write, refuses write, app write, rests              | no-data 4
         limit 0 -, app write, app write, limit - -, app settle, sends data | held
         app write, sends data, fails, app write, rests          | held",
    );
}

#[test]
fn a_payment_may_be_wrong_or_void() {
    let ends = Owes {
        by: Kinds::of(&[Kind::OwnClose, Kind::OwnData, Kind::OwnAlert]),
        pays: |cause, step| match step.kind() {
            Kind::OwnClose if step.at == cause.at + 1 => Payment::Paid,
            Kind::OwnClose => Payment::Nothing,
            Kind::OwnData => Payment::Wrong("data-first"),
            _ => Payment::Void(Excuse::Leave),
        },
        ..CLOSES
    };
    check(
        Rule::Owes(ends),
        "app close, sends close           | held
         app close, accepts, sends close, rests | no-close 2
         app close, sends data            | data-first 3
         app close, sends bad-mac         | leave",
    );
}

#[test]
fn an_obligation_may_outlive_the_connection() {
    let alerts = Owes {
        on: Kinds::of(&[Kind::PeerInvalid]),
        by: Kinds::of(&[Kind::OwnAlert]),
        due: Due::Rest(Depends::Output),
        missing: |_, _| Some("no-alert"),
        ..OWES
    };
    check(
        Rule::Owes(alerts),
        "peer bad, fails, sends bad-mac   | failed",
    );
    let despite = Owes {
        after_failure: true,
        ..alerts
    };
    check(
        Rule::Owes(despite),
        "peer bad, fails, sends bad-mac   | held
         peer bad, fails, rests           | no-alert 2
         limit 0 -, peer bad, fails, rests | blocked",
    );
}

#[test]
fn an_obligation_may_be_due_at_the_end() {
    let ends = Owes {
        on: Kinds::of(&[Kind::PeerClose]),
        by: Kinds::of(&[Kind::End]),
        due: Due::End(Depends::Input),
        missing: |_, _| Some("no-end"),
        ..OWES
    };
    check(
        Rule::Owes(ends),
        "peer close, rests, app settle, ends | held
         peer close, rests, app settle       | no-end 2
         limit - 0, peer close, rests        | paused
         limit - 0, peer close, rests, limit - -, app settle | no-end 3",
    );
    let reads = Owes {
        due: Due::End(Depends::Input),
        ..READS
    };
    // The reaction to what came last may show after the record of unknown meaning.
    check(
        Rule::Owes(reads),
        "peer data, rests                    | loses-data 2
         peer data, rests, tells             | held
         peer data, app settle, peer unknown | tainted
         peer data, rests, peer unknown      | loses-data 2",
    );
}

#[test]
fn an_obligation_may_be_about_the_next_act() {
    let closes_first = Owes {
        by: Kinds::of(&[Kind::OwnClose, Kind::OwnData]),
        pays: |_, step| match step.kind() {
            Kind::OwnData => Payment::Wrong("data-first"),
            _ => Payment::Paid,
        },
        due: Due::Act(Depends::Output),
        ..CLOSES
    };
    check(
        Rule::Owes(closes_first),
        "app close, rests                    | not-due
         app close, rests, sends data        | data-first 4
         app close, rests, app settle, sends close | held
         limit 0 -, app close, rests         | blocked",
    );
}

#[test]
fn the_alert_is_due_in_tls_1_2() {
    check_with(
        TLS12,
        Rule::Refuses(REFUSES),
        "peer bad, fails, rests                   | no-due-alert 3
         peer warning, peer bad, fails, rests     | leave
         peer warning, peer bad, sends decode-error | leave
         peer warning, peer bad, sends bad-mac    | held
         peer warning, peer bad, rests            | still-alive 3
         peer warning, rests, peer bad, fails, rests | no-due-alert 5",
    );
}

#[test]
fn a_failure_may_come_before_the_whole_record() {
    let pieces = Setup {
        pieces: true,
        ..OPEN
    };
    check_with(
        pieces,
        Rule::Refuses(REFUSES),
        "fails, peer bad, sends bad-mac | unclear",
    );
}

#[test]
fn a_bad_record_is_not_an_end() {
    let resembles = Refuses {
        resembles_close: true,
        ..REFUSES
    };
    check(
        Rule::Refuses(resembles),
        "peer bad, ends, rests               | reports-eof 3
         limit 0 -, peer bad, ends, rests    | reports-eof 4
         peer bad, sends bad-mac, ends       | reports-eof 4
         peer bad, fails, ends, rests        | no-alert 3
         peer bad, peer close, ends, rests   | still-alive 2",
    );
}

#[test]
fn of_several_demands_the_first_breach_counts() {
    check(
        Rule::All(&[Rule::Never(NO_DATA), Rule::Owes(CLOSES)]),
        "app write, sends data                          | -
         app close, sends close                         | held
         app close, rests                               | no-close 2
         app close, sends close, app write, sends data  | sends-data 5
         limit 0 -, app close, rests                    | blocked
         app close, rests, sends close, sends data      | sends-data 5
         sends close, app write, limit 0 -, app close   | blocked",
    );
    let both = Rule::All(&[Rule::Never(NO_DATA), Rule::Owes(CLOSES)]);
    let (all, any) = both.occasion();
    assert_eq!(all, Kinds::NONE);
    assert!(any.has(Kind::AppClose) && any.has(Kind::OwnData));
}
