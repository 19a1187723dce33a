//! Choices of other stacks that the RFCs allow are not deviations.
//!
//! Each test plays a variant of the reference that does what some other stack does, and that the RFCs
//! allow. No rule may find a deviation. Each test also names the findings that do appear, and plays a
//! variant that goes one step further and does deviate.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

#[path = "../../crates/reference/tests/guard/mod.rs"]
mod guard;

use std::collections::BTreeMap;

use cases::instances;
use closure::{Axes, Build, Cut, Grade, Profile, Transcript, Verdict, judge, requirements};
use guard::Guarded;
use protocol::{Command, ErrorClass, Hello, Role, Sink, Subject, Version};
use reference::{
    Act, AlertKind, AlertLevel, At, Fault, Flaw, Own, Phase, Reaction, Situation, What, When,
};
use scenario::{Play, Script, play};
use wire::{Alert, AlertDescription, HandshakeType, Reason};

/// The findings of the rules: requirement and code, and an instance that shows each.
type Findings = BTreeMap<(&'static str, &'static str), String>;

const CLIENT: &[Role] = &[Role::Client];
const SERVER: &[Role] = &[Role::Server];
const BOTH: &[Role] = &[Role::Client, Role::Server];

/// The conforming subject except for one reaction, which it shows each time.
fn variant(situation: Situation, reaction: Reaction) -> Fault {
    Fault {
        at: At::Row(situation),
        act: Act::Instead(reaction),
        when: When::Always,
    }
}

/// Ignores everything that arrives once it has closed.
#[derive(Debug)]
struct ReadsNoMore {
    inner: reference::Reference,
    closed: bool,
}

impl Subject for ReadsNoMore {
    fn hello(&self) -> Hello {
        self.inner.hello()
    }

    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) {
        match command {
            Command::Feed { .. } if self.closed => sink.end_piece(),
            Command::CloseWrite { .. } => {
                self.closed = true;
                self.inner.command(command, sink);
            }
            Command::Open(_) => {
                self.closed = false;
                self.inner.command(command, sink);
            }
            command => self.inner.command(command, sink),
        }
    }
}

fn findings(
    subject: impl Subject,
    script: &Script,
    axes: &Axes,
    handshake_too: bool,
    name: &str,
    found: &mut Findings,
) {
    let how = Play {
        script,
        axes,
        habit: instances::habit_kind(&reference::subject(None).hello(), &axes.habit),
        profile: Profile::default(),
        handshake_too,
        seed: 1,
    };
    let mut transcript = Transcript::new();
    play(&how, &mut Guarded(subject), &mut transcript).unwrap();
    let mut judgements = Vec::new();
    judge(&transcript, &mut judgements);
    for judgement in judgements {
        if let Verdict::Found { code, .. } = judgement.verdict {
            let place = (judgement.requirement.id, code);
            found
                .entry(place)
                .or_insert_with(|| instances::id(name, axes));
        }
    }
}

/// The findings if a subject plays the script, in every role, with one record after another and
/// with all in one piece.
fn says<S: Subject>(
    subject: impl Fn() -> S,
    roles: &[Role],
    version: Version,
    script: &str,
) -> Findings {
    let script = Script::parse(&script.replace("; ", "\n")).unwrap();
    let mut found = Findings::new();
    for role in roles {
        for cut in [Cut::Whole, Cut::PerRecord] {
            let axes = Axes {
                cut,
                ..Axes::baseline(*role, version, Build::Plain)
            };
            findings(subject(), &script, &axes, true, "script", &mut found);
        }
    }
    found
}

/// The findings if the variant plays the first instance of every case.
fn says_in_all_cases<S: Subject>(subject: impl Fn() -> S, version: Version) -> Findings {
    let hello = reference::subject(None).hello();
    let mut found = Findings::new();
    let all = cases::all().iter();
    for case in all.filter(|case| case.versions.contains(&version)) {
        for role in case.roles {
            let axes = instances::expand(case, &hello, *role, version, false);
            let Some(axes) = axes.first() else { continue };
            findings(
                subject(),
                &case.script,
                axes,
                case.cut_handshake,
                case.name,
                &mut found,
            );
        }
    }
    found
}

fn grade((id, code): (&str, &str)) -> Grade {
    requirements::find(id).unwrap().code(code).unwrap().grade
}

#[track_caller]
fn nothing_deviates(found: &Findings) {
    let deviations: Vec<_> = found
        .iter()
        .filter(|(place, _)| grade(**place) == Grade::Deviates)
        .collect();
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[track_caller]
fn is_said(found: &Findings, id: &'static str, code: &'static str) {
    assert!(found.contains_key(&(id, code)), "{id} {code}: {found:#?}");
}

#[test]
fn an_alert_before_any_server_hello_may_have_another_version() {
    let alert = || {
        let sending = Situation::Sending(Own::HandshakeError);
        reference::faulty(variant(sending, Reaction::Seal(Flaw::Version(0x0301))))
    };
    let wrong = ("rec.tx-shape", "wrong-version");
    // RFC 5246 6.2.1: until the ServerHello, a client may not know the version.
    for script in [
        "connect; peer write \"x\"",
        "connect; peer handshake finished 32",
    ] {
        let found = says(alert, BOTH, Version::Tls12, script);
        nothing_deviates(&found);
        // RFC 8446 5.1: only a first ClientHello.
        let found = says(alert, CLIENT, Version::Tls13, script);
        is_said(&found, wrong.0, wrong.1);
    }
    let later = "edit finished flip; handshake";
    is_said(&says(alert, BOTH, Version::Tls12, later), wrong.0, wrong.1);
}

#[test]
fn a_client_hello_may_have_the_version_of_tls_1_0() {
    let hello = |version| {
        let sending = Situation::Sending(Own::Handshake);
        variant(sending, Reaction::Seal(Flaw::Version(version)))
    };
    let says_of =
        |version, tls, script| says(|| reference::faulty(hello(version)), CLIENT, tls, script);
    for (version, tls) in [
        (0x0301, Version::Tls12),
        (0x0301, Version::Tls13),
        // RFC 5246 E.1: any minor version.
        (0x0300, Version::Tls12),
    ] {
        nothing_deviates(&says_of(
            version,
            tls,
            "connect; handshake until server-hello",
        ));
        // The later messages have it too.
        let found = says_of(version, tls, "handshake");
        is_said(&found, "rec.tx-shape", "wrong-version");
    }
    let found = says_of(0x0300, Version::Tls13, "connect");
    is_said(&found, "rec.tx-shape", "wrong-version");
    // RFC 8446 5.1: not the ClientHello after a HelloRetryRequest.
    let retry = "set hello-retry; handshake until client-hello; handshake until client-hello";
    let found = says_of(0x0301, Version::Tls13, retry);
    is_said(&found, "rec.tx-shape", "wrong-version");
}

#[test]
fn a_receiver_may_take_a_record_with_too_much_padding() {
    let long = What::Invalid(Reason::InnerOverflow);
    for phase in [Phase::Open, Phase::OwnClosed] {
        let fault = variant(Situation::Record(long, phase), Reaction::Accept);
        let found = says_in_all_cases(|| reference::faulty(fault), Version::Tls13);
        nothing_deviates(&found);
        if phase == Phase::Open {
            is_said(&found, "rec.inner-overflow", "takes");
            is_said(&found, "frame.alert-max-padded", "takes");
        }
        let taken = || reference::faulty(fault);
        for script in [
            "handshake; peer write \"a\" pad 16384; peer write \"b\"; peer close",
            "handshake; app close; peer write \"a\" pad 16384; peer write \"b\"; peer close",
            "handshake; peer close pad 16383; app close; transport fin",
            "handshake; peer key-update pad 16380; peer write \"b\"; transport fin",
        ] {
            nothing_deviates(&says(taken, BOTH, Version::Tls13, script));
            // A receiver may also refuse it.
            let sound = || reference::subject(None);
            nothing_deviates(&says(sound, BOTH, Version::Tls13, script));
        }
    }
}

#[test]
fn too_much_padding_for_the_negotiated_limit_is_refused() {
    let taken = || {
        let limit = What::Invalid(Reason::SizeLimit);
        let situation = Situation::Record(limit, Phase::Open);
        reference::faulty(variant(situation, Reaction::Accept))
    };
    let script = "set record-size-limit 16385; handshake; peer write \"a\" pad 16385";
    let found = says(taken, BOTH, Version::Tls13, script);
    is_said(&found, "rec.limit-8449-refused", "still-alive");
}

#[test]
fn a_tls_1_2_closer_may_ignore_handshake_records() {
    for reason in [
        Reason::UnexpectedMessage(HandshakeType::FINISHED),
        Reason::UnexpectedMessage(HandshakeType::SERVER_HELLO),
        Reason::LateChangeCipherSpec,
    ] {
        let record = Situation::Record(What::Invalid(reason), Phase::OwnClosed);
        let fault = variant(record, Reaction::Ignore);
        let found = says_in_all_cases(|| reference::faulty(fault), Version::Tls12);
        nothing_deviates(&found);
        is_said(&found, "fatal-tx.half-closed", "ignores");
    }
    // It may also continue to read.
    let ignores = || {
        let finished = What::Invalid(Reason::UnexpectedMessage(HandshakeType::FINISHED));
        let record = Situation::Record(finished, Phase::OwnClosed);
        reference::faulty(variant(record, Reaction::Ignore))
    };
    let script = "handshake; app close; peer handshake finished 32; peer write \"b\"; peer close";
    nothing_deviates(&says(ignores, BOTH, Version::Tls12, script));
    let found = says(ignores, BOTH, Version::Tls13, script);
    is_said(&found, "fatal-tx.half-closed", "still-alive");
}

#[test]
fn a_tls_1_2_closer_may_read_no_more() {
    let deaf = || ReadsNoMore {
        inner: reference::subject(None),
        closed: false,
    };
    for (version, bad) in [(Version::Tls12, "ignores"), (Version::Tls13, "still-alive")] {
        for record in [
            "peer write \"a\" bad-tag",
            "peer record 99 \"a\"",
            "peer close epoch plain",
            "peer write \"a\" epoch plain",
            "peer record application_data 18500",
            "peer handshake finished 32",
        ] {
            let script = format!("handshake; app close; {record}; peer write \"b\"");
            let found = says(deaf, BOTH, version, &script);
            if version == Version::Tls12 {
                nothing_deviates(&found);
            }
            if record.contains("bad-tag") {
                is_said(&found, "fatal-tx.half-closed", bad);
            }
        }
    }
    // A closer that continues to read may not read past a bad record.
    let forgives = || {
        let record = Situation::Record(What::Invalid(Reason::BadTag), Phase::OwnClosed);
        reference::faulty(variant(record, Reaction::Ignore))
    };
    for next in ["peer write \"b\"", "peer close"] {
        let script = format!("handshake; app close; peer write \"a\" bad-tag; {next}");
        let found = says(forgives, BOTH, Version::Tls12, &script);
        is_said(&found, "fatal-tx.half-closed", "still-alive");
    }
}

#[test]
fn a_renegotiation_request_may_end_the_connection() {
    const REFUSES: Reaction = Reaction::All(&[
        Reaction::Alert {
            level: Alert::WARNING,
            description: AlertDescription::NO_RENEGOTIATION,
        },
        Reaction::FatalSilent(ErrorClass::Other),
    ]);
    for (phase, reaction) in [
        (Phase::Open, REFUSES),
        (
            Phase::Open,
            Reaction::Fatal(AlertDescription::UNEXPECTED_MESSAGE),
        ),
        (Phase::OwnClosed, Reaction::FatalSilent(ErrorClass::Other)),
    ] {
        let request = Situation::Record(What::Renegotiation(1), phase);
        let fault = variant(request, reaction);
        nothing_deviates(&says_in_all_cases(
            || reference::faulty(fault),
            Version::Tls12,
        ));
        for script in [
            "handshake; peer renegotiate; app close",
            "handshake; app close; peer renegotiate; peer close",
        ] {
            let fails = || reference::faulty(fault);
            nothing_deviates(&says(fails, BOTH, Version::Tls12, script));
        }
    }
    // A close alone is no reason to fail.
    let fails = || {
        let close = Situation::Call(reference::Call::Close, Phase::Open);
        let fails = Reaction::FatalSilent(ErrorClass::Other);
        reference::faulty(variant(close, fails))
    };
    let found = says(fails, BOTH, Version::Tls12, "handshake; app close");
    is_said(&found, "close-tx.zero-data-session", "fails");
}

#[test]
fn a_server_may_ignore_warnings_before_the_client_hello() {
    for (kind, alert) in [
        (AlertKind::Defined, "unrecognized_name"),
        (AlertKind::Reserved, "export_restriction"),
        (AlertKind::Undefined, "101"),
    ] {
        let ignores = || {
            let warning = What::Error(AlertLevel::Warning, kind);
            let situation = Situation::Record(warning, Phase::Handshake);
            reference::faulty(variant(situation, Reaction::Ignore))
        };
        let script = format!("connect; peer alert 1 {alert}");
        let more = format!("{script}; handshake; peer write \"a\"; peer close");
        for script in [&script, &more] {
            let found = says(ignores, SERVER, Version::Tls13, script);
            nothing_deviates(&found);
            is_said(&found, "alert-rx.warning-before-version", "goes-on");
            nothing_deviates(&says(ignores, SERVER, Version::Tls12, script));
        }
        // Refusing them conforms as well.
        let refuses = says(|| reference::subject(None), SERVER, Version::Tls13, &script);
        assert!(!refuses.contains_key(&("alert-rx.warning-before-version", "goes-on")));
        nothing_deviates(&refuses);
    }
    // Once the version is known, it is an error.
    let ignores = || {
        let warning = What::Error(AlertLevel::Warning, AlertKind::Defined);
        let situation = Situation::Record(warning, Phase::Handshake);
        reference::faulty(variant(situation, Reaction::Ignore))
    };
    let script = "handshake until finished; peer alert 1 handshake_failure";
    let found = says(ignores, BOTH, Version::Tls13, script);
    is_said(&found, "alert-rx.level-ignored", "still-alive");
}
