//! `lastword shim check`: does a shim speak the protocol?

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use closure::{Axes, Event, Transcript};
use protocol::{
    ApiState, Begin, Capability, Command, DEFAULT_CLOCK, End, HabitKind, Hello, Io, NEWEST,
    Observation, Open, PLAIN_HABIT, Pki, Presented, Reply, Role, Version,
};
use scenario::{Play, Script, play};
use shim::{Launch, Process, Shim};
use wire::Content;

use crate::cli::ShimCheckArgs;
use crate::exit::{Exit, Failure};
use crate::render::report::{BOLD, coloured};
use crate::render::text::{count, one_line, width, wrap};
use cases::instances::{build_of, habit_kind};

use super::{print, ready};

/// Checks every subject that the command line names.
pub(super) fn check(args: &ShimCheckArgs) -> Result<Exit, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let (mut made, mut failed) = (0, 0);
    for subject in ready::choose(&args.subjects)? {
        let launch = ready::launch(&subject, &args.subjects, &interrupted);
        print(&format!("{BOLD}{}{BOLD:#}\n", launch.text()))?;
        let counts = all(&launch)?;
        made += counts.made;
        failed += counts.failed;
    }
    match failed {
        0 => {
            let checks = count(made, "check", "checks");
            print(&format!(
                "\nthe shim speaks the protocol: {checks} passed\n"
            ))?;
            Ok(Exit::Ok)
        }
        _ => Err(Failure::set_up(format!("{failed} of {made} checks failed"))),
    }
}

/// How many checks were made, and how many of them failed.
#[derive(Default)]
struct Counts {
    made: usize,
    failed: usize,
}

/// Makes all checks, and prints a line for each.
fn all(launch: &Launch) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut say = |name: &str, result: Result<(), String>| {
        let line = match &result {
            Ok(()) => {
                let green = coloured(anstyle::AnsiColor::Green);
                format!("  {green}ok{green:#}    {name}\n")
            }
            Err(why) => {
                let red = coloured(anstyle::AnsiColor::Red).bold();
                let why = wrap(&one_line(why), width(), 8);
                format!("  {red}FAIL{red:#}  {name}\n        {why}\n")
            }
        };
        counts.made += 1;
        counts.failed += usize::from(result.is_err());
        print(&line)
    };
    let hello = match launch.start() {
        Ok(shim) => shim.hello().clone(),
        Err(error) => {
            say("answers hello", Err(error.to_string()))?;
            return Ok(counts);
        }
    };
    say("answers hello", Ok(()))?;
    for (name, check) in LINES {
        say(name, check(launch, &hello))?;
    }
    for &role in &hello.roles {
        for &version in &hello.versions {
            let axes = Axes::baseline(role, version, build_of(&hello));
            for (name, script, check) in SCRIPTS {
                let result = played(launch, &hello, &axes, script).and_then(|t| check(&t));
                say(&format!("{name} ({axes})"), result)?;
            }
            let cut = Axes {
                cut: closure::Cut::Bytewise,
                ..axes.clone()
            };
            let whole = played(launch, &hello, &cut, TALK).and_then(|t| talks(&t));
            say(&format!("answers every piece of cut input ({cut})"), whole)?;
        }
    }
    for habit in &hello.habits {
        let axes = Axes {
            habit: habit.name.clone().into(),
            ..Axes::baseline(hello.roles[0], hello.versions[0], build_of(&hello))
        };
        let result = played(launch, &hello, &axes, TALK).map(|_| ());
        say(&format!("plays with the habit {}", habit.name), result)?;
    }
    Ok(counts)
}

type LineCheck = fn(&Launch, &Hello) -> Result<(), String>;

const LINES: &[(&str, LineCheck)] = &[
    (
        "sends the same hello from every process",
        |launch, hello| {
            let again = launch.start().map_err(|error| error.to_string())?;
            match again.hello() == hello {
                true => Ok(()),
                false => Err("a second process introduces itself differently".into()),
            }
        },
    ),
    ("rejects a protocol version that is too new", |launch, _| {
        let line = format!(
            r#"{{"hello":{{"oldest":{},"newest":{}}}}}"#,
            NEWEST + 1,
            NEWEST + 2
        );
        expect_error(&mut start(launch)?, &line)
    }),
    (
        "answers a line that is not JSON with an error, and goes on",
        |launch, _| {
            let mut process = start(launch)?;
            expect_error(&mut process, "this is not JSON")?;
            expect_error(&mut process, "nor is this")?;
            greet(&mut process)
        },
    ),
    (
        "answers an unknown command with an error, and goes on",
        |launch, _| {
            let mut process = start(launch)?;
            greet(&mut process)?;
            expect_error(&mut process, r#"{"command":{"sing":{}}}"#)?;
            greet(&mut process)
        },
    ),
    ("rejects unknown fields", |launch, _| {
        let mut process = start(launch)?;
        greet(&mut process)?;
        let line = r#"{"command":{"write":{"bytes":"","io":{},"volume":11}}}"#;
        expect_error(&mut process, line)
    }),
    ("survives a command without a connection", |launch, _| {
        let mut shim = launch.start().map_err(|error| error.to_string())?;
        ask(&mut shim, Command::CloseWrite { io: Io::default() })?;
        ask(&mut shim, Command::Drop).map(|_| ())
    }),
    (
        "answers a write before the handshake with 'accepted' or 'refused'",
        |launch, hello| {
            let mut shim = opened(launch, hello, hello.roles[0], PLAIN_HABIT)?.0;
            let seen = ask(
                &mut shim,
                Command::Write {
                    bytes: b"too early".as_slice().into(),
                    io: Io::default(),
                },
            )?;
            // An implementation may buffer the bytes until it can send them: they are accepted.
            let told = |o: &_| {
                matches!(
                    o,
                    Observation::Refused { .. } | Observation::Accepted { .. }
                )
            };
            match seen.iter().any(told) {
                true => Ok(()),
                false => Err("neither 'refused' nor 'accepted' is among the observations".into()),
            }
        },
    ),
    (
        "answers an unknown habit with 'unsupported'",
        |launch, hello| {
            let (_, seen) = opened(launch, hello, hello.roles[0], "no-such-habit")?;
            match seen
                .iter()
                .any(|o| matches!(o, Observation::Unsupported { .. }))
            {
                true => Ok(()),
                false => Err("no 'unsupported' among the observations".into()),
            }
        },
    ),
    (
        "sends nothing when called without new input",
        |launch, hello| {
            if !hello.roles.contains(&Role::Server) {
                return Ok(());
            }
            let mut shim = opened(launch, hello, Role::Server, PLAIN_HABIT)?.0;
            for presented in [Presented::Same, Presented::Empty] {
                let io = Io::default();
                let seen = ask(&mut shim, Command::Settle { presented, io })?;
                if seen.iter().any(|o| matches!(o, Observation::Sent { .. })) {
                    return Err("a server sends before it has received anything".into());
                }
            }
            Ok(())
        },
    ),
    ("drops the connection at every begin", |launch, hello| {
        let mut shim = opened(launch, hello, hello.roles[0], PLAIN_HABIT)?.0;
        ask(&mut shim, begin(hello))?;
        let seen = ask(&mut shim, Command::CloseWrite { io: Io::default() })?;
        match seen.iter().any(|o| matches!(o, Observation::Sent { .. })) {
            true => Err("the connection is still there after a second begin".into()),
            false => Ok(()),
        }
    }),
    ("exits when its input ends", |launch, _| {
        let mut process = start(launch)?;
        greet(&mut process)?;
        process
            .end_input()
            .map_err(|how| format!("it did not exit with status 0: {how}"))
    }),
];

/// Sends data in each direction, and closes.
const TALK: &str = "handshake\npeer write \"ping\"\napp write \"pong\"\npeer close\napp close\n";

type ScriptCheck = fn(&Transcript) -> Result<(), String>;

const SCRIPTS: &[(&str, &str, ScriptCheck)] = &[
    ("completes the handshake", "handshake", |t| {
        need(t, "handshake-done", |e| {
            matches!(e, Event::HandshakeDone { .. })
        })
    }),
    ("passes data and closes in both directions", TALK, talks),
    (
        "does not report a transport that ends early as a clean end",
        "handshake\ntransport fin",
        |t| match t
            .events()
            .iter()
            .any(|e| matches!(e, Event::End(End::Clean)))
        {
            true => Err("it reports a clean end without close_notify".into()),
            false => Ok(()),
        },
    ),
];

fn talks(t: &Transcript) -> Result<(), String> {
    let got: Vec<u8> = t
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Data(span) => Some(t.bytes(*span)),
            _ => None,
        })
        .collect::<Vec<_>>()
        .concat();
    if got != b"ping" {
        return Err(format!(
            "the application received {} bytes instead of \"ping\"",
            got.len()
        ));
    }
    need(t, "end clean", |e| matches!(e, Event::End(End::Clean)))?;
    need(t, "accepted", |e| matches!(e, Event::Accepted { bytes: 4 }))?;
    need(
        t,
        "its data on the wire",
        |e| matches!(e, Event::Sent(record) if record.content == Content::Data),
    )?;
    need(
        t,
        "its close_notify on the wire",
        |e| matches!(e, Event::Sent(record) if record.alert().is_some_and(|(_, a)| a.0 == 0)),
    )
}

fn need(t: &Transcript, what: &str, is: impl Fn(&Event) -> bool) -> Result<(), String> {
    match t.events().iter().any(is) {
        true => Ok(()),
        false => Err(format!("no '{what}' was seen")),
    }
}

fn played(launch: &Launch, hello: &Hello, axes: &Axes, script: &str) -> Result<Transcript, String> {
    let script = Script::parse(script).map_err(|error| error.to_string())?;
    let mut shim = launch.start().map_err(|error| error.to_string())?;
    let mut transcript = Transcript::new();
    let to_play = Play {
        script: &script,
        axes,
        habit: habit_kind(hello, &axes.habit),
        profile: closure::Profile::default(),
        handshake_too: habit_kind(hello, &axes.habit) != Some(HabitKind::Abuse),
        seed: 1,
    };
    let played = play(&to_play, &mut shim, &mut transcript).map_err(|stop| stop.to_string())?;
    if let Some(what) = shim.take_unsupported() {
        return Err(format!("unsupported: {what}"));
    }
    match transcript.events().last() {
        Some(Event::Crash) => return Err("it died".into()),
        Some(Event::Hang) => return Err("it did not answer in time".into()),
        _ => {}
    }
    let states = transcript.events().iter().any(|event| {
        matches!(
            event,
            Event::State {
                name: ApiState::BlockedHandshake | ApiState::WriteTraffic,
                ..
            }
        )
    });
    if states && !hello.capabilities.contains(&Capability::States) {
        return Err("it reports states, and its hello does not list 'states'".into());
    }
    let done = transcript
        .events()
        .iter()
        .any(|event| matches!(event, Event::HandshakeDone { .. }));
    match (done, played.peer_failure) {
        (false, Some(failure)) => Err(format!("the handshake fails: {failure}")),
        _ => Ok(transcript),
    }
}

fn start(launch: &Launch) -> Result<Process, String> {
    launch.process().map_err(|error| error.to_string())
}

fn exchange(process: &mut Process, line: &str) -> Result<Reply<'static>, String> {
    let mut reply = Vec::new();
    process
        .exchange(format!("{line}\n").as_bytes(), &mut reply)
        .map_err(|no_line| format!("no answer to '{line}': {no_line:?}"))?;
    let text = String::from_utf8_lossy(&reply).into_owned();
    serde_json::from_str(&text).map_err(|error| format!("'{text}' is not a reply: {error}"))
}

fn expect_error(process: &mut Process, line: &str) -> Result<(), String> {
    match exchange(process, line)? {
        Reply::Error { .. } => Ok(()),
        _ => Err(format!("'{line}' is not answered with an error")),
    }
}

fn greet(process: &mut Process) -> Result<(), String> {
    let line = format!(
        r#"{{"hello":{{"oldest":{},"newest":{NEWEST}}}}}"#,
        protocol::OLDEST
    );
    match exchange(process, &line)? {
        Reply::Hello(_) => Ok(()),
        _ => Err("hello is not answered with hello".into()),
    }
}

fn ask(shim: &mut Shim, command: Command<'_>) -> Result<Vec<Observation<'static>>, String> {
    let pieces = shim.ask(command).map_err(|stop| stop.to_string())?;
    Ok(pieces.into_iter().flatten().collect())
}

fn opened(
    launch: &Launch,
    hello: &Hello,
    role: Role,
    habit: &str,
) -> Result<(Shim, Vec<Observation<'static>>), String> {
    let mut shim = launch.start().map_err(|error| error.to_string())?;
    let seen = ask(&mut shim, begin(hello))?;
    if let Some(Observation::Unsupported { what }) = seen.first() {
        return Err(format!("unsupported: {what}"));
    }
    let open = Open {
        role,
        early: Vec::new().into(),
        habit: habit.to_owned().into(),
        habit_after_handshake: false,
    };
    let seen = ask(&mut shim, Command::Open(open))?;
    Ok((shim, seen))
}

fn begin(hello: &Hello) -> Command<'static> {
    let versions: Vec<Version> = hello.versions.clone();
    let begin = Begin {
        pki: Box::new(Pki {
            roots: peer::pki::CA_PEM.into(),
            server_chain: peer::pki::SERVER_PEM.into(),
            server_key: peer::pki::SERVER_KEY_PEM.into(),
            client_chain: peer::pki::CLIENT_PEM.into(),
            client_key: peer::pki::CLIENT_KEY_PEM.into(),
            server_name: peer::pki::SERVER_NAME.into(),
        }),
        versions,
        suites: Vec::new(),
        groups: Vec::new(),
        tickets: 0,
        early_data: 0,
        half_rtt: false,
        fragment_size: None,
        record_size_limit: None,
        key_limit: None,
        client_auth: false,
        clock: DEFAULT_CLOCK,
        profile: protocol::Profile::default(),
    };
    Command::Begin(std::borrow::Cow::Owned(begin))
}
