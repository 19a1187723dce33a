use std::cell::Cell;

use protocol::{ApiCall, ErrorClass, Observation, Sink};

/// Room for a record of maximum size: header, 2^14 bytes and the expansion of RFC 5246.
pub(super) const RECORD_ROOM: usize = 5 + (1 << 14) + 2048;
/// The content of a buffer before a call that must leave it unmodified.
const PATTERN: u8 = 0xa5;
/// How often a call may ask for more room.
const OFFERS: usize = 8;

/// A longer buffer is not kept for the next connection.
const KEPT: usize = 8 * RECORD_ROOM;

thread_local! {
    /// The buffer of the last connection. Allocating and zeroing one of this size takes longer than
    /// most connections use it.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// TLS bytes that wait for the transport.
pub(super) struct Output {
    /// Never shrinks. The bytes after `end` are room for more.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How many more bytes the transport accepts in this command.
    room: Option<usize>,
    /// Whether the transport is gone, so that nothing can be sent any more.
    gone: bool,
    manner: Manner,
    /// Whether [`Manner::Fickle`] has offered nothing, so that it offers enough the next time.
    was_fickle: bool,
}

/// How much room is offered to calls that produce output.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Manner {
    /// What should be enough, at once.
    #[default]
    Ample,
    /// No room, one byte, one byte too few, and only then enough, all on the same state.
    Creeping,
    /// No room every other time. The state is then dropped.
    Fickle,
}

/// Why a call produced nothing.
pub(super) enum Refusal {
    TooSmall {
        needed: usize,
    },
    Other {
        class: ErrorClass,
        raw: String,
    },
    /// No room was offered, and another state will be used.
    Fickle,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            buffer: SPARE.try_with(Cell::take).unwrap_or_default(),
            start: 0,
            end: 0,
            room: None,
            gone: false,
            manner: Manner::default(),
            was_fickle: false,
        }
    }

    pub(super) fn set_room(&mut self, room: Option<usize>) {
        self.room = room;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether output waits for a transport that may still accept it.
    pub(super) fn is_held_up(&self) -> bool {
        !self.is_empty() && !self.gone
    }

    /// Called when the transport is reset.
    pub(super) fn lose_transport(&mut self) {
        self.gone = true;
    }

    /// Gives the transport what it accepts.
    pub(super) fn flush(&mut self, sink: &mut dyn Sink) {
        let pending = self.end - self.start;
        let count = match (self.gone, self.room) {
            (true, _) => 0,
            (false, None) => pending,
            (false, Some(room)) => pending.min(room),
        };
        if count == 0 {
            return;
        }
        sink.observe(Observation::Sent {
            bytes: self.buffer[self.start..self.start + count].into(),
        });
        self.start += count;
        self.room = self.room.map(|room| room - count);
        if self.is_empty() {
            self.start = 0;
            self.end = 0;
        }
    }

    pub(super) fn set_manner(&mut self, manner: Manner) {
        self.manner = manner;
    }

    /// Lets `produce` write after pending output, into `ample` bytes of room. If that is too
    /// little, offers as much as it needs. [`Manner`] may change these offers. Returns what was
    /// written.
    pub(super) fn produce(
        &mut self,
        call: ApiCall,
        ample: usize,
        sink: &mut dyn Sink,
        mut produce: impl FnMut(&mut [u8]) -> Result<usize, Refusal>,
    ) -> Result<&[u8], Refusal> {
        self.was_fickle = self.manner == Manner::Fickle && !self.was_fickle;
        let fickle = self.was_fickle;
        let creeping = self.manner == Manner::Creeping;
        let mut room = if creeping || fickle { 0 } else { ample };
        let mut offers = 0;
        loop {
            let space = self.space(room);
            if creeping {
                space.fill(PATTERN);
            }
            offers += 1;
            let needed = match produce(space) {
                Ok(written) => {
                    let written = written.min(room);
                    self.end += written;
                    return Ok(&self.buffer[self.end - written..self.end]);
                }
                Err(Refusal::TooSmall { needed }) => needed,
                Err(other) => return Err(other),
            };
            // Checking all bytes is faster than searching for the first that differs.
            let differs = |space: &[u8]| space.iter().fold(0, |all, byte| all | (byte ^ PATTERN));
            let touched = creeping && differs(space) != 0;
            sink.observe(Observation::TooSmall {
                call,
                room,
                needed,
                touched,
            });
            if fickle {
                return Err(Refusal::Fickle);
            }
            if offers == OFFERS {
                return Err(Refusal::TooSmall { needed });
            }
            room = match room {
                0 if creeping => 1,
                1 if creeping && needed > 2 => needed - 1,
                _ => needed,
            };
        }
    }

    fn space(&mut self, room: usize) -> &mut [u8] {
        let needed = self.end + room;
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        &mut self.buffer[self.end..needed]
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        if buffer.len() <= KEPT {
            // When a thread ends, the spare may be gone before its connections.
            let _ = SPARE.try_with(|spare| spare.set(buffer));
        }
    }
}
