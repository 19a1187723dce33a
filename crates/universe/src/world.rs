//! All instances without a bug, and the effect of one bug on them.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use closure::stored::{Origin, Stored};
use closure::{Grade, Judgement, Member, Transcript, Verdict, View, judge_group};
use protocol::Subject;
use reference::Fault;
use scenario::{Play, Player, Recording, Stop};

use crate::enumerate::Bug;
use crate::names;
use crate::plan::Plan;
use crate::seen;
use crate::shim::{Repeat, Shim, Stand, Tap};

/// The judge of transcripts: [`closure::judge`], or a worse one in a test.
pub type Judge = fn(&Transcript, &mut Vec<Judgement>);

/// The maximum number of instances in which each bug is played.
pub const INSTANCES: usize = 24;

/// A finding of a rule: requirement and code.
pub type Finding = (&'static str, &'static str);

/// The instances in which bugs are played, and their judge.
pub struct World {
    plan: Arc<Plan>,
    judge: Judge,
    shim: Shim,
    /// The result of each instance without a bug, played when the first bug needs it.
    sounds: Vec<OnceLock<Sound>>,
}

/// The result of an instance without a bug.
struct Sound {
    transcript: Transcript,
    tokens: Vec<u64>,
    findings: Vec<(Finding, Grade)>,
    view: View,
    handshakes: usize,
    /// The point from which bugs are played, made when the first bug needs it.
    start: OnceLock<Option<Start>>,
}

/// A subject as it is after the handshake with which a script begins.
struct Start {
    recording: Recording,
    wire: Vec<u8>,
    subject: reference::Reference,
}

/// The outcome of a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not observable.
    Unobservable,
    /// It causes only panics, hangs and failed handshakes.
    Outside,
    /// A rule finds it.
    Found(Finding),
    /// Only rules of grade behaviour find it.
    Noted(Finding),
    /// No rule finds it. Holds the first difference of each instance that differs.
    Silent(BTreeSet<String>),
}

/// The outcome of a bug, and a hash that is equal for bugs with the same transcripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The outcome.
    pub outcome: Outcome,
    /// The hash of all transcripts that differ from the sound ones.
    pub hash: u64,
}

/// The memory of one thread.
#[derive(Default)]
pub struct Scratch {
    player: Player,
    transcript: Transcript,
    judgements: Vec<Judgement>,
    tokens: Vec<u64>,
}

impl World {
    /// The instances of a plan, judged by `judge`, of a subject behind `shim`.
    pub fn new(plan: &Arc<Plan>, judge: Judge, shim: Shim) -> Self {
        Self {
            plan: Arc::clone(plan),
            judge,
            shim,
            sounds: plan.instances.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// All bugs, in a fixed order.
    pub fn bugs(&self) -> &[Bug] {
        self.plan.bugs()
    }

    /// The instances in which bugs are played.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Findings in the reference without a bug, which should not exist, in all instances that were
    /// needed so far.
    pub fn false_alarms(&self) -> Vec<String> {
        let mut alarms = Vec::new();
        for (instance, sound) in std::iter::zip(&self.plan.instances, &self.sounds) {
            let findings = sound.get().map_or(&[][..], |sound| &sound.findings);
            for ((requirement, code), grade) in findings {
                if *grade == Grade::Deviates {
                    alarms.push(format!("{}: {requirement} {code}", instance.name()));
                }
            }
        }
        alarms
    }

    /// Plays a bug until a rule finds it, or in all its instances.
    ///
    /// # Errors
    ///
    /// If the player fails.
    pub fn fate(&self, bug: &Bug, scratch: &mut Scratch) -> Result<Fate, Stop> {
        let mut differs = Vec::new();
        let mut outside = false;
        let mut noted = None;
        let mut differences = BTreeSet::new();
        for instance in self.concerned(bug) {
            let sound = self.sound(instance, scratch)?;
            self.play(instance, bug, scratch)?;
            seen::tokens(&scratch.transcript, &mut scratch.tokens);
            if scratch.tokens == sound.tokens {
                continue;
            }
            if seen::stopped(&scratch.transcript)
                || seen::handshakes(&scratch.transcript) < sound.handshakes
            {
                outside = true;
                continue;
            }
            differs.push((instance, seen::digest(&scratch.tokens)));
            match self.judge(instance, scratch)? {
                Some((finding, true)) => {
                    return Ok(Fate {
                        outcome: Outcome::Found(finding),
                        hash: hash(&differs),
                    });
                }
                Some((finding, false)) => noted = noted.or(Some(finding)),
                None => {}
            }
            let difference = seen::difference(&sound.transcript, &scratch.transcript);
            differences.insert(difference);
        }
        let outcome = match (noted, differs.is_empty(), outside) {
            (_, true, true) => Outcome::Outside,
            (_, true, false) => Outcome::Unobservable,
            (Some(finding), ..) => Outcome::Noted(finding),
            (None, ..) => Outcome::Silent(differences),
        };
        Ok(Fate {
            outcome,
            hash: hash(&differs),
        })
    }

    /// All deviations that a bug causes, in all its instances, also where it only stops the subject or
    /// its handshake.
    ///
    /// # Errors
    ///
    /// If the player fails.
    pub fn deviations(&self, bug: &Bug, scratch: &mut Scratch) -> Result<Vec<Finding>, Stop> {
        let mut all = Vec::new();
        for instance in self.concerned(bug) {
            self.play(instance, bug, scratch)?;
            scratch.judgements.clear();
            (self.judge)(&scratch.transcript, &mut scratch.judgements);
            let compared = match self.plan.instances[instance].is_compared() {
                true => self.compare(instance, &View::of(&scratch.transcript), scratch)?,
                false => Vec::new(),
            };
            let known = &self.sound(instance, scratch)?.findings;
            for (finding, grade) in findings(&scratch.judgements).chain(compared) {
                let new = !known.iter().any(|(known, _)| *known == finding);
                if new && grade == Grade::Deviates && !all.contains(&finding) {
                    all.push(finding);
                }
            }
        }
        Ok(all)
    }

    /// The instances in which a bug is played.
    fn concerned(&self, bug: &Bug) -> impl Iterator<Item = usize> {
        let all = self.plan.index.get(&bug.met).map_or(&[][..], Vec::as_slice);
        let again = bug.when != reference::When::Always;
        all.iter()
            .filter(move |(_, times)| !again || *times > 1)
            .map(|(instance, _)| *instance)
            .take(INSTANCES)
    }

    fn play(&self, at: usize, bug: &Bug, scratch: &mut Scratch) -> Result<(), Stop> {
        let play = self.plan.instances[at].play();
        let fault = Fault::from(bug);
        let sound = self.sound(at, scratch)?;
        let start = sound
            .start
            .get_or_init(|| Start::record(&play, sound, self.shim, scratch));
        scratch.transcript.clear();
        let Scratch {
            player, transcript, ..
        } = scratch;
        match start {
            // A bug that fires in the handshake is played from the beginning.
            Some(start) if !start.subject.meetings().any(|it| it.met == bug.met) => {
                let mut port = start.port(self.shim, Some(fault));
                player.play_on(&start.recording, &play, &mut port, transcript)?;
            }
            _ => {
                let mut stand = Stand {
                    subject: reference::faulty(fault),
                    shim: self.shim,
                };
                player.play(&play, &mut stand, transcript)?;
            }
        }
        Ok(())
    }

    /// The first finding in the transcript that is not in the sound one, and whether it counts. A
    /// finding that counts comes first.
    fn judge(&self, at: usize, scratch: &mut Scratch) -> Result<Option<(Finding, bool)>, Stop> {
        scratch.judgements.clear();
        (self.judge)(&scratch.transcript, &mut scratch.judgements);
        let mut noted = None;
        let compared = match self.plan.instances[at].is_compared() {
            true => self.compare(at, &View::of(&scratch.transcript), scratch)?,
            false => Vec::new(),
        };
        let known = &self.sound(at, scratch)?.findings;
        for (finding, grade) in findings(&scratch.judgements).chain(compared) {
            match grade {
                _ if known.iter().any(|(known, _)| *known == finding) => {}
                Grade::Behaviour => noted = noted.or(Some((finding, false))),
                Grade::Deviates | Grade::Variation => return Ok(Some((finding, true))),
            }
        }
        Ok(noted)
    }

    /// The findings of group rules in an instance and its baseline. The bug does not fire in the
    /// baseline: such instances are played only for places that no baseline reaches.
    fn compare(
        &self,
        at: usize,
        view: &View,
        scratch: &mut Scratch,
    ) -> Result<Vec<(Finding, Grade)>, Stop> {
        let instance = &self.plan.instances[at];
        let Some(baseline) = instance.baseline.filter(|_| instance.is_compared()) else {
            return Ok(Vec::new());
        };
        let first = &self.sound(baseline, scratch)?.view;
        let member = |at: usize, view| Member {
            axes: self.plan.instances[at].axes(),
            subject: 0,
            implementation: ("reference", "1"),
            api: "first",
            view,
        };
        let members = [member(baseline, first), member(at, view)];
        let compared = judge_group(&members).into_iter();
        Ok(compared
            .filter_map(|(requirement, comparison)| {
                let code = requirement.code(comparison.code?)?;
                Some(((requirement.id, code.name), code.grade))
            })
            .collect())
    }

    /// The result of an instance without a bug.
    fn sound(&self, at: usize, scratch: &mut Scratch) -> Result<&Sound, Stop> {
        if let Some(sound) = self.sounds[at].get() {
            return Ok(sound);
        }
        let sound = self.listen(at, scratch)?;
        Ok(self.sounds[at].get_or_init(|| sound))
    }

    /// Plays an instance without a bug.
    fn listen(&self, at: usize, scratch: &mut Scratch) -> Result<Sound, Stop> {
        let mut stand = Stand {
            subject: reference::subject(None),
            shim: self.shim,
        };
        let mut transcript = Transcript::new();
        let play = self.plan.instances[at].play();
        scratch.player.play(&play, &mut stand, &mut transcript)?;
        let mut tokens = Vec::new();
        seen::tokens(&transcript, &mut tokens);
        let mut judgements = Vec::new();
        (self.judge)(&transcript, &mut judgements);
        let view = View::of(&transcript);
        let mut findings: Vec<_> = findings(&judgements).collect();
        findings.extend(self.compare(at, &view, scratch)?);
        Ok(Sound {
            handshakes: seen::handshakes(&transcript),
            view,
            transcript,
            tokens,
            findings,
            start: OnceLock::new(),
        })
    }

    /// The transcript in which a rule finds a bug, or else the first that differs from the sound
    /// one. `None` if nothing differs but panics, hangs and failed handshakes.
    ///
    /// # Errors
    ///
    /// If the player fails.
    pub fn exhibit(&self, bug: &Bug, scratch: &mut Scratch) -> Result<Option<Stored>, Stop> {
        let mut first = None;
        for instance in self.concerned(bug) {
            let sound = self.sound(instance, scratch)?;
            self.play(instance, bug, scratch)?;
            seen::tokens(&scratch.transcript, &mut scratch.tokens);
            if scratch.tokens == sound.tokens
                || seen::stopped(&scratch.transcript)
                || seen::handshakes(&scratch.transcript) < sound.handshakes
            {
                continue;
            }
            let stored = |scratch: &Scratch| Stored {
                origin: Origin {
                    subject: "reference".into(),
                    instance: self.plan.instances[instance].name(),
                    bug: Some(names::bug(bug)),
                    capabilities: reference::subject(None).hello().capabilities,
                },
                transcript: scratch.transcript.clone(),
            };
            if let Some((_, true)) = self.judge(instance, scratch)? {
                return Ok(Some(stored(scratch)));
            }
            first.get_or_insert_with(|| stored(scratch));
        }
        Ok(first)
    }

    /// A readable account of each instance of a bug.
    ///
    /// # Errors
    ///
    /// If the player fails.
    pub fn explain(&self, bug: &Bug, scratch: &mut Scratch) -> Result<String, Stop> {
        let mut text = String::new();
        for instance in self.concerned(bug) {
            let sound = self.sound(instance, scratch)?;
            self.play(instance, bug, scratch)?;
            seen::tokens(&scratch.transcript, &mut scratch.tokens);
            if scratch.tokens == sound.tokens {
                continue;
            }
            text += &format!("{}\n", self.plan.instances[instance].name());
            let at = std::iter::zip(&sound.tokens, &scratch.tokens)
                .take_while(|(a, b)| a == b)
                .count();
            for (mark, transcript) in [('-', &sound.transcript), ('+', &scratch.transcript)] {
                for event in transcript.events().iter().skip(at) {
                    text += &format!("  {mark} {}\n", seen::word(transcript, event));
                }
            }
        }
        Ok(text)
    }
}

impl Start {
    /// The subject after the handshake, if the script begins with one and it makes no difference to
    /// begin there.
    fn record(play: &Play<'_>, sound: &Sound, shim: Shim, scratch: &mut Scratch) -> Option<Self> {
        let mut stand = Stand {
            subject: reference::subject(None),
            shim,
        };
        let mut tap = Tap {
            stand: &mut stand,
            wire: Vec::new(),
        };
        let recording = scratch.player.record(play, &mut tap).ok()?;
        let wire = tap.wire;
        let start = Self {
            recording,
            wire,
            subject: stand.subject,
        };
        let Scratch {
            player, transcript, ..
        } = scratch;
        transcript.clear();
        let mut port = start.port(shim, None);
        player
            .play_on(&start.recording, play, &mut port, transcript)
            .ok()?;
        seen::tokens(&scratch.transcript, &mut scratch.tokens);
        (scratch.tokens == sound.tokens).then_some(start)
    }

    fn port(&self, shim: Shim, fault: Option<Fault>) -> Repeat<'_> {
        let mut subject = self.subject.clone();
        subject.set_fault(fault);
        Repeat {
            stand: Stand { subject, shim },
            wire: &self.wire,
            repeating: true,
        }
    }
}

fn findings(judgements: &[Judgement]) -> impl Iterator<Item = (Finding, Grade)> {
    judgements
        .iter()
        .filter_map(|judgement| match judgement.verdict {
            Verdict::Found { code, .. } => {
                let declared = judgement.requirement.code(code)?;
                Some(((judgement.requirement.id, code), declared.grade))
            }
            _ => None,
        })
}

fn hash(differs: &[(usize, u64)]) -> u64 {
    let flat: Vec<u64> = differs
        .iter()
        .flat_map(|(instance, digest)| [*instance as u64, *digest])
        .collect();
    seen::digest(&flat)
}
