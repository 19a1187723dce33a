//! The subject's own side: its output, its reports and its answers to calls.
//!
//! It does not depend on the meaning of the peer's records, apart from whether one may explain an
//! effect, so it is known even after a record of unknown meaning.

use protocol::{ApiCall, ApiState, End, ErrorClass, Role, Version};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning, Reason};

use super::breach::{Breach, Breaches};
use crate::event::{Call, Event, Sent, Setup, Transport};

/// The state of the subject's own side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outward {
    /// Its `close_notify` has left, and an error alert of its own.
    closed: bool,
    alerted: bool,
    /// The API has reported a failure, or an error alert has left.
    failed: bool,
    /// The same, without errors about the end of the transport, which the driver may have raised.
    dead: bool,
    /// The subject has come to rest since it failed, and its output was free.
    is_over: bool,
    /// The transport was closed for writing.
    has_fin: bool,
    /// The transport limits the output.
    limited: bool,
    /// A command has run under the current limit.
    has_run: bool,
    /// The handshake was reported as done, and the subject has come to rest since.
    done: bool,
    calm: bool,
    /// The subject's own flight of the handshake.
    flight: Flight,
    /// The application has closed or dropped the connection, at any time.
    asked: bool,
    dropped: bool,
    /// The application has requested new keys, and the call was not refused.
    update_due: Option<usize>,
    /// Causes for a `KeyUpdate` and for a `no_renegotiation` that were not used up.
    updates: u16,
    refusals: u16,
    /// Something has arrived that may explain a `close_notify`, or a clean end.
    may_close: bool,
    may_end: bool,
    /// The peer's close_notify or error alert has arrived.
    peer_ended: bool,
    /// A record of unknown meaning has arrived.
    tainted: bool,
    /// 0-RTT data has arrived.
    pub(super) has_early: bool,
    /// How the transport has ended.
    transport: Option<Transport>,
    /// How the API has reported the end.
    told: Option<End>,
    /// The call being carried out.
    call: Pending,
    /// The last event was a record from the peer: others may follow in the same piece.
    in_piece: bool,
    /// The subject was asked to do something in the states to which breaches belong.
    pub(super) tempted: Tempted,
}

/// Whether something happened in a state in which it must not have an effect.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tempted {
    pub(crate) closed: bool,
    pub(crate) over: bool,
    pub(crate) called: bool,
    pub(crate) sent_handshake: bool,
    pub(crate) unasked: bool,
}

/// The handshake messages that the subject has sent.
#[derive(Clone, Copy, Debug, Default)]
struct Flight {
    /// The place of the last one in the order of its flight.
    place: u8,
    /// Its `Finished` has left.
    finished: bool,
    /// The peer has asked for another handshake (TLS 1.2).
    may_repeat: bool,
}

/// A call, and the answer so far.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    call: Option<ApiCall>,
    at: usize,
    /// The number of bytes that the call offers, and that were accepted.
    offered: u32,
    accepted: u32,
    /// It was carried out.
    done: bool,
    refused: bool,
    /// The connection has failed since.
    excused: bool,
    /// The application had asked for the close before.
    again: bool,
    /// Nothing could leave any more when it was made.
    ended: bool,
}

impl Outward {
    pub(super) fn add(
        &mut self,
        at: usize,
        event: &Event,
        setup: &Setup,
        bytes: &[u8],
        breaches: &mut Breaches,
    ) {
        if self.rests_before(event) {
            self.rest(breaches);
        }
        self.in_piece = matches!(event, Event::Delivered(_));
        self.has_run |= matches!(
            event,
            Event::Called(_) | Event::Delivered(_) | Event::Transport { .. }
        );
        match event {
            Event::Limited(io) => {
                self.limited = io.room.is_some();
                self.has_run = false;
            }
            Event::Called(call) => self.call(at, call, setup),
            Event::Delivered(record) => {
                self.tempt();
                self.deliver(record.meaning, setup);
            }
            Event::Transport { how, .. } => {
                self.tempt();
                // A reset is final.
                if !self.transport_is_lost() {
                    self.transport = Some(*how);
                }
                if self.transport_is_lost() {
                    self.update_due = None;
                }
            }
            Event::Sent(record) => self.send(at, record, setup, bytes, breaches),
            Event::SentFin => {
                if !(self.closed || self.failed || self.dropped || self.has_fin || self.tainted) {
                    breaches.note(Breach::FinBeforeClose, at);
                }
                self.has_fin = true;
            }
            Event::HandshakeDone { .. } => self.done = true,
            Event::End(how) => self.end(at, *how, setup, breaches),
            Event::Failed { class, .. } => {
                self.failed = true;
                self.dead |= !matches!(class, ErrorClass::HandshakeEof | ErrorClass::Truncated);
                self.call.excused = true;
            }
            Event::Accepted { bytes } => {
                // A subject that closes because a key is used up may drop what is written.
                let by_itself = setup.key_limit.is_some() && !self.asked;
                if *bytes > 0 && self.call.ended && !(self.dropped || by_itself) {
                    breaches.note(Breach::AcceptsAfterEnd, at);
                }
                let call = &mut self.call;
                call.accepted = call.accepted.saturating_add(*bytes);
                call.done |= call.call == Some(ApiCall::Write) && call.accepted >= call.offered;
            }
            Event::Exported(_) => {
                if self.call.refused {
                    breaches.note(Breach::AnswersTwice, at);
                }
                self.call.done |= self.call.call == Some(ApiCall::Export);
            }
            Event::Refused { call, class } => self.refuse(at, *call, *class, breaches),
            Event::State {
                name: ApiState::ReadEarlyData,
                ..
            } if !self.has_early => breaches.note(Breach::NamesEarlyData, at),
            Event::Wants { read, write } => self.wants(at, *read, *write, breaches),
            Event::Unsupported | Event::Crash | Event::Hang => {
                self.call = Pending::default();
                self.update_due = None;
            }
            _ => {}
        }
    }

    /// Whether the subject has come to rest: a shim calls the implementation until it does, after
    /// each piece and under every other command.
    fn rests_before(&self, event: &Event) -> bool {
        match event {
            Event::Called(_)
            | Event::Limited(_)
            | Event::Transport { .. }
            | Event::Wants { .. } => true,
            Event::Delivered(_) => !self.in_piece,
            _ => false,
        }
    }

    fn rest(&mut self, breaches: &mut Breaches) {
        if self.has_run && !self.limited {
            self.is_over |= self.dead;
            self.calm |= self.done;
            let due = self.update_due.take();
            if let Some(at) = due.filter(|_| !(self.closed || self.failed || self.dropped)) {
                breaches.note(Breach::NoAnswer, at);
            }
        }
        if let Some(at) = self.unanswered() {
            breaches.note(Breach::NoAnswer, at);
        }
        self.call = Pending::default();
    }

    /// Where the application made a call that has no answer so far.
    pub(super) fn unanswered(&self) -> Option<usize> {
        let call = &self.call;
        let answers = match call.call {
            Some(ApiCall::Write) => call.offered > 0 && call.accepted == 0,
            Some(ApiCall::Export) => true,
            _ => false,
        };
        (answers && !call.done && !call.refused && !call.excused && !self.dropped)
            .then_some(call.at)
    }

    fn wants(&mut self, at: usize, read: bool, write: bool, breaches: &mut Breaches) {
        if !self.has_run || self.limited || self.dropped {
            return;
        }
        if write && !self.transport_is_lost() {
            breaches.note(Breach::WantsWrite, at);
        }
        let over = self.failed || self.may_end || self.transport.is_some();
        if !read && !write && !self.done && !over {
            breaches.note(Breach::WantsNothing, at);
        }
    }

    fn tempt(&mut self) {
        let tempted = &mut self.tempted;
        tempted.closed |= self.closed;
        tempted.over |= self.closed || self.failed;
        tempted.unasked |= self.done;
    }

    fn call(&mut self, at: usize, call: &Call, setup: &Setup) {
        self.tempt();
        self.tempted.called = true;
        let (kind, offered) = match call {
            Call::Write(span) => (Some(ApiCall::Write), span.len()),
            Call::CloseWrite => (Some(ApiCall::CloseWrite), 0),
            Call::UpdateKeys => (Some(ApiCall::UpdateKeys), 0),
            Call::Export => (Some(ApiCall::Export), 0),
            Call::Settle(_) | Call::Drop => (None, 0),
        };
        let again = self.asked;
        self.asked |= matches!(call, Call::CloseWrite | Call::Drop);
        self.dropped |= matches!(call, Call::Drop);
        if matches!(call, Call::UpdateKeys) {
            self.updates = self.updates.saturating_add(1);
            let asked = self.done && !self.asked && !self.transport_is_lost();
            self.update_due = asked.then_some(at);
        }
        self.call = Pending {
            call: kind,
            at,
            offered: offered as u32,
            again,
            ended: self.accepts_nothing(setup),
            ..Pending::default()
        };
    }

    /// Whether bytes of a write can never leave, and nothing else shows that. An API without a
    /// transport of its own does not know that it has ended, nor one that counts the records of a
    /// key while it accepts.
    fn accepts_nothing(&self, setup: &Setup) -> bool {
        let known = !self.tainted && self.transport.is_none() && setup.key_limit.is_none();
        known && !self.limited && (self.closed || self.is_over && !self.alerted)
    }

    fn transport_is_lost(&self) -> bool {
        self.transport == Some(Transport::Reset)
    }

    fn deliver(&mut self, meaning: Meaning, setup: &Setup) {
        match meaning {
            Meaning::KeyUpdate { requested: true } => {
                self.updates = self.updates.saturating_add(1);
            }
            // Not every receiver looks into a request that it only refuses.
            Meaning::RenegotiationRequest
            | Meaning::Invalid(Reason::Malformed(
                HandshakeType::HELLO_REQUEST | HandshakeType::CLIENT_HELLO,
            )) => {
                self.refusals = self.refusals.saturating_add(1);
                self.flight.may_repeat = true;
            }
            Meaning::CloseNotify => {
                self.peer_ended |= !self.failed;
                self.may_end = true;
                self.may_close |= setup.version == Version::Tls12 || !self.done;
            }
            // A receiver may take a record with another version in its header for what it says.
            Meaning::Unknown
            | Meaning::Refusable(_)
            | Meaning::ExcessEarlyData
            | Meaning::Invalid(Reason::HeaderVersion) => {
                self.tainted = true;
                self.may_end = true;
                self.has_early = true;
            }
            // It may be answered as what it resembles.
            Meaning::Invalid(Reason::Malformed(_) | Reason::UnexpectedMessage(_)) => {
                self.refusals = self.refusals.saturating_add(1);
                self.may_close |= !self.done;
            }
            Meaning::EarlyData => self.has_early = true,
            // Nothing follows an error alert.
            Meaning::Error(_) => self.peer_ended |= !self.failed,
            // A handshake that fails may end like this.
            _ => self.may_close |= !self.done && !is_sound(meaning),
        }
    }

    fn end(&mut self, at: usize, how: End, setup: &Setup, breaches: &mut Breaches) {
        // RFC 5246 7.2.1 lets a peer that has received close_notify end without one of its own.
        let may_be_clean = self.may_end
            || setup.version == Version::Tls12
                && self.closed
                && self.transport == Some(Transport::Fin);
        let breach = match (how, self.told) {
            (End::Clean, _) if !may_be_clean => Breach::CleanEnd,
            (End::Truncated | End::Reset, _) if self.transport.is_none() => Breach::CutEnd,
            (End::Reset, _) if self.transport == Some(Transport::Fin) => Breach::ResetEnd,
            (End::Clean, Some(End::Truncated | End::Reset))
            | (End::Truncated | End::Reset, Some(End::Clean)) => Breach::ChangesEnd,
            (_, Some(_)) => Breach::EndsAgain,
            (_, None) if self.failed => Breach::EndsAfterFailure,
            (_, None) => {
                self.told = Some(how);
                return;
            }
        };
        breaches.note(breach, at);
        self.told.get_or_insert(how);
    }

    fn refuse(&mut self, at: usize, call: ApiCall, class: ErrorClass, breaches: &mut Breaches) {
        let processes = matches!(call, ApiCall::Process | ApiCall::Encode);
        let takes = !self.limited && !self.transport_is_lost();
        if class == ErrorClass::WouldBlock && takes && (self.done || processes) {
            breaches.note(Breach::WouldBlock, at);
        }
        if self.call.call != Some(call) {
            return;
        }
        if self.call.done || self.call.refused {
            breaches.note(Breach::AnswersTwice, at);
        }
        self.call.refused = true;
        if call == ApiCall::UpdateKeys {
            self.update_due = None;
        }
        if call == ApiCall::CloseWrite && !self.closed {
            self.asked = self.call.again;
        }
    }

    fn send(
        &mut self,
        at: usize,
        record: &Sent,
        setup: &Setup,
        bytes: &[u8],
        breaches: &mut Breaches,
    ) {
        let sort = Sort::of(record, setup, bytes);
        if let Some(breach) = self.late(sort) {
            breaches.note(breach, at);
        }
        match sort {
            Sort::Close => {
                let unknown = self.tainted || setup.key_limit.is_some();
                if !(self.asked || self.may_close || self.alerted || unknown) {
                    breaches.note(Breach::ClosesUnasked, at);
                }
                self.closed = true;
                self.call.done |= self.call.call == Some(ApiCall::CloseWrite);
            }
            Sort::Error => {
                self.alerted = true;
                self.failed = true;
                self.dead = true;
            }
            Sort::Cancel if !self.asked => breaches.note(Breach::CancelsUnasked, at),
            Sort::NoRenegotiation => match self.refusals.checked_sub(1) {
                Some(left) => self.refusals = left,
                None if self.tainted => {}
                None => breaches.note(Breach::RefusesUnasked, at),
            },
            Sort::KeyUpdate => {
                self.update_due = None;
                self.call.done |= self.call.call == Some(ApiCall::UpdateKeys);
                match self.updates.checked_sub(1) {
                    Some(left) => self.updates = left,
                    None if self.tainted || setup.key_limit.is_some() => {}
                    None if self.failed => breaches.note(Breach::SendsAfterFailure, at),
                    None => breaches.note(Breach::UpdatesUnasked, at),
                }
            }
            Sort::Ticket if self.calm && self.failed => {
                breaches.note(Breach::SendsAfterFailure, at);
            }
            Sort::Ticket if self.calm => breaches.note(Breach::TicketUnasked, at),
            Sort::NoData => {
                let asked = self.call.call == Some(ApiCall::Write) && self.call.offered == 0;
                if !asked && !self.limited {
                    breaches.note(Breach::EmptyData, at);
                }
            }
            _ => {}
        }
        // A peer that rejects 0-RTT data cannot read it.
        let early = setup.early_written > 0 && !self.done;
        let broken = matches!(
            record.content,
            Content::Undecryptable | Content::Malformed { .. }
        );
        if broken && !early && !(self.tainted || self.closed || self.failed) {
            breaches.note(Breach::Unreadable, at);
        }
        if has_wrong_keys(record, setup.version) && !self.tainted {
            breaches.note(Breach::WrongKeys, at);
        }
        let protected = matches!(record.epoch, Some(Epoch::Application(_)));
        if sort == Sort::KeyUpdate && !(self.done || protected) {
            breaches.note(Breach::StrayMessage, at);
        }
        if let Content::Handshake(kind) = record.content {
            self.tempted.sent_handshake = true;
            // A record shows the first of its messages only. The keys show the others.
            if !self
                .flight
                .goes_on_with(kind, setup, self.done || protected)
            {
                breaches.note(Breach::StrayMessage, at);
            }
        }
    }

    /// Whether nothing of this sort may leave any more.
    fn late(&self, sort: Sort) -> Option<Breach> {
        if self.alerted {
            return Some(Breach::SendsAfterAlert);
        }
        // It may be the alert.
        if sort == Sort::Unreadable && self.tainted {
            return None;
        }
        let over = (self.peer_ended || self.asked) && !self.tainted;
        if self.closed {
            return match sort {
                Sort::Close => Some(Breach::ClosesTwice),
                // Records after the end of both sides are ignored.
                Sort::Error if self.is_over && over => Some(Breach::SendsAfterFailure),
                // The moment shows whether there was an error.
                Sort::Error => None,
                _ => Some(Breach::SendsAfterClose),
            };
        }
        if self.has_fin {
            return Some(Breach::SendsAfterFin);
        }
        // A failure that was not about an alert leaves room for the alert, and for the
        // close_notify that the application then asks for.
        let may_follow = match sort {
            Sort::Error => !over,
            Sort::Close => self.asked,
            _ => false,
        };
        (self.is_over && !may_follow).then_some(Breach::SendsAfterFailure)
    }
}

/// A record of the subject's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Close,
    Error,
    Cancel,
    NoRenegotiation,
    KeyUpdate,
    Ticket,
    NoData,
    Unreadable,
    Other,
}

impl Sort {
    fn of(record: &Sent, setup: &Setup, bytes: &[u8]) -> Self {
        match record.content {
            Content::Alert { level, description } => {
                let warns = setup.version == Version::Tls12 && level == wire::Alert::WARNING;
                match description {
                    AlertDescription::CLOSE_NOTIFY => Self::Close,
                    AlertDescription::USER_CANCELED => Self::Cancel,
                    AlertDescription::NO_RENEGOTIATION if warns => Self::NoRenegotiation,
                    _ if warns => Self::Other,
                    _ => Self::Error,
                }
            }
            Content::KeyUpdate { .. } => Self::KeyUpdate,
            Content::Handshake(HandshakeType::NEW_SESSION_TICKET)
                if setup.version == Version::Tls13 && setup.role == Role::Server =>
            {
                Self::Ticket
            }
            Content::Data if bytes.is_empty() => Self::NoData,
            Content::Undecryptable => Self::Unreadable,
            _ => Self::Other,
        }
    }
}

impl Flight {
    /// Notes a handshake message. Returns whether it may follow the ones before it. Messages that
    /// this list does not contain may.
    fn goes_on_with(&mut self, kind: HandshakeType, setup: &Setup, done: bool) -> bool {
        let tls13 = setup.version == Version::Tls13;
        let server = setup.role == Role::Server;
        let over = done || self.finished;
        let place = match kind {
            HandshakeType::KEY_UPDATE => return tls13 && over,
            HandshakeType::NEW_SESSION_TICKET if tls13 => return server && over,
            HandshakeType::NEW_SESSION_TICKET if !server => return false,
            HandshakeType::NEW_SESSION_TICKET => 9,
            HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO => {
                if std::mem::take(&mut self.may_repeat) {
                    *self = Self::default();
                }
                1
            }
            HandshakeType::ENCRYPTED_EXTENSIONS | HandshakeType::END_OF_EARLY_DATA => 2,
            HandshakeType::CERTIFICATE_REQUEST if tls13 => 3,
            HandshakeType::CERTIFICATE => 4,
            HandshakeType::SERVER_KEY_EXCHANGE | HandshakeType::CLIENT_KEY_EXCHANGE => 6,
            HandshakeType::CERTIFICATE_REQUEST => 7,
            HandshakeType::SERVER_HELLO_DONE => 8,
            HandshakeType::CERTIFICATE_VERIFY => 9,
            HandshakeType::FINISHED => 10,
            _ => return true,
        };
        // After a HelloRetryRequest, a hello follows another.
        let in_order = place > self.place || place == 1 && self.place == 1;
        self.place = self.place.max(place);
        self.finished |= kind == HandshakeType::FINISHED;
        in_order
    }
}

/// Whether a handshake message is under other keys than its own (RFC 8446 2, RFC 5246 7.3).
fn has_wrong_keys(record: &Sent, version: Version) -> bool {
    let (Some(epoch), kind) = (record.epoch, record.content) else {
        return false;
    };
    let kind = match kind {
        Content::Handshake(kind) => kind,
        Content::KeyUpdate { .. } => HandshakeType::KEY_UPDATE,
        _ => return false,
    };
    let application = matches!(epoch, Epoch::Application(_));
    match (version, kind) {
        (Version::Tls12, HandshakeType::FINISHED) => epoch == Epoch::Plain,
        (Version::Tls12, _) => false,
        (_, HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO) => epoch != Epoch::Plain,
        (_, HandshakeType::END_OF_EARLY_DATA) => epoch != Epoch::Early,
        (_, HandshakeType::NEW_SESSION_TICKET | HandshakeType::KEY_UPDATE) => !application,
        (
            _,
            HandshakeType::ENCRYPTED_EXTENSIONS
            | HandshakeType::CERTIFICATE_REQUEST
            | HandshakeType::CERTIFICATE
            | HandshakeType::CERTIFICATE_VERIFY
            | HandshakeType::FINISHED,
        ) => epoch != Epoch::Handshake,
        _ => false,
    }
}

/// Whether a record of the handshake gives no reason to fail.
fn is_sound(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Handshake(_)
            | Meaning::HandshakePart
            | Meaning::ChangeCipherSpec
            | Meaning::Data
            | Meaning::EarlyData
    )
}
