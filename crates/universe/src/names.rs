//! Short text forms, without spaces: for files, patterns and people.

use std::fmt::Debug;

use reference::{Act, Fault, Flaw, Flow, Met, Reaction, Reading, When};
use wire::AlertDescription;

use crate::enumerate::Bug;

/// A situation, such as `Record(KeyUpdate{requested:true,nth:1},Open)`.
pub fn situation(met: &Met) -> String {
    compact(&met.situation)
}

/// A context, such as `free/reading`; `-` for situations that have none.
pub fn context(met: &Met) -> &'static str {
    if !met.situation.has_context() {
        return "-";
    }
    match (met.context.output, met.context.reading) {
        (Flow::Free, Reading::Reading) => "free/reading",
        (Flow::Free, Reading::Paused) => "free/paused",
        (Flow::Blocked, Reading::Reading) => "blocked/reading",
        (Flow::Blocked, Reading::Paused) => "blocked/paused",
        (Flow::Partly, Reading::Reading) => "partly/reading",
        (Flow::Partly, Reading::Paused) => "partly/paused",
    }
}

/// The times at which a bug fires, as a suffix of its context.
pub fn when(when: When) -> &'static str {
    match when {
        When::Always => "",
        When::First => ":first",
        When::Later => ":later",
    }
}

/// A reaction of the subject, such as `fatal(internal_error)` or `then:fin`.
pub fn act(act: Act) -> String {
    match act {
        Act::Instead(reaction) => self::reaction(reaction),
        Act::Then(reaction) => format!("then:{}", self::reaction(reaction)),
        Act::Twice => "twice".into(),
        Act::Late => "late".into(),
    }
}

/// The unique name of a bug.
pub fn bug(bug: &Bug) -> String {
    let Bug {
        met,
        act: does,
        when: fires,
    } = bug;
    let (situation, context) = (situation(met), context(met));
    format!("{situation} {} {context}{}", act(*does), when(*fires))
}

/// The sort of a reaction, for strata and tables: `act` without its parentheses.
pub fn sort(does: Act) -> String {
    let name = act(does);
    name.split_once('(').map_or(name.clone(), |it| it.0.into())
}

/// The sort of a situation: its name without details.
pub fn kind(met: &Met) -> String {
    let name = situation(met);
    let mut parts = name.split(['(', ',', ')', '{']);
    let first = parts.next().unwrap_or_default();
    match first {
        "Record" | "Call" | "Sending" | "Wants" => {
            format!("{first}({})", parts.next().unwrap_or_default())
        }
        _ => first.into(),
    }
}

fn reaction(reaction: Reaction) -> String {
    match reaction {
        Reaction::Proceed => "proceed".into(),
        Reaction::Ignore => "ignore".into(),
        Reaction::Leave => "leave".into(),
        Reaction::Accept => "accept".into(),
        Reaction::Deliver => "deliver".into(),
        Reaction::Refuse(class) => format!("refuse({})", compact(&class)),
        Reaction::End(how) => format!("end({})", compact(&how)),
        Reaction::Fatal(alert) => format!("fatal({})", description(alert)),
        Reaction::FatalSilent(class) => format!("silent({})", compact(&class)),
        Reaction::FailReceived => "fail-received".into(),
        Reaction::Latched => "latched".into(),
        Reaction::Alert {
            level,
            description: alert,
        } => format!("alert({level},{})", description(alert)),
        Reaction::Say(_, b"") => "empty-data".into(),
        Reaction::Say(..) => "data".into(),
        Reaction::SayClose => "close".into(),
        Reaction::SayKeyUpdate { requested: false } => "key-update".into(),
        Reaction::SayKeyUpdate { requested: true } => "key-update-request".into(),
        Reaction::SayTicket => "ticket".into(),
        Reaction::SwitchKeys => "own-keys".into(),
        Reaction::SwitchTheirKeys => "their-keys".into(),
        Reaction::Discard => "discard".into(),
        Reaction::Fin => "fin".into(),
        Reaction::Name(name) => format!("name({})", compact(&name)),
        Reaction::Forget => "forget".into(),
        Reaction::Seal(flaw) => format!("seal({})", self::flaw(flaw)),
        Reaction::Deny => "deny".into(),
        Reaction::Touch => "touch".into(),
        other => compact(&other),
    }
}

fn flaw(flaw: Flaw) -> String {
    match flaw {
        Flaw::Content(_) => "Content".into(),
        Flaw::Joined(_) => "Joined".into(),
        other => compact(&other),
    }
}

/// The name of an alert, or its number.
pub(crate) fn description(alert: AlertDescription) -> String {
    let number = || alert.0.to_string();
    alert.name().map_or_else(number, str::to_owned)
}

/// The `Debug` text without spaces.
pub(crate) fn compact(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    text.chars().filter(|char| *char != ' ').collect()
}

/// A hash of a name that is the same on all platforms and in all versions.
pub fn fnv(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl From<&Bug> for Fault {
    fn from(bug: &Bug) -> Self {
        Self {
            at: reference::At::Met(bug.met),
            act: bug.act,
            when: bug.when,
        }
    }
}
