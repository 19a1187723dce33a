//! Universal rules judge an implementation that reports nothing about itself.
//!
//! The subject here is the reference, but it reports no states, no wants and no remaining input, as
//! a shim over another library may do.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../../crates/reference/tests/guard/mod.rs"]
mod guard;

use std::collections::BTreeSet;

use cases::instances;
use closure::{Axes, Build, Profile, Rule, Transcript, Verdict, judge, requirements};
use guard::Guarded;
use protocol::{Capability, Command, Observation, Sink};
use reference::{Bug, Reference};
use scenario::{Case, Play, Port, Stop, play};

struct Muted(Guarded<Reference>);

impl Port for Muted {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.0.command(command, &mut Quiet(sink))
    }
}

struct Quiet<'a>(&'a mut dyn Sink);

impl Sink for Quiet<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        use Observation as O;
        let tells = matches!(
            observation,
            O::State { .. }
                | O::Wants { .. }
                | O::Left { .. }
                | O::TooSmall { .. }
                | O::Helped { .. }
        );
        if !tells {
            self.0.observe(observation);
        }
    }

    fn end_piece(&mut self) {
        self.0.end_piece();
    }
}

/// The universal requirements judged, and the codes found by any rule.
fn judged(case: &Case, axes: &Axes, bug: Option<&'static Bug>) -> Vec<(&'static str, Verdict)> {
    let how = Play {
        script: &case.script,
        axes,
        habit: None,
        profile: Profile::default(),
        handshake_too: case.cut_handshake,
        seed: 1,
    };
    let mut transcript = Transcript::new();
    let mut port = Muted(Guarded(reference::subject(bug)));
    play(&how, &mut port, &mut transcript).unwrap();
    let mut judgements = Vec::new();
    judge(&transcript, &mut judgements);
    judgements
        .iter()
        .map(|judgement| (judgement.requirement.id, judgement.verdict))
        .collect()
}

/// Whether this is a universal rule that needs no report that the muted subject leaves out.
fn is_universal(id: &str) -> bool {
    let reports = [Capability::States, Capability::Wants, Capability::Left];
    requirements::find(id).is_some_and(|it| {
        let reads = it.needs.iter().any(|need| reports.contains(need));
        matches!(it.rule, Rule::Universal { .. }) && !reads
    })
}

fn each_baseline(mut then: impl FnMut(&'static Case, Axes)) {
    for case in cases::all() {
        for role in case.roles {
            for version in case.versions {
                then(case, Axes::baseline(*role, *version, Build::Plain));
            }
        }
    }
}

#[test]
fn nothing_is_found_in_the_reference_without_its_reports() {
    let mut problems = Vec::new();
    let mut held = BTreeSet::new();
    each_baseline(|case, axes| {
        for (id, verdict) in judged(case, &axes, None) {
            match verdict {
                Verdict::Found { code, .. } if is_universal(id) => {
                    let name = instances::id(case.name, &axes);
                    problems.push(format!("{name}: {id} {code}"));
                }
                Verdict::Held => _ = held.insert(id),
                _ => {}
            }
        }
    });
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let universal = requirements::all().filter(|it| is_universal(it.id));
    let never: Vec<_> = universal
        .map(|requirement| requirement.id)
        .filter(|id| !held.contains(id))
        .collect();
    assert!(never.is_empty(), "{never:?} hold nowhere");
}

#[test]
fn bugs_are_found_without_the_reports_of_the_subject() {
    let mut missed = Vec::new();
    for bug in reference::bugs().filter(|bug| is_universal(bug.breaks)) {
        let mut found = false;
        each_baseline(|case, axes| {
            if !found {
                found = judged(case, &axes, Some(bug)).iter().any(|(id, verdict)| {
                    *id == bug.breaks && matches!(verdict, Verdict::Found { .. })
                });
            }
        });
        if !found {
            missed.push(bug.name);
        }
    }
    assert!(missed.is_empty(), "{missed:?} are not found");
}
