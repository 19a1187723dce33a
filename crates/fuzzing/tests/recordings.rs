//! Play after a recorded handshake, or after a part of one, is the same as after a live one.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use closure::{Axes, Build, Transcript};
use peer::MessageName;
use protocol::{Command, Role, Sink, Subject, Version};
use rustls_subject::Rustls;
use scenario::{Player, Port, Script, Step, Stop};
use support::plainly;

struct Direct(Rustls);

impl Port for Direct {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.0.command(command, sink);
        Ok(())
    }
}

/// Steps of the peer and the application, also where a handshake message is due.
const BEHIND: &str = "set suite 0xff13\nset group 0xfe00\npeer write 20\npeer close\napp close\n\
                      transport fin\n";

#[test]
fn a_recording_of_any_part_of_a_handshake_plays_on_like_a_live_one() {
    let parts = MessageName::ALL.iter().copied().map(Some);
    for until in parts.chain([None]) {
        for role in [Role::Client, Role::Server] {
            let mut script = Script::parse(BEHIND).unwrap();
            script.steps.insert(0, Step::Handshake { until });
            let axes = Axes::baseline(role, Version::Tls13, Build::Plain);
            let play = plainly(&script, &axes);
            let mut port = Direct(rustls_subject::unbuffered());
            let mut player = Player::new();
            let mut live = Transcript::new();
            player.play(&play, &mut port, &mut live).unwrap();
            let recording = player.record(&play, &mut port).unwrap();
            let mut again = Transcript::new();
            player
                .play_on(&recording, &play, &mut port, &mut again)
                .unwrap();
            assert_eq!(live.events(), again.events(), "{role:?} until {until:?}");
        }
    }
}
