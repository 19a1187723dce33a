//! Turns a selection into jobs.

use closure::{Axes, Profile};
use protocol::{Capability, Role, Version};
use scenario::Case;

use crate::exit::Failure;
use cases::instances;

use super::{Ready, Selection};

/// The instances of one case, role and version. Group rules compare them.
#[derive(Clone, Debug)]
pub struct Job {
    /// The case.
    pub case: &'static Case,
    /// The subject's role.
    pub role: Role,
    /// The version of TLS.
    pub version: Version,
    /// The instances, by subject; the baseline of each subject is first.
    pub instances: Vec<Planned>,
}

/// An instance to be played.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The index of the subject.
    pub subject: usize,
    /// The axes.
    pub axes: Axes,
    /// Whether it is the first of its subject. It must exercise all requirements that the case lists.
    pub first: bool,
    /// The capabilities that the subject lacks.
    pub lacks: Vec<Capability>,
}

/// The jobs of a selection, in the order of the cases.
///
/// # Errors
///
/// If a selector, or the whole selection, selects nothing.
pub fn plan(
    cases: &'static [Case],
    subjects: &[Ready],
    selection: &Selection,
    exhaustive: bool,
    profile: Profile,
) -> Result<Vec<Job>, Failure> {
    let mut matched = vec![false; selection.selectors.len()];
    let mut jobs = Vec::new();
    let in_profile = |case: &&Case| case.is_in(profile) && selection.takes_case(case);
    for case in cases.iter().filter(in_profile) {
        for &role in case.roles {
            for &version in case.versions {
                let mut planned = Vec::new();
                for (subject, ready) in subjects.iter().enumerate() {
                    let expand =
                        |crossed| instances::expand(case, &ready.hello, role, version, crossed);
                    let mut all = expand(exhaustive);
                    // An id may name an instance that differs from the baseline in several axes.
                    let mut named = expand(true);
                    named.retain(|axes| selection.names(case, axes) && !all.contains(axes));
                    all.extend(named);
                    let lacks = lacks(case, ready);
                    for (place, axes) in all.into_iter().enumerate() {
                        if !selection.takes(case, &axes, &mut matched)
                            || place > 0 && !lacks.is_empty()
                        {
                            continue;
                        }
                        planned.push(Planned {
                            subject,
                            axes,
                            first: place == 0,
                            lacks: lacks.clone(),
                        });
                    }
                }
                if !planned.is_empty() {
                    jobs.push(Job {
                        case,
                        role,
                        version,
                        instances: planned,
                    });
                }
            }
        }
    }
    match matched.iter().position(|matched| !matched) {
        Some(place) => Err(selection.unmatched(place, profile)),
        None if jobs.is_empty() => Err(selection.unmatched(usize::MAX, profile)),
        None => Ok(jobs),
    }
}

fn lacks(case: &Case, ready: &Ready) -> Vec<Capability> {
    case.needs
        .iter()
        .copied()
        .filter(|needed| !ready.hello.capabilities.contains(needed))
        .collect()
}
