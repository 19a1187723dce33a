use std::io::{self, ErrorKind, IoSlice, Read, Write};

use protocol::{End, Moved, Observation, Sink};

#[cfg(feature = "toy")]
thread_local! {
    /// The function to call at each read or write.
    static WATCH: std::cell::Cell<fn()> = const { std::cell::Cell::new(nothing) };
}

#[cfg(feature = "toy")]
fn nothing() {}

/// Calls `then` whenever a transport is read or written on this thread. Within the process, nothing
/// else detects a helper that calls its transport endlessly.
#[cfg(feature = "toy")]
pub fn watch(then: fn()) {
    WATCH.with(|watch| watch.set(then));
}

#[cfg(feature = "toy")]
fn asked() {
    WATCH.with(|watch| watch.get()());
}

#[cfg(not(feature = "toy"))]
fn asked() {}

/// A transport that the harness controls. What has arrived can be read, and what it has room for
/// can be written.
#[derive(Default)]
pub(super) struct Transport {
    manner: Manner,
    arrived: Vec<u8>,
    start: usize,
    end: Option<End>,
    /// Whether it was reset, perhaps after its end. Nothing can be sent any more.
    gone: bool,
    /// Output that was accepted and is not reported yet.
    accepted: Vec<u8>,
    /// How many more bytes it accepts in this command.
    room: Option<usize>,
    /// What it has moved during the current call.
    moved: Moved,
    /// Whether it has returned `WouldBlock` to the current call.
    blocked: bool,
    /// Whether it has returned `Ok(0)` to the current call.
    ended: bool,
    /// Whether it has interrupted the last call.
    interrupted: bool,
    /// The number of calls it has answered.
    calls: usize,
}

/// How the transport answers calls, within the contract of `Read` and `Write`.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// A call moves only a few bytes.
    pub(super) short: bool,
    /// A write of several slices writes only the first one.
    pub(super) unvectored: bool,
    /// A write without room returns `Ok(0)` rather than `WouldBlock`.
    pub(super) zero: bool,
    /// Every other call is `Interrupted`.
    pub(super) interrupts: bool,
}

impl Transport {
    pub(super) fn new(manner: Manner) -> Self {
        Self {
            manner,
            ..Self::default()
        }
    }

    pub(super) fn set_manner(&mut self, manner: Manner) {
        self.manner = manner;
    }

    pub(super) fn set_room(&mut self, room: Option<usize>) {
        self.room = room;
    }

    /// Whether it accepts everything.
    pub(super) fn flows(&self) -> bool {
        self.room.is_none()
    }

    /// Delivers `bytes` for reading.
    pub(super) fn arrive(&mut self, bytes: &[u8]) {
        self.arrived.drain(..self.start);
        self.start = 0;
        self.arrived.extend_from_slice(bytes);
    }

    /// As `arrive`, without copying `bytes` if everything before them has been read. Leaves `bytes`
    /// empty.
    pub(super) fn arrive_whole(&mut self, bytes: &mut Vec<u8>) {
        if self.start == self.arrived.len() {
            std::mem::swap(&mut self.arrived, bytes);
            self.start = 0;
        } else {
            self.arrive(bytes);
        }
        bytes.clear();
    }

    /// Ends the transport: nothing more will arrive.
    pub(super) fn end(&mut self, how: End) {
        self.end.get_or_insert(how);
        self.gone |= how == End::Reset;
    }

    /// Whether a read would not block.
    pub(super) fn is_readable(&self) -> bool {
        self.start < self.arrived.len() || self.end.is_some()
    }

    /// Starts a call that does I/O on its own.
    pub(super) fn begin_call(&mut self) {
        (self.moved, self.blocked, self.ended) = (Moved::default(), false, false);
    }

    /// The observation for that call: what the transport has seen, and what the call reported.
    pub(super) fn helped(&self, said: Moved) -> Observation<'static> {
        Observation::Helped {
            said,
            moved: self.moved,
            blocked: self.blocked && !self.ended,
        }
    }

    fn would_block(&mut self) -> io::Result<usize> {
        self.blocked = true;
        Err(ErrorKind::WouldBlock.into())
    }

    fn nothing(&mut self) -> io::Result<usize> {
        self.ended = true;
        Ok(0)
    }

    /// Reports the accepted output.
    pub(super) fn report(&mut self, sink: &mut dyn Sink) {
        if !self.accepted.is_empty() {
            sink.observe(Observation::Sent {
                bytes: self.accepted.as_slice().into(),
            });
            self.accepted.clear();
        }
    }

    /// How many of `wanted` bytes the next call moves.
    fn portion(&mut self, wanted: usize) -> io::Result<usize> {
        self.interrupted = self.manner.interrupts && !self.interrupted;
        if self.interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        self.calls += 1;
        Ok(match self.manner.short {
            true => wanted.min(1 + self.calls % 7),
            false => wanted,
        })
    }
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        asked();
        let there = &self.arrived[self.start..];
        if there.is_empty() {
            return match self.end {
                None => self.would_block(),
                Some(End::Reset) => Err(ErrorKind::ConnectionReset.into()),
                Some(End::Clean | End::Truncated) => self.nothing(),
            };
        }
        let count = self.portion(there.len().min(buffer.len()))?;
        buffer[..count].copy_from_slice(&self.arrived[self.start..][..count]);
        self.start += count;
        self.moved.read += count;
        Ok(count)
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        asked();
        let taken = match self.manner.unvectored {
            true => 1,
            false => slices.len(),
        };
        let mut slices = slices.iter().filter(|slice| !slice.is_empty()).peekable();
        if slices.peek().is_none() {
            return Ok(0);
        }
        if self.gone {
            return Err(ErrorKind::ConnectionReset.into());
        }
        if self.room == Some(0) {
            return match self.manner.zero {
                true => self.nothing(),
                false => self.would_block(),
            };
        }
        let mut left = self.portion(self.room.unwrap_or(usize::MAX))?;
        let mut count = 0;
        for slice in slices.take(taken) {
            let now = slice.len().min(left);
            self.accepted.extend_from_slice(&slice[..now]);
            count += now;
            left -= now;
        }
        self.room = self.room.map(|room| room - count);
        self.moved.written += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
