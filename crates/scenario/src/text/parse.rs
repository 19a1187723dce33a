use std::str::FromStr;

use closure::Edition;
use peer::MessageName;
use protocol::{Presented, Tls12Close};
use wire::{AlertDescription, ContentType, Epoch, HandshakeType};

use super::ParseError;
use crate::script::{App, EarlyData, Payload, Say, Script, Settings, Shape, Step, Transport};

pub(crate) fn parse(text: &str) -> Result<Script, ParseError> {
    let mut script = Script::default();
    for (i, line) in text.lines().enumerate() {
        parse_line(line, &mut script).map_err(|problem| ParseError {
            line: i + 1,
            problem,
        })?;
    }
    Ok(script)
}

fn parse_line(line: &str, script: &mut Script) -> Result<(), String> {
    let mut words = Words::new(line)?;
    let step = match words.next() {
        None => return Ok(()),
        Some("set") => {
            setting(&mut words, &mut script.settings)?;
            return words.end();
        }
        Some("connect") => Step::Connect,
        Some("handshake") => Step::Handshake {
            until: match words.next() {
                None => None,
                Some("until") => Some(words.message()?),
                Some(word) => {
                    return Err(format!(
                        "unexpected word '{word}'; expected 'until MESSAGE'"
                    ));
                }
            },
        },
        Some("edit") => Step::Edit {
            message: words.message()?,
            shape: shape(&mut words)?,
        },
        Some("peer") => Step::Peer {
            say: say(&mut words)?,
            shape: shape(&mut words)?,
        },
        Some("app") => Step::App(app(&mut words)?),
        Some("transport") => Step::Transport(transport(&mut words)?),
        Some(word) => {
            return Err(unknown(
                "step",
                word,
                &[
                    "set",
                    "connect",
                    "handshake",
                    "edit",
                    "peer",
                    "app",
                    "transport",
                ],
            ));
        }
    };
    words.end()?;
    script.steps.push(step);
    Ok(())
}

fn setting(words: &mut Words, settings: &mut Settings) -> Result<(), String> {
    match words.need("a setting")? {
        "tickets" => settings.tickets = words.number("a number of tickets")?,
        "early-data" => {
            settings.early_data = match words.need("accept N or reject")? {
                "accept" => EarlyData::Accept(words.number("a number of bytes")?),
                "reject" => EarlyData::Reject,
                word => return Err(unknown("0-RTT setting", word, &["accept", "reject"])),
            }
        }
        "early-write" => settings.early_write = words.payload()?,
        "half-rtt" => settings.half_rtt = true,
        "fragment-size" => settings.fragment_size = Some(words.number("a number of bytes")?),
        "record-size-limit" => {
            settings.record_size_limit = Some(words.number("a number of bytes")?)
        }
        "key-limit" => settings.key_limit = Some(words.number("a number of records")?),
        "client-auth" => settings.client_auth = true,
        "hello-retry" => settings.hello_retry = true,
        "suite" => settings.suite = Some(words.number("a cipher suite's number")?),
        "group" => settings.group = Some(words.number("a group's number")?),
        "tls12-close" => {
            settings.tls12_close = match words.need("half or full")? {
                "half" => Some(Tls12Close::Half),
                "full" => Some(Tls12Close::Full),
                word => return Err(unknown("profile", word, &["half", "full"])),
            }
        }
        "edition" => {
            settings.edition = match words.need("rfc8446 or rfc8446bis")? {
                "rfc8446" => Some(Edition::Rfc8446),
                "rfc8446bis" => Some(Edition::Bis),
                word => return Err(unknown("edition", word, &["rfc8446", "rfc8446bis"])),
            }
        }
        "middlebox-ccs" => settings.middlebox_ccs = true,
        word => {
            return Err(unknown(
                "setting",
                word,
                &[
                    "tickets",
                    "early-data",
                    "early-write",
                    "half-rtt",
                    "fragment-size",
                    "record-size-limit",
                    "key-limit",
                    "client-auth",
                    "hello-retry",
                    "suite",
                    "group",
                    "tls12-close",
                    "edition",
                    "middlebox-ccs",
                ],
            ));
        }
    }
    Ok(())
}

fn say(words: &mut Words) -> Result<Say, String> {
    Ok(match words.need("an action of the peer")? {
        "write" => Say::Write(words.payload()?),
        "close" => Say::Close,
        "alert" => Say::Alert {
            level: words.number("a level")?,
            description: words.code("an alert", |n| AlertDescription::from_name(n).map(|a| a.0))?,
        },
        "key-update" => Say::KeyUpdate(match words.next_if(|w| w == "request") {
            Some(_) => 1,
            None => words.number_if_any()?.unwrap_or(0),
        }),
        "ticket" => Say::Ticket,
        "renegotiate" => Say::Renegotiate,
        "ccs" => Say::ChangeCipherSpec(words.number_if_any()?.unwrap_or(1)),
        "handshake" => Say::Handshake {
            kind: HandshakeType(words.code("a handshake type", |n| {
                HandshakeType::from_name(n).map(|t| t.0)
            })?),
            body: words.payload()?,
        },
        "record" => Say::Record {
            kind: ContentType(words.content_type()?),
            content: words.payload()?,
        },
        "raw" => Say::Raw(words.payload()?),
        "replay" => Say::Replay(words.number_if_any()?.unwrap_or(1)),
        "reflect" => Say::Reflect(words.number_if_any()?.unwrap_or(1)),
        word => {
            return Err(unknown(
                "action of the peer",
                word,
                &[
                    "write",
                    "close",
                    "alert",
                    "key-update",
                    "ticket",
                    "renegotiate",
                    "ccs",
                    "handshake",
                    "record",
                    "raw",
                    "replay",
                    "reflect",
                ],
            ));
        }
    })
}

fn shape(words: &mut Words) -> Result<Shape, String> {
    let mut shape = Shape::default();
    while let Some(word) = words.next().map(str::to_owned) {
        match word.as_str() {
            "pad" => shape.pad = words.number("a number of bytes")?,
            "outer" => shape.outer = Some(words.content_type()?),
            "version" => shape.header_version = Some(words.number("a version, such as 0x0301")?),
            "aad-as-sent" => shape.aad_as_sent = true,
            "length" => shape.length = Some(words.number("a length")?),
            "epoch" => shape.epoch = Some(words.epoch()?),
            "skip" => shape.skip = words.number("a distance between sequence numbers")?,
            "bad-tag" => shape.bad_tag = true,
            "bad-body" => shape.bad_body = true,
            "flip" => shape.flip = true,
            "no-type" => shape.no_type = true,
            "part" => shape.part = Some(words.number("a number of bytes")?),
            "rest" => shape.rest = Some(words.number("a number of bytes")?),
            "split" => shape.split = Some(words.number("a number of bytes")?),
            "join" => shape.join = true,
            "dropped" => shape.dropped = true,
            "late" => shape.late = true,
            "omitted" => shape.omitted = true,
            "short" => shape.short = words.number("a number of bytes")?,
            word => {
                return Err(unknown(
                    "shape",
                    word,
                    &[
                        "pad",
                        "outer",
                        "version",
                        "aad-as-sent",
                        "length",
                        "epoch",
                        "skip",
                        "bad-tag",
                        "bad-body",
                        "flip",
                        "no-type",
                        "part",
                        "rest",
                        "split",
                        "join",
                        "dropped",
                        "late",
                        "omitted",
                        "short",
                    ],
                ));
            }
        }
    }
    Ok(shape)
}

fn app(words: &mut Words) -> Result<App, String> {
    Ok(match words.need("an action of the application")? {
        "write" => App::Write(words.payload()?),
        "close" => App::Close,
        "update-keys" => App::UpdateKeys,
        "pause" => App::Pause,
        "read" => App::Read(words.number("a number of bytes")?),
        "resume" => App::Resume,
        "settle" => App::Settle(match words.need("same or empty")? {
            "same" => Presented::Same,
            "empty" => Presented::Empty,
            word => return Err(unknown("input", word, &["same", "empty"])),
        }),
        "export" => App::Export,
        "drop" => App::Drop,
        word => {
            return Err(unknown(
                "action of the application",
                word,
                &[
                    "write",
                    "close",
                    "update-keys",
                    "pause",
                    "read",
                    "resume",
                    "settle",
                    "export",
                    "drop",
                ],
            ));
        }
    })
}

fn transport(words: &mut Words) -> Result<Transport, String> {
    Ok(match words.need("an action of the transport")? {
        "hold" => Transport::Hold,
        "release" => Transport::Release,
        "fin" => Transport::Fin,
        "reset" => Transport::Reset,
        "block" => Transport::Block,
        "room" => Transport::Room(words.number("a number of bytes")?),
        "unblock" => Transport::Unblock,
        "clock" => Transport::Clock(words.number("a number of seconds")?),
        word => {
            return Err(unknown(
                "action of the transport",
                word,
                &[
                    "hold", "release", "fin", "reset", "block", "room", "unblock", "clock",
                ],
            ));
        }
    })
}

fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    format!(
        "unknown {what} '{word}'; expected one of: {}",
        known.join(", ")
    )
}

struct Words {
    words: std::vec::IntoIter<String>,
    current: String,
}

impl Words {
    fn new(line: &str) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '#' => break,
                '"' => quoted(rest).ok_or("a quoted text has no closing quote")?,
                _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
            };
            let (word, behind) = rest.split_at(length);
            words.push(word.to_owned());
            rest = behind.trim_start();
        }
        Ok(Self {
            words: words.into_iter(),
            current: String::new(),
        })
    }

    fn next(&mut self) -> Option<&str> {
        self.current = self.words.next()?;
        Some(&self.current)
    }

    fn next_if(&mut self, is: impl Fn(&str) -> bool) -> Option<&str> {
        match self.words.as_slice().first() {
            Some(word) if is(word) => self.next(),
            _ => None,
        }
    }

    fn need(&mut self, what: &str) -> Result<&str, String> {
        self.next()
            .ok_or_else(|| format!("the line is incomplete; expected {what}"))
    }

    fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("unexpected word '{word}'")),
        }
    }

    fn number<T: Number>(&mut self, what: &str) -> Result<T, String> {
        let word = self.need(what)?;
        parse_number(word).ok_or_else(|| format!("'{word}' is not {what}"))
    }

    fn number_if_any<T: Number>(&mut self) -> Result<Option<T>, String> {
        match self.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
            None => Ok(None),
            Some(word) => parse_number(word)
                .map(Some)
                .ok_or_else(|| format!("'{word}' is not a number in range")),
        }
    }

    fn code(&mut self, what: &str, named: fn(&str) -> Option<u8>) -> Result<u8, String> {
        let word = self.need(what)?;
        parse_number(word)
            .or_else(|| named(word))
            .ok_or_else(|| format!("'{word}' is not {what}: give its RFC name or its number"))
    }

    fn content_type(&mut self) -> Result<u8, String> {
        self.code("a content type", |n| ContentType::from_name(n).map(|t| t.0))
    }

    fn message(&mut self) -> Result<MessageName, String> {
        let word = self.need("a message's name")?;
        MessageName::from_str(word).map_err(|_| {
            let known: Vec<_> = MessageName::ALL.iter().map(|name| name.as_str()).collect();
            unknown("message", word, &known)
        })
    }

    fn epoch(&mut self) -> Result<Epoch, String> {
        match self.need("an epoch")? {
            "plain" => Ok(Epoch::Plain),
            "early" => Ok(Epoch::Early),
            "handshake" => Ok(Epoch::Handshake),
            word => word
                .strip_prefix("application-")
                .and_then(parse_number)
                .map(Epoch::Application)
                .ok_or_else(|| {
                    unknown(
                        "epoch",
                        word,
                        &["plain", "early", "handshake", "application-N"],
                    )
                }),
        }
    }

    fn payload(&mut self) -> Result<Payload, String> {
        let word = self.need("a payload")?;
        if word == "empty" {
            return Ok(Payload::Empty);
        }
        if let Some(text) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
            return Ok(Payload::Text(unescape(text)));
        }
        if let Some(digits) = word.strip_prefix("hex:") {
            return hex(digits)
                .map(Payload::Bytes)
                .ok_or_else(|| format!("'{word}' is not a whole number of bytes in hex"));
        }
        parse_number(word)
            .filter(|length| *length <= MAX_PATTERN)
            .map(Payload::Pattern)
            .ok_or_else(|| {
                format!(
                    "'{word}' is not a payload: \"text\", hex:00ff, empty, or a number of bytes \
                     up to {MAX_PATTERN}"
                )
            })
    }
}

/// The maximum length of a pattern in bytes. It is more than any case needs, and small enough that
/// a mistyped number does no harm.
const MAX_PATTERN: usize = 1 << 24;

fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(i + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => chars.next().unwrap_or(c),
            _ => c,
        });
    }
    plain
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok())
        .collect()
}

trait Number: TryFrom<i64> {}
impl<T: TryFrom<i64>> Number for T {}

fn parse_number<T: Number>(word: &str) -> Option<T> {
    let value = match word.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => word.parse().ok()?,
    };
    T::try_from(value).ok()
}
