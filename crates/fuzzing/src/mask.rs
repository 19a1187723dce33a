//! Masks: the point in a connection after which findings no longer count.
//!
//! After a known deviation, or where a subject has leeway, its state is undefined. No requirement
//! applies there, and no two runs are compared.

use std::fmt;

use closure::{Call, Delivered, Event, Requirement, Sent, Transcript};
use protocol::{ApiCall, ErrorClass, Version};
use wire::{AlertDescription, Epoch, HandshakeType, Meaning, Reason};

/// Why a connection is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A requirement that is known to be broken, or a recommendation that is not followed, and the
    /// code.
    Requirement(&'static str, &'static str),
    /// The subject gave up after too many records without effect.
    Flood,
    /// The buffered interface failed with an error that is not a TLS error: its buffer is full.
    Full,
    /// The subject gave up on the 0-RTT data that it rejects. It is known to count that data again
    /// at every call.
    Skipping,
    /// The subject goes on skipping after an alert, as is known. It skips everything that does not
    /// decrypt.
    SkippingOn,
    /// A close or an error alert arrived before there were keys.
    PlainAlert,
    /// A field of a record header that the subject is known not to check.
    Header,
    /// A close inside a TLS 1.2 handshake, which is known not to end the handshake.
    EarlyClose,
    /// An alert has a level that does not go with its description.
    Level,
}

impl Cause {
    /// Whether this requirement is about exactly this cause. The cause does not mask it then.
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

/// `requirement:code`, or a short name.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement(id, code) => write!(f, "{id}:{code}"),
            Self::Flood => f.write_str("flood"),
            Self::Full => f.write_str("full buffer"),
            Self::Skipping => f.write_str("skipped data"),
            Self::SkippingOn => f.write_str("skipping after an alert"),
            Self::PlainAlert => f.write_str("plaintext alert"),
            Self::Header => f.write_str("header"),
            Self::EarlyClose => f.write_str("early close"),
            Self::Level => f.write_str("alert level"),
        }
    }
}

/// The masks of a transcript, by connection. The next connection starts unmasked.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    connections: Vec<ConnectionMask>,
}

/// A connection and its mask, if it has one.
#[derive(Clone, Copy, Debug)]
struct ConnectionMask {
    /// Its events.
    first: usize,
    end: usize,
    /// The first masked event, and the cause.
    masked: Option<(usize, Cause)>,
    /// The first event for which universal rules do not count.
    over: Option<usize>,
}

impl Mask {
    pub(crate) fn clear(&mut self) {
        self.connections.clear();
    }

    /// Starts over, with the masks that follow from the events alone.
    pub(crate) fn find(&mut self, transcript: &Transcript) {
        self.clear();
        let events = transcript.events();
        let opened = |event: &Event| matches!(event, Event::Opened(_));
        // Whether 0-RTT data has arrived, and whether it may be skipped, while the handshake is not
        // done.
        let (mut early, mut rejects) = (false, false);
        // Whether the peer's Finished is still to come, in TLS 1.2.
        let mut unfinished = false;
        // Whether a handshake message of the peer has arrived.
        let mut greeted = false;
        // Whether the application has written, and nothing has arrived from the peer since.
        let mut writing = false;
        // Whether a key has a limit, the last record from the peer was a part of a message, and the
        // application has written behind one.
        let (mut limited, mut inside, mut written) = (false, false, false);
        // Whether a record of unknown meaning has arrived, and whether the subject has closed its
        // half or has failed.
        let (mut tainted, mut over) = (false, false);
        // Whether the application has closed.
        let mut closing = false;
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Opened(_) => (tainted, over, closing) = (false, false, false),
                Event::Called(Call::CloseWrite) => closing = true,
                Event::Refused {
                    call: ApiCall::CloseWrite,
                    ..
                } => closing = false,
                // The requirement reports this once the data leaves, which may be never.
                Event::Accepted { bytes: 1.. } if closing => {
                    self.mask_from(at, at, DATA_BEHIND_CLOSE);
                }
                Event::Delivered(record) => tainted |= is_unknown(record.meaning),
                Event::Failed { .. } => over = true,
                Event::Sent(record) => over |= ends(record),
                _ => {}
            }
            match event {
                Event::Opened(setup) => {
                    (early, rejects) = (false, setup.early_limit > 0);
                    greeted = false;
                    (limited, inside, written) = (setup.key_limit.is_some(), false, false);
                    unfinished = setup.version == Version::Tls12;
                }
                Event::HandshakeDone { .. } => (early, rejects) = (false, false),
                Event::Called(call) => {
                    writing = matches!(call, Call::Write(_));
                    written |= writing && inside && limited;
                }
                // The write uses up a key inside a message of the peer. The alert may have waited.
                Event::Sent(record) if (writing || written) && tells_off(record) => {
                    self.mask_from(at, at, INSIDE_A_MESSAGE);
                }
                Event::Delivered(record) => {
                    writing = false;
                    inside = record.meaning == Meaning::HandshakePart;
                    greeted |= matches!(record.meaning, Meaning::Handshake(_));
                    if !greeted && record.meaning == Meaning::ChangeCipherSpec {
                        self.mask_from(at, at + 1, CCS_BEFORE_HELLO);
                    }
                    early |= match record.meaning {
                        Meaning::EarlyData => true,
                        Meaning::Unknown => record.epoch == Epoch::Early,
                        _ => false,
                    };
                    unfinished &= record.meaning != Meaning::Handshake(HandshakeType::FINISHED);
                    if unfinished && record.meaning == Meaning::CloseNotify {
                        self.mask_from(at, at, Cause::EarlyClose);
                    }
                    if rejects && is_borne_in_the_handshake(record) {
                        self.mask_from(at, at + 1, Cause::SkippingOn);
                    }
                }
                // With debug assertions the failure is a crash.
                Event::Failed {
                    class: ErrorClass::DecryptError,
                    ..
                }
                | Event::Crash
                    if early =>
                {
                    // Records that arrived in the same call were not read.
                    let along = events[..at].iter().rev();
                    let along = along.take_while(|event| matches!(event, Event::Delivered(_)));
                    self.mask_from(at, at - along.count(), Cause::Skipping);
                }
                _ => {}
            }
            if opened(event) {
                let rest = &events[at + 1..];
                let length = rest.iter().position(opened).unwrap_or(rest.len());
                self.connections.push(ConnectionMask {
                    first: at,
                    end: at + 1 + length,
                    masked: None,
                    over: None,
                });
            }
            if let Some((from, cause)) = leeway(event, at, transcript) {
                self.mask_from(at, from, cause);
            }
            if let Some(entry) = self.connections.last_mut().filter(|_| tainted && over) {
                entry.over.get_or_insert(at + 1);
            }
        }
    }

    /// Masks a connection from event `from` on, because a requirement is known to be broken at
    /// event `at`.
    pub(crate) fn note(
        &mut self,
        requirement: &Requirement,
        code: &'static str,
        at: usize,
        from: usize,
    ) {
        if masks_what_follows(requirement, code) {
            self.mask_from(at, from, Cause::Requirement(requirement.id, code));
        }
    }

    fn mask_from(&mut self, at: usize, from: usize, cause: Cause) {
        let mut entries = self.connections.iter_mut();
        let entry = entries.find(|entry| (entry.first..entry.end).contains(&at));
        if let Some(entry) =
            entry.filter(|entry| entry.masked.is_none_or(|(first, _)| from < first))
        {
            entry.masked = Some((from, cause));
        }
    }

    /// Whether a finding of this requirement at this event is masked.
    pub(crate) fn masks(&self, requirement: &str, at: usize) -> bool {
        self.connections.iter().any(|entry| {
            let masked = |(from, cause): (usize, Cause)| from <= at && !cause.is_for(requirement);
            // The subject is known to go on after its close and after a failure. The rules that say
            // so do not look behind a record of unknown meaning, and the universal ones do.
            let is_over = requirement.starts_with("conn.") && entry.over.is_some_and(|it| it <= at);
            at < entry.end && (entry.masked.is_some_and(masked) || is_over)
        })
    }

    /// The cause for the first connection that is masked.
    pub(crate) fn cause(&self) -> Option<Cause> {
        let mut causes = self.connections.iter().filter_map(|entry| entry.masked);
        causes.next().map(|(_, cause)| cause)
    }

    /// Whether no connection is masked.
    pub(crate) fn is_empty(&self) -> bool {
        self.cause().is_none()
    }
}

/// The subject's write keys are to change inside a message of the peer, which is known to send an
/// alert.
const INSIDE_A_MESSAGE: Cause = Cause::Requirement("ku.inside-peer-message", "sends-alert");

/// A write after the close, which is known to be accepted.
const DATA_BEHIND_CLOSE: Cause = Cause::Requirement("close-tx.no-data-after", "sends-app-data");

/// A change_cipher_spec before the ServerHello, which is known to end the handshake.
const CCS_BEFORE_HELLO: Cause = Cause::Requirement("rec.ccs-in-handshake", "fails");

/// A plaintext record that is longer than allowed, which is known to be tolerated, or to be
/// processed like any other.
const LONG_IN_CLEAR: Cause = Cause::Requirement("rec.plain-overflow", "still-alive");

/// Whether nothing further is known after a record of this meaning.
fn is_unknown(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Unknown
            | Meaning::Refusable(_)
            | Meaning::ExcessEarlyData
            | Meaning::Invalid(Reason::HeaderVersion)
    )
}

/// Whether nothing may follow this record of the subject's.
fn ends(record: &Sent) -> bool {
    let alert = record.alert();
    alert.is_some_and(|(level, it)| it == AlertDescription::CLOSE_NOTIFY || level == 2)
}

/// Whether this record is an unexpected_message alert.
fn tells_off(record: &Sent) -> bool {
    matches!(
        record.alert(),
        Some((_, AlertDescription::UNEXPECTED_MESSAGE))
    )
}

/// The requirements about skipping that goes on.
const ON_SKIPPING_ON: [&str; 3] = ["early.skip-ends", "hs.plain-alert-window-13", "rec.bad-tag"];

/// Whether this is an alert under the handshake keys after which a server goes on.
fn is_borne_in_the_handshake(record: &Delivered) -> bool {
    record.meaning == Meaning::UserCanceled && record.epoch == Epoch::Handshake
}

/// Requirements about what an interface reports after a failure.
const AFTER_FAILURE: [&str; 4] = [
    "api.error-latched",
    "api.no-write-state-when-dead",
    "api.wants-read-when-dead",
    "api.write-refused-when-dead",
];
/// Codes for the way in which a connection failed that had to fail.
const HOW_IT_FAILED: [&str; 5] = [
    "alerts-again",
    "wrong-alert",
    "no-alert",
    "no-due-alert",
    "replies-to-odd-level",
];

/// Whether the state of a subject is undefined after it breaks a requirement in this way. It is not
/// if the subject failed as it had to and only reported the failure in the wrong way.
fn masks_what_follows(requirement: &Requirement, code: &str) -> bool {
    !AFTER_FAILURE.contains(&requirement.id) && !HOW_IT_FAILED.contains(&code)
}

/// The event from which on this one gives a subject leeway: it gave up on records without effect,
/// an alert had a level that does not go with it, a close came before there were keys, or the
/// subject's keys were to change inside a message.
fn leeway(event: &Event, at: usize, transcript: &Transcript) -> Option<(usize, Cause)> {
    let record = match event {
        Event::Failed { class, .. } if *class == ErrorClass::Flood => {
            return Some((at, Cause::Flood));
        }
        // The buffered interface, whose buffer is full of what it should have refused.
        Event::Failed { class, .. } if *class == ErrorClass::Other => {
            return Some((at + 1, Cause::Full));
        }
        // Inside a message of the peer, each such call is known to send an alert. The requirement
        // does not apply after an earlier error, so the mask is set here.
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
        // The subject is known to ignore the header. The requirement does not report that if the
        // connection ends for another reason, so the mask is set here.
        (Meaning::Invalid(Reason::OuterType | Reason::HeaderVersion), _) => {
            Some((at + 1, Cause::Header))
        }
        (Meaning::Invalid(Reason::UnknownOuterType), _) if !plain => Some((at + 1, Cause::Header)),
        // The record is known to be tolerated, which is not reported if the connection ends for
        // another reason.
        (Meaning::Invalid(Reason::EmptyHandshake), _) => {
            let cause = Cause::Requirement("rec.zero-handshake", "still-alive");
            Some((at + 1, cause))
        }
        // Likewise, but the record itself shows that it is tolerated.
        (Meaning::Invalid(Reason::PlaintextOverflow), _) if plain => Some((at, LONG_IN_CLEAR)),
        // A requirement checks whether this ends the connection. What follows otherwise has the
        // same cause.
        (Meaning::Error(_), [level, ..]) if plain && *level != 2 => {
            Some((at + 1, Cause::PlainAlert))
        }
        (Meaning::CloseNotify, [level, ..]) if !matches!(level, 1 | 2) => Some((at, Cause::Level)),
        (Meaning::UserCanceled, [level, ..]) if *level != 1 => Some((at, Cause::Level)),
        _ => None,
    }
}
