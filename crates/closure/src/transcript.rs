use protocol::Io;

use crate::event::Kind;
use crate::{Connection, Event, Facts, Kinds, Setup, Span};

/// Everything that happened in one instance, in order.
///
/// Bytes live in one store, so that a transcript that is cleared and filled again allocates
/// nothing.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    events: Vec<Event>,
    /// The kind of each event: far fewer bytes to go through.
    kinds: Vec<Kind>,
    /// What application and transport allow, and from which event on.
    limits: Vec<(usize, Io)>,
    bytes: Vec<u8>,
    connections: Vec<Opened>,
}

#[derive(Clone, Debug)]
struct Opened {
    setup: Setup,
    first: usize,
    facts: Facts,
}

impl Transcript {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.kinds.clear();
        self.limits.clear();
        self.bytes.clear();
        self.connections.clear();
    }

    /// Becomes a copy of `other`, without giving memory back.
    pub fn copy_from(&mut self, other: &Self) {
        self.events.clone_from(&other.events);
        self.kinds.clone_from(&other.kinds);
        self.limits.clone_from(&other.limits);
        self.bytes.clone_from(&other.bytes);
        self.connections.clone_from(&other.connections);
    }

    /// Begins a connection.
    pub fn open(&mut self, setup: Setup) {
        self.connections.push(Opened {
            setup,
            first: self.events.len(),
            facts: Facts::default(),
        });
        self.push(Event::Opened(setup));
    }

    /// From here on records of the connection opened last may arrive in pieces, or not.
    pub fn cut(&mut self, pieces: bool) {
        if let Some(last) = self.connections.last_mut() {
            last.setup.pieces = pieces;
            if let Some(Event::Opened(setup)) = self.events.get_mut(last.first) {
                setup.pieces = pieces;
            }
        }
    }

    /// Adds an event to the connection opened last.
    pub fn push(&mut self, event: Event) {
        let at = self.events.len();
        let kind = event.kind();
        if let Some(last) = self.connections.last_mut() {
            last.facts.note(at, &event, kind, &last.setup);
        }
        if let Event::Limited(io) = &event {
            self.limits.push((at, *io));
        }
        self.kinds.push(kind);
        self.events.push(event);
    }

    /// Keeps bytes for an event to refer to.
    pub fn store(&mut self, bytes: &[u8]) -> Span {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        Span {
            start,
            end: self.bytes.len() as u32,
        }
    }

    /// The bytes that an event refers to.
    pub fn bytes(&self, span: Span) -> &[u8] {
        self.bytes
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// All events.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The kind of each event.
    pub(crate) fn kinds_of_events(&self) -> &[Kind] {
        &self.kinds
    }

    /// Where it changed what application and transport allow, and to what, in order.
    pub(crate) fn limits(&self) -> &[(usize, Io)] {
        &self.limits
    }

    /// The kinds of event that occur before anything taints the transcript.
    pub fn kinds(&self) -> Kinds {
        let mut kinds = Kinds::NONE;
        for opened in &self.connections {
            kinds = kinds.union(opened.facts.kinds);
        }
        kinds
    }

    /// The connections, in order.
    pub fn connections(&self) -> impl ExactSizeIterator<Item = Connection<'_>> {
        self.connections.iter().enumerate().map(|(i, opened)| {
            let end = self
                .connections
                .get(i + 1)
                .map_or(self.events.len(), |next| next.first);
            Connection::new(self, &opened.setup, &opened.facts, opened.first, end)
        })
    }
}
