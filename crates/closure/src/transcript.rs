use crate::event::Kind;
use crate::ledger::{Ledger, Moment, Past};
use crate::{Connection, Event, Kinds, Setup, Span};

/// All events of one instance, in order.
///
/// All bytes are in one store, so clearing and refilling a transcript allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    events: Vec<Event>,
    /// The kind of each event, kept apart because it is much faster to scan.
    kinds: Vec<Kind>,
    /// The moment in which each event happened.
    moments: Vec<Moment>,
    bytes: Vec<u8>,
    connections: Vec<Opened>,
}

#[derive(Clone, Debug)]
struct Opened {
    setup: Setup,
    first: usize,
    ledger: Ledger,
}

impl Transcript {
    /// Creates an empty transcript.
    pub fn new() -> Self {
        Self::default()
    }

    /// Clears the transcript but keeps its memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.kinds.clear();
        self.moments.clear();
        self.bytes.clear();
        self.connections.clear();
    }

    /// Makes this a copy of `other`, reusing its memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.events.clone_from(&other.events);
        self.kinds.clone_from(&other.kinds);
        self.moments.clone_from(&other.moments);
        self.bytes.clone_from(&other.bytes);
        self.connections.clone_from(&other.connections);
    }

    /// Starts a new connection.
    pub fn open(&mut self, setup: Setup) {
        self.connections.push(Opened {
            setup,
            first: self.events.len(),
            ledger: Ledger::default(),
        });
        self.push(Event::Opened(setup));
    }

    /// Sets whether records of the last opened connection may be split across segments from here
    /// on.
    pub fn cut(&mut self, pieces: bool) {
        if let Some(last) = self.connections.last_mut() {
            last.setup.pieces = pieces;
            if let Some(Event::Opened(setup)) = self.events.get_mut(last.first) {
                setup.pieces = pieces;
            }
        }
    }

    /// Appends an event to the last opened connection.
    pub fn push(&mut self, event: Event) {
        let at = self.events.len();
        let kind = event.kind();
        let past = Past {
            events: &self.events,
            kinds: &self.kinds,
            moments: &self.moments,
            bytes: &self.bytes,
        };
        let moment = match self.connections.last_mut() {
            Some(last) => last.ledger.add(at, &event, kind, &last.setup, &past),
            None => Moment::default(),
        };
        self.moments.push(moment);
        self.kinds.push(kind);
        self.events.push(event);
    }

    /// Stores bytes for an event to refer to.
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

    /// The moment in which each event happened.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The kinds of event that occur before the taint of their connection.
    pub fn kinds(&self) -> Kinds {
        let mut kinds = Kinds::NONE;
        for opened in &self.connections {
            kinds = kinds.union(opened.ledger.marks().kinds);
        }
        kinds
    }

    /// The connections, in order.
    pub fn connections(
        &self,
    ) -> impl DoubleEndedIterator<Item = Connection<'_>> + ExactSizeIterator {
        self.connections.iter().enumerate().map(|(i, opened)| {
            let end = self
                .connections
                .get(i + 1)
                .map_or(self.events.len(), |next| next.first);
            let Opened {
                setup,
                first,
                ledger,
            } = opened;
            Connection::new(self, setup, ledger, *first..end)
        })
    }
}
