//! The instances, the places that the reference reaches in each, and the resulting bugs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use closure::{Axes, Build, Profile, Transcript};
use protocol::{HabitKind, Hello, Subject};
use reference::Met;
use scenario::{Case, Play, Player};

use crate::enumerate::{self, Bug};
use crate::shim::{Stand, faithful};
use crate::{cases, names, parallel};

const SEED: u64 = 1;

/// The number of instances to keep for each place that no baseline reaches.
const OTHERS: usize = 12;

/// The instances to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The baseline of every case, role and version.
    Baselines,
    /// The baselines, and the cuts and habits with which the reference reaches places that it does
    /// not reach in any baseline.
    All,
}

/// The instances, places and bugs, before anything is judged.
#[derive(Debug)]
pub struct Plan {
    extent: Extent,
    pub(crate) instances: Vec<Instance>,
    /// For each place, the instances that reach it, and how often. They are in the order of play.
    pub(crate) index: HashMap<Met, Vec<(usize, u32)>>,
    bugs: Vec<Bug>,
}

/// One instance.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    case: &'static Case,
    axes: Axes,
    habit: Option<HabitKind>,
    /// The baseline that it is compared with. `None` for a baseline.
    pub(crate) baseline: Option<usize>,
}

/// The places that the reference reaches in an instance, and how often.
type Places = BTreeMap<String, (Met, u32)>;

impl Plan {
    /// Plays the instances, and enumerates the bugs.
    ///
    /// # Errors
    ///
    /// If the reference cannot play an instance.
    pub fn new(extent: Extent, threads: usize) -> anyhow::Result<Self> {
        let hello = reference::subject(None).hello();
        let mut instances = Vec::new();
        let mut others = Vec::new();
        for (case, all) in expanded(&hello) {
            let baseline = instances.len();
            for (nth, axes) in all.into_iter().enumerate() {
                let instance = |baseline| Instance {
                    case,
                    habit: cases::habit_kind(&hello, &axes.habit),
                    axes,
                    baseline,
                };
                match nth {
                    0 => instances.push(instance(None)),
                    _ => others.push(instance(Some(baseline))),
                }
            }
        }
        let mut places = visit(&instances, threads)?;
        if extent == Extent::All {
            let more = visit(&others, threads)?;
            for at in keep(&others, &more, &places) {
                instances.push(others[at].clone());
                places.push(more[at].clone());
            }
        }
        let index = index(&instances, &places);
        let bugs = bugs(&places, &index);
        Ok(Self {
            extent,
            instances,
            index,
            bugs,
        })
    }

    /// All bugs, in a fixed order.
    pub fn bugs(&self) -> &[Bug] {
        &self.bugs
    }

    /// Whether a bug of this name belongs to this plan, whether or not it is enumerated.
    pub(crate) fn concerns(&self, name: &str) -> bool {
        let mut words = name.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (situation, _, context) = (word(), word(), word());
        let context = context.split(':').next().unwrap_or_default();
        let place = format!("{situation} {context}");
        self.extent == Extent::All || self.index.keys().any(|met| self::place(met) == place)
    }

    /// The number of situations. Their contexts are not counted.
    pub fn places(&self) -> usize {
        self.index.len()
    }

    /// The number of instances.
    pub fn instances(&self) -> usize {
        self.instances.len()
    }
}

impl Instance {
    pub(crate) fn play(&self) -> Play<'_> {
        Play {
            script: &self.case.script,
            axes: &self.axes,
            habit: self.habit,
            profile: Profile::default(),
            handshake_too: self.case.cut_handshake,
            seed: SEED,
        }
    }

    /// For group rules.
    pub(crate) fn axes(&self) -> &Axes {
        &self.axes
    }

    /// Whether group rules cover the instance. They do not cover forbidden habits.
    pub(crate) fn is_compared(&self) -> bool {
        self.baseline.is_some() && self.habit != Some(HabitKind::Abuse)
    }

    pub(crate) fn name(&self) -> String {
        cases::id(self.case.name, &self.axes)
    }
}

/// All instances of every case, role and version, the baseline first.
fn expanded(hello: &Hello) -> Vec<(&'static Case, Vec<Axes>)> {
    let mut all = Vec::new();
    for case in cases::all() {
        for role in case.roles {
            for version in case.versions {
                let mut instances = cases::expand(case, hello, *role, *version, false);
                for axes in &mut instances {
                    // The order of the instances must not depend on the build.
                    axes.build = Build::Plain;
                }
                if !instances.is_empty() {
                    all.push((case, instances));
                }
            }
        }
    }
    all
}

/// The places that the reference reaches in each instance.
fn visit(instances: &[Instance], threads: usize) -> anyhow::Result<Vec<Places>> {
    parallel::map(threads, instances.len(), |player: &mut Player, at| {
        let mut stand = Stand {
            subject: reference::subject(None),
            shim: faithful,
        };
        let mut transcript = Transcript::new();
        player.play(&instances[at].play(), &mut stand, &mut transcript)?;
        let mut places = Places::new();
        for meeting in stand.subject.meetings() {
            let place = places
                .entry(place(&meeting.met))
                .or_insert((meeting.met, 0));
            place.1 += meeting.times;
        }
        Ok(places)
    })
}

fn place(met: &Met) -> String {
    format!("{} {}", names::situation(met), names::context(met))
}

/// The other instances that reach a place that no baseline reaches.
fn keep(others: &[Instance], more: &[Places], places: &[Places]) -> BTreeSet<usize> {
    let known: HashSet<&String> = places.iter().flat_map(BTreeMap::keys).collect();
    let mut new: BTreeMap<&String, Vec<(u64, usize)>> = BTreeMap::new();
    for (at, places) in more.iter().enumerate() {
        for place in places.keys().filter(|place| !known.contains(place)) {
            let chance = names::fnv(&(others[at].name() + place));
            new.entry(place).or_default().push((chance, at));
        }
    }
    let mut kept = BTreeSet::new();
    for mut list in new.into_values() {
        list.sort_unstable();
        kept.extend(list.into_iter().take(OTHERS).map(|(_, at)| at));
    }
    kept
}

/// Baselines come first, then instances of different cases in a pseudo-random order. Other
/// instances count only where no baseline reaches the place.
fn index(instances: &[Instance], places: &[Places]) -> HashMap<Met, Vec<(usize, u32)>> {
    let mut index: HashMap<Met, Vec<(usize, u32)>> = HashMap::new();
    for (at, places) in places.iter().enumerate() {
        // Under a forbidden habit only safety rules apply, which find panics and hangs.
        if instances[at].habit == Some(HabitKind::Abuse) {
            continue;
        }
        for (met, times) in places.values() {
            index.entry(*met).or_default().push((at, *times));
        }
    }
    for (met, list) in &mut index {
        let first = instances[list[0].0].baseline.is_none();
        list.retain(|(at, _)| instances[*at].baseline.is_none() == first);
        let salt = place(met);
        let mut seen: HashMap<&str, usize> = HashMap::new();
        list.sort_by_cached_key(|(at, _)| {
            let instance = &instances[*at];
            let nth = seen.entry(instance.case.name).or_insert(0);
            *nth += 1;
            (*nth, names::fnv(&(instance.name() + &salt)))
        });
    }
    index
}

fn bugs(places: &[Places], index: &HashMap<Met, Vec<(usize, u32)>>) -> Vec<Bug> {
    let all: BTreeMap<&String, Met> = places
        .iter()
        .flatten()
        .map(|(place, (met, _))| (place, *met))
        .collect();
    let again = |met: &Met| index[met].iter().any(|(_, times)| *times > 1);
    all.into_values()
        .filter(|met| index.contains_key(met))
        .flat_map(|met| enumerate::bugs(met, again(&met)))
        .collect()
}
