//! A hash of the commands to a subject.

use protocol::{Command, Sink};
use scenario::{Port, Stop};

/// A port that hashes the commands that pass.
///
/// The hash includes the cuts of the input, but not the bytes of TLS: they differ from run to run, and
/// follow from the script and the messages of the subject.
pub(super) struct Noting<'a> {
    port: &'a mut dyn Port,
    note: Fnv,
    /// Memory for the JSON of a command.
    line: Vec<u8>,
}

impl<'a> Noting<'a> {
    pub(super) fn new(port: &'a mut dyn Port) -> Self {
        Self {
            port,
            note: Fnv(0xcbf2_9ce4_8422_2325),
            line: Vec::new(),
        }
    }

    /// The hash of the commands so far.
    pub(super) fn number(&self) -> u64 {
        self.note.0
    }
}

impl Port for Noting<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        match &command {
            Command::Feed { cuts, io, .. } => {
                for cut in cuts.iter() {
                    self.note.add(&cut.to_le_bytes());
                }
                for limit in [io.read, io.room] {
                    self.note.add(&[u8::from(limit.is_some())]);
                    self.note.add(&limit.unwrap_or(0).to_le_bytes());
                }
            }
            other => {
                self.line.clear();
                // If a command cannot be written as JSON, the port reports it.
                let _ = other.write_json(&mut self.line);
                self.note.add(&self.line);
            }
        }
        self.port.command(command, sink)
    }
}

/// FNV-1a.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Bytes, Io};

    use super::*;

    struct Nobody;

    impl Port for Nobody {
        fn command(&mut self, _: Command<'_>, _: &mut dyn Sink) -> Result<(), Stop> {
            Ok(())
        }
    }

    struct Discard;

    impl Sink for Discard {
        fn observe(&mut self, _: protocol::Observation<'_>) {}
        fn end_piece(&mut self) {}
    }

    fn number(bytes: &[u8], cuts: &[usize]) -> u64 {
        let mut nobody = Nobody;
        let mut port = Noting::new(&mut nobody);
        let feed = Command::Feed {
            bytes: Bytes::from(bytes),
            cuts: cuts.into(),
            io: Io::default(),
        };
        assert_eq!(port.command(feed, &mut Discard), Ok(()));
        port.number()
    }

    #[test]
    fn the_hash_includes_cuts_but_not_ciphertext() {
        assert_eq!(number(b"one", &[1]), number(b"two", &[1]));
        assert_ne!(number(b"one", &[1]), number(b"one", &[2]));
    }
}
