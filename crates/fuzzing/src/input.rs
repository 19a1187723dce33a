//! Conversion between bytes and instances.
//!
//! The first two bytes choose the axes. The rest is the byte form of a script. A number never
//! changes its meaning, so that corpora stay valid.

use std::borrow::Cow;

use closure::{Axes, Build, Cut, Profile};
use peer::MessageName;
use protocol::{PLAIN_HABIT, Role, Version};
use scenario::{App, EarlyData, Payload, Say, Script, Settings, Shape, Step, Transport};

use crate::target::{Kind, Target};

/// The number of leading bytes that choose the axes.
pub(crate) const AXES: usize = 2;

/// The habits for the numbers that follow the plain ones. New names are added at the end. A habit
/// that the subject does not have is read as the plain one.
pub const HABITS: [&str; 28] = [
    "small-output",
    "peek",
    "late-read",
    "empty-calls",
    "repeat-calls",
    "present-record",
    "write-in-transmit",
    "drop-state",
    "retry-fresh",
    "hide-input",
    "represent-after-error",
    "small-reads",
    "read-ahead",
    "write-vectored",
    "buffer-limit",
    "short-io",
    "unvectored",
    "acceptor",
    "complete-io",
    "complete-io-short",
    "complete-io-zero",
    "complete-io-interrupted",
    "stream",
    "stream-short",
    "stream-zero",
    "stream-interrupted",
    "hoard-input",
    "ignore-errors",
];

/// How many numbers mean the plain habit: most defects need no other.
const PLAIN_HABITS: u8 = 0x20;
/// The highest number of a habit.
const LAST_HABIT: u8 = 0x3f;

/// Bits of the first byte: the other role, the other version, and the cut.
const OTHER_ROLE: u8 = 0x01;
const OTHER_VERSION: u8 = 0x02;
const CUT_SHIFT: u32 = 2;
/// All numbers below this mean the whole cut. The others need a second run to compare with.
const FIRST_CUT: u8 = 56;
const CUTS: [Cut; 8] = [
    Cut::PerRecord,
    Cut::PerRecord,
    Cut::Random(1),
    Cut::Random(2),
    Cut::Random(3),
    Cut::Random(4),
    Cut::Random(5),
    Cut::Bytewise,
];
/// Takes the place of the bytewise cut after a recorded handshake. There a bytewise input takes as
/// long as fifty others, and the targets that are about the transport cover it.
const QUICK_CUT: Cut = Cut::Random(6);

/// A suite is created once for each limit, and lives as long as the process.
const KEY_LIMITS: [u64; 6] = [2, 3, 4, 6, 16, 64];
/// Sizes that rustls accepts. They make no difference, except for the smallest ones.
const FRAGMENT_SIZES: [usize; 5] = [32, 64, 512, 4096, 16_389];
/// The most padding for a piece of a message, unless the piece is longer.
const PAD_OF_PIECES: usize = 64;
/// How much 0-RTT data a client is given to write.
const EARLY_WRITES: [usize; 4] = [1, 16, 1024, 20_000];
/// How much 0-RTT data a server accepts.
const EARLY_BUDGETS: [u32; 5] = [1, 16, 256, 1024, 16_384];

/// An instance that a fuzzer generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The axes of the instance.
    pub axes: Axes,
    /// The script. Its suite and group are chosen by the target.
    pub script: Script,
}

impl Target {
    /// Reads `bytes` as an input of this target. `build` is how the subject was built, and `knows`
    /// says whether it has a habit.
    pub fn read(&self, bytes: &[u8], build: Build, knows: impl Fn(&str) -> bool) -> Input {
        let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
        let (second, rest) = rest.split_first().unwrap_or((&0, &[]));
        let habit = match self.kind {
            // The second byte chooses where the raw bytes start.
            Kind::Raw => PLAIN_HABIT,
            _ => habit(*second)
                .filter(|name| knows(name))
                .unwrap_or(PLAIN_HABIT),
        };
        let axes = Axes {
            role: self.roles[usize::from(first & OTHER_ROLE != 0) % self.roles.len()],
            version: self.versions[usize::from(first & OTHER_VERSION != 0) % self.versions.len()],
            cut: self.cut(first >> CUT_SHIFT),
            habit: Cow::Borrowed(habit),
            suite: None,
            build,
        };
        let script = match self.kind {
            Kind::Raw => raw(*second, rest),
            _ => Script::from_bytes(rest),
        };
        let mut input = Input { axes, script };
        self.fit(&mut input);
        input
    }

    /// The bytes that this target reads as `input`, if there are any.
    pub fn write(&self, input: &Input) -> Option<Vec<u8>> {
        let place = |is: bool, flag| if is { flag } else { 0 };
        let role = self
            .roles
            .iter()
            .position(|role| *role == input.axes.role)?;
        let version = self
            .versions
            .iter()
            .position(|version| *version == input.axes.version)?;
        let cut = self.number_of_cut(input.axes.cut)?;
        let first = place(role == 1, OTHER_ROLE) | place(version == 1, OTHER_VERSION);
        let second = match self.kind {
            Kind::Raw | Kind::Codec => return None,
            _ => number(&input.axes.habit)?,
        };
        let mut bytes = vec![first | cut << CUT_SHIFT, second];
        let mut fitting = input.clone();
        self.fit(&mut fitting);
        if matches!(self.kind, Kind::Recorded | Kind::Differential) {
            fitting.script.steps.remove(0);
        }
        bytes.extend(fitting.script.to_bytes());
        Some(bytes)
    }

    fn cuts(&self) -> impl Iterator<Item = Cut> {
        let quick = self.kind == Kind::Recorded;
        CUTS.into_iter().map(move |cut| match cut {
            Cut::Bytewise if quick => QUICK_CUT,
            cut => cut,
        })
    }

    fn cut(&self, number: u8) -> Cut {
        let place = number.checked_sub(FIRST_CUT);
        place
            .and_then(|place| self.cuts().nth(place.into()))
            .unwrap_or(Cut::Whole)
    }

    fn number_of_cut(&self, cut: Cut) -> Option<u8> {
        if cut == Cut::Whole {
            return Some(0);
        }
        let place = self.cuts().position(|known| known == cut)?;
        Some(FIRST_CUT + place as u8)
    }

    /// Turns `input` into one that this target plays.
    fn fit(&self, input: &mut Input) {
        let Input { axes, script } = input;
        settle(&mut script.settings, axes);
        for step in &mut script.steps {
            if let Step::Peer { shape, .. } | Step::Edit { shape, .. } = step {
                bound(shape);
            }
        }
        match self.kind {
            Kind::Recorded | Kind::Differential => {
                if script.steps.first() != Some(&HANDSHAKE) {
                    script.steps.insert(0, HANDSHAKE);
                }
                let mut connections = 1;
                script.steps.retain(|step| {
                    connections += usize::from(*step == Step::Connect);
                    *step != Step::Connect || connections <= CONNECTIONS
                });
            }
            Kind::Honest => honest(script, axes),
            Kind::Handshake | Kind::Raw | Kind::Codec => {}
        }
        end_with_transport(script);
    }
}

/// The most connections after a recorded handshake: the first, and two that may resume it. Live
/// handshakes take far longer than anything else, and `handshake_close` covers them.
const CONNECTIONS: usize = 3;

const HANDSHAKE: Step = Step::Handshake { until: None };

fn habit(number: u8) -> Option<&'static str> {
    let place = (number & LAST_HABIT).checked_sub(PLAIN_HABITS)?;
    HABITS.get(usize::from(place)).copied()
}

fn number(habit: &str) -> Option<u8> {
    if habit == PLAIN_HABIT {
        return Some(0);
    }
    let place = HABITS.iter().position(|known| *known == habit)?;
    Some(PLAIN_HABITS + place as u8)
}

/// Restricts settings to a few values. Removes those that belong to the target or mean nothing to a
/// subject with these axes. Each combination that is left may need its own recorded handshake.
fn settle(settings: &mut Settings, axes: &Axes) {
    match axes.role {
        Role::Client => settings.half_rtt = false,
        Role::Server => settings.early_write = Payload::Empty,
    }
    match axes.version {
        Version::Tls12 => settings.edition = None,
        Version::Tls13 => settings.tls12_close = None,
    }
    let usual = Profile::default();
    settings.edition.take_if(|it| *it == usual.edition);
    settings.tls12_close.take_if(|it| *it == usual.tls12_close);
    settings.suite = None;
    settings.group = None;
    settings.tickets = settings.tickets.min(4);
    // rustls does not support it.
    settings.record_size_limit = None;
    if let Some(limit) = &mut settings.key_limit {
        *limit = nearest(&KEY_LIMITS, *limit);
    }
    if let Some(size) = &mut settings.fragment_size {
        *size = nearest(&FRAGMENT_SIZES, *size);
    }
    if !settings.early_write.is_empty() {
        let length = nearest(&EARLY_WRITES, settings.early_write.len());
        settings.early_write = Payload::Pattern(length);
    }
    if let EarlyData::Accept(budget) = &mut settings.early_data {
        *budget = nearest(&EARLY_BUDGETS, *budget);
    }
}

/// Bounds the size of a step: each piece of a split message has all of the padding.
fn bound(shape: &mut Shape) {
    if let Some(piece) = shape.split {
        shape.pad = shape.pad.min(piece.max(PAD_OF_PIECES));
    }
}

/// The first of `known` that is at least `wanted`, or else the last.
fn nearest<T: PartialOrd + Copy>(known: &[T], wanted: T) -> T {
    let found = known.iter().find(|known| **known >= wanted);
    found.or(known.last()).copied().unwrap_or(wanted)
}

/// `bytes`, after the handshake up to the message that `phase` stands for.
fn raw(phase: u8, bytes: &[u8]) -> Script {
    let steps = match MessageName::ALL.get(usize::from(phase)) {
        _ if phase == 0 => Vec::new(),
        Some(name) => vec![Step::Handshake { until: Some(*name) }],
        None => vec![HANDSHAKE],
    };
    let raw = Step::Peer {
        say: Say::Raw(Payload::Bytes(bytes.to_vec())),
        shape: Shape::default(),
    };
    let end = Step::Transport(Transport::Fin);
    Script {
        steps: steps.into_iter().chain([raw, end]).collect(),
        ..Script::default()
    }
}

/// Leaves only what a peer that follows the RFCs does, and brings both sides to an end.
fn honest(script: &mut Script, axes: &Axes) {
    if !matches!(script.steps.first(), Some(Step::Handshake { .. })) {
        script.steps.insert(0, HANDSHAKE);
    }
    let mut closed = false;
    let mut shaken = false;
    script.steps.retain_mut(|step| match step {
        Step::Handshake { until } => {
            *until = None;
            !std::mem::replace(&mut shaken, true)
        }
        Step::Connect => {
            (closed, shaken) = (false, false);
            true
        }
        Step::Edit { .. } => false,
        Step::Peer { say, shape } => {
            let fine = shaken && !closed && is_honest(say, axes);
            closed |= fine && *say == Say::Close;
            *shape = Shape {
                pad: shape.pad.min(64),
                split: match say {
                    Say::Write(_) => shape.split,
                    _ => None,
                },
                ..Shape::default()
            };
            fine
        }
        Step::App(App::Drop) => false,
        Step::Transport(Transport::Fin | Transport::Reset) => false,
        Step::App(_) | Step::Transport(_) => true,
    });
    let close = Step::Peer {
        say: Say::Close,
        shape: Shape::default(),
    };
    script.steps.extend([
        Step::Transport(Transport::Unblock),
        Step::Transport(Transport::Release),
        Step::App(App::Resume),
    ]);
    script.steps.extend((shaken && !closed).then_some(close));
    script
        .steps
        .extend([Step::App(App::Close), Step::Transport(Transport::Fin)]);
}

/// Removes what the peer says on a transport that has ended, since it would not arrive.
fn end_with_transport(script: &mut Script) {
    script.steps.retain(while_it_stands());
}

/// Whether the peer says nothing on a transport that has ended.
pub(crate) fn ends_with_transport(script: &Script) -> bool {
    script.steps.iter().all(while_it_stands())
}

/// A predicate for successive steps. It is false for a step of the peer on a transport that has
/// ended.
fn while_it_stands() -> impl FnMut(&Step) -> bool {
    let mut ended = false;
    move |step| {
        match step {
            Step::Connect => ended = false,
            Step::Transport(Transport::Fin | Transport::Reset) => ended = true,
            _ => {}
        }
        !ended || !matches!(step, Step::Peer { .. } | Step::Handshake { .. })
    }
}

/// Whether a peer may say this after the handshake to a subject with these axes.
fn is_honest(say: &Say, axes: &Axes) -> bool {
    match say {
        Say::Write(_) | Say::Close => true,
        Say::KeyUpdate(0 | 1) => axes.version == Version::Tls13,
        Say::Ticket => axes.version == Version::Tls13 && axes.role == Role::Client,
        _ => false,
    }
}

/// Sets the suite and group of the target, which are not part of the script.
pub(crate) fn equip(target: &Target, input: &mut Input) {
    let settings = &mut input.script.settings;
    settings.suite = Some(target.suite(input.axes.version));
    settings.group = Some(toycrypto::numbers::GROUP);
}

/// Removes suite and group again.
pub(crate) fn strip(input: &mut Input) {
    let settings = &mut input.script.settings;
    (settings.suite, settings.group) = (None, None);
}
