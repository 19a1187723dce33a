use closure::Edition;
use peer::MessageName;
use protocol::{Presented, Tls12Close};
use wire::Epoch;

use super::numbers::{
    BOUNDARIES, MAX_SIZE, SOME, app, payload, peer as say, repeat, set, shape, size, step,
    transport,
};
use crate::script::{App, EarlyData, Payload, Say, Script, Settings, Shape, Step, Transport};

pub(super) fn script(script: &Script) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.settings(&script.settings);
    let mut steps = script.steps.as_slice();
    while let Some((first, rest)) = steps.split_first() {
        out.step(first);
        let again = rest.iter().take_while(|next| *next == first).count();
        let mut left = again;
        while left > 0 {
            let times = left.min(repeat::MANY.into());
            let few = times <= repeat::FEW.into();
            let sign = if few { 0 } else { !repeat::MANY };
            out.0.extend([step::REPEAT, sign | times as u8]);
            left -= times;
        }
        steps = &rest[again..];
    }
    out.0
}

struct Writer(Vec<u8>);

/// The methods name every field of a structure, so that a new field cannot be forgotten here.
impl Writer {
    fn settings(&mut self, settings: &Settings) {
        let Settings {
            tickets,
            early_data,
            early_write,
            half_rtt,
            fragment_size,
            record_size_limit,
            key_limit,
            client_auth,
            hello_retry,
            suite,
            group,
            tls12_close,
            edition,
            middlebox_ccs,
        } = settings;
        if *tickets != 0 {
            self.0.extend([set::TICKETS, *tickets]);
        }
        match early_data {
            EarlyData::None => {}
            EarlyData::Accept(max) => self.sized(set::EARLY_ACCEPT, *max as usize),
            EarlyData::Reject => self.0.push(set::EARLY_REJECT),
        }
        if *early_write != Payload::Empty {
            self.0.push(set::EARLY_WRITE);
            self.payload(early_write);
        }
        if let Some(size) = fragment_size {
            self.sized(set::FRAGMENT_SIZE, *size);
        }
        if let Some(limit) = record_size_limit {
            self.double(set::RECORD_SIZE_LIMIT, *limit);
        }
        if let Some(limit) = key_limit {
            self.sized(set::KEY_LIMIT, (*limit).try_into().unwrap_or(usize::MAX));
        }
        if let Some(suite) = suite {
            self.double(set::SUITE, *suite);
        }
        if let Some(group) = group {
            self.double(set::GROUP, *group);
        }
        for (is, byte) in [
            (*half_rtt, set::HALF_RTT),
            (*client_auth, set::CLIENT_AUTH),
            (*hello_retry, set::HELLO_RETRY),
            (*tls12_close == Some(Tls12Close::Full), set::FULL_CLOSE),
            (*tls12_close == Some(Tls12Close::Half), set::HALF_CLOSE),
            (*middlebox_ccs, set::MIDDLEBOX_CCS),
        ] {
            self.flag(is, byte);
        }
        if let Some(edition) = edition {
            let revision = *edition == Edition::Bis;
            self.0.extend([set::EDITION, revision.into()]);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Connect => self.0.push(step::CONNECT),
            Step::Handshake { until: None } => self.0.push(step::HANDSHAKE),
            Step::Handshake {
                until: Some(message),
            } => self.0.extend([step::HANDSHAKE_UNTIL, number(*message)]),
            Step::Edit { message, shape } => {
                self.shape(shape);
                self.0.extend([step::EDIT, number(*message)]);
            }
            Step::Peer { say, shape } => {
                self.shape(shape);
                self.say(say);
            }
            Step::App(app) => self.app(app),
            Step::Transport(transport) => self.transport(transport),
        }
    }

    fn shape(&mut self, shape: &Shape) {
        let Shape {
            pad,
            outer,
            header_version,
            aad_as_sent,
            length,
            epoch,
            skip,
            bad_tag,
            bad_body,
            flip,
            no_type,
            part,
            rest,
            split,
            join,
            dropped,
            late,
            omitted,
            short,
        } = shape;
        if *pad != 0 {
            self.sized(shape::PAD, *pad);
        }
        if let Some(outer) = outer {
            self.0.extend([shape::OUTER, *outer]);
        }
        if let Some(version) = header_version {
            self.double(shape::VERSION, *version);
        }
        if let Some(length) = length {
            self.double(shape::LENGTH, *length);
        }
        match epoch {
            None => {}
            Some(Epoch::Plain) => self.0.push(shape::EPOCH_PLAIN),
            Some(Epoch::Early) => self.0.push(shape::EPOCH_EARLY),
            Some(Epoch::Handshake) => self.0.push(shape::EPOCH_HANDSHAKE),
            Some(Epoch::Application(generation)) => {
                self.sized(shape::EPOCH_APPLICATION, *generation as usize);
            }
        }
        match i8::try_from(*skip) {
            Ok(0) => {}
            Ok(skip) => self.0.extend([shape::SKIP, skip.cast_unsigned()]),
            Err(_) => {
                self.0.push(shape::SKIP_FAR);
                self.0.extend(skip.to_be_bytes());
            }
        }
        for (size, byte) in [
            (*part, shape::PART),
            (*rest, shape::REST),
            (*split, shape::SPLIT),
        ] {
            if let Some(size) = size {
                self.sized(byte, size);
            }
        }
        if *short != 0 {
            self.sized(shape::SHORT, *short);
        }
        for (is, byte) in [
            (*aad_as_sent, shape::AAD_AS_SENT),
            (*bad_tag, shape::BAD_TAG),
            (*bad_body, shape::BAD_BODY),
            (*flip, shape::FLIP),
            (*no_type, shape::NO_TYPE),
            (*join, shape::JOIN),
            (*dropped, shape::DROPPED),
            (*late, shape::LATE),
            (*omitted, shape::OMITTED),
        ] {
            self.flag(is, byte);
        }
    }

    fn say(&mut self, say: &Say) {
        match say {
            Say::Write(Payload::Empty) => self.0.push(say::WRITE_EMPTY),
            Say::Write(Payload::Pattern(SOME)) => self.0.push(say::WRITE_SOME),
            Say::Write(payload) => {
                self.0.push(say::WRITE);
                self.payload(payload);
            }
            Say::Close => self.0.push(say::CLOSE),
            Say::Alert { level, description } => match (*level, *description) {
                (1, 90) => self.0.push(say::USER_CANCELED),
                (1, description) => self.0.extend([say::WARNING, description]),
                (2, description) => self.0.extend([say::ERROR, description]),
                (level, description) => self.0.extend([say::ALERT, level, description]),
            },
            Say::KeyUpdate(0) => self.0.push(say::KEY_UPDATE),
            Say::KeyUpdate(1) => self.0.push(say::KEY_UPDATE_REQUEST),
            Say::KeyUpdate(value) => self.0.extend([say::KEY_UPDATE_OTHER, *value]),
            Say::Ticket => self.0.push(say::TICKET),
            Say::Renegotiate => self.0.push(say::RENEGOTIATE),
            Say::ChangeCipherSpec(1) => self.0.push(say::CCS),
            Say::ChangeCipherSpec(value) => self.0.extend([say::CCS_OTHER, *value]),
            Say::Handshake { kind, body } => {
                self.0.extend([say::HANDSHAKE, kind.0]);
                self.payload(body);
            }
            Say::Record { kind, content } => {
                self.0.extend([say::RECORD, kind.0]);
                self.payload(content);
            }
            Say::Raw(payload) => {
                self.0.push(say::RAW);
                self.payload(payload);
            }
            Say::Replay(back) => self.0.extend([say::REPLAY, *back]),
            Say::Reflect(back) => self.0.extend([say::REFLECT, *back]),
        }
    }

    fn app(&mut self, app: &App) {
        match app {
            App::Write(Payload::Pattern(SOME)) => self.0.push(app::WRITE_SOME),
            App::Write(payload) => {
                self.0.push(app::WRITE);
                self.payload(payload);
            }
            App::Close => self.0.push(app::CLOSE),
            App::UpdateKeys => self.0.push(app::UPDATE_KEYS),
            App::Pause => self.0.push(app::PAUSE),
            App::Read(bytes) => self.sized(app::READ, *bytes),
            App::Resume => self.0.push(app::RESUME),
            App::Settle(Presented::Same) => self.0.push(app::SETTLE_SAME),
            App::Settle(Presented::Empty) => self.0.push(app::SETTLE_EMPTY),
            App::Export => self.0.push(app::EXPORT),
            App::Drop => self.0.push(app::DROP),
        }
    }

    fn transport(&mut self, transport: &Transport) {
        match transport {
            Transport::Hold => self.0.push(transport::HOLD),
            Transport::Release => self.0.push(transport::RELEASE),
            Transport::Fin => self.0.push(transport::FIN),
            Transport::Reset => self.0.push(transport::RESET),
            Transport::Block => self.0.push(transport::BLOCK),
            Transport::Room(bytes) => self.sized(transport::ROOM, *bytes),
            Transport::Unblock => self.0.push(transport::UNBLOCK),
            Transport::Clock(seconds) => {
                self.sized(
                    transport::CLOCK,
                    (*seconds).try_into().unwrap_or(usize::MAX),
                );
            }
        }
    }

    fn flag(&mut self, is: bool, byte: u8) {
        if is {
            self.0.push(byte);
        }
    }

    fn double(&mut self, byte: u8, value: u16) {
        self.0.push(byte);
        self.0.extend(value.to_be_bytes());
    }

    fn sized(&mut self, byte: u8, value: usize) {
        self.0.push(byte);
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        match (u8::try_from(value), boundary(value)) {
            (_, Some(i)) => self.0.push(size::FIRST_BOUNDARY + i),
            (Ok(value), None) if value < size::FIRST_BOUNDARY => self.0.push(value),
            _ => {
                self.0.push(size::FAR);
                self.triple(value);
            }
        }
    }

    fn triple(&mut self, value: u32) {
        self.0.extend(&value.min(MAX_SIZE).to_be_bytes()[1..]);
    }

    fn payload(&mut self, payload: &Payload) {
        match payload {
            Payload::Empty => self.0.push(payload::EMPTY),
            Payload::Pattern(length) => {
                let length = u32::try_from(*length).unwrap_or(u32::MAX);
                match (u8::try_from(length), boundary(length)) {
                    (_, Some(i)) => self.0.push(payload::FIRST_BOUNDARY + i),
                    (Ok(short), None) if (1..payload::FIRST_BOUNDARY).contains(&short) => {
                        self.0.push(short);
                    }
                    _ => {
                        self.0.push(payload::PATTERN);
                        self.triple(length);
                    }
                }
            }
            Payload::Text(text) => match u8::try_from(text.len()) {
                Ok(length) if !text.chars().any(char::is_control) => {
                    self.0.extend([payload::TEXT, length]);
                    self.0.extend_from_slice(text.as_bytes());
                }
                _ => self.bytes(text.as_bytes()),
            },
            Payload::Bytes(bytes) => self.bytes(bytes),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let short = usize::from(payload::LAST_SHORT - payload::FIRST_SHORT);
        let bytes = &bytes[..bytes.len().min(usize::from(u16::MAX))];
        match bytes.len() {
            length if length <= short => self.0.push(payload::FIRST_SHORT + length as u8),
            length if length <= 0xff => self.0.extend([payload::BYTES, length as u8]),
            length => {
                self.0.push(payload::MANY_BYTES);
                self.0.extend((length as u16).to_be_bytes());
            }
        }
        self.0.extend_from_slice(bytes);
    }
}

fn boundary(value: u32) -> Option<u8> {
    let at = BOUNDARIES.iter().position(|known| *known == value)?;
    u8::try_from(at).ok()
}

fn number(message: MessageName) -> u8 {
    let at = MessageName::ALL.iter().position(|known| *known == message);
    // `ALL` contains every message and has fewer than 256 items.
    at.unwrap_or_default() as u8
}
