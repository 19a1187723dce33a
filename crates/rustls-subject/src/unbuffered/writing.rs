use protocol::{ApiCall, ErrorClass, Observation, Sink};
use rustls::unbuffered::WriteTraffic;

use super::driver::Choices;
use super::output::{Output, Refusal, RECORD_ROOM};
use super::side::encrypt;
use crate::errors;
use crate::subject::record_content;

/// The most application data that one call encrypts.
const PORTION: usize = 1 << 20;
/// More than a record adds to its content: header, nonce or content type, and tag.
const OVERHEAD: usize = 64;
/// What TLS 1.3 adds to the content of a record: content type and tag.
const EXPANSION_13: usize = 1 + 16;

/// What the application does in this command.
#[derive(Clone, Copy)]
pub(super) enum Task<'a> {
    Write(&'a [u8]),
    Close,
    UpdateKeys,
}

/// How much the application encrypts before the transport has accepted it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Everything there is to write.
    AtOnce,
    /// At most one record. Encrypted data cannot be discarded, but the rest can.
    Record,
}

impl Task<'_> {
    pub(super) fn call(&self) -> ApiCall {
        match self {
            Self::Write(_) => ApiCall::Write,
            Self::Close => ApiCall::CloseWrite,
            Self::UpdateKeys => ApiCall::UpdateKeys,
        }
    }
}

/// Executes `task`, or reports that it was refused. What is left of it needs another state.
pub(super) fn carry_out<Data>(
    task: &mut Option<Task<'_>>,
    mut traffic: WriteTraffic<'_, Data>,
    pace: Pace,
    choices: &Choices,
    output: &mut Output,
    sink: &mut dyn Sink,
) {
    *task = match task.take() {
        None => None,
        Some(Task::Write(bytes)) => {
            write(&mut traffic, bytes, pace, choices, output, sink).map(Task::Write)
        }
        Some(Task::Close) => {
            let produced = output.produce(ApiCall::CloseWrite, RECORD_ROOM, sink, |room| {
                traffic.queue_close_notify(room).map_err(encrypt)
            });
            match produced {
                Ok(_) => None,
                Err(Refusal::Fickle) => Some(Task::Close),
                Err(refusal) => {
                    refused(ApiCall::CloseWrite, refusal, sink);
                    None
                }
            }
        }
        Some(Task::UpdateKeys) => {
            if let Err(error) = traffic.refresh_traffic_keys() {
                sink.observe(Observation::Refused {
                    call: ApiCall::UpdateKeys,
                    class: errors::class(&error),
                    raw: error.to_string().into(),
                });
            }
            None
        }
    };
}

/// Writes `bytes`. Returns those that another state has to write.
fn write<'a, Data>(
    traffic: &mut WriteTraffic<'_, Data>,
    bytes: &'a [u8],
    pace: Pace,
    choices: &Choices,
    output: &mut Output,
    sink: &mut dyn Sink,
) -> Option<&'a [u8]> {
    let most = match pace {
        Pace::AtOnce => PORTION,
        Pace::Record => record_content(choices.fragment_size),
    };
    let mut accepted = 0;
    let refusal = loop {
        if pace == Pace::Record {
            output.flush(sink);
            if !output.is_empty() {
                break Some(Refusal::Other {
                    class: ErrorClass::WouldBlock,
                    raw: "the previous record has not been sent".into(),
                });
            }
        }
        let end = bytes.len().min(accepted + most);
        let portion = &bytes[accepted..end];
        let room = room_for(portion.len(), choices);
        let produced = output.produce(ApiCall::Write, room, sink, |room| {
            traffic.encrypt(portion, room).map_err(encrypt)
        });
        if let Err(refusal) = produced {
            break Some(refusal);
        }
        accepted = end;
        if accepted == bytes.len() {
            break None;
        }
    };
    if accepted > 0 || refusal.is_none() {
        sink.observe(Observation::Accepted { bytes: accepted });
    }
    match refusal {
        None => None,
        Some(Refusal::Fickle) => Some(&bytes[accepted..]),
        Some(refusal) => {
            refused(ApiCall::Write, refusal, sink);
            None
        }
    }
}

/// Writes `early` with `encrypt`, which does not report how many bytes it accepted.
pub(super) fn write_early(
    early: &[u8],
    choices: &Choices,
    output: &mut Output,
    sink: &mut dyn Sink,
    mut encrypt: impl FnMut(&[u8], &mut [u8]) -> Result<usize, Refusal>,
) {
    let room = room_for(early.len(), choices);
    match output.produce(ApiCall::Write, room, sink, |room| encrypt(early, room)) {
        Ok(written) => {
            let bytes = content(written);
            sink.observe(Observation::Accepted { bytes });
        }
        Err(refusal) => refused(ApiCall::Write, refusal, sink),
    }
}

/// Reports that `call` was refused, with the reason.
pub(super) fn refused(call: ApiCall, refusal: Refusal, sink: &mut dyn Sink) {
    let (class, raw) = match refusal {
        Refusal::Other { class, raw } => (class, raw),
        Refusal::TooSmall { needed } => (
            ErrorClass::Other,
            format!("the call repeatedly asks for {needed} bytes of room"),
        ),
        Refusal::Fickle => (ErrorClass::NotNow, "no room was offered".into()),
    };
    sink.observe(Observation::Refused {
        call,
        class,
        raw: raw.into(),
    });
}

/// Enough room for `length` bytes of application data, and for records that may have to go first.
fn room_for(length: usize, choices: &Choices) -> usize {
    let fragment = record_content(choices.fragment_size);
    length + (length / fragment + 1) * OVERHEAD + 1024
}

/// How many bytes of content the TLS 1.3 records in `records` have.
fn content(mut records: &[u8]) -> usize {
    let mut content = 0;
    while let [_, _, _, high, low, rest @ ..] = records {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        content += length.saturating_sub(EXPANSION_13);
        records = &rest[length..];
    }
    content
}
