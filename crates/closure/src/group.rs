use protocol::{End, ErrorClass};
use wire::Epoch;

use crate::{Axes, Event, Transcript};

/// One instance of a case, as a group rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// What was varied.
    pub axes: &'a Axes,
    /// The subject's name.
    pub subject: &'a str,
    /// What the application and the wire saw.
    pub view: &'a View,
}

/// What the application and the wire saw of all connections of a transcript, without anything
/// that may rightly differ between two ways of cutting the input or calling the implementation:
/// record boundaries, chunks, state names, and how many automatic replies went out. A connection
/// that has failed is seen no further than to its alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Application data delivered, 0-RTT data first.
    pub delivered: Vec<u8>,
    /// Application data put on the wire.
    pub written: Vec<u8>,
    /// How the application was told of the end of the peer's half.
    pub end: Option<End>,
    /// The class of the first error reported.
    pub failed: Option<ErrorClass>,
    /// The alerts put on the wire.
    pub alerts: Vec<AlertSent>,
    /// A call of the application was refused.
    pub refused: Vec<protocol::ApiCall>,
    /// The subject crashed or hung.
    pub stopped: bool,
    /// Something of the peer's arrived behind its `close_notify`.
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

impl View {
    /// The view of a transcript.
    pub fn of(transcript: &Transcript) -> Self {
        let mut view = Self {
            goes_on_behind_close: transcript.connections().any(|connection| {
                let closed = connection.facts().peer_close;
                closed.is_some_and(|at| connection.delivered_after(at).next().is_some())
            }),
            ..Self::default()
        };
        let mut over = false;
        for event in transcript.events() {
            if over && !view.is_last_word(event) {
                continue;
            }
            over = match event {
                Event::Opened(_) => false,
                Event::Failed { .. } => true,
                _ => over,
            };
            match event {
                Event::Data(span) | Event::EarlyData(span) => {
                    view.delivered.extend_from_slice(transcript.bytes(*span));
                }
                Event::Sent(record) => match record.content {
                    wire::Content::Data => {
                        view.written
                            .extend_from_slice(transcript.bytes(record.bytes));
                    }
                    wire::Content::Alert { level, description } => view.alerts.push(AlertSent {
                        level,
                        description: description.0,
                        epoch: record.epoch,
                    }),
                    _ => {}
                },
                Event::End(how) => view.end = view.end.or(Some(*how)),
                Event::Failed { class, .. } => view.failed = view.failed.or(Some(*class)),
                Event::Refused { call, .. } => view.refused.push(*call),
                Event::Crash | Event::Hang => view.stopped = true,
                _ => {}
            }
        }
        view
    }

    /// Whether a failed connection may still do this: crash, or send the one alert that says why.
    fn is_last_word(&self, event: &Event) -> bool {
        match event {
            Event::Opened(_) | Event::Crash | Event::Hang => true,
            Event::Sent(record) => {
                let unsaid = self.alerts.iter().all(|sent| sent.description == 0);
                unsaid && record.alert().is_some()
            }
            _ => false,
        }
    }
}
