//! One event after the other.

use protocol::{Alert, ApiCall, ApiState, Direction, End, ErrorClass, Io, Presented, Version};
use wire::{AlertDescription, Content, Epoch, MAX_PLAINTEXT, RecordHeader};

use super::{
    Application, Asked, Blame, Breach, Failure, Half, Ledger, Moment, Past, Reading, Skipped,
    Stage, Told, Way,
};
use crate::event::{Call, Event, Kind, Sent, Setup};

/// A subject may act on the limit of a key this many records before the last.
const KEY_MARGIN: u64 = 2;

impl Ledger {
    /// Adds event `at`, and returns the moment in which it happens.
    pub(crate) fn add(
        &mut self,
        at: usize,
        event: &Event,
        kind: Kind,
        setup: &Setup,
        past: &Past<'_>,
    ) -> Moment {
        let moment = self.advance(at, event, setup, past);
        self.now.before.insert(kind);
        let arrives = matches!(event, Event::Delivered(_));
        self.marks.note(at, kind, arrives, &moment, &self.now);
        moment
    }

    fn advance(&mut self, at: usize, event: &Event, setup: &Setup, past: &Past<'_>) -> Moment {
        let bytes = match event {
            Event::Sent(record) => past.bytes(record.bytes),
            _ => &[],
        };
        self.outward
            .add(at, event, setup, bytes, &mut self.breaches);
        self.now.at_rest = self.is_rest(event);
        if !self.now.is_tainted {
            self.arrive_at(event);
        }
        if matches!(event, Event::Called(Call::CloseWrite)) {
            self.now.is_closing_late |= self.now.peer_alerted && self.has_looked(setup);
        }
        let moment = self.now;
        self.now.at_rest = false;
        self.has_ended = matches!(event, Event::Wants { .. })
            || self.has_ended && matches!(event, Event::Left(_));
        if moment.is_tainted {
            self.follow(event, setup, past);
            self.now.at_rest |= self.has_run;
            return moment;
        }
        self.fold(at, event, setup, past);
        self.now.owed.unsent = self.outgoing.unsent();
        self.now.owed.untold = self.incoming.untold();
        self.now.owed.early = match self.now.early.is_accepted() {
            true => self.early.untold(),
            false => 0,
        };
        self.has_owed |= self.now.stage == Stage::Done && self.now.owes_output();
        self.now.at_rest |= self.has_run;
        moment
    }

    /// Whether the command before this event has ended.
    fn is_rest(&self, event: &Event) -> bool {
        self.has_run
            && match event {
                Event::Called(_)
                | Event::Limited(_)
                | Event::Transport { .. }
                | Event::Wants { .. } => true,
                // In one command, pieces follow each other.
                Event::Delivered(_) => self.has_ended,
                _ => false,
            }
    }

    /// Keeps up what is known after a record of unknown meaning.
    fn follow(&mut self, event: &Event, setup: &Setup, past: &Past<'_>) {
        match event {
            Event::Limited(io) => self.limit(*io),
            Event::Called(Call::Drop) | Event::Unsupported => self.has_run = false,
            Event::Called(Call::Settle(Presented::Empty) | Call::Export) => {}
            Event::Called(_) | Event::Delivered(_) | Event::Transport { .. } => self.has_run = true,
            Event::Sent(record)
                if matches!(
                    record.content,
                    Content::Handshake(_) | Content::HandshakePart
                ) =>
            {
                self.say(record, setup, past);
            }
            Event::Failed { .. } if self.now.failure == Failure::None => {
                self.now.failure = Failure::Caused;
            }
            _ => {}
        }
    }

    /// Notes what follows if the command before this event has ended.
    fn arrive_at(&mut self, event: &Event) {
        let owed = &self.now.owed;
        self.owed_at_rest |=
            self.now.at_rest && (owed.unsent > 0 || owed.untold > 0 || owed.close || owed.end);
        let delayed = matches!(self.now.output, Way::Blocked | Way::PartlyLeft)
            || self.now.application == Application::Paused;
        self.now.peer_gave_up |= self.now.peer_alerted && self.now.at_rest && !delayed;
        if self.now.at_rest && matches!(self.now.output, Way::Free | Way::Ended) {
            self.now.is_dead = self.now.failure != Failure::None;
        }
        if !self.now.is_settled() {
            return;
        }
        if let Some(at) = self.must_fail.filter(|_| self.now.failure == Failure::None) {
            self.breaches.note(Breach::GoesOn, at);
        }
        self.tolerate();
        if matches!(event, Event::Called(_)) {
            self.now.owed.key_update_is_due = self.now.owed.key_update;
        }
    }

    /// Whether the subject has looked at all that has arrived.
    fn has_looked(&self, setup: &Setup) -> bool {
        // A caller that performs I/O may write pending output before it reads.
        let reads = setup.habit.is_none() || self.now.output == Way::Free;
        self.now.at_rest && self.now.application == Application::Reads && reads
    }

    fn fold(&mut self, at: usize, event: &Event, setup: &Setup, past: &Past<'_>) {
        if !matches!(event, Event::Refused { .. } | Event::Unsupported) {
            self.now.is_closing_now &= !starts_a_command(event);
        }
        match event {
            Event::Opened(_) => {
                self.incoming.start(at, false);
                self.early.start(at, true);
                self.outgoing.start(at);
                self.has_run = true;
            }
            Event::Limited(io) => self.limit(*io),
            Event::Called(call) => self.call(call, setup),
            Event::Delivered(record) => {
                let now = &mut self.now;
                let is_clear = now.blame == Blame::None || now.trailing.is_some();
                if now.peer == Half::Closed && now.failure == Failure::None && is_clear {
                    now.trailing = Some(at as u32);
                }
                self.deliver(at, record, setup, past);
            }
            Event::Transport { how, .. } => self.end_transport(*how),
            Event::Sent(record) => self.send(at, record, setup, past),
            Event::SentFin => self.now.output = Way::Ended,
            // Bytes accepted after a request to close could leave only after the close, and those
            // accepted after a failure not at all.
            Event::Accepted { bytes } => {
                let counts = !matches!(self.now.own, Half::Closing | Half::Closed | Half::Failed);
                self.outgoing.accept(*bytes, counts);
            }
            Event::HandshakeDone { .. } => self.now.stage = Stage::Done,
            Event::Data(span) if self.now.blame < Blame::Must => {
                self.incoming.tell(at, *span, past);
            }
            // Data that arrived before may still wait for the application.
            Event::Data(span) if span.len() as u64 > u64::from(self.incoming.untold()) => {
                self.breaches.note(Breach::TellsAfterError, at);
                self.incoming.count(*span);
            }
            Event::Data(span) => self.incoming.tell(at, *span, past),
            Event::End(how) => {
                // A subject that reports the close has accepted it, and tolerated what came before.
                if self.now.peer == Half::Closed && *how == End::Clean {
                    self.tolerate();
                }
                if self.now.told == Told::Nothing {
                    self.now.told = match how {
                        End::Clean => Told::Clean,
                        End::Truncated | End::Reset => Told::Cut,
                    };
                }
                self.now.owed.end = false;
            }
            Event::Failed { class, alert } => {
                let is_first = self.now.failure == Failure::None;
                self.fail(at);
                self.now.error_told |=
                    !matches!(class, ErrorClass::HandshakeEof | ErrorClass::Truncated);
                if is_first && *class != ErrorClass::AlreadyFailed {
                    self.owe_alert(*class, *alert);
                }
            }
            Event::Refused { call, class } => self.refuse(at, *call, *class),
            Event::Unsupported => {
                self.has_run = false;
                self.take_close_back();
            }
            Event::Crash | Event::Hang => self.fail(at),
            Event::EarlyData(span) => self.early.tell(at, *span, past),

            Event::TooSmall { .. }
            | Event::Wants { .. }
            | Event::Helped { .. }
            | Event::Exported(_) => {}
            Event::State {
                name: ApiState::ReadTraffic,
                ..
            } => {
                let over = self.now.peer == Half::Closed || self.now.failure != Failure::None;
                if over && self.incoming.is_empty() {
                    self.breaches.note(Breach::OffersData, at);
                }
            }
            Event::State { .. } => {}
            Event::Left(span) => self.leave(at, past.bytes(*span)),
        }
    }

    /// Bytes of input are left at the end of a command.
    fn leave(&mut self, at: usize, bytes: &[u8]) {
        let now = &self.now;
        let reads = now.failure == Failure::None
            && now.blame < Blame::Must
            && now.peer == Half::Open
            && now.reading == Reading::Open
            && now.is_free();
        let is_complete = RecordHeader::parse(bytes)
            .is_ok_and(|header| bytes.len() >= RecordHeader::LEN + usize::from(header.length));
        // An incomplete message may stay in the input, and what is skipped with 0-RTT data.
        let skips = self.outward.has_early || now.has_bad_record;
        let may_stay = self.counts.unfinished > 0 || now.stage < Stage::Done && skips;
        if reads && is_complete && self.has_run && !may_stay {
            self.breaches.note(Breach::LeavesRecord, at);
        }
    }

    fn limit(&mut self, io: Io) {
        self.has_run = false;
        // Part of a record may have left under a limit, and only a record that follows it shows
        // that the rest has left too.
        let partly = matches!(self.io.room, Some(1..)) || self.now.output == Way::PartlyLeft;
        if !matches!(self.now.output, Way::Ended | Way::Reset) {
            self.now.output = match io.room {
                None => Way::Free,
                Some(0) if !partly => Way::Blocked,
                Some(_) => Way::PartlyLeft,
            };
        }
        if self.now.application != Application::Dropped {
            self.now.application = match io.read {
                None => Application::Reads,
                Some(_) => Application::Paused,
            };
            self.now.has_paused |= io.read.is_some();
        }
        self.io = io;
    }

    fn call(&mut self, call: &Call, setup: &Setup) {
        self.now.is_used |= matches!(call, Call::Write(_));
        self.outgoing.call(match call {
            Call::Write(span) => span.len(),
            _ => 0,
        });
        match call {
            Call::Write(span) => {
                self.has_run = true;
                self.wear_key(span.len(), setup);
            }
            Call::CloseWrite => {
                self.has_run = true;
                self.now.closed_early |= self.now.stage < Stage::Done;
                self.now.has_closed = true;
                if self.now.own == Half::Open {
                    self.now.own = Half::Closing;
                    // Due once the handshake is done.
                    self.now.owed.close = Moment {
                        stage: Stage::Done,
                        ..self.now
                    }
                    .is_sound();
                    self.now.is_closing_now = true;
                }
            }
            Call::UpdateKeys => {
                self.has_run = true;
                let asked = &mut self.now.keys_asked;
                self.asked_before = std::mem::replace(asked, Asked::Application);
            }
            Call::Settle(Presented::Same) => self.has_run = true,
            Call::Settle(Presented::Empty) | Call::Export => {}
            Call::Drop => {
                self.now.application = Application::Dropped;
                self.now.reading = Reading::Over;
                self.has_run = false;
            }
        }
    }

    fn refuse(&mut self, at: usize, call: ApiCall, class: ErrorClass) {
        let now = &self.now;
        // Records after the peer's close_notify are ignored, so they are no cause.
        let caused = now.blame > Blame::None || now.input != Way::Free;
        let excused = now.failure != Failure::None
            || caused && now.peer != Half::Closed
            || now.input == Way::Reset
            || class == ErrorClass::WouldBlock && now.output != Way::Free;
        if matches!(call, ApiCall::Process | ApiCall::Encode) && !excused {
            self.breaches.note(Breach::RefusesProcess, at);
        }
        if call == ApiCall::CloseWrite {
            self.take_close_back();
        }
        if call == ApiCall::UpdateKeys && self.now.keys_asked == Asked::Application {
            self.now.keys_asked = self.asked_before;
        }
        if class == ErrorClass::KeyExhausted {
            self.now.key_used_up = true;
        }
    }

    fn take_close_back(&mut self) {
        if std::mem::take(&mut self.now.is_closing_now) && self.now.own == Half::Closing {
            self.now.own = Half::Open;
            self.now.has_closed = false;
            self.now.owed.close = false;
        }
    }

    fn send(&mut self, at: usize, record: &Sent, setup: &Setup, past: &Past<'_>) {
        if let Some(Epoch::Application(generation)) = record.epoch
            && generation != self.now.own_keys
        {
            self.unannounced.get_or_insert(at);
        }
        if self.now.peer_gave_up {
            self.breaches.note(Breach::SendsAfterPeersAlert, at);
        }
        let canceled = AlertDescription::USER_CANCELED;
        self.now.has_canceled = record.alert().is_some_and(|(_, it)| it == canceled);
        if let Some(nonce) = record.explicit_nonce {
            if self.nonce.is_some_and(|highest| nonce <= highest) {
                self.unordered.get_or_insert(at);
            }
            self.nonce = self.nonce.max(Some(nonce));
        }
        match record.content {
            // Nothing may follow the close, so any bytes that do are wrong.
            Content::Data if record.epoch != Some(Epoch::Early) && self.now.own != Half::Closed => {
                self.outgoing.send(at, record.bytes, past);
            }
            Content::KeyUpdate { requested } => {
                self.now.own_keys += 1;
                self.now.awaits_keys |= requested;
                // The answer to the peer leaves before what the application has asked for.
                self.now.keys_asked = match (self.now.keys_asked, self.asked_before) {
                    (Asked::Application, Asked::Peer) if !requested => Asked::Application,
                    _ => Asked::Nobody,
                };
                self.asked_before = Asked::Nobody;
                // An answer does not request another one.
                self.now.owed.key_update &= requested;
                self.now.owed.key_update_is_due &= requested;
            }
            Content::Alert { level, description } => self.alert(at, level, description, setup),
            Content::Handshake(_) | Content::HandshakePart => self.say(record, setup, past),
            _ => {}
        }
        if setup.key_limit.is_some() && record.epoch.is_some_and(|it| it != Epoch::Plain) {
            self.counts.protected = record.sequence + 1;
            self.wear_key(0, setup);
        }
    }

    fn alert(&mut self, at: usize, level: u8, description: AlertDescription, setup: &Setup) {
        let warns = setup.version == Version::Tls12 && level == wire::Alert::WARNING;
        match description {
            AlertDescription::CLOSE_NOTIFY => {
                if matches!(self.now.own, Half::Open | Half::Closing) {
                    self.now.own = Half::Closed;
                }
                self.now.owed.close = false;
                self.now.owed.key_update = false;
                if setup.version == Version::Tls12 && self.now.reading == Reading::Open {
                    self.now.reading = Reading::MayStop;
                }
            }
            AlertDescription::USER_CANCELED => {}
            _ if warns => {}
            _ => {
                // An error in a handshake need not be within one record.
                let blamed = (self.now.blame > Blame::None || self.now.stage < Stage::Done)
                    && !(self.closed_soundly && self.now.peer == Half::Closed);
                if self.now.own == Half::Closed && !self.now.has_alerted && !blamed {
                    self.breaches.note(Breach::SendsAfterClose, at);
                }
                let reported = self.now.failure != Failure::None;
                if self.error_first && reported && !self.now.has_alerted {
                    self.breaches.note(Breach::SendsAfterPeersAlert, at);
                }
                self.now.has_alerted = true;
                self.now.owed.alert = false;
                self.fail(at);
            }
        }
    }

    /// The connection has failed at event `at`.
    fn fail(&mut self, at: usize) {
        let now = &mut self.now;
        if now.failure != Failure::None {
            return;
        }
        // A handshake, or a canceled connection, may fail for reasons of its own.
        let canceled = now.stage < Stage::Done && now.own != Half::Open;
        let caused = now.blame > Blame::None
            || canceled
            || matches!(now.input, Way::Ended | Way::Reset)
            || now.key_used_up
            || now.skipped > Skipped::Within
            || now.application == Application::Dropped;
        now.failure = match caused {
            true => Failure::Caused,
            false => Failure::Uncaused,
        };
        if !caused {
            self.uncaused = Some(at);
            self.is_latest = true;
        }
        for half in [&mut now.own, &mut now.peer] {
            if matches!(half, Half::Open | Half::Closing) {
                *half = Half::Failed;
            }
        }
        now.reading = Reading::Over;
        now.owed.close = false;
        now.owed.end = false;
        now.owed.key_update = false;
    }

    /// A side that detects an error sends an alert for it (RFC 8446 6.2, RFC 5246 7.2.2), unless it
    /// has closed its half.
    fn owe_alert(&mut self, class: ErrorClass, alert: Option<Alert>) {
        let received = class == ErrorClass::AlertReceived
            || alert.is_some_and(|alert| alert.direction == Direction::Received);
        let over = matches!(self.now.input, Way::Ended | Way::Reset);
        let own = self.now.own == Half::Failed && !self.now.has_alerted;
        self.now.owed.alert = !received && !over && own;
    }

    /// Notes how near the current key is to the limit that the caller has set, once `bytes` more
    /// bytes have been accepted.
    fn wear_key(&mut self, bytes: usize, setup: &Setup) {
        let Some(limit) = setup.key_limit else {
            return;
        };
        let size = setup
            .fragment_size
            .map_or(MAX_PLAINTEXT, |size| size.saturating_sub(RecordHeader::LEN));
        let told = setup.record_size_limit.map_or(MAX_PLAINTEXT, usize::from);
        let size = size.min(told.saturating_sub(1)).max(1);
        let waiting = self.outgoing.records(bytes, size);
        if self.counts.protected + waiting + KEY_MARGIN >= limit {
            self.now.key_used_up = true;
        }
    }
}

/// Whether this event makes the subject do something new.
fn starts_a_command(event: &Event) -> bool {
    matches!(
        event,
        Event::Called(_) | Event::Delivered(_) | Event::Transport { .. } | Event::Limited(_)
    )
}
