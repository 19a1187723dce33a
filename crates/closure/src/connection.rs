use std::ops::Range;

use protocol::{Role, Version};
use wire::Meaning;

use crate::Transcript;
use crate::event::{Delivered, Event, Kind, Kinds, Sent, Setup, Span};
use crate::ledger::{Ledger, Marks, Moment};
use crate::rule::Step;

/// One connection of a transcript, as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'t> {
    transcript: &'t Transcript,
    setup: &'t Setup,
    ledger: &'t Ledger,
    first: usize,
    end: usize,
}

impl<'t> Connection<'t> {
    pub(crate) fn new(
        transcript: &'t Transcript,
        setup: &'t Setup,
        ledger: &'t Ledger,
        range: Range<usize>,
    ) -> Self {
        Self {
            transcript,
            setup,
            ledger,
            first: range.start,
            end: range.end,
        }
    }

    /// The same connection up to the segment that carries the first record of unknown meaning.
    pub(crate) fn untainted(self) -> Self {
        Self {
            end: self.marks().untainted.unwrap_or(self.end),
            ..self
        }
    }

    /// The position after its last event.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Whether it was opened at or before position `at`.
    pub(crate) fn starts_by(&self, at: usize) -> bool {
        self.first <= at
    }

    /// How it was set up.
    pub fn setup(&self) -> &'t Setup {
        self.setup
    }

    /// The subject's role.
    pub fn role(&self) -> Role {
        self.setup.role
    }

    /// The version that both sides are set to negotiate.
    pub fn version(&self) -> Version {
        self.setup.version
    }

    /// Its turning points.
    pub fn marks(&self) -> &'t Marks {
        self.ledger.marks()
    }

    /// Its ledger, to the end of the transcript.
    pub fn ledger(&self) -> &'t Ledger {
        self.ledger
    }

    /// The moment in which the event at position `at` happened; at the end, the last moment.
    pub fn moment(&self, at: usize) -> &'t Moment {
        let moments = self.transcript.moments();
        match moments.get(at).filter(|_| at < self.end) {
            Some(moment) => moment,
            None => self.last_moment(),
        }
    }

    /// The moment after the last event.
    pub fn last_moment(&self) -> &'t Moment {
        match self.transcript.moments().get(self.end) {
            // The next connection has begun, or what follows is unknown.
            Some(moment) if self.marks().untainted == Some(self.end) => moment,
            _ => self.ledger.now(),
        }
    }

    /// All events with their positions and the moments in which they happened.
    pub fn moments(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, &'t Event, &'t Moment)> + use<'t> {
        let moments = self.transcript.moments();
        self.events()
            .filter_map(|(at, event)| Some((at, event, moments.get(at)?)))
    }

    /// The events of this kind, with their positions and moments.
    pub(crate) fn moments_of(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = (usize, &'t Event, &'t Moment)> + use<'t> {
        let this = *self;
        let mut from = self.first;
        std::iter::from_fn(move || {
            let at = this.first_from(from, kind)?;
            from = at + 1;
            let events = this.transcript.events();
            Some((at, events.get(at)?, this.transcript.moments().get(at)?))
        })
    }

    /// The events of these kinds, each with the moment in which it happened.
    pub fn steps_of<'a>(&'a self, kinds: Kinds) -> impl Iterator<Item = Step<'a, 't>> {
        self.steps_from(self.first, kinds)
    }

    /// The same from position `from` on.
    pub fn steps_from<'a>(
        &'a self,
        from: usize,
        kinds: Kinds,
    ) -> impl Iterator<Item = Step<'a, 't>> {
        let from = from.clamp(self.first, self.end);
        let of = &self.transcript.kinds_of_events()[from..self.end];
        let places = of
            .iter()
            .enumerate()
            .filter(move |(_, kind)| kinds.has(**kind));
        places.filter_map(move |(place, _)| self.step(from + place))
    }

    /// All events after position `at`, each with the moment in which it happened.
    pub fn steps_after<'a>(&'a self, at: usize) -> impl Iterator<Item = Step<'a, 't>> {
        let from = (at + 1).clamp(self.first, self.end);
        (from..self.end).filter_map(|at| self.step(at))
    }

    /// The event at this position, with the moment in which it happened.
    pub fn step<'a>(&'a self, at: usize) -> Option<Step<'a, 't>> {
        Some(Step {
            c: self,
            at,
            event: self.transcript.events().get(at)?,
            now: self.transcript.moments().get(at)?,
        })
    }

    /// The peer's record at this position.
    pub fn record(&self, at: usize) -> Option<&'t Delivered> {
        match self.transcript.events().get(at)? {
            Event::Delivered(record) => Some(record),
            _ => None,
        }
    }

    /// Whether the subject has crashed or hung.
    pub fn has_stopped(&self) -> bool {
        self.marks().stopped.is_some()
    }

    /// Whether a record of unknown meaning has arrived.
    pub fn is_tainted(&self) -> bool {
        self.marks().taint.is_some()
    }

    /// The bytes that an event refers to.
    pub fn bytes(&self, span: Span) -> &'t [u8] {
        self.transcript.bytes(span)
    }

    /// All events with their positions.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = (usize, &'t Event)> + use<'t> {
        self.between(self.first, self.end)
    }

    /// The events after position `at`.
    pub fn after(
        &self,
        at: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'t Event)> + use<'t> {
        self.between(at + 1, self.end)
    }

    /// The events before position `at`.
    pub fn before(
        &self,
        at: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'t Event)> + use<'t> {
        self.between(self.first, at)
    }

    /// The events from position `from` up to `to`, exclusive.
    pub fn between(
        &self,
        from: usize,
        to: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'t Event)> + use<'t> {
        let to = to.clamp(self.first, self.end);
        let from = from.clamp(self.first, to);
        (from..to).zip(&self.transcript.events()[from..to])
    }

    /// All of the subject's records.
    pub fn sent(&self) -> impl Iterator<Item = (usize, &'t Sent)> + use<'t> {
        self.events().filter_map(|(i, event)| match event {
            Event::Sent(record) => Some((i, record)),
            _ => None,
        })
    }

    /// All of the peer's records that arrived.
    pub fn delivered(&self) -> impl Iterator<Item = (usize, &'t Delivered)> + use<'t> {
        self.events().filter_map(|(i, event)| match event {
            Event::Delivered(record) => Some((i, record)),
            _ => None,
        })
    }

    /// The peer's record that arrived last before position `at`.
    pub fn last_delivered(&self, at: usize) -> Option<&'t Delivered> {
        self.before(at).rev().find_map(|(_, event)| match event {
            Event::Delivered(record) => Some(record),
            _ => None,
        })
    }

    /// The peer's records that arrived after position `at`.
    pub fn delivered_after(
        &self,
        at: usize,
    ) -> impl Iterator<Item = (usize, &'t Delivered)> + use<'t> {
        self.after(at).filter_map(|(i, event)| match event {
            Event::Delivered(record) => Some((i, record)),
            _ => None,
        })
    }

    /// The position of the first event of this kind.
    pub fn first(&self, kind: Kind) -> Option<usize> {
        self.first_from(self.first, kind)
    }

    /// The position of the first event of this kind after position `at`.
    pub fn first_after(&self, at: usize, kind: Kind) -> Option<usize> {
        self.first_from(at + 1, kind)
    }

    /// The position of the first event of this kind from position `from` on.
    fn first_from(&self, from: usize, kind: Kind) -> Option<usize> {
        let from = from.clamp(self.first, self.end);
        let kinds = &self.transcript.kinds_of_events()[from..self.end];
        let place = kinds.iter().position(|of| *of == kind);
        place.map(|place| from + place)
    }

    /// Whether the failure at position `at` may concern a record that was still incomplete. The
    /// next complete record must be refused and may have been split across segments, or its meaning
    /// is unknown.
    pub fn fails_early(&self, at: usize) -> bool {
        let mut next = self.after(at).filter_map(|(_, event)| match event {
            Event::Delivered(record) => Some(record.meaning),
            _ => None,
        });
        match next.next() {
            Some(meaning) => self.setup.pieces && matches!(meaning, Meaning::Invalid(_)),
            None => self.marks().taint.is_some(),
        }
    }
}
