//! A transcript as lines of text. They are normalised: equal seeds give equal lines, although key
//! shares, signatures and ciphertexts differ.

use closure::{Call, Delivered, Event, Sent, Transcript, Transport};
use protocol::{ApiCall, End, Io, Moved, Presented};
use serde::{Deserialize, Serialize};
use wire::{AlertDescription, Content, Epoch, HandshakeType, Meaning};

/// One line of a normalised transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line {
    /// The requirement is violated here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub here: bool,
    /// The contents of the record, if this is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
    /// The two sides of the event.
    pub lane: Lane,
    /// A detail, such as the keys of a record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The event.
    pub text: String,
}

/// The contents of a record, as far as they are the same in all runs with one seed. The lengths and
/// contents of handshake messages are not: they contain key shares and signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Inside {
    /// The header in hex: type and version, and the length where it is the same in all runs.
    pub header: String,
    /// The length of the content, where it is the same in all runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// The start of the content before encryption, in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plaintext: String,
}

/// The content type of handshake messages (RFC 8446 B.1).
const HANDSHAKE: u8 = 22;

/// The number of bytes to keep of the content of a record.
const SHOWN: usize = 32;

/// The two sides of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// The application called the subject.
    AppToSubject,
    /// The subject reported to its application.
    SubjectToApp,
    /// Something about the subject, or about both sides.
    Subject,
    /// A record from the subject.
    SubjectToPeer,
    /// A record from the peer, or the end of its direction of the transport.
    PeerToSubject,
}

/// The number of lines to keep before and after the one that matters.
const KEPT: (usize, usize) = (100, 12);

/// The lines of `transcript`. `at` is the event that matters. Without one, it is the end.
///
/// A complete handshake is one line, unless the event is in it. Consecutive equal lines are one line.
/// If there are very many lines, only those around the event are kept.
pub fn lines(transcript: &Transcript, at: Option<usize>) -> Vec<Line> {
    let (mut lines, position) = written(transcript, at, true);
    let position = position.unwrap_or(lines.len());
    let from = position.saturating_sub(KEPT.0);
    let to = (position + KEPT.1).min(lines.len());
    lines.truncate(to);
    lines.drain(..from);
    lines
}

/// All lines of `transcript`, with whole handshakes.
pub fn all(transcript: &Transcript, at: Option<usize>) -> Vec<Line> {
    written(transcript, at, false).0
}

/// The lines, and the index of the one that matters.
fn written(transcript: &Transcript, at: Option<usize>, fold: bool) -> (Vec<Line>, Option<usize>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut position = None;
    for connection in transcript.connections() {
        let done = connection.marks().handshake_done;
        let inside = at.is_some_and(|at| done.is_some_and(|done| at <= done));
        let fold = done.filter(|_| fold && !inside);
        for (i, event) in connection.events() {
            if fold.is_some_and(|done| i < done) && !matches!(event, Event::Opened(_)) {
                continue;
            }
            let here = at == Some(i);
            let Some(mut line) = line_of(transcript, event, here) else {
                continue;
            };
            line.here = here;
            match lines.last_mut() {
                Some(last) if last.lane == line.lane && last.text == line.text && !last.here => {
                    *last = line;
                }
                _ => lines.push(line),
            }
            if here {
                position = Some(lines.len() - 1);
            }
        }
    }
    (lines, position)
}

fn line_of(transcript: &Transcript, event: &Event, here: bool) -> Option<Line> {
    use Lane as L;
    let plain = |lane, text: String| Line {
        here: false,
        inside: None,
        lane,
        note: String::new(),
        text,
    };
    let noted = |lane, text: String, note: String| Line {
        note,
        ..plain(lane, text)
    };
    Some(match event {
        Event::Opened(setup) => plain(
            L::Subject,
            match setup.early_written {
                0 => "connection".into(),
                n => format!("connection, {n} B of early data"),
            },
        ),
        Event::Limited(io) => plain(L::Subject, limits(*io)),
        Event::Called(call) => plain(L::AppToSubject, call_text(*call)),
        Event::Delivered(record) => Line {
            inside: Some(inside(
                record.header,
                transcript.bytes(record.content),
                settled(record),
            )),
            ..noted(
                L::PeerToSubject,
                delivered_text(record),
                keys(Some(record.epoch), record.sequence),
            )
        },
        Event::Transport { how, partial } => noted(
            L::PeerToSubject,
            match how {
                Transport::Fin => "FIN".into(),
                Transport::Reset => "RST".into(),
            },
            match partial {
                0 => String::new(),
                _ => "in the middle of a record".into(),
            },
        ),
        Event::Sent(record) => Line {
            inside: Some(inside(
                record.header,
                transcript.bytes(record.bytes),
                matches!(
                    record.content,
                    Content::Data
                        | Content::Alert { .. }
                        | Content::KeyUpdate { .. }
                        | Content::ChangeCipherSpec
                ),
            )),
            ..noted(
                L::SubjectToPeer,
                sent_text(record),
                match record.epoch {
                    None => "no keys decrypt it".into(),
                    epoch => keys(epoch, record.sequence),
                },
            )
        },
        Event::SentFin => plain(L::SubjectToPeer, "FIN".into()),
        Event::Accepted { bytes } => plain(L::SubjectToApp, format!("took {bytes} B")),
        Event::HandshakeDone {
            version, resumed, ..
        } => plain(
            L::Subject,
            format!(
                "handshake done, TLS {}{}",
                match version {
                    protocol::Version::Tls12 => "1.2",
                    protocol::Version::Tls13 => "1.3",
                },
                match resumed {
                    true => ", resumed",
                    false => "",
                }
            ),
        ),
        Event::EarlyData(span) => plain(L::SubjectToApp, format!("early data, {} B", span.len())),
        Event::Data(span) => plain(L::SubjectToApp, format!("data, {} B", span.len())),
        Event::End(how) => plain(
            L::SubjectToApp,
            match how {
                End::Clean => "end: clean",
                End::Truncated => "end: truncated",
                End::Reset => "end: reset",
            }
            .into(),
        ),
        Event::Failed { class, alert } => plain(
            L::SubjectToApp,
            match alert {
                None => format!("failed: {}", word(class)),
                Some(alert) => format!(
                    "failed: {}, {} {}",
                    word(class),
                    alert_name(AlertDescription(alert.description)),
                    word(&alert.direction)
                ),
            },
        ),
        Event::Refused { call, class } => plain(
            L::SubjectToApp,
            format!("{} refused: {}", api_call(*call), word(class)),
        ),
        Event::State {
            name,
            shown,
            discarded,
        } => noted(
            L::Subject,
            format!("state {}", word(name)),
            match here {
                true => format!("shown {shown} B, discards {discarded} B"),
                false => String::new(),
            },
        ),
        Event::TooSmall {
            call,
            room,
            needed,
            touched,
        } => noted(
            L::SubjectToApp,
            format!("{}: too small", api_call(*call)),
            match (here, touched) {
                (true, true) => format!("{room} B given, {needed} B needed; wrote anyway"),
                (true, false) => format!("{room} B given, {needed} B needed"),
                (false, true) => "wrote anyway".into(),
                (false, false) => String::new(),
            },
        ),
        Event::Wants { read, write } if here => {
            let wants = match (read, write) {
                (true, true) => "to read and write",
                (true, false) => "to read",
                (false, true) => "to write",
                (false, false) => "nothing",
            };
            plain(L::Subject, format!("wants {wants}"))
        }
        Event::Wants { .. } => return None,
        Event::Helped {
            said,
            moved,
            blocked,
        } if here => {
            let amount = |of: &Moved| format!("read {} B, wrote {} B", of.read, of.written);
            let and = match blocked {
                true => ", and would block",
                false => "",
            };
            noted(
                L::SubjectToApp,
                format!("says: {}", amount(said)),
                format!("the transport: {}{and}", amount(moved)),
            )
        }
        Event::Helped { .. } => return None,
        Event::Left(span) if here => plain(L::Subject, format!("{} B not consumed", span.len())),
        Event::Left(_) => return None,
        Event::Exported(_) => plain(L::SubjectToApp, "keying material".into()),
        Event::Unsupported => plain(L::Subject, "unsupported".into()),
        Event::Crash => plain(L::Subject, "the process died".into()),
        Event::Hang => plain(L::Subject, "no answer".into()),
    })
}

/// The contents of a record. `settled`: the content is the same in every run.
fn inside(header: [u8; 5], content: &[u8], settled: bool) -> Inside {
    let hex = |bytes: &[u8]| -> String {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.join(" ")
    };
    match settled {
        true => Inside {
            header: hex(&header),
            length: Some(content.len()),
            plaintext: hex(&content[..content.len().min(SHOWN)]),
        },
        false => Inside {
            header: hex(&header[..3]),
            length: None,
            plaintext: String::new(),
        },
    }
}

/// Whether the content of a record from the peer is the same in every run.
fn settled(record: &Delivered) -> bool {
    match record.meaning {
        Meaning::Data
        | Meaning::EarlyData
        | Meaning::ExcessEarlyData
        | Meaning::CloseNotify
        | Meaning::UserCanceled
        | Meaning::Warning(_)
        | Meaning::Error(_)
        | Meaning::KeyUpdate { .. }
        | Meaning::ChangeCipherSpec => true,
        // Invalid records include repeated handshake messages, which differ.
        Meaning::Invalid(_) => {
            matches!(record.epoch, Epoch::Application(_)) && record.header[0] != HANDSHAKE
        }
        Meaning::Handshake(_)
        | Meaning::HandshakePart
        | Meaning::Ticket
        | Meaning::RenegotiationRequest
        | Meaning::Refusable(_)
        | Meaning::Unknown => false,
    }
}

fn call_text(call: Call) -> String {
    match call {
        Call::Write(span) => format!("write {} B", span.len()),
        Call::CloseWrite => "close_write".into(),
        Call::UpdateKeys => "update_keys".into(),
        Call::Settle(Presented::Same) => "call again".into(),
        Call::Settle(Presented::Empty) => "call again, no input".into(),
        Call::Export => "export".into(),
        Call::Drop => "drop".into(),
    }
}

fn delivered_text(record: &Delivered) -> String {
    match record.meaning {
        Meaning::Handshake(kind) => handshake_name(kind),
        Meaning::HandshakePart => "part of a handshake message".into(),
        Meaning::ChangeCipherSpec => "change_cipher_spec".into(),
        Meaning::Data => format!("application_data, {} B", record.content.len()),
        Meaning::ExcessEarlyData => format!("excess early data, {} B", record.content.len()),
        Meaning::EarlyData => format!("early data, {} B", record.content.len()),
        Meaning::CloseNotify => "close_notify".into(),
        Meaning::UserCanceled => "user_canceled".into(),
        Meaning::Warning(description) => format!("warning {}", alert_name(description)),
        Meaning::Error(description) => format!("alert {}", alert_name(description)),
        Meaning::KeyUpdate { requested: true } => "KeyUpdate, requested".into(),
        Meaning::KeyUpdate { requested: false } => "KeyUpdate".into(),
        Meaning::Ticket => "NewSessionTicket".into(),
        Meaning::RenegotiationRequest => "renegotiation request".into(),
        Meaning::Invalid(reason) => format!("invalid: {}", words(&format!("{reason:?}"))),
        Meaning::Refusable(reason) => {
            format!("may be refused: {}", words(&format!("{reason:?}")))
        }
        Meaning::Unknown => "bytes of unknown meaning".into(),
    }
}

fn sent_text(record: &Sent) -> String {
    match record.content {
        Content::Handshake(kind) => handshake_name(kind),
        Content::HandshakePart => "part of a handshake message".into(),
        Content::KeyUpdate { requested: true } => "KeyUpdate, requested".into(),
        Content::KeyUpdate { requested: false } => "KeyUpdate".into(),
        Content::ChangeCipherSpec => "change_cipher_spec".into(),
        Content::Data => format!("application_data, {} B", record.bytes.len()),
        Content::Alert {
            description: AlertDescription(0),
            ..
        } => "close_notify".into(),
        Content::Alert { description, level } => {
            format!("alert {}, level {level}", alert_name(description))
        }
        Content::Undecryptable => "undecryptable record".into(),
        Content::Malformed { .. } => "malformed record".into(),
    }
}

fn keys(epoch: Option<Epoch>, sequence: u64) -> String {
    match epoch {
        None | Some(Epoch::Plain) => String::new(),
        Some(Epoch::Early) => format!("early keys, sequence {sequence}"),
        Some(Epoch::Handshake) => format!("handshake keys, sequence {sequence}"),
        Some(Epoch::Application(0)) => format!("application keys, sequence {sequence}"),
        Some(Epoch::Application(n)) => {
            format!("keys of generation {n}, sequence {sequence}")
        }
    }
}

fn limits(io: Io) -> String {
    let reads = match io.read {
        None => "reads all".into(),
        Some(0) => "does not read".into(),
        Some(n) => format!("reads {n} B"),
    };
    let takes = match io.room {
        None => String::new(),
        Some(0) => ", transport blocked".into(),
        Some(n) => format!(", transport takes {n} B"),
    };
    format!("app {reads}{takes}")
}

fn alert_name(description: AlertDescription) -> String {
    match description.name() {
        Some(name) => name.into(),
        None => description.0.to_string(),
    }
}

fn handshake_name(kind: HandshakeType) -> String {
    match kind.name() {
        Some(name) => name.into(),
        None => format!("handshake type {}", kind.0),
    }
}

fn api_call(call: ApiCall) -> String {
    word(&call).replace('-', "_")
}

/// The name of a value in the shim protocol.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "?".into(),
    }
}

/// Turns `WrongKeys` into `wrong keys`.
fn words(camel: &str) -> String {
    let mut text = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() && !text.ends_with('(') {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
