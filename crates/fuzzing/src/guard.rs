//! Runs a subject in this process, and survives its panics and endless loops.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

use protocol::{Command, Observation, Sink, Subject};
use scenario::{Port, Stop};

/// The calls that an input may take, and those for each command.
const CALLS: (u64, u64) = (2_000, 64);
/// The calls for each byte that arrives. It may arrive alone, and each habit has its extra calls.
const CALLS_A_BYTE: u64 = 8;
/// A write takes a few calls, even of many records. It may take one more for this many bytes.
const BYTES_A_CALL: u64 = 16;

/// How often a transport may be called for an input, for each command, and for each byte that is
/// read or written. It may move a few bytes at a time, and interrupt every other call.
const ASKED: (u64, u64, u64) = (10_000, 64, 4);

/// The source paths of this project. A panic there is not the subject's.
const OURS: [&str; 8] = [
    "crates/wire/",
    "crates/toycrypto/",
    "crates/peer/",
    "crates/protocol/",
    "crates/closure/",
    "crates/scenario/",
    "crates/rustls-subject/",
    "crates/fuzzing/",
];

thread_local! {
    /// Whether a subject is running on this thread.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
    /// How often a transport may still be called.
    static IO_BUDGET: Cell<u64> = const { Cell::new(0) };
    /// The message and the location of the last panic of a subject.
    static LAST_WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The panic payload of a subject that makes more calls than its input allows.
struct Spins;

pub(crate) struct Guard {
    make: fn() -> Box<dyn Subject>,
    subject: Box<dyn Subject>,
    calls: u64,
    allowed: u64,
    last_words: Option<String>,
    /// Called with true before a recorded handshake is repeated, and with false after it.
    repeating: fn(bool),
}

impl Guard {
    pub(crate) fn new(make: fn() -> Box<dyn Subject>) -> Self {
        listen();
        Self {
            make,
            subject: make(),
            calls: 0,
            allowed: 0,
            last_words: None,
            repeating: |_| {},
        }
    }

    pub(crate) fn on_repeating(&mut self, then: fn(bool)) {
        self.repeating = then;
    }

    /// Signals that a recorded handshake is about to be repeated.
    pub(crate) fn repeats(&self) {
        (self.repeating)(true);
    }

    /// The panic message of the subject, if it has crashed since the last call.
    pub(crate) fn take_last_words(&mut self) -> Option<String> {
        self.last_words.take()
    }

    pub(crate) fn subject(&self) -> &dyn Subject {
        &*self.subject
    }
}

/// Called whenever a transport is read or written.
fn asked() {
    match IO_BUDGET.get().checked_sub(1) {
        Some(left) => IO_BUDGET.set(left),
        None => resume_unwind(Box::new(Spins)),
    }
}

/// Adds the transport calls that `command` may take to the budget.
fn extend_io_budget(command: &Command<'_>) {
    let bytes = match command {
        Command::Begin(_) => {
            rustls_subject::watch(asked);
            return IO_BUDGET.set(ASKED.0);
        }
        Command::Feed { bytes, .. } | Command::Write { bytes, .. } => bytes.len() as u64,
        _ => 0,
    };
    IO_BUDGET.set(IO_BUDGET.get() + ASKED.1 + ASKED.2 * bytes);
}

impl Port for Guard {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        extend_io_budget(&command);
        match &command {
            Command::Begin(_) => (self.calls, self.allowed) = (0, CALLS.0),
            Command::Feed { bytes, .. } => {
                self.allowed += CALLS.1 + CALLS_A_BYTE * bytes.len() as u64;
            }
            Command::Write { bytes, .. } => {
                self.allowed += CALLS.1 + bytes.len() as u64 / BYTES_A_CALL;
            }
            _ => self.allowed += CALLS.1,
        }
        let mut counting = Counting {
            sink,
            calls: &mut self.calls,
            allowed: self.allowed,
        };
        let subject = &mut self.subject;
        AT_WORK.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| {
            subject.command(command, &mut counting);
        }));
        AT_WORK.set(false);
        result.map_err(|payload| {
            self.subject = (self.make)();
            let stop = stop(&*payload);
            if let Stop::Crash(words) = &stop {
                self.last_words = Some(words.clone());
            }
            stop
        })
    }

    fn repeated(&mut self) {
        (self.repeating)(false);
    }
}

fn stop(payload: &(dyn Any + Send)) -> Stop {
    if payload.is::<Spins>() {
        return Stop::Hang("more calls than the input allows".into());
    }
    let words = LAST_WORDS.take();
    match OURS.iter().any(|part| words.contains(part)) {
        true => Stop::Nonsense(format!("this project itself panicked: {words}")),
        false => Stop::Crash(words),
    }
}

/// Records the panics of subjects instead of printing them. Other panics are printed as before.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !AT_WORK.get() {
                return before(info);
            }
            let payload = info.payload();
            let text = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no message");
            let place = info.location().map(ToString::to_string);
            LAST_WORDS.set(format!("{text}, at {}", place.unwrap_or_default()));
        }));
    });
}

/// Counts the calls, each of which reports a state.
struct Counting<'a> {
    sink: &'a mut dyn Sink,
    calls: &'a mut u64,
    allowed: u64,
}

impl Sink for Counting<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        if let Observation::State { .. } = observation {
            *self.calls += 1;
            if *self.calls > self.allowed {
                resume_unwind(Box::new(Spins));
            }
        }
        self.sink.observe(observation);
    }

    fn end_piece(&mut self) {
        self.sink.end_piece();
    }
}
