//! From verdicts to outcomes.

use closure::{
    Event, Grade, GroupVerdict, Judgement, Member, Outcome, Requirement, Rule, Transcript, Verdict,
    outcome_of, requirements,
};

use super::worker::Shared;
use super::{
    Blocked, Found, GroupReport, InstanceReport, Job, JobReport, Planned, Ready, Time, Unsupported,
};

/// The report of an instance of which nothing is known yet.
pub(super) fn blank(job: &Job, planned: &Planned) -> InstanceReport {
    InstanceReport {
        subject: planned.subject,
        case: job.case.name,
        axes: planned.axes.clone(),
        held: Vec::new(),
        found: Vec::new(),
        blocked: Vec::new(),
        unsupported: None,
        stopped: None,
        fault: None,
        time: Time::default(),
    }
}

/// The report of an instance that the subject says it cannot play.
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

/// Adds to `report` what the rules say of an instance.
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
        let entry = ready
            .known
            .find(requirement.id, job.case.name, &planned.axes);
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
                "the subject stopped ({}), and no requirement speaks of it",
                report.stopped.as_deref().unwrap_or("why is unknown")
            )
        });
    }
    if report.fault.is_none() && (planned.first || stopped) {
        unexercised(job, planned, ready, judgements, report);
    }
}

/// What the case says it exercises, and did not.
fn unexercised(
    job: &Job,
    planned: &Planned,
    ready: &Ready,
    judgements: &[Judgement],
    report: &mut InstanceReport,
) {
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
            report.fault = Some(format!("the case exercises '{id}', which does not exist"));
            continue;
        };
        let judged = judgements
            .iter()
            .any(|judgement| judgement.requirement.id == *id);
        if judged
            || matches!(requirement.rule, Rule::Group(_))
            || !applies(requirement, job)
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
                report.fault = Some(format!(
                    "the case does not exercise {id}, which it says it does"
                ));
            }
            None => {}
        }
    }
}

/// Where in the transcript something was found.
pub(super) fn place(found: &Found, judgements: &[Judgement]) -> Option<usize> {
    judgements
        .iter()
        .find(|judgement| judgement.requirement.id == found.requirement.id)
        .and_then(|judgement| match judgement.verdict {
            Verdict::Found { at, .. } => Some(at),
            _ => None,
        })
}

/// What a group rule's verdict amounts to.
pub(super) fn group(
    job: &Job,
    shared: &Shared<'_>,
    requirement: &'static Requirement,
    verdict: GroupVerdict,
    members: &[Member<'_>],
    subjects: &[usize],
) -> GroupReport {
    let (code, place) = match verdict {
        GroupVerdict::Found { code, member } => {
            (Some(code), member.min(members.len().saturating_sub(1)))
        }
        _ => (None, 0),
    };
    let subject = subjects.get(place).copied().unwrap_or(0);
    let known = &shared.subjects[subject].known;
    let entry = match code {
        Some(_) => known.find(requirement.id, job.case.name, members[place].axes),
        // A listed deviation of any of them should have shown.
        None => members
            .iter()
            .find_map(|member| known.find(requirement.id, job.case.name, member.axes)),
    };
    let verdict = match code {
        Some(code) => Verdict::Found { code, at: 0 },
        None => Verdict::Held,
    };
    let listed = entry.map(|entry| &known.deviations[entry]);
    GroupReport {
        subject,
        case: job.case.name,
        role: job.role,
        version: job.version,
        found: Found {
            requirement,
            code,
            outcome: outcome_of(requirement, verdict, listed),
            entry,
        },
        differs: code.map(|_| members[place].axes.clone()),
    }
}

/// Faults the baseline for group rules that the case says it exercises, and did not.
pub(super) fn unexercised_groups(
    job: &Job,
    shared: &Shared<'_>,
    members: &[Member<'_>],
    report: &mut JobReport,
) {
    let Some(first) = report.instances.first_mut() else {
        return;
    };
    let ready = &shared.subjects[first.subject];
    if members.len() < 2 || !shared.selection.is_everything() || first.fault.is_some() {
        return;
    }
    for id in job.case.exercises {
        let Some(requirement) = requirements::find(id) else {
            continue;
        };
        let compared = report
            .groups
            .iter()
            .any(|group| group.found.requirement.id == *id);
        let alone = ready_alone(shared);
        if matches!(requirement.rule, Rule::Group(_))
            && !compared
            && applies(requirement, job)
            && matters(requirement, ready)
            && !alone
        {
            first.fault = Some(format!(
                "the case does not exercise {id}, which it says it does"
            ));
        }
    }
}

/// One subject alone: rules that compare subjects have nothing to compare.
fn ready_alone(shared: &Shared<'_>) -> bool {
    shared.subjects.len() < 2
}

fn applies(requirement: &Requirement, job: &Job) -> bool {
    requirement.roles.contains(&job.role)
        && requirement.versions.contains(&job.version)
        && requirement
            .tls12_close
            .is_none_or(|profile| profile == job.case.script.settings.tls12_close)
}

fn matters(requirement: &Requirement, ready: &Ready) -> bool {
    requirement
        .needs
        .iter()
        .all(|needed| ready.hello.capabilities.contains(needed))
}

/// The name that a value has in the shim protocol.
fn name(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "?".into(),
    }
}
