use closure::Edition;
use peer::MessageName;
use protocol::{Presented, Tls12Close};
use wire::{ContentType, Epoch, HandshakeType};

use super::numbers::{
    BOUNDARIES, MAX_SIZE, SOME, app, close, payload, peer as say, repeat, set, shape, size, step,
    transport,
};
use super::{MAX_CONTENT, MAX_STEPS};
use crate::script::{App, EarlyData, Payload, Say, Script, Shape, Step, Transport};

/// The maximum number of session tickets.
const MAX_TICKETS: u8 = 8;
/// The maximum number of records into which one message is split.
const MAX_PIECES: usize = 256;
/// The maximum key generation.
const MAX_GENERATION: u32 = 1024;

pub(super) fn script(bytes: &[u8]) -> Script {
    read(bytes, |_| {})
}

/// Passes to `place` the offset of each word that is read, and the end of the last one.
pub(super) fn boundaries(bytes: &[u8], place: impl FnMut(usize)) {
    read(bytes, place);
}

fn read(bytes: &[u8], mut place: impl FnMut(usize)) -> Script {
    let mut reader = Reader(bytes);
    let mut builder = Builder::default();
    loop {
        place(bytes.len() - reader.0.len());
        if builder.script.steps.len() == MAX_STEPS {
            break;
        }
        let Some(byte) = reader.byte() else { break };
        if builder.read(byte & 0x7f, &mut reader).is_none() {
            break;
        }
    }
    builder.script
}

#[derive(Default)]
struct Builder {
    script: Script,
    /// The shape of the next record or edited message.
    shape: Shape,
    /// The number of bytes of content and padding in the steps so far.
    content: usize,
    /// The number of bytes of content to be joined with the next record.
    joined: usize,
}

impl Builder {
    /// Reads the word that starts with `byte`. Returns `None` if the bytes end within it.
    fn read(&mut self, byte: u8, reader: &mut Reader<'_>) -> Option<()> {
        match byte {
            0x01..=0x0f | set::RECORD_SIZE_LIMIT => self.setting(byte, reader),
            0x10..=0x1e => self.step(byte, reader),
            0x20..=0x3f => self.shape(byte, reader),
            0x40..=0x5f => {
                if let Some(say) = say(byte, reader)? {
                    self.peer(say);
                }
                Some(())
            }
            0x60..=0x6f | close::FIRST_APP..=close::LAST_APP => {
                if let Some(app) = app(byte, reader)? {
                    self.push(Step::App(app));
                }
                Some(())
            }
            0x70..=0x77 => {
                if let Some(transport) = transport(byte, reader)? {
                    self.push(Step::Transport(transport));
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    fn push(&mut self, mut step: Step) {
        self.content += match &mut step {
            Step::Peer { say, shape } => {
                let length = self.joined + content_of(say);
                shape.split = shape.split.map(|size| size.max(length / MAX_PIECES));
                self.joined = if shape.join { length } else { 0 };
                content_of(say) + padding_of(length, shape)
            }
            Step::App(App::Write(payload)) => payload.len(),
            _ => 0,
        };
        if self.content <= MAX_CONTENT {
            self.script.steps.push(step);
        }
    }

    fn peer(&mut self, say: Say) {
        let shape = std::mem::take(&mut self.shape);
        self.push(Step::Peer { say, shape });
    }

    fn setting(&mut self, byte: u8, reader: &mut Reader<'_>) -> Option<()> {
        let settings = &mut self.script.settings;
        match byte {
            set::TICKETS => settings.tickets = reader.byte()?.min(MAX_TICKETS),
            set::EARLY_ACCEPT => settings.early_data = EarlyData::Accept(reader.size()?),
            set::EARLY_REJECT => settings.early_data = EarlyData::Reject,
            set::EARLY_WRITE => settings.early_write = reader.payload()?,
            set::HALF_RTT => settings.half_rtt = true,
            set::FRAGMENT_SIZE => settings.fragment_size = Some(reader.size()? as usize),
            set::RECORD_SIZE_LIMIT => settings.record_size_limit = Some(reader.double()?),
            set::KEY_LIMIT => settings.key_limit = Some(reader.size()?.into()),
            set::CLIENT_AUTH => settings.client_auth = true,
            set::HELLO_RETRY => settings.hello_retry = true,
            set::SUITE => settings.suite = Some(reader.double()?),
            set::GROUP => settings.group = Some(reader.double()?),
            set::FULL_CLOSE => settings.tls12_close = Some(Tls12Close::Full),
            set::HALF_CLOSE => settings.tls12_close = Some(Tls12Close::Half),
            set::EDITION => {
                settings.edition = Some(match reader.byte()? {
                    0 => Edition::Rfc8446,
                    _ => Edition::Bis,
                });
            }
            set::MIDDLEBOX_CCS => settings.middlebox_ccs = true,
            _ => {}
        }
        Some(())
    }

    fn step(&mut self, byte: u8, reader: &mut Reader<'_>) -> Option<()> {
        match byte {
            step::CONNECT => self.push(Step::Connect),
            step::HANDSHAKE => self.push(Step::Handshake { until: None }),
            step::HANDSHAKE_UNTIL => {
                let until = Some(reader.message()?);
                self.push(Step::Handshake { until });
            }
            step::EDIT => {
                let message = reader.message()?;
                let shape = std::mem::take(&mut self.shape);
                self.push(Step::Edit { message, shape });
            }
            step::REPEAT => {
                let times = match reader.byte()? {
                    few @ ..=repeat::LAST_FEW => few & repeat::FEW,
                    many => many & repeat::MANY,
                };
                for _ in 0..times {
                    let Some(last) = self.script.steps.last() else {
                        break;
                    };
                    if self.script.steps.len() == MAX_STEPS {
                        break;
                    }
                    self.push(last.clone());
                }
            }
            _ => {}
        }
        Some(())
    }

    fn shape(&mut self, byte: u8, reader: &mut Reader<'_>) -> Option<()> {
        let to = &mut self.shape;
        match byte {
            shape::PAD => to.pad = reader.size()? as usize,
            shape::OUTER => to.outer = Some(reader.byte()?),
            shape::VERSION => to.header_version = Some(reader.double()?),
            shape::AAD_AS_SENT => to.aad_as_sent = true,
            shape::LENGTH => to.length = Some(reader.double()?),
            shape::EPOCH_PLAIN => to.epoch = Some(Epoch::Plain),
            shape::EPOCH_EARLY => to.epoch = Some(Epoch::Early),
            shape::EPOCH_HANDSHAKE => to.epoch = Some(Epoch::Handshake),
            shape::EPOCH_APPLICATION => {
                to.epoch = Some(Epoch::Application(reader.size()?.min(MAX_GENERATION)));
            }
            shape::SKIP => to.skip = i64::from(reader.byte()?.cast_signed()),
            shape::SKIP_FAR => to.skip = i64::from_be_bytes(reader.chunk()?),
            shape::BAD_TAG => to.bad_tag = true,
            shape::BAD_BODY => to.bad_body = true,
            shape::FLIP => to.flip = true,
            shape::NO_TYPE => to.no_type = true,
            shape::PART => to.part = Some(reader.size()? as usize),
            shape::REST => to.rest = Some(reader.size()? as usize),
            shape::SPLIT => to.split = Some((reader.size()? as usize).max(1)),
            shape::JOIN => to.join = true,
            shape::DROPPED => to.dropped = true,
            shape::LATE => to.late = true,
            shape::OMITTED => to.omitted = true,
            shape::SHORT => to.short = reader.size()? as usize,
            _ => {}
        }
        Some(())
    }
}

/// Returns the number of bytes of content that the script gives.
fn content_of(say: &Say) -> usize {
    match say {
        Say::Write(payload) | Say::Raw(payload) => payload.len(),
        Say::Handshake { body, .. } => body.len(),
        Say::Record { content, .. } => content.len(),
        _ => 0,
    }
}

/// Returns the total padding of the records for `length` bytes of content.
fn padding_of(length: usize, shape: &Shape) -> usize {
    let pieces = shape
        .split
        .map_or(1, |size| length.div_ceil(size.max(1)).max(1));
    shape.pad * pieces
}

/// The inner `None` means that the byte has no meaning.
fn say(byte: u8, reader: &mut Reader<'_>) -> Option<Option<Say>> {
    let alert = |level, description| Say::Alert { level, description };
    Some(Some(match byte {
        say::WRITE => Say::Write(reader.payload()?),
        say::WRITE_EMPTY => Say::Write(Payload::Empty),
        say::WRITE_SOME => Say::Write(Payload::Pattern(SOME)),
        say::CLOSE | close::FIRST_PEER..=close::LAST_PEER => Say::Close,
        say::ALERT => alert(reader.byte()?, reader.byte()?),
        say::ERROR => alert(2, reader.byte()?),
        say::WARNING => alert(1, reader.byte()?),
        say::USER_CANCELED => alert(1, 90),
        say::KEY_UPDATE => Say::KeyUpdate(0),
        say::KEY_UPDATE_REQUEST => Say::KeyUpdate(1),
        say::KEY_UPDATE_OTHER => Say::KeyUpdate(reader.byte()?),
        say::TICKET => Say::Ticket,
        say::RENEGOTIATE => Say::Renegotiate,
        say::CCS => Say::ChangeCipherSpec(1),
        say::CCS_OTHER => Say::ChangeCipherSpec(reader.byte()?),
        say::HANDSHAKE => Say::Handshake {
            kind: HandshakeType(reader.byte()?),
            body: reader.payload()?,
        },
        say::RECORD => Say::Record {
            kind: ContentType(reader.byte()?),
            content: reader.payload()?,
        },
        say::RAW => Say::Raw(reader.payload()?),
        say::REPLAY => Say::Replay(reader.byte()?),
        say::REFLECT => Say::Reflect(reader.byte()?),
        _ => return Some(None),
    }))
}

fn app(byte: u8, reader: &mut Reader<'_>) -> Option<Option<App>> {
    Some(Some(match byte {
        app::WRITE => App::Write(reader.payload()?),
        app::WRITE_SOME => App::Write(Payload::Pattern(SOME)),
        app::CLOSE | close::FIRST_APP..=close::LAST_APP => App::Close,
        app::UPDATE_KEYS => App::UpdateKeys,
        app::PAUSE => App::Pause,
        app::READ => App::Read(reader.size()? as usize),
        app::RESUME => App::Resume,
        app::SETTLE_SAME => App::Settle(Presented::Same),
        app::SETTLE_EMPTY => App::Settle(Presented::Empty),
        app::EXPORT => App::Export,
        app::DROP => App::Drop,
        _ => return Some(None),
    }))
}

fn transport(byte: u8, reader: &mut Reader<'_>) -> Option<Option<Transport>> {
    Some(Some(match byte {
        transport::HOLD => Transport::Hold,
        transport::RELEASE => Transport::Release,
        transport::FIN => Transport::Fin,
        transport::RESET => Transport::Reset,
        transport::BLOCK => Transport::Block,
        transport::ROOM => Transport::Room(reader.size()? as usize),
        transport::UNBLOCK => Transport::Unblock,
        transport::CLOCK => Transport::Clock(reader.size()?.into()),
        _ => return Some(None),
    }))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    fn double(&mut self) -> Option<u16> {
        self.chunk().map(u16::from_be_bytes)
    }

    fn triple(&mut self) -> Option<u32> {
        let [a, b, c] = self.chunk()?;
        Some(u32::from_be_bytes([0, a, b, c]).min(MAX_SIZE))
    }

    fn size(&mut self) -> Option<u32> {
        let byte = self.byte()?;
        match byte {
            size::FAR => self.triple(),
            _ => Some(boundary(byte, size::FIRST_BOUNDARY).unwrap_or(byte.into())),
        }
    }

    fn message(&mut self) -> Option<MessageName> {
        let known = MessageName::ALL;
        Some(known[usize::from(self.byte()?) % known.len()])
    }

    fn payload(&mut self) -> Option<Payload> {
        let byte = self.byte()?;
        let bytes = |bytes: &[u8]| Payload::Bytes(bytes.to_vec());
        Some(match byte {
            payload::EMPTY => Payload::Empty,
            payload::FIRST_SHORT..=payload::LAST_SHORT => {
                bytes(self.take(usize::from(byte - payload::FIRST_SHORT))?)
            }
            payload::TEXT => {
                let length = self.byte()?.into();
                text(self.take(length)?)
            }
            payload::PATTERN => Payload::Pattern((self.triple()? as usize).min(MAX_CONTENT)),
            payload::BYTES => {
                let length = self.byte()?.into();
                bytes(self.take(length)?)
            }
            payload::MANY_BYTES => {
                let length = self.double()?.into();
                bytes(self.take(length)?)
            }
            1..payload::FIRST_SHORT | payload::AFTER_SHORT..=payload::LAST_PATTERN => {
                let length = boundary(byte, payload::FIRST_BOUNDARY);
                Payload::Pattern(length.unwrap_or(byte.into()) as usize)
            }
            _ => Payload::Empty,
        })
    }
}

/// Returns the size near a boundary for which `byte` is the code.
fn boundary(byte: u8, first: u8) -> Option<u32> {
    let i = byte.checked_sub(first)?;
    BOUNDARIES.get(usize::from(i)).copied()
}

/// Returns text if the text form of a script can represent it, and otherwise bytes.
fn text(bytes: &[u8]) -> Payload {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => Payload::Text(text.to_owned()),
        _ => Payload::Bytes(bytes.to_vec()),
    }
}
