//! A profile changes which requirements apply.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use closure::{Axes, Build, Profile, Transcript, Verdict, judge};

use protocol::{Command, Role, Sink, Subject, Version};
use scenario::{Play, Port, Stop, play};

struct InProcess(reference::Reference);

impl Port for InProcess {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.0.command(command, sink);
        Ok(())
    }
}

/// The verdict about a server with this bug that plays this case under this profile.
fn verdict(
    requirement: &str,
    bug: &str,
    case: &str,
    version: Version,
    profile: &[&str],
) -> Option<&'static str> {
    let mut chosen = Profile::default();
    for name in profile {
        chosen.choose(name).unwrap();
    }
    let case = cases::find(case).unwrap();
    assert!(case.is_in(chosen), "{} has a profile of its own", case.name);
    let play_it = Play {
        script: &case.script,
        axes: &Axes::baseline(Role::Server, version, Build::Plain),
        habit: None,
        profile: chosen,
        handshake_too: case.cut_handshake,
        seed: 1,
    };
    let mut port = InProcess(reference::subject(reference::find(bug)));
    let mut transcript = Transcript::new();
    play(&play_it, &mut port, &mut transcript).unwrap();
    let mut judgements = Vec::new();
    judge(&transcript, &mut judgements);
    let judgement = judgements.iter().find(|j| j.requirement.id == requirement);
    judgement.map(|judgement| match judgement.verdict {
        Verdict::Found { code, .. } => code,
        _ => "held",
    })
}

#[test]
fn an_alert_level_that_rfc_8446_allows_is_a_deviation_under_the_revision() {
    let of = |requirement, profile: &[&str]| {
        let bug = "closes-at-level-fatal";
        verdict(
            requirement,
            bug,
            "close/first-thing",
            Version::Tls13,
            profile,
        )
    };
    assert_eq!(of("close-tx.level", &[]), Some("level-not-warning"));
    assert_eq!(of("close-tx.level-bis", &[]), None);
    let revision = ["rfc8446bis"];
    assert_eq!(of("close-tx.level", &revision), None);
    assert_eq!(
        of("close-tx.level-bis", &revision),
        Some("level-not-warning")
    );
}

#[test]
fn writing_after_the_peers_close_is_required_only_by_the_half_close_profile() {
    let of = |profile: &[&str]| {
        verdict(
            "close-rx.half-open-write",
            "none",
            "half-close/ping-pong",
            Version::Tls12,
            profile,
        )
    };
    assert_eq!(of(&[]), Some("held"));
    assert_eq!(of(&["half-close"]), Some("held"));
    assert_eq!(of(&["full-close"]), None);
}

#[test]
fn the_last_value_of_a_choice_wins() {
    let mut profile = Profile::default();
    for name in ["full-close", "rfc8446bis", "half-close"] {
        profile.choose(name).unwrap();
    }
    assert_eq!(profile.to_string(), "half-close,rfc8446bis");
    assert!(profile.choose("soft-close").is_err());
}
