use std::sync::LazyLock;

use protocol::{HabitKind, Role, Tls12Close, Version};

use crate::event::Kind;
use crate::requirements;
use crate::{Connection, Edition, Kinds, Profile, Requirement, Rule, Scope, Transcript, Verdict};

/// A requirement and what its rule says.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The verdict on it; never [`Verdict::NotExercised`].
    pub verdict: Verdict,
}

/// Asks every rule about one transcript. Adds what was exercised to `out`, in the order of
/// [`requirements::all`].
pub fn judge(transcript: &Transcript, out: &mut Vec<Judgement>) {
    let start = out.len();
    ask(transcript, |requirement, verdict| {
        match out[start..].last_mut() {
            // What it says of the connection before.
            Some(judgement) if std::ptr::eq(judgement.requirement, requirement) => {
                judgement.verdict = judgement.verdict.and(verdict);
            }
            _ => add(requirement, verdict, out),
        }
    });
}

/// The same, but what a rule says of each connection by itself.
pub fn judge_each(transcript: &Transcript, out: &mut Vec<Judgement>) {
    ask(transcript, |requirement, verdict| {
        add(requirement, verdict, out);
    });
}

fn add(requirement: &'static Requirement, verdict: Verdict, out: &mut Vec<Judgement>) {
    if verdict != Verdict::NotExercised {
        out.push(Judgement {
            requirement,
            verdict,
        });
    }
}

/// When a rule is asked. Most have nothing to say of most transcripts, and so this is all that is
/// looked at of each of them for every transcript.
struct Occasion {
    trigger: Kinds,
    /// Under which circumstances it binds: see [`circumstance`].
    bound: u32,
}

/// A rule that is asked of transcripts.
struct Asked {
    check: Check,
    scope: Scope,
    requirement: &'static Requirement,
}

#[derive(Clone, Copy)]
enum Check {
    One(fn(&Connection<'_>) -> Verdict),
    Across(fn(&Transcript) -> Verdict),
}

/// All rules that are asked of transcripts, in the order of [`requirements::all`], and apart from
/// them, at the same place, when each is asked.
static ASKED: LazyLock<(Vec<Occasion>, Vec<Asked>)> = LazyLock::new(|| {
    let asked = requirements::all().filter_map(|requirement| {
        let (trigger, check) = match requirement.rule {
            Rule::One { trigger, check } => (trigger, Check::One(check)),
            Rule::Across { trigger, check } => (trigger, Check::Across(check)),
            Rule::Group { .. } | Rule::Untestable(_) => return None,
        };
        let occasion = Occasion {
            trigger,
            bound: bound(requirement),
        };
        let asked = Asked {
            check,
            scope: requirement.scope,
            requirement,
        };
        Some((occasion, asked))
    });
    asked.unzip()
});

/// The circumstances on which it depends whether a requirement binds a connection, as one bit.
fn circumstance(role: Role, version: Version, profile: Profile, abuse: bool) -> u32 {
    let choices = [
        role == Role::Server,
        version == Version::Tls13,
        profile.tls12_close == Tls12Close::Full,
        profile.edition == Edition::Bis,
        abuse,
    ];
    let number = choices
        .iter()
        .fold(0, |number, choice| number << 1 | u32::from(*choice));
    1 << number
}

/// The circumstances under which `requirement` binds a connection.
fn bound(requirement: &Requirement) -> u32 {
    let mut bound = 0;
    for role in [Role::Client, Role::Server] {
        for version in [Version::Tls12, Version::Tls13] {
            for tls12_close in [Tls12Close::Half, Tls12Close::Full] {
                for edition in [Edition::Rfc8446, Edition::Bis] {
                    let profile = Profile {
                        tls12_close,
                        edition,
                    };
                    if !requirement.applies(role, version, profile) {
                        continue;
                    }
                    bound |= circumstance(role, version, profile, false);
                    if requirement.scope == Scope::Safety {
                        bound |= circumstance(role, version, profile, true);
                    }
                }
            }
        }
    }
    bound
}

/// Has `hear` told what the rules say, each of one connection after the other.
fn ask(transcript: &Transcript, mut hear: impl FnMut(&'static Requirement, Verdict)) {
    let (occasions, all) = &*ASKED;
    let mut occurred = Kinds::NONE;
    let (mut any, mut exact) = (0, true);
    for connection in transcript.connections() {
        let facts = connection.facts();
        occurred = occurred.union(facts.all_kinds);
        any |= of(&connection);
        exact &= facts.taint.is_none();
    }
    for (occasion, asked) in occasions.iter().zip(all) {
        let Occasion { trigger, bound } = *occasion;
        if !occurred.contains(trigger) || bound & any == 0 {
            continue;
        }
        match asked.check {
            Check::One(check) => {
                for connection in transcript.connections() {
                    if bound & of(&connection) == 0 {
                        continue;
                    }
                    let facts = connection.facts();
                    let (kinds, view): (_, Connection<'_>) = match asked.scope {
                        Scope::Exact => (facts.kinds, connection.untainted()),
                        Scope::Safety => (facts.all_kinds, connection),
                    };
                    if kinds.contains(trigger) {
                        hear(asked.requirement, check(&view));
                    }
                }
            }
            Check::Across(check) => {
                if bound & any == any
                    && (exact || asked.scope == Scope::Safety)
                    && transcript.kinds().contains(trigger)
                {
                    hear(asked.requirement, check(transcript));
                }
            }
        }
    }
}

/// The circumstances of a connection.
fn of(connection: &Connection<'_>) -> u32 {
    let setup = connection.setup();
    let abuse = setup.habit == Some(HabitKind::Abuse);
    circumstance(setup.role, setup.version, setup.profile, abuse)
}

impl Transcript {
    /// Whether the subject said that it cannot do what the script asks.
    pub fn is_unsupported(&self) -> bool {
        self.kinds_of_events().contains(&Kind::Unsupported)
    }
}
