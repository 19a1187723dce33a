//! Merges several results into one, for a matrix of many subjects.

use std::collections::BTreeMap;

use super::{CaseFacts, RequirementFacts, Results};

impl Results {
    /// The subjects of all `parts`, with their results. Where two parts have a subject of the same
    /// name and build, the name of the part is added to the name of the subject.
    pub fn merge(parts: Vec<(String, Self)>) -> Option<Self> {
        let mut times: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (_, part) in &parts {
            for subject in &part.subjects {
                let key = (subject.name.clone(), subject.build.clone());
                *times.entry(key).or_default() += 1;
            }
        }
        let mut requirements: BTreeMap<String, RequirementFacts> = BTreeMap::new();
        let mut cases: BTreeMap<String, CaseFacts> = BTreeMap::new();
        for (_, part) in &parts {
            // Later parts replace the texts of earlier ones.
            for requirement in &part.requirements {
                requirements.insert(requirement.id.clone(), requirement.clone());
            }
            for case in &part.cases {
                cases.insert(case.name.clone(), case.clone());
            }
        }
        let places: BTreeMap<String, usize> = requirements
            .keys()
            .enumerate()
            .map(|(place, id)| (id.clone(), place))
            .collect();
        let mut whole: Option<Self> = None;
        for (label, mut part) in parts {
            let twice = |name: &str, build: &str| {
                let key = (name.to_owned(), build.to_owned());
                times.get(&key).is_some_and(|times| *times > 1)
            };
            let clashes: Vec<String> = part
                .subjects
                .iter()
                .filter(|subject| twice(&subject.name, &subject.build))
                .map(|subject| subject.name.clone())
                .collect();
            let rename = |name: &mut String| {
                if clashes.contains(name) {
                    *name = format!("{name} ({label})");
                }
            };
            let old = part.requirements;
            for instance in &mut part.instances {
                let held = instance.held.iter().filter_map(|held| {
                    let requirement = old.get(*held)?;
                    places.get(&requirement.id).copied()
                });
                instance.held = held.collect();
                rename(&mut instance.subject);
            }
            part.subjects.iter_mut().for_each(|s| rename(&mut s.name));
            part.groups.iter_mut().for_each(|g| rename(&mut g.subject));
            part.excused.iter_mut().for_each(|e| rename(&mut e.subject));
            part.known.iter_mut().for_each(|k| rename(&mut k.subject));
            part.stale.iter_mut().for_each(|s| rename(&mut s.subject));
            part.transcripts
                .iter_mut()
                .for_each(|t| rename(&mut t.subject));
            part.requirements = Vec::new();
            match &mut whole {
                None => whole = Some(part),
                Some(whole) => {
                    whole.distinct = None;
                    whole.interrupted |= part.interrupted;
                    whole.narrow |= part.narrow;
                    if whole.profile != part.profile {
                        whole.profile = format!("{} and {}", whole.profile, part.profile);
                    }
                    whole.subjects.extend(part.subjects);
                    whole.instances.extend(part.instances);
                    whole.groups.extend(part.groups);
                    whole.excused.extend(part.excused);
                    whole.known.extend(part.known);
                    whole.stale.extend(part.stale);
                    whole.transcripts.extend(part.transcripts);
                }
            }
        }
        whole.map(|whole| Self {
            requirements: requirements.into_values().collect(),
            cases: cases.into_values().collect(),
            ..whole
        })
    }
}
