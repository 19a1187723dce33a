//! The habits for the unbuffered API, in one table.

use protocol::{Habit as Described, HabitKind, PLAIN_HABIT};

/// A calling pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Plain,
    SmallOutput,
    Peek,
    LateRead,
    EmptyCalls,
    RepeatCalls,
    PresentRecord,
    WriteInTransmit,
    DropState,
    RetryFresh,
    HideInput,
    RepresentAfterError,
}

use HabitKind::{Abuse, Contract};

const TABLE: &[(Habit, &str, HabitKind, &str)] = &[
    (
        Habit::SmallOutput,
        "small-output",
        Contract,
        "EncodeTlsData::encode, WriteTraffic::encrypt and WriteTraffic::queue_close_notify: too \
         small a buffer is an error that leaves the buffer unmodified, and InsufficientSizeError \
         names the size to retry with; the calls take the state by reference.",
    ),
    (
        Habit::Peek,
        "peek",
        Contract,
        "ReadTraffic::peek_len gives the size of the next record without taking it.",
    ),
    (
        Habit::LateRead,
        "late-read",
        Contract,
        "UnbufferedStatus::state must be handled before the next call, but the documentation does \
         not say when that call is due: what has been read waits for the application, and so does \
         the call.",
    ),
    (
        Habit::EmptyCalls,
        "empty-calls",
        Contract,
        "process_tls_records takes the input buffer as it is, and the documentation does not \
         require it to have grown; here it is empty.",
    ),
    (
        Habit::RepeatCalls,
        "repeat-calls",
        Contract,
        "Once a status is handled and its discard done, process_tls_records may be called again; \
         the documentation does not require new input.",
    ),
    (
        Habit::PresentRecord,
        "present-record",
        Contract,
        "ConnectionState::BlockedHandshake and WriteTraffic let the caller append more input at \
         its own pace, so one record at a time is enough.",
    ),
    (
        Habit::WriteInTransmit,
        "write-in-transmit",
        Contract,
        "ConnectionState::TransmitTlsData: application data may be sent alongside handshake \
         records where may_encrypt_app_data allows it.",
    ),
    (
        Habit::DropState,
        "drop-state",
        Abuse,
        "UnbufferedStatus::state must be handled before process_tls_records is called again; \
         here the first state to encode or to read is dropped.",
    ),
    (
        Habit::RetryFresh,
        "retry-fresh",
        Abuse,
        "InsufficientSizeError names the size that is needed, but not whether the state from a \
         new call still offers what the dropped one did.",
    ),
    (
        Habit::HideInput,
        "hide-input",
        Abuse,
        "Here a call is shown an empty slice although bytes remain. \
         ConnectionState::BlockedHandshake and WriteTraffic describe input that is appended to \
         the previous buffer, and UnbufferedStatus::discard describes bytes removed from its \
         front: the documentation describes no call that shows less than is left. A maintainer \
         recommends just that in rustls issue 1958, as the way to WriteTraffic, but an issue is \
         not documentation. So this is left open, and only safety is checked.",
    ),
    (
        Habit::RepresentAfterError,
        "represent-after-error",
        Abuse,
        "UnbufferedStatus::discard does not cover the record that failed, and the documentation \
         does not say whether to present it again after an error.",
    ),
];

impl Habit {
    /// The habit with this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        if name == PLAIN_HABIT {
            return Some(Self::Plain);
        }
        TABLE
            .iter()
            .find(|(_, known, ..)| *known == name)
            .map(|(habit, ..)| *habit)
    }
}

/// All habits except the plain one.
pub(crate) fn described() -> Vec<Described> {
    TABLE
        .iter()
        .map(|(_, name, kind, basis)| Described {
            name: (*name).into(),
            kind: *kind,
            basis: (*basis).into(),
            roles: Vec::new(),
        })
        .collect()
}
