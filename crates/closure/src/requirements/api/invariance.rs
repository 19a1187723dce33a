//! What may make no difference: how the input is cut, and how the API is called.

use protocol::PLAIN_HABIT;

use crate::{
    AlertSent, Axis, Cut, EITHER, GroupVerdict, Level, Member, Requirement, Rule, View, deviates,
};
use wire::Epoch;

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.segmentation-invariance",
        level: Level::Contract,
        says: "How the peer's bytes are cut on their way changes nothing that the application or \
               the peer can see.",
        why: "The network cuts as it likes: what works in one test fails in the field.",
        codes: CODES,
        rule: Rule::Group(segmentation_invariance),
        ..EITHER
    },
    Requirement {
        id: "api.habit-invariance",
        level: Level::Contract,
        says: "Which of the documented ways of calling an application chooses changes nothing that \
               it or the peer can see.",
        why: "Two callers that both go by the documentation get different connections.",
        codes: CODES,
        rule: Rule::Group(habit_invariance),
        ..EITHER
    },
];

const CODES: &[crate::Code] = &[
    deviates("stops", Axis::EndSignal),
    deviates("fails-differently", Axis::EndSignal),
    deviates("delivers-differently", Axis::Data),
    deviates("ends-differently", Axis::EndSignal),
    deviates("alerts-differently", Axis::Alert),
    deviates("writes-differently", Axis::OwnHalf),
    deviates("refuses-differently", Axis::OwnHalf),
];

fn segmentation_invariance(members: &[Member<'_>]) -> GroupVerdict {
    compare(members, |baseline, member| {
        member.habit == baseline.habit && member.cut != baseline.cut
    })
}

/// Habits that the documentation forbids have no place in a group.
fn habit_invariance(members: &[Member<'_>]) -> GroupVerdict {
    compare(members, |baseline, member| {
        member.cut == baseline.cut && member.habit != baseline.habit
    })
}

/// Compares the members that differ from their baseline as `differs` says: for each subject and
/// build the plain habit and, if it was played, the whole cut.
fn compare(
    members: &[Member<'_>],
    differs: impl Fn(&crate::Axes, &crate::Axes) -> bool,
) -> GroupVerdict {
    let mut verdict = GroupVerdict::NotCompared;
    for (i, member) in members.iter().enumerate() {
        let same = |other: &&Member<'_>| {
            other.subject == member.subject
                && other.axes.build == member.axes.build
                && other.axes.role == member.axes.role
                && other.axes.version == member.axes.version
        };
        let Some(baseline) = members
            .iter()
            .filter(same)
            .min_by_key(|m| (m.axes.habit != PLAIN_HABIT, m.axes.cut != Cut::Whole))
        else {
            continue;
        };
        if !differs(baseline.axes, member.axes) {
            continue;
        }
        if let Some(code) = difference(baseline.view, member.view) {
            return GroupVerdict::Found { code, member: i };
        }
        verdict = GroupVerdict::Held;
    }
    verdict
}

/// What differs first, in order of weight.
fn difference(one: &View, other: &View) -> Option<&'static str> {
    if one.stopped != other.stopped {
        return Some("stops");
    }
    if one.stopped {
        // How far it came before is an accident.
        return None;
    }
    if one.failed != other.failed {
        return Some("fails-differently");
    }
    if one.delivered != other.delivered {
        return Some("delivers-differently");
    }
    if one.end != other.end {
        return Some("ends-differently");
    }
    if !one
        .alerts
        .iter()
        .map(plain)
        .eq(other.alerts.iter().map(plain))
    {
        return Some("alerts-differently");
    }
    if one.written != other.written {
        return Some("writes-differently");
    }
    if one.refused != other.refused {
        return Some("refuses-differently");
    }
    None
}

/// An alert without the generation of its keys: how many automatic answers have changed them may
/// depend on the pieces that the requests came in.
fn plain(alert: &AlertSent) -> AlertSent {
    AlertSent {
        epoch: alert.epoch.map(|epoch| match epoch {
            Epoch::Application(_) => Epoch::Application(0),
            other => other,
        }),
        ..*alert
    }
}

#[cfg(test)]
mod tests {
    use protocol::{End, Role, Version};

    use super::*;
    use crate::{Axes, Build};

    fn axes(cut: Cut, habit: &'static str) -> Axes {
        Axes {
            cut,
            habit: habit.into(),
            ..Axes::baseline(Role::Client, Version::Tls13, Build::Plain)
        }
    }

    fn verdicts(axes: &[Axes], views: &[View]) -> (GroupVerdict, GroupVerdict) {
        let members: Vec<_> = axes
            .iter()
            .zip(views)
            .map(|(axes, view)| Member {
                axes,
                subject: "x",
                view,
            })
            .collect();
        (
            segmentation_invariance(&members),
            habit_invariance(&members),
        )
    }

    fn clean() -> View {
        View {
            delivered: b"x".to_vec(),
            end: Some(End::Clean),
            ..View::default()
        }
    }

    #[test]
    fn a_baseline_alone_is_not_compared() {
        let (cuts, habits) = verdicts(&[axes(Cut::Whole, PLAIN_HABIT)], &[clean()]);
        assert_eq!(cuts, GroupVerdict::NotCompared);
        assert_eq!(habits, GroupVerdict::NotCompared);
    }

    #[test]
    fn each_rule_compares_along_its_own_axis_only() {
        let axes = [
            axes(Cut::Whole, PLAIN_HABIT),
            axes(Cut::Bytewise, PLAIN_HABIT),
            axes(Cut::Whole, "peek"),
        ];
        let lost = View {
            delivered: vec![],
            ..clean()
        };
        let found = |member| GroupVerdict::Found {
            code: "delivers-differently",
            member,
        };
        let (cuts, habits) = verdicts(&axes, &[clean(), lost.clone(), clean()]);
        assert_eq!((cuts, habits), (found(1), GroupVerdict::Held));
        let (cuts, habits) = verdicts(&axes, &[clean(), clean(), lost]);
        assert_eq!((cuts, habits), (GroupVerdict::Held, found(2)));
    }

    #[test]
    fn the_generation_of_keys_is_no_difference() {
        let alert = |generation| View {
            alerts: vec![AlertSent {
                level: 1,
                description: 0,
                epoch: Some(Epoch::Application(generation)),
            }],
            ..clean()
        };
        assert_eq!(difference(&alert(0), &alert(1)), None);
        let none = clean();
        assert_eq!(difference(&none, &alert(0)), Some("alerts-differently"));
    }
}
