use std::sync::LazyLock;

use protocol::{HabitKind, Role, Tls12Close, Version};

use crate::event::Kind;
use crate::requirements;
use crate::{
    Connection, Edition, Grade, Kinds, Profile, Requirement, Rule, Scope, Transcript, Verdict,
};

/// A requirement and the verdict of its rule.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The verdict. Never [`Verdict::NotExercised`].
    pub verdict: Verdict,
}

/// Checks every rule on one transcript. Appends the verdicts of exercised rules to `out`, in the
/// order of [`requirements::all`].
pub fn judge(transcript: &Transcript, out: &mut Vec<Judgement>) {
    let start = out.len();
    ask(transcript, |requirement, verdict| {
        match out[start..].last_mut() {
            // The same rule's verdict on an earlier connection.
            Some(judgement) if std::ptr::eq(judgement.requirement, requirement) => {
                judgement.verdict = judgement.verdict.and(verdict);
            }
            _ => add(requirement, verdict, out),
        }
    });
}

/// The same as [`judge`], but appends one verdict for each connection.
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

/// When a rule applies. Most rules do not apply to most transcripts, so these fields are kept apart
/// from the rest to be scanned quickly.
struct Occasion {
    /// The kinds of event that must all have occurred.
    all: Kinds,
    /// The kinds of event of which one must have occurred, if there are any.
    any: Kinds,
    /// The circumstances under which it applies: see [`circumstance`].
    bound: u32,
}

impl Occasion {
    fn is_met(&self, kinds: Kinds) -> bool {
        kinds.contains(self.all) && (self.any == Kinds::NONE || kinds.intersects(self.any))
    }
}

/// All requirements whose rules check transcripts, in the order of [`requirements::all`], and a
/// parallel list of when each applies.
static ASKED: LazyLock<(Vec<Occasion>, Vec<&'static Requirement>)> = LazyLock::new(|| {
    let asked = requirements::all().filter_map(|requirement| {
        if let Rule::Group { .. } | Rule::Untestable(_) = requirement.rule {
            return None;
        }
        let (all, any) = requirement.rule.occasion();
        let bound = bound(requirement);
        Some((Occasion { all, any, bound }, requirement))
    });
    asked.unzip()
});

/// The circumstances that decide whether a requirement applies to a connection, as one bit.
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

/// The circumstances under which `requirement` applies to a connection, as a set of bits.
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

/// Passes the verdict of each applicable rule to `hear`, rule by rule and connection by connection.
fn ask(transcript: &Transcript, mut hear: impl FnMut(&'static Requirement, Verdict)) {
    let (occasions, all) = &*ASKED;
    let mut occurred = Kinds::NONE;
    let (mut any, mut exact) = (0, true);
    for connection in transcript.connections() {
        let facts = connection.marks();
        occurred = occurred.union(facts.all_kinds);
        any |= of(&connection);
        exact &= facts.taint.is_none();
    }
    let mut explained = Explained::default();
    for (occasion, requirement) in occasions.iter().zip(all) {
        let bound = occasion.bound;
        if bound & any == 0 || !occasion.is_met(occurred) {
            continue;
        }
        if let Rule::Across { check, .. } = requirement.rule {
            if bound & any == any
                && (exact || requirement.scope == Scope::Safety)
                && occasion.is_met(transcript.kinds())
            {
                let verdict = check(transcript);
                if let Verdict::Found { at, .. } = verdict {
                    let connections = transcript.connections();
                    let place = connections.take_while(|c| c.starts_by(at)).count();
                    explained.note(requirement, verdict, place.saturating_sub(1));
                }
                hear(requirement, verdict);
            }
            continue;
        }
        let is_universal = matches!(requirement.rule, Rule::Universal { .. });
        for (i, connection) in transcript.connections().enumerate() {
            if bound & of(&connection) == 0 {
                continue;
            }
            let facts = connection.marks();
            let (kinds, view) = match requirement.scope {
                Scope::Exact => (facts.kinds, connection.untainted()),
                Scope::Safety => (facts.all_kinds, connection),
            };
            if !occasion.is_met(kinds) {
                continue;
            }
            let Some(verdict) = requirement.rule.check(&view) else {
                continue;
            };
            match is_universal {
                true if matches!(verdict, Verdict::Found { .. }) && explained.contains(i) => {}
                true => hear(requirement, verdict),
                false => {
                    explained.note(requirement, verdict, i);
                    hear(requirement, verdict);
                }
            }
        }
    }
}

/// The connections on which a rule that names a cause has found something that weighs. Universal
/// rules come last.
#[derive(Clone, Copy, Debug, Default)]
struct Explained(u64);

impl Explained {
    /// The bit of a connection; the last bit stands for many.
    fn bit(connection: usize) -> u64 {
        1 << connection.min(63)
    }

    fn note(&mut self, requirement: &Requirement, verdict: Verdict, connection: usize) {
        let Verdict::Found { code, .. } = verdict else {
            return;
        };
        if requirement
            .code(code)
            .is_some_and(|code| code.grade != Grade::Behaviour)
        {
            self.0 |= Self::bit(connection);
        }
    }

    fn contains(self, connection: usize) -> bool {
        self.0 & Self::bit(connection) != 0
    }
}

/// The circumstances of a connection.
fn of(connection: &Connection<'_>) -> u32 {
    let setup = connection.setup();
    let abuse = setup.habit == Some(HabitKind::Abuse);
    circumstance(setup.role, setup.version, setup.profile, abuse)
}

impl Transcript {
    /// Whether the subject reported that it does not support a step of the script.
    pub fn is_unsupported(&self) -> bool {
        self.kinds_of_events().contains(&Kind::Unsupported)
    }
}
