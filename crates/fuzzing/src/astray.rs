//! Where a subject leaves the ways that rules and comparisons are about.

use std::fmt;

use closure::{Call, Delivered, Event, Requirement, Sent, Transcript};
use protocol::{ApiCall, ErrorClass, Version};
use wire::{AlertDescription, Epoch, HandshakeType, Meaning, Reason};

/// What leads a subject astray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A requirement that is known to be broken, or a recommendation that is not followed, and the
    /// code.
    Requirement(&'static str, &'static str),
    /// It had enough of records that do nothing.
    Flood,
    /// It failed for no reason that TLS knows.
    Full,
    /// It had enough of the 0-RTT data that it rejects, which it is known to count again at every call.
    Skipping,
    /// It goes on skipping behind an alert, as it is known to: so goes whatever does not open.
    SkippingOn,
    /// A close or an error alert before there were keys.
    PlainAlert,
    /// A header that is known not to be looked at.
    Header,
    /// A close inside a TLS 1.2 handshake, which is known not to end it.
    EarlyClose,
    /// An alert at a level that nobody gives it.
    Level,
}

impl Cause {
    /// Whether it is just what this requirement asks about.
    fn is_for(self, requirement: &str) -> bool {
        match self {
            Self::PlainAlert | Self::EarlyClose => requirement == "hs.close-after-ch-12",
            Self::Skipping => requirement == "early.rejected-budget",
            Self::SkippingOn => ON_SKIPPING_ON.contains(&requirement),
            Self::Header => {
                requirement.starts_with("frame.") || requirement.starts_with("rec.unknown-outer")
            }
            LONG_IN_CLEAR => requirement.starts_with("rec.plain-overflow"),
            Self::Requirement(id, _) => requirement == id,
            _ => false,
        }
    }
}

/// `requirement:code`, or a word.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement(id, code) => write!(f, "{id}:{code}"),
            Self::Flood => f.write_str("flood"),
            Self::Full => f.write_str("full buffer"),
            Self::Skipping => f.write_str("skipped data"),
            Self::SkippingOn => f.write_str("skipping behind an alert"),
            Self::PlainAlert => f.write_str("alert in the clear"),
            Self::Header => f.write_str("header"),
            Self::EarlyClose => f.write_str("early close"),
            Self::Level => f.write_str("alert level"),
        }
    }
}

/// Where a subject goes astray, connection by connection: what is found there is no news. The
/// next connection starts afresh.
#[derive(Debug, Default)]
pub(crate) struct Stray {
    connections: Vec<Way>,
}

/// A connection that has gone astray, or not yet.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// Its events.
    first: usize,
    end: usize,
    /// From where on, and why.
    astray: Option<(usize, Cause)>,
}

impl Stray {
    pub(crate) fn clear(&mut self) {
        self.connections.clear();
    }

    /// Begins with what a subject may take in its own way.
    pub(crate) fn find(&mut self, transcript: &Transcript) {
        self.clear();
        let events = transcript.events();
        let opened = |event: &Event| matches!(event, Event::Opened(_));
        // Whether 0-RTT data has come, or may be skipped, and the handshake is not done.
        let (mut early, mut rejects) = (false, false);
        // Whether the peer's Finished has not come, in TLS 1.2.
        let mut unfinished = false;
        // Whether the peer has said anything that belongs to the handshake.
        let mut greeted = false;
        // Whether the application writes, and nothing has come from the peer since.
        let mut writing = false;
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Opened(setup) => {
                    (early, rejects) = (false, setup.early_limit > 0);
                    greeted = false;
                    unfinished = setup.version == Version::Tls12;
                }
                Event::HandshakeDone { .. } => (early, rejects) = (false, false),
                Event::Called(call) => writing = matches!(call, Call::Write(_)),
                // Where that uses up a key inside a message of the peer's.
                Event::Sent(record) if writing && tells_off(record) => {
                    self.lead(at, at, INSIDE_A_MESSAGE);
                }
                Event::Delivered(record) => {
                    writing = false;
                    greeted |= matches!(record.meaning, Meaning::Handshake(_));
                    if !greeted && record.meaning == Meaning::ChangeCipherSpec {
                        self.lead(at, at + 1, CCS_BEFORE_HELLO);
                    }
                    early |= match record.meaning {
                        Meaning::EarlyData => true,
                        Meaning::Unknown => record.epoch == Epoch::Early,
                        _ => false,
                    };
                    unfinished &= record.meaning != Meaning::Handshake(HandshakeType::FINISHED);
                    if unfinished && record.meaning == Meaning::CloseNotify {
                        self.lead(at, at, Cause::EarlyClose);
                    }
                    if rejects && is_borne_in_the_handshake(record) {
                        self.lead(at, at + 1, Cause::SkippingOn);
                    }
                }
                // With assertions on the failure is a crash.
                Event::Failed {
                    class: ErrorClass::DecryptError,
                    ..
                }
                | Event::Crash
                    if early =>
                {
                    // What came along with it, in one call, was not read.
                    let along = events[..at].iter().rev();
                    let along = along.take_while(|event| matches!(event, Event::Delivered(_)));
                    self.lead(at, at - along.count(), Cause::Skipping);
                }
                _ => {}
            }
            if opened(event) {
                let rest = &events[at + 1..];
                let length = rest.iter().position(opened).unwrap_or(rest.len());
                self.connections.push(Way {
                    first: at,
                    end: at + 1 + length,
                    astray: None,
                });
            }
            if let Some((from, cause)) = leeway(event, at, transcript) {
                self.lead(at, from, cause);
            }
        }
    }

    /// Takes note of a requirement that is broken at event `at`, as is known, and leads astray from
    /// event `from` on.
    pub(crate) fn note(
        &mut self,
        requirement: &Requirement,
        code: &'static str,
        at: usize,
        from: usize,
    ) {
        if leads_astray(requirement, code) {
            self.lead(at, from, Cause::Requirement(requirement.id, code));
        }
    }

    fn lead(&mut self, at: usize, from: usize, cause: Cause) {
        let mut ways = self.connections.iter_mut();
        let way = ways.find(|way| (way.first..way.end).contains(&at));
        if let Some(way) = way.filter(|way| way.astray.is_none_or(|(first, _)| from < first)) {
            way.astray = Some((from, cause));
        }
    }

    /// Whether what this requirement finds at this event is no news.
    pub(crate) fn masks(&self, requirement: &str, at: usize) -> bool {
        self.connections.iter().any(|way| {
            let masked = |(from, cause): (usize, Cause)| from <= at && !cause.is_for(requirement);
            at < way.end && way.astray.is_some_and(masked)
        })
    }

    /// What led the first connection astray that went so.
    pub(crate) fn cause(&self) -> Option<Cause> {
        let mut causes = self.connections.iter().filter_map(|way| way.astray);
        causes.next().map(|(_, cause)| cause)
    }

    /// Whether none went astray.
    pub(crate) fn is_empty(&self) -> bool {
        self.cause().is_none()
    }
}

/// The own keys are to change inside a message of the peer's, which is known to send an alert.
const INSIDE_A_MESSAGE: Cause = Cause::Requirement("ku.inside-peer-message", "sends-alert");

/// A change_cipher_spec before the ServerHello, which is known to end the handshake.
const CCS_BEFORE_HELLO: Cause = Cause::Requirement("rec.ccs-in-handshake", "fails");

/// More in a record in the clear than any may hold, which is known to be borne, or to be taken for what
/// it holds.
const LONG_IN_CLEAR: Cause = Cause::Requirement("rec.plain-overflow", "still-alive");

/// Whether this record says that the peer has sent what it may not.
fn tells_off(record: &Sent) -> bool {
    matches!(
        record.alert(),
        Some((_, AlertDescription::UNEXPECTED_MESSAGE))
    )
}

/// What asks about skipping that goes on.
const ON_SKIPPING_ON: [&str; 3] = ["early.skip-ends", "hs.plain-alert-window-13", "rec.bad-tag"];

/// Whether this alert is one that a server goes on behind, under the keys of the handshake.
fn is_borne_in_the_handshake(record: &Delivered) -> bool {
    record.meaning == Meaning::UserCanceled && record.epoch == Epoch::Handshake
}

/// What an interface says of a connection that has failed.
const OF_THE_DEAD: [&str; 4] = [
    "api.error-latched",
    "api.no-write-state-when-dead",
    "api.wants-read-when-dead",
    "api.write-refused-when-dead",
];
/// How a connection failed that had to fail.
const OF_THE_END: [&str; 5] = [
    "alerts-again",
    "wrong-alert",
    "no-alert",
    "no-due-alert",
    "replies-to-odd-level",
];

/// Whether a subject that breaks a requirement in this way is elsewhere from then on. One that has
/// failed as it had to, and only said so in the wrong way, is not.
fn leads_astray(requirement: &Requirement, code: &str) -> bool {
    !OF_THE_DEAD.contains(&requirement.id) && !OF_THE_END.contains(&code)
}

/// Where this event lets a subject go its own way: it had enough of records that do nothing, an
/// alert came at a level that nobody gives it, a close came before there were keys, or the own keys were
/// to change inside a message.
fn leeway(event: &Event, at: usize, transcript: &Transcript) -> Option<(usize, Cause)> {
    let record = match event {
        Event::Failed { class, .. } if *class == ErrorClass::Flood => {
            return Some((at, Cause::Flood));
        }
        // Of the buffered interface, whose buffer is full of what it should have refused.
        Event::Failed { class, .. } if *class == ErrorClass::Other => {
            return Some((at + 1, Cause::Full));
        }
        // Inside a message of the peer's that is known to send an alert, each time: the requirement does
        // not ask once anything was wrong.
        Event::Refused {
            call: ApiCall::UpdateKeys,
            class: ErrorClass::UnexpectedMessage,
        } => {
            return Some((at, INSIDE_A_MESSAGE));
        }
        Event::Delivered(record) => record,
        _ => return None,
    };
    let plain = record.epoch == Epoch::Plain;
    match (record.meaning, transcript.bytes(record.content)) {
        (Meaning::CloseNotify, _) if plain => Some((at, Cause::PlainAlert)),
        // That it is taken as it is otherwise is known, and not asked of one who ends for another reason.
        (Meaning::Invalid(Reason::OuterType | Reason::HeaderVersion), _) => {
            Some((at + 1, Cause::Header))
        }
        (Meaning::Invalid(Reason::UnknownOuterType), _) if !plain => Some((at + 1, Cause::Header)),
        // That it is borne is known, and so is not asked of one who ends for another reason, either.
        (Meaning::Invalid(Reason::EmptyHandshake), _) => {
            let cause = Cause::Requirement("rec.zero-handshake", "still-alive");
            Some((at + 1, cause))
        }
        // Likewise, but that it is borne shows at the record itself.
        (Meaning::Invalid(Reason::PlaintextOverflow), _) if plain => Some((at, LONG_IN_CLEAR)),
        // Whether it ends anything is asked; what follows if not is no other matter.
        (Meaning::Error(_), [level, ..]) if plain && *level != 2 => {
            Some((at + 1, Cause::PlainAlert))
        }
        (Meaning::CloseNotify, [level, ..]) if !matches!(level, 1 | 2) => Some((at, Cause::Level)),
        (Meaning::UserCanceled, [level, ..]) if *level != 1 => Some((at, Cause::Level)),
        _ => None,
    }
}
