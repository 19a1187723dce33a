//! Transcripts for the committed sample, which is judged again when a rule changes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use closure::stored::{self, Stored};
use closure::{Judgement, Verdict, judge};

use crate::parallel;
use crate::survivors::Survivors;
use crate::world::{Scratch, World};

/// The longest line in bytes. The few longer transcripts would make up most of the sample.
const LONGEST: usize = 100_000;

/// A transcript of each bug that anyone can see. `bugs` are places among [`World::bugs`].
///
/// # Errors
///
/// If the player fails.
pub fn exhibits(world: &World, bugs: &[usize], threads: usize) -> anyhow::Result<Vec<Stored>> {
    let exhibit = |scratch: &mut Scratch, at: usize| {
        let bug = world.bugs().get(bugs[at]).context("no such bug")?;
        Ok(world.exhibit(bug, scratch)?)
    };
    let all = parallel::map(threads, bugs.len(), exhibit)?;
    Ok(all.into_iter().flatten().collect())
}

/// Chooses short transcripts that together show every verdict of each subject, every case, and every
/// stratum of bugs.
///
/// # Errors
///
/// If a transcript cannot be formatted.
pub fn choose(all: Vec<Stored>, survivors: &Survivors) -> anyhow::Result<Vec<Stored>> {
    let mut sized = Vec::with_capacity(all.len());
    for stored in all {
        let size = stored::line(&stored.origin, &stored.transcript)?.len();
        if size <= LONGEST {
            sized.push((size, stored));
        }
    }
    sized.sort_by_cached_key(|(size, stored)| (*size, stored.origin.name()));
    let mut shown: BTreeMap<(String, usize), Vec<usize>> = BTreeMap::new();
    let mut judgements = Vec::new();
    for (at, (_, stored)) in sized.iter().enumerate() {
        for what in shows(stored, survivors, &mut judgements) {
            shown.entry(what).or_default().push(at);
        }
    }
    // Rare strata come first, because they leave the least choice.
    let mut shown: Vec<(usize, Vec<usize>)> = shown
        .into_iter()
        .map(|((_, each), places)| (each, places))
        .collect();
    shown.sort_by_key(|(_, places)| places.len());
    let mut chosen = BTreeSet::new();
    for (each, places) in shown {
        let have = places.iter().filter(|at| chosen.contains(*at)).count();
        let others = places.iter().copied().filter(|at| !chosen.contains(at));
        let more: Vec<usize> = others.take(each.saturating_sub(have)).collect();
        chosen.extend(more);
    }
    let all = sized.into_iter().enumerate();
    let chosen = all.filter(|(at, _)| chosen.contains(at));
    Ok(chosen.map(|(_, (_, stored))| stored).collect())
}

/// The strata that a transcript belongs to, and how many transcripts of each are wanted.
fn shows(
    stored: &Stored,
    survivors: &Survivors,
    judgements: &mut Vec<Judgement>,
) -> Vec<(String, usize)> {
    let origin = &stored.origin;
    judgements.clear();
    judge(&stored.transcript, judgements);
    let (subject, bug) = (&origin.subject, origin.bug.is_some());
    let mut all: Vec<(String, usize)> = judgements
        .iter()
        .filter_map(|judgement| {
            let id = judgement.requirement.id;
            match judgement.verdict {
                Verdict::Found { code, .. } => Some((format!("{subject} {bug} {id} {code}"), 2)),
                // The sound transcripts show that.
                Verdict::Excused(_) => None,
                Verdict::Held if bug => None,
                Verdict::Held | Verdict::NotExercised => Some((format!("{subject} {id}"), 1)),
            }
        })
        .collect();
    match &origin.bug {
        None => {
            let case = origin.instance.split('@').next().unwrap_or_default();
            all.push((format!("case {case}"), 1));
        }
        Some(bug) => {
            let survives = survivors.0.contains(bug);
            let mut words = bug.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let (situation, act, context) = (word(), word(), word());
            let situation = situation.split([',', '{']).next().unwrap_or_default();
            let act = act.split('(').next().unwrap_or_default();
            let context = context.split(':').next().unwrap_or_default();
            all.push((format!("{situation} {survives}"), 1));
            all.push((format!("{act} {context} {survives}"), 1));
        }
    }
    all
}
