use std::fmt::{self, Display, Write};

use closure::Edition;
use protocol::{Presented, Tls12Close};
use wire::{AlertDescription, ContentType, Epoch};

use crate::script::{App, EarlyData, Payload, Say, Script, Settings, Shape, Step, Transport};

impl Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.settings)?;
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

impl Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tickets != 0 {
            writeln!(f, "set tickets {}", self.tickets)?;
        }
        match self.early_data {
            EarlyData::None => {}
            EarlyData::Accept(max) => writeln!(f, "set early-data accept {max}")?,
            EarlyData::Reject => writeln!(f, "set early-data reject")?,
        }
        if self.early_write != Payload::Empty {
            writeln!(f, "set early-write {}", self.early_write)?;
        }
        if let Some(size) = self.fragment_size {
            writeln!(f, "set fragment-size {size}")?;
        }
        if let Some(limit) = self.record_size_limit {
            writeln!(f, "set record-size-limit {limit}")?;
        }
        if let Some(limit) = self.key_limit {
            writeln!(f, "set key-limit {limit}")?;
        }
        if let Some(suite) = self.suite {
            writeln!(f, "set suite {suite:#06x}")?;
        }
        if let Some(group) = self.group {
            writeln!(f, "set group {group}")?;
        }
        match self.tls12_close {
            None => {}
            Some(Tls12Close::Half) => writeln!(f, "set tls12-close half")?,
            Some(Tls12Close::Full) => writeln!(f, "set tls12-close full")?,
        }
        match self.edition {
            None => {}
            Some(Edition::Rfc8446) => writeln!(f, "set edition rfc8446")?,
            Some(Edition::Bis) => writeln!(f, "set edition rfc8446bis")?,
        }
        for (is, name) in [
            (self.half_rtt, "half-rtt"),
            (self.client_auth, "client-auth"),
            (self.hello_retry, "hello-retry"),
            (self.middlebox_ccs, "middlebox-ccs"),
        ] {
            if is {
                writeln!(f, "set {name}")?;
            }
        }
        Ok(())
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Handshake { until: None } => f.write_str("handshake"),
            Self::Handshake {
                until: Some(message),
            } => write!(f, "handshake until {}", message.as_str()),
            Self::Edit { message, shape } => write!(f, "edit {}{shape}", message.as_str()),
            Self::Peer { say, shape } => write!(f, "peer {say}{shape}"),
            Self::App(app) => write!(f, "app {app}"),
            Self::Transport(transport) => write!(f, "transport {transport}"),
        }
    }
}

impl Display for Say {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(payload) => write!(f, "write {payload}"),
            Self::Close => f.write_str("close"),
            Self::Alert { level, description } => {
                write!(f, "alert {level} ")?;
                match AlertDescription(*description).name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{description}"),
                }
            }
            Self::KeyUpdate(0) => f.write_str("key-update"),
            Self::KeyUpdate(1) => f.write_str("key-update request"),
            Self::KeyUpdate(value) => write!(f, "key-update {value}"),
            Self::Ticket => f.write_str("ticket"),
            Self::Renegotiate => f.write_str("renegotiate"),
            Self::ChangeCipherSpec(1) => f.write_str("ccs"),
            Self::ChangeCipherSpec(value) => write!(f, "ccs {value}"),
            Self::Handshake { kind, body } => {
                f.write_str("handshake ")?;
                match kind.name() {
                    Some(name) => write!(f, "{name} {body}"),
                    None => write!(f, "{} {body}", kind.0),
                }
            }
            Self::Record { kind, content } => {
                write!(f, "record {} {content}", Type(kind.0))
            }
            Self::Raw(payload) => write!(f, "raw {payload}"),
            Self::Replay(1) => f.write_str("replay"),
            Self::Replay(back) => write!(f, "replay {back}"),
            Self::Reflect(1) => f.write_str("reflect"),
            Self::Reflect(back) => write!(f, "reflect {back}"),
        }
    }
}

struct Type(u8);

impl Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ContentType(self.0).name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pad != 0 {
            write!(f, " pad {}", self.pad)?;
        }
        if let Some(outer) = self.outer {
            write!(f, " outer {}", Type(outer))?;
        }
        if let Some(version) = self.header_version {
            write!(f, " version {version:#06x}")?;
        }
        if let Some(length) = self.length {
            write!(f, " length {length}")?;
        }
        match self.epoch {
            None => {}
            Some(Epoch::Plain) => f.write_str(" epoch plain")?,
            Some(Epoch::Early) => f.write_str(" epoch early")?,
            Some(Epoch::Handshake) => f.write_str(" epoch handshake")?,
            Some(Epoch::Application(n)) => write!(f, " epoch application-{n}")?,
        }
        if self.skip != 0 {
            write!(f, " skip {}", self.skip)?;
        }
        for (value, name) in [
            (self.part, "part"),
            (self.rest, "rest"),
            (self.split, "split"),
        ] {
            if let Some(value) = value {
                write!(f, " {name} {value}")?;
            }
        }
        if self.short != 0 {
            write!(f, " short {}", self.short)?;
        }
        for (is, name) in [
            (self.aad_as_sent, "aad-as-sent"),
            (self.bad_tag, "bad-tag"),
            (self.bad_body, "bad-body"),
            (self.flip, "flip"),
            (self.no_type, "no-type"),
            (self.join, "join"),
            (self.dropped, "dropped"),
            (self.late, "late"),
            (self.omitted, "omitted"),
        ] {
            if is {
                write!(f, " {name}")?;
            }
        }
        Ok(())
    }
}

impl Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(payload) => write!(f, "write {payload}"),
            Self::Close => f.write_str("close"),
            Self::UpdateKeys => f.write_str("update-keys"),
            Self::Pause => f.write_str("pause"),
            Self::Read(bytes) => write!(f, "read {bytes}"),
            Self::Resume => f.write_str("resume"),
            Self::Settle(Presented::Same) => f.write_str("settle same"),
            Self::Settle(Presented::Empty) => f.write_str("settle empty"),
            Self::Export => f.write_str("export"),
            Self::Drop => f.write_str("drop"),
        }
    }
}

impl Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold => f.write_str("hold"),
            Self::Release => f.write_str("release"),
            Self::Fin => f.write_str("fin"),
            Self::Reset => f.write_str("reset"),
            Self::Block => f.write_str("block"),
            Self::Room(bytes) => write!(f, "room {bytes}"),
            Self::Unblock => f.write_str("unblock"),
            Self::Clock(seconds) => write!(f, "clock {seconds}"),
        }
    }
}

impl Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Text(text) => {
                f.write_char('"')?;
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        f.write_char('\\')?;
                    }
                    f.write_char(c)?;
                }
                f.write_char('"')
            }
            Self::Pattern(length) => write!(f, "{length}"),
            Self::Bytes(bytes) => {
                f.write_str("hex:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
