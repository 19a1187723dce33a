//! Seeds for raw bytes: everything that a peer says in a whole conversation.

use closure::{Axes, Build, Transcript};
use protocol::{Command, Sink};
use scenario::{Play, Player, Port, Script, Stop};

use crate::guard::Guard;
use crate::{Input, Target, input};

/// Conversations whose peer bytes are the seeds, for each role and version.
const SCRIPTS: &[(&str, &str)] = &[
    ("close", "handshake\npeer write \"x\"\npeer close\n"),
    ("alert", "handshake\npeer alert 2 bad_record_mac\n"),
    ("tickets", "set tickets 2\nhandshake\npeer close\n"),
    ("client-auth", "set client-auth\nhandshake\npeer close\n"),
    (
        "key-update",
        "handshake\npeer key-update request\npeer write \"x\"\n",
    ),
];

/// The name of each seed, and the bytes that a target of raw bytes reads as its conversation.
pub fn conversations(target: &'static Target) -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (name, script) in SCRIPTS {
        let Ok(script) = Script::parse(script) else {
            continue;
        };
        for (r, role) in target.roles.iter().enumerate() {
            for (v, version) in target.versions.iter().enumerate() {
                let axes = Axes::baseline(*role, *version, Build::Plain);
                let mut input = Input {
                    axes,
                    script: script.clone(),
                };
                input::equip(target, &mut input);
                let mut bytes = vec![(r | v << 1) as u8, 0];
                if said(&input, &mut bytes).is_ok() {
                    let (role, version) =
                        (closure::role_name(*role), closure::version_name(*version));
                    seeds.push((format!("{name}@{role}-{version}"), bytes));
                }
            }
        }
    }
    seeds
}

/// Appends everything that the peer says to `bytes`.
fn said(input: &Input, bytes: &mut Vec<u8>) -> Result<(), Stop> {
    let play = Play {
        script: &input.script,
        axes: &input.axes,
        habit: None,
        profile: Default::default(),
        handshake_too: false,
        seed: crate::engine::SEED,
    };
    let mut tap = Tap {
        guard: Guard::new(|| Box::new(rustls_subject::unbuffered())),
        bytes,
    };
    Player::new().play(&play, &mut tap, &mut Transcript::new())?;
    Ok(())
}

struct Tap<'a> {
    guard: Guard,
    bytes: &'a mut Vec<u8>,
}

impl Port for Tap<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        if let Command::Feed { bytes, .. } = &command {
            self.bytes.extend_from_slice(bytes);
        }
        self.guard.command(command, sink)
    }
}
