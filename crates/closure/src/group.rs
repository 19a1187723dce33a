use protocol::{End, ErrorClass, PLAIN_HABIT};
use wire::{AlertDescription, Epoch};

use crate::requirements;
use crate::{Axes, Connection, Event, GroupVerdict, Requirement, Rule, Transcript};

/// One instance of a case, as a group rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The instance's axes.
    pub axes: &'a Axes,
    /// The index of the subject that played it.
    pub subject: usize,
    /// The subject's implementation and its version.
    pub implementation: (&'a str, &'a str),
    /// The interface of the implementation that the subject uses.
    pub api: &'a str,
    /// The view of the transcript that members are compared by.
    pub view: &'a View,
}

/// The axis along which a group rule compares two members. All other axes are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The cut. The baseline is the whole cut, or else the first cut played.
    Cut,
    /// The habit. The baseline is the plain habit.
    Habit,
    /// The interface of one implementation, for subjects under the plain habit with their baseline
    /// cut. The baseline is the interface whose name sorts first.
    Api,
}

/// Two members that a group rule has compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The index of the member that was compared with the baseline.
    pub member: usize,
    /// The index of the baseline.
    pub baseline: usize,
    /// The code for the difference; `None` if the two agree.
    pub code: Option<&'static str>,
}

/// Checks every group rule on the instances of one case, role, version and profile, each against
/// its baseline.
pub fn judge_group(members: &[Member<'_>]) -> Vec<(&'static Requirement, Comparison)> {
    let mut compared = Vec::new();
    for requirement in requirements::all() {
        let Rule::Group { along, check } = requirement.rule else {
            continue;
        };
        for (place, member) in members.iter().enumerate() {
            let Some(baseline) = along.baseline(member, members).filter(|b| *b != place) else {
                continue;
            };
            let code = match check(&members[baseline], member) {
                GroupVerdict::NotCompared => continue,
                GroupVerdict::Held => None,
                GroupVerdict::Found { code } => Some(code),
            };
            compared.push((
                requirement,
                Comparison {
                    member: place,
                    baseline,
                    code,
                },
            ));
        }
    }
    compared
}

impl Along {
    /// The index of the member that `member` is compared with: its own if it is the baseline,
    /// `None` if it takes no part.
    fn baseline(self, member: &Member<'_>, members: &[Member<'_>]) -> Option<usize> {
        let axes = member.axes;
        let candidates = members.iter().enumerate().filter(|(_, other)| {
            let theirs = other.axes;
            let alike = (axes.role, axes.version, axes.suite, axes.build)
                == (theirs.role, theirs.version, theirs.suite, theirs.build);
            alike
                && match self {
                    Self::Cut => other.subject == member.subject && theirs.habit == axes.habit,
                    Self::Habit => other.subject == member.subject && theirs.cut == axes.cut,
                    Self::Api => {
                        let plain = axes.habit == PLAIN_HABIT && theirs.habit == PLAIN_HABIT;
                        other.implementation == member.implementation
                            && plain
                            && theirs.cut == axes.cut
                            && (other.subject == member.subject || other.api != member.api)
                    }
                }
        });
        let first = match self {
            Self::Cut => candidates.min_by_key(|(_, m)| m.axes.cut),
            Self::Habit => candidates
                .filter(|(_, m)| m.axes.habit == PLAIN_HABIT)
                .min_by_key(|(place, _)| *place),
            Self::Api => {
                let cut = |m: &&Member<'_>| m.subject == member.subject;
                let least = members.iter().filter(cut).map(|m| m.axes.cut).min();
                candidates
                    .filter(|(_, m)| Some(m.axes.cut) == least)
                    .min_by_key(|(_, m)| m.api)
            }
        };
        first.map(|(place, _)| place)
    }
}

/// A transcript as the application and the peer see it. It leaves out what may legitimately differ
/// between two cuts or habits: record boundaries, chunks, state names, and the number of automatic
/// replies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The views of the connections, in order.
    pub connections: Vec<ConnectionView>,
    /// The subject crashed or hung.
    pub stopped: bool,
}

/// The view of one connection. The view of a failed connection ends with its alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionView {
    /// Whether a session was resumed, if the handshake was done.
    pub resumed: Option<bool>,
    /// 0-RTT data delivered.
    pub early: Vec<u8>,
    /// Application data delivered.
    pub delivered: Vec<u8>,
    /// Application data put on the wire, 0-RTT data first.
    pub written: Vec<u8>,
    /// How the API reported the end of the peer's half.
    pub end: Option<End>,
    /// The class of the first error reported.
    pub failed: Option<ErrorClass>,
    /// The alerts put on the wire, including `close_notify`.
    pub alerts: Vec<AlertSent>,
    /// The application's calls that were refused.
    pub refused: Vec<protocol::ApiCall>,
    /// A record from the peer arrived after its `close_notify`.
    pub goes_on_behind_close: bool,
}

/// An alert on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSent {
    /// Its level byte.
    pub level: u8,
    /// Its description byte.
    pub description: u8,
    /// The keys that protect it.
    pub epoch: Option<Epoch>,
}

impl AlertSent {
    /// Whether it may state the cause of a failure: neither a close nor one of the two warnings
    /// that never end a connection.
    const fn says_why(&self) -> bool {
        let alert = AlertDescription(self.description);
        !matches!(
            alert,
            AlertDescription::CLOSE_NOTIFY
                | AlertDescription::USER_CANCELED
                | AlertDescription::NO_RENEGOTIATION
        )
    }
}

impl View {
    /// The view of a transcript.
    pub fn of(transcript: &Transcript) -> Self {
        Self {
            connections: transcript
                .connections()
                .map(|connection| ConnectionView::of(&connection))
                .collect(),
            stopped: transcript
                .events()
                .iter()
                .any(|event| matches!(event, Event::Crash | Event::Hang)),
        }
    }
}

impl ConnectionView {
    fn of(connection: &Connection<'_>) -> Self {
        let closed = connection.marks().peer_close;
        let fatal = connection.marks().must_fail.unwrap_or(usize::MAX);
        // Data that arrived or was accepted before the failure may appear after it.
        let said = connection
            .delivered()
            .take_while(|(i, _)| *i < fatal)
            .filter(|(_, record)| record.meaning == wire::Meaning::Data)
            .map(|(_, record)| record.content.len())
            .sum();
        let mut taken = 0;
        let reset = connection.marks().reset.unwrap_or(usize::MAX);
        let mut view = Self {
            goes_on_behind_close: closed
                .is_some_and(|at| connection.delivered_after(at).next().is_some()),
            ..Self::default()
        };
        for (at, event) in connection.events() {
            if view.failed.is_some() && !view.is_last_word(event, said, taken) {
                continue;
            }
            match event {
                Event::Accepted { bytes } => taken += *bytes as usize,
                Event::HandshakeDone { resumed, .. } => view.resumed = Some(*resumed),
                Event::EarlyData(span) => view.early.extend_from_slice(connection.bytes(*span)),
                Event::Data(span) => view.delivered.extend_from_slice(connection.bytes(*span)),
                Event::Sent(record) => match record.content {
                    wire::Content::Data => {
                        view.written
                            .extend_from_slice(connection.bytes(record.bytes));
                    }
                    wire::Content::Alert { level, description } => view.alerts.push(AlertSent {
                        level,
                        description: description.0,
                        epoch: record.epoch,
                    }),
                    _ => {}
                },
                Event::End(how) => view.end = view.end.or(Some(*how)),
                Event::Failed { class, .. } => {
                    // The subject's alert may come before or after the reported failure.
                    if *class == ErrorClass::AlertReceived {
                        view.alerts.retain(|sent| sent.description == 0);
                    }
                    view.failed = view.failed.or(Some(*class));
                }
                // Nothing arrives after a reset, so a refusal makes no difference. A stream
                // completes the handshake before it accepts a write.
                Event::Refused { call, class }
                    if at < reset
                        && (view.resumed.is_some() || *class != ErrorClass::WouldBlock) =>
                {
                    view.refused.push(*call);
                }
                _ => {}
            }
        }
        view
    }

    /// Whether a failed connection may still do this. It may send one alert that states the cause,
    /// unless the peer's alert was the cause. It may deliver data that the peer sent, and send data
    /// that the application wrote, before the failure.
    fn is_last_word(&self, event: &Event, said: usize, taken: usize) -> bool {
        match event {
            Event::Data(span) => self.delivered.len() + span.len() <= said,
            Event::Sent(record) if record.content == wire::Content::Data => {
                self.written.len() + record.bytes.len() <= taken
            }
            Event::Sent(record) => {
                let unsaid = self.failed != Some(ErrorClass::AlertReceived)
                    && !self.alerts.iter().any(AlertSent::says_why);
                unsaid && record.alert().is_some()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Role, Version};

    use super::*;
    use crate::{Build, Cut};

    fn axes(cut: Cut, habit: &'static str) -> Axes {
        Axes {
            cut,
            habit: habit.into(),
            ..Axes::baseline(Role::Client, Version::Tls13, Build::Plain)
        }
    }

    fn delivered(bytes: &[u8]) -> View {
        View {
            connections: vec![ConnectionView {
                delivered: bytes.to_vec(),
                end: Some(End::Clean),
                ..ConnectionView::default()
            }],
            stopped: false,
        }
    }

    /// The comparisons of the rule with this id: member, baseline, whether they agree.
    fn compared(id: &str, members: &[(&str, &Axes, &View)]) -> Vec<(usize, usize, bool)> {
        let members: Vec<Member<'_>> = members
            .iter()
            .map(|(api, axes, view)| Member {
                axes,
                subject: usize::from(*api == "unbuffered"),
                implementation: ("x", "1"),
                api,
                view,
            })
            .collect();
        judge_group(&members)
            .into_iter()
            .filter(|(requirement, _)| requirement.id == id)
            .map(|(_, c)| (c.member, c.baseline, c.code.is_none()))
            .collect()
    }

    const CUTS: &str = "api.segmentation-invariance";
    const HABITS: &str = "api.habit-invariance";
    const APIS: &str = "api.cross-api-equal";

    #[test]
    fn a_baseline_alone_is_not_compared() {
        let plain = axes(Cut::Whole, PLAIN_HABIT);
        let members = [("buffered", &plain, &delivered(b"x"))];
        for id in [CUTS, HABITS, APIS] {
            assert!(compared(id, &members).is_empty());
        }
    }

    #[test]
    fn every_crossing_of_cut_and_habit_is_compared_along_both() {
        let all = [
            axes(Cut::Whole, PLAIN_HABIT),
            axes(Cut::Bytewise, PLAIN_HABIT),
            axes(Cut::Whole, "peek"),
            axes(Cut::Bytewise, "peek"),
        ];
        let (whole, lost) = (delivered(b"x"), delivered(b""));
        let views = [&whole, &lost, &whole, &whole];
        let members: Vec<_> = all.iter().zip(views).map(|(a, v)| ("a", a, v)).collect();
        assert_eq!(compared(CUTS, &members), [(1, 0, false), (3, 2, true)]);
        assert_eq!(compared(HABITS, &members), [(2, 0, true), (3, 1, false)]);
    }

    #[test]
    fn interfaces_are_compared_at_their_baselines_whatever_their_order() {
        let plain = axes(Cut::Whole, PLAIN_HABIT);
        let bytewise = axes(Cut::Bytewise, PLAIN_HABIT);
        let (whole, lost) = (delivered(b"x"), delivered(b""));
        let members = [
            ("unbuffered", &plain, &lost),
            ("unbuffered", &bytewise, &lost),
            ("buffered", &plain, &whole),
            ("buffered", &bytewise, &whole),
        ];
        assert_eq!(compared(APIS, &members), [(0, 2, false)]);
    }

    #[test]
    fn each_connection_of_a_script_counts() {
        let plain = axes(Cut::Whole, PLAIN_HABIT);
        let bytewise = axes(Cut::Bytewise, PLAIN_HABIT);
        let side = |bytes: &[u8]| delivered(bytes).connections.remove(0);
        let twice = |first, second| View {
            connections: vec![side(first), side(second)],
            stopped: false,
        };
        let members = [
            ("a", &plain, &twice(b"x", b"y")),
            ("a", &bytewise, &twice(b"xy", b"")),
        ];
        assert_eq!(compared(CUTS, &members), [(1, 0, false)]);
    }
}
