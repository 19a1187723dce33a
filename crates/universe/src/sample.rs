//! A part of the universe that a test can play, and the checks of its outcomes.

use std::collections::BTreeMap;

use crate::allowed::Allowed;
use crate::enumerate::Bug;
use crate::names;
use crate::score::Standing;
use crate::survivors::Survivors;
use crate::world::{Fate, World};

/// A bug and its fate.
pub type Sampled<'a> = (&'a Bug, Fate);

/// One bug that survives and one that does not, for each sort of reaction in each sort of
/// situation, and one bug for each pattern. The choice is pseudo-random but fixed. Returns indices
/// into [`World::bugs`].
pub fn sample(world: &World, survivors: &Survivors, allowed: &Allowed) -> Vec<usize> {
    let mut strata = BTreeMap::new();
    let mut chosen = Vec::new();
    for (at, bug) in world.bugs().iter().enumerate() {
        let name = names::bug(bug);
        if allowed.patterns.iter().any(|it| it.witness == name) {
            chosen.push(at);
        }
        let stratum = (
            names::kind(&bug.met),
            names::sort(bug.act),
            survivors.0.contains(&name),
        );
        let rank = names::fnv(&name);
        let best = strata.entry(stratum).or_insert((rank, at));
        *best = (*best).min((rank, at));
    }
    chosen.extend(strata.into_values().map(|(_, at)| at));
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// The complaints: findings in the reference, survivors that are not in the committed list, bugs in
/// the list that do not survive, and patterns that cover nothing. Unless `whole` is set, only bugs
/// that were played can be stale.
pub fn check(
    world: &World,
    played: &[Sampled<'_>],
    survivors: &Survivors,
    allowed: &Allowed,
    whole: bool,
) -> Vec<String> {
    let mut complaints: Vec<String> = world.false_alarms();
    complaints
        .iter_mut()
        .for_each(|alarm| *alarm = format!("the reference deviates: {alarm}"));
    let mut covered = BTreeMap::new();
    for (bug, fate) in played {
        let standing = Standing::of(bug, &fate.outcome, allowed);
        let survives = standing == Standing::Survives;
        let name = names::bug(bug);
        match (survives, survivors.0.contains(&name)) {
            (true, false) => complaints.push(format!("a new survivor: {name}")),
            (false, true) => complaints.push(format!("survives no more: {name}")),
            _ => {}
        }
        if let Standing::Allowed(pattern) = standing {
            covered.entry(pattern).or_insert(Vec::new()).push(name);
        }
    }
    for pattern in &allowed.patterns {
        let names = covered.get(&pattern.name);
        // A sample contains the witness of each pattern. A shard may not.
        let witness = played
            .iter()
            .any(|(bug, _)| names::bug(bug) == pattern.witness);
        let covers = names.is_some_and(|names| names.contains(&pattern.witness));
        if (whole || witness) && !covers {
            complaints.push(format!(
                "the pattern {} does not cover {}",
                pattern.name, pattern.witness
            ));
        }
    }
    let known: std::collections::BTreeSet<String> = world.bugs().iter().map(names::bug).collect();
    let gone = survivors.0.difference(&known);
    complaints.extend(
        gone.filter(|name| world.plan().concerns(name))
            .map(|name| format!("there is no such bug: {name}")),
    );
    complaints.extend(
        allowed
            .patterns
            .iter()
            .filter(|pattern| !known.contains(&pattern.witness))
            .map(|pattern| format!("no such witness of {}: {}", pattern.name, pattern.witness)),
    );
    complaints
}
