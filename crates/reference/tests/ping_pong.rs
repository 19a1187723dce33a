//! The reference in the founding scenario.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod guard;

use closure::{Axes, Build, Cut, Event, Transcript};
use guard::Guarded;
use protocol::{End, Role, Version};
use scenario::{App, Payload, Play, Say, Script, Shape, Step, play};

fn script() -> Script {
    let peer = |say| Step::Peer {
        say,
        shape: Shape::default(),
    };
    let text = |text: &str| Payload::Text(text.into());
    Script {
        steps: vec![
            Step::Handshake { until: None },
            peer(Say::Write(text("ping"))),
            peer(Say::Close),
            Step::App(App::Write(text("pong"))),
            Step::App(App::Close),
        ],
        ..Script::default()
    }
}

fn run(role: Role, version: Version, cut: Cut, bug: Option<&str>) -> Transcript {
    let axes = Axes {
        cut,
        ..Axes::baseline(role, version, Build::Plain)
    };
    let script = script();
    let how = Play {
        script: &script,
        axes: &axes,
        habit: None,
        profile: closure::Profile::default(),
        handshake_too: true,
        seed: 7,
    };
    let bug = bug.map(|name| reference::find(name).unwrap());
    let mut transcript = Transcript::new();
    play(&how, &mut Guarded(reference::subject(bug)), &mut transcript).unwrap();
    transcript
}

#[test]
fn the_reference_answers_a_peer_that_has_closed_its_half() {
    for version in [Version::Tls13, Version::Tls12] {
        for role in [Role::Client, Role::Server] {
            for cut in [Cut::Whole, Cut::PerRecord, Cut::Bytewise, Cut::Random(1)] {
                let transcript = run(role, version, cut, None);
                let view = closure::View::of(&transcript);
                let context = format!("{role:?} {version:?} {cut}: {:#?}", transcript.events());
                assert_eq!(view.connections.len(), 1, "{context}");
                let seen = &view.connections[0];
                assert_eq!(seen.delivered, b"ping", "{context}");
                assert_eq!(seen.written, b"pong", "{context}");
                assert_eq!(seen.end, Some(End::Clean), "{context}");
                assert_eq!(seen.alerts.len(), 1, "{context}");
                assert_eq!((seen.failed, view.stopped), (None, false), "{context}");
            }
        }
    }
}

#[test]
fn a_bug_changes_its_reaction() {
    let bug = Some("no-writing-after-peer-close");
    let transcript = run(Role::Server, Version::Tls13, Cut::Whole, bug);
    let refused = |event: &Event| matches!(event, Event::Refused { .. });
    assert!(transcript.events().iter().any(refused));
}
