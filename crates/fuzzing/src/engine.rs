use std::collections::HashMap;

use closure::{
    Axes, Build, Comparison, Cut, Event, Grade, Judgement, Member, Requirement, Rule, Transcript,
    Verdict, View, judge_each, judge_group,
};
use peer::MessageName;
use protocol::{HabitKind, Hello, PLAIN_HABIT, Subject};
use scenario::{Play, Played, Player, Recording, Settings, Step, shrink};

use crate::comparable::{Playing, interfaces_may_differ, may_differ};
use crate::guard::Guard;
use crate::known::{Known, deviates};
use crate::mask::{Cause, Mask};
use crate::target::{Kind, Target};
use crate::{Input, Problem, codec, input};

/// The most recordings that are kept. There are more ways to set up a context, but a fuzzer comes
/// back to few of them.
const RECORDINGS: usize = 4096;

/// The seed of everything that is random.
pub(crate) const SEED: u64 = 1;

/// Plays inputs and judges them, one after the other in the same memory.
pub struct Engine {
    target: &'static Target,
    stage: Stage,
    unbuffered: Side,
    /// The buffered interface, for a target that compares the two.
    buffered: Option<Side>,
    problems: Vec<Problem>,
}

/// The memory that all inputs share.
#[derive(Default)]
struct Stage {
    player: Player,
    transcript: Transcript,
    /// The transcript of the other of two ways to play an input.
    other: Transcript,
    judgements: Vec<Judgement>,
    played: Played,
}

/// A subject, and its known deviations.
struct Side {
    hello: Hello,
    guard: Guard,
    known: Known,
    /// The mask of the last run.
    mask: Mask,
    last_words: Option<String>,
    recordings: Recordings,
}

/// Recorded handshakes by axes, settings and the message before which they end. `None` where there
/// is nothing to repeat.
type Recordings = HashMap<(Axes, Settings, Option<MessageName>), Option<Recording>>;

impl Side {
    fn new(make: fn() -> Box<dyn Subject>, expectations: &str) -> Result<Self, String> {
        let guard = Guard::new(make);
        Ok(Self {
            hello: guard.subject().hello(),
            guard,
            known: Known::parse(expectations, rustls_subject::version())
                .map_err(|error| error.to_string())?,
            mask: Mask::default(),
            last_words: None,
            recordings: HashMap::new(),
        })
    }

    fn build(&self) -> Build {
        match self.hello.build.debug_assertions {
            true => Build::Assertions,
            false => Build::Plain,
        }
    }

    fn habit(&self, name: &str) -> Option<HabitKind> {
        let known = self.hello.habits.iter();
        let mut found = known.filter(|habit| habit.name == name);
        found.next().map(|habit| habit.kind)
    }
}

/// The known deviations of rustls through its unbuffered interface.
const UNBUFFERED: &str = include_str!("../../../conformance/expectations/rustls-unbuffered.toml");
/// The known deviations of rustls through its buffered interface.
const BUFFERED: &str = include_str!("../../../conformance/expectations/rustls-buffered.toml");

impl Engine {
    /// Creates an engine for a target.
    ///
    /// # Errors
    ///
    /// If the expectations of the subject do not parse.
    pub fn new(target: &'static Target) -> Result<Self, String> {
        Ok(Self {
            target,
            stage: Stage::default(),
            unbuffered: Side::new(|| Box::new(rustls_subject::unbuffered()), UNBUFFERED)?,
            buffered: match target.kind {
                Kind::Differential => Some(Side::new(
                    || Box::new(rustls_subject::buffered()),
                    BUFFERED,
                )?),
                _ => None,
            },
            problems: Vec::new(),
        })
    }

    /// The known deviations of the subject through its unbuffered interface.
    pub fn known(&mut self) -> &mut Known {
        &mut self.unbuffered.known
    }

    /// The known deviations through the buffered interface, if the target plays that too.
    pub fn known_of_buffered(&mut self) -> Option<&mut Known> {
        self.buffered.as_mut().map(|side| &mut side.known)
    }

    /// Sets a callback for recorded handshakes. It is called with true before one is repeated, and
    /// with false after it, before the steps of the input. A fuzzer need not trace what is the same
    /// for all inputs.
    pub fn on_repeating(&mut self, then: fn(bool)) {
        self.unbuffered.guard.on_repeating(then);
        if let Some(buffered) = &mut self.buffered {
            buffered.guard.on_repeating(then);
        }
    }

    /// The target whose inputs the engine plays.
    pub fn target(&self) -> &'static Target {
        self.target
    }

    /// The transcript of the last run.
    pub fn transcript(&self) -> &Transcript {
        &self.stage.transcript
    }

    /// How the subject was built.
    pub fn build(&self) -> Build {
        self.unbuffered.build()
    }

    /// Reads `bytes` as an input of the target.
    pub fn read(&self, bytes: &[u8]) -> Input {
        let build = self.unbuffered.build();
        let side = self.buffered.as_ref().unwrap_or(&self.unbuffered);
        let knows = |name: &str| side.habit(name).is_some();
        self.target.read(bytes, build, knows)
    }

    /// Reads `bytes` as an input, plays it, and judges it.
    ///
    /// # Errors
    ///
    /// The first problem that is not known.
    pub fn run(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        if self.target.kind == Kind::Codec {
            return codec::check(bytes).map_err(Problem::Fault);
        }
        let mut input = self.read(bytes);
        self.play(&mut input)
    }

    /// Plays an input, and judges it.
    ///
    /// # Errors
    ///
    /// The first problem that is not known.
    pub fn play(&mut self, input: &mut Input) -> Result<(), Problem> {
        self.problems.clear();
        input::equip(self.target, input);
        let result = self.judged(input);
        input::strip(input);
        result?;
        let place = |problem: &&Problem| match problem {
            Problem::Deviation { at, .. } => at.unwrap_or(usize::MAX),
            Problem::Fault(_) => 0,
        };
        match self.problems.iter().min_by_key(place) {
            Some(problem) => Err(problem.clone()),
            None => Ok(()),
        }
    }

    fn judged(&mut self, input: &Input) -> Result<(), Problem> {
        let Self {
            target,
            stage,
            unbuffered,
            buffered,
            problems,
        } = self;
        for side in [Some(&mut *unbuffered), buffered.as_mut()] {
            side.into_iter().for_each(|side| side.mask.clear());
        }
        let alone = input.axes.habit != PLAIN_HABIT;
        match buffered {
            Some(buffered) if !alone => {
                once(target, stage, unbuffered, input)?;
                stage.judge(unbuffered, input, problems);
                compare_interfaces(target, stage, unbuffered, buffered, input, problems)
            }
            other => {
                let side = other.as_mut().unwrap_or(unbuffered);
                once(target, stage, side, input)?;
                stage.judge(side, input, problems);
                compare_ways(target, stage, side, input, problems)
            }
        }
    }

    /// All unknown deviations of the last input, in no particular order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many steps of the last input had an effect.
    pub fn effective(&self) -> usize {
        self.stage.played.effective
    }

    /// Why the last input was masked, if it was. A mask hides what follows a known deviation.
    pub fn mask_cause(&self) -> Option<Cause> {
        let sides = [Some(&self.unbuffered), self.buffered.as_ref()];
        let mut causes = sides.iter().flatten().filter_map(|side| side.mask.cause());
        causes.next()
    }

    /// Whether one half was closed while the other was open.
    pub fn half_closed(&self) -> bool {
        self.stage.transcript.connections().any(|connection| {
            let facts = connection.marks();
            facts.handshake_done.is_some()
                && (facts.peer_close.is_some() || facts.own_close.is_some())
        })
    }

    /// Returns the smallest input that shows a problem of the same bucket, after at most `budget`
    /// attempts.
    pub fn shrink(&mut self, input: &Input, problem: &Problem, budget: usize) -> Input {
        let bucket = problem.bucket();
        let mut best = input.clone();
        if self.target.kind == Kind::Codec {
            return best;
        }
        let plain = Axes {
            cut: Cut::Whole,
            habit: PLAIN_HABIT.into(),
            ..best.axes.clone()
        };
        for axes in [
            plain.clone(),
            Axes {
                habit: best.axes.habit.clone(),
                ..plain.clone()
            },
            Axes {
                cut: best.axes.cut,
                ..plain
            },
        ] {
            let candidate = Input {
                axes,
                ..best.clone()
            };
            if self.shows(&candidate, &bucket) {
                best = candidate;
                break;
            }
        }
        let axes = best.axes.clone();
        let sound = input::ends_with_transport(&best.script);
        let script = shrink(&best.script, budget, |script| {
            if sound && !input::ends_with_transport(script) {
                return false;
            }
            let candidate = Input {
                axes: axes.clone(),
                script: script.clone(),
            };
            self.shows(&candidate, &bucket)
        });
        Input { axes, script }
    }

    fn shows(&mut self, input: &Input, bucket: &str) -> bool {
        let result = self.play(&mut input.clone());
        let fault =
            matches!(&result, Err(problem @ Problem::Fault(_)) if problem.bucket() == bucket);
        fault
            || self
                .problems
                .iter()
                .any(|problem| problem.bucket() == bucket)
    }
}

/// Plays an input against one subject.
fn once(target: &Target, stage: &mut Stage, side: &mut Side, input: &Input) -> Result<(), Problem> {
    side.last_words = None;
    side.mask.clear();
    let play = Play {
        script: &input.script,
        axes: &input.axes,
        habit: side.habit(&input.axes.habit),
        profile: Default::default(),
        handshake_too: target.is_live(&input.axes),
        seed: SEED,
    };
    let Stage {
        player, transcript, ..
    } = stage;
    // The baseline of a script that is played live need not begin with a handshake.
    let begins = match play.script.steps.first() {
        Some(Step::Handshake { until }) => Some(*until),
        _ => None,
    };
    let recorded = matches!(target.kind, Kind::Recorded | Kind::Differential | Kind::Raw);
    let recording = match begins.filter(|_| recorded && !play.handshake_too) {
        Some(until) => recording(&mut side.recordings, player, &play, until, &mut side.guard),
        None => None,
    };
    let played = match recording {
        Some(recording) => {
            side.guard.repeats();
            player.play_on(recording, &play, &mut side.guard, transcript)
        }
        None => {
            transcript.clear();
            player.play(&play, &mut side.guard, transcript)
        }
    };
    stage.played = played.map_err(|stop| Problem::Fault(stop.to_string()))?;
    side.last_words = side.guard.take_last_words();
    Ok(())
}

impl Stage {
    /// Keeps the transcript of the last run, and starts a new one for another way to play the
    /// script.
    fn set_aside(&mut self) {
        std::mem::swap(&mut self.transcript, &mut self.other);
        self.transcript.clear();
    }

    /// Adds what the rules find in the transcript and is not known.
    fn judge(&mut self, side: &mut Side, input: &Input, problems: &mut Vec<Problem>) {
        self.judgements.clear();
        side.mask.find(&self.transcript);
        if self.transcript.is_unsupported() {
            return;
        }
        judge_each(&self.transcript, &mut self.judgements);
        for judgement in &self.judgements {
            let Verdict::Found { code, at } = judgement.verdict else {
                continue;
            };
            let requirement = judgement.requirement;
            if !matters(requirement, &side.hello) {
                continue;
            }
            match requirement.code(code).map(|code| code.grade) {
                Some(Grade::Deviates) => {}
                // Allowed, but what follows may depend on it.
                Some(Grade::Variation) => {
                    side.mask.note(requirement, code, at, at);
                    continue;
                }
                _ => continue,
            }
            let words = side.last_words.as_deref().filter(|_| {
                let event = self.transcript.events().get(at);
                matches!(event, Some(Event::Crash))
            });
            if side.known.recognise(requirement, code, input, words) {
                // A known end, a record that is tolerated, or one that must not leave, is masked
                // itself: whatever else it breaks has the same cause.
                let event = self.transcript.events().get(at);
                let itself = matches!(
                    event,
                    Some(Event::Failed { .. } | Event::End(_) | Event::Sent(_))
                );
                let one = itself || code == "still-alive";
                side.mask
                    .note(requirement, code, at, at + usize::from(!one));
            } else {
                problems.push(Problem::Deviation {
                    requirement: requirement.id,
                    code,
                    at: Some(at),
                    last_words: words.map(str::to_owned),
                });
            }
        }
        // After a mask the state of the subject is undefined. Its behaviour is not reported, unless
        // it crashes or hangs.
        problems.retain(|problem| match problem {
            Problem::Deviation {
                requirement,
                at: Some(at),
                ..
            } => {
                let event = self.transcript.events().get(*at);
                !side.mask.masks(requirement, *at)
                    || matches!(event, Some(Event::Crash | Event::Hang))
            }
            _ => true,
        });
    }

    /// Whether the last run can be compared with another way to play the script. How a known
    /// deviation continues (a failure that is not latched, for example) depends on everything.
    fn is_comparable(&self, side: &Side, axes: &Axes) -> bool {
        let how = Playing {
            habit: axes.habit != PLAIN_HABIT,
            buffered: side.hello.api == "buffered",
        };
        !self.transcript.is_unsupported()
            && side.last_words.is_none()
            && side.mask.is_empty()
            && !self.transcript.connections().any(|c| may_differ(&c, how))
    }
}

/// Plays the same script with another cut, or under the plain habit, and adds the differences.
fn compare_ways(
    target: &Target,
    stage: &mut Stage,
    side: &mut Side,
    input: &Input,
    problems: &mut Vec<Problem>,
) -> Result<(), Problem> {
    let axes = &input.axes;
    let other = match (axes.cut, side.habit(&axes.habit)) {
        (_, Some(HabitKind::Abuse)) | (Cut::Whole, None) => return Ok(()),
        (Cut::Whole, Some(HabitKind::Contract)) => Axes {
            habit: PLAIN_HABIT.into(),
            ..axes.clone()
        },
        _ => Axes {
            cut: Cut::Whole,
            ..axes.clone()
        },
    };
    if !stage.is_comparable(side, axes) || !problems.is_empty() {
        return Ok(());
    }
    let view = View::of(&stage.transcript);
    let baseline = Input {
        axes: other,
        script: input.script.clone(),
    };
    // A problem is reported for the instance itself, not for its baseline.
    stage.set_aside();
    let played = stage.played.clone();
    let result = once(target, stage, side, &baseline);
    // The problems of the baseline belong to another input.
    stage.judge(side, &baseline, &mut Vec::new());
    let against = View::of(&stage.transcript);
    let comparable = stage.is_comparable(side, axes);
    std::mem::swap(&mut stage.transcript, &mut stage.other);
    stage.played = played;
    result?;
    if comparable {
        let members = [
            member(side, 0, &baseline.axes, &against),
            member(side, 0, axes, &view),
        ];
        let compared = judge_group(&members);
        add(&compared, &mut side.known, input, problems);
    }
    Ok(())
}

/// Plays the same script through the buffered interface, judges it, and adds the differences.
fn compare_interfaces(
    target: &Target,
    stage: &mut Stage,
    unbuffered: &mut Side,
    buffered: &mut Side,
    input: &Input,
    problems: &mut Vec<Problem>,
) -> Result<(), Problem> {
    if !stage.is_comparable(unbuffered, &input.axes) || !problems.is_empty() {
        return Ok(());
    }
    if interfaces_may_differ(&stage.transcript) {
        return Ok(());
    }
    let view = View::of(&stage.transcript);
    stage.set_aside();
    let played = stage.played.clone();
    once(target, stage, buffered, input)?;
    stage.judge(buffered, input, problems);
    if !problems.is_empty() {
        return Ok(());
    }
    let against = View::of(&stage.transcript);
    let alike = !interfaces_may_differ(&stage.transcript);
    let comparable = alike && stage.is_comparable(buffered, &input.axes);
    std::mem::swap(&mut stage.transcript, &mut stage.other);
    stage.played = played;
    if comparable {
        let members = [
            member(buffered, 0, &input.axes, &against),
            member(unbuffered, 1, &input.axes, &view),
        ];
        let compared = judge_group(&members);
        add(&compared, &mut unbuffered.known, input, problems);
    }
    Ok(())
}

fn member<'a>(side: &'a Side, subject: usize, axes: &'a Axes, view: &'a View) -> Member<'a> {
    Member {
        axes,
        subject,
        implementation: (&side.hello.implementation, &side.hello.version),
        api: &side.hello.api,
        view,
    }
}

/// Adds the differences that are not known.
fn add(
    compared: &[(&'static Requirement, Comparison)],
    known: &mut Known,
    input: &Input,
    problems: &mut Vec<Problem>,
) {
    for (requirement, comparison) in compared {
        let Some(code) = comparison.code else {
            continue;
        };
        if deviates(requirement, code) && !known.recognise(requirement, code, input, None) {
            problems.push(Problem::Deviation {
                requirement: requirement.id,
                code,
                at: None,
                last_words: None,
            });
        }
    }
}

/// The recording of the handshake that `play` starts with, or `None` if that handshake does not
/// complete.
fn recording<'r>(
    recordings: &'r mut Recordings,
    player: &mut Player,
    play: &Play<'_>,
    until: Option<MessageName>,
    guard: &mut Guard,
) -> Option<&'r Recording> {
    let key = (
        Axes {
            cut: Cut::Whole,
            ..play.axes.clone()
        },
        play.script.settings.clone(),
        until,
    );
    if !recordings.contains_key(&key) {
        // Each repetition checks that it repeats byte for byte.
        let made = player.record(play, guard).ok();
        if recordings.len() >= RECORDINGS {
            recordings.clear();
        }
        recordings.insert(key.clone(), made);
    }
    recordings.get(&key).and_then(Option::as_ref)
}

fn matters(requirement: &Requirement, hello: &Hello) -> bool {
    let mut needs = requirement.needs.iter();
    !matches!(requirement.rule, Rule::Untestable(_))
        && needs.all(|needed| hello.capabilities.contains(needed))
}
