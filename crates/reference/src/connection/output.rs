//! The output path, from content to sealed bytes on the transport.

use std::collections::VecDeque;

use peer::{Corrupt, Draft, MessageName};
use protocol::{ApiCall, ApiState, Moved, Observation, Role, Sink, Version};
use wire::{ContentType, Epoch};

use super::{Connection, Matter};
use crate::Flow;
use crate::habit::Habit;
use crate::reaction::{Flaw, Reaction};
use crate::situation::{Own, Phase, Situation, Want};

/// More than the header and protection add to the content of a record.
const OVERHEAD: usize = 32;

/// Output that waits for the transport.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    /// Records that are not sealed yet, and can still be discarded.
    queue: VecDeque<Item>,
    /// Sealed bytes. The transport may have taken a part of their record.
    wire: Vec<u8>,
    /// A sealed record that follows the next one.
    late: Vec<u8>,
    room: Option<usize>,
    /// The number of bytes sent in this command.
    left: usize,
    gone: bool,
    fin: bool,
    /// A record is held back until the next command.
    stalled: bool,
}

/// A record that is not sealed yet.
#[derive(Clone, Debug)]
struct Item {
    own: Own,
    content_type: u8,
    content: Vec<u8>,
    /// The keys, if they are not the current ones.
    epoch: Option<Epoch>,
    /// It was held back for a command.
    held: bool,
}

impl Output {
    pub(super) fn set_room(&mut self, room: Option<usize>) {
        self.room = room;
        self.stalled = false;
    }

    /// The current state of the output path.
    pub(super) fn flow(&self) -> Flow {
        match (self.wire.is_empty(), self.is_blocked()) {
            (false, _) => Flow::Partly,
            (true, true) => Flow::Blocked,
            (true, false) => Flow::Free,
        }
    }

    pub(super) fn lose_transport(&mut self) {
        self.gone = true;
        self.silence();
    }

    /// Whether bytes are waiting, or new ones would have to wait.
    pub(super) fn is_blocked(&self) -> bool {
        self.room == Some(0) || !self.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.wire.is_empty()
    }

    /// Discards application data that is not sealed yet.
    pub(super) fn discard_data(&mut self) {
        self.queue.retain(|item| item.own != Own::Data);
    }

    /// Moves the record that waits last to the front of those that are not sealed yet.
    pub(super) fn overtake(&mut self) {
        if let Some(last) = self.queue.pop_back() {
            self.queue.push_front(last);
        }
    }

    /// Discards all output, because nothing can be sent any more.
    pub(super) fn silence(&mut self) {
        self.queue.clear();
        self.wire.clear();
        self.late.clear();
    }
}

impl Connection {
    /// Sends the pending messages of the engine.
    pub(super) fn pump(&mut self, sink: &mut dyn Sink) {
        while !self.phase().has_failed() {
            let Some(next) = self.peer.next_message() else {
                return;
            };
            // The tickets follow when the API has reported the end of the handshake.
            if next.name == MessageName::NewSessionTicket && self.version == Version::Tls13 {
                if !self.status.handshake_done {
                    return;
                }
                let due = Situation::TicketDue(self.phase());
                let Some(message) = self.peer.take_message() else {
                    return;
                };
                let matter = Matter {
                    content_type: message.content_type.0,
                    content: message.payload.clone(),
                    ticket: true,
                    ..Matter::default()
                };
                if self.meet(due, matter, sink) {
                    for _ in 0..self.rounds() {
                        self.say_ticket(&message.payload, sink);
                    }
                }
                continue;
            }
            let Some(message) = self.peer.take_message() else {
                return;
            };
            let own = match message.name {
                MessageName::ChangeCipherSpec => Own::ChangeCipherSpec,
                MessageName::EndOfEarlyData => Own::EndOfEarlyData,
                _ => Own::Handshake,
            };
            let rejected = self.peer.negotiated().early_data == Some(false);
            if message.name == MessageName::Finished && self.role == Role::Client && rejected {
                self.follow(Situation::EarlyDataRejected, Matter::default(), sink);
            }
            let kind = message.content_type.0;
            for piece in message.payload.chunks(self.max_content()) {
                self.queue_own(own, kind, piece.to_vec(), Some(message.epoch), sink);
            }
        }
    }

    /// Sends 0-RTT data after the `ClientHello`.
    pub(super) fn write_early(&mut self, sink: &mut dyn Sink) {
        if self.role != Role::Client || self.peer.write_epoch() != Epoch::Early {
            return;
        }
        let max = self.choices.early_max.min(self.choices.early.len());
        let early = self.choices.early[..max].to_vec();
        for piece in early.chunks(self.max_content()) {
            self.queue(Own::EarlyData, 23, piece.to_vec(), Some(Epoch::Early));
        }
        if !early.is_empty() {
            sink.observe(Observation::Accepted { bytes: early.len() });
        }
    }

    pub(super) fn max_content(&self) -> usize {
        let max = wire::MAX_PLAINTEXT;
        let chosen = self.choices.fragment_size;
        let chosen = chosen.map_or(max, |size| size.saturating_sub(OVERHEAD).clamp(1, max));
        let theirs = self.peer.negotiated().record_size_limit;
        // In TLS 1.3 the limit includes the content type.
        theirs.map_or(chosen, |limit| chosen.min(usize::from(limit) - 1))
    }

    pub(super) fn queue(
        &mut self,
        own: Own,
        content_type: u8,
        content: Vec<u8>,
        epoch: Option<Epoch>,
    ) {
        self.output.queue.push_back(Item {
            own,
            content_type,
            content,
            epoch,
            held: false,
        });
    }

    /// Queues a record that the implementation itself sends, with the API states for it.
    pub(super) fn queue_own(
        &mut self,
        own: Own,
        content_type: u8,
        content: Vec<u8>,
        epoch: Option<Epoch>,
        sink: &mut dyn Sink,
    ) {
        self.state(ApiState::EncodeTlsData, sink);
        if self.habit() == Habit::DropState && !self.status.dropped {
            self.status.dropped = true;
            if !self.meet(Situation::StateDropped, Matter::default(), sink) {
                return;
            }
            self.state(ApiState::EncodeTlsData, sink);
        }
        let call = match own {
            Own::Close => ApiCall::CloseWrite,
            _ => ApiCall::Encode,
        };
        let dropped = self.habit() == Habit::RetryFresh && !self.status.fickle;
        if !self.too_small(call, sink) {
            return;
        }
        if dropped {
            // The record that was not encoded is offered again.
            self.state(ApiState::EncodeTlsData, sink);
        }
        self.queue(own, content_type, content, epoch);
        self.state(ApiState::TransmitTlsData, sink);
        self.flush(sink);
    }

    /// Offers too little room, if the habit does so. Returns `false` if that loses the record.
    pub(super) fn too_small(&mut self, call: ApiCall, sink: &mut dyn Sink) -> bool {
        let rooms: &[usize] = match self.habit() {
            Habit::SmallOutput => &[0, 1],
            Habit::RetryFresh if !self.status.fickle => &[0],
            _ => &[],
        };
        let fresh = self.habit() == Habit::RetryFresh;
        self.status.fickle = fresh && !self.status.fickle;
        for room in rooms {
            let decision = self.decide(Situation::TooSmall(call));
            let reaction = decision.reaction;
            sink.observe(Observation::TooSmall {
                call,
                room: *room,
                needed: match reaction {
                    Reaction::Deny => *room,
                    _ => OVERHEAD,
                },
                touched: reaction == Reaction::Touch,
            });
            match reaction {
                Reaction::Proceed | Reaction::Touch | Reaction::Deny => {}
                _ => {
                    let refuses = matches!(reaction, Reaction::Refuse(_));
                    let matter = Matter {
                        call: refuses.then_some(call),
                        ..Matter::default()
                    };
                    self.perform(decision, matter, sink);
                    return false;
                }
            }
            // The state was dropped, and is offered again.
            if fresh && call == ApiCall::Encode {
                self.state(ApiState::EncodeTlsData, sink);
            }
        }
        true
    }

    /// Whether the current key may protect another record of application data. May first react to
    /// its limit.
    pub(super) fn key_allows(&mut self, sink: &mut dyn Sink) -> bool {
        let Some(limit) = self.choices.key_limit else {
            return true;
        };
        let epoch = self.peer.write_epoch();
        let protected = self.peer.write_sequence(epoch);
        // Waiting records use the same key, up to the last KeyUpdate.
        let waiting = self.output.queue.iter().rev();
        let waiting = waiting.take_while(|item| !matches!(item.own, Own::Answer | Own::KeyUpdate));
        let used = match self
            .output
            .queue
            .iter()
            .any(|item| item.own == Own::KeyUpdate)
        {
            true => waiting.count() as u64,
            false => protected + waiting.count() as u64,
        };
        if used + 1 < limit {
            return true;
        }
        if limit < 2 || self.status.own_closed {
            return false;
        }
        let limit = Situation::KeyLimit(self.phase());
        let reaction = self.follow(limit, Matter::default(), sink);
        reaction != Reaction::Ignore && !self.status.own_closed
    }

    pub(super) fn say_close(&mut self, sink: &mut dyn Sink) {
        self.status.own_closed = true;
        self.queue_own(Own::Close, 21, vec![1, 0], None, sink);
    }

    pub(super) fn say_key_update(&mut self, own: Own, requested: bool, sink: &mut dyn Sink) {
        let message = vec![24, 0, 0, 1, requested.into()];
        self.queue_own(own, 22, message, None, sink);
    }

    pub(super) fn say_ticket(&mut self, message: &[u8], sink: &mut dyn Sink) {
        for piece in message.chunks(self.max_content()) {
            self.queue_own(Own::Ticket, 22, piece.to_vec(), None, sink);
        }
    }

    /// Gives the transport what it accepts.
    pub(super) fn flush(&mut self, sink: &mut dyn Sink) {
        loop {
            if self.output.gone {
                return self.output.silence();
            }
            if self.output.wire.is_empty() {
                if self.output.room == Some(0) || self.output.stalled {
                    break;
                }
                let Some(item) = self.output.queue.pop_front() else {
                    break;
                };
                let decision = self.decide(Situation::Sending(item.own));
                if decision.is_late() && !item.held {
                    self.output.queue.push_front(Item { held: true, ..item });
                    self.output.stalled = true;
                    break;
                }
                self.seal_as_told(item, decision.reaction);
            }
            let wire = &mut self.output.wire;
            let count = self
                .output
                .room
                .map_or(wire.len(), |room| room.min(wire.len()));
            if count > 0 {
                sink.observe(Observation::Sent {
                    bytes: wire[..count].into(),
                });
                wire.drain(..count);
                self.output.left += count;
                self.output.room = self.output.room.map(|room| room - count);
            }
            if !self.output.wire.is_empty() {
                break;
            }
        }
        let over = self.status.own_closed || self.status.error_sent;
        if over && self.output.is_empty() && !self.output.fin {
            self.output.fin = true;
            self.follow(Situation::OwnHalfOver, Matter::default(), sink);
        }
    }

    pub(super) fn say_fin(&mut self, sink: &mut dyn Sink) {
        self.output.fin = true;
        sink.observe(Observation::Fin);
    }

    /// Seals a record, with a flaw if the reaction asks for one.
    fn seal_as_told(&mut self, item: Item, reaction: Reaction) {
        let flaw = match reaction {
            Reaction::Seal(flaw) => Some(flaw),
            _ => None,
        };
        let mut content = item.content.clone();
        let kind = item.content_type;
        let plain = Draft {
            content_type: kind,
            epoch: item.epoch,
            ..Draft::new(ContentType(kind), &[])
        };
        let mut draft = plain;
        let epoch = item.epoch.unwrap_or_else(|| self.peer.write_epoch());
        match flaw {
            None | Some(Flaw::Late) => {}
            Some(Flaw::Lost) => return,
            Some(Flaw::Fragments) => {
                for piece in content.chunks(1) {
                    self.seal(&Draft {
                        payload: piece,
                        ..plain
                    });
                }
                return;
            }
            Some(Flaw::Twice) => self.seal(&Draft {
                payload: &content,
                ..plain
            }),
            Some(Flaw::Content(other)) => content = other.to_vec(),
            Some(Flaw::Joined(other)) => content.extend_from_slice(other),
            Some(Flaw::Skips) => self.peer.keyrings().ours.advance(epoch),
            Some(Flaw::Keys(other)) => draft.epoch = Some(other),
            Some(Flaw::OldKeys) => {
                draft.epoch = Some(match epoch {
                    Epoch::Application(generation) if generation > 0 => {
                        Epoch::Application(generation - 1)
                    }
                    _ => Epoch::Handshake,
                });
            }
            Some(Flaw::OuterType(outer)) => draft.outer_type = Some(outer),
            Some(Flaw::Version(version)) => draft.header_version = Some(version),
            Some(Flaw::Padding(padding)) => draft.padding = padding,
            Some(Flaw::Tag) => draft.corrupt = Corrupt::Tag,
            Some(Flaw::Nonce) => draft.explicit_nonce = Some(0),
        }
        draft.payload = &content;
        if flaw == Some(Flaw::Late) {
            let wire = std::mem::take(&mut self.output.wire);
            self.seal(&draft);
            self.output.late = std::mem::replace(&mut self.output.wire, wire);
            return;
        }
        self.seal(&draft);
        let mut late = std::mem::take(&mut self.output.late);
        self.output.wire.append(&mut late);
    }

    fn seal(&mut self, draft: &Draft<'_>) {
        let before = self.peer.write_epoch();
        self.peer.seal(draft, &mut self.output.wire);
        let update = draft.content_type == 22 && matches!(draft.payload, [24, 0, 0, 1, _]);
        // The engine changes keys itself if it recognises the record as a proper KeyUpdate.
        if update && self.version == Version::Tls13 && self.peer.write_epoch() == before {
            self.peer.update_keys();
        }
    }

    /// Reports the state that a call of the API returned.
    pub(super) fn state(&mut self, name: ApiState, sink: &mut dyn Sink) {
        let (shown, discarded) = self.input.discard();
        sink.observe(Observation::State {
            name,
            shown,
            discarded,
        });
    }

    /// Reports what the implementation waits for.
    pub(super) fn report_wants(&mut self, sink: &mut dyn Sink) {
        let (input, read) = match self.unread.is_empty() {
            true => (Want::Input, self.reads()),
            false => (Want::MoreInput, false),
        };
        let (output, write) = match self.output.is_empty() {
            true => (Want::Nothing, false),
            false => (Want::Output, true),
        };
        sink.observe(Observation::Wants {
            read: self.says(input, read),
            write: self.says(output, write),
        });
    }

    /// Reports the number of bytes moved, as a call that does its own I/O does.
    pub(super) fn report_helped(&mut self, read: usize, sink: &mut dyn Sink) {
        let written = std::mem::take(&mut self.output.left);
        if self.habit() != Habit::CompleteIo {
            return;
        }
        let moved = Moved { read, written };
        let blocked = self.output.is_blocked();
        let phase = self.phase();
        let said = match moved == Moved::default() {
            false => match self.reaction(Situation::Helped(phase)) {
                Reaction::Deny => Moved {
                    read: read + 1,
                    written,
                },
                _ => moved,
            },
            true if blocked && self.reaction(Situation::HelpedNot(phase)) == Reaction::Deny => {
                moved
            }
            true => return,
        };
        sink.observe(Observation::Helped {
            said,
            moved,
            blocked,
        });
    }

    fn says(&mut self, want: Want, so: bool) -> bool {
        let phase = self.phase();
        match self.reaction(Situation::Wants(want, phase)) {
            Reaction::Deny => !so,
            _ => so,
        }
    }

    pub(super) fn report_left(&mut self, sink: &mut dyn Sink) {
        let phase: Phase = self.phase();
        self.meet(Situation::InputLeft(phase), Matter::default(), sink);
        if !self.input.left().is_empty() {
            sink.observe(Observation::Left {
                bytes: self.input.left().into(),
            });
        }
    }
}
