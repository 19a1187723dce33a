//! `lastword shim check`: does a shim speak the protocol?

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use closure::{Axes, Event, Transcript};
use protocol::{
    ApiState, Begin, Capability, Command, DEFAULT_CLOCK, End, HabitKind, Hello, Io, NEWEST,
    Observation, Open, PLAIN_HABIT, Pki, Presented, Reply, Role, Version,
};
use scenario::{Play, Script, play};
use wire::Content;

use crate::cli::ShimCheckArgs;
use crate::exit::{Exit, Failure};
use crate::instances::{build_of, habit_kind};
use crate::process::Process;
use crate::render::report::{BOLD, coloured};
use crate::render::text::{count, one_line, width, wrap};
use crate::shim::{Launch, Shim};

use super::{print, ready};

/// Checks every subject that the command line names, and says how to exit.
pub(super) fn check(args: &ShimCheckArgs) -> Result<Exit, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut failed = 0;
    for subject in ready::choose(&args.subjects)? {
        let launch = ready::launch(&subject, &args.subjects, &interrupted);
        print(&format!("{BOLD}{}{BOLD:#}\n", launch.text()))?;
        failed += all(&launch)?;
    }
    match failed {
        0 => print("\nthe shim speaks the protocol\n").map(|()| Exit::Ok),
        n => Err(Failure::set_up(count(n, "check fails", "checks fail"))),
    }
}

/// Makes all checks, a line each, and gives the number of those that fail.
fn all(launch: &Launch) -> Result<usize, Failure> {
    let mut failed = 0;
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
        failed += usize::from(result.is_err());
        print(&line)
    };
    let hello = match launch.start() {
        Ok(shim) => shim.hello().clone(),
        Err(error) => {
            say("answers hello", Err(error.to_string()))?;
            return Ok(failed);
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
        say(&format!("knows the habit {}", habit.name), result)?;
    }
    Ok(failed)
}

type LineCheck = fn(&Launch, &Hello) -> Result<(), String>;

const LINES: &[(&str, LineCheck)] = &[
    ("says the same in every hello", |launch, hello| {
        let again = launch.start().map_err(|error| error.to_string())?;
        match again.hello() == hello {
            true => Ok(()),
            false => Err("a second process introduces itself differently".into()),
        }
    }),
    ("refuses a protocol that is too new", |launch, _| {
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
    ("refuses fields that it does not know", |launch, _| {
        let mut process = start(launch)?;
        greet(&mut process)?;
        let line = r#"{"command":{"write":{"bytes":"","io":{},"volume":11}}}"#;
        expect_error(&mut process, line)
    }),
    (
        "does not die of a command without a connection",
        |launch, _| {
            let mut shim = launch.start().map_err(|error| error.to_string())?;
            ask(&mut shim, Command::CloseWrite { io: Io::default() })?;
            ask(&mut shim, Command::Drop).map(|_| ())
        },
    ),
    (
        "says what became of a write before the handshake",
        |launch, hello| {
            let mut shim = opened(launch, hello, hello.roles[0], PLAIN_HABIT)?.0;
            let seen = ask(
                &mut shim,
                Command::Write {
                    bytes: b"too early".as_slice().into(),
                    io: Io::default(),
                },
            )?;
            // An implementation may keep it until it can be sent: then it took it.
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
    ("says 'unsupported' of an unknown habit", |launch, hello| {
        let (_, seen) = opened(launch, hello, hello.roles[0], "no-such-habit")?;
        match seen
            .iter()
            .any(|o| matches!(o, Observation::Unsupported { .. }))
        {
            true => Ok(()),
            false => Err("no 'unsupported' among the observations".into()),
        }
    }),
    (
        "is silent when it is called without reason",
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
    ("starts afresh with every begin", |launch, hello| {
        let mut shim = opened(launch, hello, hello.roles[0], PLAIN_HABIT)?.0;
        ask(&mut shim, begin(hello))?;
        let seen = ask(&mut shim, Command::CloseWrite { io: Io::default() })?;
        match seen.iter().any(|o| matches!(o, Observation::Sent { .. })) {
            true => Err("the connection of the context before is still there".into()),
            false => Ok(()),
        }
    }),
    ("ends when its input ends", |launch, _| {
        let mut process = start(launch)?;
        greet(&mut process)?;
        process
            .end_input()
            .map_err(|how| format!("it does not: {how}"))
    }),
];

/// Says something in each direction, and closes.
const TALK: &str = "handshake\npeer write \"ping\"\napp write \"pong\"\npeer close\napp close\n";

type ScriptCheck = fn(&Transcript) -> Result<(), String>;

const SCRIPTS: &[(&str, &str, ScriptCheck)] = &[
    ("shakes hands", "handshake", |t| {
        need(t, "handshake-done", |e| {
            matches!(e, Event::HandshakeDone { .. })
        })
    }),
    ("passes data on and closes in both directions", TALK, talks),
    (
        "reports a transport that ends early as no clean end",
        "handshake\ntransport fin",
        |t| match t
            .events()
            .iter()
            .any(|e| matches!(e, Event::End(End::Clean)))
        {
            true => Err("it says that the end was clean, without close_notify".into()),
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
            "the application got {} bytes of \"ping\"",
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
