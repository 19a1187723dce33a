//! Once warm, player and rules allocate nothing. All allocations are those of rustls.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::alloc::System;

use closure::{Axes, Build, Transcript, judge};
use protocol::{Command, Observation, Role, Sink, Subject, Version};
use scenario::{Player, Port, Script, Stop};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use support::plainly;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn count() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Counts the allocations of the subject, without those of its observer.
struct Apart {
    subject: rustls_subject::Rustls,
    theirs: usize,
}

struct Ours<'a> {
    sink: &'a mut dyn Sink,
    count: usize,
}

impl Sink for Ours<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        let before = count();
        self.sink.observe(observation);
        self.count += count() - before;
    }

    fn end_piece(&mut self) {
        let before = count();
        self.sink.end_piece();
        self.count += count() - before;
    }
}

impl Port for Apart {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let before = count();
        let mut ours = Ours { sink, count: 0 };
        self.subject.command(command, &mut ours);
        self.theirs += count() - before - ours.count;
        Ok(())
    }
}

const SCRIPT: &str = "set suite 0xff13\nset group 0xfe00\n\
                      handshake\npeer write 100\napp write 20\npeer key-update request\n\
                      app update-keys\npeer write \"x\" split 1\ntransport hold\npeer write 5\n\
                      peer close\ntransport release\napp write \"y\"\npeer replay\napp close\n\
                      transport fin\n";

#[test]
fn player_and_rules_allocate_nothing_once_warm() {
    let script = Script::parse(SCRIPT).unwrap();
    for role in [Role::Client, Role::Server] {
        let axes = Axes::baseline(role, Version::Tls13, Build::Plain);
        let play = plainly(&script, &axes);
        let mut port = Apart {
            subject: rustls_subject::unbuffered(),
            theirs: 0,
        };
        let mut player = Player::new();
        let recording = player.record(&play, &mut port).unwrap();
        let mut transcript = Transcript::new();
        let mut judgements = Vec::new();
        let mut once = |port: &mut Apart| {
            judgements.clear();
            player
                .play_on(&recording, &play, port, &mut transcript)
                .unwrap();
            judge(&transcript, &mut judgements);
        };
        once(&mut port);
        once(&mut port);
        // The threads of the test allocate now and then too. Our own allocations would show every
        // time.
        let ours = (0..8).map(|_| {
            port.theirs = 0;
            let before = count();
            once(&mut port);
            count() - before - port.theirs
        });
        assert_eq!(ours.min(), Some(0), "{role:?}");
        assert!(port.theirs > 0);
    }
}
