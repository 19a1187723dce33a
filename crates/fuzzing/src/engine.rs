use std::collections::HashMap;

use closure::{
    Axes, Build, Comparison, Cut, Event, Grade, Judgement, Member, Requirement, Rule, Transcript,
    Verdict, View, judge_each, judge_group,
};
use peer::MessageName;
use protocol::{HabitKind, Hello, PLAIN_HABIT, Subject};
use scenario::{Play, Played, Player, Recording, Settings, Step, shrink};

use crate::astray::{Cause, Stray};
use crate::comparable::{Playing, goes_its_own_way, may_differ};
use crate::guard::Guard;
use crate::known::{Known, deviates};
use crate::target::{Kind, Target};
use crate::{Input, Problem, codec, input};

/// So many recordings are kept: there are more ways of setting up a context than that, but not
/// many that a fuzzer keeps coming back to.
const RECORDINGS: usize = 4096;

/// Where all that is random comes from.
pub(crate) const SEED: u64 = 1;

/// Plays inputs and judges them, one after the other in the same memory.
pub struct Engine {
    target: &'static Target,
    stage: Stage,
    unbuffered: Side,
    /// What the unbuffered interface is compared with, by a target that compares.
    buffered: Option<Side>,
    problems: Vec<Problem>,
}

/// What each input is played on, one after the other.
#[derive(Default)]
struct Stage {
    player: Player,
    transcript: Transcript,
    /// Of the other one of two ways of playing an input.
    other: Transcript,
    judgements: Vec<Judgement>,
    played: Played,
}

/// A subject, and what is known of it.
struct Side {
    hello: Hello,
    guard: Guard,
    known: Known,
    /// Where in what was played last the subject went astray: what is found from there on is no news.
    astray: Stray,
    last_words: Option<String>,
    recordings: Recordings,
}

/// Handshakes that were recorded, by axes and settings and the message before which they end; none
/// where there is nothing to repeat.
type Recordings = HashMap<(Axes, Settings, Option<MessageName>), Option<Recording>>;

impl Side {
    fn new(make: fn() -> Box<dyn Subject>, expectations: &str) -> Result<Self, String> {
        let guard = Guard::new(make);
        Ok(Self {
            hello: guard.subject().hello(),
            guard,
            known: Known::parse(expectations, rustls_subject::version())
                .map_err(|error| error.to_string())?,
            astray: Stray::default(),
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

/// What is known of rustls through its unbuffered interface.
const UNBUFFERED: &str = include_str!("../../../conformance/expectations/rustls-unbuffered.toml");
/// And through its buffered one.
const BUFFERED: &str = include_str!("../../../conformance/expectations/rustls-buffered.toml");

impl Engine {
    /// An engine that has not played anything.
    ///
    /// # Errors
    ///
    /// If what is known of the subject cannot be read.
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

    /// What is known of the subject through its unbuffered interface.
    pub fn known(&mut self) -> &mut Known {
        &mut self.unbuffered.known
    }

    /// What is known of it through its buffered interface, by a target that plays that too.
    pub fn known_of_buffered(&mut self) -> Option<&mut Known> {
        self.buffered.as_mut().map(|side| &mut side.known)
    }

    /// Has `then` called with true whenever a recorded handshake is about to be repeated, and with
    /// false behind it, before what is the input's own: a fuzzer need not see again what is the same
    /// for all inputs.
    pub fn on_repeating(&mut self, then: fn(bool)) {
        self.unbuffered.guard.on_repeating(then);
        if let Some(buffered) = &mut self.buffered {
            buffered.guard.on_repeating(then);
        }
    }

    /// The target whose inputs it plays.
    pub fn target(&self) -> &'static Target {
        self.target
    }

    /// What happened last.
    pub fn transcript(&self) -> &Transcript {
        &self.stage.transcript
    }

    /// How the subject was built.
    pub fn build(&self) -> Build {
        self.unbuffered.build()
    }

    /// What `bytes` are to its target.
    pub fn read(&self, bytes: &[u8]) -> Input {
        let build = self.unbuffered.build();
        let side = self.buffered.as_ref().unwrap_or(&self.unbuffered);
        let knows = |name: &str| side.habit(name).is_some();
        self.target.read(bytes, build, knows)
    }

    /// Plays what `bytes` are, and judges it.
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
    /// The problem that shows first and is not known.
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
            side.into_iter().for_each(|side| side.astray.clear());
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

    /// All deviations that the input played last shows and nobody knows, in no order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many steps of the input that was played last made something happen.
    pub fn effective(&self) -> usize {
        self.stage.played.effective
    }

    /// By what the subject went astray in the input that was played last, if it did: what came
    /// behind that is masked by what is already known.
    pub fn went_astray(&self) -> Option<Cause> {
        let sides = [Some(&self.unbuffered), self.buffered.as_ref()];
        let mut causes = sides
            .iter()
            .flatten()
            .filter_map(|side| side.astray.cause());
        causes.next()
    }

    /// Whether one half was closed while the other one was open.
    pub fn half_closed(&self) -> bool {
        self.stage.transcript.connections().any(|connection| {
            let facts = connection.facts();
            facts.handshake_done.is_some()
                && (facts.peer_close.is_some() || facts.own_close.is_some())
        })
    }

    /// The smallest input that shows a problem of the same bucket. At most `budget` are tried.
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

/// Plays an input against a subject.
fn once(target: &Target, stage: &mut Stage, side: &mut Side, input: &Input) -> Result<(), Problem> {
    side.last_words = None;
    side.astray.clear();
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
    /// Keeps the transcript of what was played last, and makes room for that of another way.
    fn set_aside(&mut self) {
        std::mem::swap(&mut self.transcript, &mut self.other);
        self.transcript.clear();
    }

    /// Adds what the rules find in the transcript and nobody knows.
    fn judge(&mut self, side: &mut Side, input: &Input, problems: &mut Vec<Problem>) {
        self.judgements.clear();
        side.astray.find(&self.transcript);
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
                // Allowed, but nothing to build a claim on.
                Some(Grade::Variation) => {
                    side.astray.note(requirement, code, at, at);
                    continue;
                }
                _ => continue,
            }
            let words = side.last_words.as_deref().filter(|_| {
                let event = self.transcript.events().get(at);
                matches!(event, Some(Event::Crash))
            });
            if side.known.recognise(requirement, code, input, words) {
                // An end that is known is one end, and a record that is borne one record, whatever
                // else it breaks.
                let event = self.transcript.events().get(at);
                let one = matches!(event, Some(Event::Failed { .. } | Event::End(_)))
                    || code == "still-alive";
                side.astray
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
        // A subject that has gone astray is where no requirement expects it: what it does from then
        // on is no news, unless it dies or hangs of it.
        problems.retain(|problem| match problem {
            Problem::Deviation {
                requirement,
                at: Some(at),
                ..
            } => {
                let event = self.transcript.events().get(*at);
                !side.astray.masks(requirement, *at)
                    || matches!(event, Some(Event::Crash | Event::Hang))
            }
            _ => true,
        });
    }

    /// Whether what was played last can be compared with another way of playing it. What is known
    /// to deviate (a failure that is not latched, say) goes on in ways that depend on everything.
    fn is_comparable(&self, side: &Side, axes: &Axes) -> bool {
        let how = Playing {
            habit: axes.habit != PLAIN_HABIT,
            buffered: side.hello.api == "buffered",
        };
        !self.transcript.is_unsupported()
            && side.last_words.is_none()
            && side.astray.is_empty()
            && !self.transcript.connections().any(|c| may_differ(&c, how))
    }
}

/// Plays the same script cut otherwise, or under the plain habit, and adds what differs.
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
    // What is told of a problem is the instance in question, not its baseline.
    stage.set_aside();
    let played = stage.played.clone();
    let result = once(target, stage, side, &baseline);
    // Its problems are those of another input.
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

/// Plays the same script through the buffered interface, judges that, and adds what differs.
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
    if goes_its_own_way(&stage.transcript) {
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
    let alike = !goes_its_own_way(&stage.transcript);
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

/// Adds what differs and nobody knows.
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

/// The recording of the handshake with which `play` starts; none if it comes to no end.
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
        // That it is repeated to the byte is checked whenever it is.
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
