use protocol::{ApiCall, ApiState, EarlyData, End, ErrorClass, Io, Observation, Sink, Version};
use rustls::unbuffered::{ConnectionState, EncodeTlsData, ReadTraffic, UnbufferedStatus};
use rustls::Error;

use super::application::Application;
use super::habits::Habit;
use super::input::{Input, Show};
use super::output::{Manner, Output, Refusal, RECORD_ROOM};
use super::side::{encode, Side};
use super::writing::{self, refused, Pace, Task};
use crate::{errors, handshake};

/// How many calls in a row may make no progress. The implementation might spin.
const CALLS: usize = 64;
/// How often [`Habit::RepresentAfterError`] presents the same input.
const REPRESENTATIONS: usize = 5;

/// A connection, with what an application keeps around it.
pub(super) struct Driver<S: Side> {
    pub(super) connection: S::Connection,
    pub(super) input: Input,
    pub(super) output: Output,
    pub(super) application: Application,
    pub(super) choices: Choices,
    pub(super) status: Status,
}

/// The settings of a connection.
pub(super) struct Choices {
    pub(super) habit: Habit,
    pub(super) habit_after_handshake: bool,
    /// 0-RTT data to write.
    pub(super) early: Vec<u8>,
    pub(super) fragment_size: Option<usize>,
    /// Whether a peer's `close_notify` closes both halves in TLS 1.2.
    pub(super) full_close: bool,
}

/// The state of the connection, as seen by the driver.
#[derive(Default)]
pub(super) struct Status {
    pub(super) version: Option<Version>,
    pub(super) failed: bool,
    /// No more input is presented to the implementation. It failed on input that it did not discard
    /// and that it may still need.
    pub(super) read_closed: bool,
    pub(super) peer_closed: bool,
    /// Whether a `close_notify` is due in answer to the peer's.
    answer_close: bool,
    /// Whether the peer's close has closed the write half too.
    pub(super) closed_by_peer: bool,
    /// Whether the application has closed its write half.
    closed: bool,
    early: Early,
    /// How the transport has ended.
    pub(super) transport_end: Option<End>,
    /// Whether that end was reported to the application.
    pub(super) transport_end_told: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Early {
    #[default]
    Unseen,
    /// The client could not write any, and the opportunity has passed.
    NotOffered,
    /// The client has written some, or the server has read some.
    Seen,
}

/// The state of one run.
#[derive(Default)]
struct Run {
    dropped: bool,
    repeated: bool,
    errors: usize,
    idle: usize,
}

/// What to do after a call.
enum Next {
    Again {
        progress: bool,
    },
    /// Plaintext was read.
    Read,
    PeerClosed,
    /// The implementation waits for input, or for the application.
    Quiet,
    /// The transport accepts no more.
    Blocked,
    Unknown,
    Failed {
        error: Error,
        shown: usize,
    },
}

impl<S: Side> Driver<S> {
    pub(super) fn new(connection: S::Connection, choices: Choices) -> Self {
        Self {
            connection,
            choices,
            input: Input::default(),
            output: Output::new(),
            application: Application::default(),
            status: Status::default(),
        }
    }

    /// Sets what the application and the transport allow from here on, and gives them what is
    /// pending for them.
    pub(super) fn begin(&mut self, io: Io, sink: &mut dyn Sink) {
        self.output.set_room(io.room);
        self.application.set_budget(io.read);
        self.output.flush(sink);
        self.application.drain(sink);
    }

    /// The current habit.
    pub(super) fn habit(&self) -> Habit {
        if self.choices.habit_after_handshake && self.status.version.is_none() {
            Habit::Plain
        } else {
            self.choices.habit
        }
    }

    /// Calls the implementation until it is quiet, and executes `task` on the way.
    pub(super) fn run(&mut self, task: Option<Task<'_>>, sink: &mut dyn Sink) {
        let mut show = Show::All;
        if self.habit() == Habit::PresentRecord {
            show = Show::Record;
            self.input.show_next();
        }
        self.run_showing(show, task, sink);
    }

    /// As `run`, but presents the input that `show` selects.
    pub(super) fn run_showing(
        &mut self,
        mut show: Show,
        mut task: Option<Task<'_>>,
        sink: &mut dyn Sink,
    ) {
        let mut run = Run::default();
        let mut blocked = false;
        while !self.status.read_closed && !self.application.is_full() && run.idle < CALLS {
            match self.step(show, &mut task, &mut run, sink) {
                Next::Again { progress } if progress && !self.status.failed => run.idle = 0,
                Next::Again { .. } => run.idle += 1,
                Next::Read => {
                    run.idle = 0;
                    self.note_handshake(sink);
                    self.application.drain(sink);
                }
                Next::PeerClosed => {
                    run.idle += 1;
                    self.note_handshake(sink);
                    self.note_peer_closed(sink);
                }
                Next::Quiet => {
                    self.note_handshake(sink);
                    if self.habit() == Habit::RepeatCalls && !run.repeated {
                        run.repeated = true;
                    } else if self.habit() == Habit::PresentRecord
                        && show != Show::Nothing
                        && self.input.show_next()
                    {
                        show = Show::Record;
                    } else {
                        break;
                    }
                }
                Next::Blocked => {
                    blocked = true;
                    // With all of the input, the implementation would read further too.
                    let more = self.habit() == Habit::PresentRecord && show != Show::Nothing;
                    if !(more && self.input.show_next()) {
                        break;
                    }
                    show = Show::Record;
                }
                Next::Unknown => break,
                Next::Failed { error, shown } => {
                    sink.observe(errors::failed(&error));
                    self.status.failed = true;
                    run.errors += 1;
                    run.idle += 1;
                    if self.habit() == Habit::RepresentAfterError {
                        if run.errors == REPRESENTATIONS {
                            break;
                        }
                    } else if run.errors > 1 {
                        break;
                    } else {
                        show = self.recover(&error, show, shown, &mut run, sink);
                    }
                }
            }
        }
        if self.status.failed {
            // An encoded alert is sent even if no state to transmit it follows.
            self.output.flush(sink);
        }
        if let Some(task) = task {
            self.refuse(task, blocked, sink);
        }
    }

    /// Sends the alert that an error has queued. The error comes without a state for it. The next
    /// call returns one, if the failed input is out of the way.
    fn recover(
        &mut self,
        error: &Error,
        show: Show,
        shown: usize,
        run: &mut Run,
        sink: &mut dyn Sink,
    ) -> Show {
        if self.input.is_settled(shown) {
            return Show::Settled;
        }
        // A failed `Finished` is a `DecryptError` too, and there may be messages after it.
        let about_record = errors::is_about_record(error) && self.status.version.is_some();
        if self.input.is_malformed(shown) || about_record && self.input.is_one_record(shown) {
            self.input.drop_unsettled(shown);
            return Show::Settled;
        }
        // The implementation may remember positions in the input, so the input must not change. But
        // then it fails again: one call for the alert, and further ones only while there is output,
        // which is handled before input.
        while matches!(self.step(show, &mut None, run, sink), Next::Again { .. })
            && self.connection.wants_write()
        {}
        self.status.read_closed = true;
        show
    }

    /// Calls the API once, and handles the state that it returns.
    fn step(
        &mut self,
        show: Show,
        task: &mut Option<Task<'_>>,
        run: &mut Run,
        sink: &mut dyn Sink,
    ) -> Next {
        let habit = self.habit();
        self.output.set_manner(match habit {
            Habit::SmallOutput => Manner::Creeping,
            Habit::RetryFresh => Manner::Fickle,
            _ => Manner::Ample,
        });
        let pace = match self.closes_fully() {
            true => Pace::Record,
            false => Pace::AtOnce,
        };
        let Self {
            connection,
            input,
            output,
            application,
            choices,
            status,
        } = self;
        let presented = input.show(show);
        let shown = presented.len();
        let UnbufferedStatus { mut discard, state } = S::process(connection, presented);
        let state = match state {
            Ok(state) => state,
            Err(error) => {
                input.discard(discard);
                let shown = shown.saturating_sub(discard);
                return Next::Failed { error, shown };
            }
        };
        let Some(name) = name(&state) else {
            sink.observe(Observation::Unsupported {
                what: format!("the state {state:?}").into(),
            });
            return Next::Unknown;
        };
        sink.observe(Observation::State {
            name,
            shown,
            discarded: discard,
        });
        let droppable = matches!(name, ApiState::EncodeTlsData | ApiState::ReadTraffic);
        let next = match state {
            _ if habit == Habit::DropState && droppable && !run.dropped => {
                run.dropped = true;
                Next::Again { progress: false }
            }
            ConnectionState::ReadTraffic(traffic) => {
                let peek = habit == Habit::Peek;
                let read = read(traffic, peek, |payload| {
                    if status.version.is_some() {
                        application.deliver(payload, sink);
                    } else {
                        // The application must see the end of the handshake first.
                        application.hold(payload);
                    }
                });
                after_read(read, shown, &mut discard)
            }
            ConnectionState::ReadEarlyData(data) => {
                status.early = Early::Seen;
                let peek = habit == Habit::Peek;
                let read = S::read_early(data, peek, &mut |payload| {
                    sink.observe(Observation::EarlyData {
                        bytes: payload.into(),
                    });
                });
                after_read(read, shown, &mut discard)
            }
            ConnectionState::EncodeTlsData(data) => encode_into(output, data, sink),
            ConnectionState::TransmitTlsData(mut data) => {
                if status.early == Early::Unseen && !choices.early.is_empty() {
                    let offered = S::write_early(&mut data, choices, output, sink);
                    status.early = if offered {
                        Early::Seen
                    } else {
                        Early::NotOffered
                    };
                }
                if let (Habit::WriteInTransmit, Some(Task::Write(_))) = (habit, &task) {
                    if let Some(traffic) = data.may_encrypt_app_data() {
                        writing::carry_out(task, traffic, pace, choices, output, sink);
                    }
                }
                output.flush(sink);
                if output.is_empty() {
                    data.done();
                    Next::Again { progress: true }
                } else {
                    Next::Blocked
                }
            }
            ConnectionState::WriteTraffic(traffic) if task.is_some() => {
                let closes = matches!(task, Some(Task::Close));
                writing::carry_out(task, traffic, pace, choices, output, sink);
                output.flush(sink);
                status.closed |= closes && task.is_none();
                Next::Again {
                    progress: task.is_none(),
                }
            }
            ConnectionState::WriteTraffic(traffic) if status.answer_close => {
                let mut answer = Some(Task::Close);
                writing::carry_out(&mut answer, traffic, pace, choices, output, sink);
                output.flush(sink);
                status.answer_close = answer.is_some();
                Next::Again {
                    progress: answer.is_none(),
                }
            }
            #[cfg(feature = "peer-closed")]
            ConnectionState::PeerClosed => Next::PeerClosed,
            // Before `PeerClosed` existed, this state reported the peer's close.
            ConnectionState::Closed if !cfg!(feature = "peer-closed") && !status.peer_closed => {
                Next::PeerClosed
            }
            _ => Next::Quiet,
        };
        input.discard(discard);
        if matches!(next, Next::Quiet | Next::Blocked) && !status.peer_closed {
            input.settle(shown.saturating_sub(discard));
        }
        next
    }

    /// Reports the end of the handshake, once.
    fn note_handshake(&mut self, sink: &mut dyn Sink) {
        if self.status.version.is_some() || self.connection.is_handshaking() {
            return;
        }
        let early = self.status.early;
        let (version, done) = handshake::done(&self.connection, |resumed| {
            match (early, S::IS_CLIENT) {
                (Early::Seen, false) => EarlyData::Accepted,
                // Without resumption the data cannot have been accepted. With it, rustls does not
                // report the outcome.
                (Early::Seen, true) if !resumed => EarlyData::Rejected,
                (Early::Seen, true) => EarlyData::Unknown,
                (_, true) => EarlyData::None,
                (_, false) => EarlyData::Unknown,
            }
        });
        self.status.version = Some(version);
        sink.observe(done);
    }

    fn note_peer_closed(&mut self, sink: &mut dyn Sink) {
        self.status.peer_closed = true;
        sink.observe(Observation::End { how: End::Clean });
        if self.closes_fully() {
            self.status.answer_close = !self.status.closed;
            self.status.closed_by_peer = true;
        }
    }

    /// Whether the peer's `close_notify` closes both halves: the application answers it at once,
    /// and discards what it has not written yet.
    fn closes_fully(&self) -> bool {
        self.choices.full_close && self.status.version == Some(Version::Tls12)
    }

    fn refuse(&self, task: Task<'_>, blocked: bool, sink: &mut dyn Sink) {
        let class = if self.status.failed {
            ErrorClass::AlreadyFailed
        } else if blocked {
            ErrorClass::WouldBlock
        } else {
            ErrorClass::NotNow
        };
        sink.observe(Observation::Refused {
            call: task.call(),
            class,
            raw: "the API returned no state for this call".into(),
        });
    }
}

fn name<Data>(state: &ConnectionState<'_, '_, Data>) -> Option<ApiState> {
    Some(match state {
        ConnectionState::ReadTraffic(_) => ApiState::ReadTraffic,
        ConnectionState::ReadEarlyData(_) => ApiState::ReadEarlyData,
        #[cfg(feature = "peer-closed")]
        ConnectionState::PeerClosed => ApiState::PeerClosed,
        ConnectionState::Closed => ApiState::Closed,
        ConnectionState::EncodeTlsData(_) => ApiState::EncodeTlsData,
        ConnectionState::TransmitTlsData(_) => ApiState::TransmitTlsData,
        ConnectionState::BlockedHandshake => ApiState::BlockedHandshake,
        ConnectionState::WriteTraffic(_) => ApiState::WriteTraffic,
        _ => return None,
    })
}

/// Hands every record to `take`. Returns how many more bytes to discard.
fn read<Data>(
    mut traffic: ReadTraffic<'_, '_, Data>,
    peek: bool,
    mut take: impl FnMut(&[u8]),
) -> Result<usize, Error> {
    let mut discard = 0;
    loop {
        if peek {
            // Only the call itself matters. `next_record` returns the same again.
            let _ = traffic.peek_len();
        }
        let Some(record) = traffic.next_record() else {
            return Ok(discard);
        };
        let record = record?;
        discard += record.discard;
        take(record.payload);
    }
}

fn after_read(read: Result<usize, Error>, shown: usize, discard: &mut usize) -> Next {
    match read {
        Ok(more) => {
            *discard += more;
            Next::Read
        }
        Err(error) => Next::Failed {
            error,
            shown: shown.saturating_sub(*discard),
        },
    }
}

fn encode_into<Data>(
    output: &mut Output,
    mut data: EncodeTlsData<'_, Data>,
    sink: &mut dyn Sink,
) -> Next {
    let produced = output.produce(ApiCall::Encode, RECORD_ROOM, sink, |room| {
        data.encode(room).map_err(encode)
    });
    let progress = match produced {
        Ok(written) => !written.is_empty(),
        Err(Refusal::Fickle) => false,
        Err(refusal) => {
            refused(ApiCall::Encode, refusal, sink);
            false
        }
    };
    Next::Again { progress }
}
