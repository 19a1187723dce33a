//! The JSON form of a transcript. These types are the file format, so that [`Event`] and the types
//! in it can change without it.

use protocol::{
    Alert, ApiCall, ApiState, Bytes, Capability, EarlyData, End, ErrorClass, HabitKind, Io, Moved,
    Presented, Role, Version,
};
use serde::{Deserialize, Serialize};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning, Reason};

use super::{FORMAT, Origin, Stored};
use crate::{Call, Delivered, Event, Profile, Sent, Setup, Transcript, Transport};

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Line<'a> {
    pub(super) format: u32,
    subject: String,
    instance: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bug: Option<String>,
    capabilities: Vec<Capability>,
    events: Vec<Written<'a>>,
}

/// An event, with its bytes as hex.
#[derive(Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
enum Written<'a> {
    Opened(#[serde(with = "SetupForm")] Setup),
    Limited(Io),
    Called(WrittenCall<'a>),
    Delivered {
        #[serde(with = "MeaningForm")]
        meaning: Meaning,
        content: Bytes<'a>,
        #[serde(with = "header")]
        header: [u8; 5],
        length: u32,
        #[serde(with = "EpochForm")]
        epoch: Epoch,
        sequence: u64,
    },
    Transport {
        #[serde(with = "TransportForm")]
        how: Transport,
        partial: u32,
    },
    Sent {
        #[serde(with = "ContentForm")]
        content: Content,
        bytes: Bytes<'a>,
        #[serde(with = "header")]
        header: [u8; 5],
        length: u32,
        epoch: Option<Keys>,
        sequence: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        explicit_nonce: Option<u64>,
    },
    SentFin,
    Accepted {
        bytes: u32,
    },
    HandshakeDone {
        version: Version,
        suite: u16,
        resumed: bool,
        early: EarlyData,
    },
    EarlyData(Bytes<'a>),
    Data(Bytes<'a>),
    End(End),
    Failed {
        class: ErrorClass,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<Alert>,
    },
    Refused {
        call: ApiCall,
        class: ErrorClass,
    },
    State {
        name: ApiState,
        shown: u32,
        discarded: u32,
    },
    TooSmall {
        call: ApiCall,
        room: u32,
        needed: u32,
        touched: bool,
    },
    Wants {
        read: bool,
        write: bool,
    },
    Helped {
        said: Moved,
        moved: Moved,
        blocked: bool,
    },
    Left(Bytes<'a>),
    Exported(Bytes<'a>),
    Unsupported,
    Crash,
    Hang,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum WrittenCall<'a> {
    Write(Bytes<'a>),
    CloseWrite,
    UpdateKeys,
    Settle(Presented),
    Export,
    Drop,
}

/// [`Epoch`], where it is optional.
#[derive(Serialize, Deserialize)]
struct Keys(#[serde(with = "EpochForm")] Epoch);

impl<'a> Line<'a> {
    pub(super) fn of(origin: &Origin, transcript: &'a Transcript) -> Self {
        let events = transcript.events().iter();
        Self {
            format: FORMAT,
            subject: origin.subject.clone(),
            instance: origin.instance.clone(),
            bug: origin.bug.clone(),
            capabilities: origin.capabilities.clone(),
            events: events.map(|event| Written::of(event, transcript)).collect(),
        }
    }

    pub(super) fn store(self) -> Stored {
        let mut transcript = Transcript::new();
        for event in self.events {
            event.store(&mut transcript);
        }
        Stored {
            origin: Origin {
                subject: self.subject,
                instance: self.instance,
                bug: self.bug,
                capabilities: self.capabilities,
            },
            transcript,
        }
    }
}

impl<'a> Written<'a> {
    fn of(event: &Event, transcript: &'a Transcript) -> Self {
        let bytes = |span| Bytes::from(transcript.bytes(span));
        match *event {
            Event::Opened(setup) => Self::Opened(setup),
            Event::Limited(io) => Self::Limited(io),
            Event::Called(call) => Self::Called(match call {
                Call::Write(span) => WrittenCall::Write(bytes(span)),
                Call::CloseWrite => WrittenCall::CloseWrite,
                Call::UpdateKeys => WrittenCall::UpdateKeys,
                Call::Settle(presented) => WrittenCall::Settle(presented),
                Call::Export => WrittenCall::Export,
                Call::Drop => WrittenCall::Drop,
            }),
            Event::Delivered(Delivered {
                meaning,
                content,
                header,
                length,
                epoch,
                sequence,
            }) => Self::Delivered {
                meaning,
                content: bytes(content),
                header,
                length,
                epoch,
                sequence,
            },
            Event::Transport { how, partial } => Self::Transport { how, partial },
            Event::Sent(Sent {
                content,
                bytes: span,
                header,
                length,
                epoch,
                sequence,
                explicit_nonce,
            }) => Self::Sent {
                content,
                bytes: bytes(span),
                header,
                length,
                epoch: epoch.map(Keys),
                sequence,
                explicit_nonce,
            },
            Event::SentFin => Self::SentFin,
            Event::Accepted { bytes } => Self::Accepted { bytes },
            Event::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            } => Self::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            },
            Event::EarlyData(span) => Self::EarlyData(bytes(span)),
            Event::Data(span) => Self::Data(bytes(span)),
            Event::End(how) => Self::End(how),
            Event::Failed { class, alert } => Self::Failed { class, alert },
            Event::Refused { call, class } => Self::Refused { call, class },
            Event::State {
                name,
                shown,
                discarded,
            } => Self::State {
                name,
                shown,
                discarded,
            },
            Event::TooSmall {
                call,
                room,
                needed,
                touched,
            } => Self::TooSmall {
                call,
                room,
                needed,
                touched,
            },
            Event::Wants { read, write } => Self::Wants { read, write },
            Event::Helped {
                said,
                moved,
                blocked,
            } => Self::Helped {
                said,
                moved,
                blocked,
            },
            Event::Left(span) => Self::Left(bytes(span)),
            Event::Exported(span) => Self::Exported(bytes(span)),
            Event::Unsupported => Self::Unsupported,
            Event::Crash => Self::Crash,
            Event::Hang => Self::Hang,
        }
    }

    /// Appends the event to a transcript.
    fn store(self, transcript: &mut Transcript) {
        let event = match self {
            Self::Opened(setup) => return transcript.open(setup),
            Self::Limited(io) => Event::Limited(io),
            Self::Called(call) => Event::Called(match call {
                WrittenCall::Write(bytes) => Call::Write(transcript.store(&bytes)),
                WrittenCall::CloseWrite => Call::CloseWrite,
                WrittenCall::UpdateKeys => Call::UpdateKeys,
                WrittenCall::Settle(presented) => Call::Settle(presented),
                WrittenCall::Export => Call::Export,
                WrittenCall::Drop => Call::Drop,
            }),
            Self::Delivered {
                meaning,
                content,
                header,
                length,
                epoch,
                sequence,
            } => Event::Delivered(Delivered {
                meaning,
                content: transcript.store(&content),
                header,
                length,
                epoch,
                sequence,
            }),
            Self::Transport { how, partial } => Event::Transport { how, partial },
            Self::Sent {
                content,
                bytes,
                header,
                length,
                epoch,
                sequence,
                explicit_nonce,
            } => Event::Sent(Sent {
                content,
                bytes: transcript.store(&bytes),
                header,
                length,
                epoch: epoch.map(|keys| keys.0),
                sequence,
                explicit_nonce,
            }),
            Self::SentFin => Event::SentFin,
            Self::Accepted { bytes } => Event::Accepted { bytes },
            Self::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            } => Event::HandshakeDone {
                version,
                suite,
                resumed,
                early,
            },
            Self::EarlyData(bytes) => Event::EarlyData(transcript.store(&bytes)),
            Self::Data(bytes) => Event::Data(transcript.store(&bytes)),
            Self::End(how) => Event::End(how),
            Self::Failed { class, alert } => Event::Failed { class, alert },
            Self::Refused { call, class } => Event::Refused { call, class },
            Self::State {
                name,
                shown,
                discarded,
            } => Event::State {
                name,
                shown,
                discarded,
            },
            Self::TooSmall {
                call,
                room,
                needed,
                touched,
            } => Event::TooSmall {
                call,
                room,
                needed,
                touched,
            },
            Self::Wants { read, write } => Event::Wants { read, write },
            Self::Helped {
                said,
                moved,
                blocked,
            } => Event::Helped {
                said,
                moved,
                blocked,
            },
            Self::Left(bytes) => Event::Left(transcript.store(&bytes)),
            Self::Exported(bytes) => Event::Exported(transcript.store(&bytes)),
            Self::Unsupported => Event::Unsupported,
            Self::Crash => Event::Crash,
            Self::Hang => Event::Hang,
        };
        transcript.push(event);
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Setup", deny_unknown_fields, rename_all = "kebab-case")]
struct SetupForm {
    role: Role,
    version: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    habit: Option<HabitKind>,
    pieces: bool,
    #[serde(with = "profile")]
    profile: Profile,
    early_written: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record_size_limit: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_limit: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fragment_size: Option<usize>,
    early_limit: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Transport", rename_all = "kebab-case")]
enum TransportForm {
    Fin,
    Reset,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Epoch", rename_all = "kebab-case")]
enum EpochForm {
    Plain,
    Early,
    Handshake,
    Application(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Meaning", deny_unknown_fields, rename_all = "kebab-case")]
enum MeaningForm {
    Handshake(#[serde(with = "handshake_type")] HandshakeType),
    HandshakePart,
    ChangeCipherSpec,
    Data,
    EarlyData,
    ExcessEarlyData,
    CloseNotify,
    UserCanceled,
    Warning(#[serde(with = "alert_description")] AlertDescription),
    Error(#[serde(with = "alert_description")] AlertDescription),
    KeyUpdate { requested: bool },
    Ticket,
    RenegotiationRequest,
    Invalid(#[serde(with = "ReasonForm")] Reason),
    Refusable(#[serde(with = "ReasonForm")] Reason),
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reason", rename_all = "kebab-case")]
enum ReasonForm {
    BadTag,
    WrongKeys,
    Unprotected,
    Reflected,
    WrongSequence,
    OuterType,
    HeaderVersion,
    Short,
    CiphertextOverflow,
    PlaintextOverflow,
    InnerOverflow,
    SizeLimit,
    AllPadding,
    EmptyInner,
    UnknownInnerType,
    UnknownOuterType,
    EmptyHandshake,
    EmptyAlert,
    AlertOneByte,
    AlertTrailing,
    BeforeVersion,
    Interleaved,
    LateChangeCipherSpec,
    ProtectedChangeCipherSpec,
    ChangeCipherSpecValue,
    KeyUpdateValue,
    EarlyKeyUpdate,
    Unaligned,
    UnexpectedMessage(#[serde(with = "handshake_type")] HandshakeType),
    Malformed(#[serde(with = "handshake_type")] HandshakeType),
    BadFinished,
    EarlyApplicationData,
    Garbage,
}

#[derive(Serialize, Deserialize)]
#[serde(
    remote = "Content",
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
enum ContentForm {
    Handshake(#[serde(with = "handshake_type")] HandshakeType),
    HandshakePart,
    KeyUpdate {
        requested: bool,
    },
    ChangeCipherSpec,
    Data,
    Alert {
        level: u8,
        #[serde(with = "alert_description")]
        description: AlertDescription,
    },
    Undecryptable,
    Malformed {
        content_type: u8,
    },
}

/// Declares a module for `#[serde(with)]` that writes a value as text.
macro_rules! as_text {
    ($name:ident, $type:ty, $parse:expr) => {
        mod $name {
            use serde::de::Error;
            use serde::{Deserialize, Deserializer, Serializer};

            use super::*;

            pub(super) fn serialize<S: Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.collect_str(value)
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                let text = String::deserialize(deserializer)?;
                let parse: fn(&str) -> Result<$type, String> = $parse;
                parse(&text).map_err(D::Error::custom)
            }
        }
    };
}

as_text!(profile, Profile, Profile::parse);
as_text!(alert_description, AlertDescription, |name| {
    AlertDescription::from_name(name).ok_or_else(|| format!("no alert is called '{name}'"))
});
as_text!(handshake_type, HandshakeType, |name| {
    HandshakeType::from_name(name).ok_or_else(|| format!("no handshake message is called '{name}'"))
});

/// The five bytes of a record's header.
mod header {
    use protocol::Bytes;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        header: &[u8; 5],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Bytes::from(&header[..]).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 5], D::Error> {
        let bytes = Bytes::deserialize(deserializer)?;
        <[u8; 5]>::try_from(&*bytes).map_err(|_| D::Error::custom("a header has five bytes"))
    }
}
