//! Turns verdicts into outcomes.

use closure::{
    Comparison, Event, Grade, Judgement, Member, Outcome, Requirement, Rule, Transcript, Verdict,
    outcome_of, requirements,
};

use super::worker::Shared;
use super::{Blocked, Found, GroupReport, InstanceReport, Job, Planned, Ready, Time, Unsupported};
use cases::instances::build_of;

/// The empty report of an instance.
pub(super) fn blank(job: &Job, planned: &Planned) -> InstanceReport {
    InstanceReport {
        subject: planned.subject,
        case: job.case.name,
        axes: planned.axes.clone(),
        stimulus: None,
        held: Vec::new(),
        found: Vec::new(),
        excused: Vec::new(),
        blocked: Vec::new(),
        unsupported: None,
        stopped: None,
        fault: None,
        time: Time::default(),
    }
}

/// The report of an instance for which the subject lacks a capability.
pub(super) fn lacking(job: &Job, planned: &Planned, shared: &Shared<'_>) -> InstanceReport {
    let known = &shared.subjects[planned.subject].known;
    let declared = planned.lacks.iter().any(|lacked| {
        known
            .missing
            .iter()
            .any(|missing| missing.capability == *lacked)
    });
    let names: Vec<String> = planned.lacks.iter().map(name).collect();
    InstanceReport {
        unsupported: Some(Unsupported {
            what: names.join(", "),
            outcome: match declared {
                true => Outcome::Unsupported,
                false => Outcome::UndeclaredUnsupported,
            },
        }),
        ..blank(job, planned)
    }
}

/// Adds the verdicts of an instance to `report`.
pub(super) fn instance(
    job: &Job,
    planned: &Planned,
    shared: &Shared<'_>,
    judgements: &[Judgement],
    transcript: &Transcript,
    unsupported: Option<String>,
    report: &mut InstanceReport,
) {
    let ready = &shared.subjects[planned.subject];
    if let Some(what) = unsupported {
        report.unsupported = Some(Unsupported {
            what,
            outcome: Outcome::UndeclaredUnsupported,
        });
        return;
    }
    for judgement in judgements {
        let requirement = judgement.requirement;
        if !shared.selection.judges(requirement) || !matters(requirement, ready) {
            continue;
        }
        if let Verdict::Excused(excuse) = judgement.verdict {
            report.excused.push((requirement.id, excuse));
            continue;
        }
        let profile = shared.settings.profile;
        let entry = ready
            .known
            .find(requirement.id, job.case.name, &planned.axes, profile);
        let listed = entry.map(|entry| &ready.known.deviations[entry]);
        let outcome = outcome_of(requirement, judgement.verdict, listed);
        match (judgement.verdict, outcome) {
            (Verdict::Held, Outcome::Ok) => report.held.push(requirement.id),
            (verdict, outcome) => report.found.push(Found {
                requirement,
                code: match verdict {
                    Verdict::Found { code, .. } => Some(code),
                    _ => None,
                },
                outcome,
                entry,
            }),
        }
    }
    let last = transcript.events().len().saturating_sub(1);
    let stopped = matches!(transcript.events().last(), Some(Event::Crash | Event::Hang));
    let spoken_of = judgements
        .iter()
        .any(|judgement| matches!(judgement.verdict, Verdict::Found { at, .. } if at == last));
    if stopped && !spoken_of {
        report.fault.get_or_insert_with(|| {
            format!(
                "the subject stopped ({}), and no requirement covers that",
                report.stopped.as_deref().unwrap_or("for an unknown reason")
            )
        });
    }
    if report.fault.is_none() && (planned.first || stopped) {
        unexercised(job, planned, shared, judgements, report);
    }
}

/// Adds the requirements that the case lists, and that were not exercised.
fn unexercised(
    job: &Job,
    planned: &Planned,
    shared: &Shared<'_>,
    judgements: &[Judgement],
    report: &mut InstanceReport,
) {
    let ready = &shared.subjects[planned.subject];
    let profile = shared.settings.profile;
    let broken = judgements.iter().find(|judgement| match judgement.verdict {
        Verdict::Found { code, .. } => {
            let code = judgement.requirement.code(code);
            code.is_some_and(|code| code.grade == Grade::Deviates)
        }
        _ => false,
    });
    let by = match report.stopped.as_deref() {
        Some("crash") => Some("crash"),
        Some(_) => Some("hang"),
        None => broken.map(|judgement| judgement.requirement.id),
    };
    for id in job.case.exercises {
        let Some(requirement) = requirements::find(id) else {
            report.fault = Some(format!(
                "the case lists the requirement '{id}', which does not exist"
            ));
            continue;
        };
        let judged = judgements.iter().any(|judgement| {
            judgement.requirement.id == *id && !matches!(judgement.verdict, Verdict::Excused(_))
        });
        if judged
            || matches!(requirement.rule, Rule::Group { .. })
            || !requirement.applies(job.role, job.version, profile)
            || !matters(requirement, ready)
        {
            continue;
        }
        match by {
            Some(by) => report.blocked.push(Blocked {
                requirement: requirement.id,
                by,
            }),
            None if planned.first => {
                report.fault = Some(format!("the case does not exercise {id}, which it lists"));
            }
            None => {}
        }
    }
}

/// The event at which a code was found.
pub(super) fn place(found: &Found, judgements: &[Judgement]) -> Option<usize> {
    judgements
        .iter()
        .find(|judgement| judgement.requirement.id == found.requirement.id)
        .and_then(|judgement| match judgement.verdict {
            Verdict::Found { at, .. } => Some(at),
            _ => None,
        })
}

/// The reports of group rules, for each subject and rule: one for each member that differs or is
/// expected to, or else one for all members. Reports also where a rule that the case lists had
/// nothing to compare.
pub(super) fn groups(
    job: &Job,
    shared: &Shared<'_>,
    members: &[Member<'_>],
    compared: &[(&'static Requirement, Comparison)],
) -> Vec<(GroupReport, Option<Comparison>)> {
    let profile = shared.settings.profile;
    let mut reports = Vec::new();
    let mut subjects: Vec<usize> = members.iter().map(|member| member.subject).collect();
    subjects.dedup();
    for subject in subjects {
        let ready = &shared.subjects[subject];
        for requirement in requirements::all() {
            let judged = shared.selection.judges(requirement)
                && requirement.applies(job.role, job.version, profile)
                && matters(requirement, ready);
            if !judged || !matches!(requirement.rule, Rule::Group { .. }) {
                continue;
            }
            let report = |code, outcome, entry, differs| GroupReport {
                subject,
                case: job.case.name,
                role: job.role,
                version: job.version,
                build: build_of(&ready.hello),
                found: Found {
                    requirement,
                    code,
                    outcome,
                    entry,
                },
                differs,
            };
            let of_this = compared.iter().filter(|(other, comparison)| {
                other.id == requirement.id && members[comparison.member].subject == subject
            });
            let mut any = false;
            let before = reports.len();
            for (_, comparison) in of_this {
                any = true;
                let axes = members[comparison.member].axes;
                let entry = ready
                    .known
                    .find(requirement.id, job.case.name, axes, profile);
                let listed = entry.map(|entry| &ready.known.deviations[entry]);
                let verdict = match comparison.code {
                    Some(code) => Verdict::Found { code, at: 0 },
                    None => Verdict::Held,
                };
                let outcome = outcome_of(requirement, verdict, listed);
                if outcome != Outcome::Ok {
                    let differs = Some(axes.clone());
                    let report = report(comparison.code, outcome, entry, differs);
                    reports.push((report, Some(*comparison)));
                }
            }
            match any {
                true if reports.len() == before => {
                    reports.push((report(None, Outcome::Ok, None, None), None));
                }
                false if job.case.exercises.contains(&requirement.id) => {
                    reports.push((report(None, Outcome::NotCompared, None, None), None));
                }
                _ => {}
            }
        }
    }
    reports
}

fn matters(requirement: &Requirement, ready: &Ready) -> bool {
    requirement
        .needs
        .iter()
        .all(|needed| ready.hello.capabilities.contains(needed))
}

/// The name of a value in the shim protocol.
fn name(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "?".into(),
    }
}
