//! Choices that must not make a difference: how the input is segmented, how the API is called, and
//! which API is used.

use wire::Epoch;

use crate::{
    AlertSent, Along, Axis, ConnectionView, EITHER, GroupVerdict, Level, Member, Requirement, Rule,
    View, deviates,
};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "api.segmentation-invariance",
        level: Level::Contract,
        says: "How the peer's bytes are segmented changes nothing that the application or the peer \
               can observe.",
        why: "The network segments as it likes: what works in one test fails in the field.",
        codes: CODES,
        rule: Rule::Group {
            along: Along::Cut,
            check: same,
        },
        ..EITHER
    },
    Requirement {
        id: "api.habit-invariance",
        level: Level::Contract,
        says: "The choice among the documented ways of calling the API changes nothing that the \
               application or the peer can observe.",
        why: "Two callers that both follow the documentation get different connections.",
        codes: CODES,
        rule: Rule::Group {
            along: Along::Habit,
            check: same,
        },
        ..EITHER
    },
    Requirement {
        id: "api.cross-api-equal",
        level: Level::Contract,
        says: "Two interfaces of one implementation give the application and the peer the same \
               connection.",
        why: "A program that switches from one interface to the other closes differently, and no \
              documentation says so.",
        codes: CODES_OF_APIS,
        rule: Rule::Group {
            along: Along::Api,
            check: same_connection,
        },
        ..EITHER
    },
];

const CODES: &[crate::Code] = &[
    deviates("stops", Axis::EndSignal),
    deviates("connects-differently", Axis::EndSignal),
    deviates("fails-differently", Axis::EndSignal),
    deviates("delivers-differently", Axis::Data),
    deviates("ends-differently", Axis::EndSignal),
    deviates("alerts-differently", Axis::Alert),
    deviates("writes-differently", Axis::OwnHalf),
    deviates("refuses-differently", Axis::OwnHalf),
];

/// The same for interfaces, which may differ in what they refuse.
const CODES_OF_APIS: &[crate::Code] = &[
    deviates("stops", Axis::EndSignal),
    deviates("connects-differently", Axis::EndSignal),
    deviates("fails-differently", Axis::EndSignal),
    deviates("delivers-differently", Axis::Data),
    deviates("ends-differently", Axis::EndSignal),
    deviates("alerts-differently", Axis::Alert),
    deviates("writes-differently", Axis::OwnHalf),
];

fn same(baseline: &Member<'_>, member: &Member<'_>) -> GroupVerdict {
    verdict(difference(baseline.view, member.view, true))
}

/// Ignores refusals: interfaces may differ in whether they refuse a call or defer it, and the
/// effect of the call shows on the wire.
fn same_connection(baseline: &Member<'_>, member: &Member<'_>) -> GroupVerdict {
    verdict(difference(baseline.view, member.view, false))
}

fn verdict(code: Option<&'static str>) -> GroupVerdict {
    code.map_or(GroupVerdict::Held, |code| GroupVerdict::Found { code })
}

/// The first difference, by connection and then by importance. Refused calls count only with
/// `refusals`.
fn difference(one: &View, other: &View, refusals: bool) -> Option<&'static str> {
    if one.stopped != other.stopped {
        return Some("stops");
    }
    if one.stopped {
        // How far a run gets before it stops is accidental.
        return None;
    }
    let both = one.connections.iter().zip(&other.connections);
    both.filter_map(|(one, other)| between(one, other, refusals))
        .next()
}

fn between(one: &ConnectionView, other: &ConnectionView, refusals: bool) -> Option<&'static str> {
    let alerts = one.alerts.iter().map(plain);
    [
        (one.failed != other.failed, "fails-differently"),
        (
            one.resumed != other.resumed && !(one.failed.is_some() && is_untold(one, other)),
            "connects-differently",
        ),
        (
            one.early != other.early || one.delivered != other.delivered,
            "delivers-differently",
        ),
        (one.end != other.end, "ends-differently"),
        (
            alerts.ne(other.alerts.iter().map(plain)),
            "alerts-differently",
        ),
        (one.written != other.written, "writes-differently"),
        (
            refusals && one.refused != other.refused,
            "refuses-differently",
        ),
    ]
    .into_iter()
    .find_map(|(differs, code)| differs.then_some(code))
}

/// Whether either run never reported the end of the handshake. A failure in the piece that
/// completes the handshake may be reported first.
fn is_untold(one: &ConnectionView, other: &ConnectionView) -> bool {
    one.resumed.is_none() || other.resumed.is_none()
}

/// The alert without the generation of its keys. How many automatic `KeyUpdate`s precede it may
/// depend on how the requests were segmented.
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
    use protocol::ApiCall;

    use super::*;

    fn view(connection: ConnectionView) -> View {
        View {
            connections: vec![connection],
            stopped: false,
        }
    }

    #[test]
    fn key_generation_is_not_a_difference() {
        let alert = |generation| {
            view(ConnectionView {
                alerts: vec![AlertSent {
                    level: 1,
                    description: 0,
                    epoch: Some(Epoch::Application(generation)),
                }],
                ..ConnectionView::default()
            })
        };
        assert_eq!(difference(&alert(0), &alert(1), true), None);
        let none = view(ConnectionView::default());
        assert_eq!(
            difference(&none, &alert(0), true),
            Some("alerts-differently")
        );
    }

    #[test]
    fn an_ignored_refusal_does_not_hide_a_later_difference() {
        let connections = |refused: &[ApiCall], resumed| View {
            connections: vec![
                ConnectionView {
                    refused: refused.to_vec(),
                    ..ConnectionView::default()
                },
                ConnectionView {
                    resumed: Some(resumed),
                    ..ConnectionView::default()
                },
            ],
            stopped: false,
        };
        let one = connections(&[], true);
        let other = connections(&[ApiCall::CloseWrite], false);
        assert_eq!(difference(&one, &other, true), Some("refuses-differently"));
        assert_eq!(
            difference(&one, &other, false),
            Some("connects-differently")
        );
    }

    #[test]
    fn progress_before_a_stop_is_not_a_difference() {
        let stopped = |connection| View {
            stopped: true,
            ..view(connection)
        };
        let further = ConnectionView {
            delivered: vec![1],
            ..ConnectionView::default()
        };
        let none = ConnectionView::default();
        assert_eq!(
            difference(&stopped(none.clone()), &stopped(further), true),
            None
        );
        assert_eq!(
            difference(&stopped(none.clone()), &view(none), true),
            Some("stops")
        );
    }
}
